package table

import (
	"cmp"
	"hash/maphash"
	"io"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Child is a source of rows that belong to records, joined by their key: the products of
// deals, from a file of their own. A part may have several.
type Child struct {
	Part   string // products, requisites
	Source SourceFile
	Pos    value.Pos // of the entry in the manifest

	index   int // among those of the mapping
	mapping *Mapping
	by      []*rule // whose values are the key of the record
	tree    *tree   // of an entry of the part
}

// children reads the parts whose entries come from sources: lists of {source, by, map}.
func (c *compiler) children(spec value.Node) {
	k := c.m.options.Kind
	for _, p := range spec.Pairs {
		isPart := k == nil && p.Key == "products" || k != nil && slices.ContainsFunc(k.Parts, func(q kind.Part) bool { return q.Name == p.Key })
		if !isPart {
			continue
		}
		items := p.Value.Items
		if p.Value.Kind == value.Map {
			items = []value.Node{p.Value}
		}
		if len(items) == 0 {
			c.bad(p.Pos, "map", "no-child-source", "")
		}
		for _, n := range items {
			if _, has := n.Get("source"); has {
				c.child(p.Key, n)
			} else {
				c.ownRows(p, n)
			}
		}
	}
}

// ownRows reads one {map} without a source: the lines of a record are the entries of its part.
func (c *compiler) ownRows(p value.Pair, n value.Node) {
	fields, _ := n.Get("map")
	if len(n.Pairs) != 1 || fields.Kind != value.Map || len(fields.Pairs) == 0 || isRule(fields) {
		c.bad(n.Pos, "map", "no-child-source", "")
		return
	}
	t := c.tree(fields, nil)
	if t == nil {
		return
	}
	if i := slices.IndexFunc(c.m.parts, func(e entry) bool { return e.name == p.Key }); i >= 0 {
		c.m.parts[i].tree.items = append(c.m.parts[i].tree.items, t)
		return
	}
	c.m.parts = append(c.m.parts, entry{p.Key, &tree{pos: n.Pos, items: []*tree{t}, list: true}, p.Pos})
}

// child reads one {source, by, map}. Its columns are those of its own source.
func (c *compiler) child(part string, n value.Node) {
	source, _ := n.Get("source")
	by, hasBy := n.Get("by")
	fields, hasMap := n.Get("map")
	for _, p := range n.Pairs {
		if p.Key != "source" && p.Key != "by" && p.Key != "map" {
			c.unknown(p, "source", "by", "map")
		}
	}
	if source.Kind != value.Map || !hasBy || !hasMap {
		c.bad(n.Pos, "map", "no-child-source", "")
		return
	}
	s, faults := ReadSource(source)
	c.faults = append(c.faults, faults...)
	options := c.m.options
	options.Dialect, options.Schema, options.Kind = s.Dialect, nil, nil
	inner := &compiler{m: &Mapping{options: options, used: make(map[string]value.Pos)}}
	inner.key(by, n.Pos)
	child := &Child{Part: part, Source: s, Pos: n.Pos, index: len(c.m.children), mapping: inner.m, by: inner.m.key, tree: inner.tree(fields, nil)}
	c.faults = append(c.faults, inner.faults...)
	if child.tree != nil && child.tree.pairs == nil {
		c.bad(fields.Pos, "map", "no-child-map", "")
	}
	c.m.children = append(c.m.children, child)
}

// A childTable is a child source that was read: where the rows of each record stand.
type childTable struct {
	child  *Child
	mapper *Mapper
	file   io.ReaderAt // nil: rows are kept
	seed   maphash.Seed
	places []childPlace // sorted by hash, then by number
	kept   []Row        // by the numbers of places
}

// A childPlace is where a row of a record stands.
type childPlace struct {
	hash    uint64 // of the name of its record
	place   Place
	kept    int
	claimed bool
}

// maxKept is how many rows of a packed child source are kept. One that is not packed is
// read again in any order, and only places are kept of it.
const maxKept = 200_000

// Attach reads a child source once, so that [Mapper.Next] can give its rows with their
// records. A file is what the reader reads, to be read again; nil for a packed one, whose rows
// are kept, as far as there are not too many. It is called before the first Next, for each
// of [Mapping.Children]. Faults of rows stand in the list; the rest of the source is used.
func (p *Mapper) Attach(c *Child, r *Reader, file io.ReaderAt) ([]*Fault, error) {
	inner, faults := c.mapping.On(r)
	if slices.ContainsFunc(faults, func(f *Fault) bool { return !f.Warning }) {
		return faults, nil
	}
	t := &childTable{child: c, mapper: inner, file: file, seed: maphash.MakeSeed()}
	for {
		row, err := r.Next()
		if f, ok := err.(*Fault); ok {
			faults = append(faults, f)
			continue
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return faults, err
		}
		if row.Blank {
			continue
		}
		inner.clear()
		name := inner.name(c.by, &row)
		if faults = append(faults, inner.item.Faults...); name == "" {
			continue
		}
		if file == nil && len(t.kept) >= maxKept {
			return append(faults, placed(bad("source", "too-many-packed", "", value.N("most", maxKept)), c.Source.Pos)), nil
		}
		t.places = append(t.places, childPlace{hash: maphash.String(t.seed, name), place: row.Place, kept: len(t.kept)})
		if file == nil {
			t.kept = append(t.kept, row.Clone())
		}
	}
	slices.SortFunc(t.places, func(a, b childPlace) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place.Number, b.place.Number))
	})
	p.children[c.index] = t
	return faults, nil
}

// addChildren adds the parts of the record that come from child sources.
func (p *Mapper) addChildren() {
	for _, t := range p.children {
		if t == nil || p.item.Record.Name == "" {
			continue
		}
		if p.item.State == Rejected {
			t.claim(p.item.Record.Name)
			continue
		}
		if entries := t.of(p); len(entries) > 0 {
			p.addPart(t.child.Part, entries)
		}
	}
	slices.SortStableFunc(p.parts, func(a, b value.Field) int { return cmp.Compare(a.Name, b.Name) })
}

// addPart adds entries of a part behind those that it has.
func (p *Mapper) addPart(name string, entries []value.Node) {
	for i := range p.parts {
		if f := &p.parts[i]; f.Name == name && f.Value.Kind == value.List {
			f.Value.Items = slices.Concat(f.Value.Items, entries)
			return
		}
	}
	p.parts = append(p.parts, value.Field{Name: name, Value: value.Node{Kind: value.List, Items: entries, Pos: entries[0].Pos}, Pos: entries[0].Pos})
}

// claim says that there is a record of a name, though it is not declared.
func (t *childTable) claim(name string) {
	hash := maphash.String(t.seed, name)
	i, _ := slices.BinarySearchFunc(t.places, hash, func(c childPlace, h uint64) int { return cmp.Compare(c.hash, h) })
	for ; i < len(t.places) && t.places[i].hash == hash; i++ {
		t.places[i].claimed = true
	}
}

// nameSkipped names the record of a row that where does not pick: it is there, though it is not
// declared.
func (p *Mapper) nameSkipped(row *Row) {
	name := p.name(p.mapping.key, row)
	p.item.Record.Name, p.item.Faults = name, nil
	for _, t := range p.children {
		if t != nil && name != "" {
			t.claim(name)
		}
	}
}

// of maps the rows of a record, in the order of their source.
func (t *childTable) of(p *Mapper) (entries []value.Node) {
	name := p.item.Record.Name
	hash := maphash.String(t.seed, name)
	i, _ := slices.BinarySearchFunc(t.places, hash, func(c childPlace, h uint64) int { return cmp.Compare(c.hash, h) })
	t.mapper.clear()
	for ; i < len(t.places) && t.places[i].hash == hash; i++ {
		row, err := t.row(&t.places[i])
		if err != nil {
			p.note(bad("source", "child-row-changed", "").of(t.mapper.reader.file, t.places[i].place))
			return nil
		}
		if t.mapper.name(t.child.by, &row) != name {
			continue // of another record, whose name has the same hash
		}
		t.places[i].claimed = true
		t.mapper.constrain(&row)
		mark := len(t.mapper.stack)
		t.mapper.push(t.child.tree, &row)
		entries = append(entries, t.mapper.stack[mark:]...)
		t.mapper.stack = t.mapper.stack[:mark]
	}
	for _, f := range t.mapper.item.Faults {
		p.note(f)
	}
	return entries
}

func (t *childTable) row(c *childPlace) (Row, error) {
	if t.file == nil {
		return t.kept[c.kept], nil
	}
	return t.mapper.reader.At(t.file, c.place)
}

// Orphans are the rows of child sources that belong to no record that Next has given, as faults.
// It is called after the last Next.
func (p *Mapper) Orphans() (faults []*Fault) {
	for _, t := range p.children {
		if t == nil {
			continue
		}
		for i := range t.places {
			if !t.places[i].claimed {
				faults = append(faults, bad("child", "no-record-of-row", "").of(t.mapper.reader.file, t.places[i].place).warned())
			}
		}
	}
	slices.SortStableFunc(faults, func(a, b *Fault) int { return a.Pos.Compare(b.Pos) })
	return faults
}
