package plan

import (
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// An encoder appends changes as json.Marshal writes them, to the byte. What fields of one
// column have alike is encoded once, and the fields of a change once for its line and for the
// digest. It belongs to one goroutine; the zero encoder is ready.
type encoder struct {
	columns      map[string][]encodedColumn // by the name of the field
	change       Change                     // the one at hand
	fields, held []byte                     // of it, encoded
	line, does   []byte
}

// An encodedColumn is what fields have alike, in front of their values and between these.
type encodedColumn struct {
	of         Field // without values
	head, tail []byte
	isFile     bool
}

// both gives a change as a line of a saved plan, and what of it the digest of a plan covers:
// neither places in files nor what only people read of records. They are good until the next change.
func (e *encoder) both(c *Change) (line, does []byte) {
	same := &e.change
	*same = *c
	e.encodeFields()
	e.line = append(value.AppendJSON(e.line[:0], same, e.special), '\n')
	same.forDigest()
	if e.holdsFiles(c.Fields) || e.holdsFiles(c.Held) {
		same.Fields, same.Held = e.placeless(c.Fields), e.placeless(c.Held)
		e.encodeFields()
	}
	e.does = append(value.AppendJSON(e.does[:0], same, e.special), '\n')
	return e.line, e.does
}

// forDigest leaves out what the digest of a plan does not cover.
func (c *Change) forDigest() {
	c.Source, c.Last, c.Saved, c.Title, c.Declared, c.Labels, c.Moves = value.Pos{}, nil, "", "", "", nil, nil
}

func (e *encoder) encodeFields() {
	e.fields, e.held = e.appendFields(e.fields[:0], e.change.Fields), e.appendFields(e.held[:0], e.change.Held)
}

// special appends lists of fields, those of the change at hand as they are encoded already.
func (e *encoder) special(b []byte, v any) (_ []byte, is bool) {
	list, is := v.(*[]Field)
	switch {
	case !is:
		return b, false
	case list == &e.change.Fields:
		return append(b, e.fields...), true
	case list == &e.change.Held:
		return append(b, e.held...), true
	}
	return e.appendFields(b, *list), true
}

func (e *encoder) holdsFiles(fields []Field) bool {
	return slices.ContainsFunc(fields, func(d Field) bool { return e.column(&d).isFile })
}

// placeless leaves out of files in which folder of the machine they lie.
func (e *encoder) placeless(fields []Field) []Field {
	out := slices.Clone(fields)
	for i := range out {
		if e.column(&out[i]).isFile {
			out[i].Want = withoutFolder(out[i].Want)
		}
	}
	return out
}

func (e *encoder) column(d *Field) *encodedColumn {
	known := e.columns[d.Name]
	for i := range known {
		if d.sameColumn(&known[i].of) {
			return &known[i]
		}
	}
	column := encodedColumn{of: d.column()}
	all, _ := json.Marshal(&column.of) // it is made of texts, numbers and flags
	head, _ := json.Marshal(&Field{Name: d.Name, Label: d.Label, Type: d.Type})
	column.head = head[:len(head)-1]
	column.tail = all[len(column.head):]
	codec, ok := value.CodecOf(d.Type)
	column.isFile = ok && codec.Traits().File
	if e.columns == nil {
		e.columns = make(map[string][]encodedColumn)
	}
	e.columns[d.Name] = append(e.columns[d.Name], column)
	return e.column(d)
}

// appendFields appends a list of fields; a nil one is null.
func (e *encoder) appendFields(b []byte, fields []Field) []byte {
	if fields == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.appendField(b, &fields[i])
	}
	return append(b, ']')
}

func (e *encoder) appendField(b []byte, d *Field) []byte {
	column := e.column(d)
	b = append(b, column.head...)
	if !d.Before.IsEmpty() {
		b = d.Before.AppendJSON(append(b, `,"before":`...))
	}
	if !d.After.IsEmpty() {
		b = d.After.AppendJSON(append(b, `,"after":`...))
	}
	if d.List != nil {
		b = value.AppendJSON(append(b, `,"list":`...), d.List, nil)
	}
	if d.Respelt {
		b = append(b, `,"respelt":true`...)
	}
	if !d.Note.IsZero() {
		b = d.Note.AppendJSON(append(b, `,"note":`...))
	}
	b = append(b, column.tail[:len(column.tail)-1]...)
	if !isZero(&d.Want) {
		b = d.Want.AppendJSON(append(b, `,"want":`...))
	}
	if !isZero(&d.Live) {
		b = d.Live.AppendJSON(append(b, `,"live":`...))
	}
	return append(b, '}')
}

func isZero(v *value.Value) bool { return v.Form == value.FormEmpty && v.Text == "" && v.Parts == nil }
