package value

// outcomes are the codes of what became of changes; all other codes there are the portal's.
var outcomes = []Code{
	{Name: "BLOCKED", In: Outcome, Args: []Param{{"root", "what it depends on"}}, Hint: "mend {root} and apply again", Why: "see `blocked`", Do: "mend the one that is named, apply again"},
	{Name: "CHANGED_SINCE_PLAN", In: Outcome, Hint: "look at the record's history on the portal, then plan again", Why: "`conflict`: the answer of an update was lost, and the record was saved after the plan without what was sent: by somebody else, or by the update and then by a robot"},
	{Name: "CLAIMED", In: Outcome, Hint: "plan again: it shows whose the record is", Why: "see `conflict`", Do: "plan again"},
	{Name: "INTERNAL_ERROR", In: Outcome, Hint: "look whether it was done, and please report this: it is a bug in b24apply", Why: "the program failed while it worked on the item, which may have been sent before", Do: "run `plan`: it shows what is left; report the bug"},
	{Name: "INTERRUPTED", In: Outcome, Hint: "apply again", Why: "see `not-attempted`"},
	{Name: "KEY_NOT_STORED", In: Outcome, Hint: "without its mark the record would be created again: delete it or set the mark by hand before the next apply", Why: "the portal did not store the mark of what was created, not by an update either; where the item is `failed`, it was deleted again", Do: "see that the fields of the mark can be written; where the item is `partial`, set the mark by hand or delete the record, before the next apply"},
	{Name: "KEY_NOT_VISIBLE", In: Outcome, Hint: "give the webhook's user the right to read all records of this kind, and check that originatorId and originId (for SPA items and invoices xmlId, else the user field of the mark) can be written", Why: "what was created first cannot be found by its mark, so nothing more of this kind was created", Do: "use a webhook whose user may read all records of the kind"},
	{Name: "NOT_DELETED", In: Outcome, Hint: "delete it on the portal, or apply again", Why: "the portal answered success and still has the record"},
	{Name: "NOT_EXECUTED", In: Outcome | Call, Hint: "send it again: the portal did not execute it", Why: "the requests were lost, and the portal showed, each time for a minute, that none was executed", Do: "apply again"},
	{Name: "NOT_STORED", In: Outcome, Hint: "the portal ignores what it does not accept: check the value, the field's settings, and robots that change the record", Why: "`partial`: the portal answered success and holds something else", Do: "see `partial`"},
	{Name: "OTHER_RUN", In: Outcome, Hint: "wait until the other run has ended, mend what is DOUBLE_MARK, and apply again", Why: "`not-attempted`: another run is creating the same, so this one has created nothing more", Do: "wait for the other run, mend what is `DOUBLE_MARK`, apply again"},
	{Name: "REFERENCE", In: Outcome, Hint: "apply again: what it refers to was created in this run", Why: "what it refers to got no id in this run", Do: "apply again"},
	{Name: "RUN_ENDED", In: Outcome, Hint: "apply again", Why: "see `not-attempted`"},
	{Name: "UNKNOWN_OUTCOME", In: Outcome | Call, Hint: "look before you send it again: it may have been executed", Why: "the answer was lost, and whether it was done could not be found out", Do: "after `apply` run `plan`; after `call` look on the portal"},
}
