package diff

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A move is what became of a declared address that others lead to.
type move struct {
	from     *spec.Resource // the address whose mark the record still carries
	conflict value.Message  // why it is not known which record is meant
	merged   bool           // people made the two records one
}

// followMoves gives the state in which the record of a former address stands under
// the declared one, and tells which ones those are. The given state stays as it is.
func followMoves(set *spec.Set, state *State) (*State, map[value.Address]move) {
	moved := set.Moved()
	if len(moved) == 0 {
		return state, nil
	}
	out := *state
	out.Records = maps.Clone(state.Records)
	if out.Records == nil {
		out.Records = make(map[value.Address][]kind.Row)
	}
	moves := make(map[value.Address]move)
	for to, formers := range moved {
		var there []value.Message
		if rows := state.Records[to]; len(rows) > 0 {
			there = append(there, withIDs(to, rows))
		}
		var from *spec.Resource
		merged := false
		for _, f := range formers {
			if rows := state.Former[f.Address]; len(rows) > 0 {
				from, merged = f.Resource, merged || f.Merged
				there = append(there, withIDs(f.Address, rows))
			}
		}
		switch {
		case from == nil: // done, or never there
		case len(there) > 1:
			slices.SortFunc(there, value.Message.Compare)
			moves[to] = move{conflict: value.Say("both-are-there", value.Ms("records", there)), merged: merged}
		default:
			moves[to] = move{from: from, merged: merged}
			out.Records[to] = state.Former[from.Address]
		}
	}
	return &out, moves
}

// withIDs names the records behind an address.
func withIDs(a value.Address, rows []kind.Row) value.Message {
	return value.Say("resource-with-ids", value.T("resource", a), value.T("ids", rowIDs(rows)))
}

// rename makes a change rewrite the mark of a record that goes by a former address.
func (c *computer) rename(ch *plan.Change, r *spec.Resource) {
	m, ok := c.moves[r.Address]
	owner := c.renamed[r.Address]
	switch {
	case !ok && owner == "" || ch.Action == plan.Refuse:
		return
	case !m.conflict.IsZero() && m.merged:
		ch.RefuseFor("MERGE_CONFLICT", m.conflict, value.Message{})
		return
	case !m.conflict.IsZero():
		ch.RefuseFor("MOVE_CONFLICT", m.conflict, value.Message{})
		return
	}
	row := c.identity(r).row
	for _, m := range c.FormerMark(r, c.TypeOf(r)) {
		if live := row.Text(m.Wire); live != m.Value {
			ch.Fields = append(ch.Fields, plan.Field{Name: m.Wire, Type: kind.Texts, Before: value.ShownText(live), After: value.ShownText(m.Value),
				Wire: m.Wire, Want: value.Text(m.Value), Live: value.Text(live)})
		}
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) })
	ch.Action, ch.Reason.Message = plan.Update, formerly(m, owner)
	if m.merged {
		ch.Reason.Message = value.Say("with-which-merged", value.M("why", ch.Reason.Message))
	}
}

// formerly says what a record was.
func formerly(m move, owner string) value.Message {
	switch {
	case m.from == nil:
		return value.Say("carries-former-mark", value.T("owner", owner))
	case owner == "":
		return value.Say("it-was", value.T("address", m.from.Address))
	}
	return value.Say("it-was-and-carries-former-mark", value.T("address", m.from.Address), value.T("owner", owner))
}

// readMoved looks up the former records of declared ones, with the columns that
// comparing the declared ones needs. What is read after this knows where they are.
func (f *fetcher) readMoved(ctx context.Context) error {
	moved := f.Set.Moved()
	var groups []*group
	for _, to := range slices.Sorted(maps.Keys(moved)) {
		r := f.Set.Lookup(to)
		if r == nil {
			continue
		}
		t := f.TypeOf(r)
		if !f.readable(r, t) || f.FormerMark(r, t) == nil {
			continue
		}
		columns, whole := f.wires(r, t)
		for _, former := range moved[to] {
			for _, at := range f.Stores(r.Kind, t.EntityTypeID) {
				groups = f.addFormer(groups, former.Resource, t, newGroup(at, f.Slot(r, t), whole), columns)
			}
		}
	}
	err := f.lookUp(ctx, slices.Values(groups), func(_ *group, found findings) error {
		f.keep(f.state.Former, f.state.FormerOthers, found)
		return nil
	})
	if err != nil {
		return err
	}
	for to, all := range moved {
		for _, former := range all {
			if no := f.state.NotRead[former.Address]; no != nil {
				f.hide(to, no)
			}
		}
	}
	renamed, _ := followOwners(f.Set, f.state)
	f.followed, _ = followMoves(f.Set, renamed)
	return nil
}

// addFormer files a former address into a group of its store that has room, else into
// a fresh one.
func (f *fetcher) addFormer(groups []*group, r *spec.Resource, t declared.Type, fresh *group, columns []string) []*group {
	i := slices.IndexFunc(groups, func(g *group) bool {
		return g.Store == fresh.Store && g.whole == fresh.whole && g.hasRoom(f.Owners())
	})
	if i < 0 {
		i = len(groups)
		groups = append(groups, fresh)
	}
	g := groups[i]
	g.add(r.Address, f.Owners())
	g.columns = append(g.columns, columns...)
	slices.Sort(g.columns)
	g.columns = slices.Compact(g.columns)
	return groups
}

// namesFormerTypes tells whether an address of the past leads to a smart process.
func namesFormerTypes(set *spec.Set) bool {
	return slices.ContainsFunc(set.Former, func(f spec.Former) bool { return f.Kind.EntityTypeID == 0 && !f.Kind.Methods.Placed })
}
