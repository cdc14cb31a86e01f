package table

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/b24apply/b24apply/pkg/value"
)

// A jsonSource gives the rows of NDJSON: one object a line, whose names are columns. A
// name within an object in an object is a column with a dot, such as address.city. An array of
// texts and numbers is a list.
// Source: https://github.com/ndjson/ndjson-spec; a line break within an object is none of it.
type jsonSource struct {
	lines
	table   *Reader
	missing missing
	dec     *jsontext.Decoder
	line    []byte // of the row
	cells   []Cell
	seen    map[string]int // of the columns of the first object
}

func newJSONSource(t *Reader, enc encoding) *jsonSource {
	return &jsonSource{lines: *newLines(nil, enc), table: t, missing: t.dialect.MissingValues, dec: jsontext.NewDecoder(bytes.NewReader(nil))}
}

func (s *jsonSource) restart(r io.Reader, p Place) { s.again(r, p) }

func (s *jsonSource) place() Place { return Place{Line: s.lines.line, Offset: s.offset} }

// openJSON takes the columns from the schema, else from the first object.
func (t *Reader) openJSON() []*Fault {
	s := t.source.(*jsonSource)
	if t.schema != nil {
		for _, name := range t.schema.names() {
			t.add(name)
		}
		t.index = indexOf(t.columns)
	}
	for at := 0; ; {
		end, broken := s.brk(at)
		line := bytes.TrimSpace(s.unread()[at:end])
		if len(line) > 0 {
			if t.schema == nil {
				t.addNames(line)
			}
			return nil
		}
		if !broken {
			return []*Fault{bad("source", "empty-table", "")}
		}
		at = end + 1
	}
}

func indexOf(columns []Column) map[string]int {
	index := make(map[string]int, len(columns))
	for i, c := range columns {
		index[c.Name] = i
	}
	return index
}

// addNames takes the columns from an object. What is wrong with it is told when it is read.
func (t *Reader) addNames(line []byte) {
	probe := newJSONSource(t, encoding{})
	probe.seen = make(map[string]int)
	_ = probe.object(line)
	for len(t.columns) < len(probe.seen) {
		for name, i := range probe.seen {
			if i == len(t.columns) {
				t.add(name)
				break
			}
		}
	}
}

func (s *jsonSource) next(row *Row, columns []Column) (*Fault, error) {
	if s.isEnd() {
		return nil, s.err
	}
	at, broken := s.brk(0)
	row.Place = s.place()
	if !broken && at > maxRow {
		f := s.fault(row.Place, s.unread()[:maxRow], 0, bad("cell", "long-row", ""))
		s.skipLine()
		return f, nil
	}
	line := s.unread()[:at]
	size, breaks := at, 0
	if broken {
		size, breaks = at+1, 1
	}
	defer s.skip(size, breaks)
	if row.Blank = len(bytes.TrimSpace(line)) == 0; row.Blank {
		row.Cells = nil
		return nil, nil
	}
	if i := s.enc.wrong(line); i >= 0 {
		return s.fault(row.Place, line, i, bad("encoding", "not-in-encoding", "declare-true-encoding", value.T("byte", hexByte(line[i])), value.T("encoding", s.table.dialect.Encoding))), nil
	}
	if s.enc.single != nil {
		line = s.enc.appendText(nil, line)
	}
	s.cells = s.cells[:0]
	for range columns {
		s.cells = append(s.cells, Cell{Missing: true, col: 1})
	}
	fault := s.object(line)
	row.Cells = s.cells
	if fault != nil {
		return s.fault(row.Place, line, fault.at, fault.Fault), nil
	}
	return nil, nil
}

// A lineFault is a fault at a byte of a line.
type lineFault struct {
	*Fault
	at int
}

// object reads the object of a line into the cells.
func (s *jsonSource) object(line []byte) *lineFault {
	s.line = line
	s.dec.Reset(bytes.NewReader(line))
	if s.dec.PeekKind() != '{' {
		if _, err := s.dec.ReadValue(); err != nil {
			return s.wrong(err)
		}
		return &lineFault{bad("json", "no-object", ""), 0}
	}
	if f := s.members(""); f != nil {
		return f
	}
	if _, err := s.dec.ReadToken(); err != io.EOF {
		return &lineFault{bad("json", "two-objects", ""), int(s.dec.InputOffset())}
	}
	return nil
}

// wrong is a text that is no JSON.
func (s *jsonSource) wrong(err error) *lineFault {
	at := int(s.dec.InputOffset())
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		at = int(syntax.ByteOffset)
		if errors.Is(syntax.Err, jsontext.ErrDuplicateName) {
			return &lineFault{bad("json", "double-name", ""), at}
		}
	}
	return &lineFault{bad("json", "no-json", ""), at}
}

// members reads an object whose columns begin with a prefix.
func (s *jsonSource) members(prefix string) *lineFault {
	if _, err := s.dec.ReadToken(); err != nil {
		return s.wrong(err)
	}
	for s.dec.PeekKind() != '}' {
		name, err := s.dec.ReadToken()
		if err != nil {
			return s.wrong(err)
		}
		column := prefix + name.String()
		if s.dec.PeekKind() == '{' {
			if _, isCell := s.table.index[column]; isCell && s.seen == nil {
				return &lineFault{bad("json", "object-in-cell", "", quoted("name", column)), int(s.dec.InputOffset())}
			}
			if f := s.members(column + "."); f != nil {
				return f
			}
			continue
		}
		if f := s.value(column); f != nil {
			return f
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return s.wrong(err)
	}
	return nil
}

// value reads what stands in a column.
func (s *jsonSource) value(column string) *lineFault {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return s.wrong(err)
	}
	at := int(s.dec.InputOffset()) - len(raw)
	if len(raw) > maxCell {
		return &lineFault{bad("cell", "long-cell", "", value.N("n", len(raw)), value.N("most", maxCell)), at}
	}
	cell := Cell{offset: int32(at), col: int32(utf8.RuneCount(s.line[:at])) + 1}
	if fault := cell.set(raw, s.missing); fault != nil {
		return &lineFault{fault, at}
	}
	if s.seen != nil {
		if _, ok := s.seen[column]; !ok {
			s.seen[column] = len(s.seen)
		}
		return nil
	}
	i, ok := s.table.index[column]
	if !ok {
		if schema := s.table.schema; schema != nil && schema.strict(s.table.dialect.FieldsMatch) {
			return &lineFault{bad("columns", "extra-column", "", quoted("name", column), value.Some("declared", schema.names())), at}
		}
		return nil
	}
	if i < len(s.cells) {
		s.cells[i] = cell
	}
	return nil
}

// set takes the value of a cell.
func (c *Cell) set(raw jsontext.Value, m missing) *Fault {
	switch raw.Kind() {
	case 'n':
		c.Missing = true
	case '[':
		return c.setList(raw)
	default:
		c.Text = scalarText(raw)
		c.Missing = m.is(c.Text)
		if bytes.IndexByte([]byte(c.Text), 0) >= 0 {
			return bad("cell", "nul-in-cell", "")
		}
	}
	return nil
}

func (c *Cell) setList(raw jsontext.Value) *Fault {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err != nil {
		return bad("json", "no-json", "")
	}
	c.List = []string{}
	for d.PeekKind() != ']' {
		entry, err := d.ReadValue()
		if err != nil {
			return bad("json", "no-json", "")
		}
		switch entry.Kind() {
		case '{', '[', 'n':
			return bad("json", "no-list-of-texts", "")
		}
		c.List = append(c.List, scalarText(entry))
	}
	c.Missing = len(c.List) == 0
	return nil
}

// scalarText is a text without its quotes, and a number as it is written.
func scalarText(raw jsontext.Value) string {
	if raw.Kind() != '"' {
		return string(raw)
	}
	out, _ := jsontext.AppendUnquote(nil, raw) // it was read as a value
	return string(out)
}

// fault says where in a line a fault is.
func (s *jsonSource) fault(p Place, line []byte, at int, f *Fault) *Fault {
	at = min(at, len(line))
	f.Pos = value.Pos{File: s.table.file, Line: p.Line, Col: s.enc.characters(line[:at]) + 1}
	f.Offset = p.Offset + s.enc.offset(line[:at])
	f.Raw = safeText(line[:min(len(line), maxRaw)])
	return f
}
