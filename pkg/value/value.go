package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Form is the shape of a Value.
type Form uint8

// The forms.
const (
	FormEmpty Form = iota // nothing
	FormText              // one canonical text, maybe with named attributes
	FormList              // several values, in their order
	FormMap               // named values, sorted by name
)

// A Value is what a field holds, in the canonical form of the field's type, so that
// equal values are mostly equal texts: a decimal without needless zeros, a day
// as YYYY-MM-DD, an instant as RFC 3339, Y or N, an id in digits. The zero Value is
// empty. A text may have attributes, such as the type of a phone number or the
// address of the resource that a link points at.
type Value struct {
	Form  Form
	Text  string // FormText; "" for what has no id yet
	Parts []Part // FormList: entries without a name; FormMap and FormText: named, sorted by name
}

// A Part is an entry of a list, a member of a map, or an attribute of a text.
type Part struct {
	Name  string
	Value Value
}

// Text makes a scalar of a text; the empty text is a value too.
func Text(text string, attributes ...Part) Value {
	return Value{Form: FormText, Text: text, Parts: sorted(attributes)}
}

// Listed makes a list of values. A list without entries is empty.
func Listed(entries ...Value) Value {
	if len(entries) == 0 {
		return Value{}
	}
	parts := make([]Part, len(entries))
	for i, v := range entries {
		parts[i].Value = v
	}
	return Value{Form: FormList, Parts: parts}
}

// Mapped makes a map of named values. Names that are the same are the caller's mistake.
func Mapped(members ...Part) Value { return Value{Form: FormMap, Parts: sorted(members)} }

func sorted(parts []Part) []Part {
	if !slices.IsSortedFunc(parts, byName) {
		parts = slices.Clone(parts)
		slices.SortFunc(parts, byName)
	}
	return parts
}

func byName(a, b Part) int { return strings.Compare(a.Name, b.Name) }

// IsEmpty tells whether nothing is there.
func (v Value) IsEmpty() bool { return v.Form == FormEmpty }

// Get finds a member or an attribute; it is empty if there is none.
func (v Value) Get(name string) Value {
	if v.Form == FormList {
		return Value{}
	}
	for i := range v.Parts {
		if v.Parts[i].Name == name {
			return v.Parts[i].Value
		}
	}
	return Value{}
}

// With gives the value with one member or attribute set; an empty one is taken away.
func (v Value) With(name string, part Value) Value {
	parts := make([]Part, 0, len(v.Parts)+1)
	for _, p := range v.Parts {
		if p.Name != name {
			parts = append(parts, p)
		}
	}
	if !part.IsEmpty() {
		parts = append(parts, Part{name, part})
	}
	v.Parts = sorted(parts)
	return v
}

// Len is the number of entries of a list or of members of a map.
func (v Value) Len() int {
	if v.Form == FormText {
		return 0
	}
	return len(v.Parts)
}

// Equal tells whether two values are the same in every part. Whether a portal takes them
// for the same is the codec's to say.
func (v Value) Equal(w Value) bool {
	return v.Form == w.Form && v.Text == w.Text && slices.EqualFunc(v.Parts, w.Parts, func(a, b Part) bool {
		return a.Name == b.Name && a.Value.Equal(b.Value)
	})
}

// attributed is the key under which the text of a value with attributes stands in JSON.
const attributed = "="

// MarshalJSON writes null, a string, a list, or an object. The text of a value with
// attributes stands under "=", a map has no such name.
func (v Value) MarshalJSON() ([]byte, error) {
	switch {
	case v.Form == FormEmpty:
		return []byte("null"), nil
	case v.Form == FormText && len(v.Parts) == 0:
		return quote(v.Text)
	}
	var out bytes.Buffer
	open, end := byte('{'), byte('}')
	if v.Form == FormList {
		open, end = '[', ']'
	}
	out.WriteByte(open)
	if v.Form == FormText {
		text, err := quote(v.Text)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&out, "%q:%s", attributed, text)
	}
	for i, p := range v.Parts {
		if i > 0 || v.Form == FormText {
			out.WriteByte(',')
		}
		if v.Form != FormList {
			name, err := quote(p.Name)
			if err != nil {
				return nil, err
			}
			out.Write(append(name, ':'))
		}
		part, err := p.Value.MarshalJSON()
		if err != nil {
			return nil, err
		}
		out.Write(part)
	}
	out.WriteByte(end)
	return out.Bytes(), nil
}

func quote(text string) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), err
}

// UnmarshalJSON reads what MarshalJSON has written.
func (v *Value) UnmarshalJSON(raw []byte) error {
	*v = Value{}
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil
	case raw[0] == '"':
		v.Form = FormText
		return json.Unmarshal(raw, &v.Text)
	case raw[0] == '[':
		var entries []Value
		if err := json.Unmarshal(raw, &entries); err != nil {
			return err
		}
		*v = Listed(entries...)
		return nil
	case raw[0] != '{':
		return unread("is-no-value", string(raw))
	}
	var members map[string]Value
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	v.Form = FormMap
	if text, ok := members[attributed]; ok {
		v.Form, v.Text = FormText, text.Text
		delete(members, attributed)
	}
	for name, part := range members {
		v.Parts = append(v.Parts, Part{name, part})
	}
	slices.SortFunc(v.Parts, byName)
	return nil
}
