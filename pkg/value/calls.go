package value

// calls are the codes of items of call --items; all other codes there are the portal's.
var calls = []Code{
	{Name: "FAILED", In: Call, Hint: "mend what the error says and call it again", Why: "the call was not made or not understood, and the portal gave no code"},
	{Name: "INVALID_ITEM", In: Call, Hint: "mend the line and call it again", Why: "the line of the file is no item; nothing was sent for it"},
	{Name: "NOT_ATTEMPTED", In: Call, Hint: "call it again with the items that are left", Why: "the run ended before"},
	{Name: "UNREACHABLE", In: Call, Hint: "check the address and the network, and call it again", Why: "the portal cannot be reached"},
}
