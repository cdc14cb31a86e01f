package value

// notes are the codes of what a plan says beside its changes.
var notes = []Code{
	{Name: "DOUBLES_UNREAD", In: Noted, Why: "`repair` may not read some records, so that doubles among them are not seen", Do: "give the credential what `doctor` asks for, and repair again"},
	{Name: "LOOKS_ALIKE", In: Noted, Why: "a create stands beside a record of the portal without a mark that has the same title, name, phone, e-mail or tax id but for case, accents and blanks; or the portal takes a record for what `match` looks for, and it differs", Do: "look at the record; if it is the same one, name the fields under `match` or its id under `metadata.ids`: see [identity.md](identity.md)"},
	{Name: "NOT_DECLARED", In: Noted, Why: "records carry the mark of the project, their kind is one of which the plan creates something, and no manifest declares them", Do: "write a `Moved` for what was renamed, an `Absent` for what must go; two repositories must not share a project's name: see [identity.md](identity.md)"},
	{Name: "OTHER_OWNER", In: Noted, Why: "another project has records of the same names, and this one has some of its own", Do: "if it is this project's former name, list it under `formerNames`; `formerNames: []` says that there is none"},
	{Name: "OUT_OF_SCOPE", In: Noted, Why: "`--prune` leaves kinds alone of which nothing is declared, and records there carry the mark of the project", Do: "name them as `Absent`: see [removing.md](removing.md)"},
	{Name: "ROUTE", In: Noted, Why: "records are created by import, or what becomes of their times", Do: "see [import.md](import.md)"},
	{Name: "UNDO_LEAVES_OUT", In: Noted, Why: "taking a run back leaves something as it is, or cannot bring all of it back", Do: "see [undo.md](undo.md)"},
	{Name: "UNDO_NO_TRACE", In: Noted, Why: "the run had nothing to write on these resources, so that nothing is to be taken back"},
}
