package undo

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

var (
	textType   = value.Type{Name: "string"}
	numberType = value.Type{Name: "integer"}
)

// restoreRows takes back what was done to requisites, bank details and addresses.
func (m *maker) restoreRows(r *restorer) {
	for i := range r.deed.rows {
		row := &r.deed.rows[i]
		switch {
		case row.within: // it goes with what it belongs to
		case row.Part == plan.Address:
			r.address(row)
		case row.Remove:
			r.rowAgain(row)
		case row.Step.ID == "":
			r.rowAway(m, row)
		default:
			r.rowBack(row)
		}
	}
}

// liveRow finds a requisite, or bank details, by their id.
func (r *restorer) liveRow(part plan.Part, id string) kind.Row {
	for _, row := range r.partRows {
		if part == plan.Requisite && value.ID(row.Int("ID")) == id {
			return row
		}
		for _, inner := range row.Rows(kind.BankDetailsPart) {
			if part == plan.BankDetail && value.ID(inner.Int("ID")) == id {
				return inner
			}
		}
	}
	return nil
}

// differs adds what of a row was changed since.
func (r *restorer) differs(row *rowDeed, live kind.Row) (n int) {
	for i := range row.fields {
		d := &row.fields[i]
		if d.Wire == "" {
			continue
		}
		if now, err := d.Codec().Read(live[d.Wire]); err != nil || !d.Codec().Same(d.Want, now) {
			r.drifts = append(r.drifts, drift(d, d.Want, now))
			n++
		}
	}
	return n
}

// rowAway deletes a row that was made.
func (r *restorer) rowAway(m *maker, row *rowDeed) {
	live := r.liveRow(row.Part, row.id)
	switch {
	case live == nil:
		return
	case row.claimed && !m.Claimed:
		r.drifts = append(r.drifts, value.Say("of-part", value.T("part", row.Name), value.M("said", value.Say("undo-claimed"))))
		return
	case r.differs(row, live) > 0:
		return
	}
	r.step(plan.Step{Name: row.Name, Part: row.Part, Remove: true, ID: row.id, Of: plan.Parent{ID: row.owner}, Live: live.Image()},
		plan.Field{Name: row.Name, Type: textType, Before: value.Shown{Text: nameOfRow(live)}})
}

// step adds a step with its fields.
func (r *restorer) step(s plan.Step, fields ...plan.Field) int {
	names := make([]string, len(fields))
	for i := range fields {
		for slices.ContainsFunc(r.Change.Fields, func(d plan.Field) bool { return d.Name == fields[i].Name }) {
			fields[i].Name += "'"
		}
		names[i] = fields[i].Name
	}
	r.Change.Fields = append(r.Change.Fields, fields...)
	r.AddStep(s, names...)
	return len(r.Steps)
}

// rowBack gives a row its former values, and takes the mark off one that was adopted.
func (r *restorer) rowBack(row *rowDeed) {
	live := r.liveRow(row.Part, row.id)
	if live == nil {
		r.drifts = append(r.drifts, value.Say("of-part", value.T("part", row.Name), value.M("said", value.Say("undo-is-gone"))))
		return
	}
	fields := r.formerly(row, live)
	if row.Adopts && plan.Carries(live, row.Mark) {
		for _, mark := range row.Mark {
			fields = append(fields, plan.Field{Name: row.Name + "." + mark.Wire, Type: value.Type{Name: "string", Blank: true}, Wire: mark.Wire, Before: value.Shown{Text: mark.Value}, Live: value.Text(mark.Value)})
		}
	}
	if len(fields) > 0 {
		r.step(plan.Step{Name: row.Name, Part: row.Part, ID: row.id, Of: plan.Parent{ID: row.owner}}, fields...)
	}
}

// formerly gives the columns of a row their former values.
func (r *restorer) formerly(row *rowDeed, live kind.Row) (out []plan.Field) {
	for i := range row.fields {
		d := &row.fields[i]
		if d.Wire == "" {
			continue
		}
		now, err := d.Codec().Read(live[d.Wire])
		switch {
		case err == nil && sameValue(d, d.Live, now):
		case err != nil || !d.Codec().Same(d.Want, now):
			r.drifts = append(r.drifts, drift(d, d.Want, now))
		default:
			out = append(out, inverse(d, d.Live, now))
		}
	}
	return out
}

// rowAgain makes a row again that was deleted, with what belonged to it.
func (r *restorer) rowAgain(row *rowDeed) {
	if r.liveRow(row.Part, row.Step.ID) != nil {
		return
	}
	family, _ := r.Facts.AnyPart(string(row.Part))
	of := plan.Parent{ID: row.owner}
	if row.Part == plan.BankDetail {
		of.ID = cmp.Or(of.ID, row.Live.Get("ENTITY_ID").Text)
	}
	r.makeRow(family, imageRow(row.Live), row.Name, of)
}

// standing finds a row that was made again before. What the run itself has made in the place of
// one that it deleted is another one.
func (r *restorer) standing(part plan.Part, mark []plan.Mark) kind.Row {
	for _, row := range r.partRows {
		candidates := []kind.Row{row}
		if part == plan.BankDetail {
			candidates = row.Rows(kind.BankDetailsPart)
		}
		for _, live := range candidates {
			ofRun := r.deed != r.back && slices.ContainsFunc(r.deed.rows, func(d rowDeed) bool {
				return d.Part == part && d.Step.ID == "" && d.id == value.ID(live.Int("ID"))
			})
			if plan.Carries(live, mark) && !ofRun {
				return live
			}
		}
	}
	return nil
}

// madeRow tells whether a row with a mark was made.
func (d *deed) madeRow(part plan.Part, mark []plan.Mark) bool {
	return d != nil && slices.ContainsFunc(d.rows, func(r rowDeed) bool {
		return r.Part == part && !r.Remove && slices.Equal(r.Mark, mark)
	})
}

// makeRow adds the steps that make a row from what was read of it, but for what stands again.
func (r *restorer) makeRow(family kind.Part, row kind.Row, name string, of plan.Parent) {
	var fields []plan.Field
	for _, wire := range slices.Sorted(maps.Keys(row)) {
		if rule, ok := columnOf(family, wire); ok && row.Text(wire) != "" {
			fields = append(fields, rowField(name, wire, rule.ValueType(), row))
		}
	}
	if id := row.Text("PRESET_ID"); id != "" && family.Name == kind.RequisitesPart {
		fields = append(fields, rowField(name, "PRESET_ID", numberType, row))
	}
	step := plan.Step{Name: name, Part: plan.Part(family.Name), Of: of, Mark: rowMark(row)}
	if of.Step > 0 {
		step.After = []int{of.Step - 1}
	}
	var made plan.Parent
	if live := r.standing(step.Part, step.Mark); live != nil {
		made.ID = value.ID(live.Int("ID"))
	} else if r.back.madeRow(step.Part, step.Mark) {
		return // and somebody has deleted it since
	} else {
		made.Step = r.step(step, fields...)
	}
	if bank, ok := family.Part(kind.BankDetailsPart); ok {
		for _, inner := range row.Rows(kind.BankDetailsPart) {
			r.makeRow(bank, inner, name+"."+kind.BankDetailsPart+"."+nameOfRow(inner), made)
		}
	}
	for _, inner := range row.Rows(kind.AddressesPart) {
		r.makeAddress(inner, name+"."+kind.AddressesPart, made)
	}
}

// rowMark is what tells rows apart, by which one is found if the answer to its making is lost.
// One without an external code gets one.
func rowMark(row kind.Row) []plan.Mark {
	code := plan.Mark{Wire: "XML_ID", Value: cmp.Or(row.Text("XML_ID"), plan.MarkPrefix+"undo:"+row.Text("ID"))}
	if owner := row.Text("ORIGINATOR_ID"); owner != "" {
		return []plan.Mark{{Wire: "ORIGINATOR_ID", Value: owner}, code}
	}
	return []plan.Mark{code}
}

func rowField(name, wire string, typ value.Type, row kind.Row) plan.Field {
	d := plan.Field{Name: name + "." + wire, Type: typ, Wire: wire}
	if want, err := d.Codec().Read(row[wire]); err == nil {
		d.Want, d.After = want, shown(&d, want)
	}
	return d
}

// columnOf finds a column of a part by its name on the wire, also among those by their official
// names; user fields are texts.
func columnOf(family kind.Part, wire string) (kind.Rule, bool) {
	columns := family.Columns
	if official, ok := family.Part(kind.ColumnsPart); ok {
		columns = slices.Concat(columns, official.Columns)
	}
	i := slices.IndexFunc(columns, func(r kind.Rule) bool {
		return r.Wire == wire || r.Wire == "" && r.Name == wire
	})
	if i >= 0 {
		return columns[i], true
	}
	return kind.Rule{Name: wire, Type: kind.TypeString}, strings.HasPrefix(wire, "UF_")
}

// nameOfRow names a row for people.
func nameOfRow(row kind.Row) string { return cmp.Or(row.Text("NAME"), "#"+row.Text("ID")) }

// imageRow is the row that an image is of; see [kind.Row.Image].
func imageRow(v value.Value) kind.Row {
	row := kind.Row{}
	for _, p := range v.Parts {
		if p.Name == kind.BankDetailsPart || p.Name == kind.AddressesPart {
			var rows []kind.Row
			for _, inner := range p.Value.Entries() {
				rows = append(rows, imageRow(inner))
			}
			row[p.Name] = encoded(rows)
			continue
		}
		row[p.Name], _ = p.Value.MarshalJSON() // a text has no errors
	}
	return row
}
