package table

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Place is where a row stands.
type Place struct {
	Number int   // from 1 behind the header; blank lines count
	Line   int   // of its first character, from 1
	Offset int64 // of its first byte, in the file as it is when it is unpacked
}

// A Row is one row of a table. Its cells are valid until the next row is read; their texts
// stay.
type Row struct {
	Place
	Blank bool   // the line is empty, or all of its cells are: it declares nothing
	Cells []Cell // as many as there are columns
}

// A Cell is one value of a row.
type Cell struct {
	Text    string
	Missing bool     // it has no value: it says so by one of the missing values, or the row has no such cell
	List    []string // NDJSON: the entries of an array; nil for any other value

	offset    int32 // of its first byte behind that of the row
	line, col int32 // of its first character: lines behind that of the row, and the column from 1
}

// pos is the place of a cell.
func (r *Row) pos(file string, cell int) value.Pos {
	c := &r.Cells[cell]
	return value.Pos{File: file, Line: r.Line + int(c.line), Col: max(1, int(c.col))}
}

// Clone is a copy that stays valid.
func (r Row) Clone() Row {
	r.Cells = slices.Clone(r.Cells)
	return r
}

// A composer makes the cells of a row from its bytes.
type composer struct {
	enc     encoding
	quote   byte
	missing missing
	scratch []byte
	ends    []int
	cells   []Cell
}

// A missing tells which texts stand for no value.
type missing []string

func (m missing) is(text string) bool {
	if len(m) == 1 {
		return text == m[0]
	}
	return slices.Contains(m, text)
}

// compose gives the cells of a row. The bytes are characters of the encoding.
func (c *composer) compose(raw rawRow) []Cell {
	c.cells = c.cells[:0]
	plain := isASCII(raw.bytes)
	if plain && raw.breaks <= 1 && !slices.ContainsFunc(raw.spans, func(s span) bool { return s.quoted }) {
		text := string(raw.bytes)
		for _, s := range raw.spans {
			t := text[s.from:s.to]
			c.cells = append(c.cells, Cell{Text: t, Missing: c.missing.is(t), offset: int32(s.from), col: int32(s.from) + 1})
		}
		return c.cells
	}
	text := c.decoded(raw, plain)
	at, line, col, start, offset := 0, 0, 1, 0, int64(0)
	for i, s := range raw.spans {
		first := s.from
		if s.quoted {
			first--
		}
		line, col = c.walk(raw.bytes[at:first], line, col)
		offset += c.enc.offset(raw.bytes[at:first])
		at = first
		t := text[start:c.ends[i]]
		start = c.ends[i]
		c.cells = append(c.cells, Cell{Text: t, Missing: c.missing.is(t), offset: int32(offset), line: int32(line), col: int32(col)})
	}
	return c.cells
}

// decoded gives the texts of all cells one behind the other, and sets their ends.
func (c *composer) decoded(raw rawRow, plain bool) string {
	c.scratch, c.ends = c.scratch[:0], c.ends[:0]
	for _, s := range raw.spans {
		b := raw.bytes[s.from:s.to]
		for s.doubled && len(b) > 0 {
			i := slices.Index(b, c.quote)
			if i < 0 {
				break
			}
			c.scratch = c.append(b[:i+1], plain)
			b = b[min(i+2, len(b)):]
		}
		c.scratch = c.append(b, plain)
		c.ends = append(c.ends, len(c.scratch))
	}
	return string(c.scratch)
}

func (c *composer) append(b []byte, plain bool) []byte {
	if plain {
		return append(c.scratch, b...)
	}
	return c.enc.appendText(c.scratch, b)
}

// walk gives the line and the column behind some bytes.
func (c *composer) walk(b []byte, line, col int) (int, int) {
	if n := bytes.Count(b, newline); n > 0 {
		line, col, b = line+n, 1, b[bytes.LastIndexByte(b, '\n')+1:]
	}
	return line, col + c.enc.characters(b)
}

// isBlank tells whether a row says nothing.
func isBlank(cells []Cell) bool {
	for i := range cells {
		if cells[i].Text != "" || cells[i].List != nil {
			return false
		}
	}
	return true
}

// safeText is a text of bytes that may be none, for a message.
func safeText(b []byte) string {
	if utf8.Valid(b) {
		return short(string(b))
	}
	return short(strings.ToValidUTF8(string(b), "�"))
}
