package apply

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A node is what is scheduled: the request that saves the record of a change, or one
// of its further steps.
type node struct {
	change int
	step   int // index in the change's Steps; -1 for the record itself
}

// An assembly gathers what became of the nodes of a change that has steps.
type assembly struct {
	saved Outcome
	steps []Outcome
	open  int // nodes that have not ended
}

// makeNodes numbers the nodes and ties them together. The first ones are the changes
// themselves, in plan order, which is what others wait for; their steps follow.
func (r *runner) makeNodes() {
	index := make(map[value.Address]int, len(r.changes))
	r.nodes = make([]node, len(r.changes))
	for i := range r.changes {
		r.nodes[i] = node{change: i, step: -1}
		index[r.changes[i].Address] = i
	}
	r.addSteps()
	n := len(r.nodes)
	r.waiting, r.feeds, r.released, r.done = make([]int, n), make([][]int, n), make([]bool, n), make([]bool, n)
	for i, node := range r.nodes {
		deps := r.changes[node.change].Deps
		if node.step >= 0 {
			step := r.changes[node.change].Steps[node.step]
			if deps = step.Deps; !r.changes[node.change].Saves() {
				deps = slices.Concat(deps, r.changes[node.change].Deps) // nothing else has waited for them
			}
			r.tie(node.change, i)
			for _, earlier := range step.After {
				r.tie(i-node.step+earlier, i) // the steps of a change are numbered in a row
			}
		}
		for _, dep := range deps {
			if j, ok := index[dep]; ok && (j != node.change || node.step < 0) {
				r.tie(j, i)
			}
		}
	}
}

func (r *runner) addSteps() {
	for i := range r.changes {
		c := r.changes[i]
		if len(c.Steps) == 0 || c.Action == plan.NoOp || c.Action == plan.Refuse {
			continue
		}
		if r.parts == nil {
			r.parts = make(map[int]*assembly)
		}
		r.parts[i] = &assembly{steps: make([]Outcome, len(c.Steps)), open: len(c.Steps) + 1}
		for step := range c.Steps {
			r.nodes = append(r.nodes, node{change: i, step: step})
		}
	}
}

// tie makes a node wait for another one.
func (r *runner) tie(first, then int) {
	r.waiting[then]++
	r.feeds[first] = append(r.feeds[first], then)
}

// change is the change that a node belongs to.
func (r *runner) change(i int) *plan.Change { return r.changes[r.nodes[i].change] }

// name is how messages name a node.
func (r *runner) name(i int) string {
	c := r.change(i)
	if step := r.nodes[i].step; step >= 0 {
		return string(c.Address) + " (" + c.Steps[step].Name + ")"
	}
	return string(c.Address)
}

// task makes the request of a node.
func (r *runner) task(i int) (*task, error) {
	n, c := r.nodes[i], r.change(i)
	if n.step >= 0 {
		call, err := wire.SettleStep(c, &r.known, n.step)
		return &task{index: i, change: c, ready: call}, err
	}
	ready, err := wire.Settle(c, &r.known)
	if err != nil {
		return nil, err
	}
	return &task{index: i, change: c, ready: ready, saves: ready}, nil
}

// end notes what became of a node, and gives the change its outcome with the last one.
func (r *runner) end(i int, o Outcome) {
	r.done[i] = true
	n := r.nodes[i]
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
		if s.Status != Succeeded {
			left = append(left, i)
		}
	}
	if len(left) == 0 {
		if o.Status == Unchanged {
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
	for _, s := range []Status{Unknown, Partial, Failed, Blocked} {
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

const codeInterrupted = "INTERRUPTED"

// cutShort tells whether any item was left half done by an interrupt.
func cutShort(items []Outcome) bool {
	return slices.ContainsFunc(items, func(o Outcome) bool { return o.Code == codeInterrupted })
}
