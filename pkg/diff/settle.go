package diff

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Most records of a large plan are as declared. One that shows it as soon as it is read is
// settled: its row is dropped, and what is kept of it is a few words. What cannot be told
// by then, such as a link to a record that is read later, is left to Compute with its row.

// A settled record is as declared.
type settled struct {
	id    int
	title string           // see plan.Unchanged
	deps  *[]value.Address // nil: those of the resource
}

// found tells whether any record was found by the owner's mark.
func (s *State) found() bool { return len(s.Records)+len(s.settled) > 0 }

// settle notes that a record is settled, one of at most n.
func (s *State) settle(r *spec.Resource, as settled, n int) {
	if s.settled == nil {
		s.settled = make(map[*spec.Resource]settled, n)
	}
	s.settled[r] = as
}

// has tells whether the record of a resource was found by its mark.
func (s *State) has(r *spec.Resource) bool {
	_, ok := s.settled[r]
	return ok || len(s.Records[r.Address]) > 0
}

// row gives what is left of the row of a settled record.
func (s settled) row() kind.Row { return kind.Row{"id": json.RawMessage(strconv.Itoa(s.id))} }

// A settler decides which records are settled.
type settler struct {
	*fetcher
	at    scope
	moved map[value.Address][]spec.Former
	// remembered are the records of which values are remembered: what agrees is to be
	// remembered anew, for which Compute needs the row.
	remembered map[kind.RecordID]bool
	waiting    []*spec.Resource // see wait
	trial      *computer        // see tried
}

// newSettler gives nil if no record can be settled: what follows from former names and from
// what -f leaves out is seen when everything is read.
func (f *fetcher) newSettler() *settler {
	if len(f.set.Project.FormerNames)+len(f.set.Beside) > 0 {
		return nil
	}
	return &settler{fetcher: f, moved: f.set.Moved(), remembered: f.state.Applied.IDs()}
}

// settle takes the settled records of a group out of what was found.
func (s *settler) settle(g *group, found findings) {
	if s == nil || g.Kind.Methods.Placed {
		return // it may be found in another store too
	}
	for address, rows := range found.own {
		r := s.set.Lookup(address)
		if len(rows) != 1 || refusalIn(rows[0]) != nil || len(found.others[address]) > 0 || !s.mayBe(r) || !s.isPlain(g, r, rows[0]) {
			continue
		}
		if s.agrees(r, s.recordType(r), rows[0]) {
			s.state.settle(r, settled{id: rows[0].Int("id"), title: titleOf(r, rows[0])}, len(s.set.Resources))
			delete(found.own, address)
		}
	}
}

// mayBe tells whether a record can be settled that its mark has found.
func (s *settler) mayBe(r *spec.Resource) bool {
	id, _ := r.Identity.ID(s.set.Env)
	return id == 0 && s.moved[r.Address] == nil && s.set.Managed(r.Address)
}

// isPlain tells whether a row shows all that is to be known of a record.
func (s *settler) isPlain(g *group, r *spec.Resource, row kind.Row) bool {
	shape := s.shapeOf(r)
	return shape != nil && shape.settles && !s.remembered[g.Record(row.Int("id"))]
}

// agrees tells whether a row is as declared, and nothing else is to be said of the record.
func (s *settler) agrees(r *spec.Resource, t recordType, row kind.Row) bool {
	targets, _ := s.targetsIn(&s.room, r, t)
	if s.slot(r, t).err != nil || len(unsearchable(r, targets)) > 0 {
		return false
	}
	s.at = *s.scope(t)
	s.at.ids = s.liveID
	s.choosePipeline(&s.at, targets, row)
	return !slices.ContainsFunc(targets, func(tg target) bool { return !s.holds(&tg, row) })
}

// holds tells whether a row holds a declared value, which names records by references only.
// What is wrong with it is Compute's to say.
func (s *settler) holds(tg *target, row kind.Row) bool {
	want, err := wantOf(&s.at, tg, row)
	switch {
	case err != nil || linksByID(tg, want):
		return false
	case tg.sameRaw(want, row):
		return true
	}
	live, err := s.at.read(tg, row)
	return err == nil && tg.codec.Same(want, live)
}

// linksByID tells whether a value names a record by anything but a reference: a deletion
// asks for it.
func linksByID(tg *target, want value.Value) bool {
	return tg.codec.Traits().Links && slices.ContainsFunc(one(value.Wanted(want)), func(v value.Value) bool { return v.Ref() == "" })
}

// titleOf is what people call a record.
func titleOf(r *spec.Resource, row kind.Row) string {
	live, declared := liveTitle(r.Kind, row), declaredTitle(r)
	if live == "" || live == declared {
		return declared // its text is in memory anyway
	}
	return live
}

// unchanged gives what a plan says of a settled record.
func (c *computer) unchanged(r *spec.Resource, s settled) plan.Unchanged {
	t, deps := c.recordType(r), r.Deps
	if s.deps != nil {
		deps = *s.deps
	}
	return plan.Unchanged{Address: r.Address, Kind: r.Kind.Name, ID: value.ID(s.id), EntityTypeID: t.entityTypeID, Type: t.addr,
		Title: s.title, Deps: deps, Source: r.Pos, Facts: r.Kind}
}
