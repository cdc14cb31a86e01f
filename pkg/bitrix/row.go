package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A Row is one object of an answer, of which the names and values are found and not
// decoded. It shares the memory of the whole answer, so that a value that is kept for
// long is copied. The zero Row has no members.
type Row struct{ v value }

// ParseRow reads an object. It fails on everything else.
func ParseRow(text []byte) (Row, error) {
	v := valueOf(text, 1)
	if v.kind() != '{' {
		return Row{}, errors.New("it is no object")
	}
	return Row{v}, nil
}

// Raw is the object as it came, nil for the zero Row.
func (r Row) Raw() json.RawMessage { return r.v.raw() }

// Get is the value of a member, nil if there is none of that name. Of two equal
// names the last counts, as in encoding/json.
func (r Row) Get(name string) json.RawMessage { return r.v.get(name).raw() }

// Text is the value of a member as text, as by AppendText, without an allocation
// unless it has escapes; ok is false if there is none, or it is null.
func (r Row) Text(name string) (text []byte, ok bool) {
	v := r.v.get(name)
	if !v.isSet() {
		return nil, false
	}
	raw := v.raw()
	if plain, ok := PlainText(raw); ok {
		return plain, true
	}
	if raw[0] != '"' {
		return raw, true
	}
	return AppendText(nil, raw), true
}

// Int is the value of a member that is a whole number, or text that holds one.
func (r Row) Int(name string) (n int, ok bool) { return wholeNumber(r.v.get(name).raw()) }

// Row is the value of a member that is an object.
func (r Row) Row(name string) (inner Row, ok bool) {
	v := r.v.get(name)
	return Row{v.open()}, v.kind() == '{'
}

// Members yields the names and values in their order. Names share the memory of the
// answer too.
func (r Row) Members() iter.Seq2[[]byte, json.RawMessage] {
	return func(yield func([]byte, json.RawMessage) bool) {
		for i, end := r.v.inside(); i < end; i = r.v.doc.after(i) {
			if !yield(r.v.doc.name(i), r.v.doc.raw(i)) {
				return
			}
		}
	}
}

// Clone is the row with memory of its own.
func (r Row) Clone() Row {
	if r.v.doc == nil {
		return r
	}
	return Row{valueOf(bytes.Clone(r.Raw()), 1)}
}

// id is the number of a row under the name id in any case.
func (r Row) id() (int, bool) {
	return wholeNumber(r.v.member("id").raw())
}

// wholeNumber reads a JSON number, or text that holds one.
func wholeNumber(raw []byte) (int, bool) {
	if len(raw) < 16 { // exact as a float64 too
		if n, err := strconv.Atoi(string(bytes.Trim(raw, `"`))); err == nil {
			return n, true
		}
	}
	var n number
	_ = n.UnmarshalJSON(raw) // never fails
	if i := n.int(); i != nil {
		return *i, true
	}
	return 0, false
}

// PlainText is what a JSON string holds that needs no decoding, sharing its memory. ok
// is false for everything else: strings with escapes or bytes that are not UTF-8 too.
func PlainText(raw []byte) (text []byte, ok bool) {
	if len(raw) < 2 || raw[0] != '"' || bytes.IndexByte(raw, '\\') >= 0 || !utf8.Valid(raw) {
		return nil, false
	}
	return raw[1 : len(raw)-1], true
}

// AppendText appends what a JSON string holds; bytes that are not UTF-8 become
// U+FFFD. Any other value is appended as it is written.
func AppendText(to, raw []byte) []byte {
	if len(raw) == 0 || raw[0] != '"' {
		return append(to, raw...)
	}
	// The error is that of bytes that are not UTF-8, which are replaced all the same.
	to, _ = jsontext.AppendUnquote(to, raw)
	return to
}

// Columns picks the values of some names out of rows. It remembers the order of the
// names of the row before, so that rows of one list cost one comparison of their
// names and no search. It is for one goroutine.
type Columns struct {
	names []string
	order []string // of the members of the row before
	at    []int    // the place of each column in it, -1 for none
}

// NewColumns makes columns in the order of the names.
func NewColumns(names ...string) *Columns { return &Columns{names: slices.Clone(names)} }

// Pick gives the values of a row in the order of the columns, nil where the row has
// none. They are written into the memory of into, and share that of the row.
func (c *Columns) Pick(r Row, into []json.RawMessage) []json.RawMessage {
	if !c.fits(r) {
		c.learn(r)
	}
	into = into[:0]
	first, end := r.v.inside()
	flat := end-first == len(c.order)
	for _, at := range c.at {
		switch {
		case at < 0:
			into = append(into, nil)
		case flat:
			into = append(into, r.v.doc.raw(first+at))
		default:
			into = append(into, r.v.doc.raw(r.v.nth(at)))
		}
	}
	return into
}

func (c *Columns) fits(r Row) bool {
	if len(c.at) != len(c.names) {
		return false
	}
	i, end := r.v.inside()
	for _, name := range c.order {
		if i >= end || string(r.v.doc.name(i)) != name {
			return false
		}
		i = r.v.doc.after(i)
	}
	return i >= end
}

func (c *Columns) learn(r Row) {
	c.order, c.at = c.order[:0], c.at[:0]
	for name := range r.Members() {
		c.order = append(c.order, string(name))
	}
	for _, name := range c.names {
		at := -1
		for i, have := range c.order {
			if have == name {
				at = i
			}
		}
		c.at = append(c.at, at)
	}
}

// nth is the node of the n-th value that an opened value holds.
func (v value) nth(n int) int {
	i, _ := v.inside()
	for range n {
		i = v.doc.after(i)
	}
	return i
}
