package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
)

// check is a stored object on its way through verification.
type check struct {
	stored
	mismatches []diff.Mismatch
	fresh      bool // mismatches come from a read of its own
}

// verify compares what the portal returned with what was declared. An answer can
// show the request's own memory, so differences are checked against a fresh read,
// and what a save moved or a batch may have altered is sent once more.
func (j *job) verify(ctx context.Context, objects []stored) []result {
	checks := make([]*check, len(objects))
	var differ []*check
	for i, s := range objects {
		checks[i] = &check{stored: s, mismatches: s.task.ready.Verify(s.row)}
		if len(checks[i].mismatches) > 0 {
			differ = append(differ, checks[i])
		}
	}
	j.rereadShown(ctx, differ)
	j.reread(ctx, j.repair(ctx, differ))
	results := make([]result, len(checks))
	for i, c := range checks {
		results[i] = j.conclude(ctx, c)
	}
	return results
}

// rereadShown is reread, which waits for what was just created and is not shown yet.
func (j *job) rereadShown(ctx context.Context, checks []*check) {
	byTask := make(map[*task]*check, len(checks))
	tasks := make([]*task, len(checks))
	for i, c := range checks {
		byTask[c.task], tasks[i] = c, c.task
	}
	j.untilShown(ctx, tasks, func(open []*task) (left []*task) {
		again := make([]*check, len(open))
		for i, t := range open {
			again[i] = byTask[t]
		}
		for _, c := range j.reread(ctx, again) {
			if c.task.ready.Once() {
				left = append(left, c.task)
			}
		}
		return left
	})
}

// reread reads objects again and compares anew; where that fails, what is known
// stands. It gives those that the portal does not show.
func (j *job) reread(ctx context.Context, checks []*check) (hidden []*check) {
	if len(checks) == 0 {
		return nil
	}
	gets := make([]bitrix.Command, len(checks))
	for i, c := range checks {
		gets[i] = c.task.ready.Get(c.id)
	}
	for i, a := range j.ask(ctx, gets, checks[0].task.alone) {
		if a.err != nil {
			if bitrix.IsNotFound(a.err) {
				hidden = append(hidden, checks[i])
			}
			continue
		}
		s, err := checks[i].task.object(a.result)
		if err != nil {
			hidden = append(hidden, checks[i])
			continue
		}
		checks[i].row = s.row
		checks[i].mismatches, checks[i].fresh = checks[i].task.ready.Verify(s.row), true
	}
	return hidden
}

// repair sends mismatched fields once more: texts alone as JSON, since a batch may
// have altered them, others together. What could not be read again is left alone: an
// answer that shows too little would have a phone added twice. It returns what was
// sent.
func (j *job) repair(ctx context.Context, checks []*check) []*check {
	var together, sent []*check
	var commands []bitrix.Command
	for _, c := range checks {
		if len(c.mismatches) == 0 || !c.fresh || !c.task.ready.Repairable(c.mismatches) || j.cfg.stopped() {
			continue
		}
		sent = append(sent, c)
		command := c.task.ready.Repair(c.id, c.mismatches)
		if !c.task.alone && bitrix.Carries(command.Params) && !diff.HasText(c.mismatches) {
			together, commands = append(together, c), append(commands, command)
			continue
		}
		j.ask(ctx, []bitrix.Command{command}, true) // its effect is what the next read shows
	}
	if len(together) > 0 {
		j.ask(ctx, commands, false)
	}
	return sent
}

// errNotRead is why nobody knows what an older method has stored, whose answer shows no
// more than that it was called.
var errNotRead = errors.New("the portal answered success, and what it stored could not be read again")

// conclude turns a verified object into an outcome.
func (j *job) conclude(ctx context.Context, c *check) result {
	t := c.task
	if len(c.mismatches) > 0 && !c.fresh && len(c.row) == 0 {
		return t.unknown(errNotRead)
	}
	res := t.succeeded(c.id)
	res.held = diff.Traces(t.ready, c.row, c.id, c.entityTypeID, c.mismatches)
	if t.change.IsRecord() && t.saves != nil && c.entityTypeID != 0 {
		res.outcome.URL = j.cfg.Client.RecordURL(c.entityTypeID, c.id)
	}
	if i := slices.IndexFunc(c.mismatches, func(m diff.Mismatch) bool { return m.Mark && m.Type }); i >= 0 {
		c.mismatches = slices.Delete(c.mismatches, i, i+1)
		res.outcome.Hint = fmt.Sprintf("this portal keeps no code for types: declare entityTypeId: %d before you change the title", c.entityTypeID)
	}
	if len(c.mismatches) > 0 {
		res.outcome.partial(c.mismatches)
		if t.change.TakesOver() && res.outcome.Code == codeKeyNotStored {
			res.outcome.Hint = hintAdopted
		}
	}
	if t.change.CreatesField() {
		res.field = j.createdField(ctx, t)
		return res
	}
	if t.saves != nil && !t.change.IsRecord() && t.change.Action == diff.Create {
		res.created = &diff.CreatedType{EntityTypeID: c.entityTypeID}
		res.created.Category, res.created.Err = j.firstPipeline(ctx, t, c.entityTypeID)
	}
	return res
}

// firstPipeline reads the pipeline that a new type has, once the portal shows the type.
// Only records that declare a stage need it.
func (j *job) firstPipeline(ctx context.Context, t *task, entityTypeID int) (id int, err error) {
	j.untilShown(ctx, []*task{t}, func(open []*task) []*task {
		var response *bitrix.Response
		if response, err = j.cfg.Client.Call(ctx, "crm.category.list", bitrix.Params{"entityTypeId": entityTypeID}); err == nil {
			id, err = diff.FirstPipeline(response.Result)
			return nil
		}
		if bitrix.IsNotFound(err) {
			return open
		}
		return nil
	})
	return id, err
}
