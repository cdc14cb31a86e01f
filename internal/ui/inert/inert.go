// Package inert knows which characters people see, and makes those visible that they do not: what
// moves a cursor, reverses or hides text, or looks like nothing.
package inert

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// IsShown tells whether a character can be seen, or is a plain blank.
func IsShown(r rune) bool {
	if ' ' <= r && r <= '~' {
		return true
	}
	return unicode.IsPrint(r) && !unicode.Is(unseen, r)
}

// unseen holds what counts as a letter or a mark and yet shows nothing, so that two texts
// look alike or one hides another.
var unseen = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1},
		{Lo: 0x180b, Hi: 0x180f, Stride: 1}, {Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1},
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1},
	},
	R32: []unicode.Range32{{Lo: 0xe0100, Hi: 0xe01ef, Stride: 1}},
}

// Marked gives a text with a mark such as ⟦U+202E⟧ in the place of every character that is not
// seen. Line breaks stay, blanks of other widths become plain ones, and bytes that are no UTF-8 are marked as U+FFFD.
// A mark that the text itself holds is told apart by one of ours inside it.
func Marked(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '\n', r == '⟦' && !strings.HasPrefix(s[i:], "⟦U+"):
			b.WriteRune(r)
		case r == '\t' || unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case r == '\r' && strings.HasPrefix(s[i:], "\r\n"):
		case r == '⟦', r == utf8.RuneError, !IsShown(r):
			fmt.Fprintf(&b, "⟦U+%04X⟧", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
