package spec

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// A rowRecord is what is kept of the rows of a declared record.
type rowRecord struct {
	first table.Place
	more  []table.Place // of a record of several rows
}

func (r rowRecord) rows() []table.Place { return append([]table.Place{r.first}, r.more...) }

// blockRecords is how many records of a table one arena holds.
const blockRecords = 1000

// A rowCompiler makes resources of the records of one set, with the checks that a document of
// its own would get. Each record takes the room of the one before.
type rowCompiler struct {
	set      *RecordSet
	src      *source // of the table
	known    credentials
	report   report
	document document
	into     *packer
	spec     []value.Pair
}

func newRowCompiler(s *RecordSet, src *source, vars *variables) *rowCompiler {
	c := &rowCompiler{set: s, src: src, known: vars.credentials}
	c.document = document{report: &c.report, schemas: vars.schemas, kinds: vars.schemas.kinds, kind: s.Records}
	return c
}

// root is the document that a record would be. The name of a row need not be one that a
// manifest can give.
func (c *rowCompiler) root(fields, parts []value.Field) value.Node {
	text := func(t string) value.Node { return value.Node{Kind: value.Scalar, Text: t} }
	c.spec = c.spec[:0]
	if c.set.common.Type != "" {
		c.spec = append(c.spec, value.Pair{Key: "type", Value: text(c.set.common.Type)})
	}
	declared := value.Node{Kind: value.Map, Pairs: make([]value.Pair, len(fields))}
	for i, f := range fields {
		declared.Pairs[i] = value.Pair{Key: f.Name, Value: f.Value, Pos: f.Pos}
	}
	c.spec = append(c.spec, value.Pair{Key: "fields", Value: declared})
	for _, p := range parts {
		c.spec = append(c.spec, value.Pair{Key: p.Name, Value: p.Value, Pos: p.Pos})
	}
	name := value.Node{Kind: value.Map, Pairs: []value.Pair{{Key: "name", Value: text("row")}}}
	return value.Node{Kind: value.Map, Pairs: []value.Pair{
		{Key: "apiVersion", Value: text(APIVersion)}, {Key: "kind", Value: text(c.set.Records.Name)},
		{Key: "metadata", Value: name}, {Key: "spec", Value: value.Node{Kind: value.Map, Pairs: c.spec}},
	}}
}

// compile makes a resource; nil if a value is not as it must be, which the problems say.
func (c *rowCompiler) compile(name string, at value.Pos, fields, parts []value.Field) (*Resource, Problems) {
	c.report = report{src: c.src}
	d := &c.document
	d.reported, d.escaped = nil, nil
	d.root = c.root(fields, parts)
	if findHiddenWebhooks(d.report, &d.root) || refuseCredential(d.report, c.known, &d.root) {
		return nil, c.report.problems
	}
	d.checkFields(c.set.common.Route(), fields, fieldsPath)
	d.checkUserLookups(fields)
	for _, f := range parts {
		if part, ok := d.kind.Part(f.Name); ok {
			d.checkPart(part, f.Value, []string{"spec", f.Name})
		}
	}
	d.explain(d.schemas.validate(d.kind, d.root))
	for _, p := range c.report.warnings {
		c.set.warn("", p)
	}
	if len(c.report.problems) > 0 {
		return nil, c.report.problems
	}
	slices.SortFunc(fields, func(a, b value.Field) int { return strings.Compare(a.Name, b.Name) })
	r := c.into.resource()
	*r = *c.set.common
	r.Name, r.Pos, r.Row, r.Address = name, at, c.set, value.NewAddress(c.set.Space, name)
	r.Identity.Match = c.matchOf(fields)
	c.into.keep(r, fields, parts)
	return r, nil
}

// matchOf are the keys of which a record has every value: where one is empty there is nothing to look for.
func (c *rowCompiler) matchOf(fields []value.Field) []MatchKey {
	all := c.set.common.Identity.Match
	lacks := func(k MatchKey) bool { return !isComplete(k, fields) }
	if !slices.ContainsFunc(all, lacks) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), lacks)
}

// readSets reads the tables of all sets: their rows become resources like those of documents.
func (l *loader) readSets(vars *variables) {
	for _, s := range l.sets {
		l.readSet(s, vars)
	}
}

// readSet reads the rows of a set. Where its table cannot be read nobody knows what it declares.
func (l *loader) readSet(s *RecordSet, vars *variables) {
	tables, ok := l.openSet(s)
	if !ok {
		l.unread = true
		return
	}
	defer tables.close()
	s.Table = tables.rows.table
	src := &source{name: s.Table.Name, lineOf: tables.rows.line}
	l.sources[s.Table.Name] = src
	rows := &rowReader{l: l, set: s, from: tables, compiler: newRowCompiler(s, src, vars), first: make(map[value.Address]int)}
	rows.read()
	l.resources = append(l.resources, rows.kept()...)
}

// A rowReader reads the rows of a set.
type rowReader struct {
	l        *loader
	set      *RecordSet
	from     *openTables
	compiler *rowCompiler
	block    []*Resource
	all      []*Resource           // in the order of the table; nil where a later row set one aside
	first    map[value.Address]int // of each name: its place in all, or -1 if no row of it declares anything
}

func (r *rowReader) read() {
	for {
		if r.compiler.into == nil || len(r.block) == blockRecords {
			r.flush()
		}
		item, err := r.from.mapper.Next()
		if err != nil {
			r.end(err)
			return
		}
		r.from.rows.mark(item.Rows[0])
		r.set.Counts.Rows += len(item.Rows)
		r.item(item)
	}
}

// flush ends one arena and begins another.
func (r *rowReader) flush() {
	if r.compiler.into != nil {
		r.compiler.into.finish()
	}
	r.compiler.into, r.block = newPacker(r.set.Table.Name, blockRecords), r.block[:0]
}

// end takes what ended the table: its end, or that it cannot be read further.
func (r *rowReader) end(err error) {
	r.compiler.into.finish()
	if err == io.EOF {
		for _, f := range r.from.mapper.Orphans() {
			r.set.warn("", rowProblem(f, true))
		}
		return
	}
	r.l.unread, r.set.Nameless = true, true
	r.l.refuse(newProblem(value.Pos{File: r.set.Table.Name}, "source", value.Message{}, value.SaidBy(err)))
}

// item takes what rows come to.
func (r *rowReader) item(item *table.Item) {
	var address value.Address
	if item.Record.Name != "" {
		address = value.NewAddress(r.set.Space, item.Record.Name)
	}
	if item.State == table.Skipped {
		r.set.Counts.Skipped += len(item.Rows)
		if address != "" {
			r.set.named(address)
		}
		return
	}
	if address != "" && r.isDuplicate(item, address) {
		return
	}
	rejected := r.faults(item)
	var made *Resource
	if item.State == table.Valid {
		made, rejected.Why = r.compiler.compile(item.Record.Name, item.Record.Pos, item.Record.Fields, item.Record.Parts)
		rejected.column(r.from.mapper)
	}
	if made == nil {
		if address != "" {
			r.first[address] = -1
		}
		r.set.Nameless = r.set.Nameless || address == ""
		rejected.Rows, rejected.Address = slices.Clone(item.Rows), address
		r.set.reject(rejected)
		return
	}
	r.set.Counts.Valid += len(item.Rows)
	r.first[address] = len(r.all)
	r.add(made, rowRecord{item.Rows[0], slices.Clone(item.Rows[1:])})
}

func (r *rowReader) add(made *Resource, of rowRecord) {
	r.block, r.all, r.set.records = append(r.block, made), append(r.all, made), append(r.set.records, of)
}

// faults notes the warnings of an item, and gives what rejects it.
func (r *rowReader) faults(item *table.Item) (out Reject) {
	for _, f := range item.Faults {
		p := newProblem(f.Pos, f.Rule, f.Hint, f.Message)
		p.Width = utf8.RuneCountInString(f.Raw)
		if f.Warning {
			p.Severity = SeverityWarning
			r.set.warn(f.Column, p)
			continue
		}
		if len(out.Why) == 0 {
			out.Column, out.Raw, out.Offset = f.Column, f.Raw, f.Offset
		}
		out.Why = append(out.Why, p)
	}
	return out
}

// isDuplicate tells whether rows declare nothing since others have their key.
func (r *rowReader) isDuplicate(item *table.Item, address value.Address) bool {
	at, known := r.first[address]
	if !known {
		return false
	}
	switch r.set.Rules.OnDuplicate {
	case "first":
		r.set.Counts.Duplicate += len(item.Rows)
		return true
	case "last":
		if at >= 0 {
			n := len(r.set.records[at].more) + 1
			r.set.Counts.Valid, r.set.Counts.Duplicate = r.set.Counts.Valid-n, r.set.Counts.Duplicate+n
			r.all[at] = nil
		}
		delete(r.first, address)
		return false
	}
	first := r.rowOf(address, at)
	r.set.reject(r.double(address, slices.Clone(item.Rows), first))
	if at >= 0 {
		n := len(r.set.records[at].more) + 1
		r.set.Counts.Valid -= n
		r.set.reject(r.double(address, r.set.records[at].rows(), item.Rows[0]))
		r.all[at], r.first[address] = nil, -1
	}
	return true
}

// rowOf is the row that had a key first.
func (r *rowReader) rowOf(address value.Address, at int) table.Place {
	if at >= 0 {
		return r.set.records[at].first
	}
	i := slices.IndexFunc(r.set.Rejects, func(x Reject) bool { return x.Address == address })
	return r.set.Rejects[i].Rows[0]
}

// double rejects rows whose key another row has.
func (r *rowReader) double(address value.Address, rows []table.Place, other table.Place) Reject {
	at := value.Pos{File: r.set.Table.Name, Line: rows[0].Line, Col: 1}
	p := newProblem(at, "duplicate", value.Say("keep-one-row-or-say-which"), value.Say("key-in-two-rows", value.T("resource", address), value.N("row", rows[0].Number), value.N("other", other.Number), value.N("line", other.Line)))
	return Reject{Rows: rows, Address: address, Duplicate: true, Offset: rows[0].Offset, Why: Problems{p}}
}

// kept are the resources that no later row has set aside.
func (r *rowReader) kept() []*Resource {
	records := r.set.records[:0]
	for i, of := range r.set.records {
		if r.all[i] != nil {
			records = append(records, of)
		}
	}
	r.set.records = records
	made := slices.DeleteFunc(r.all, func(made *Resource) bool { return made == nil })
	if r.l.o.KeepRows {
		r.set.declared = slices.Clone(made)
	}
	return made
}

// warn keeps a warning of rows, as long as there are few alike.
func (s *RecordSet) warn(column string, p Problem) { s.warnings.add(column, p) }
