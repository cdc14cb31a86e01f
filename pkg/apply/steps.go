package apply

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// An assembly gathers what became of the nodes of a change that has steps.
type assembly struct {
	saved Outcome
	steps []Outcome
	open  int // nodes that have not ended
}

// entry is what is known of the change that a node belongs to.
func (r *runner) entry(i int) *plan.Entry { return r.plan.Changes.Entry(r.graph.node(i).change) }

// change reads the change that a node belongs to. Whoever needs it keeps it only as long as
// its request is on the way.
func (r *runner) change(i int) *plan.Change {
	return r.read(r.graph.node(i).change, r.plan.Changes.Change)
}

// brief reads a change without its fields.
func (r *runner) brief(change int) *plan.Change { return r.read(change, r.plan.Changes.Brief) }

// read ends the run where the plan's file cannot be read: nothing more is sent. What the entry
// says of the change is enough to account for it.
func (r *runner) read(i int, of func(int) (*plan.Change, error)) *plan.Change {
	c, err := of(i)
	if err == nil {
		return c
	}
	if r.lost = err; r.fatal == nil {
		r.fatal = err
	}
	e := r.plan.Changes.Entry(i)
	said := e.Change()
	said.Steps = make([]plan.Step, e.Steps)
	return &said
}

// name is how messages name a node.
func (r *runner) name(i int) string {
	address := string(r.entry(i).Address)
	if step := r.graph.node(i).step; step >= 0 {
		return address + " (" + r.brief(r.graph.node(i).change).Steps[step].Name + ")"
	}
	return address
}

// task makes the request of a node.
func (r *runner) task(i int) (*task, error) {
	t, err := r.taskFrom(i, r.plan.Changes.Own)
	if err == nil {
		t.own = t.change
	}
	return t, err
}

// taskFrom is task with as much of the change as a reading of it gives.
func (r *runner) taskFrom(i int, of func(int) (*plan.Change, error)) (*task, error) {
	n := r.graph.node(i)
	c := r.read(n.change, of)
	if r.lost != nil {
		return nil, r.lost
	}
	if n.step >= 0 {
		call, err := wire.SettleStep(c, &r.known, n.step)
		return &task{index: i, node: journal.Node{Item: n.change, Step: n.step + 1}, change: c, ready: call, read: r.readOf(i)}, err
	}
	ready, err := wire.Settle(c, &r.known)
	if err != nil {
		return nil, err
	}
	return &task{index: i, node: journal.Node{Item: n.change}, change: c, ready: ready, saves: ready, read: r.readOf(i)}, nil
}

// end notes what became of a node, and gives the change its outcome with the last one.
func (r *runner) end(i int, o Outcome) {
	r.done[i] = true
	n := r.graph.node(i)
	a := r.parts[n.change]
	if a == nil {
		r.record(n.change, o)
		return
	}
	if n.step >= 0 {
		a.steps[n.step] = o
	} else {
		a.saved = o
	}
	if a.open--; a.open == 0 {
		r.record(n.change, a.outcome(r.change(i)))
	}
}

// endOf is the outcome of a node that has one.
func (r *runner) endOf(i int) Outcome {
	n := r.graph.node(i)
	switch a := r.parts[n.change]; {
	case a == nil:
		return r.outcomes.at(n.change)
	case n.step < 0:
		return a.saved
	default:
		return a.steps[n.step]
	}
}

// outcome folds the outcomes of the record and of its steps into one. What was saved
// is never called failed: it is partial, and the error names what is left, which the
// next plan shows. A step that may have happened makes the whole unknown.
func (a *assembly) outcome(c *plan.Change) Outcome {
	o := a.saved
	if !o.Status.exists() {
		return o
	}
	wrote := o.Status != Unchanged
	var left []int
	for i, s := range a.steps {
		o.Attempts += s.Attempts
		o.DurationMS += s.DurationMS
		wrote = wrote || s.Status == Succeeded || s.Status == Partial
		if s.Status != Succeeded && s.Status != Unchanged {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		if o.Status == Unchanged && wrote {
			o.Status = Succeeded
		}
		return o
	}
	var problems []value.Message
	if o.Status == Partial {
		problems = append(problems, o.Error)
	} else {
		first := a.steps[left[0]]
		o.Code, o.Field, o.Hint, o.Retryable = first.Code, c.Steps[left[0]].Name, first.Hint, first.Retryable
	}
	for _, i := range left {
		problems = append(problems, ofPart(c.Steps[i].Name, a.steps[i].Error))
	}
	o.Error = value.Say("several", value.Ms("parts", problems))
	o.Hint = o.Hint.Or(value.Say("mend-and-apply-again"))
	switch o.Status = a.worst(left); {
	case o.Status == Unknown:
		o.Hint = value.Say("plan-shows-what-is-left")
	case wrote:
		o.Status, o.Error = Partial, writtenInPart(c, o.Error)
	}
	if slices.ContainsFunc(left, c.SetsOnce) {
		o.Hint = value.Say("and-enforce-once", value.M("hint", o.Hint))
	}
	return o
}

// worst is the status of a change of which nothing but steps was to be sent, and some
// did not succeed.
func (a *assembly) worst(left []int) Status {
	for _, s := range []Status{Unknown, Partial, Conflict, Failed, Blocked} {
		if slices.ContainsFunc(left, func(i int) bool { return a.steps[i].Status == s }) {
			return s
		}
	}
	return NotAttempted
}

// writtenInPart is the error of a change of which a part was written.
func writtenInPart(c *plan.Change, left value.Message) value.Message {
	if c.Action == plan.Create {
		return value.Say("created-in-part", value.M("left", left))
	}
	return value.Say("saved-in-part", value.M("left", left))
}

const (
	codeInterrupted = "INTERRUPTED"
	codeChanged     = "CHANGED_SINCE_PLAN"
)
