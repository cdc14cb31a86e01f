package spec

import (
	"encoding/binary"
	"slices"
	"strings"
	"unique"

	"github.com/b24apply/b24apply/pkg/value"
)

// An Outline is what a resource declares but for the values: what follows from it alone
// need not be found out for each of many resources that have the same.
type Outline struct {
	Fields []string // names, in their order
	Parts  []string // the same of what stands beside the fields

	keys []string // of all maps in the values, sorted
	id   unique.Handle[string]
}

// ID is equal for equal outlines.
func (o *Outline) ID() unique.Handle[string] { return o.id }

// Has tells whether any map in the values has a key.
func (o *Outline) Has(key string) bool {
	_, found := slices.BinarySearch(o.keys, key)
	return found
}

// noOutline is that of a resource that declares nothing.
var noOutline = newOutline(nil, nil, nil)

func newOutline(fields, parts, keys []string) *Outline {
	slices.Sort(keys)
	o := &Outline{Fields: fields, Parts: parts, keys: slices.Compact(keys)}
	o.id = unique.Make(joined(fields) + joined(parts) + joined(o.keys))
	return o
}

// joined writes a list of names as one text that no other list has.
func joined(names []string) string {
	text := binary.AppendUvarint(nil, uint64(len(names)))
	for _, name := range names {
		text = binary.AppendUvarint(text, uint64(len(name)))
		text = append(text, name...)
	}
	return string(text)
}

// Outline gives the names of what is declared.
func (r *Resource) Outline() *Outline { return r.declared.outline() }

func (p packed) outline() *Outline {
	if p.in == nil {
		return noOutline
	}
	return p.in.outlines[p.shape]
}

// outline gives the number of the outline of what was packed last. keys are the numbers of
// the names of its maps.
func (p *packer) outline(fields, parts []value.Field) uint32 {
	slices.Sort(p.keys)
	p.keys = slices.Compact(p.keys)
	text := binary.AppendUvarint(p.outlined[:0], uint64(len(fields)))
	for _, list := range [][]value.Field{fields, parts} {
		for i := range list {
			text = binary.AppendUvarint(text, uint64(p.index[list[i].Name]))
		}
		text = binary.AppendUvarint(text, uint64(len(p.keys)))
	}
	for _, key := range p.keys {
		text = binary.AppendUvarint(text, uint64(key))
	}
	p.outlined = text
	n, known := p.outlines[string(text)]
	if !known {
		n = uint32(len(p.arena.outlines))
		p.outlines[strings.Clone(string(text))] = n
		p.arena.outlines = append(p.arena.outlines, newOutline(namesIn(p, fields), namesIn(p, parts), p.names(p.keys)))
	}
	return n
}

func namesIn(p *packer, list []value.Field) []string {
	names := make([]string, len(list))
	for i := range list {
		names[i] = p.arena.names[p.index[list[i].Name]]
	}
	return names
}

func (p *packer) names(numbers []int) []string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = p.arena.names[n]
	}
	return out
}
