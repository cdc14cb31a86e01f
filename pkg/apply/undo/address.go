package undo

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// madeAddress tells whether an address of a type was made.
func (d *deed) madeAddress(of plan.Parent, typ string) bool {
	return d != nil && of.Step == 0 && slices.ContainsFunc(d.rows, func(r rowDeed) bool {
		return r.Part == plan.Address && !r.Remove && r.Type == typ && r.owner == of.ID
	})
}

// liveAddress finds the address of a type.
func (r *restorer) liveAddress(row *rowDeed) kind.Row {
	rows := r.addresses
	if row.owner != "" {
		rows = r.liveRow(plan.Requisite, row.owner).Rows(kind.AddressesPart)
	}
	i := slices.IndexFunc(rows, func(a kind.Row) bool { return value.ID(a.Int("TYPE_ID")) == row.Type })
	if i < 0 {
		return nil
	}
	return rows[i]
}

// address takes back what was done to an address.
func (r *restorer) address(row *rowDeed) {
	live := r.liveAddress(row)
	of := plan.Parent{ID: row.owner}
	switch {
	case row.Remove && live == nil:
		r.makeAddress(addressRow(row), "", of)
	case row.Remove:
	case live == nil && row.Live.IsEmpty():
	case live == nil:
		r.drifts = append(r.drifts, value.Say("of-part", value.T("part", row.Name), value.M("said", value.Say("undo-is-gone"))))
	case row.Live.IsEmpty():
		if r.differs(row, live) == 0 {
			r.step(plan.Step{Name: row.Name, Part: plan.Address, Remove: true, Of: of, Type: row.Type, Live: linesOf(live)},
				plan.Field{Name: row.Name, Type: textType, Before: value.Shown{Text: kind.AddressLine(live)}})
		}
	default:
		if fields := r.formerly(row, live); len(fields) > 0 {
			r.step(plan.Step{Name: row.Name, Part: plan.Address, Of: of, Type: row.Type, Live: linesOf(live)}, fields...)
		}
	}
}

// addressRow is an address that was deleted.
func addressRow(row *rowDeed) kind.Row {
	out := imageRow(row.Live)
	out["TYPE_ID"] = []byte(row.Type)
	return out
}

// makeAddress adds the step that makes an address from what was read of it.
func (r *restorer) makeAddress(row kind.Row, path string, of plan.Parent) {
	typ := value.ID(row.Int("TYPE_ID"))
	name := path + "." + typ
	if path == "" {
		name = kind.AddressesPart + "." + typ
	}
	var fields []plan.Field
	for _, c := range kind.AddressColumns() {
		if row.Text(c.Wire) != "" {
			fields = append(fields, rowField(name, c.Wire, textType, row))
		}
	}
	if len(fields) == 0 || r.back.madeAddress(of, typ) {
		return
	}
	step := plan.Step{Name: name, Part: plan.Address, Of: of, Type: typ}
	if live := r.liveAddress(&rowDeed{Step: step, owner: of.ID}); live != nil && of.Step == 0 {
		r.differs(&rowDeed{Step: step, fields: fields}, live)
		return
	}
	if of.Step > 0 {
		step.After = []int{of.Step - 1}
	}
	r.step(step, fields...)
}

// linesOf gives the lines of an address that is there.
func linesOf(row kind.Row) value.Value {
	lines := []value.Part{}
	for _, c := range kind.AddressColumns() {
		if t := row.Text(c.Wire); t != "" {
			lines = append(lines, value.Part{Name: c.Wire, Value: value.Text(t)})
		}
	}
	return value.Mapped(lines...)
}
