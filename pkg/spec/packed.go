package spec

import (
	"encoding/binary"
	"slices"
	"strings"
	"sync"
	"unique"
	"unsafe"

	"github.com/b24apply/b24apply/pkg/value"
)

// An arena holds what the records of one block declare, as one text without pointers: a
// hundred thousand records are a few hundred texts for the garbage collector. It is complete
// once its block has been read.
type arena struct {
	file  string
	names []string // of fields and keys
	data  string

	outlines []*Outline // those that its records have
}

// A packed is the fields and parts of one resource in an arena.
type packed struct {
	in    *arena // nil if nothing is declared
	at    uint32
	shape uint32 // of its outline
}

// The bits of the byte that a packed value begins with, beside its kind.
const (
	packedKind  = 0x03
	packedPlain = 1 << 2
	packedAlien = 1 << 3 // it stands in another file, whose name follows
	packedAgain = 1 << 4 // its text was written before; where follows
)

// A longText is a text of sharedSize bytes or more, by the memory that it has: all aliases
// of a value share that, and many aliases of a long one must not make as many copies.
type longText struct {
	at   *byte
	size int
}

const sharedSize = 64

// A packer writes one arena.
type packer struct {
	arena     *arena
	data      []byte
	index     map[string]int   // of names
	long      map[longText]int // where long texts stand
	line      int              // of the position that was written last
	keys      []int            // numbers of the keys of the maps that were written last
	outlines  map[string]uint32
	outlined  []byte        // room for the key of one of them
	resources []Resource    // room for those of the block
	fields    []value.Field // room for those of one resource
	addresses []packedAddress
}

// A packedAddress is a resource whose address stands in the arena.
type packedAddress struct {
	r  *Resource
	at int
}

// packedTexts is room for arenas that are being written.
var packedTexts = sync.Pool{New: func() any { return &packedRoom{} }}

type packedRoom struct{ data []byte }

func newPacker(file string, resources int) *packer {
	return &packer{
		arena: &arena{file: file}, data: packedTexts.Get().(*packedRoom).data[:0], index: make(map[string]int), outlines: make(map[string]uint32),
		resources: make([]Resource, 0, resources), addresses: make([]packedAddress, 0, resources),
	}
}

// resource gives room for a resource.
func (p *packer) resource() *Resource {
	if len(p.resources) == cap(p.resources) {
		return &Resource{}
	}
	p.resources = p.resources[:len(p.resources)+1]
	return &p.resources[len(p.resources)-1]
}

// room is for fields that are needed until the next call.
func (p *packer) room(n int) []value.Field {
	p.fields = slices.Grow(p.fields[:0], n)[:n]
	return p.fields
}

// finish completes the arena, and moves the addresses of its resources into it.
func (p *packer) finish() {
	p.arena.names = slices.Clip(p.arena.names)
	p.arena.data = string(p.data)
	packedTexts.Put(&packedRoom{p.data})
	p.data = nil
	for _, a := range p.addresses {
		r := a.r
		r.Address = value.Address(p.arena.data[a.at : a.at+len(r.Address)])
		if name, ok := strings.CutSuffix(string(r.Address), r.Name); ok {
			r.Name = string(r.Address)[len(name):]
		} else {
			r.Name = strings.Clone(r.Name)
		}
	}
}

// keep writes what a resource declares, and its address.
func (p *packer) keep(r *Resource, fields, parts []value.Field) {
	r.declared = p.pack(fields, parts)
	p.addresses = append(p.addresses, packedAddress{r, len(p.data)})
	p.data = append(p.data, r.Address...)
}

func (p *packer) pack(fields, parts []value.Field) packed {
	if len(fields)+len(parts) == 0 {
		return packed{}
	}
	out := packed{in: p.arena, at: uint32(len(p.data))}
	p.line, p.keys = 0, p.keys[:0]
	for _, list := range [][]value.Field{fields, parts} {
		p.number(len(list))
		for i := range list {
			p.pair(list[i].Name, list[i].Pos, &list[i].Value)
		}
	}
	out.shape = p.outline(fields, parts)
	return out
}

func (p *packer) number(n int) { p.data = binary.AppendUvarint(p.data, uint64(n)) }

// name writes the number of a name.
func (p *packer) name(text string) {
	n, known := p.index[text]
	if !known {
		n = len(p.arena.names)
		text = unique.Make(text).Value()
		p.index[text] = n
		p.arena.names = append(p.arena.names, text)
	}
	p.number(n)
}

func (p *packer) pair(name string, at value.Pos, v *value.Node) {
	p.name(name)
	p.head(0, at)
	p.value(v)
}

// head writes bits and a position.
func (p *packer) head(bits byte, at value.Pos) {
	if at.File != p.arena.file {
		bits |= packedAlien
	}
	p.data = append(p.data, bits)
	if bits&packedAlien != 0 {
		p.name(at.File)
	}
	p.data = binary.AppendVarint(p.data, int64(at.Line-p.line))
	p.number(at.Col)
	p.line = at.Line
}

func (p *packer) value(v *value.Node) {
	bits := byte(v.Kind)
	if v.Plain {
		bits |= packedPlain
	}
	if v.Kind == value.Null || v.Kind == value.Scalar {
		p.text(bits, v)
		return
	}
	p.head(bits, v.Pos)
	switch v.Kind {
	case value.List:
		p.number(len(v.Items))
		for i := range v.Items {
			p.value(&v.Items[i])
		}
	case value.Map:
		p.number(len(v.Pairs))
		for i := range v.Pairs {
			p.pair(v.Pairs[i].Key, v.Pairs[i].Pos, &v.Pairs[i].Value)
			p.keys = append(p.keys, p.index[v.Pairs[i].Key])
		}
	}
}

// text writes a value that is a text, or what was written for null.
func (p *packer) text(bits byte, v *value.Node) {
	key := longText{unsafe.StringData(v.Text), len(v.Text)}
	at, again := p.long[key]
	if again {
		bits |= packedAgain
	}
	p.head(bits, v.Pos)
	p.number(len(v.Text))
	if again {
		p.number(at)
		return
	}
	if len(v.Text) >= sharedSize {
		if p.long == nil {
			p.long = make(map[longText]int)
		}
		p.long[key] = len(p.data)
	}
	p.data = append(p.data, v.Text...)
}

// An unpacker reads what a packer wrote.
type unpacker struct {
	in   *arena
	at   int
	line int
	room *Room // for the lists and maps; nil if they are kept
}

// items gives a list of n values.
func (u *unpacker) items(n int) []value.Node {
	if u.room == nil {
		return make([]value.Node, n)
	}
	return u.room.items.zeros(n)
}

// pairs gives a map of n entries.
func (u *unpacker) pairs(n int) []value.Pair {
	if u.room == nil {
		return make([]value.Pair, n)
	}
	return u.room.pairs.zeros(n)
}

// number reads a number. Most are of one byte.
func (u *unpacker) number() int {
	b := u.in.data[u.at]
	u.at++
	if b < 0x80 {
		return int(b)
	}
	n := uint64(b & 0x7f)
	for shift := 7; ; shift += 7 {
		b = u.in.data[u.at]
		u.at++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return int(n)
		}
	}
}

func (u *unpacker) head() (bits byte, at value.Pos) {
	bits = u.in.data[u.at]
	u.at++
	at.File = u.in.file
	if bits&packedAlien != 0 {
		at.File = u.in.names[u.number()]
	}
	delta := uint64(u.number())
	u.line += int(int64(delta>>1) ^ -int64(delta&1))
	at.Line, at.Col = u.line, u.number()
	return bits, at
}

func (u *unpacker) value(v *value.Node) {
	bits, at := u.head()
	v.Kind, v.Plain, v.Pos = value.NodeKind(bits&packedKind), bits&packedPlain != 0, at
	n := u.number()
	switch v.Kind {
	case value.List:
		v.Items = u.items(n)
		for i := range v.Items {
			u.value(&v.Items[i])
		}
	case value.Map:
		v.Pairs = u.pairs(n)
		for i := range v.Pairs {
			v.Pairs[i].Key = u.in.names[u.number()]
			_, v.Pairs[i].Pos = u.head()
			u.value(&v.Pairs[i].Value)
		}
	default:
		v.Text = u.text(bits, n)
	}
}

// text reads a text of n bytes.
func (u *unpacker) text(bits byte, n int) string {
	if bits&packedAgain != 0 {
		at := u.number()
		return u.in.data[at : at+n]
	}
	u.at += n
	return u.in.data[u.at-n : u.at]
}

// fields reads fields, into out if there is room.
func (u *unpacker) fields(out []value.Field) []value.Field {
	n := u.number()
	out = slices.Grow(out[:0], n)[:n]
	for i := range out {
		out[i] = value.Field{Name: u.in.names[u.number()]}
		_, out[i].Pos = u.head()
		u.value(&out[i].Value)
	}
	return out
}

// skip passes over a value.
func (u *unpacker) skip() {
	bits, _ := u.head()
	n := u.number()
	switch value.NodeKind(bits & packedKind) {
	case value.List:
		for range n {
			u.skip()
		}
	case value.Map:
		for range n {
			u.skipPair()
		}
	default:
		u.text(bits, n)
	}
}

// skipPair passes over a name and its value.
func (u *unpacker) skipPair() {
	u.number()
	u.head()
	u.skip()
}

// field reads the field with an index.
func (u *unpacker) field(i int) value.Field {
	u.number()
	for range i {
		u.skipPair()
	}
	f := value.Field{Name: u.in.names[u.number()]}
	_, f.Pos = u.head()
	u.value(&f.Value)
	return f
}

// skipFields passes over all fields.
func (u *unpacker) skipFields() {
	for range u.number() {
		u.skipPair()
	}
}

// unpack gives the fields and the parts anew.
func (p packed) unpack() (fields, parts []value.Field) {
	if p.in == nil {
		return nil, nil
	}
	u := unpacker{in: p.in, at: int(p.at)}
	fields = u.fields(nil)
	return fields, u.fields(nil)
}
