package table

import (
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Fault is one thing wrong with a table: where, what, and what to do.
type Fault struct {
	Rule    string        // a row of value.Codes, such as "encoding" or "tax-id"
	Message value.Message // the fact
	Hint    value.Message // the remedy; zero where that of the rule holds
	Pos     value.Pos     // of the cell, else of the row; a zero line means the file as a whole
	Offset  int64         // of the byte at Pos, in the file as it is when it is unpacked
	Row     int           // the number of the row, from 1 behind the header; 0: the file as a whole
	Column  string        // the name of the column; "": the row as a whole
	Raw     string        // the cell as it was read, cut to maxRaw characters
	Warning bool          // it does not reject the row
}

// maxRaw is how many characters of a cell a fault shows.
const maxRaw = 200

// Error is the message as a code with arguments; people read what package ui makes of it.
func (f *Fault) Error() string { return f.Message.String() }

// Says is the fault for people.
func (f *Fault) Says() value.Message { return f.Message }

// Remedy is what to do about it.
func (f *Fault) Remedy() value.Message { return f.Hint }

// bad makes a fault that has no place yet. A hint of "" is that of the rule.
func bad(rule, message, hint string, args ...value.Arg) *Fault {
	f := &Fault{Rule: rule, Message: value.Say(message, args...)}
	if hint != "" {
		f.Hint = value.Say(hint, args...)
	}
	return f
}

// warned is a fault that does not reject.
func (f *Fault) warned() *Fault {
	f.Warning = true
	return f
}

// of says that a fault concerns a row.
func (f *Fault) of(file string, p Place) *Fault {
	f.Row, f.Offset, f.Pos = p.Number, p.Offset, value.Pos{File: file, Line: p.Line, Col: 1}
	return f
}

// in says that a fault concerns a cell of a row.
func (f *Fault) in(file string, row *Row, cell int, column string) *Fault {
	f.of(file, row.Place)
	f.Column = column
	if cell >= 0 && cell < len(row.Cells) {
		c := &row.Cells[cell]
		f.Pos, f.Offset, f.Raw = row.pos(file, cell), row.Offset+int64(c.offset), short(c.Text)
	}
	return f
}

// short cuts a text to what a fault shows. The rest of a large one is not kept alive by it.
func short(text string) string {
	if len(text) <= maxRaw {
		return text
	}
	n := 0
	for i := range text {
		if n++; n > maxRaw {
			return string([]byte(text[:i])) + "…"
		}
	}
	return text
}

// quoted is a text of a table as messages show it.
func quoted(name, text string) value.Arg {
	if !utf8.ValidString(text) {
		text = string([]rune(text))
	}
	return value.Q(name, short(text))
}
