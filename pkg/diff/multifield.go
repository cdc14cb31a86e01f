package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	canonical "github.com/b24apply/b24apply/pkg/value"
)

// A row of the fm multi-field: one phone, e-mail, website or messenger. typ ""
// means that the manifest leaves the kind of number open.
type contactRow struct {
	id    int
	value string
	typ   string
}

// sentType is the type that a new row gets.
func (r contactRow) sentType() string { return cmp.Or(r.typ, "WORK") }

// multifieldCodec is one typeId of fm as a whole set, whatever the order. Rows of
// other typeIds are not its business.
// Source: api-reference/crm/data-types.md#crm_multifield.
type multifieldCodec struct {
	typeID string
	region string // of national phones, such as DE; "" if it is not known
}

// multifield gives the codec of one typeId with the project's region.
func (v *view) multifield(typeID string) multifieldCodec {
	return multifieldCodec{typeID: typeID, region: v.set.Project.PhoneRegion}
}

func (c multifieldCodec) parse(_ *scope, v spec.Value) (any, error) {
	var rows []contactRow
	seen := make(map[contactRow]int) // by how it is compared; a list can be long
	for _, item := range v.Items {
		row := contactRow{value: strings.TrimSpace(item.Text)}
		if item.Kind == spec.Map {
			value, _ := item.Get("value")
			typ, _ := item.Get("type")
			row = contactRow{value: strings.TrimSpace(value.Text), typ: strings.ToUpper(typ.Text)}
		}
		if row.value == "" {
			return nil, &at{item.Pos, complain("type", "leave the entry out", "an entry of the list is empty")}
		}
		key := contactRow{value: c.normal(row.value), typ: row.sentType()}
		if i, twice := seen[key]; twice {
			return nil, &at{item.Pos, complain("duplicate-value", "leave one of them out", "%q is the same as %q", row.value, rows[i].value)}
		}
		seen[key] = len(rows)
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, nil
}

func (c multifieldCodec) read(raw json.RawMessage) (any, error) {
	entries, err := decodeRows(raw)
	if err != nil {
		return nil, fmt.Errorf("the portal's multi-field is not a list: %w", err)
	}
	var rows []contactRow
	for _, e := range entries {
		if e.Text("typeId") == c.typeID {
			rows = append(rows, contactRow{id: e.Int("id"), value: e.Text("value"), typ: e.Text("valueType")})
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return rows, nil
}

// normal gives the form in which values are compared: phones by E.164 or by their
// digits, e-mails without case, websites and messengers as written.
func (c multifieldCodec) normal(value string) string {
	switch c.typeID {
	case "PHONE":
		return canonical.NormalPhone(value, c.region)
	case "EMAIL":
		return strings.ToLower(strings.TrimSpace(value))
	}
	return strings.TrimSpace(value)
}

// pair matches declared rows with live ones: value and type first, then a value
// whose type is left open, then a value of another type. What is left on both sides
// is changed in place, so that a corrected number keeps its row.
func (c multifieldCodec) pair(want, live []contactRow) (edits []contactEdit) {
	w, l := c.compared(want), c.compared(live)
	paired, used := make([]bool, len(want)), make([]bool, len(live))
	anyType := func(r contactRow) contactRow { return contactRow{value: r.value} }
	for _, pass := range []struct {
		takes func(w contactRow) bool
		key   func(r contactRow) contactRow
	}{
		{always, func(r contactRow) contactRow { return r }},
		{func(w contactRow) bool { return w.typ == "" }, anyType},
		{always, anyType},
		{always, func(contactRow) contactRow { return contactRow{} }},
	} {
		free := make(map[contactRow][]int)
		for j := range l {
			if key := pass.key(l[j]); !used[j] {
				free[key] = append(free[key], j)
			}
		}
		for i := range w {
			key := pass.key(w[i])
			if paired[i] || !pass.takes(w[i]) || len(free[key]) == 0 {
				continue
			}
			j := free[key][0]
			free[key] = free[key][1:]
			paired[i], used[j] = true, true
			if w[i].value != l[j].value || w[i].typ != "" && w[i].typ != l[j].typ {
				edits = append(edits, contactEdit{id: live[j].id, typeID: c.typeID, row: contactRow{value: want[i].value, typ: cmp.Or(want[i].typ, live[j].typ)}})
			}
		}
	}
	for i := range want {
		if !paired[i] {
			edits = append(edits, contactEdit{typeID: c.typeID, row: want[i]})
		}
	}
	for j := range live {
		if !used[j] {
			edits = append(edits, contactEdit{id: live[j].id, typeID: c.typeID, remove: true})
		}
	}
	return edits
}

func always(contactRow) bool { return true }

// compared gives rows with their values and types in the form in which they are compared.
func (c multifieldCodec) compared(rows []contactRow) []contactRow {
	out := make([]contactRow, len(rows))
	for i, r := range rows {
		out[i] = contactRow{value: c.normal(r.value), typ: strings.ToUpper(r.typ)}
	}
	return out
}

func (c multifieldCodec) equal(want, live any) bool {
	w, _ := want.([]contactRow)
	l, _ := live.([]contactRow)
	return len(c.pair(w, l)) == 0
}

// send returns the edits; Change.Request gathers those of all typeIds into one fm.
func (c multifieldCodec) send(want, live any) any {
	w, _ := want.([]contactRow)
	l, _ := live.([]contactRow)
	return c.pair(w, l)
}

func (multifieldCodec) show(_ *scope, v any) any {
	rows, _ := v.([]contactRow)
	if len(rows) == 0 {
		return nil
	}
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.value
		if r.typ != "" {
			out[i] += " (" + strings.ToLower(r.typ) + ")"
		}
	}
	return out
}

// A contactEdit changes one row of fm: id 0 adds a row, remove deletes one.
type contactEdit struct {
	id     int
	typeID string
	row    contactRow
	remove bool
}

func (e contactEdit) entry() map[string]any {
	if e.remove {
		return map[string]any{"typeId": e.typeID, "value": ""}
	}
	return map[string]any{"typeId": e.typeID, "valueType": e.row.sentType(), "value": e.row.value}
}

// fmList is the form that a creating call takes.
func fmList(edits []contactEdit) []any {
	out := make([]any, len(edits))
	for i, e := range edits {
		out[i] = e.entry()
	}
	return out
}

// fmByRow is the form that an update takes: keyed by row id, new rows as n0, n1….
// A list would be taken for row ids 0, 1, ….
func fmByRow(edits []contactEdit) map[string]any {
	out := make(map[string]any, len(edits))
	added := 0
	for _, e := range edits {
		key := strconv.Itoa(e.id)
		if e.id == 0 {
			key = "n" + strconv.Itoa(added)
			added++
		}
		out[key] = e.entry()
	}
	return out
}
