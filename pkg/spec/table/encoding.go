package table

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// An encoding is how the characters of a file are bytes.
type encoding struct {
	wide   bool       // UTF-16: it becomes UTF-8 before rows are looked for
	order  byteOrder  // wide: which byte comes first, or that the file's mark says it
	single *[256]rune // a character a byte; utf8.RuneError for a byte that is none
}

// A byteOrder is that of UTF-16.
type byteOrder uint8

// The orders.
const (
	orderByMark byteOrder = iota
	littleEndian
	bigEndian
)

// encodings are those that can be declared.
var encodings = map[string]encoding{
	"utf-8":        {},
	"windows-1251": {single: tableOf(charmap.Windows1251)},
	"windows-1252": {single: tableOf(charmap.Windows1252)},
	"utf-16":       {wide: true},
	"utf-16le":     {wide: true, order: littleEndian},
	"utf-16be":     {wide: true, order: bigEndian},
}

// Encodings are the names of the encodings that can be declared, sorted.
func Encodings() []string { return sortedKeys(encodings) }

func tableOf(m *charmap.Charmap) *[256]rune {
	var t [256]rune
	for b := range t {
		t[b] = m.DecodeByte(byte(b))
	}
	return &t
}

// isASCII tells whether all bytes are characters by themselves in every encoding.
func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if (b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7])&utf8.RuneSelf != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// wrong gives the first byte that is no character, or -1.
func (e encoding) wrong(b []byte) int {
	if e.single == nil {
		if utf8.Valid(b) {
			return -1
		}
		for i := 0; i < len(b); {
			r, size := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && size == 1 {
				return i
			}
			i += size
		}
		return -1
	}
	for i, c := range b {
		if c >= utf8.RuneSelf && e.single[c] == utf8.RuneError {
			return i
		}
	}
	return -1
}

// fewestPairs is how many characters of several bytes a row in UTF-8 has at least where that
// is told from one in which each byte is a character. Words of a language that is
// written so are never by chance made of such pairs alone.
const fewestPairs = 3

// isUTF8Instead gives the first of the characters for which a row, in an encoding of a byte a
// character, is UTF-8 in truth; -1 if it is not.
func (e encoding) isUTF8Instead(b []byte) int {
	if e.single == nil || !utf8.Valid(b) {
		return -1
	}
	first, n := -1, 0
	for i, r := range string(b) {
		if r >= utf8.RuneSelf {
			if n++; first < 0 {
				first = i
			}
		}
	}
	if n < fewestPairs {
		return -1
	}
	return first
}

// appendText appends bytes of the file as UTF-8.
func (e encoding) appendText(out, b []byte) []byte {
	if e.single == nil {
		return append(out, b...)
	}
	for _, c := range b {
		if c < utf8.RuneSelf {
			out = append(out, c)
		} else {
			out = utf8.AppendRune(out, e.single[c])
		}
	}
	return out
}

// characters counts those of some bytes.
func (e encoding) characters(b []byte) int {
	if e.single != nil {
		return len(b)
	}
	return utf8.RuneCount(b)
}

// offset is how many bytes of the file some bytes are that were read of it.
func (e encoding) offset(b []byte) int64 {
	if !e.wide {
		return int64(len(b))
	}
	n := int64(0)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		if n += 2; r > 0xffff {
			n += 2
		}
		b = b[size:]
	}
	return n
}
