package draft

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// SplitCircles orders changes that refer to each other in a circle: one of them is
// saved without the field that closes the circle, and a step sets it when the other
// is there. What exists already is no obstacle: only the order of its update is lost.
// An error is a circle of references that must all be set at creation, with the place of
// its first change. The set is what the changes are declared by; its fields were all found right.
func (d *Draft) SplitCircles(set *spec.Set) (value.Pos, error) {
	if d.isOrdered() {
		return value.Pos{}, nil
	}
	s := newSplitter(d, set)
	for s.peel(); s.first < len(s.nodes); s.peel() {
		if cycle := s.cycle(); !s.cut(cycle) {
			return s.unbreakable(cycle)
		}
	}
	s.addPatches()
	return value.Pos{}, nil
}

// isOrdered tells whether each change needs only what stands before it in the order of plans, by rank and
// address, as nearly always: then there is no circle, and no graph is needed to see that.
func (d *Draft) isOrdered() bool {
	ranks := make(map[string]int) // by how addresses begin
	for _, e := range d.Entries() {
		sort, _, _ := strings.Cut(string(e.Address), "/")
		if rank, known := ranks[sort]; known && rank != rankOf(e) {
			return false
		}
		ranks[sort] = rankOf(e)
	}
	for _, e := range d.Entries() {
		for _, dep := range e.Deps {
			sort, _, _ := strings.Cut(string(dep), "/")
			rank, planned := ranks[sort]
			if planned && (rank > rankOf(e) || rank == rankOf(e) && dep >= e.Address) {
				return false
			}
		}
	}
	return true
}

func rankOf(e *plan.Entry) int {
	if e.Facts == nil {
		return 0
	}
	return e.Facts.Rank
}

// A splitter takes the changes in an order in which they can be made.
type splitter struct {
	*Draft
	set   *spec.Set
	nodes []splitNode
	first int   // all nodes before it are made
	ready []int // can be made next
}

// A splitNode is a change that writes.
type splitNode struct {
	change   int   // its index
	needs    []int // the nodes that must be made before, in the order of Deps
	feeds    []int // the nodes that need this one
	open     int   // how many of needs are not made
	made     bool
	deferred map[string]bool // fields that a step sets
}

func newSplitter(d *Draft, set *spec.Set) *splitter {
	s := &splitter{Draft: d, set: set}
	index := make(map[value.Address]int)
	for i, e := range d.Entries() {
		if e.Writes() {
			index[e.Address] = len(s.nodes)
			s.nodes = append(s.nodes, splitNode{change: i})
		}
	}
	for i := range s.nodes {
		n := &s.nodes[i]
		for _, dep := range s.entry(i).Deps {
			if j, ok := index[dep]; ok {
				n.needs = append(n.needs, j)
				s.nodes[j].feeds = append(s.nodes[j].feeds, i)
			}
		}
		if n.open = len(n.needs); n.open == 0 {
			s.ready = append(s.ready, i)
		}
	}
	return s
}

// entry is what is known of the change of a node.
func (s *splitter) entry(i int) *plan.Entry { return s.Entry(s.nodes[i].change) }

// peel makes everything that needs nothing which is not made.
func (s *splitter) peel() {
	for len(s.ready) > 0 {
		i := s.ready[len(s.ready)-1]
		s.ready = s.ready[:len(s.ready)-1]
		s.nodes[i].made = true
		for _, j := range s.nodes[i].feeds {
			s.release(j, i)
		}
	}
	for s.first < len(s.nodes) && s.nodes[s.first].made {
		s.first++
	}
}

// release tells node i that it need not wait for node j any more.
func (s *splitter) release(i, j int) {
	n := &s.nodes[i]
	at := slices.Index(n.needs, j)
	if at < 0 {
		return // it was cut
	}
	n.needs = slices.Delete(n.needs, at, at+1)
	if n.open--; n.open == 0 {
		s.ready = append(s.ready, i)
	}
}

// cycle finds nodes of which each needs the next, and the last the first.
func (s *splitter) cycle() []int {
	seen := make(map[int]int)
	var path []int
	for i := s.first; ; i = s.nodes[i].needs[0] {
		if at, ok := seen[i]; ok {
			return path[at:]
		}
		seen[i] = len(path)
		path = append(path, i)
	}
}

// cut breaks a cycle where that costs least: at what exists already, else at a record
// that is patched anyway, else at the one that most others wait for. Equal ones are
// decided by the order of the plan.
func (s *splitter) cut(cycle []int) bool {
	const free, patched, patch = 0, 1, 2
	best, bestCost, bestFeeds := -1, 0, 0
	for k, i := range cycle {
		target := cycle[(k+1)%len(cycle)]
		cost := patch
		switch {
		case s.entry(target).ID != "":
			cost = free
		case len(s.carriers(i, target)) == 0:
			continue // the reference cannot wait
		case s.nodes[i].deferred != nil:
			cost = patched
		}
		feeds := s.waiting(i)
		if best < 0 || cost < bestCost || cost == bestCost && (feeds > bestFeeds || feeds == bestFeeds && i < cycle[best]) {
			best, bestCost, bestFeeds = k, cost, feeds
		}
	}
	if best < 0 {
		return false
	}
	i, target := cycle[best], cycle[(best+1)%len(cycle)]
	if bestCost == free {
		s.drop(i, target)
		return true
	}
	s.postpone(i, s.carriers(i, target))
	return true
}

// unbreakable is a cycle of references that must all be set at creation.
func (s *splitter) unbreakable(cycle []int) (value.Pos, error) {
	var path []string
	for _, i := range append(slices.Clone(cycle), cycle[0]) {
		path = append(path, string(s.entry(i).Address))
	}
	return s.entry(cycle[0]).Source, value.Bad("cycle", "cycle", "remove-one-reference", value.L("steps", path))
}

// waiting counts the nodes that cannot be made before this one.
func (s *splitter) waiting(i int) int {
	n := 0
	for _, j := range s.nodes[i].feeds {
		if !s.nodes[j].made {
			n++
		}
	}
	return n
}

// carriers names the fields by which a change refers to another one; none, if it
// refers to it in another way too, or by a field that cannot be set later.
func (s *splitter) carriers(i, target int) []string {
	ch, address := s.Read(s.nodes[i].change), s.entry(target).Address
	r := s.set.Lookup(ch.Address)
	if r == nil || !ch.IsRecord() || value.NewAddress("spa", r.Type) == address {
		return nil
	}
	var out []string
	for _, d := range ch.Fields {
		if !slices.Contains(fieldRefs(r, d.Name), address) {
			continue
		}
		if d.Fixed || d.Parent == address {
			return nil
		}
		out = append(out, d.Name)
	}
	return out
}

// drop forgets that a change waits for another one.
func (s *splitter) drop(i, target int) {
	e, gone := s.entry(i), s.entry(target).Address
	e.Deps = slices.DeleteFunc(slices.Clone(e.Deps), func(a value.Address) bool { return a == gone })
	s.release(i, target)
}

// postpone takes fields out of the request that saves the record. What only they
// refer to is no longer waited for.
func (s *splitter) postpone(i int, fields []string) {
	n := &s.nodes[i]
	if n.deferred == nil {
		n.deferred = make(map[string]bool)
	}
	for _, name := range fields {
		n.deferred[name] = true
	}
	r := s.set.Lookup(s.entry(i).Address)
	kept := asSet(SentRefs(s.Read(n.change), r, n.deferred))
	var late []value.Address
	for name := range n.deferred {
		late = append(late, fieldRefs(r, name)...)
	}
	only := asSet(late)
	for _, j := range slices.Clone(n.needs) {
		if a := s.entry(j).Address; only[a] && !kept[a] {
			s.release(i, j)
		}
	}
}

func asSet(addresses []value.Address) map[value.Address]bool {
	set := make(map[value.Address]bool, len(addresses))
	for _, a := range addresses {
		set[a] = true
	}
	return set
}

// addPatches adds a step to each change of which a field was put off.
func (s *splitter) addPatches() {
	for i := range s.nodes {
		if n := &s.nodes[i]; n.deferred != nil {
			s.Alter(n.change, func(ch *plan.Change) { s.addPatch(ch, n.deferred) })
		}
	}
}

func (s *splitter) addPatch(ch *plan.Change, deferred map[string]bool) {
	r := s.set.Lookup(ch.Address)
	var names []string
	var deps []value.Address
	for k, d := range ch.Fields {
		if deferred[d.Name] {
			refs := fieldRefs(r, d.Name)
			names, deps = append(names, d.Name), append(deps, refs...)
			ch.Fields[k].Note = setAfter(refs)
		}
	}
	slices.Sort(deps)
	deps = slices.Compact(deps)
	ch.Deps = Without(ch.Deps, deps, SentRefs(ch, r, deferred))
	addPatch(ch, strings.Join(names, ", "), deps, names...)
}

// setAfter says what a field waits for.
func setAfter(refs []value.Address) value.Message {
	const most = 3
	first := value.L("resources", refs[:min(most, len(refs))])
	if more := len(refs) - most; more > 0 {
		return value.Say("set-after-some-exist", first, value.N("more", more))
	}
	return value.Say("set-after-all-exist", first, value.N("n", len(refs)))
}

// addPatch adds a step that updates some fields once the record is saved.
func addPatch(c *plan.Change, name string, deps []value.Address, fields ...string) {
	c.AddStep(plan.Step{Name: name, Deps: deps, Part: plan.Fields, Sets: fields}, fields...)
}
