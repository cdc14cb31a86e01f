package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// keeperOf is the keeper for the columns of one row that belongs to the record: who
// saved a requisite last is told by itself, and of an address nobody knows.
func (d *partDiff) keeperOf(row Row) *keeper {
	k := *d.keeper
	if k.row = nil; row != nil {
		k.row = Row{}
		for name, wire := range map[string]string{"updatedBy": "MODIFY_BY_ID", "updatedTime": "DATE_MODIFY"} {
			k.row[name], _ = json.Marshal(row.Text(wire))
		}
	}
	return &k
}

// changes tells whether a column is to be sent: it differs, and is not a person's.
func (d *partDiff) changes(k *keeper, field *FieldDiff, differs bool) bool {
	if !differs {
		k.agrees(field)
		return false
	}
	return !k.keeps(field)
}

// yields tells whether what people do to a part of a live record stays.
func (d *partDiff) yields(path string) bool {
	return d.keeper.row != nil && d.set.Policy(d.keeper.r, path) == spec.PolicyKeepHuman
}

// The values by which it is remembered whether a requisite, bank details or an address
// is there.
const (
	isThere = "there"
	isGone  = ""
)

// presence is the trace of a row that is there or gone; nil if it is not to be
// remembered.
func (d *partDiff) presence(path string) *Trace {
	t := &Trace{EntityTypeID: d.change.EntityTypeID, ID: d.change.ID, Field: path}
	if _, known := d.state.Applied.find(d.state.Portal, *t); !known && d.set.Policy(d.keeper.r, path) != spec.PolicyKeepHuman {
		return nil
	}
	return t
}

// tracesAs gives the trace with the id that the record has by now.
func tracesAs(t *Trace, value string, on stepOwner) []Trace {
	if t == nil {
		return nil
	}
	return []Trace{{EntityTypeID: on.entityTypeID, ID: idText(on.id), Field: t.Field, Value: value}}
}

// leaves tells whether a declared row is left alone, because it was there at the last
// apply and people have removed it. One that is there is remembered.
func (d *partDiff) leaves(path string, row Row) bool {
	t := d.presence(path)
	if t == nil || d.keeper.row == nil {
		return false
	}
	t.Value = isThere
	last, known := d.state.Applied.find(d.state.Portal, *t)
	same := known && last == d.state.Applied.digest(d.state.Portal, *t)
	switch {
	case row != nil && !same:
		d.change.Agreed = append(d.change.Agreed, *t)
	case row == nil && same && d.yields(path):
		d.keeper.note(FieldDiff{Name: path, Type: textType, After: shownText("to be there"), Note: "removed since the last apply"})
		return true
	}
	return false
}

// removable leaves out of the rows that are declared no more those that people have
// saved since.
func (d *partDiff) removable(path string, gone []Row) []Row {
	if !d.yields(path) {
		return gone
	}
	var out []Row
	for _, row := range gone {
		k := d.keeperOf(row)
		by := k.row.Int("updatedBy")
		if by != 0 && by == d.state.Caller {
			out = append(out, row)
			continue
		}
		k.note(FieldDiff{Name: path + "." + row.Text("XML_ID")[len(rowPrefix):], Type: textType, Before: shownText(rowName(row)), Note: k.lastSave(by)})
	}
	return out
}

// keepsAddress tells whether an address that is not declared stays. Only one of which
// every line is remembered, and is as it was applied, is known to be ours.
func (d *partDiff) keepsAddress(path string, row Row) bool {
	if !d.yields(path) {
		return false
	}
	ours := true
	for _, col := range kind.AddressColumns() {
		field := FieldDiff{Name: path + "." + col.Name, Type: textType, Wire: col.Wire}
		live, _ := readField(&field, row)
		t := traceOf(&field, d.change.EntityTypeID, d.change.ID, live)
		last, known := d.state.Applied.find(d.state.Portal, t)
		ours = ours && (known && last == d.state.Applied.digest(d.state.Portal, t) || !known && live.IsEmpty())
	}
	if !ours {
		d.keeper.note(FieldDiff{Name: path, Type: textType, Before: shownText(addressLine(row)), Note: "it is not known to be ours"})
	}
	return !ours
}

func (c *rowCall) traces(row Row, _, _ int, but []Mismatch) []Trace {
	return append(tracesOf(c.fields, row, c.owner.id, c.owner.entityTypeID, but), tracesAs(c.step.Trace, isThere, c.owner)...)
}

func (c *addressCall) traces(row Row, _, _ int, but []Mismatch) []Trace {
	return append(tracesOf(c.fields, row, c.of.id, c.of.entityTypeID, but), tracesAs(c.step.Trace, isThere, c.of)...)
}

func (c *removeCall) traces(_ Row, _, _ int, but []Mismatch) []Trace {
	if len(but) > 0 {
		return nil
	}
	return tracesAs(c.step.Trace, isGone, c.owner)
}
