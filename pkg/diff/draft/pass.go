package draft

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A uniqueValue is a value that one record of an entity type can have at a time, such
// as the number of an invoice.
type uniqueValue struct {
	store int
	field string
	text  string
}

// PassOn lets records take over unique values that others of the same plan give up,
// in a chain or in a circle: who takes one over is saved without it, and a step sets it
// once the other record is saved. Who gives one up to a record and waits for one as
// well takes a free value in between.
func (d *Draft) PassOn() {
	holders, wanted := make(map[uniqueValue]value.Address), make(map[uniqueValue]bool)
	all := d.uniqueFields()
	for _, u := range all {
		if text := u.field.Live.Text; text != "" {
			holders[uniqueValue{u.store, u.field.Name, text}] = u.address
		}
	}
	if len(holders) == 0 {
		return
	}
	for _, u := range all {
		if _, held := holders[u.wants()]; held {
			wanted[u.wants()] = true
		}
	}
	for _, u := range all {
		holder := holders[u.wants()]
		if holder == "" || holder == u.address {
			continue
		}
		old := u.field.Live.Text
		between := old != "" && wanted[uniqueValue{u.store, u.field.Name, old}]
		d.Alter(u.change, func(ch *plan.Change) { takeOver(ch, u.field, holder, between) })
	}
}

// A uniqueField is a unique field that a change sets.
type uniqueField struct {
	change  int
	address value.Address
	store   int
	field   plan.Field
}

// wants is the value that the field is to hold.
func (u uniqueField) wants() uniqueValue {
	return uniqueValue{u.store, u.field.Name, u.field.Want.Text}
}

// uniqueFields reads what is unique, of the kinds that have such fields.
func (d *Draft) uniqueFields() (out []uniqueField) {
	for i, e := range d.Entries() {
		if !slices.ContainsFunc(e.Facts.Fields, func(r kind.Rule) bool { return r.Unique }) {
			continue
		}
		for _, f := range uniques(d.Read(i)) {
			out = append(out, uniqueField{i, e.Address, e.Facts.StoreNumber(e.EntityTypeID), f})
		}
	}
	return out
}

// uniques lists the unique fields that a change sets.
func uniques(c *plan.Change) []plan.Field {
	if c.Action == plan.NoOp || c.Action == plan.Refuse || c.Action == plan.Delete {
		return nil
	}
	var out []plan.Field
	for _, d := range c.Fields {
		if rule, ok := c.Facts.Field(d.Name); ok && rule.Unique && d.Step == 0 {
			out = append(out, d)
		}
	}
	return out
}

// takeOver sets a field after another record, with a free value in between if the old
// one is waited for.
func takeOver(c *plan.Change, d plan.Field, from value.Address, between bool) {
	addPatch(c, d.Name, []value.Address{from}, d.Name)
	i := slices.IndexFunc(c.Fields, func(x plan.Field) bool { return x.Name == d.Name })
	c.Fields[i].Note = value.Say("set-after-given-up", value.T("from", from))
	if !between {
		return
	}
	free := d
	free.Name = plan.InBetween(d.Name)
	text := "b24apply-" + c.ID
	free.Want, free.After = value.Text(text), value.Shown{Text: text}
	free.Note = value.Say("no-two-have-one-value")
	c.Fields = append(c.Fields, free)
	slices.SortFunc(c.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
}
