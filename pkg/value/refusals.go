package value

// refusals are the codes of changes that a plan refuses: it cannot decide.
var refusals = []Code{
	{Name: "AMBIGUOUS_KEY", In: Refused | Outcome, Hint: "keep one of them, and clear the mark on the others or delete them", Why: "two records carry the mark of one resource, such as a record and its copy; or two requisites fit one that is declared", Do: "delete one, or clear its mark: see [identity.md](identity.md)"},
	{Name: "AMBIGUOUS_MATCH", In: Refused, Hint: "match by more fields, or name the record under metadata.ids", Why: "`match` finds several records", Do: "see [identity.md](identity.md#records-that-exist-already)"},
	{Name: "CONTRADICTION", In: Refused, Hint: "remove one of the two declared values", Why: "two declared values cannot both be so with what the portal has, such as an amount and the product rows"},
	{Name: "FOREIGN_OWNER", In: Refused, Hint: "match by other fields, or take the record over with adopt: force", Why: "`match` or `metadata.ids` finds a record of another owner", Do: "see [identity.md](identity.md#records-that-exist-already)"},
	{Name: "FOREIGN_TYPE", In: Refused, Hint: "take the type over by its code, or choose another title and entityTypeId", Why: "a smart process with this title or `entityTypeId` has another code", Do: "follow the hint: take it over explicitly, or choose another"},
	{Name: "IN_USE", In: Refused, Hint: "remove one of the two, or have the field point at another record", Why: "what must be absent, or would be pruned, is the record of a declared resource, or a declared field points at it by its id or a lookup"},
	{Name: "LOOKUP_AMBIGUOUS", In: Refused, Hint: "look it up by more fields, or write the id", Why: "a `{lookup: …}` finds several records", Do: "look it up by other fields, or write the id"},
	{Name: "LOOKUP_NONE", In: Refused, Hint: "correct the lookup, or declare the record and refer to it by {ref: …}", Why: "a `{lookup: …}` finds no record", Do: "look it up by other fields, or write the id"},
	{Name: "MATCH_EXISTS", In: Refused, Hint: "allow it with adopt: ifUnowned, or match by other fields", Why: "`match` finds a record, and `adopt` is `never`", Do: "see [identity.md](identity.md#records-that-exist-already)"},
	{Name: "MOVE_CONFLICT", In: Refused, Hint: "keep one of them: name the other one's address as Absent, or delete it on the portal", Why: "a record is there under the old name of a `Moved`, and another under the new one", Do: "name one of them as `Absent`: see [removing.md](removing.md)"},
	{Name: "NOT_APPLIED", In: Refused, Args: []Arg{{"file", "the file that declares it"}}, Hint: "name {file} with -f as well, or apply it first", Why: "what the record refers to is declared in a file that `-f` leaves out, and the portal does not have it yet", Do: "name that file with `-f` as well, or apply it first"},
	{Name: "NOT_FOUND", In: Refused, Hint: "name it with --id, or mend match", Why: "the portal shows no record to adopt", Do: "correct the id, or `match`"},
	{Name: "NOT_FOUND_ID", In: Refused, Hint: "correct the id or remove it; the webhook's user must be able to read the record", Why: "the portal shows no record with the declared id", Do: "correct the id, or `match`"},
	{Name: "NOT_READ", In: Refused, Hint: "plan again", Why: "the requisites or addresses of the record were not read, so it is not known which are there"},
	{Name: "NO_KEY", In: Refused, Hint: "delete it on the portal", Why: "what must be absent is of a kind whose mark no field of the portal can carry, so none is known to be ours", Do: "delete it on the portal; see `identity` in [identity.md](identity.md)"},
	{Name: "OTHER_RESOURCE", In: Refused, Hint: "match by fields that tell them apart, or remove one of the two", Why: "`match` or `metadata.ids` finds the record of another resource", Do: "see [identity.md](identity.md#records-that-exist-already)"},
	{Name: "PREVENTED", In: Refused, Args: []Arg{{"change", "the change"}}, Hint: "declare what the portal has, or remove {change} from lifecycle.prevent", Why: "a lifecycle forbids the change", Do: "declare what the portal has, or change `lifecycle.prevent`"},
	{Name: "SECTION_NOT_EMPTY", In: Refused | Outcome, Hint: "name them as Absent too, or move them out", Why: "products or sections would be left in a section that must be absent, or were put there since the plan; Bitrix24 would delete them with it", Do: "name them as `Absent` too, or move them out"},
	{Name: "TYPE_IN_USE", In: Refused, Hint: "remove one of the two", Why: "a smart process that must be absent, or one of its items, is declared", Do: "remove its items first, or its manifest"},
	{Name: "TYPE_NOT_EMPTY", In: Refused, Hint: "name them as Absent too, or delete them on the portal", Why: "a smart process that must be absent would have items left", Do: "remove its items first"},
	{Name: "TYPE_REFUSED", In: Refused, Hint: "see that type", Why: "the type of this item was refused", Do: "mend the type"},
	{Name: "UNREADABLE_VALUE", In: Refused, Args: []Arg{{"what", "it"}}, Hint: "look at the record on the portal; remove {what} from the manifest to leave it alone", Why: "the portal shows a value of this record that its field cannot have, or a file that cannot be downloaded", Do: "look at the record on the portal"},
}
