package ui

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/internal/ui/inert"
	"github.com/b24apply/b24apply/pkg/value"
)

// lineBreak stands for a line break inside a value that is shown on one line.
const lineBreak = "⏎"

// next cuts the first character off s: how it is shown, how many columns that
// takes, and the rest. What does not print is shown escaped, as in Go.
func next(s string) (shown string, columns int, rest string) {
	if ' ' <= s[0] && s[0] <= '~' {
		return s[:1], 1, s[1:]
	}
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError && size == 1:
		shown = fmt.Sprintf(`\x%02x`, s[0])
		return shown, len(shown), s[1:]
	case strings.HasPrefix(s, "\r\n"):
		return lineBreak, 1, s[2:]
	case r == '\n':
		return lineBreak, 1, s[1:]
	case !inert.IsShown(r):
		shown = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		return shown, len(shown), s[size:]
	}
	return s[:size], runeWidth(r), s[size:]
}

// clean gives s on one line with everything escaped that does not print.
func clean(s string) string {
	shown, _ := take(s, -1)
	return shown
}

// take shows as much of s as fits into width columns, all of it if width is
// negative, and gives what is left over.
func take(s string, width int) (shown, rest string) {
	if isPlain(s) {
		if width < 0 || len(s) <= width {
			return s, ""
		}
		return s[:width], s[width:]
	}
	var b strings.Builder
	for used := 0; s != ""; {
		text, columns, tail := next(s)
		if used += columns; width >= 0 && used > width {
			break
		}
		b.WriteString(text)
		s = tail
	}
	return b.String(), s
}

// isPlain tells whether every byte of s is a character that is shown as it is, in one column.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// columns counts the columns that s takes when it is shown.
func columns(s string) int {
	if isPlain(s) {
		return len(s)
	}
	n := 0
	for s != "" {
		_, c, tail := next(s)
		n, s = n+c, tail
	}
	return n
}

// fits tells whether s can be shown in width columns; it reads no more of s than
// it has to.
func fits(s string, width int) bool {
	_, rest := take(s, width)
	return rest == ""
}

// cut shows a text in at most width columns; what is too long ends in its length.
func (s Style) cut(text string, width int) string {
	return s.cutPart(text, width, utf8.RuneCountInString(text))
}

// cutPart is cut for the tail of a text that has length characters as a whole.
func (s Style) cutPart(text string, width, length int) string {
	head, end := s.parted(text, width, length)
	return head + end
}

// parted gives what cutPart shows of a text, and the length behind it, "" if it is whole.
func (s Style) parted(text string, width, length int) (head, end string) {
	if fits(text, width) {
		return clean(text), ""
	}
	end = s.say("cut-to-length", value.N("n", length))
	head, _ = take(text, max(0, width-columns(end)))
	return head, end
}

// quoted is cut with quotation marks around what is shown of a text.
func (s Style) quoted(text string, width int) string {
	head, end := s.parted(text, width-2, utf8.RuneCountInString(text))
	return `"` + head + `"` + end
}

// padded fills s, which is shown as it is, up to width columns.
func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-columns(s)))
}

// oneLine joins the lines of a message and escapes what does not print.
func oneLine(s string) string {
	var b strings.Builder
	for _, line := range strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if text := b.String(); text != "" {
			if !strings.ContainsAny(text[len(text)-1:], ".,:;!?") {
				b.WriteByte(';')
			}
			b.WriteByte(' ')
		}
		b.WriteString(line)
	}
	return clean(b.String())
}

// wide holds what terminals show in two columns: East Asian scripts and emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x2e80, Hi: 0x303e, Stride: 1}, {Lo: 0x3041, Hi: 0xa4cf, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1}, {Lo: 0xfe30, Hi: 0xfe6f, Stride: 1},
		{Lo: 0xff00, Hi: 0xff60, Stride: 1}, {Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1f300, Hi: 0x1f64f, Stride: 1}, {Lo: 0x1f680, Hi: 0x1f6ff, Stride: 1}, {Lo: 0x1f900, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

// runeWidth is the number of columns of a rune that prints.
func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}
