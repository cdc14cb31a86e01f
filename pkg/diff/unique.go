package diff

import (
	"cmp"
	"slices"

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

// passOn lets records take over unique values that others of the same plan give up,
// in a chain or in a circle: who takes one over is saved without it, and a step sets it
// once the other record is saved. Who gives one up to a record and waits for one as
// well takes a free value in between.
func passOn(changes []plan.Change) {
	holders, wanted := make(map[uniqueValue]*plan.Change), make(map[uniqueValue]bool)
	for i := range changes {
		for _, d := range uniques(&changes[i]) {
			if text := d.Live.Text; text != "" {
				holders[uniqueValue{changes[i].Store().Number(), d.Name, text}] = &changes[i]
			}
		}
	}
	if len(holders) == 0 {
		return
	}
	waits := func(ch *plan.Change, d plan.Field) *plan.Change {
		text := d.Want.Text
		return holders[uniqueValue{ch.Store().Number(), d.Name, text}]
	}
	for i := range changes {
		for _, d := range uniques(&changes[i]) {
			if waits(&changes[i], d) != nil {
				wanted[uniqueValue{changes[i].Store().Number(), d.Name, d.Want.Text}] = true
			}
		}
	}
	for i := range changes {
		ch := &changes[i]
		for _, d := range uniques(ch) {
			holder := waits(ch, d)
			if holder == nil || holder == ch {
				continue
			}
			old := d.Live.Text
			takeOver(ch, d, holder.Address, old != "" && wanted[uniqueValue{ch.Store().Number(), d.Name, old}])
		}
	}
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
	free.Name += " in between"
	text := "b24apply-" + c.ID
	free.Want, free.After = value.Text(text), shownText(text)
	free.Note = value.Say("no-two-have-one-value")
	c.Fields = append(c.Fields, free)
	slices.SortFunc(c.Fields, func(a, b plan.Field) int { return cmp.Compare(a.Name, b.Name) })
}
