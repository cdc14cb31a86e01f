package table

import (
	"io"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// State is what became of the rows of an item.
type State string

// The states. A duplicate is found by who knows all names, see [Keys].
const (
	Valid    State = "valid"
	Rejected State = "rejected"
	Skipped  State = "skipped" // blank, or not picked by where
)

// An Item is what one row gives, or those of one group.
type Item struct {
	Rows   []Place // one, or those of the group
	State  State
	Record Record   // Valid: what is declared. Else its Name, if that is known
	Faults []*Fault // of a rejected item; and warnings of any
}

// A Record is what rows declare. The fields and their nodes are valid until the next item; their
// texts stay.
type Record struct {
	Name   string // see [KeyName]
	Pos    value.Pos
	Fields []value.Field // sorted by name
	Parts  []value.Field // sorted by name: products, requisites
}

// A Mapper gives the records of a table. It is for one goroutine.
type Mapper struct {
	mapping *Mapping
	reader  *Reader
	index   map[string]int
	ahead   *Row // read, but of the next group
	rows    []Row
	item    Item
	fields  []value.Field
	parts   []value.Field
	nodes   []value.Node
	pairs   []value.Pair
	stack   []value.Node
}

// On joins a mapping to a table. A column that the mapping reads and the table lacks is a fault
// at its place in the mapping, unless fieldsMatch says that a table may have fewer.
func (m *Mapping) On(r *Reader) (*Mapper, []*Fault) {
	p := &Mapper{mapping: m, reader: r, index: make(map[string]int)}
	match := r.dialect.FieldsMatch
	if match == "" && r.schema != nil {
		match = r.schema.Match
	}
	var faults []*Fault
	for _, name := range m.columns {
		i, ok := r.Use(name)
		if !ok && match != MatchSuperset && match != MatchPartial {
			faults = append(faults, placed(bad("columns", "missing-column", "", quoted("name", name), value.Some("columns", r.columnNames())), m.used[name]))
		}
		p.index[name] = i
	}
	if match := r.dialect.FieldsMatch; match != "" && r.schema == nil && r.dialect.Format == CSV {
		faults = append(faults, p.extra(match)...)
	}
	return p, faults
}

// extra are the columns that a table without a schema has beside those of its mapping, where
// it may not. A mapping has no order, so "exact" is "equal".
func (p *Mapper) extra(match FieldsMatch) (faults []*Fault) {
	if match == MatchExact {
		match = MatchEqual
	}
	for _, f := range MatchFields(match, p.mapping.columns, p.reader.columnNames(), p.reader.named) {
		if f.Message.Code != "missing-column" {
			faults = append(faults, f)
		}
	}
	return faults
}

// Next gives the next item. It is valid until the next call. io.EOF is the end.
func (p *Mapper) Next() (*Item, error) {
	p.clear()
	row, err := p.reader.Next()
	if f, ok := err.(*Fault); ok {
		p.item.Rows = append(p.item.Rows, row.Place)
		p.reject(f)
		return &p.item, nil
	}
	if err != nil {
		return nil, err
	}
	p.item.Rows = append(p.item.Rows, row.Place)
	if row.Blank {
		p.item.State = Skipped
		return &p.item, nil
	}
	p.rows = append(p.rows[:0], row)
	p.record()
	return &p.item, nil
}

var _ = io.EOF

func (p *Mapper) clear() {
	p.item = Item{Rows: p.item.Rows[:0], State: Valid, Faults: p.item.Faults[:0]}
	p.fields, p.parts, p.nodes, p.pairs, p.stack = p.fields[:0], p.parts[:0], p.nodes[:0], p.pairs[:0], p.stack[:0]
}

// reject notes a fault; a warning leaves the item as it is.
func (p *Mapper) reject(f *Fault) {
	p.item.Faults = append(p.item.Faults, f)
	if !f.Warning {
		p.item.State = Rejected
	}
}

// record maps the rows of an item.
func (p *Mapper) record() {
	first := &p.rows[0]
	p.item.Record.Name = p.name(first)
	p.item.Record.Pos = value.Pos{File: p.reader.file, Line: first.Line, Col: 1}
	if p.item.State == Rejected {
		return
	}
	p.fields = p.entries(p.fields, p.mapping.fields)
	p.parts = p.entries(p.parts, p.mapping.parts)
	p.item.Record.Fields, p.item.Record.Parts = p.fields, p.parts
}

// entries gives the values that are declared.
func (p *Mapper) entries(out []value.Field, entries []entry) []value.Field {
	for i := range entries {
		e := &entries[i]
		if n, ok := p.entry(e.tree); ok {
			out = append(out, value.Field{Name: e.name, Value: n, Pos: n.Pos})
		}
	}
	return out
}

// entry gives one value of the rows; false where nothing is declared.
func (p *Mapper) entry(t *tree) (value.Node, bool) {
	mark := len(p.stack)
	p.push(t, &p.rows[0])
	got := p.stack[mark:]
	p.stack = p.stack[:mark]
	switch {
	case len(got) == 0:
		return value.Node{}, false
	case !t.list || len(got) == 1 && got[0].Kind == value.Null:
		return got[0], true
	}
	return value.Node{Kind: value.List, Items: p.keep(got), Pos: got[0].Pos}, true
}

// keep copies nodes to where they stay until the next item.
func (p *Mapper) keep(nodes []value.Node) []value.Node {
	from := len(p.nodes)
	p.nodes = append(p.nodes, nodes...)
	return slices.Clip(p.nodes[from:])
}

// push puts the values of a tree on the stack: none, one, or the entries of a list.
func (p *Mapper) push(t *tree, row *Row) {
	switch {
	case t.rule != nil:
		p.run(t.rule, row)
	case t.items != nil:
		for _, item := range t.items {
			p.push(item, row)
		}
	default:
		p.pushMap(t, row)
	}
}

// pushMap puts a map on the stack, unless none of its columns has a value.
func (p *Mapper) pushMap(t *tree, row *Row) {
	mark, from := len(p.stack), len(p.pairs)
	given, asked := false, false
	var pairs []value.Pair
	for _, e := range t.pairs {
		at := len(p.stack)
		p.push(e.tree, row)
		fromRow := e.tree.rule == nil || e.tree.rule.constant == nil
		asked = asked || fromRow
		if len(p.stack) == at {
			continue
		}
		given = given || fromRow
		n := p.stack[at]
		if e.tree.items != nil || len(p.stack)-at > 1 {
			n = value.Node{Kind: value.List, Items: p.keep(p.stack[at:]), Pos: n.Pos}
		}
		p.stack = p.stack[:at]
		pairs = append(pairs, value.Pair{Key: e.name, Value: n, Pos: n.Pos})
	}
	p.stack = p.stack[:mark]
	if len(pairs) == 0 || asked && !given {
		p.pairs = p.pairs[:from]
		return
	}
	p.stack = append(p.stack, value.Node{Kind: value.Map, Pairs: pairs, Pos: pairs[0].Pos})
}

// name gives the name of a row's record.
func (p *Mapper) name(row *Row) string {
	parts := make([]string, 0, 4)
	for _, r := range p.mapping.key {
		mark := len(p.stack)
		p.run(r, row)
		if len(p.stack) == mark {
			if p.item.State != Rejected {
				p.reject(bad("key", "no-key-in-row", "").in(p.reader.file, row, p.cellOf(r), r.columns[0]))
			}
			return ""
		}
		parts = append(parts, p.stack[mark].Text)
		p.stack = p.stack[:mark]
	}
	name := KeyName(parts...)
	if f := checkName(name); f != nil {
		r := p.mapping.key[0]
		p.reject(f.in(p.reader.file, row, p.cellOf(r), r.columns[0]))
	}
	return name
}

// cellOf is the index of the cell that a rule reads first.
func (p *Mapper) cellOf(r *rule) int {
	if len(r.columns) == 0 {
		return -1
	}
	return p.index[r.columns[0]]
}

// run puts the values of a rule on the stack.
func (p *Mapper) run(r *rule, row *Row) {
	if r.constant != nil {
		n := *r.constant
		n.Pos = value.Pos{File: p.reader.file, Line: row.Line, Col: 1}
		p.stack = append(p.stack, n)
		return
	}
	i := p.cellOf(r)
	if i >= 0 && !row.Cells[i].Missing {
		c := &row.Cells[i]
		text := c.Text
		if r.trim {
			text = trimmed(text)
		}
		if text != "" {
			p.stack = append(p.stack, value.Node{Kind: value.Scalar, Text: text, Pos: row.pos(p.reader.file, i)})
			return
		}
	}
	switch {
	case r.required:
		p.reject(bad("required", "cell-is-missing", "").in(p.reader.file, row, i, r.columns[0]))
	case r.fallback != nil:
		n := *r.fallback
		n.Pos = value.Pos{File: p.reader.file, Line: row.Line, Col: 1}
		p.stack = append(p.stack, n)
	}
}
