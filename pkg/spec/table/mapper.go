package table

import (
	"hash/maphash"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// State is what became of the rows of an item.
type State string

// The states. That a row is a duplicate is found by who knows all names, see [Keys].
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
	mapping  *Mapping
	reader   *Reader
	cells    [][]int // of the rules, by their ids: the columns that they read; -1 for one that the table has not
	groupBy  []int   // the columns of a group
	children []*childTable
	ahead    Row   // the row behind those of the last item, where it was read to know that they are all
	aheadErr error // of it
	isAhead  bool
	rows     []Row
	item     Item

	fields, parts []value.Field
	nodes         []value.Node
	stack         []value.Node
	names         []string // the parts of a key
	said          int      // how many values cells have given

	seed   maphash.Seed
	values map[int]map[uint64]int // of unique columns: the rows where they stand, by hash
}

// On joins a mapping to a table. A column that the mapping reads and the table lacks is a fault
// at its place in the mapping, unless fieldsMatch says that a table may have fewer.
func (m *Mapping) On(r *Reader) (*Mapper, []*Fault) {
	p := &Mapper{mapping: m, reader: r}
	match := r.dialect.FieldsMatch
	if match == "" && r.schema != nil {
		match = r.schema.Match
	}
	var faults []*Fault
	for _, name := range m.columns {
		if _, ok := r.Use(name); !ok && match != MatchSuperset && match != MatchPartial {
			faults = append(faults, placed(bad("columns", "missing-column", "", quoted("name", name), value.Some("columns", r.columnNames())), m.used[name]))
		}
	}
	if match := r.dialect.FieldsMatch; match != "" && r.schema == nil && r.dialect.Format == CSV {
		faults = append(faults, p.extra(match)...)
	}
	p.bind()
	return p, faults
}

// bind finds the columns that the rules read.
func (p *Mapper) bind() {
	for _, r := range p.mapping.rules {
		var cells []int
		if !r.child {
			for _, name := range r.columns {
				i, _ := p.reader.Use(name)
				cells = append(cells, i)
			}
		}
		p.cells = append(p.cells, cells)
	}
	for _, r := range p.mapping.groupBy {
		if i := p.cells[r.id][0]; i >= 0 {
			p.groupBy = append(p.groupBy, i)
		}
	}
	if i, ok := p.reader.index[importID]; ok && p.reader.dialect.Import && p.mapping.groupBy == nil {
		p.groupBy = []int{i}
	}
	p.children = make([]*childTable, len(p.mapping.children))
}

// importID is the column by which Bitrix24's own template groups the lines of a record.
// Source: https://helpdesk.bitrix24.de/open/25757535
const importID = "ID"

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

// Next gives the next item. It is valid until the next call. io.EOF is the end; any other error
// is why the table cannot be read on.
func (p *Mapper) Next() (*Item, error) {
	p.clear()
	row, err := p.take()
	if f, ok := err.(*Fault); ok {
		p.item.Rows = append(p.item.Rows, row.Place)
		p.note(f)
		return &p.item, nil
	}
	if err != nil {
		return nil, err
	}
	p.item.Rows = append(p.item.Rows, row.Place)
	if row.Blank || !p.picks(&row) {
		if !row.Blank {
			p.nameSkipped(&row)
		}
		p.item.State = Skipped
		return &p.item, nil
	}
	p.rows = append(p.rows[:0], row)
	if len(p.groupBy) > 0 {
		p.gather()
	}
	p.record()
	return &p.item, nil
}

// take gives the next row.
func (p *Mapper) take() (Row, error) {
	if p.isAhead {
		p.isAhead = false
		return p.ahead, p.aheadErr
	}
	return p.reader.Next()
}

// gather takes the further rows of a group, which stand together.
func (p *Mapper) gather() {
	p.rows[0] = p.rows[0].Clone()
	if p.isOwn(&p.rows[0]) {
		return
	}
	for {
		row, err := p.reader.Next()
		if err != nil || row.Blank || !p.picks(&row) || !p.isSameGroup(&row) {
			p.ahead, p.aheadErr, p.isAhead = row, err, true
			return
		}
		p.rows = append(p.rows, row.Clone())
		p.item.Rows = append(p.item.Rows, row.Place)
	}
}

// isOwn tells whether a row belongs to no group: it has nothing in the columns of groups.
func (p *Mapper) isOwn(row *Row) bool {
	return !slices.ContainsFunc(p.groupBy, func(i int) bool { return !row.Cells[i].Missing })
}

func (p *Mapper) isSameGroup(row *Row) bool {
	return !slices.ContainsFunc(p.groupBy, func(i int) bool {
		return trimmed(row.Cells[i].Text) != trimmed(p.rows[0].Cells[i].Text)
	})
}

func (p *Mapper) clear() {
	p.item = Item{Rows: p.item.Rows[:0], State: Valid}
	p.fields, p.parts, p.nodes, p.stack = p.fields[:0], p.parts[:0], p.nodes[:0], p.stack[:0]
}

// note keeps a fault. A warning leaves the item as it is.
func (p *Mapper) note(f *Fault) {
	p.item.Faults = append(p.item.Faults, f)
	if !f.Warning {
		p.item.State = Rejected
	}
}

// noteCell keeps a fault of a cell.
func (p *Mapper) noteCell(f *Fault, row *Row, cell int) {
	column := ""
	if cell >= 0 && cell < len(p.reader.columns) {
		column = p.reader.columns[cell].Name
	}
	p.note(f.in(p.reader.file, row, cell, column))
}

// record maps the rows of an item.
func (p *Mapper) record() {
	first := &p.rows[0]
	p.item.Record.Name = p.name(p.mapping.key, first)
	p.item.Record.Pos = value.Pos{File: p.reader.file, Line: first.Line, Col: 1}
	for i := range p.rows {
		p.constrain(&p.rows[i])
	}
	p.fields = p.entries(p.fields, p.mapping.fields)
	p.parts = p.entries(p.parts, p.mapping.parts)
	p.addChildren()
	if p.item.State == Valid {
		p.item.Record.Fields, p.item.Record.Parts = p.fields, p.parts
	}
}

// entries gives the values that are declared.
func (p *Mapper) entries(out []value.Field, entries []entry) []value.Field {
	for i := range entries {
		e := &entries[i]
		if n, ok := p.entry(e); ok {
			out = append(out, value.Field{Name: e.name, Value: n, Pos: n.Pos})
		}
	}
	return out
}

// entry gives one value of the rows; false where nothing is declared.
func (p *Mapper) entry(e *entry) (value.Node, bool) {
	t, mark := e.tree, len(p.stack)
	for i := range p.rows {
		from := len(p.stack)
		p.push(t, &p.rows[i])
		if i > 0 && len(p.stack) > from {
			p.merge(e, mark, from, &p.rows[i])
		}
	}
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

// merge adds what a further row of a group says, from a place of the stack on, to what the
// former ones have said: entries of a list, or one value that is the same.
func (p *Mapper) merge(e *entry, mark, from int, row *Row) {
	if e.tree.list && e.tree.entriesAreMaps() {
		return // two lines with the same product are two rows of it
	}
	said, further := p.stack[mark:from], slices.Clone(p.stack[from:])
	p.stack = p.stack[:from]
	for _, n := range further {
		switch {
		case slices.ContainsFunc(said, func(o value.Node) bool { return sameNode(n, o) }):
		case e.tree.list || from == mark:
			p.stack = append(p.stack, n)
		default:
			cell := -1
			if e.tree.rule != nil {
				cell = p.cellOf(e.tree.rule)
			}
			p.noteCell(bad("group", "rows-disagree", "", value.Q("name", e.name), quoted("value", n.Text), quoted("other", said[0].Text), value.N("line", said[0].Pos.Line)), row, cell)
		}
	}
}

func (t *tree) entriesAreMaps() bool {
	return t.pairs != nil || slices.ContainsFunc(t.items, (*tree).entriesAreMaps)
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

// pushMap puts a map on the stack, unless no cell of the row gives it a value.
func (p *Mapper) pushMap(t *tree, row *Row) {
	var pairs []value.Pair
	said, asked := p.said, false
	for _, e := range t.pairs {
		at := len(p.stack)
		p.push(e.tree, row)
		asked = asked || e.tree.rule == nil || e.tree.rule.constant == nil
		if len(p.stack) == at {
			continue
		}
		n := p.stack[at]
		if e.tree.items != nil || len(p.stack)-at > 1 {
			n = value.Node{Kind: value.List, Items: p.keep(p.stack[at:]), Pos: n.Pos}
		}
		p.stack = p.stack[:at]
		pairs = append(pairs, value.Pair{Key: e.name, Value: n, Pos: n.Pos})
	}
	if len(pairs) > 0 && (p.said > said || !asked) {
		p.stack = append(p.stack, value.Node{Kind: value.Map, Pairs: pairs, Pos: pairs[0].Pos})
	}
}

// name gives the name of a row's record.
func (p *Mapper) name(key []*rule, row *Row) string {
	p.names = p.names[:0]
	for _, r := range key {
		mark := len(p.stack)
		p.run(r, row)
		got := p.stack[mark:]
		p.stack = p.stack[:mark]
		if len(got) == 0 {
			if p.item.State != Rejected {
				p.noteCell(bad("key", "no-key-in-row", ""), row, p.cellOf(r))
			}
			return ""
		}
		p.names = append(p.names, got[0].Text)
	}
	name := KeyName(p.names...)
	if f := checkName(name); f != nil {
		p.noteCell(f, row, p.cellOf(key[0]))
		return ""
	}
	return name
}

// cellOf is the index of the cell that a rule reads first; -1 for none.
func (p *Mapper) cellOf(r *rule) int {
	if len(p.cells[r.id]) == 0 {
		return -1
	}
	return p.cells[r.id][0]
}

// sameNode tells whether two nodes say the same, wherever they stand.
func sameNode(a, b value.Node) bool {
	return a.Kind == b.Kind && a.Text == b.Text && slices.EqualFunc(a.Items, b.Items, sameNode) &&
		slices.EqualFunc(a.Pairs, b.Pairs, func(p, q value.Pair) bool { return p.Key == q.Key && sameNode(p.Value, q.Value) })
}
