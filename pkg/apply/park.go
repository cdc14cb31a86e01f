package apply

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxRefusals bounds how often the portal may refuse one change for the time that
// its method has used. Each refusal is followed by a rest of the method, until the portal's
// next minute at least, and twelve of those last longer than the portal remembers.
const maxRefusals = 12

// A lane is what nodes have in common that are made by the same method.
type lane struct {
	kind   string
	action plan.Action
	step   string // "" for the record itself
}

func (r *runner) laneOf(i int) lane {
	e := r.entry(i)
	l := lane{kind: e.Kind, action: e.Action}
	if step := r.graph.node(i).step; step >= 0 {
		l.step = r.brief(r.graph.node(i).change).Steps[step].Name
	}
	return l
}

// A rest holds the changes of a method that has used up its time on the portal. No
// worker waits for it, so that others go on.
type rest struct {
	until time.Time
	tasks []*task // those that were prepared before
	items []int   // those that were not
}

// A parkedTask is a task that was not executed, since its method has no time left.
type parkedTask struct {
	task *task
	rest *bitrix.Parked
}

// parked tells whether a task is to be sent later. One that the portal itself has
// refused too often is not, and is as undecided as it was before.
func (a *answer) parked() (parkedTask, bool) {
	var rest *bitrix.Parked
	if !errors.As(a.err, &rest) {
		return parkedTask{}, false
	}
	if rest.Cause == nil {
		a.task.attempts-- // nothing was sent
	} else if a.task.refusals++; a.task.refusals >= maxRefusals {
		if a.task.doubt != nil {
			a.err = a.task.doubt
		}
		return parkedTask{}, false
	}
	return parkedTask{task: a.task, rest: rest}, true
}

// attempt is askFor, except that it does not wait for a method without time.
func (j *job) attempt(ctx context.Context, about *purpose, commands []bitrix.Command, alone bool) []answer {
	about.timed = true
	return j.written(ctx, about, commands, func(ctx context.Context) []answer {
		return request(ctx, commands, alone, j.cfg.Client.TryCall, j.cfg.Client.TryBatch)
	})
}

// park lets the methods rest that jobs have found without time, with everything
// that is about to be sent by them.
func (r *runner) park(list []parkedTask) {
	list = r.giveBack(list)
	for _, p := range list {
		held := r.rests[p.rest.Method]
		if held == nil {
			held = &rest{}
			r.rests[p.rest.Method] = held
		}
		held.until = p.rest.Until
		held.tasks = append(held.tasks, p.task)
		r.leaveTrial(p.task)
	}
	if len(list) > 0 {
		hold := func(t *task) bool { return r.hold(t) }
		r.open = slices.DeleteFunc(r.open, hold)
		r.alone = slices.DeleteFunc(r.alone, hold)
	}
}

// hold puts a task with the others of its method if that rests.
func (r *runner) hold(t *task) bool {
	if t.imports() {
		return false // its lane knows
	}
	held := r.rests[bitrix.Canonical(t.command.Method)]
	if held == nil && !t.alone {
		held = r.rests[bitrix.BatchMethod]
	}
	if held != nil {
		held.tasks = append(held.tasks, t)
		r.leaveTrial(t)
	}
	return held != nil
}

// holdBack is hold for a node that is no task yet.
func (r *runner) holdBack(i int) bool {
	held := r.rests[r.methods[r.laneOf(i)]]
	if held != nil {
		held.items = append(held.items, i)
	}
	return held != nil
}

// stalled tells that batches as such rest and enough of them are prepared. On a
// portal that bills them, only preparing a change shows whether it needs one.
func (r *runner) stalled() bool {
	held := r.rests[bitrix.BatchMethod]
	return held != nil && len(held.tasks) >= 2*bitrix.MaxBatch
}

// wake ends the rests of methods that have time again.
func (r *runner) wake() {
	for _, method := range slices.Sorted(maps.Keys(r.rests)) {
		held := r.rests[method]
		if until := r.parkedUntil(held.tasks); !until.IsZero() {
			held.until = until
			continue
		}
		delete(r.rests, method)
		r.ready.items = append(held.items, r.ready.items...)
		for _, t := range held.tasks {
			r.enqueue(t)
		}
	}
}

// parkedUntil tells when the first request of some tasks can be sent.
func (r *runner) parkedUntil(tasks []*task) time.Time {
	if tasks[0].alone {
		return r.cfg.Client.CallParkedUntil(tasks[0].command.Method)
	}
	commands := commandsOf(slices.DeleteFunc(slices.Clone(tasks), func(t *task) bool { return t.alone }))
	return r.cfg.Client.BatchParkedUntil(commands[:r.cfg.Client.BatchSize(commands)])
}

// await returns what became of the next job, or nothing when it is time to look at
// the rests again, or to go on after a wait of the whole run; the zero time is none.
func (r *runner) await(ctx context.Context, wait time.Time) (finished, bool) {
	first, method := wait, ""
	if lane, until := r.importRest(); wait.IsZero() {
		first, method = until, lane
	}
	if len(r.rests) == 0 && first.IsZero() || r.stopped(ctx) {
		return <-r.results, true
	}
	for m, held := range r.rests {
		if first.IsZero() || wait.IsZero() && held.until.Before(first) {
			first, method = held.until, m
		}
	}
	if r.inFlight == 0 && wait.IsZero() {
		r.cfg.tell(time.Until(first), value.Say("until-method-may-take-time", value.T("method", method)))
	}
	timer := time.NewTimer(max(time.Until(first), 10*time.Millisecond))
	defer timer.Stop()
	select {
	case f := <-r.results:
		return f, true
	case <-timer.C:
	case <-r.cfg.Stop:
	case <-ctx.Done():
	}
	return finished{}, false
}

// leaveDoubts accounts for what was sent, lost, and then parked or queued until the
// end of the run.
func (r *runner) leaveDoubts() {
	for _, t := range r.doubtful() {
		r.finish(t.unknown(t.doubt))
	}
}

func (r *runner) doubtful() []*task {
	tasks := slices.Concat(r.open, r.alone)
	for _, l := range r.lanes {
		tasks = append(tasks, l.tasks...)
	}
	for _, method := range slices.Sorted(maps.Keys(r.rests)) {
		tasks = append(tasks, r.rests[method].tasks...)
	}
	return without(tasks, func(t *task) bool { return t.doubt == nil })
}

// drop takes tasks from all that is about to be sent.
func (r *runner) drop(which func(*task) bool) {
	dropped := func(t *task) bool {
		if !which(t) {
			return false
		}
		r.leaveTrial(t)
		return true
	}
	r.open, r.alone = without(r.open, dropped), without(r.alone, dropped)
	for _, l := range r.lanes {
		l.tasks = without(l.tasks, dropped)
	}
	for _, method := range slices.Sorted(maps.Keys(r.rests)) {
		held := r.rests[method]
		if held.tasks = without(held.tasks, dropped); len(held.tasks) == 0 {
			r.ready.items = append(held.items, r.ready.items...)
			delete(r.rests, method)
		}
	}
}

// leaveTrial lets go on what waits for a text that is not sent any time soon.
func (r *runner) leaveTrial(t *task) {
	if len(t.tries) == 0 {
		return
	}
	found := make(map[string]textState)
	t.teach(undecided, found)
	r.ready.items = append(r.texts.learn(found), r.ready.items...)
}

func commandsOf(tasks []*task) []bitrix.Command {
	commands := make([]bitrix.Command, len(tasks))
	for i, t := range tasks {
		commands[i] = t.command
	}
	return commands
}
