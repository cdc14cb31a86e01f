package apply

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/flow"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// steering is how far a run goes, and in which order; see [flow.Limits].
type steering struct {
	count  flow.Count
	may    flow.Verdict // what the run may do
	warned time.Time    // the wait that people have been told of
	stages []int16      // the stage of each node; nil if all are of one
	stage  int16        // that which is being made
	top    int16        // the highest one
	later  map[int16][]int
	tried  bool // the canary was verified, or there is none
}

// lastStage is where everything is that no stage was given.
const lastStage = math.MaxInt16

// steer plans the stages of a run.
func (r *runner) steer() {
	r.count.Planned = r.plan.Pending()
	r.tried = r.cfg.Flow.Canary == 0
	if r.tried && r.cfg.Flow.Waves == "" {
		return
	}
	r.stages, r.later = make([]int16, r.graph.size()), make(map[int16][]int)
	for i := range r.stages {
		r.stages[i] = lastStage
	}
	before := r.tiesBackwards()
	for i, stage := range r.ownStages() {
		r.bring(i, stage, before)
	}
	for i, stage := range r.stages {
		if e := r.entry(i); e.Writes() && e.Action != plan.Delete {
			r.top = max(r.top, stage)
		}
	}
}

// ownStages gives the stage of each change that is not told by what waits for it: 0 is the canary's.
func (r *runner) ownStages() []int16 {
	n := r.plan.Changes.Len()
	like, labels := make([]string, n), make([]string, n)
	for i, e := range r.plan.Changes.Entries() {
		if !e.Writes() || e.Action == plan.Delete {
			continue // deletions come after everything else
		}
		if r.cfg.Resume != nil && r.cfg.Resume.Runs.Of(i, 0).Way == resume.Over {
			continue // an earlier run has tried it
		}
		c := r.read(i, r.plan.Changes.Change)
		like[i], labels[i] = likeness(c), c.Labels[r.cfg.Flow.Waves]
	}
	if r.cfg.Flow.Waves == "" {
		clear(labels)
	}
	waves, _ := flow.Waves(labels)
	out := make([]int16, n)
	for i, w := range waves {
		out[i] = int16(min(w+1, lastStage))
	}
	for _, i := range flow.Canary(r.cfg.Flow.Canary, like) {
		out[i] = 0
	}
	return out
}

// likeness tells changes apart that a canary tries one by one: by kind, action and what they set.
func likeness(c *plan.Change) string {
	var s strings.Builder
	space, _ := c.Address.Split()
	fmt.Fprintf(&s, "%s %s", space, c.Action)
	for i := range c.Fields {
		s.WriteString(" " + c.Fields[i].Name)
	}
	return s.String()
}

// tiesBackwards gives what each node waits for.
func (r *runner) tiesBackwards() [][]int32 {
	before := make([][]int32, r.graph.size())
	for i := range r.graph.size() {
		for _, then := range r.graph.feeds(i) {
			before[then] = append(before[then], int32(i))
		}
	}
	return before
}

// bring puts a node into a stage, with its steps and with what it waits for, unless they are in
// an earlier one.
func (r *runner) bring(i int, stage int16, before [][]int32) {
	open := []int{i}
	for len(open) > 0 {
		i := open[len(open)-1]
		open = open[:len(open)-1]
		if r.stages[i] <= stage {
			continue
		}
		r.stages[i] = stage
		for _, j := range before[i] {
			open = append(open, int(j))
		}
		if i >= r.graph.changes {
			continue
		}
		for _, j := range r.graph.feeds(i) {
			if int(j) >= r.graph.changes && r.graph.node(int(j)).change == i {
				open = append(open, int(j))
			}
		}
	}
}

// awaitsStage tells whether a node that is ready belongs to a later stage, which keeps it.
func (r *runner) awaitsStage(i int) bool {
	if r.stages == nil || r.stages[i] <= r.stage {
		return false
	}
	r.later[r.stages[i]] = append(r.later[r.stages[i]], i)
	return true
}

// fails counts what did not end well. What the plan refuses was never sent, and what an earlier run
// has failed at is no news.
func (r *runner) fails(e *plan.Entry, o *Outcome) {
	if o.Run != "" {
		return
	}
	switch o.Status {
	case Failed, Partial, Conflict, Unknown:
		if e.Action != plan.Refuse {
			r.count.Failures++
		}
	}
}

// mayGo judges whether anything more may be sent. If nothing is in flight, people are told of a
// wait once, and there is none for nothing.
func (r *runner) mayGo(work bool) flow.Verdict {
	if r.may.Ends() {
		return r.may
	}
	r.may = r.cfg.Flow.Judge(time.Now(), r.count)
	wait := r.may.Wait
	if wait.IsZero() || r.inFlight > 0 {
		return r.may
	}
	if !work {
		return flow.Verdict{}
	}
	if !wait.Equal(r.warned) {
		r.warned = wait
		r.cfg.tell(time.Until(wait), value.Say("until-window-opens", value.T("window", r.cfg.Flow.Window.String())))
	}
	return r.may
}

// hasWork tells whether anything is ready to be sent.
func (r *runner) hasWork() bool {
	return len(r.ready.items)+len(r.open)+len(r.alone)+len(r.rests)+len(r.unread)+len(r.imported) > 0 || r.lanesHaveWork()
}

// finishing gives what is to do for what was sent, while nothing more is. What was emptied is
// read again only at the end, since it may be sent once more then.
func (r *runner) finishing() func(context.Context) finished {
	idle := r.inFlight == r.settling
	if work := r.readImported(idle); work != nil {
		return work
	}
	if look := r.lookUp(idle); look != nil || !idle || len(r.unread) == 0 || !r.may.Ends() {
		return look
	}
	return r.recheckJob().runSafely
}

// advance begins the next stage, once all of the one before it has ended. It is false if there
// is none, or if the run ends here.
func (r *runner) advance(ctx context.Context) bool {
	for r.stages != nil && r.stage < r.top && !r.stopped(ctx) && !r.mayGo(false).Ends() {
		if r.stage == 0 && !r.passCanary(ctx) {
			return false
		}
		r.stage++
		if next := r.later[r.stage]; len(next) > 0 {
			delete(r.later, r.stage)
			r.ready.items = append(r.ready.items, next...)
			return true
		}
	}
	return false
}

// passCanary verifies the first changes, and tells whether the others may follow.
func (r *runner) passCanary(ctx context.Context) bool {
	if r.tried {
		return true
	}
	made := r.canary()
	if len(made) == 0 {
		return true // there are deletions alone, which have a canary of their own
	}
	r.tried = true
	r.readCanary(ctx, made)
	return r.judgeCanary(ctx, len(made))
}

// judgeCanary tells whether what the first changes came to lets the others follow.
func (r *runner) judgeCanary(ctx context.Context, made int) bool {
	v := flow.AfterCanary(r.count.Failures)
	if left := r.left(); !v.Ends() && left > 0 && r.cfg.GoOn != nil && !r.cfg.GoOn(made, left) {
		v = flow.Declined()
	}
	if v.Ends() && !r.stopped(ctx) {
		r.may = v
	}
	return !v.Ends() && !r.stopped(ctx)
}

// left is how many changes have no outcome yet.
func (r *runner) left() (n int) {
	for i, e := range r.plan.Changes.Entries() {
		if e.Writes() && !r.outcomes.has(i) {
			n++
		}
	}
	return n
}

// canary gives the changes of the first stage that were written.
func (r *runner) canary() (out []int) {
	for i, e := range r.plan.Changes.Entries() {
		if r.stages[i] == 0 && e.Writes() && e.Action != plan.Delete && r.done[i] && r.outcomes.has(i) {
			out = append(out, i)
		}
	}
	return out
}

// readCanary reads what the first changes have saved once more: what does not hold, as after a
// robot has changed it, fails the canary.
func (r *runner) readCanary(ctx context.Context, made []int) {
	j := r.job()
	var checks []*check
	for _, i := range made {
		o := r.outcomes.at(i)
		t, err := r.task(i)
		if err != nil || o.Status != Succeeded || !t.change.IsRecord() || r.plan.Changes.Entry(i).Quiet {
			continue
		}
		t.attempts = o.Attempts
		checks = append(checks, &check{stored: stored{task: t, id: value.IDNumber(o.ID)}})
	}
	for len(checks) > 0 {
		n := min(len(checks), bitrix.MaxBatch)
		part := checks[:n]
		checks = checks[n:]
		j.reread(ctx, part)
		for _, c := range part {
			if c.fresh && len(c.mismatches) > 0 {
				r.amend(c)
			}
		}
	}
}

// amend makes an item partial that does not hold what was saved any more.
func (r *runner) amend(c *check) {
	i := c.task.index
	o := r.outcomes.at(i)
	if o.partial(c.mismatches); c.mismatches[0].Mark {
		o.Hint = value.Do(o.Code)
	}
	r.outcomes.put(i, r.told(c.task.change, o))
	r.count.Failures++
	r.journalEnd(&result{index: i, outcome: o})
}

// cut is the outcome of what was not sent, since the run was over.
func (r *runner) cut(id string) Outcome {
	return Outcome{Status: NotAttempted, ID: id, Error: r.may.Why, Code: r.may.Code, Hint: value.Do(r.may.Code), Retryable: true}
}

// firstDeletions is how many deletions go first.
func (r *runner) firstDeletions() int {
	if r.tried {
		return r.deletions()
	}
	return min(r.cfg.Flow.Canary, waveSize)
}

// deletions is how many go together. Where failures may end the run they are no more than
// others that are in flight at once.
func (r *runner) deletions() int {
	if r.cfg.Flow.FailFast || r.cfg.Flow.MaxFailures != nil {
		return min(r.cfg.Concurrency*bitrix.MaxBatch, waveSize)
	}
	return waveSize
}

// mayRemove waits until deletions may be sent; it is false if none may be any more.
func (r *runner) mayRemove(ctx context.Context) bool {
	for !r.stopped(ctx) {
		v := r.mayGo(true)
		if v.Wait.IsZero() {
			return !v.Ends()
		}
		r.pause(ctx, v.Wait)
	}
	return false
}
