package plan

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/b24apply/b24apply/pkg/value"
)

// An encoder appends changes as json.Marshal writes them, to the byte. What fields of one
// column have alike is encoded once. What a change holds is found by reflection, so that no
// member can be forgotten. It belongs to one goroutine; the zero encoder is ready.
type encoder struct {
	columns      map[string][]encodedColumn // by the name of the field
	fields, held []byte                     // those of the change at hand
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
	e.fields, e.held = e.appendFields(e.fields[:0], c.Fields), e.appendFields(e.held[:0], c.Held)
	e.line = append(e.appendStruct(e.line[:0], reflect.ValueOf(c).Elem()), '\n')
	same := *c
	same.Source, same.Last, same.Saved, same.Title = value.Pos{}, nil, "", ""
	if e.holdsFiles(c.Fields) || e.holdsFiles(c.Held) {
		e.fields, e.held = e.appendFields(e.fields[:0], e.placeless(c.Fields)), e.appendFields(e.held[:0], e.placeless(c.Held))
	}
	e.does = append(e.appendStruct(e.does[:0], reflect.ValueOf(&same).Elem()), '\n')
	return e.line, e.does
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
		b = e.appendAny(append(b, `,"list":`...), reflect.ValueOf(d.List))
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

// A member of a struct as it stands in JSON.
type member struct {
	index           int
	goName          string
	name            string // with quotation marks and colon
	omitted, zeroed bool   // left out if it is empty, or zero
}

// shapes are the members of struct types; nil for one that json.Marshal is to write.
var shapes sync.Map

func shapeOf(t reflect.Type) []member {
	if known, ok := shapes.Load(t); ok {
		return known.([]member)
	}
	var out []member
	if !t.Implements(marshaler) && !reflect.PointerTo(t).Implements(marshaler) {
		for i := range t.NumField() {
			f := t.Field(i)
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || !f.IsExported() && name != "-" {
				out = nil
				break
			}
			if name == "-" {
				continue
			}
			if name == "" {
				name = f.Name
			}
			out = append(out, member{i, f.Name, `"` + name + `":`, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero")})
		}
	}
	shapes.Store(t, out)
	return out
}

var (
	marshaler   = reflect.TypeFor[json.Marshaler]()
	messageType = reflect.TypeFor[value.Message]()
	changeType  = reflect.TypeFor[Change]()
)

// appendStruct appends a struct that can be addressed.
func (e *encoder) appendStruct(b []byte, v reflect.Value) []byte {
	t := v.Type()
	shape := shapeOf(t)
	if shape == nil {
		return appendMarshalled(b, v)
	}
	b = append(b, '{')
	some := false
	for i := range shape {
		m, f := &shape[i], v.Field(shape[i].index)
		if m.omitted && isEmpty(f) || m.zeroed && isNothing(f) {
			continue
		}
		if some {
			b = append(b, ',')
		}
		some = true
		b = append(b, m.name...)
		switch {
		case t == changeType && m.goName == "Fields":
			b = append(b, e.fields...)
		case t == changeType && m.goName == "Held":
			b = append(b, e.held...)
		default:
			b = e.appendAny(b, f)
		}
	}
	return append(b, '}')
}

// isEmpty is what omitempty means.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

// isNothing is what omitzero means.
func isNothing(v reflect.Value) bool {
	if v.Type() == messageType {
		return v.Addr().Interface().(*value.Message).IsZero()
	}
	if z, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

func (e *encoder) appendAny(b []byte, v reflect.Value) []byte {
	if v.CanAddr() {
		switch special := v.Addr().Interface().(type) {
		case *value.Value:
			return special.AppendJSON(b)
		case *value.Shown:
			return special.AppendJSON(b)
		case *value.Message:
			return special.AppendJSON(b)
		case *[]Field:
			return e.appendFields(b, *special)
		}
	}
	switch v.Kind() {
	case reflect.String:
		return value.AppendText(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Struct:
		return e.appendStruct(b, v)
	case reflect.Pointer:
		if !v.IsNil() {
			return e.appendAny(b, v.Elem())
		}
	case reflect.Slice:
		if !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8 {
			return e.appendList(b, v)
		}
	}
	return appendMarshalled(b, v)
}

func (e *encoder) appendList(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.appendAny(b, v.Index(i))
	}
	return append(b, ']')
}

// appendMarshalled leaves it to the standard library. A change is made of what has no errors.
func appendMarshalled(b []byte, v reflect.Value) []byte {
	text, _ := json.Marshal(v.Interface())
	return append(b, text...)
}
