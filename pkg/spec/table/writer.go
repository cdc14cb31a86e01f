package table

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The columns that stand behind those of a source where its rows were written again: what
// became of them, and why they were rejected. A table with either is read without them.
var (
	ResultColumns = []string{"_row", "_id", "_url", "_status", "_code", "_error"}
	RejectColumns = []string{"_file", "_row", "_line", "_offset", "_column", "_rule", "_raw", "_message"}
)

// ours is how many of the last columns of a table are ResultColumns or RejectColumns.
func ours(names []string) int {
	for _, columns := range [][]string{ResultColumns, RejectColumns} {
		if n := len(names) - len(columns); n > 0 && slices.Equal(names[n:], columns) {
			return len(columns)
		}
	}
	return 0
}

// A Writer writes rows as a CSV file, in the dialect of the table that they came from, so that
// they can be read as that was. Rows of NDJSON become CSV in UTF-8. No cell is a formula to
// any spreadsheet: before what could begin one stands an apostrophe, which a [Reader] takes
// away again.
// Source: https://owasp.org/www-community/attacks/CSV_Injection
type Writer struct {
	out     *bufio.Writer
	dialect Dialect
	enc     encoding
	err     error
}

// NewWriter begins a file with the names of its columns. Those of the head that hold no
// names are left empty. Errors come with [Writer.Close].
func NewWriter(out io.Writer, d Dialect, columns []string) *Writer {
	d = d.with()
	if d.Format == NDJSON {
		d = Dialect{}.with()
	}
	w := &Writer{out: bufio.NewWriter(out), dialect: d, enc: encodings[d.Encoding]}
	switch {
	case d.Encoding == "utf-16" || d.Encoding == "utf-16le":
		w.bytes(0xff, 0xfe)
	case d.Encoding == "utf-16be":
		w.bytes(0xfe, 0xff)
	case d.Encoding == "utf-8":
		w.bytes(0xef, 0xbb, 0xbf) // else Excel takes it for the encoding of its country
	}
	if d.NoHeader {
		return w
	}
	for line := 1; line <= d.HeaderRows[len(d.HeaderRows)-1]; line++ {
		names := columns
		if line != d.HeaderRows[len(d.HeaderRows)-1] {
			names = make([]string, len(columns))
		}
		w.line(names)
	}
	return w
}

// Row writes a row.
func (w *Writer) Row(cells []string) { w.line(cells) }

// Close writes what is not written yet. It does not close the file.
func (w *Writer) Close() error {
	if err := w.out.Flush(); w.err == nil {
		w.err = err
	}
	return w.err
}

func (w *Writer) line(cells []string) {
	for i, cell := range cells {
		if i > 0 {
			w.rune(w.dialect.Delimiter)
		}
		w.cell(cell, i == 0)
	}
	w.rune('\r')
	w.rune('\n')
}

// cell writes a cell, in quotes where it needs them.
func (w *Writer) cell(text string, first bool) {
	text = inert(text)
	if text == "" || !w.needsQuotes(text, first) {
		w.text(text)
		return
	}
	w.rune(w.dialect.Quote)
	for _, r := range text {
		if r == w.dialect.Quote {
			w.rune(r)
		}
		w.rune(r)
	}
	w.rune(w.dialect.Quote)
}

func (w *Writer) needsQuotes(text string, first bool) bool {
	c, _ := utf8.DecodeRuneInString(text)
	return strings.ContainsRune(text, w.dialect.Delimiter) || strings.ContainsRune(text, w.dialect.Quote) || strings.ContainsAny(text, "\r\n") ||
		first && c == w.dialect.Comment || c == '\ufeff'
}

// formulas begin what a spreadsheet may compute.
const formulas = "=+-@\t\r\n＝＋－＠"

// inert puts an apostrophe before what could be a formula, and before one.
func inert(text string) string {
	if c, _ := utf8.DecodeRuneInString(text); text != "" && (c == '\'' || strings.ContainsRune(formulas, c)) {
		return "'" + text
	}
	return text
}

// plain takes away what inert has put there.
func plain(text string) string { return strings.TrimPrefix(text, "'") }

func (w *Writer) text(text string) {
	for _, r := range text {
		w.rune(r)
	}
}

// rune writes a character; one that the encoding does not have is a question mark.
func (w *Writer) rune(r rune) {
	switch {
	case w.enc.wide:
		for _, unit := range utf16.AppendRune(nil, r) {
			w.unit(unit)
		}
	case w.enc.single == nil:
		_, w.err = keepFirst(w.err, w.out, utf8.AppendRune(nil, r))
	case r < utf8.RuneSelf:
		w.bytes(byte(r))
	default:
		b := slices.Index(w.enc.single[:], r)
		if b < 0 {
			b = '?'
		}
		w.bytes(byte(b))
	}
}

func (w *Writer) unit(unit uint16) {
	b := binary.LittleEndian.AppendUint16(nil, unit)
	if w.enc.order == bigEndian {
		b = binary.BigEndian.AppendUint16(nil, unit)
	}
	w.bytes(b...)
}

func (w *Writer) bytes(b ...byte) { _, w.err = keepFirst(w.err, w.out, b) }

// keepFirst writes unless there was an error.
func keepFirst(err error, out io.Writer, b []byte) (int, error) {
	if err != nil {
		return 0, err
	}
	return out.Write(b)
}
