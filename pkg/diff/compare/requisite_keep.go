package compare

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// keeperOf is the keeper for the columns of one row that belongs to the record: who
// saved a requisite last is told by itself, and of an address nobody knows.
func (d *partDiff) keeperOf(row kind.Row) *keeper {
	k := *d.keeper
	if k.row = nil; row != nil {
		k.row = kind.Row{}
		for name, wire := range map[string]string{"updatedBy": "MODIFY_BY_ID", "updatedTime": "DATE_MODIFY"} {
			k.row[name], _ = json.Marshal(row.Text(wire))
		}
	}
	return &k
}

// changes tells whether a column is to be sent: it differs, and is not a person's.
func (d *partDiff) changes(k *keeper, field *plan.Field, differs bool) bool {
	if !differs {
		k.agrees(field)
		return false
	}
	return !k.keeps(field)
}

// yields tells whether what people do to a part of a live record stays.
func (d *partDiff) yields(path string) bool {
	return d.keeper.row != nil && d.Set.Policy(d.keeper.r, path) == spec.PolicyKeepHuman
}

// presence is the trace of a row that is there or gone; nil if it is not to be
// remembered.
func (d *partDiff) presence(path string) *plan.Trace {
	t := &plan.Trace{EntityTypeID: d.change.EntityTypeID, ID: d.change.ID, Field: path}
	if _, known := d.memory.Applied.Find(d.memory.Portal, *t); !known && d.Set.Policy(d.keeper.r, path) != spec.PolicyKeepHuman {
		return nil
	}
	return t
}

// leaves tells whether a declared row is left alone, because it was there at the last
// apply and people have removed it. One that is there is remembered.
func (d *partDiff) leaves(path string, row kind.Row) bool {
	t := d.presence(path)
	if t == nil || d.keeper.row == nil {
		return false
	}
	t.Value = plan.There
	last, known := d.memory.Applied.Find(d.memory.Portal, *t)
	same := known && last == d.memory.Applied.Digest(d.memory.Portal, *t)
	switch {
	case row != nil && !same:
		d.change.Agreed = append(d.change.Agreed, *t)
	case row == nil && same && d.yields(path):
		d.keeper.note(plan.Field{Name: path, Type: kind.Texts, After: value.Worded(value.Say("row-is-to-be-there")), Note: value.Say("removed-since-apply")})
		return true
	}
	return false
}

// removable leaves out of the rows that are declared no more those that people have
// saved since.
func (d *partDiff) removable(path string, gone []kind.Row) []kind.Row {
	if !d.yields(path) {
		return gone
	}
	var out []kind.Row
	for _, row := range gone {
		k := d.keeperOf(row)
		by := k.row.Int("updatedBy")
		if by != 0 && by == d.memory.Caller {
			out = append(out, row)
			continue
		}
		k.note(plan.Field{Name: path + "." + row.Text("XML_ID")[len(rowPrefix):], Type: kind.Texts, Before: value.ShownText(rowName(row)), Note: k.lastSave(by)})
	}
	return out
}

// keepsAddress tells whether an address that is not declared stays. Only one of which
// every line is remembered, and is as it was applied, is known to be ours.
func (d *partDiff) keepsAddress(path string, row kind.Row) bool {
	if !d.yields(path) {
		return false
	}
	ours := true
	for _, col := range kind.AddressColumns() {
		field := plan.Field{Name: path + "." + col.Name, Type: kind.Texts, Wire: col.Wire}
		live, _ := field.Read(row)
		t := field.Trace(d.change.EntityTypeID, d.change.ID, live)
		last, known := d.memory.Applied.Find(d.memory.Portal, t)
		ours = ours && (known && last == d.memory.Applied.Digest(d.memory.Portal, t) || !known && live.IsEmpty())
	}
	if !ours {
		d.keeper.note(plan.Field{Name: path, Type: kind.Texts, Before: value.ShownText(kind.AddressLine(row)), Note: value.Say("not-known-to-be-ours")})
	}
	return !ours
}
