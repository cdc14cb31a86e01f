package wire

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A double is what a roll call has seen of a record that is to be deleted because another one
// carries its mark.
type double struct {
	stays   bool // the other one is there
	pointed bool // something points at this one
}

// StaysCommand reads the record that is to stay when a double is deleted. It goes before the
// deletion in a batch that halts.
func StaysCommand(c *plan.Change) bitrix.Command {
	read := ReadCommand(c)
	read.Params["id"] = value.IDNumber(c.Double.Stays)
	return read
}

// addDoubles asks about doubles whether what is to stay is there, and what points at them.
func (r *RollCall) addDoubles(changes []*plan.Change) {
	byStore := make(map[int][]*plan.Change)
	for _, c := range changes {
		if c.Double != nil {
			if r.doubles == nil {
				r.doubles = make(map[*plan.Change]*double)
			}
			r.doubles[c] = &double{}
			byStore[c.EntityTypeID] = append(byStore[c.EntityTypeID], c)
		}
	}
	for _, c := range changes {
		if group := byStore[c.EntityTypeID]; c.Double != nil && group[0] == c {
			for part := range slices.Chunk(group, kind.SearchSize) {
				r.addStaying(part)
				r.addPointing(part)
			}
		}
	}
}

func (r *RollCall) addStaying(group []*plan.Change) {
	at := group[0].Store()
	columns := []any{"id"}
	ids := make([]any, len(group))
	for i, c := range group {
		ids[i] = value.IDNumber(c.Double.Stays)
	}
	for _, m := range group[0].Mark {
		columns = append(columns, m.Wire)
	}
	r.ask(listOf(at, map[string]any{at.Kind.Methods.Among("id"): ids}, columns), roll{changes: group, take: func(r *RollCall, row kind.Row) {
		for _, c := range group {
			if value.IDNumber(c.Double.Stays) == row.Int("id") && plan.Carries(row, c.Mark) {
				r.doubles[c].stays = true
			}
		}
	}})
}

func (r *RollCall) addPointing(group []*plan.Change) {
	ids := make([]any, len(group))
	for i, c := range group {
		ids[i] = value.IDNumber(c.ID)
	}
	for _, f := range group[0].Double.Pointed {
		at := kind.Store{Kind: group[0].Facts, EntityTypeID: f.EntityTypeID}
		among := at.Kind.Methods.Among(f.Wire)
		if f.Multiple {
			among = f.Wire
		}
		codec := value.MustCodecOf(value.Type{Name: string(kind.TypeEntity), Multiple: f.Multiple})
		r.ask(listOf(at, map[string]any{among: ids}, []any{"id", f.Wire}), roll{changes: group, take: func(r *RollCall, row kind.Row) {
			links, err := codec.Read(row[f.Wire])
			for _, c := range group {
				r.doubles[c].pointed = r.doubles[c].pointed || err != nil || holds(links, c.ID)
			}
		}})
	}
}

// holds tells whether one or several links name an id.
func holds(links value.Value, id string) bool {
	if links.Form == value.FormText {
		return links.Text == id
	}
	return slices.ContainsFunc(links.Entries(), func(l value.Value) bool { return l.Text == id })
}

// judgeDoubles says of doubles whether they may be deleted, and of those that are gone whether
// the one that stays is there.
func (r *RollCall) judgeDoubles(out map[*plan.Change]Presence) {
	for c, d := range r.doubles {
		switch {
		case out[c] == Gone && !d.stays:
			out[c] = Lost
		case out[c] == Ours && !d.stays:
			out[c] = Single
		case out[c] == Ours && d.pointed:
			out[c] = Pointed
		}
	}
}
