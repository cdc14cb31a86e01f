package table

import (
	"bytes"
	"io"
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Reader gives the rows of a table. It is for one goroutine.
type Reader struct {
	file    string
	dialect Dialect
	enc     encoding
	schema  *Schema
	columns []Column
	index   map[string]int
	named   []value.Pos // where the names of the columns stand, as far as they do
	source  source
	number  int
	row     Row
	again   source // for rows that are read once more
	ours    int    // columns that this program has written behind those of the source
	ignored bool   // the last line of the header ends with a delimiter: each row may have one cell more
}

// A Column is one column of a table. Its cells stand in [Row.Cells] at its index.
type Column struct {
	Name  string
	Field *Field // what the schema says of it; nil without one
}

// A source gives the rows of a stream as they stand there.
type source interface {
	// next reads a row. A fault has its place within the row; err is io.EOF at the end. Of a
	// row with a fault the place is known.
	next(row *Row, columns []Column) (*Fault, error)
	restart(r io.Reader, p Place)
	place() Place // of what is unread
}

// Open reads the head of a table from a stream that is not packed or packed as its name
// says. The name stands in positions. A schema may be nil. Where faults hold an error no
// rows can be read, and the Reader is nil.
func Open(r io.Reader, name string, d Dialect, schema *Schema) (*Reader, []*Fault) {
	t := &Reader{file: name, dialect: d.with(), schema: schema}
	if schema != nil && schema.Missing != nil && d.MissingValues == nil {
		t.dialect.MissingValues = schema.Missing
	}
	faults := t.open(r)
	for _, f := range faults {
		if f.Pos.File == "" {
			f.Pos.File = name
		}
	}
	if slices.ContainsFunc(faults, func(f *Fault) bool { return !f.Warning }) {
		return nil, faults
	}
	return t, faults
}

func (t *Reader) open(r io.Reader) []*Fault {
	r, err := unpacked(r, t.file)
	if err != nil {
		return []*Fault{unreadable(err)}
	}
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return []*Fault{unreadable(err)}
	}
	enc, skipped, fault := t.encodingOf(head[:n])
	if fault != nil {
		return []*Fault{fault}
	}
	t.enc = enc
	r = io.MultiReader(bytes.NewReader(head[skipped:n]), r)
	t.source = t.newSource(r, enc)
	t.again = t.newSource(bytes.NewReader(nil), enc)
	t.source.restart(t.decoded(r, enc), Place{Line: 1, Offset: int64(skipped)})
	if t.dialect.Format == NDJSON {
		return t.openJSON()
	}
	return t.header()
}

// unreadable is a stream that cannot be read.
func unreadable(err error) *Fault {
	return bad("source", "cannot-read-table", "", value.M("error", value.SaidBy(err)))
}

// encodingOf gives the encoding in which a file is read, and how many of its first bytes are
// its mark. A mark of another encoding than the declared one is a fault.
func (t *Reader) encodingOf(head []byte) (encoding, int, *Fault) {
	enc := encodings[t.dialect.Encoding]
	name, size := markOf(head)
	switch {
	case len(head) == 0:
		return enc, 0, bad("source", "empty-table", "")
	case enc.wide && enc.order == orderByMark && (name == "" || name == "utf-8"):
		return enc, 0, bad("encoding", "no-byte-order", "declare-byte-order")
	case enc.wide && enc.order == orderByMark:
		return encodings[name], size, nil
	case name == "":
		return enc, 0, nil
	case name != t.dialect.Encoding:
		return enc, 0, bad("encoding", "other-encoding", "declare-encoding", value.T("declared", t.dialect.Encoding), value.T("is", name))
	}
	return enc, size, nil
}

func (t *Reader) newSource(r io.Reader, enc encoding) source {
	if t.dialect.Format == NDJSON {
		return newJSONSource(t, enc)
	}
	return newCSVSource(t, enc)
}

// decoded gives UTF-8 for UTF-16, and bytes as they are for all else.
func (t *Reader) decoded(r io.Reader, enc encoding) io.Reader {
	if enc.wide {
		return newUTF16Reader(r, enc.order)
	}
	return r
}

// Columns are those of the table, in its order. Those of NDJSON are the names of the first
// object, and what [Reader.Use] adds.
func (t *Reader) Columns() []Column { return t.columns }

// Schema is what is declared of the columns; nil for nothing.
func (t *Reader) Schema() *Schema { return t.schema }

// Dialect is how the table is read.
func (t *Reader) Dialect() Dialect { return t.dialect }

// Use gives the index of a column, or false if the table has none of this name. A table of
// NDJSON has every column: its cells are missing where an object has no such name.
func (t *Reader) Use(name string) (int, bool) {
	if i, ok := t.index[name]; ok {
		return i, true
	}
	if t.dialect.Format != NDJSON || t.schema != nil {
		return -1, false
	}
	return t.add(name), true
}

func (t *Reader) add(name string) int {
	if t.index == nil {
		t.index = make(map[string]int)
	}
	i := len(t.columns)
	t.index[name] = i
	t.columns = append(t.columns, Column{Name: name, Field: t.schema.field(name)})
	return i
}

// Next reads a row. It is valid until the next call. A *Fault rejects the row, whose place
// is known, and reading goes on; io.EOF is the end; any other error ends the table.
func (t *Reader) Next() (Row, error) {
	t.number++
	t.row = Row{Cells: t.row.Cells[:0]}
	fault, err := t.source.next(&t.row, t.columns)
	if err != nil {
		t.number--
		return Row{}, t.ended(err)
	}
	t.row.Number = t.number
	if fault != nil {
		fault.Row = t.number
		return t.row, fault
	}
	return t.row, nil
}

// ended is why no row follows.
func (t *Reader) ended(err error) error {
	if err == io.EOF {
		return err
	}
	return value.While(err, "reading-table", value.T("file", t.file))
}

// At reads one row again, which [Reader.Next] gave without a fault. The file is the one that
// was opened, not packed (see [Packed]), unchanged.
func (t *Reader) At(file io.ReaderAt, p Place) (Row, error) {
	const far = 1 << 62
	t.again.restart(t.decoded(io.NewSectionReader(file, p.Offset, far-p.Offset), t.enc), p)
	row := Row{}
	fault, err := t.again.next(&row, t.columns)
	row.Number = p.Number
	if err == nil && fault != nil {
		err = fault
	}
	return row, err
}
