package apply

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A node is what is scheduled: the request that saves the record of a change, or one
// of its further steps. Nodes go by numbers: the first ones are the changes themselves, in
// plan order, which is what others wait for; their steps follow.
type node struct {
	change int
	step   int // index in the change's Steps; -1 for the record itself
}

// A graph tells which nodes wait for which.
type graph struct {
	changes int     // their number
	steps   []node  // those that are no change themselves
	waiting []int32 // number of unfinished dependencies, by node
	// The nodes that wait for node i are then[first[i]:first[i+1]].
	first, then []int32
}

// node gives what a number stands for.
func (g *graph) node(i int) node {
	if i < g.changes {
		return node{change: i, step: -1}
	}
	return g.steps[i-g.changes]
}

// size is the number of nodes.
func (g *graph) size() int { return g.changes + len(g.steps) }

// feeds gives the nodes that wait for a node.
func (g *graph) feeds(i int) []int32 { return g.then[g.first[i]:g.first[i+1]] }

// makeGraph numbers the nodes and ties them together.
func (r *runner) makeGraph() {
	g := &r.graph
	g.changes = r.plan.Changes.Len()
	r.addSteps()
	g.waiting, g.first = make([]int32, g.size()), make([]int32, g.size()+1)
	r.done, r.released = make([]bool, g.size()), make([]bool, g.size())
	ties := r.ties()
	for _, t := range ties {
		g.first[t.first+1]++
		g.waiting[t.then]++
	}
	for i := range g.size() {
		g.first[i+1] += g.first[i]
	}
	g.then = make([]int32, len(ties))
	end := slices.Clone(g.first)
	for _, t := range ties {
		g.then[end[t.first]] = t.then
		end[t.first]++
	}
}

func (r *runner) addSteps() {
	for i, c := range r.plan.Changes.Entries() {
		if c.Steps == 0 || c.Action == plan.NoOp || c.Action == plan.Refuse {
			continue
		}
		if r.parts == nil {
			r.parts = make(map[int]*assembly)
		}
		r.parts[i] = &assembly{steps: make([]Outcome, c.Steps), open: c.Steps + 1}
		for step := range c.Steps {
			r.graph.steps = append(r.graph.steps, node{change: i, step: step})
		}
	}
}

// A tie makes a node wait for another one.
type tie struct{ first, then int32 }

// ties lists what waits for what, by the node that waits.
func (r *runner) ties() (out []tie) {
	named := r.byAddress()
	tie := func(first, then int) { out = append(out, tie{int32(first), int32(then)}) }
	for i := range r.graph.size() {
		node := r.graph.node(i)
		e := r.plan.Changes.Entry(node.change)
		deps := e.Deps
		if node.step >= 0 {
			step := r.brief(node.change).Steps[node.step]
			if deps = step.Deps; e.Quiet {
				deps = slices.Concat(deps, e.Deps) // nothing else has waited for them
			}
			tie(node.change, i)
			for _, earlier := range step.After {
				tie(i-node.step+earlier, i) // the steps of a change are numbered in a row
			}
		}
		for _, dep := range deps {
			if j, ok := named(dep); ok && (j != node.change || node.step < 0) {
				tie(j, i)
			}
		}
	}
	return out
}

// byAddress finds the change of an address.
func (r *runner) byAddress() func(value.Address) (change int, ok bool) {
	changes := r.plan.Changes
	order := make([]int32, changes.Len())
	for i := range order {
		order[i] = int32(i)
	}
	address := func(i int32) string { return string(changes.Entry(int(i)).Address) }
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(address(a), address(b)) })
	return func(a value.Address) (int, bool) {
		at, ok := slices.BinarySearchFunc(order, string(a), func(i int32, a string) int { return strings.Compare(address(i), a) })
		if !ok {
			return 0, false
		}
		return int(order[at]), true
	}
}
