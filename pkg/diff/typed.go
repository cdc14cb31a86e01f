package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// typed is the codec of a type as the fields of a plan use it: a canonical value is nil
// or a value.Value, live files are those that were read for this plan, and what is
// uploaded is the attachment itself.
type typed struct {
	value.Codec
	typ  value.Type
	view *view
}

// typedOf gives the codec of a type; false if its values cannot be written.
func (v *view) typedOf(t value.Type) (codec, bool) {
	c, ok := value.CodecOf(t)
	return typed{c, t, v}, ok
}

// plainCodec is the codec of a type of which no value names anything.
func plainCodec(t value.Type) codec { return typed{value.MustCodecOf(t), t, nil} }

// plainText is the codec of a text, and typedText such a value.
var plainText = plainCodec(value.Type{Name: "string"})

func typedText(text string) value.Value { return value.Text(text) }

// val gives a canonical value of a typed codec; empty for any other.
func val(v any) value.Value {
	out, _ := v.(value.Value)
	return out
}

// held gives a value as a plan holds it: nil if it is empty.
func held(v value.Value) any {
	if v.IsEmpty() {
		return nil
	}
	return v
}

func (c typed) parse(s *scope, v spec.Value) (any, error) {
	out, err := c.Parse(s.names(), v)
	return held(out), err
}

func (c typed) read(raw json.RawMessage) (any, error) {
	out, err := c.Read(raw)
	if err == nil && c.Traits().File && c.view != nil {
		out, err = c.view.recall(out)
	}
	return held(out), err
}

func (c typed) equal(want, live any) bool { return c.Same(val(want), val(live)) }

func (c typed) send(want, live any) any { return c.withContents(c.Wire(val(want), val(live))) }

func (c typed) show(s *scope, v any) any { return c.Show(s.names(), val(v)).Plain() }

// withContents puts attachments in place of what names them.
func (c typed) withContents(wire any) any {
	switch w := wire.(type) {
	case value.Upload:
		return upload{c.view.attachment(w.File)}
	case []any:
		for i := range w {
			w[i] = c.withContents(w[i])
		}
	}
	return wire
}

// typeOf gives the type of a codec; the zero Type for one that is not typed.
func typeOf(c codec) value.Type {
	t, _ := c.(typed)
	return t.typ
}

// traitsOf gives what is known of the values of a codec.
func traitsOf(c codec) value.Traits {
	if t, ok := c.(typed); ok {
		return t.Traits()
	}
	return value.Traits{}
}

// oneOf gives the codec of one value of a list.
func oneOf(c codec) codec {
	t, ok := c.(typed)
	if !ok {
		return c
	}
	t.Codec = value.Of(t.Codec)
	t.typ.Multiple, t.typ.Members = false, false
	return t
}

// wholeOf gives the codec of all values behind a membership.
func wholeOf(c codec) codec {
	t, ok := c.(typed)
	if !ok {
		return c
	}
	t.Codec, t.typ.Members = value.Whole(t.Codec), false
	return t
}
