package value

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// multifieldCodec is one typeId of fm (phones, e-mails, websites or messengers) as a whole
// set, whatever the order. Each entry is a text with the attribute type, which a manifest
// may leave open, and on the portal id, of its row. Rows of other typeIds are not its
// business.
// Source: api-reference/crm/data-types.md#crm_multifield.
type multifieldCodec struct{ base }

// A row is one entry, apart from its Value so that it can be a key. id is "" for one that is declared.
type row struct{ id, text, typ string }

func (r row) value() Value {
	var parts []Part
	if r.id != "" {
		parts = append(parts, Part{"id", Text(r.id)})
	}
	if r.typ != "" {
		parts = append(parts, Part{"type", Text(r.typ)})
	}
	return Text(r.text, parts...)
}

func rowsOf(v Value) []row {
	if v.Form != FormList {
		return nil
	}
	out := make([]row, len(v.Parts))
	for i, p := range v.Parts {
		out[i] = row{p.Value.Get("id").Text, p.Value.Text, p.Value.Get("type").Text}
	}
	return out
}

func listOf(rows []row) Value {
	out := make([]Value, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return Listed(out...)
}

// sentType is the type that a new row gets.
func sentType(typ string) string { return cmp.Or(typ, "WORK") }

func (c multifieldCodec) Parse(_ Names, d Node) (Value, error) {
	if d.Kind != List {
		return Value{}, Bad("type", "no-list", "write-a-list", shape(d))
	}
	rows := make([]row, 0, len(d.Items))
	seen := make(map[row]int) // by how it is compared; a list can be long
	for _, item := range d.Items {
		r := row{text: strings.TrimSpace(item.Text)}
		if item.Kind == Map {
			text, _ := item.Get("value")
			typ, _ := item.Get("type")
			r = row{text: strings.TrimSpace(text.Text), typ: strings.ToUpper(typ.Text)}
		}
		if r.text == "" {
			return Value{}, At(item.Pos, Bad("type", "empty-entry", "leave-entry-out"))
		}
		rows = append(rows, r)
		if len(d.Items) == 1 {
			break // it need not be understood
		}
		key := row{text: c.normal(r.text), typ: sentType(r.typ)}
		if i, twice := seen[key]; twice {
			return Value{}, At(item.Pos, Bad("duplicate-value", "same-entry", "leave-one-out", written(r.text), T("other", strconv.Quote(rows[i].text))))
		}
		seen[key] = len(rows) - 1
	}
	return listOf(rows), nil
}

// A fmRow is a row of fm as the portal prints it.
type fmRow struct {
	ID        json.RawMessage `json:"id"`
	TypeID    json.RawMessage `json:"typeId"`
	Value     json.RawMessage `json:"value"`
	ValueType json.RawMessage `json:"valueType"`
}

func (c multifieldCodec) Read(raw []byte) (Value, error) {
	if PlainText(raw) == "" {
		return Value{}, nil
	}
	var list []fmRow
	if err := json.Unmarshal(raw, &list); err != nil {
		keyed := make(map[string]fmRow)
		if err := json.Unmarshal(raw, &keyed); err != nil {
			return Value{}, While(err, "live-multifield-is-no-list")
		}
		for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
			r := keyed[key]
			if r.ID == nil {
				r.ID = json.RawMessage(strconv.Quote(key))
			}
			list = append(list, r)
		}
	}
	var rows []row
	for _, r := range list {
		if PlainText(r.TypeID) == c.Multi {
			rows = append(rows, row{PlainText(r.ID), PlainText(r.Value), PlainText(r.ValueType)})
		}
	}
	return listOf(rows), nil
}

// Normal gives the form in which the entries of a multi-field are compared: phones by E.164
// or by their digits, e-mails without case, websites and messengers as written.
func (t Type) Normal(text string) string {
	switch t.Multi {
	case "PHONE":
		return NormalPhone(text, t.Region)
	case "EMAIL":
		return strings.ToLower(strings.TrimSpace(text))
	}
	return strings.TrimSpace(text)
}

func (c multifieldCodec) normal(text string) string { return c.Normal(text) }

// Same first looks for each entry as it is written: a number that is equal need not be
// understood.
func (c multifieldCodec) Same(want, live Value) bool {
	return spelledAlike(want, live) || len(c.pair(rowsOf(want), rowsOf(live))) == 0
}

// mostSpelled is how many entries are compared as they are written.
const mostSpelled = 16

// spelledAlike tells whether a short list holds just the declared entries, letter by letter.
func spelledAlike(want, live Value) bool {
	var rows [mostSpelled]entrySpelling
	if len(live.Parts) > mostSpelled {
		return false
	}
	for i := range live.Parts {
		v := live.Parts[i].Value
		rows[i] = entrySpelling{text: []byte(v.Text), typ: []byte(v.Get("type").Text)}
	}
	return spelledSo(want, rows[:len(live.Parts)])
}

// An entrySpelling is a live entry as it is written.
type entrySpelling struct{ text, typ []byte }

func spelledSo(want Value, live []entrySpelling) bool {
	if len(want.Parts) != len(live) {
		return false
	}
	var used [mostSpelled]bool
	for i := range want.Parts {
		w, found := want.Parts[i].Value, false
		typ := w.Get("type").Text
		for j := range live {
			if !used[j] && w.Text == string(live[j].text) && (typ == "" || typ == string(live[j].typ)) {
				used[j], found = true, true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// rawSame looks for each entry as it is written, in a list of rows without surprises.
func (c multifieldCodec) rawSame(want Value, raw []byte) bool {
	var rows [mostSpelled]entrySpelling
	n := 0
	s := scan{rest: raw}
	for s.must('['); !s.lost; s.must(',') {
		typeID, row := s.spelling()
		if string(typeID) == c.Multi {
			if n == mostSpelled {
				return false
			}
			rows[n] = row
			n++
		}
		if s.next(']') {
			break
		}
	}
	return !s.lost && len(s.rest) == 0 && n > 0 && spelledSo(want, rows[:n])
}

// spelling reads a row of fm.
func (s *scan) spelling() (typeID []byte, row entrySpelling) {
	for s.must('{'); !s.lost; s.must(',') {
		name, _ := insideOf(s.scalar())
		s.must(':')
		raw := s.scalar()
		text, isText := insideOf(raw)
		switch string(name) {
		case "id":
			isText = true // a number mostly
		case "typeId":
			typeID = text
		case "value":
			row.text = text
		case "valueType":
			row.typ = text
		default:
			isText = false
		}
		s.lost = s.lost || !isText
		if s.next('}') {
			break
		}
	}
	return typeID, row
}

// pair matches declared rows with live ones: value and type first, then a value
// whose type is left open, then a value of another type. What is left on both sides
// is changed in place, so that a corrected number keeps its row.
func (c multifieldCodec) pair(want, live []row) (edits []Edit) {
	paired, used := make([]bool, len(want)), make([]bool, len(live))
	if len(want) > 0 && len(live) > 0 { // else none has to be understood
		edits = c.changed(want, live, paired, used)
	}
	for i := range want {
		if !paired[i] {
			edits = append(edits, Edit{TypeID: c.Multi, Value: want[i].text, Type: want[i].typ})
		}
	}
	for j := range live {
		if !used[j] {
			edits = append(edits, Edit{ID: live[j].id, TypeID: c.Multi, Remove: true})
		}
	}
	return edits
}

// changed gives the edits of live rows that have a declared one, and notes both.
func (c multifieldCodec) changed(want, live []row, paired, used []bool) (edits []Edit) {
	w, l := c.compared(want), c.compared(live)
	anyType := func(r row) row { return row{text: r.text} }
	always := func(row) bool { return true }
	for _, pass := range []struct {
		takes func(w row) bool
		key   func(r row) row
	}{
		{always, func(r row) row { return r }},
		{func(w row) bool { return w.typ == "" }, anyType},
		{always, anyType},
		{always, func(row) row { return row{} }},
	} {
		free := make(map[row][]int)
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
			if w[i].text != l[j].text || w[i].typ != "" && w[i].typ != l[j].typ {
				edits = append(edits, Edit{ID: live[j].id, TypeID: c.Multi, Value: want[i].text, Type: cmp.Or(want[i].typ, live[j].typ)})
			}
		}
	}
	return edits
}

// compared gives rows with their values and types in the form in which they are compared.
func (c multifieldCodec) compared(rows []row) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = row{text: c.normal(r.text), typ: strings.ToUpper(r.typ)}
	}
	return out
}

// Wire gives the Edits of the typeId; a request gathers those of all into one fm.
func (c multifieldCodec) Wire(want, live Value) any { return Edits(c.pair(rowsOf(want), rowsOf(live))) }

func (multifieldCodec) Show(_ Names, v Value) Shown {
	var out []Shown
	for _, r := range rowsOf(v) {
		one := Shown{Text: r.text}
		if r.typ != "" {
			one = InParts(r.text, Bracketed, P(PartType, strings.ToLower(r.typ)))
		}
		out = append(out, one)
	}
	return Several(out)
}

func (multifieldCodec) Declare(_ Names, v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	d := Node{Kind: List}
	for _, r := range rowsOf(v) {
		item := scalar(Text(r.text))
		if r.typ != "" {
			item = Node{Kind: Map, Pairs: []Pair{{Key: "value", Value: item}, {Key: "type", Value: scalar(Text(r.typ))}}}
		}
		d.Items = append(d.Items, item)
	}
	return d
}

func (c multifieldCodec) Key(v Value) string {
	var keys []string
	for _, r := range rowsOf(v) {
		keys = append(keys, c.normal(r.text)+" "+strings.ToUpper(r.typ))
	}
	return joinKeys(keys, true)
}

func (multifieldCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"array", "object", "null"}}
}

func (multifieldCodec) Traits() Traits {
	return Traits{OneLine: true, Findable: true, Listed: true, Set: true}
}

// An Edit changes one row of fm: without an id it adds a row, Remove deletes one.
type Edit struct {
	ID     string
	TypeID string
	Value  string
	Type   string
	Remove bool
}

// Edits are what a request changes of fm.
type Edits []Edit

// Removes tells whether any row is deleted.
func (e Edits) Removes() bool { return slices.ContainsFunc(e, func(e Edit) bool { return e.Remove }) }

func (e Edit) entry() map[string]any {
	if e.Remove {
		return map[string]any{"typeId": e.TypeID, "value": ""}
	}
	return map[string]any{"typeId": e.TypeID, "valueType": sentType(e.Type), "value": e.Value}
}

// Row is the form that an import takes, in a list of its kind.
// Source: api-reference/crm/universal/import/crm-item-import.md.
func (e Edit) Row() map[string]any {
	return map[string]any{"VALUE": e.Value, "VALUE_TYPE": sentType(e.Type)}
}

// List is the form that a creating call takes.
func (e Edits) List() []any {
	out := make([]any, len(e))
	for i, edit := range e {
		out[i] = edit.entry()
	}
	return out
}

// ByRow is the form that an update takes: keyed by row id, new rows as n0, n1….
// A list would be taken for row ids 0, 1, ….
func (e Edits) ByRow() map[string]any {
	out := make(map[string]any, len(e))
	added := 0
	for _, edit := range e {
		key := edit.ID
		if key == "" {
			key = "n" + strconv.Itoa(added)
			added++
		}
		out[key] = edit.entry()
	}
	return out
}

// merge changes the type of a number in place where it is there with another one
// that nothing else claims; the same number may stand twice, as phone and as fax.
func (c multifieldCodec) merge(m, live Value) Value {
	removed := c.byValue(rowsOf(m.Get("remove")))
	rows := slices.DeleteFunc(rowsOf(live), func(l row) bool { return c.names(removed, l) })
	alike, claimed := c.byValue(rows), make([]bool, len(rows))
	claim := func(w row, fits func(l row) bool) int {
		for _, n := range alike[c.normal(w.text)] {
			if !claimed[n.index] && fits(rows[n.index]) {
				claimed[n.index] = true
				return n.index
			}
		}
		return -1
	}
	open := slices.DeleteFunc(rowsOf(m.Get("add")), func(w row) bool {
		return claim(w, func(l row) bool { return isOfType(w, l) }) >= 0
	})
	for _, w := range open {
		if i := claim(w, func(row) bool { return true }); i >= 0 {
			rows[i].typ = w.typ
			continue
		}
		rows = append(rows, w)
	}
	return listOf(rows)
}

func (c multifieldCodec) holds(m, live Value) bool {
	rows := rowsOf(live)
	have, removed := c.byValue(rows), c.byValue(rowsOf(m.Get("remove")))
	for _, w := range rowsOf(m.Get("add")) {
		if !slices.ContainsFunc(have[c.normal(w.text)], func(l numberedRow) bool { return isOfType(w, l.row) }) {
			return false
		}
	}
	return len(removed) == 0 || !slices.ContainsFunc(rows, func(l row) bool { return c.names(removed, l) })
}

// A numberedRow is a row with its place in a list.
type numberedRow struct {
	row
	index int
}

// byValue finds rows by their values as they are compared; lists can be long.
func (c multifieldCodec) byValue(rows []row) map[string][]numberedRow {
	out := make(map[string][]numberedRow, len(rows))
	for i, r := range rows {
		key := c.normal(r.text)
		out[key] = append(out[key], numberedRow{r, i})
	}
	return out
}

// names tells whether declared rows name a live one.
func (c multifieldCodec) names(declared map[string][]numberedRow, live row) bool {
	return slices.ContainsFunc(declared[c.normal(live.text)], func(w numberedRow) bool { return isOfType(w.row, live) })
}

// isOfType tells whether a live row has the declared type; an open type takes any.
func isOfType(w, live row) bool { return w.typ == "" || strings.EqualFold(w.typ, live.typ) }
