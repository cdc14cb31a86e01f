package diff

import (
	"encoding/json"
	"iter"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Most records of a large plan are as declared. One that shows it as soon as it is read is
// settled: its row is dropped, and what is kept of it is a few words. What cannot be told
// by then, such as a link to a record that is read later, is left to Compute with its row.

// settledRecords are as declared: their ids, in the order of the set's resources, and what
// their manifests do not say as well. A nil one has none.
type settledRecords struct {
	set    *spec.Set
	ids    []int // 0 for what is not settled
	size   int
	titles map[int]string          // of which plan.Unchanged has another title
	deps   map[int][]value.Address // of which it has others
}

func newSettledRecords(set *spec.Set) *settledRecords {
	return &settledRecords{set: set, ids: make([]int, len(set.Resources)), titles: make(map[int]string), deps: make(map[int][]value.Address)}
}

// add notes a record with its live title and what it waits for.
func (s *settledRecords) add(r *spec.Resource, id int, title string, deps []value.Address) {
	i, known := s.set.Index(r)
	if !known || s.ids[i] != 0 {
		return
	}
	s.ids[i] = id
	s.size++
	if title != "" && title != r.Title() {
		s.titles[i] = title
	}
	if !slices.Equal(deps, r.Deps) {
		s.deps[i] = deps
	}
}

// id gives the id of a record that is settled.
func (s *settledRecords) id(r *spec.Resource) (int, bool) {
	if s == nil {
		return 0, false
	}
	i, known := s.set.Index(r)
	if !known {
		return 0, false
	}
	return s.ids[i], s.ids[i] != 0
}

func (s *settledRecords) len() int {
	if s == nil {
		return 0
	}
	return s.size
}

// all gives the resources with the ids of their records.
func (s *settledRecords) all() iter.Seq2[*spec.Resource, int] {
	return func(yield func(*spec.Resource, int) bool) {
		if s == nil {
			return
		}
		for i, id := range s.ids {
			if id != 0 && !yield(s.set.Resources[i], id) {
				return
			}
		}
	}
}

// found tells whether any record was found by the owner's mark.
func (s *State) found() bool { return len(s.Records)+s.settled.len() > 0 }

// has tells whether the record of a resource was found by its mark.
func (s *State) has(r *spec.Resource) bool {
	_, ok := s.settled.id(r)
	return ok || len(s.Records[r.Address]) > 0
}

// rowOf gives what is left of the row of a settled record.
func rowOf(id int) kind.Row { return kind.Row{"id": json.RawMessage(strconv.Itoa(id))} }

// A settler decides which records are settled.
type settler struct {
	*fetcher
	at    meta.Scope
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
	if len(f.Set.Project.FormerNames)+len(f.Set.Beside) > 0 {
		return nil
	}
	f.state.settled = newSettledRecords(f.Set)
	return &settler{fetcher: f, moved: f.Set.Moved(), remembered: f.state.Applied.IDs()}
}

// settle takes the settled records of a group out of what was found.
func (s *settler) settle(g *group, found findings) {
	if s == nil || g.Kind.Methods.Placed {
		return // it may be found in another store too
	}
	for address, rows := range found.own {
		r := s.Set.Lookup(address)
		if len(rows) != 1 || kind.RefusalIn(rows[0]) != nil || len(found.others[address]) > 0 || !s.mayBe(r) || !s.isPlain(g, r, rows[0]) {
			continue
		}
		if s.agrees(r, s.TypeOf(r), rows[0]) {
			s.state.settled.add(r, rows[0].Int("id"), r.Kind.TitleOf(rows[0]), r.Deps)
			delete(found.own, address)
		}
	}
}

// mayBe tells whether a record can be settled that its mark has found.
func (s *settler) mayBe(r *spec.Resource) bool {
	id, _ := r.Identity.ID(s.Set.Env)
	return id == 0 && s.moved[r.Address] == nil && s.Set.Managed(r.Address)
}

// isPlain tells whether a row shows all that is to be known of a record.
func (s *settler) isPlain(g *group, r *spec.Resource, row kind.Row) bool {
	shape := s.ShapeOf(r)
	return shape != nil && shape.Settles && !s.remembered[g.Record(row.Int("id"))]
}

// agrees tells whether a row is as declared, and nothing else is to be said of the record.
func (s *settler) agrees(r *spec.Resource, t declared.Type, row kind.Row) bool {
	targets, _ := s.TargetsIn(&s.room, r, t)
	if s.Slot(r, t).Err != nil || len(declared.Unsearchable(r, targets)) > 0 {
		return false
	}
	s.at = *s.Scope(t)
	s.at.IDs = s.liveID
	s.ChoosePipeline(&s.at, targets, row)
	return !slices.ContainsFunc(targets, func(tg declared.Target) bool { return !s.holds(&tg, row) })
}

// holds tells whether a row holds a declared value, which names records by references only.
// What is wrong with it is Compute's to say.
func (s *settler) holds(tg *declared.Target, row kind.Row) bool {
	want, err := declared.WantOf(&s.at, tg, row)
	switch {
	case err != nil || linksByID(tg, want):
		return false
	case tg.SameRaw(want, row):
		return true
	}
	live, err := tg.Read(&s.at, row)
	return err == nil && tg.Codec.Same(want, live)
}

// linksByID tells whether a value names a record by anything but a reference: a deletion
// asks for it.
func linksByID(tg *declared.Target, want value.Value) bool {
	return tg.Codec.Traits().Links && slices.ContainsFunc(value.Each(value.Wanted(want)), func(v value.Value) bool { return v.Ref() == "" })
}

// unchanged gives what a plan says of the settled records. It keeps nothing of the portal but
// their ids.
func (c *computer) unchanged() *plan.UnchangedList {
	of := c.state.settled
	places := make([]int32, 0, of.len())
	for r := range of.all() {
		i, _ := c.Set.Index(r)
		places = append(places, int32(i))
		c.TypeOf(r) // so that the type is known
	}
	types := c.TypesOnly()
	return plan.NewUnchanged(len(places), func(n int) plan.Unchanged {
		i := int(places[n])
		r := of.set.Resources[i]
		title, named := of.titles[i]
		if !named {
			title = r.Title()
		}
		deps, others := of.deps[i]
		if !others {
			deps = r.Deps
		}
		return unchangedOf(r, types.TypeOf(r), of.ids[i], title, deps)
	})
}

func unchangedOf(r *spec.Resource, t declared.Type, id int, title string, deps []value.Address) plan.Unchanged {
	return plan.Unchanged{Address: r.Address, Kind: r.Kind.Name, ID: value.ID(id), EntityTypeID: t.EntityTypeID, Type: t.Address,
		Title: title, Deps: deps, Source: r.Pos, Facts: r.Kind}
}
