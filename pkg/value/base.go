package value

import "strconv"

// base is what most codecs have in common: a value is one text, and two values are the
// same if their texts are.
type base struct {
	Type
	none any // what empties the field
}

// one takes the text of a declared value that must be a single one.
func (b base) one(d Node) (string, error) {
	if d.Kind != Scalar {
		return "", Bad("type", "not-one-value", "write-one-value", shape(d))
	}
	return d.Text, nil
}

// filled is one for values of which an empty text is none: it empties the field, or is
// a mistake where only null does.
func (b base) filled(d Node) (string, error) {
	t, err := b.one(d)
	if err == nil && isBlankText(t) && (b.Filled || t != "") {
		return "", b.isEmpty(t)
	}
	return t, err
}

// isEmpty says that a value is missing, and how to empty the field.
func (b base) isEmpty(t string) *Fault {
	hint := "write-null"
	if b.NoClear {
		hint = "cannot-be-emptied"
	}
	return Bad("type", "is-empty", hint, written(t))
}

func (base) Read(raw []byte) (Value, error) { return textOrNothing(PlainText(raw)), nil }

func (base) Same(want, live Value) bool { return want.Form == live.Form && want.Text == live.Text }

func (b base) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return b.none
	}
	return want.Text
}

func (base) Show(_ Names, v Value) Shown { return Shown{Text: v.Text} }

func (base) Declare(_ Names, v Value) Node { return scalar(v) }

func (base) After(want, _ Value) Value { return want }

func (base) Key(v Value) string { return v.Text }

// Schema lets a scalar be written as YAML gives it.
func (base) Schema() map[string]any {
	return map[string]any{"type": []any{"string", "number", "boolean", "null"}}
}

func textOrNothing(t string) Value {
	if t == "" {
		return Value{}
	}
	return Text(t)
}

// scalar writes one value for a manifest: null, or its text in quotes.
func scalar(v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	return Node{Kind: Scalar, Text: v.Text}
}

// number is the wire form of an id.
func number(v Value) any {
	if n, err := strconv.Atoi(v.Text); err == nil {
		return n
	}
	return v.Text
}
