package undo

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A restorer gives a record its former values.
type restorer struct {
	*deed
	*plan.Change
	back   *deed // what was done before to take it back; nil if nothing was
	drifts []value.Message
}

// restore takes back what was changed. It is a conflict if anything of it was changed again.
func (m *maker) restore(d *deed) *plan.Change {
	if d.row == nil {
		return conflict(d, CodeChanged, value.Say("undo-is-gone"))
	}
	r := &restorer{deed: d, Change: begin(d, plan.Update), back: m.back[d.Address]}
	if !m.whose(r) {
		return conflict(d, CodeChanged, value.Say("undo-mark-is-gone"))
	}
	for _, parts := range []bool{true, false} { // what follows product rows comes after them
		for i := range d.fields {
			if (d.fields[i].part != "") == parts {
				r.field(&d.fields[i])
			}
		}
	}
	for i := range r.Change.Fields {
		r.Change.Fields[i].Want = m.relinked(r.Change, &r.Change.Fields[i], r.Change.Fields[i].Want)
		if f := &r.Change.Fields[i]; f.Clears() && kind.IsUserField(f.Wire) {
			f.Older = m.fields[d.entityTypeID].ByName[f.Wire].UpperName
		}
	}
	r.followers()
	m.restoreRows(r)
	switch {
	case len(r.drifts) > 0:
		return conflict(d, CodeChanged, d.changedSince(r.drifts))
	case len(r.Change.Fields) == 0 && len(r.Change.Kept) == 0:
		return nil
	case len(r.Change.Fields) == 0:
		r.Change.Action = plan.NoOp
	}
	slices.SortFunc(r.Change.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	return r.Change
}

// whose looks at the mark: what was adopted gives it back, and what carries another one by now
// is left alone.
func (m *maker) whose(r *restorer) bool {
	if len(r.deed.mark) > 0 && !plan.Carries(r.row, r.deed.mark) {
		return r.deed.TakesOver() && r.back != nil && r.back.released
	}
	if !r.deed.TakesOver() {
		r.Own = r.deed.mark
		return true
	}
	for _, mark := range r.deed.mark {
		d := plan.Field{Name: mark.Wire, Type: value.Type{Name: "string", Blank: true}, Before: value.Shown{Text: mark.Value}, Wire: mark.Wire, Live: value.Text(mark.Value)}
		if i := slices.IndexFunc(r.deed.Moves, func(f plan.Field) bool { return f.Wire == mark.Wire }); i >= 0 {
			d.Want = r.deed.Moves[i].Live
			d.After = value.Shown{Text: d.Want.Text}
		}
		r.Change.Fields = append(r.Change.Fields, d)
	}
	r.Detached = true
	return true
}

// field takes back one field.
func (r *restorer) field(e *effect) {
	now, err := r.now(e)
	codec := e.Codec()
	switch {
	case err != nil:
		r.drifts = append(r.drifts, value.SaidBy(err))
		return
	case sameValue(&e.Field, e.before, now):
		return
	case !codec.Same(e.Want, now):
		r.drifts = append(r.drifts, drift(&e.Field, e.Want, now))
		return
	}
	d := inverse(&e.Field, e.before, now)
	if no := d.Unreturned(d.Want); !no.IsZero() {
		d.Note = no
		r.Change.Kept = append(r.Change.Kept, d)
		return
	}
	if e.part == "" {
		r.follow(d)
		return
	}
	r.Change.Fields = append(r.Change.Fields, d)
	step := plan.Step{Name: d.Name, Part: e.part}
	if e.part == plan.Price {
		step.Type = e.priceType
	}
	r.AddStep(step, d.Name)
}

// now reads what a field holds.
func (r *restorer) now(e *effect) (value.Value, error) {
	switch e.part {
	case plan.Products:
		return e.Codec().Read(encoded(r.products))
	case plan.Price:
		return e.Codec().Read(encoded(r.prices[e.priceType]))
	}
	return e.Read(r.row)
}

// inverse is a field that gets its former value.
func inverse(of *plan.Field, before, now value.Value) plan.Field {
	d := *of
	d.Before, d.After = of.After, of.Before
	d.Want, d.Live = withoutIDs(&d, before), now
	d.List = value.Compare(d.Codec(), d.Want, d.Live, d.Before, d.After)
	d.Note, d.Once, d.Step = value.Message{}, false, 0
	if d.Clears() && !kind.IsUserField(d.Wire) {
		d.Older = kind.OlderForm(d.Wire)
	}
	return d
}

// sameValue tells whether a field holds a value that was read of it earlier.
func sameValue(d *plan.Field, before, now value.Value) bool {
	before = withoutIDs(d, before)
	return before.IsEmpty() == now.IsEmpty() && (before.IsEmpty() || d.Codec().Same(before, now))
}

// withoutIDs leaves out the ids of rows, which rows that are made again do not have.
func withoutIDs(d *plan.Field, v value.Value) value.Value {
	switch {
	case d.Multi():
		entries := slices.Clone(v.Entries())
		for i := range entries {
			entries[i] = entries[i].With("id", value.Value{})
		}
		return value.Listed(entries...)
	case d.Type.Name == string(kind.TypePrice) && !v.IsEmpty():
		return v.With("id", value.Value{})
	}
	return v
}

// followers takes back what a save has moved by itself, and holds what the inverse one may
// move: what the run did not move stays as people made it since.
func (r *restorer) followers() {
	for _, f := range r.deed.Moves {
		if !r.deed.TakesOver() || !slices.Contains(r.deed.Takeover.Slot, f.Wire) {
			r.follower(f)
		}
	}
	for _, f := range r.deed.held {
		if now, err := f.Read(r.row); err == nil && f.Codec().Same(f.Want, now) {
			r.Held = append(r.Held, f)
		}
	}
}

func (r *restorer) follower(f plan.Field) {
	now, err := f.Read(r.row)
	if err != nil {
		return
	}
	before, after, moved := r.movedBy(f.Name)
	if !moved {
		before, after = f.Live, now // as far as is known it was moved, or by nobody
	}
	if summed := r.summed(f.Name); summed != nil && (!moved || !sameValue(&f, after, now)) {
		after, moved = *summed, true
	}
	d := inverse(&f, before, now)
	d.Before, d.After = shown(&f, now), shown(&f, before)
	switch {
	case sameValue(&f, before, now):
		r.Held = append(r.Held, d)
	case !sameValue(&f, after, now), !moved && r.overtaken:
		r.drifts = append(r.drifts, drift(&f, after, now))
	case !moved && r.ended:
		d.Want = now
		r.Held = append(r.Held, d)
	case d.Unreturned(d.Want).IsZero():
		r.follow(d)
	}
}

// summed is what the portal makes a field of product rows that are there; nil if it does not.
func (r *restorer) summed(name string) *value.Value {
	if !r.follows(name) {
		return nil
	}
	i := slices.IndexFunc(r.fields, func(e effect) bool { return e.part == plan.Products })
	rows, err := r.now(&r.fields[i])
	if err != nil {
		return nil
	}
	sum := value.Text(value.RowsSum(rows).String())
	return &sum
}

func shown(d *plan.Field, v value.Value) value.Shown {
	return d.Codec().Show(kind.BuiltIn().PlainNames(), v)
}

// movedBy gives what a save has moved a field from and to.
func (r *restorer) movedBy(name string) (from, to value.Value, moved bool) {
	for _, m := range r.moved {
		if m.Field == name {
			if !moved {
				from = m.From
			}
			to, moved = m.To, true
		}
	}
	return from, to, moved
}

// follows tells whether a field is made from product rows that are taken back: what a step has
// moved is not known from the answer to the save.
func (r *restorer) follows(name string) bool {
	rule, _ := r.Facts.Field(name)
	return slices.Contains(rule.Follows, kind.ProductsPart) && r.sets(plan.Products)
}

// follow adds a field that follows others: with the save, or after the product rows.
func (r *restorer) follow(d plan.Field) {
	r.Change.Fields = append(r.Change.Fields, d)
	at := slices.IndexFunc(r.Steps, func(s plan.Step) bool { return s.Part == plan.Products })
	if at < 0 || !r.follows(d.Name) {
		return
	}
	r.AddStep(plan.Step{Name: d.Name, After: []int{at}, Part: plan.Sum, Sets: []string{d.Name}}, d.Name)
}
