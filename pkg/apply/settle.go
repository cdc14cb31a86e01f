package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A doubtful task may have been executed, and its answer is lost.
type doubtful struct {
	*task
	landing wire.Landing // of an update, by the last look
	seen    *stored      // what that look showed; nil if it failed, and for creates
}

// settle decides about tasks whose answer was lost. What only reads or deletes is sent
// again. A create is looked for by its mark, and what any other save has stored is
// read, until it is there or the portal can no longer be working on it; only then may
// it be sent again.
func (j *job) settle(ctx context.Context, lost []*task, since time.Time) (found []stored, settled []result, again []*task) {
	found, settled, again = j.settleUntil(ctx, lost, since.Add(j.cfg.Settle))
	if len(lost) > 0 {
		j.noteSettled(found, settled, again)
	}
	return found, settled, again
}

func (j *job) settleUntil(ctx context.Context, lost []*task, deadline time.Time) (found []stored, settled []result, again []*task) {
	var open []doubtful
	for _, t := range lost {
		if bitrix.EffectOf(t.command.Method) == bitrix.Once {
			open = append(open, doubtful{task: t})
		} else {
			again = append(again, t)
		}
	}
	if len(open) > 0 {
		j.settling(+1)
		defer j.settling(-1)
	}
	for wait, first := j.cfg.Settle/60, true; len(open) > 0; wait, first = wait*2, false {
		last := !time.Now().Before(deadline)
		hits, ends, missing, err := j.look(ctx, open)
		for _, s := range hits {
			if s.task.ready.Once() {
				s.task.claimed = deadline
			}
		}
		found, settled, open = append(found, hits...), append(settled, ends...), missing
		switch {
		case j.cfg.stopped() || ctx.Err() != nil || j.cfg.Client.Away() != nil || last && err != nil:
			for _, d := range open {
				res := d.unknown(errors.Join(d.doubt, err))
				if away := j.cfg.Client.Away(); away != nil {
					res.fatal = away
				}
				settled = append(settled, res)
			}
			return found, settled, again
		case last:
			hits, ends, free := expire(open)
			return append(found, hits...), append(settled, ends...), append(again, free...)
		case len(open) > 0:
			if first {
				j.cfg.tell(time.Until(deadline), value.Say("to-see-whether-writes-are-done", value.N("n", len(open))))
			}
			j.rest(ctx, min(wait, time.Until(deadline)))
		}
	}
	return found, settled, again
}

// rest waits, but not beyond the end of the run.
func (j *job) rest(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-j.cfg.Stop:
	case <-ctx.Done():
	}
}

// expire decides about what was not found whole when the portal cannot be working on
// it any more: what did not happen may be sent again, and what somebody else has saved
// since may not.
func expire(open []doubtful) (found []stored, ends []result, again []*task) {
	for _, d := range open {
		switch {
		case d.ready.Once():
			d.doubt = nil
			again = append(again, d.task)
		case d.seen == nil:
			ends = append(ends, d.unknown(d.doubt))
		case d.landing == wire.Parted:
			found = append(found, *d.seen)
		case d.landing == wire.Overtaken:
			ends = append(ends, d.overtaken(d.seen))
		default:
			d.doubt = nil
			again = append(again, d.task)
		}
	}
	return found, ends, again
}

// look searches for the creates and reads what the other tasks have stored, in as few
// requests as there are kinds of question.
func (j *job) look(ctx context.Context, open []doubtful) (found []stored, ends []result, missing []doubtful, err error) {
	var creates []*task
	var saves []doubtful
	for _, d := range open {
		if d.ready.Once() {
			creates = append(creates, d.task)
		} else {
			saves = append(saves, d)
		}
	}
	if len(creates) > 0 {
		var left []*task
		found, ends, left, err = j.find(ctx, creates)
		for _, t := range left {
			missing = append(missing, doubtful{task: t})
		}
	}
	if len(saves) > 0 {
		hits, gone, left := j.readBack(ctx, saves)
		found, ends, missing = append(found, hits...), append(ends, gone...), append(missing, left...)
	}
	return found, ends, missing, err
}

// readBack reads what saves of records that are there have stored.
func (j *job) readBack(ctx context.Context, saves []doubtful) (found []stored, ends []result, missing []doubtful) {
	tasks := make([]*task, len(saves))
	for i, d := range saves {
		tasks[i] = d.task
	}
	for i, a := range j.read(ctx, tasks) {
		d := doubtful{task: saves[i].task}
		var refusal *bitrix.Error
		if a.err == nil {
			d.seen, d.landing = &a.stored, wire.LandingOf(d.ready, a.row)
		}
		switch {
		case errors.As(a.err, &refusal) && bitrix.IsNotFound(a.err):
			ends = append(ends, d.refused(ctx, a.err))
		case d.seen != nil && d.landing == wire.Landed:
			found = append(found, a.stored)
		default:
			missing = append(missing, d)
		}
	}
	return found, ends, missing
}

// A reading is what a read showed of one task's record.
type reading struct {
	stored
	err error
}

// read reads again what the tasks save, a batch of gets and a round of lists at most.
func (j *job) read(ctx context.Context, tasks []*task) []reading {
	out := make([]reading, len(tasks))
	var gets []bitrix.Command
	var lists []bitrix.List
	var got, listed []int
	for i, t := range tasks {
		if l, ok := wire.Look(t.ready); ok {
			lists, listed = append(lists, l), append(listed, i)
			continue
		}
		gets, got = append(gets, t.reread()), append(got, i)
	}
	if len(gets) > 0 {
		for k, a := range j.ask(ctx, gets, tasks[got[0]].alone) {
			i := got[k]
			if out[i].err = a.err; a.err != nil {
				continue
			}
			var s *stored
			if s, out[i].err = tasks[i].object(a.result); s != nil {
				out[i].stored = *s
			}
		}
	}
	if len(lists) > 0 {
		for k, l := range j.cfg.Client.ListEach(ctx, lists) {
			i := listed[k]
			out[i].task, out[i].err = tasks[i], l.Err
			if l.Err == nil {
				out[i].row, out[i].id, out[i].entityTypeID, out[i].err = wire.Looked(tasks[i].ready, l.Rows)
			}
		}
	}
	return out
}

// reread is the command that reads what the task has stored, or an earlier run for it.
func (t *task) reread() bitrix.Command {
	if t.ready.Once() {
		return t.ready.Get(value.IDNumber(t.past.ID))
	}
	return wire.Reread(t.ready)
}

// find looks creates up by their mark and reads those that are there.
func (j *job) find(ctx context.Context, creates []*task) (found []stored, doubles []result, missing []*task, err error) {
	if imports := imported(creates); len(imports) > 0 {
		found, missing, err = j.findImported(ctx, imports)
		if creates = without(creates, (*task).imports); len(creates) == 0 || err != nil {
			return found, nil, append(missing, creates...), err
		}
		more, doubles, left, err := j.find(ctx, creates)
		return append(found, more...), doubles, append(missing, left...), err
	}
	lists := make([]bitrix.List, len(creates))
	for i, t := range creates {
		lists[i] = t.ready.Find()
	}
	answers, err := j.cfg.Client.Lists(ctx, lists)
	if err != nil {
		return nil, nil, creates, err
	}
	var there []*task
	var gets []bitrix.Command
	for i, t := range creates {
		ids, err := t.ready.Found(answers[i])
		switch {
		case err != nil:
			doubles = append(doubles, t.unknown(err))
		case len(ids) == 0:
			missing = append(missing, t)
		default:
			// Which one is this run's nobody knows. The lowest stays, so that is used.
			slices.Sort(ids)
			t.seen = ids
			there = append(there, t)
			gets = append(gets, t.ready.Get(ids[0]))
		}
	}
	if len(there) == 0 {
		return nil, doubles, missing, nil
	}
	for i, a := range j.ask(ctx, gets, false) {
		s := &stored{}
		if a.err == nil {
			s, a.err = there[i].object(a.result)
		}
		if a.err != nil {
			doubles = append(doubles, there[i].unknown(a.err))
			continue
		}
		found = append(found, *s)
	}
	return found, doubles, missing, nil
}
