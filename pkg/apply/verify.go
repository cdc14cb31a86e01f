package apply

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// check is a stored object on its way through verification.
type check struct {
	stored
	mismatches []wire.Mismatch
	fresh      bool  // mismatches come from a read of its own
	doubt      error // the answer to a repair was lost
	withdrawn  bool  // it was deleted again
}

// see compares a row that was read for this with what was declared.
func (c *check) see(row kind.Row) {
	c.row, c.mismatches, c.fresh = row, c.task.ready.Verify(row), true
}

// verify compares what the portal returned with what was declared. An answer can
// show the request's own memory, so differences are checked against a fresh read,
// and what a save moved or a batch may have altered is sent once more. What was
// emptied is handed back to be read again with that of other requests.
func (j *job) verify(ctx context.Context, objects []stored) finished {
	f := finished{texts: make(map[string]textState), results: make([]result, 0, len(objects))}
	checks := make([]check, len(objects))
	var differ []*check
	for i, s := range objects {
		c := &checks[i]
		*c = check{stored: s, mismatches: s.task.ready.Verify(s.row)}
		if len(s.task.tries) > 0 || slices.ContainsFunc(c.mismatches, func(m wire.Mismatch) bool { return !m.Empty }) {
			differ = append(differ, c)
		}
	}
	j.rereadShown(ctx, differ)
	altered := make(map[*check]bool)
	for _, c := range differ {
		altered[c] = hasText(c.mismatches)
	}
	j.reread(ctx, j.repair(ctx, differ))
	for _, c := range differ {
		c.task.teach(c.lesson(altered[c]), f.texts)
	}
	j.withdraw(ctx, differ)
	for i := range checks {
		c := &checks[i]
		if wire.Empties(c.task.ready) && (!c.fresh || c.holds()) {
			f.unread = append(f.unread, c)
		} else {
			f.results = append(f.results, j.conclude(ctx, c))
		}
	}
	return f
}

// hasText tells whether a text that was set is not as it was sent.
func hasText(mismatches []wire.Mismatch) bool {
	return wire.HasText(slices.DeleteFunc(slices.Clone(mismatches), func(m wire.Mismatch) bool { return m.Empty }))
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
	for i, a := range j.askFor(ctx, aboutReading(checks, gets), gets, checks[0].task.alone) {
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
		checks[i].see(s.row)
	}
	return hidden
}

// repair sends mismatched fields once more: texts alone as JSON, since a batch may
// have altered them, others together. What could not be read again is left alone: an
// answer that shows too little would have a phone added twice. It returns what was
// sent.
func (j *job) repair(ctx context.Context, checks []*check) []*check {
	var sent []*check
	var commands []bitrix.Command
	var alone []bool
	for _, c := range checks {
		if len(c.mismatches) == 0 || !c.fresh || !c.task.ready.Repairable(c.mismatches) || j.cfg.stopped() {
			continue
		}
		sent = append(sent, c)
		command := c.task.ready.Repair(c.id, c.mismatches)
		commands = append(commands, command)
		alone = append(alone, c.task.alone || hasText(c.mismatches))
	}
	j.resave(ctx, sent, commands, alone)
	for _, c := range sent {
		c.fresh = false // it was read before
	}
	return sent
}

// resave sends a further save of each record, together as far as a batch can carry
// them. What it did is what the next read shows, and open if its answer is lost.
func (j *job) resave(ctx context.Context, checks []*check, commands []bitrix.Command, alone []bool) {
	var together []*check
	var batch []bitrix.Command
	for i, c := range checks {
		if alone[i] || !bitrix.Carries(commands[i].Params) {
			c.note(j.askFor(ctx, aboutChecks(journal.Repair, checks[i:i+1]), commands[i:i+1], true)[0].err)
			continue
		}
		together, batch = append(together, c), append(batch, commands[i])
	}
	for len(batch) > 0 {
		n := j.cfg.Client.BatchSize(batch)
		for i, a := range j.askFor(ctx, aboutChecks(journal.Repair, together[:n]), batch[:n], false) {
			together[i].note(a.err)
		}
		together, batch = together[n:], batch[n:]
	}
}

func (c *check) note(err error) {
	var unknown *bitrix.UnknownOutcome
	c.doubt = nil
	if errors.As(err, &unknown) {
		c.doubt = err
	}
}

// errNotRead is why nobody knows what an older method has stored, whose answer shows no
// more than that it was called.
var errNotRead = said(value.Say("not-read-again"))

// conclude turns a verified object into an outcome.
func (j *job) conclude(ctx context.Context, c *check) result {
	t := c.task
	switch {
	case len(c.mismatches) > 0 && !c.fresh && (len(c.row) == 0 || t.imports()), !c.fresh && wire.Empties(t.ready):
		return t.unknown(errNotRead)
	case len(c.mismatches) > 0 && c.doubt != nil:
		return t.unknown(c.doubt)
	}
	if c.withdrawn {
		return t.withdrawn()
	}
	res := t.succeeded(c.id)
	j.noteMoved(c)
	res.held = wire.Traces(t.ready, c.row, c.id, c.entityTypeID, c.mismatches)
	if page := t.change.Page(c.entityTypeID, strconv.Itoa(c.id)); page != "" && t.saves != nil {
		res.outcome.URL = j.cfg.Client.URL(page)
	}
	if i := slices.IndexFunc(c.mismatches, func(m wire.Mismatch) bool { return m.Mark && m.Type }); i >= 0 {
		c.mismatches = slices.Delete(c.mismatches, i, i+1)
		res.outcome.Hint = value.Say("declare-entity-type-id", value.T("id", strconv.Itoa(c.entityTypeID)))
	}
	if why := wire.Claimed(c.mismatches); !why.IsZero() {
		res.outcome.claimed(why)
		return res
	}
	if len(c.mismatches) > 0 {
		res.outcome.partial(c.mismatches)
		res.unmarked = t.ready.Once() && res.outcome.Code == codeKeyNotStored
		if t.change.TakesOver() && res.outcome.Code == codeKeyNotStored {
			res.outcome.Hint = value.Say("check-fields-of-mark")
		}
	}
	if t.change.CreatesField() {
		res.field = j.createdField(ctx, t)
		return res
	}
	if t.saves != nil && !t.change.IsRecord() && t.change.Action == plan.Create {
		res.created = &wire.CreatedType{EntityTypeID: c.entityTypeID}
		res.created.Category, res.created.Err = j.firstPipeline(ctx, t, c.entityTypeID)
	}
	return res
}

// firstPipeline reads the pipeline that a new type has, once the portal shows the type.
// Only records that declare a stage need it.
func (j *job) firstPipeline(ctx context.Context, t *task, entityTypeID int) (id int, err error) {
	portal := live.New(j.cfg.Client)
	j.untilShown(ctx, []*task{t}, func(open []*task) []*task {
		if id, err = portal.FirstPipeline(ctx, entityTypeID); bitrix.IsNotFound(err) {
			return open
		}
		return nil
	})
	return id, err
}
