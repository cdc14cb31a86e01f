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

// readFields reads what the fields mean of what is created again, and the older names of what
// is to be emptied.
func (m *maker) readFields() error {
	w := kind.Wanted{Kinds: m.kinds}
	seen := make(map[int]bool)
	for _, d := range m.deeds {
		empties := slices.ContainsFunc(d.fields, func(e effect) bool { return e.before.IsEmpty() && kind.IsUserField(e.Wire) })
		if d.Facts.Class == kind.ClassRecord && d.entityTypeID != 0 && (d.gone || !d.made && empties) && !seen[d.entityTypeID] {
			seen[d.entityTypeID] = true
			w.Entities = append(w.Entities, kind.WantedEntity{EntityTypeID: d.entityTypeID})
		}
	}
	if len(w.Entities) == 0 {
		return nil
	}
	names, err := m.Names(m.ctx, w)
	m.fields = names.Fields
	return err
}

// again takes back a deletion: the record is created again, from all that was kept of it.
func (m *maker) again(d *deed) *plan.Change {
	if d.row != nil {
		return nil // it is there
	}
	if d.Facts.Class != kind.ClassRecord && d.Facts.Class != kind.ClassCatalog {
		return conflict(d, CodeNoWay, value.Say("undo-type-stays-away"))
	}
	if d.image == nil {
		return conflict(d, CodeNoWay, value.Say("undo-no-image"))
	}
	if len(d.image.Record) == 0 && len(d.image.Lacks) > 0 {
		return conflict(d, CodeNoWay, value.Say("undo-was-not-shown", value.M("why", d.image.Lacks[0].Why)))
	}
	was, err := kind.Member(d.image.Record, d.Facts.Methods.Item)
	if err != nil {
		return conflict(d, CodeNoWay, value.Say("undo-no-image"))
	}
	if back := m.back[d.Address]; back != nil {
		return m.rest(back, was)
	}
	r := &restorer{deed: d, Change: begin(d, plan.Create)}
	r.Change.ID, r.Saved = "", ""
	r.Change.Title = cmp.Or(d.Facts.Title(was.Text), d.Title)
	r.Reason.Message = value.Say("undo-deleted-by-run", value.T("id", d.id))
	r.Change.Mark = slices.Clone(d.Change.Mark)
	if place := plan.PlaceOf(d.Facts, was); place != nil {
		r.Change.Place = place
	}
	m.fieldsAgain(r, was)
	m.partsAgain(r, was)
	r.Unread = lacking(d.image)
	slices.SortFunc(r.Change.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	return r.Change
}

// rest adds what an earlier run has not come to of a record that it has created again; nil if
// that is nothing. What it has made and people have changed since stays.
func (m *maker) rest(back *deed, was kind.Row) *plan.Change {
	switch {
	case back.refused != nil:
		return conflict(back, CodeUnknown, value.Say("undo-not-read", value.M("why", value.SaidBy(back.refused))))
	case back.row == nil && back.doubtful:
		return conflict(back, CodeUnknown, value.Say("undo-nobody-knows"))
	case back.row == nil:
		return nil // somebody has deleted it since
	}
	r := &restorer{deed: back, Change: begin(back, plan.Update), back: back}
	if !m.whose(r) {
		return conflict(back, CodeChanged, value.Say("undo-mark-is-gone"))
	}
	m.partsAgain(r, was)
	switch {
	case len(r.drifts) > 0:
		return conflict(back, CodeChanged, back.changedSince(r.drifts))
	case len(r.Change.Fields) == 0:
		return nil
	}
	slices.SortFunc(r.Change.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
	return r.Change
}

// lacks tells whether a part that has methods of its own is to be made again. If something else
// is there, it is a drift.
func (r *restorer) lacks(d *plan.Field, part plan.Part, priceType string) bool {
	if r.back == nil {
		return true
	}
	if slices.ContainsFunc(r.back.fields, func(e effect) bool { return e.part == part && e.priceType == priceType }) {
		return false
	}
	now, err := r.now(&effect{Field: *d, part: part, priceType: priceType})
	switch {
	case err != nil:
		r.drifts = append(r.drifts, value.SaidBy(err))
	case now.IsEmpty():
		return true
	case !d.Codec().Same(d.Want, now):
		r.drifts = append(r.drifts, drift(d, d.Want, now))
	}
	return false
}

// lacking names the parts of a record that were not kept, so that they do not come back.
func lacking(img *Image) (out []plan.Unread) {
	for _, l := range img.Lacks {
		if !slices.ContainsFunc(out, func(u plan.Unread) bool { return u.Field == l.Part }) {
			out = append(out, plan.Unread{Field: l.Part, Why: value.Say("undo-was-not-shown", value.M("why", l.Why))})
		}
	}
	return out
}

// fieldsAgain sets every field that can be set to what it was.
func (m *maker) fieldsAgain(r *restorer, was kind.Row) {
	add := func(name string, typ value.Type, wire string) {
		d := plan.Field{Name: name, Type: typ, Wire: wire}
		want, err := d.Read(was)
		if err != nil || want.IsEmpty() || d.Codec().Traits().File {
			return
		}
		d.Want = m.relinked(r.Change, &d, withoutIDs(&d, want))
		d.After = shown(&d, d.Want)
		m.recall(r.deed, &d, want)
		r.Change.Fields = append(r.Change.Fields, d)
	}
	for _, rule := range r.Facts.Fields {
		switch {
		case rule.Refuse != "" || rule.Type == kind.TypeParents || rule.Type == kind.TypePrice:
		case rule.Multi != "":
			add(rule.Name, rule.ValueType(), kind.ContactsField)
		case was[rule.Name] != nil:
			add(rule.Name, rule.ValueType(), rule.Name)
		}
	}
	live := m.fields[r.deed.entityTypeID].ByName
	for _, name := range slices.Sorted(maps.Keys(live)) {
		f := live[name]
		marks := slices.ContainsFunc(r.Change.Mark, func(mark plan.Mark) bool { return mark.Wire == name })
		if was[name] != nil && !marks && !f.ReadOnly && (f.Dynamic || strings.HasPrefix(name, "parentId")) {
			add(name, f.ValueType(m.kinds), name)
		}
	}
}

// recall lets the record that is created again be remembered as the deleted one was: what people
// had made of a field stays theirs.
func (m *maker) recall(d *deed, f *plan.Field, was value.Value) {
	trace := f.Trace(d.entityTypeID, d.id, was)
	last, known := m.Applied.Find(m.Options.Portal, trace)
	f.Traced, f.Theirs = known, known && last != m.Applied.Digest(m.Options.Portal, trace)
}

// relinked makes links to records that are created again point at the new ones.
func (m *maker) relinked(c *plan.Change, d *plan.Field, v value.Value) value.Value {
	if d.Type.Name == string(kind.TypeProducts) {
		return m.relinkedRows(c, v)
	}
	if !d.Codec().Traits().Links {
		return v
	}
	one := func(link value.Value) value.Value {
		at, entity := m.linkTo(d, link)
		for _, other := range m.deeds {
			if !other.gone || other.row != nil || other.record() != at || other.Address == c.Address {
				continue
			}
			switch back := m.back[other.Address]; {
			case back != nil && back.row != nil:
				return value.Text("").With("entity", value.Text(entity)).Settled(back.id)
			case back == nil || back.doubtful:
				c.Deps = append(c.Deps, other.Address)
				open := value.Text("", value.Part{Name: "ref", Value: value.Text(string(other.Address))})
				if entity != "" {
					open = open.With("entity", value.Text(entity))
				}
				return open
			}
		}
		return link
	}
	if v.Form != value.FormList {
		return one(v)
	}
	entries := slices.Clone(v.Entries())
	for i := range entries {
		entries[i] = one(entries[i])
	}
	return value.Listed(entries...)
}

// relinkedRows is relinked for the products of product rows.
func (m *maker) relinkedRows(c *plan.Change, v value.Value) value.Value {
	const column = "product"
	product := plan.Field{Name: column, Type: value.Type{Name: string(kind.TypeProduct)}}
	rows := slices.Clone(v.Entries())
	for i := range rows {
		if link := rows[i].Get(column); !link.IsEmpty() {
			rows[i] = rows[i].With(column, m.relinked(c, &product, link))
		}
	}
	return value.Listed(rows...)
}

// linkTo gives the record that a link of a field points at, and the code of its type where the
// link names that.
func (m *maker) linkTo(d *plan.Field, link value.Value) (at kind.RecordID, entity string) {
	if code, id, ok := link.Record(); ok {
		return kind.RecordID{EntityTypeID: m.kinds.ByShort(code), ID: value.IDNumber(id)}, code
	}
	at.ID = value.IDNumber(link.Text)
	if number, isParent := strings.CutPrefix(d.Wire, "parentId"); isParent {
		at.EntityTypeID = value.IDNumber(number)
	} else if k := m.kinds.ByLink(kind.FieldType(d.Type.Public())); k != nil {
		at.EntityTypeID = k.StoreNumber(k.EntityTypeID)
	}
	return at, ""
}

// partsAgain adds what stood beside the fields.
func (m *maker) partsAgain(r *restorer, was kind.Row) {
	img := r.deed.image
	if len(img.Products) > 0 {
		d := plan.Field{Name: kind.ProductsPart, Type: kind.ProductsType(was.Text(kind.CurrencyField)), Wire: kind.ProductsPart}
		if want, err := d.Codec().Read(encoded(img.Products)); err == nil {
			before := len(r.Change.Deps)
			d.Want = m.relinked(r.Change, &d, want)
			d.After = shown(&d, d.Want)
			if r.lacks(&d, plan.Products, "") {
				r.step(plan.Step{Name: d.Name, Part: plan.Products, Deps: slices.Clone(r.Change.Deps[before:])}, d)
			}
			r.sumAgain(&d)
		}
	}
	for _, row := range img.Prices {
		typ := value.ID(row.Int("catalogGroupId"))
		d := plan.Field{Name: kind.PricePart + "." + typ, Type: value.Type{Name: string(kind.TypePrice), Field: typ}, Wire: kind.PricePart}
		if want, err := d.Codec().Read(encoded([]kind.Row{row})); err == nil {
			d.Want = withoutIDs(&d, want)
			d.After = shown(&d, d.Want)
			if r.lacks(&d, plan.Price, typ) {
				r.step(plan.Step{Name: d.Name, Part: plan.Price, Type: typ}, d)
			}
		}
	}
	family, _ := r.Facts.Part(kind.RequisitesPart)
	for _, row := range img.Requisites {
		row = row.Clone()
		row[kind.BankDetailsPart] = encoded(belonging(img.BankDetails, row, 0))
		row[kind.AddressesPart] = encoded(belonging(img.Addresses, row, kind.RequisiteEntity))
		r.makeRow(family, row, kind.RequisitesPart+"."+nameOfRow(row), plan.Parent{})
	}
	if _, own := r.Facts.Part(kind.AddressesPart); own {
		for _, row := range img.Addresses {
			if row.Int("ENTITY_TYPE_ID") == r.deed.entityTypeID {
				r.makeAddress(row, kind.AddressesPart, plan.Parent{})
			}
		}
	}
}

// belonging picks the rows of a requisite.
func belonging(rows []kind.Row, of kind.Row, entityTypeID int) (out []kind.Row) {
	for _, row := range rows {
		if row.Int("ENTITY_ID") == of.Int("ID") && (entityTypeID == 0 || row.Int("ENTITY_TYPE_ID") == entityTypeID) {
			out = append(out, row)
		}
	}
	return out
}

// sumAgain makes sure of the amount after the product rows, from which the portal computes it.
func (r *restorer) sumAgain(products *plan.Field) {
	if r.back != nil {
		r.sumLeft(products)
	} else if slices.ContainsFunc(r.Change.Fields, func(d plan.Field) bool { return d.Name == kind.AmountField }) {
		r.AddStep(plan.Step{Name: kind.AmountField, After: []int{len(r.Steps) - 1}, Part: plan.Sum, Sets: []string{kind.AmountField}})
	}
}

// sumLeft is sumAgain of a record that is there, unless its amount was looked at.
func (r *restorer) sumLeft(products *plan.Field) {
	i := slices.IndexFunc(r.back.fields, func(e effect) bool { return e.Name == kind.AmountField })
	if i < 0 || r.back.summed {
		return
	}
	e := &r.back.fields[i]
	now, err := r.now(e)
	there, _ := products.Codec().Read(encoded(r.products)) // what cannot be read is a drift already
	rows := len(r.Steps) > 0
	switch {
	case err != nil:
		r.drifts = append(r.drifts, value.SaidBy(err))
		return
	case !rows && e.Codec().Same(e.Want, now):
		return
	case !rows && !e.Codec().Same(value.Text(value.RowsSum(there).String()), now):
		r.drifts = append(r.drifts, drift(&e.Field, e.Want, now))
		return
	}
	d := e.Field
	d.Live, d.Before, d.After, d.Step = now, shown(&d, now), shown(&d, e.Want), 0
	r.Change.Fields = append(r.Change.Fields, d)
	step := plan.Step{Name: d.Name, Part: plan.Sum, Sets: []string{d.Name}}
	if rows {
		step.After = []int{len(r.Steps) - 1}
	}
	r.AddStep(step, d.Name)
}
