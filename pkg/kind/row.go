package kind

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Row is one object as the portal returned it.
type Row map[string]json.RawMessage

// Int reads a number that may come as a JSON number or as a string.
func (r Row) Int(key string) int {
	n, _ := strconv.Atoi(r.Text(key))
	return n
}

// IDsOf lists the ids of rows.
func IDsOf(rows []Row) []int {
	ids := make([]int, len(rows))
	for i, row := range rows {
		ids[i] = row.Int("id")
	}
	return ids
}

// RefusalIn gives why a row is not shown whole; nil if it is.
func RefusalIn(row Row) *Refusal {
	var why value.Message
	if json.Unmarshal(row[HiddenRow], &why) != nil || why.IsZero() {
		return nil
	}
	return &Refusal{Scope: ScopeItem, Err: value.Told(why)}
}

// HiddenPart names the column in which a row says why a part of it is not known.
func HiddenPart(part string) string { return part + " hidden" }

// HidePart notes in a row why a part of it is not known.
func (r Row) HidePart(part, why string) (err error) {
	r[HiddenPart(part)], err = json.Marshal(why)
	return err
}

// Clone is the row in memory of its own.
func (r Row) Clone() Row {
	if r == nil {
		return nil
	}
	size := 0
	for _, raw := range r {
		size += len(raw)
	}
	out, text := make(Row, len(r)), make([]byte, 0, size)
	for name, raw := range r {
		from := len(text)
		text = append(text, raw...)
		out[name] = json.RawMessage(text[from:len(text):len(text)])
	}
	return out
}

// Text reads a scalar as text; null and absent read as "".
func (r Row) Text(key string) string { return Text(r[key]) }

// Text reads a JSON scalar as text; null and absent read as "".
func Text(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		if inner := raw[1 : len(raw)-1]; len(raw) > 1 && raw[len(raw)-1] == '"' && bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			return string(inner)
		}
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return string(raw)
}

// DecodeRows reads a list of objects; PHP prints a list with gaps as an object.
func DecodeRows(raw json.RawMessage) ([]Row, error) {
	var rows []Row
	if Text(raw) == "" || json.Unmarshal(raw, &rows) == nil {
		return rows, nil
	}
	keyed := make(map[string]Row)
	if err := json.Unmarshal(raw, &keyed); err != nil {
		return nil, err
	}
	for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
		row := keyed[key]
		if _, ok := row["id"]; !ok && row != nil {
			row["id"] = json.RawMessage(strconv.Quote(key))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// DecodeRow reads one object; PHP prints an empty one as [], and null is empty too. Of
// two equal names the last counts.
func DecodeRow(raw json.RawMessage) (Row, error) { return columnsOf(raw, nil) }

// columnsOf is DecodeRow with no other columns than those wanted; nil wants all.
func columnsOf(raw json.RawMessage, wanted []string) (Row, error) {
	switch t := bytes.TrimSpace(raw); {
	case len(t) == 0 || string(t) == "null" || string(t) == `""`:
		return Row{}, nil
	case t[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) == 0 {
			return Row{}, nil
		}
	}
	if wanted != nil {
		return wantedOf(raw, wanted)
	}
	var names []byte
	var ends []int
	values := make([]json.RawMessage, 0, 16)
	size := 0
	err := members(raw, func(name []byte, value jsontext.Value) {
		names, values, size = append(names, name...), append(values, json.RawMessage(value)), size+len(value)
		ends = append(ends, len(names))
	})
	if err != nil {
		return nil, err
	}
	row, all, text, from := make(Row, len(values)), string(names), make([]byte, 0, size), 0
	for i, v := range values {
		at := len(text)
		text = append(text, v...)
		row[all[from:ends[i]]] = text[at:len(text):len(text)]
		from = ends[i]
	}
	return row, nil
}

// A RowReader reads one object after another into the same row: it is good, and its values are,
// until the next one is read or the text goes away. The zero RowReader is ready.
type RowReader struct {
	row   Row
	names map[string]string // those that were read, which are alike in most rows
}

// Read is [DecodeRow] into the room of the reader.
func (r *RowReader) Read(raw json.RawMessage) (Row, error) {
	if t := bytes.TrimSpace(raw); len(t) == 0 || t[0] != '{' {
		return DecodeRow(raw)
	}
	if r.row == nil {
		r.row, r.names = make(Row), make(map[string]string)
	}
	clear(r.row)
	err := members(raw, func(name []byte, value jsontext.Value) {
		known, ok := r.names[string(name)]
		if !ok {
			known = string(name)
			r.names[known] = known
		}
		r.row[known] = json.RawMessage(value)
	})
	return r.row, err
}

// wantedOf reads some columns of an object.
func wantedOf(raw json.RawMessage, wanted []string) (Row, error) {
	var room [48]jsontext.Value
	values, size, found := append(room[:0], make([]jsontext.Value, len(wanted))...), 0, 0
	err := members(raw, func(name []byte, value jsontext.Value) {
		if i := slices.IndexFunc(wanted, func(w string) bool { return w == string(name) }); i >= 0 {
			if values[i] == nil {
				found++
			}
			size += len(value) - len(values[i])
			values[i] = value
		}
	})
	if err != nil {
		return nil, err
	}
	row, text := make(Row, found), make([]byte, 0, size)
	for i, v := range values {
		if v == nil {
			continue
		}
		at := len(text)
		text = append(text, v...)
		row[wanted[i]] = text[at:len(text):len(text)]
	}
	return row, nil
}

// A decoder is one that is used again, over the text that it reads.
type decoder struct {
	*jsontext.Decoder
	text *bytes.Buffer
}

var decoders = sync.Pool{New: func() any {
	text := &bytes.Buffer{}
	return &decoder{jsontext.NewDecoder(text), text}
}}

// on begins to read a text. It is given back with nothing of it left.
func (d *decoder) on(raw []byte) {
	*d.text = *bytes.NewBuffer(raw)
	d.Reset(d.text, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// members tells the names and values of an object, which share its memory.
func members(raw []byte, member func(name []byte, value jsontext.Value)) error {
	d := decoders.Get().(*decoder)
	d.on(raw)
	defer func() { d.on(nil); decoders.Put(d) }()
	if kind := d.PeekKind(); kind != '{' && kind != 0 {
		return value.Err("an-object-is-expected", value.T("kind", kind.String()))
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() == '"' {
		quoted, err := d.ReadValue()
		if err != nil {
			return err
		}
		name := quoted[1 : len(quoted)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name, _ = jsontext.AppendUnquote(nil, quoted) // bytes that are no UTF-8 are replaced, as in encoding/json
		}
		from := d.InputOffset()
		if _, err = d.ReadValue(); err != nil {
			return err
		}
		value := raw[from:d.InputOffset()]
		member(name, bytes.TrimLeft(value, " \t\r\n:"))
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return value.Err("something-follows-object")
	}
	return nil
}

// Member returns the object under one key of a result.
func Member(result json.RawMessage, key string) (Row, error) { return MemberOf(result, key, nil) }

// MemberOf is Member with no other columns than those wanted; nil wants all.
func MemberOf(result json.RawMessage, key string, wanted []string) (Row, error) {
	var inner json.RawMessage
	if t := bytes.TrimSpace(result); len(t) > 0 && t[0] == '{' {
		err := members(t, func(name []byte, value jsontext.Value) {
			if string(name) == key {
				inner = json.RawMessage(value)
			}
		})
		if err != nil {
			return nil, err
		}
	} else if _, err := DecodeRow(result); err != nil {
		return nil, err
	}
	if inner == nil {
		return nil, value.Err("answer-lacks", value.Q("what", key))
	}
	return columnsOf(inner, wanted)
}

// byNumber compares texts by the numbers that they are, then as texts.
func byNumber(a, b string) int {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}
