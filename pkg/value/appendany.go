package value

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// AppendJSON appends the struct that v points at as json.Marshal writes it, to the byte. Its
// members are found by reflection, so that none can be forgotten; what nothing here knows, the
// standard library writes. It must be made of what has no errors. special, if it is set, is
// asked first, with a pointer to each member and entry.
func AppendJSON(b []byte, v any, special func(b []byte, v any) (_ []byte, is bool)) []byte {
	return (&appender{special: special}).structure(b, reflect.ValueOf(v).Elem())
}

// AppendIndented is AppendJSON as an encoder writes it that indents each level by two blanks,
// behind a prefix, and does not care for HTML.
func AppendIndented(b []byte, v any, prefix string) []byte {
	return (&appender{indented: true, prefix: prefix}).structure(b, reflect.ValueOf(v).Elem())
}

type appender struct {
	special  func(b []byte, v any) ([]byte, bool)
	indented bool
	prefix   string // of the lines that are indented
	depth    int    // how many levels are open
}

// line begins an entry of what is open, or its end.
func (a *appender) line(b []byte) []byte {
	if !a.indented {
		return b
	}
	b = append(append(b, '\n'), a.prefix...)
	for range a.depth {
		b = append(b, "  "...)
	}
	return b
}

func (a *appender) text(b []byte, text string) []byte {
	if !a.indented {
		return AppendText(b, text)
	}
	if !isPlainJSON(text, false) {
		quoted, _ := quote(text) // a text has no errors
		return append(b, quoted...)
	}
	return appendQuoted(b, text)
}

// A member of a struct as it stands in JSON.
type member struct {
	index           int
	name            string // with quotation marks and colon
	omitted, zeroed bool   // left out if it is empty, or zero
	own             bool   // its type writes itself
}

// shapes are the members of struct types; nil for one that the standard library writes.
var shapes sync.Map

func shapeOf(t reflect.Type) []member {
	if known, ok := shapes.Load(t); ok {
		return known.([]member)
	}
	out := membersOf(t)
	shapes.Store(t, out)
	return out
}

func membersOf(t reflect.Type) (out []member) {
	if writesItself(t) {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			return nil
		case name == "-" || !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		out = append(out, member{i, `"` + name + `":`, strings.Contains(options, "omitempty"), strings.Contains(options, "omitzero"), writesItself(f.Type)})
	}
	return out
}

var marshalers = []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()}

// writesItself tells whether the standard library asks values of a type for their JSON.
func writesItself(t reflect.Type) bool {
	return slices.ContainsFunc(marshalers, func(m reflect.Type) bool { return t.Implements(m) || reflect.PointerTo(t).Implements(m) })
}

func (a *appender) structure(b []byte, v reflect.Value) []byte {
	shape := shapeOf(v.Type())
	if shape == nil {
		return a.marshalled(b, v)
	}
	b = append(b, '{')
	some := false
	a.depth++
	for i := range shape {
		m, f := &shape[i], v.Field(shape[i].index)
		if m.omitted && isEmpty(f) || m.zeroed && isZero(f) {
			continue
		}
		b = append(a.line(comma(b, some)), m.name...)
		if a.indented {
			b = append(b, ' ')
		}
		b = a.any(b, f, m.own)
		some = true
	}
	if a.depth--; some {
		b = a.line(b)
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

// isZero is what omitzero means.
func isZero(v reflect.Value) bool {
	if z, ok := v.Addr().Interface().(interface{ IsZero() bool }); ok && (v.Kind() != reflect.Pointer || !v.IsNil()) {
		return z.IsZero()
	}
	return v.IsZero()
}

func (a *appender) any(b []byte, v reflect.Value, own bool) []byte {
	p := v.Addr().Interface()
	if a.special != nil {
		if b, is := a.special(b, p); is {
			return b
		}
	}
	switch known := p.(type) {
	case *Value:
		if !a.indented {
			return known.AppendJSON(b)
		}
	case *Shown:
		if !a.indented {
			return known.AppendJSON(b)
		}
	case *Message:
		if !a.indented {
			return known.AppendJSON(b)
		}
	case *time.Time:
		if y := known.Year(); y >= 1 && y <= 9999 && known.Location() == time.UTC {
			return append(known.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
		}
	}
	if own {
		return a.marshalled(b, v)
	}
	return a.kind(b, v)
}

func (a *appender) kind(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return a.text(b, v.String())
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Struct:
		return a.structure(b, v)
	case reflect.Slice:
		if !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8 {
			return a.list(b, v)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			return a.any(b, v.Elem(), writesItself(v.Type().Elem()))
		}
	}
	return a.marshalled(b, v)
}

func (a *appender) list(b []byte, v reflect.Value) []byte {
	own := writesItself(v.Type().Elem())
	b = append(b, '[')
	a.depth++
	for i := range v.Len() {
		b = a.any(a.line(comma(b, i > 0)), v.Index(i), own)
	}
	if a.depth--; v.Len() > 0 {
		b = a.line(b)
	}
	return append(b, ']')
}

// marshalled leaves a value to the standard library.
func (a *appender) marshalled(b []byte, v reflect.Value) []byte {
	if !a.indented {
		text, _ := json.Marshal(v.Interface())
		return append(b, text...)
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent(a.prefix+strings.Repeat("  ", a.depth), "  ")
	_ = e.Encode(v.Interface())
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte{'\n'})...)
}
