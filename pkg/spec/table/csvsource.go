package table

import (
	"bytes"
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// A csvSource gives the rows of a CSV file.
type csvSource struct {
	csvReader
	composer
	table *Reader
}

func newCSVSource(t *Reader, enc encoding) *csvSource {
	d := t.dialect
	return &csvSource{
		csvReader: csvReader{lines: *newLines(nil, enc), delimiter: byte(d.Delimiter), quote: byte(d.Quote), comment: byte(d.Comment)},
		composer:  composer{enc: enc, quote: byte(d.Quote), missing: d.MissingValues},
		table:     t,
	}
}

func (c *csvSource) restart(r io.Reader, p Place) { c.again(r, p) }

func (c *csvSource) place() Place { return Place{Line: c.line, Offset: c.offset} }

// next reads a row. The cells of one that is whole are as many as the columns.
func (c *csvSource) next(row *Row, columns []Column) (*Fault, error) {
	fault, err := c.read(row)
	if fault != nil || err != nil || row.Blank {
		return fault, err
	}
	c.withoutOurs(row, len(columns))
	n := len(row.Cells)
	if n == len(columns)+1 && c.table.ignored && row.Cells[n-1].Text == "" {
		n--
		row.Cells = row.Cells[:n]
	}
	switch {
	case n < len(columns):
		return bad("ragged", "too-few-cells", "quote-delimiters", value.N("n", n), value.N("want", len(columns))).in(c.table.file, row, n-1, ""), nil
	case n > len(columns):
		return bad("ragged", "too-many-cells", "quote-delimiters", value.N("n", n), value.N("want", len(columns))).in(c.table.file, row, len(columns), ""), nil
	}
	return nil, nil
}

// withoutOurs leaves out the cells of columns that this program has written behind those of a
// source, and what it has put before formulas.
func (c *csvSource) withoutOurs(row *Row, columns int) {
	if c.table.ours == 0 {
		return
	}
	row.Cells = row.Cells[:max(0, min(len(row.Cells), columns, len(row.Cells)-c.table.ours))]
	for i := range row.Cells {
		cell := &row.Cells[i]
		cell.Text = plain(cell.Text)
		cell.Missing = c.missing.is(cell.Text)
	}
}

// read reads a row with as many cells as it has.
func (c *csvSource) read(row *Row) (*Fault, error) {
	raw, wrong, err := c.row()
	if err != nil {
		return nil, err
	}
	row.Place = c.place()
	if wrong != nil {
		f := c.faultAt(row.Place, raw, wrong.at, bad(ruleOfRaw(wrong.message), wrong.message, ""))
		c.skipLine()
		return f, nil
	}
	if f := c.check(row.Place, raw); f != nil {
		c.skip(raw.size, raw.breaks)
		return f, nil
	}
	row.Cells = c.compose(raw)
	row.Blank = isBlank(row.Cells)
	c.skip(raw.size, raw.breaks)
	return nil, nil
}

func ruleOfRaw(message string) string {
	if message == "long-row" {
		return "cell"
	}
	return "quote"
}

// check finds what no row may hold.
func (c *csvSource) check(p Place, raw rawRow) *Fault {
	if i := bytes.IndexByte(raw.bytes, 0); i >= 0 {
		return c.faultAt(p, raw, i, bad("cell", "nul-in-cell", ""))
	}
	if !isASCII(raw.bytes) {
		if i := c.composer.enc.wrong(raw.bytes); i >= 0 {
			return c.faultAt(p, raw, i, bad("encoding", "not-in-encoding", "declare-true-encoding", value.T("byte", hexByte(raw.bytes[i])), value.T("encoding", c.table.dialect.Encoding)))
		}
		if i := c.composer.enc.isUTF8Instead(raw.bytes); i >= 0 {
			return c.faultAt(p, raw, i, bad("encoding", "utf8-instead", "declare-encoding", value.T("declared", c.table.dialect.Encoding), value.T("is", "utf-8")))
		}
	}
	if len(raw.bytes) > maxCell {
		for _, s := range raw.spans {
			if s.to-s.from > maxCell {
				return c.faultAt(p, raw, s.from, bad("cell", "long-cell", "", value.N("n", s.to-s.from), value.N("most", maxCell)))
			}
		}
	}
	return nil
}

func hexByte(b byte) string {
	const digits = "0123456789ABCDEF"
	return "0x" + string([]byte{digits[b>>4], digits[b&15]})
}

// faultAt says where in a row a fault is.
func (c *csvSource) faultAt(p Place, raw rawRow, at int, f *Fault) *Fault {
	before := raw.bytes[:min(at, len(raw.bytes))]
	line, col := c.walk(before, 0, 1)
	f.Pos = value.Pos{File: c.table.file, Line: p.Line + line, Col: col}
	f.Offset = p.Offset + c.composer.enc.offset(before)
	cell := 0
	for cell < len(raw.spans)-1 && raw.spans[cell+1].from <= at {
		cell++
	}
	if len(raw.spans) == 0 {
		f.Raw = safeText(raw.bytes[:min(maxRaw, len(raw.bytes))])
		return f
	}
	if cell < len(c.table.columns) {
		f.Column = c.table.columns[cell].Name
	}
	s := raw.spans[cell]
	f.Raw = safeText(c.composer.enc.appendText(nil, raw.bytes[s.from:min(s.to, s.from+4*maxRaw)]))
	return f
}
