package apply

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// withdraw deletes again what was just created and does not carry its mark, although an
// update was to write it: every further run would create another. Nothing refers to it
// yet. It is left where anything else is not as it was sent, or somebody else has saved it.
func (j *job) withdraw(ctx context.Context, checks []*check) {
	var open []*check
	for _, c := range checks {
		if c.fresh && c.doubt == nil && wire.Unmarked(c.task.ready, c.row, c.mismatches) {
			open = append(open, c)
		}
	}
	if j.cfg.stopped() {
		return
	}
	for part := range slices.Chunk(open, bitrix.MaxBatch) {
		deletes, gets := make([]bitrix.Command, len(part)), make([]bitrix.Command, len(part))
		for i, c := range part {
			deletes[i], gets[i] = wire.Withdraw(c.task.ready, c.id), c.task.ready.Get(c.id)
		}
		j.askFor(ctx, aboutChecks(journal.Withdraw, part), deletes, false) // what they did is what the next read shows
		for i, a := range j.ask(ctx, gets, false) {
			c := part[i]
			if c.withdrawn = wire.Withdrawn(c.task.ready, a.result, a.err); c.withdrawn {
				e := entry(c.task.node, journal.Gone)
				e.ID = value.ID(c.id)
				j.cfg.log.note(journal.Taken, e)
			}
		}
	}
}

var errWithdrawn = said(value.Say("deleted-again"))

// withdrawn is the outcome of what was created and deleted again.
func (t *task) withdrawn() result {
	res := result{index: t.index, outcome: Outcome{Attempts: t.attempts}}
	res.outcome.fail(Failed, errWithdrawn)
	res.outcome.Code, res.outcome.Hint = codeKeyNotStored, value.Do(codeKeyNotVisible)
	return res
}
