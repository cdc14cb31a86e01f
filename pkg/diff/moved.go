package diff

import (
	"maps"
	"slices"
	"strings"

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
