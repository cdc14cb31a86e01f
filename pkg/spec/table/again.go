package table

import (
	"io"

	"github.com/b24apply/b24apply/pkg/value"
)

// maxLine is how much of a line is shown, in bytes of the text.
const maxLine = 4 << 10

// Line reads a line of the file again, as text without its break; p is the place of a row at or
// before it. It is false for a line that the file does not have. The file is as for [Reader.At].
func (t *Reader) Line(file io.ReaderAt, p Place, line int) (string, bool) {
	const far = 1 << 62
	enc := t.enc
	l := newLines(t.decoded(io.NewSectionReader(file, p.Offset, far-p.Offset), enc), enc)
	l.line, l.offset = p.Line, p.Offset
	for l.line < line {
		if l.isEnd() {
			return "", false
		}
		l.skipLine()
	}
	if l.isEnd() {
		return "", false
	}
	at, _ := l.brk(0)
	text := withoutReturn(l.unread()[:at])
	return string(enc.appendText(nil, text[:min(len(text), maxLine)])), true
}

// CellAt says which cell of the rows that were mapped last stands at a place: its column, its
// text, and the offset of its first byte. All are zero where none does.
func (p *Mapper) CellAt(at value.Pos) (column, raw string, offset int64) {
	for i := range p.rows {
		row := &p.rows[i]
		for cell := range row.Cells {
			if row.pos(p.reader.file, cell) == at {
				return p.reader.columns[cell].Name, short(row.Cells[cell].Text), row.Offset + int64(row.Cells[cell].offset)
			}
		}
	}
	return "", "", 0
}

// PosOf is the place of a cell of a row that the reader has given.
func (t *Reader) PosOf(row *Row, cell int) value.Pos { return row.pos(t.file, cell) }
