package compare

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A partDiff gathers the steps of a change for its requisites or addresses.
type partDiff struct {
	*Comparer
	change *plan.Change
	scope  *meta.Scope
	keeper *keeper
}

// diffRequisites compares the requisites of a record, or the addresses of a lead, if it
// declares any. Each row is saved by a step of its own; what belongs to a new one waits
// for it.
func (c *Comparer) diffRequisites(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) {
	if ch.Action == plan.Refuse {
		return
	}
	d := &partDiff{Comparer: c, change: ch, scope: c.Scope(t), keeper: c.keeper(ch, r, row)}
	managed := func(name string) (value.Field, bool) {
		part, ok := r.Part(name)
		return part, ok && d.keeper.manages(name)
	}
	for _, name := range []string{kind.RequisitesPart, kind.AddressesPart} {
		if _, ok := managed(name); ok && denial.RefuseHidden(ch, row, name) {
			return
		}
		if _, ok := managed(name); ok && row != nil && row[name] == nil {
			ch.RefuseFor("NOT_READ", value.Say("part-not-read", value.T("part", name)), value.Message{})
			return
		}
	}
	if part, ok := managed(kind.RequisitesPart); ok {
		entries := c.entries(d.scope, &requisitesPart, c.Meta.Requisites.Fields, part.Value, part.Name)
		d.requisites(entries, row.Rows(part.Name))
	}
	if part, ok := managed(kind.AddressesPart); ok {
		d.addresses(plan.Parent{}, c.addressEntries(part.Value, part.Name), part.Name, row.Rows(part.Name))
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
}

// requisites compares the declared requisites with those that are ours or nobody's.
func (d *partDiff) requisites(entries []entry, live []kind.Row) {
	p, err := d.pairer(&requisitesPart).pair(entries, live)
	d.noteMarked(&requisitesPart, p)
	if err != nil {
		d.refuseAlike(err)
		return
	}
	for _, row := range d.removable(kind.RequisitesPart, p.gone) {
		d.remove(&requisitesPart, kind.RequisitesPart, row, value.Say("with-what-belongs-to-it"))
	}
	for i := range entries {
		e, row := &entries[i], p.rows[i]
		if row != nil && e.preset != 0 && row.Int("PRESET_ID") != e.preset {
			now := presetName(&d.Meta.Requisites, row.Int("PRESET_ID"))
			d.File(denial.ProblemWith(e.pinned, value.Bad("immutable", "preset-set-at-creation", "write-preset-or-new-key", value.T("entry", e.path), value.Q("preset", now), value.T("name", now))), "IMMUTABLE")
			continue
		}
		if d.leaves(e.path, row) {
			continue
		}
		step := d.saveRow(&requisitesPart, e, row, p.adopted[i], plan.Parent{})
		d.belongings(e, row, step)
	}
}

// pairer finds the rows of one family for the record.
func (d *partDiff) pairer(family *kind.Part) *pairer {
	return &pairer{d.scope, family, d.Owners(), d.Set.Project.AdoptOf(d.keeper.r) == spec.AdoptForce}
}

// belongings compares what belongs to a requisite. step is the one that makes it.
func (d *partDiff) belongings(e *entry, row kind.Row, step int) {
	if e.posted != nil {
		d.addresses(plan.Parent{ID: value.ID(row.Int("ID")), Step: step}, *e.posted, e.path+"."+kind.AddressesPart, row.Rows(kind.AddressesPart))
	}
	if e.bank == nil {
		return
	}
	p, err := d.pairer(&bankPart).pair(*e.bank, row.Rows(kind.BankDetailsPart))
	d.noteMarked(&bankPart, p)
	if err != nil {
		d.refuseAlike(err)
		return
	}
	for _, gone := range d.removable(e.path+"."+kind.BankDetailsPart, p.gone) {
		d.remove(&bankPart, e.path+"."+kind.BankDetailsPart, gone, value.Message{})
	}
	for i := range *e.bank {
		if d.leaves((*e.bank)[i].path, p.rows[i]) {
			continue
		}
		d.saveRow(&bankPart, &(*e.bank)[i], p.rows[i], p.adopted[i], plan.Parent{ID: value.ID(row.Int("ID")), Step: step})
	}
}

// noteMarked remembers that the portal shows the marks of rows, if it has shown one.
func (d *partDiff) noteMarked(family *kind.Part, p pairing) {
	for i, row := range p.rows {
		if row != nil && p.adopted[i].IsZero() {
			d.RowsByMark[family.Rows.Method] = true
		}
	}
}

// refuseAlike refuses a change of which nobody can tell what it means.
func (d *partDiff) refuseAlike(err error) {
	code, hint := "AMBIGUOUS_KEY", value.Message{}
	if f, ok := err.(*value.Fault); ok {
		code, hint = cmp.Or(f.Rule, code), f.Hint
	}
	d.change.RefuseFor(code, value.SaidBy(err), hint)
}

// saveRow adds the step that saves one row, if it differs. It gives the step that what
// belongs to the row has to wait for.
func (d *partDiff) saveRow(family *kind.Part, e *entry, row kind.Row, takes value.Message, parent plan.Parent) int {
	fields, ok := d.rowFields(family, e, row)
	if !ok {
		return 0
	}
	if !takes.IsZero() {
		fields = append(fields, plan.Field{Name: e.path, Type: kind.Texts, Before: value.Worded(value.Say("row-until-now", value.T("row", rowName(row)), value.M("whose", takes))), After: value.Worded(value.Say("row-is-adopted"))})
	}
	if len(fields) == 0 {
		return 0
	}
	step := d.add(parent, fields, plan.Step{Name: e.path, Part: plan.Part(family.Name), ID: value.ID(row.Int("ID")), Of: parent,
		Mark: marksOf(d.Set.Project.Name, e.key), Adopts: !takes.IsZero(), Trace: d.presence(e.path)})
	if row != nil {
		return 0
	}
	return step
}

// rowFields compares the declared columns of an entry with a row; of a new one all are
// sent. It is not ok if one of them is wrong.
func (d *partDiff) rowFields(family *kind.Part, e *entry, row kind.Row) ([]plan.Field, bool) {
	var out []plan.Field
	ok := true
	k := d.keeperOf(row)
	for i := range e.targets {
		tg := &e.targets[i]
		field, differs, err := declared.Compare(d.scope, tg, row)
		if bad, is := err.(*denial.Unreadable); is {
			d.change.RefuseFor("UNREADABLE_VALUE", denial.OfField(tg.Name, bad), denial.LeaveField)
			return nil, false
		}
		if err != nil {
			d.ObjectTo(tg.Name, tg.Value, tg.Rule.Name == "", err)
			ok = false
		} else if d.changes(k, &field, differs) {
			out = append(out, field)
		}
	}
	if row == nil {
		out = append(out, d.newRow(family, e)...)
	}
	return out, ok
}

// newRow gives what a new row has beside the declared columns: a requisite its
// template, and each a name, which the portal demands.
func (d *partDiff) newRow(family *kind.Part, e *entry) []plan.Field {
	var out []plan.Field
	preset := presetName(&d.Meta.Requisites, e.preset)
	if family == &requisitesPart {
		out = append(out, plan.Field{Name: e.path + ".preset", Type: kind.Integers, After: value.ShownText(preset), Want: value.Text(strconv.Itoa(e.preset)), Wire: "PRESET_ID"})
	}
	if e.want(d.scope, "NAME") == "" {
		name := e.rowName(d.scope, family)
		out = append(out, plan.Field{Name: e.path + ".name", Type: kind.Texts, After: value.ShownText(name), Want: value.Text(name), Wire: "NAME"})
	}
	return out
}

// remove adds the step that deletes a row which is declared no more.
func (d *partDiff) remove(family *kind.Part, path string, row kind.Row, note value.Message) {
	key := row.Text("XML_ID")[len(rowPrefix):]
	field := plan.Field{Name: path + "." + key, Type: kind.Texts, Before: value.ShownText(rowName(row)), Note: note}
	if slices.ContainsFunc(d.change.Fields, func(f plan.Field) bool { return f.Name == field.Name }) {
		field.Name += " (" + rowName(row) + ")"
	}
	d.add(plan.Parent{}, []plan.Field{field}, plan.Step{Name: field.Name, Part: plan.Part(family.Name), Remove: true, ID: value.ID(row.Int("ID")), Trace: d.presence(path + "." + key), Live: row.Image()})
}

// add adds a step with its fields, unless the change has been refused. What the part
// belongs to must be there before it. It gives the number of the step, 0 for none.
func (d *partDiff) add(of plan.Parent, fields []plan.Field, step plan.Step) int {
	if d.change.Action == plan.Refuse {
		return 0
	}
	if of.Step > 0 {
		step.After = []int{of.Step - 1}
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	d.change.Fields = append(d.change.Fields, fields...)
	d.change.AddStep(step, names...)
	return len(d.change.Steps)
}
