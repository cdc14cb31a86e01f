package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// blanked writes what empties fields so that a batch can carry it: an empty text for
// null, and a list of one for an empty list, since both count as no value and a list
// must come for a multiple field.
// Source: api-reference/crm/universal/crm-item-update.md.
func blanked(fields map[string]any) map[string]any {
	for name, v := range fields {
		switch {
		case v == nil:
			fields[name] = ""
		case value.IsEmptyList(v):
			fields[name] = []any{""}
		}
	}
	return fields
}

// Plain is the call with null and empty lists in place of what stands for them in a
// batch; false if it has none, so that it is the same.
func Plain(c Call) (bitrix.Command, bool) {
	r, ok := c.(*Ready)
	if !ok || r.Change.Action == plan.Create || r.keyField != nil {
		return bitrix.Command{}, false
	}
	fields := r.wireFields(r.fields, false)
	if !slices.ContainsFunc(slices.Collect(maps.Values(fields)), func(v any) bool { return v == nil || value.IsEmptyList(v) }) {
		return bitrix.Command{}, false
	}
	for _, m := range r.mark {
		fields[m.Wire] = m.Value
	}
	return bitrix.Command{Method: r.family.Update, Params: r.params(bitrix.Params{"id": value.IDNumber(r.Change.ID), "fields": fields})}, true
}

// Empties tells whether a call empties fields of a record that is there, which its
// answer does not prove: it shows what the request said.
func Empties(c Call) bool {
	if p, isRows := c.(*productsCall); isRows {
		return p.clears()
	}
	r, ok := c.(*Ready)
	return ok && r.Change.Action != plan.Create && r.keyField == nil && !r.family.Alone && len(r.emptied()) > 0
}

func (r *Ready) emptied() []plan.Field {
	var out []plan.Field
	for _, d := range r.fields {
		if d.Clears() {
			out = append(out, d)
		}
	}
	return out
}

// A Recheck reads again what calls have emptied, 49 records to a list; product rows have
// a list a record.
type Recheck struct {
	Lists []bitrix.List
	calls []Call
	at    []int // the list that a call's record is in
}

// NewRecheck asks for the records of calls for which Empties is true.
func NewRecheck(calls []Call) *Recheck {
	k := &Recheck{calls: calls, at: make([]int, len(calls))}
	var records idLists
	var rows []bitrix.List
	for i, c := range calls {
		if p, isRows := c.(*productsCall); isRows {
			k.at[i], rows = len(rows), append(rows, p.owner.productList())
			continue
		}
		r := c.(*Ready)
		at := r.Change.Store()
		at.EntityTypeID = r.EntityTypeID
		var columns []string
		for _, d := range r.emptied() {
			columns = append(columns, d.Wire)
		}
		k.at[i] = records.add(at, value.IDNumber(r.Change.ID), columns)
	}
	k.Lists = append(records.lists(), rows...)
	for i, c := range calls {
		if _, isRows := c.(*productsCall); isRows {
			k.at[i] += len(records.groups)
		}
	}
	return k
}

// Read gives, for each call, what the portal holds in the emptied fields; nil where it
// does not show all of them.
func (k *Recheck) Read(answers [][]json.RawMessage) ([]kind.Row, error) {
	byID := make([]map[int]kind.Row, len(answers))
	for i, rows := range answers {
		var err error
		if byID[i], err = rowsByID(rows); err != nil {
			return nil, err
		}
	}
	out := make([]kind.Row, len(k.calls))
	for i, c := range k.calls {
		if _, isRows := c.(*productsCall); isRows {
			row, _, _, err := Looked(c, answers[k.at[i]])
			if err != nil {
				return nil, err
			}
			out[i] = row
			continue
		}
		r := c.(*Ready)
		row, fresh := byID[k.at[i]][value.IDNumber(r.Change.ID)], make(kind.Row)
		for _, d := range r.emptied() {
			if raw, shown := row[d.Wire]; shown {
				fresh[d.Wire] = raw
			}
		}
		if row != nil && len(fresh) == len(wiresOf(r.emptied())) {
			out[i] = fresh
		}
	}
	return out, nil
}

func wiresOf(fields []plan.Field) map[string]bool {
	out := make(map[string]bool)
	for _, d := range fields {
		out[d.Wire] = true
	}
	return out
}

// Refreshed is a row in which some columns were read again.
func Refreshed(row, fresh kind.Row) kind.Row {
	out := maps.Clone(row)
	maps.Copy(out, fresh)
	return out
}

// OtherWays are further calls that empty what the portal still holds, in the order in
// which they are tried: by the older method, as a batch carries it and then as JSON;
// where there is none, once more as JSON. Product rows are set once more.
func OtherWays(c Call, mismatches []Mismatch) []bitrix.Command {
	if p, isRows := c.(*productsCall); isRows {
		return []bitrix.Command{p.Request()}
	}
	r, ok := c.(*Ready)
	if !ok {
		return nil
	}
	plain, older := make(map[string]any), make(map[string]any)
	for _, d := range r.emptied() {
		i := slices.IndexFunc(mismatches, func(m Mismatch) bool { return m.Empty && m.Field == d.Name })
		if i < 0 || d.Multi() {
			continue
		}
		d.Live = mismatches[i].live
		value, multiple := r.files.wireOf(&d), d.Type.Multiple
		if multiple && value == "" {
			value = []any{}
		}
		if kind.IsUserField(d.Wire) || !multiple {
			older[d.Older] = value
		}
		plain[d.Wire] = value
	}
	if len(plain) == 0 {
		return nil
	}
	alone := bitrix.Command{Method: r.family.Update, Params: r.params(bitrix.Params{"id": value.IDNumber(r.Change.ID), "fields": plain})}
	method := r.family.Older
	if _, unnamed := older[""]; method == "" || unnamed || len(older) < len(plain) {
		return []bitrix.Command{alone}
	}
	command := func(fields map[string]any) bitrix.Command {
		return bitrix.Command{Method: method, Params: bitrix.Params{"id": value.IDNumber(r.Change.ID), "fields": fields}}
	}
	return []bitrix.Command{command(blanked(maps.Clone(older))), command(older)}
}

// Claimed tells what became of the mark that a record carried when the plan was made;
// zero if it carries it still.
func Claimed(mismatches []Mismatch) value.Message {
	var why value.Message
	for _, m := range mismatches {
		switch {
		case m.Claimed && m.Got != "":
			return value.Say("field-is-now", value.T("field", m.Field), value.Q("now", fmt.Sprint(m.Got)))
		case m.Claimed:
			why = value.Say("carries-no-mark")
		}
	}
	return why
}
