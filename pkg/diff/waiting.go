package diff

import (
	"context"
	"reflect"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Of some records a row does not tell that they are as declared: they declare parts, which are
// read by lists of their own, or policies, or lie in the catalogue. These wait until they are
// many. Then their parts are asked for, and each is compared as Compute would. Who waits at
// the end is left to Compute, and shares the requests for its parts with what was found in
// other ways.

// partsHeld is how many records wait: those of four requests, which are under way at once.
const partsHeld = 4 * ask.Keys * ask.Searches

// wait has those records of a group wait that were found by their mark alone, and settles
// what waits once that is many.
func (s *settler) wait(ctx context.Context, g *group) error {
	if s == nil || !s.isLast(g) {
		return nil
	}
	for _, address := range g.addresses {
		r := s.Set.Lookup(address)
		if rows := s.state.Records[address]; len(rows) == 1 && len(s.state.Others[address]) == 0 && s.mayWait(g, r, rows[0]) {
			s.waiting = append(s.waiting, r)
		}
	}
	if len(s.waiting) < s.hold {
		return nil
	}
	return s.settleWaiting(ctx)
}

// isLast tells whether a group's records were looked for in all stores in which they may be.
func (s *settler) isLast(g *group) bool {
	all := s.Stores(g.Kind, g.EntityTypeID)
	return g.Store == all[len(all)-1]
}

// mayWait tells whether a record may turn out to be as declared by more than its row.
func (s *settler) mayWait(g *group, r *spec.Resource, row kind.Row) bool {
	if kind.RefusalIn(row) != nil || !s.mayBe(r) || !g.Kind.Methods.Placed && s.isPlain(g, r, row) {
		return false
	}
	shape := s.ShapeOf(r)
	return shape == nil || !shape.Compares || s.agrees(r, s.TypeOf(r), row)
}

// settleWaiting reads the parts of what waits, and settles what is as declared.
func (s *settler) settleWaiting(ctx context.Context) error {
	if err := s.readPartsOf(ctx, slices.Values(s.waiting)); err != nil {
		return err
	}
	for _, r := range s.waiting {
		if ch := s.tried(r); ch != nil {
			s.state.settled.add(r, value.IDNumber(ch.ID), ch.Title, ch.Deps)
			delete(s.state.Records, r.Address)
		} else {
			s.parted[r] = true
		}
	}
	s.waiting = s.waiting[:0]
	return nil
}

// tried compares a record before everything is read. It gives the change if that says no more
// than plan.Unchanged can and nothing else follows from it; nil else.
func (s *settler) tried(r *spec.Resource) *plan.Change {
	if s.trial == nil {
		if s.state.rowsByMark == nil {
			s.state.rowsByMark = make(map[string]bool)
		}
		s.trial = newComputer(s.Set, s.state)
		s.trial.View, s.trial.RowsByMark, s.trial.trial = s.View, s.state.rowsByMark, true
	}
	c := s.trial
	ch := c.change(r)
	if c.hasFindings() {
		s.trial = nil
		return nil
	}
	u := unchangedOf(r, c.TypeOf(r), value.IDNumber(ch.ID), ch.Title, ch.Deps)
	same := u.Change()
	same.Own, same.Saved, same.Place = ch.Own, ch.Saved, ch.Place
	if ch.Action != plan.NoOp || !reflect.DeepEqual(ch, same) {
		return nil
	}
	return &ch
}

// hasFindings tells whether something follows from the resources that were compared beside
// their own changes.
func (c *computer) hasFindings() bool {
	return c.Found() || len(c.fields)+len(c.shared)+len(c.linked)+len(c.records) > 0
}
