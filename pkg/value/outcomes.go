package value

// outcomes are the codes of what became of changes; all other codes there are the portal's.
var outcomes = []Code{
	{Name: "BLOCKED", In: Outcome, Why: "see `blocked`", Do: "mend the one that is named, apply again"},
	{Name: "CANARY_DECLINED", In: Outcome, Retryable: true, Why: "`not-attempted`: whoever was asked after `--canary` has not answered yes", Do: "look at what was made; apply again for the rest"},
	{Name: "CANARY_FAILED", In: Outcome, Retryable: true, Why: "`not-attempted`: some of the first changes (`--canary`) did not end well, or did not hold when they were read again", Do: "mend what failed, apply again"},
	{Name: "CHANGED_SINCE_PLAN", In: Outcome, Why: "`conflict`: the answer of an update was lost, and the record was saved after the plan without what was sent: by somebody else, or by the update and then by a robot; or the plan was saved, and a field that it sets or declares, or the mark, has changed since"},
	{Name: "CLAIMED", In: Outcome, Why: "see `conflict`", Do: "plan again"},
	{Name: "EDITED", In: Outcome, Why: "`failed`: `resume` found that the manifest was edited since the plan was made, so that nothing is sent for it", Do: "plan and apply"},
	{Name: "EXISTS_NOW", In: Outcome, Why: "`conflict`: what the plan would create exists by now: with its mark and other values, or as a record of somebody else that has what `match` looks for"},
	{Name: "FAIL_FAST", In: Outcome, Retryable: true, Why: "`not-attempted`: an item had failed, and `--fail-fast` was given", Do: "mend what failed, apply again"},
	{Name: "FORGOTTEN", In: Refused | Outcome, Why: "`failed`, or `conflict` of an undo: `runs forget` has erased the values of the item from the run that is resumed or undone", Do: "plan and apply"},
	{Name: "INTERNAL_ERROR", In: Outcome, Why: "the program failed while it worked on the item, which may have been sent before", Do: "run `plan`: it shows what is left; report the bug"},
	{Name: "INTERRUPTED", In: Outcome, Retryable: true, Why: "see `not-attempted`"},
	{Name: "JOURNAL_NOT_WRITTEN", In: Outcome, Why: "`not-attempted`: the run's journal could not be written, such as on a full disk, and nothing is sent that it does not know", Do: "make room, or name another folder with `--state-dir`; apply again"},
	{Name: "KEY_NOT_STORED", In: Outcome, Why: "the portal did not store the mark of what was created, not by an update either; where the item is `failed`, it was deleted again", Do: "see that the fields of the mark can be written; where the item is `partial`, set the mark by hand or delete the record, before the next apply"},
	{Name: "KEY_NOT_VISIBLE", In: Outcome, Why: "what was created first cannot be found by its mark, so nothing more of this kind was created", Do: "use a webhook whose user may read all records of the kind"},
	{Name: "MAX_DURATION", In: Outcome, Retryable: true, Why: "`not-attempted`: the time of `--max-duration` was over, or would have been before the `--window` opened", Do: "apply again: what is done is not done again"},
	{Name: "MAX_FAILURES", In: Outcome, Retryable: true, Why: "`not-attempted`: more items had failed than `--max-failures` allows", Do: "mend what failed, apply again"},
	{Name: "NOT_DELETED", In: Outcome, Retryable: true, Why: "the portal answered success and still has the record"},
	{Name: "NOT_EXECUTED", In: Outcome | Call, Retryable: true, Why: "the requests were lost, and the portal showed, each time for a minute, that none was executed", Do: "apply again"},
	{Name: "NOT_STORED", In: Outcome, Why: "`partial`: the portal answered success and holds something else", Do: "see `partial`"},
	{Name: "OTHER_RUN", In: Outcome, Retryable: true, Why: "`not-attempted`: another run is creating the same, so this one has created nothing more", Do: "wait for the other run, mend what is `DOUBLE_MARK`, apply again"},
	{Name: "PORTAL_AWAY", In: Outcome, Retryable: true, Why: "`not-attempted`: the portal answered nobody, and was waited for as long as `--wait-for-portal` says", Do: "apply again once it answers: what is done is not done again"},
	{Name: "REFERENCE", In: Outcome, Retryable: true, Why: "what it refers to got no id in this run, or is not there any more", Do: "apply again"},
	{Name: "RUN_ENDED", In: Outcome, Why: "see `not-attempted`"},
	{Name: "UNKNOWN_OUTCOME", In: Outcome | Call, Why: "the answer was lost, and whether it was done could not be found out", Do: "after `apply` run `plan`; after `call` look on the portal"},
}
