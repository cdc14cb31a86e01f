package value

// calls are the codes of items of call --items; all other codes there are the portal's.
var calls = []Code{
	{Name: "FAILED", In: Call, Why: "the call was not made or not understood, and the portal gave no code"},
	{Name: "INVALID_ITEM", In: Call, Why: "the line of the file is no item; nothing was sent for it"},
	{Name: "NOT_ATTEMPTED", In: Call, Why: "the run ended before"},
	{Name: "UNREACHABLE", In: Call, Why: "the portal cannot be reached"},
}
