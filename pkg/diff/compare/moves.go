package compare

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Followers lists the fields of a kind that saves of others may move, as a final stage moves
// the end date, unless they are declared themselves.
func Followers(r *spec.Resource, saved func(name string) bool) (out []kind.Rule) {
	for _, rule := range r.Kind.Fields {
		if slices.ContainsFunc(rule.Follows, saved) && !slices.Contains(r.Outline().Fields, rule.Name) {
			out = append(out, rule)
		}
	}
	return out
}

// noteMoves keeps what the saves of a change may move, so that undoing it can put that back:
// undeclared fields, and what stood where the owner's mark is written.
func (c *Comparer) noteMoves(ch *plan.Change, r *spec.Resource, row kind.Row) {
	if ch.Action != plan.Update && ch.Action != plan.Adopt || !ch.IsRecord() {
		return
	}
	for _, rule := range Followers(r, func(name string) bool {
		return slices.ContainsFunc(ch.Fields, func(d plan.Field) bool { return d.Name == name })
	}) {
		if raw, shown := row[rule.Name]; shown {
			d := plan.Field{Name: rule.Name, Label: c.Meta.Label(ch.EntityTypeID, rule.Name), Type: rule.ValueType(), Wire: rule.Name}
			live, err := d.Read(kind.Row{rule.Name: raw})
			if err == nil {
				d.Live = live
				ch.Moves = append(ch.Moves, d)
			}
		}
	}
	if !ch.TakesOver() {
		return
	}
	for _, wire := range ch.Takeover.Slot {
		d := plan.Field{Name: wire, Type: kind.Texts, Wire: wire}
		if text := row.Text(wire); text != "" {
			d.Live = value.Text(text)
		}
		ch.Moves = append(ch.Moves, d)
	}
}
