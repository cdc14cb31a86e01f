package value

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Address names a resource: kind/name in lower case, such as
// "company/acme"; an SPA item is "<spa name>/<name>". Two addresses are the same
// if their strings are.
type Address string

// NewAddress joins a space (a kind's prefix or an SPA's name) and a name.
func NewAddress(space, name string) Address {
	return Address(strings.ToLower(space) + "/" + strings.ToLower(name))
}

// Split gives the two parts of an address.
func (a Address) Split() (space, name string) {
	space, name, _ = strings.Cut(string(a), "/")
	return space, name
}

// Name is the part after the slash, in lower case: what the owner's mark on a
// record holds, so that the case of metadata.name never makes a second record.
func (a Address) Name() string {
	_, name := a.Split()
	return name
}

// Pos is a place in a manifest. Line and Col count from 1, Col in characters
// (runes); a zero Line means the file as a whole.
type Pos struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"`
	Col  int    `json:"col,omitempty"`
}

// Compare orders positions as people read.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// String gives the form that editors and terminals make clickable.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// maxName is how many characters a name in an address has at most.
const maxName = 100

// IsName tells whether a text can be the name in an address: up to a hundred letters of any
// script, digits, and - _ . ~ %. That of a manifest is narrower; the key of a row may hold all.
func IsName(text string) bool {
	if text == "" || len(text) > maxName*utf8.UTFMax {
		return false
	}
	n := 0
	for _, c := range text {
		ascii := c < utf8.RuneSelf
		switch {
		case ascii && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.~%", byte(c)) >= 0):
		case ascii || !unicode.IsLetter(c) && !unicode.IsMark(c) && !unicode.IsDigit(c):
			return false
		}
		n++
	}
	return n <= maxName && text != "." && text != ".."
}
