package value

import (
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
	return appender{special}.structure(b, reflect.ValueOf(v).Elem())
}

type appender struct {
	special func(b []byte, v any) ([]byte, bool)
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

func (a appender) structure(b []byte, v reflect.Value) []byte {
	shape := shapeOf(v.Type())
	if shape == nil {
		return marshalled(b, v)
	}
	b = append(b, '{')
	some := false
	for i := range shape {
		m, f := &shape[i], v.Field(shape[i].index)
		if m.omitted && isEmpty(f) || m.zeroed && isZero(f) {
			continue
		}
		b = a.any(append(comma(b, some), m.name...), f, m.own)
		some = true
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

func (a appender) any(b []byte, v reflect.Value, own bool) []byte {
	p := v.Addr().Interface()
	if a.special != nil {
		if b, is := a.special(b, p); is {
			return b
		}
	}
	switch known := p.(type) {
	case *Value:
		return known.AppendJSON(b)
	case *Shown:
		return known.AppendJSON(b)
	case *Message:
		return known.AppendJSON(b)
	case *time.Time:
		if y := known.Year(); y >= 1 && y <= 9999 && known.Location() == time.UTC {
			return append(known.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
		}
	}
	if own {
		return marshalled(b, v)
	}
	return a.kind(b, v)
}

func (a appender) kind(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return AppendText(b, v.String())
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
	return marshalled(b, v)
}

func (a appender) list(b []byte, v reflect.Value) []byte {
	own := writesItself(v.Type().Elem())
	b = append(b, '[')
	for i := range v.Len() {
		b = a.any(comma(b, i > 0), v.Index(i), own)
	}
	return append(b, ']')
}

// marshalled leaves a value to the standard library.
func marshalled(b []byte, v reflect.Value) []byte {
	text, _ := json.Marshal(v.Interface())
	return append(b, text...)
}
