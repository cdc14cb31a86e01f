package spec

import (
	"io"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/spec/table"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxTableSchema bounds the Table Schema of a file, in bytes.
const maxTableSchema = 1 << 20

// readSchema reads the Table Schema that a source names, or that stands beside its table; false
// if it cannot be used.
func (l *loader) readSchema(t *Table, s table.SourceFile, manifest string, r *report) bool {
	name, pos := s.Schema, s.SchemaPos
	if name == "" {
		name, pos = table.SidecarOf(s.Path), s.Pos
	}
	of, fault, hint := l.tableAt(manifest, name)
	if of == nil && s.Schema == "" && fault.Code == "does-not-exist" {
		return true
	}
	if of == nil {
		r.problem(pos, name, "source", hint, value.Say("source-fault", value.T("file", quote(name)), value.M("fault", fault)))
		return false
	}
	text, err := of.readAll()
	if err != nil {
		fault, hint := fileFault(err)
		r.problem(pos, name, "source", hint, value.Say("source-fault", value.T("file", quote(name)), value.M("fault", fault)))
		return false
	}
	schema, wrong := table.ReadSchema(text, of.Name)
	if wrong != nil {
		return tellFaults(r, []*table.Fault{wrong})
	}
	t.Schema = schema
	return true
}

// readAll reads a small file as a whole.
func (t *Table) readAll() ([]byte, error) {
	file, err := t.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxTableSchema))
}

// phoneRegion is the country of national phones; "" is not known.
func (l *loader) phoneRegion() string {
	if l.project == nil {
		return ""
	}
	return l.project.PhoneRegion
}

// attachChildren reads the tables of rows that belong to the records of a set; false if one cannot
// be read.
func (l *loader) attachChildren(s *RecordSet, out *openTables, r *report) bool {
	ok := true
	for _, c := range s.mapping.Children() {
		ok = l.attachChild(s, c, out, r) && ok
	}
	return ok
}

func (l *loader) attachChild(s *RecordSet, c *table.Child, out *openTables, r *report) bool {
	from := c.Source
	if l.project != nil && from.Dialect.Zone == nil {
		from.Dialect.Zone = value.Zone(l.project.TimeZone)
	}
	t, ok := l.tableOf(from, s.Pos.File, r)
	if !ok {
		return false
	}
	s.Others = append(s.Others, t)
	file, err := t.Open()
	if err != nil {
		fault, hint := fileFault(err)
		r.problem(from.Pos, "", "source", hint, value.Say("source-fault", value.T("file", quote(t.Name)), value.M("fault", fault)))
		return false
	}
	out.others = append(out.others, file)
	reader, faults := t.Read(file)
	l.sources[t.Name] = &source{name: t.Name, lineOf: (&openTable{table: t, reader: reader}).line}
	if !tellFaults(r, faults) {
		return false
	}
	var again io.ReaderAt = file // to read rows of it with their records
	if table.Packed(t.Name) {
		again = nil
	}
	faults, err = out.mapper.Attach(c, reader, again)
	if err != nil {
		r.problem(from.Pos, "", "source", value.Message{}, value.SaidBy(err))
		return false
	}
	return tellChildRows(s, faults, r)
}

// tellChildRows tells of rows of another table that cannot be used; false if there are any. They
// are errors whatever the set says of invalid rows: nobody knows whose they are, and without
// one of its rows a record would lose what the row says.
func tellChildRows(s *RecordSet, faults []*table.Fault, r *report) bool {
	var why alike
	for _, f := range faults {
		why.add(f.Column, rowProblem(f, f.Warning))
	}
	told := why.told(s.Name)
	r.problems = append(r.problems, told...)
	return !told.HasErrors()
}

// rowProblem is a fault of a row as a problem.
func rowProblem(f *table.Fault, warning bool) Problem {
	p := newProblem(f.Pos, f.Rule, f.Hint, f.Message)
	if p.Width = utf8.RuneCountInString(f.Raw); warning {
		p.Severity = SeverityWarning
	}
	return p
}

// TableSchema is a Table Schema of what the set expects of its table, as JSON; nil if its
// mapping cannot be used.
func (s *RecordSet) TableSchema() ([]byte, error) {
	if s.mapping == nil {
		return nil, nil
	}
	return s.mapping.Schema().Write()
}
