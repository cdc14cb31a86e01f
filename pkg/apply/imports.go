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

// imports tells whether the task imports a record.
func (t *task) imports() bool {
	_, is := wire.Imported(t.ready)
	return is
}

// imported gives those of some tasks that import.
func imported(tasks []*task) (out []*task) {
	for _, t := range tasks {
		if t.imports() {
			out = append(out, t)
		}
	}
	return out
}

// sendImports makes one request of tasks that import records of one kind, many to a command.
func (j *job) sendImports(ctx context.Context, tasks []*task) []answer {
	about := j.saving(tasks...)
	about.timed = true
	out := j.written(ctx, about, commandsOf(tasks), func(ctx context.Context) []answer { return j.importAll(ctx, tasks) })
	for i := range out {
		out[i].task = tasks[i]
	}
	return out
}

// importAll sends imports, 50 commands to a request. A command that has too many records for the
// portal was not executed, and is sent again in two.
func (j *job) importAll(ctx context.Context, tasks []*task) []answer {
	most := int(j.most.Load())
	if j.one {
		most = 0
	}
	first, _ := wire.Imported(tasks[0].ready)
	p := wire.PackImports(first, commandsOf(tasks), most)
	out := make([]answer, len(tasks))
	for at := 0; at < len(p.Commands); at += bitrix.MaxBatch {
		part := p.Commands[at:min(at+bitrix.MaxBatch, len(p.Commands))]
		outcomes, err := j.cfg.Client.TryBatch(ctx, part)
		for k := range part {
			o := bitrix.Outcome{Err: err}
			if err == nil {
				o = outcomes[k]
			}
			rows := p.Rows(at + k)
			if p.TooMany(at+k, &o) {
				j.most.Store(int32(max(1, len(rows)/2)))
				copy(out[rows[0]:], j.importAll(ctx, tasks[rows[0]:rows[len(rows)-1]+1]))
				continue
			}
			for n, said := range p.Spread(at+k, &o) {
				out[rows[n]].result, out[rows[n]].err = said.Result, said.Err
			}
		}
	}
	return out
}

// byAdd makes an add of an import that the portal has refused, if its route allows that.
func (j *job) byAdd(a *answer) bool {
	var refusal *bitrix.Error
	if !errors.As(a.err, &refusal) || endsRun(a.err) || bitrix.IsPassing(a.err) || a.task.saves == nil || j.cfg.stopped() || !a.task.saves.ByAdd() {
		return false
	}
	t := a.task
	t.command = t.ready.Request()
	classes, alone := doubts(t)
	t.alone = alone || len(classes) > 0 // as JSON nothing is rewritten
	return true
}

// leave takes from what was stored the imports that others follow: their answers show nothing but
// an id, and many are read together. What proves a mark or tries a text is read at once.
func (by *sorted) leave(started time.Time) (later []*check) {
	by.stored = slices.DeleteFunc(by.stored, func(s stored) bool {
		if !s.task.imports() || s.task.prover || len(s.task.tries) > 0 {
			return false
		}
		s.task.took = time.Since(started)
		later = append(later, &check{stored: s})
		return true
	})
	return later
}

// verifyImported reads what was imported, by the marks, and compares it with what was declared.
func (j *job) verifyImported(ctx context.Context) finished {
	f := finished{texts: make(map[string]textState)}
	byTask := make(map[*task]*check, len(j.imported))
	for _, c := range j.imported {
		byTask[c.task] = c
	}
	j.untilShown(ctx, j.tasks, func(open []*task) []*task {
		checks := make([]*check, len(open))
		for i, t := range open {
			checks[i] = byTask[t]
		}
		return j.lookAtImported(ctx, checks)
	})
	var differ []*check
	for _, c := range j.imported {
		if !c.fresh {
			c.mismatches = c.task.ready.Verify(c.row)
		}
		if len(c.mismatches) > 0 {
			differ = append(differ, c)
		}
	}
	j.withdraw(ctx, differ)
	for _, c := range j.imported {
		res := j.conclude(ctx, c)
		res.outcome.DurationMS = c.task.took.Milliseconds()
		f.results = append(f.results, res)
	}
	j.noteMarks(f.results)
	j.confirmFatal(ctx, f.results)
	f.over = j.over(f.results)
	return f
}

// lookAtImported looks imported records up by their marks, and reads by its id what is not among
// them. It gives the tasks of those that the portal does not show.
func (j *job) lookAtImported(ctx context.Context, checks []*check) (hidden []*task) {
	calls := make([]wire.Call, len(checks))
	for i, c := range checks {
		calls[i] = c.task.ready
	}
	look := wire.NewMadeLook(calls)
	made, _ := look.Read(j.cfg.Client.ListEach(ctx, look.Lists)) // what is not known is read by its id
	var missing []*check
	for i, c := range checks {
		at := -1
		if made != nil {
			at = slices.IndexFunc(made[i], func(m wire.Made) bool { return m.ID == c.id })
		}
		if at < 0 {
			missing = append(missing, c)
			continue
		}
		c.row, c.fresh = made[i][at].Row, true
		c.mismatches = c.task.saves.VerifyMade(c.row)
		c.task.seen = idsOf(made[i])
	}
	for part := range slices.Chunk(missing, bitrix.MaxBatch) {
		for _, c := range j.reread(ctx, part) {
			hidden = append(hidden, c.task)
		}
	}
	return hidden
}

func idsOf(made []wire.Made) []int {
	ids := make([]int, len(made))
	for i, m := range made {
		ids[i] = m.ID
	}
	return ids
}

// findImported looks for imports whose answer was lost, and reads those that are there with it.
func (j *job) findImported(ctx context.Context, tasks []*task) (found []stored, missing []*task, err error) {
	look := wire.NewMadeLook(callsIn(tasks))
	made, err := look.Read(j.cfg.Client.ListEach(ctx, look.Lists))
	if made == nil {
		return nil, tasks, err
	}
	for i, t := range tasks {
		if len(made[i]) == 0 {
			missing = append(missing, t)
			continue
		}
		// Which one is this run's nobody knows. The lowest stays, so that is used.
		t.seen = idsOf(made[i])
		found = append(found, stored{task: t, row: made[i][0].Row, id: made[i][0].ID, entityTypeID: t.saves.EntityTypeID})
	}
	return found, missing, err
}

// denied gives the refusal of a whole request, if it says that the credential may not import.
func denied(a *answer) *bitrix.Error {
	var refusal *bitrix.Error
	if !errors.As(a.err, &refusal) || refusal.Code != codeNoAccess || !a.task.imports() {
		return nil
	}
	if several, _ := a.task.saves.ImportMethods(); refusal.Method != several {
		return nil // of one record
	}
	return refusal
}

const codeNoAccess = "ACCESS_DENIED"

// mayImport says what to do about an import that was refused for want of a right.
func (o *Outcome) mayImport(a *answer) {
	if o.Code == codeNoAccess && a.task.imports() {
		o.Hint = value.Say("allow-import")
	}
}

// mayNotImport is the outcome of a record that is not sent, since another one of its kind was
// refused for want of the right to import.
func mayNotImport(cause *bitrix.Error) Outcome {
	var o Outcome
	o.fail(Failed, cause)
	o.Hint = value.Say("allow-import")
	return o
}
