package spec

import (
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Bounds of what is told about cycles: a few show where to begin.
const (
	maxCycles = 20
	maxSteps  = 12
)

// noteFirm keeps a dependency that can be part of a cycle which nothing can break.
// The others are references of records, which can be filled in once both are there; and
// nothing that a record's type depends on leads back to the record.
func (l *linker) noteFirm(r *Resource, k link) {
	if !k.firm || r.Kind.Class == kind.ClassRecord && l.byAddress[k.target].Kind.Class != kind.ClassRecord {
		return
	}
	if l.firm == nil {
		l.firm = make(map[*Resource][]value.Address)
	}
	l.firm[r] = append(l.firm[r], k.target)
}

// findCycles reports each cycle of firm dependencies that a walk along them closes, at
// the reference that closes it. A cycle starts at its smallest address, so that the
// order of files does not show.
func (l *linker) findCycles() {
	const (
		open = iota + 1
		done
	)
	state := make(map[*Resource]int, len(l.resources))
	var path []*Resource
	cycles := 0
	var visit func(*Resource)
	visit = func(r *Resource) {
		state[r] = open
		path = append(path, r)
		slices.Sort(l.firm[r])
		for _, dep := range slices.Compact(l.firm[r]) {
			switch next := l.byAddress[dep]; state[next] {
			case 0:
				visit(next)
			case open:
				if cycles++; cycles > maxCycles {
					continue
				}
				l.reportCycle(slices.Clone(path[slices.Index(path, next):]))
			}
		}
		path = path[:len(path)-1]
		state[r] = done
	}
	sorted := slices.Collect(maps.Keys(l.firm))
	sortResources(sorted)
	for _, r := range sorted {
		if state[r] == 0 {
			visit(r)
		}
	}
}

// reportCycle reports a cycle in which each resource depends on the next, and the
// last on the first.
func (l *linker) reportCycle(cycle []*Resource) {
	least := 0
	for i, r := range cycle {
		if r.Address < cycle[least].Address {
			least = i
		}
	}
	cycle = append(cycle[least:], cycle[:least]...)
	var steps []string
	for _, r := range cycle {
		steps = append(steps, string(r.Address))
	}
	steps = append(steps, steps[0])
	if n := len(steps); n > maxSteps {
		steps = slices.Concat(steps[:maxSteps/2], []string{"…"}, steps[n-maxSteps/2:])
	}
	last := cycle[len(cycle)-1]
	at := last.Pos
	for _, k := range l.links(last, last.Fields(), last.Parts()) {
		if k.target == cycle[0].Address {
			at = k.at
			break
		}
	}
	hint := value.Say("remove-reference-of-cycle")
	if last.Kind.Class == kind.ClassType {
		hint = value.Say("declare-relation-once")
	}
	l.problem(at, string(cycle[0].Address), "cycle", hint, value.Say("cycle", value.L("steps", steps)))
}
