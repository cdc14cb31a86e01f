package bitrix

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// A doc is a JSON text that was validated in one pass, which also noted where the
// values of its upper levels are. What is deeper is validated and not noted.
type doc struct {
	text  []byte // the JSON text
	names []byte // the plain form of names that have escapes
	nodes []node // in the order of the text; the first is the whole
	body  []byte // the memory of an answer that is used again; nil if it is not
}

// A node is a value of a doc: where its name is, without quotes, and where it is.
// The name of an element of a list is empty.
type node struct {
	name, nameEnd, at, end uint32
	below                  int32 // how many nodes are inside, or unopened
}

// bytesPerNode is how long a member of a row is, by and large.
const bytesPerNode = 24

// maxText bounds a text, so that a place in it or in its names takes 31 bits.
const maxText = 512 << 20

// apart marks a place in the names of a doc instead of its text.
const apart = 1 << 31

// unopened says that what a list or an object holds was not noted.
const unopened = -1

// parse validates a text and notes the values of the first levels. Of two equal
// names the last counts, and bytes that are not UTF-8 are no error: PHP writes both.
func parse(text []byte, levels int) (*doc, bool) {
	d := new(doc)
	return d, d.read(text, levels)
}

func (d *doc) read(text []byte, levels int) bool {
	d.text, d.names, d.nodes = text, d.names[:0], d.nodes[:0]
	if levels >= batchLevels { // the answer of a list: much of it is noted
		d.nodes = slices.Grow(d.nodes, len(text)/bytesPerNode)
	}
	d.nodes = append(d.nodes, node{})
	if len(text) > maxText {
		return false
	}
	x := indexer{doc: d}
	x.Reset(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if !x.value(0, levels) {
		return false
	}
	_, err := x.ReadToken()
	return err == io.EOF
}

// An indexer reads a text into the nodes of a doc.
type indexer struct {
	jsontext.Decoder
	doc *doc
}

// value reads a value into node i, and with it what it holds down to some levels.
func (x *indexer) value(i, levels int) bool {
	kind := x.PeekKind()
	container := kind == '{' || kind == '['
	if container && levels > 0 {
		return x.container(i, kind == '{', levels-1)
	}
	raw, err := x.ReadValue()
	if err != nil {
		return false
	}
	end := uint32(x.InputOffset())
	n := &x.doc.nodes[i]
	n.at, n.end = end-uint32(len(raw)), end
	if container {
		n.below = unopened
	}
	return true
}

func (x *indexer) container(i int, named bool, levels int) bool {
	if _, err := x.ReadToken(); err != nil {
		return false
	}
	x.doc.nodes[i].at = uint32(x.InputOffset()) - 1
	for kind := x.PeekKind(); kind != '}' && kind != ']'; kind = x.PeekKind() {
		var n node
		if named {
			name, err := x.ReadValue()
			if err != nil {
				return false
			}
			n.name, n.nameEnd = x.doc.plain(name, uint32(x.InputOffset()))
		}
		x.doc.nodes = append(x.doc.nodes, n)
		if !x.value(len(x.doc.nodes)-1, levels) {
			return false
		}
	}
	if _, err := x.ReadToken(); err != nil {
		return false
	}
	n := &x.doc.nodes[i]
	n.end, n.below = uint32(x.InputOffset()), int32(len(x.doc.nodes)-i-1)
	return true
}

// plain tells where a name is, which stands before end in quotes. One with escapes is
// written out.
func (d *doc) plain(quoted []byte, end uint32) (from, to uint32) {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
		return end - uint32(len(quoted)) + 1, end - 1
	}
	from = uint32(len(d.names))
	d.names = AppendText(d.names, quoted)
	return from | apart, uint32(len(d.names))
}

func (d *doc) name(i int) []byte {
	n := &d.nodes[i]
	if n.name&apart != 0 {
		return d.names[n.name&^apart : n.nameEnd]
	}
	return d.text[n.name:n.nameEnd]
}

func (d *doc) raw(i int) json.RawMessage {
	n := d.nodes[i]
	return d.text[n.at:n.end:n.end]
}

// after is the node behind node i and all that is inside that.
func (d *doc) after(i int) int { return i + 1 + max(0, int(d.nodes[i].below)) }

// A value is one value of a doc. The zero value is absent.
type value struct {
	doc *doc
	at  int
}

// valueOf is a value of its own, absent if the text is no JSON.
func valueOf(text []byte, levels int) value {
	if d, ok := parse(text, levels); ok {
		return value{doc: d}
	}
	return value{}
}

// kind is what a value begins with, 0 if it is absent.
func (v value) kind() byte {
	if v.doc == nil {
		return 0
	}
	return v.doc.text[v.doc.nodes[v.at].at]
}

// isSet reports whether a value is there and not null.
func (v value) isSet() bool { return v.doc != nil && v.kind() != 'n' }

// raw is the value as it came, nil if it is absent. It shares the memory of the answer.
func (v value) raw() json.RawMessage {
	if v.doc == nil {
		return nil
	}
	return v.doc.raw(v.at)
}

func (v value) number() (n number) {
	_ = n.UnmarshalJSON(v.raw()) // never fails
	return n
}

// open gives the value with what it holds noted.
func (v value) open() value {
	if v.doc == nil || v.doc.nodes[v.at].below != unopened {
		return v
	}
	return valueOf(v.raw(), 1)
}

// inside are the nodes of what an opened value holds: from the first to before the end.
func (v value) inside() (first, end int) {
	if v.doc == nil {
		return 0, 0
	}
	return v.at + 1, v.doc.after(v.at)
}

// count is how many values an opened value holds.
func (v value) count() (n int) {
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		n++
	}
	return n
}

// get is the member of an opened object that has a name to the letter.
func (v value) get(name string) (found value) {
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		if string(v.doc.name(i)) == name {
			found = value{v.doc, i}
		}
	}
	return found
}

// member is the member of an opened object that has a name in any case, as
// encoding/json finds those of a struct.
func (v value) member(name string) (found value) {
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		if have := v.doc.name(i); string(have) == name || bytes.EqualFold(have, []byte(name)) {
			found = value{v.doc, i}
		}
	}
	return found
}
