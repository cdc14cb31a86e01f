package table

import (
	"unicode"

	"github.com/b24apply/b24apply/pkg/value"
)

// A condition picks rows by a column.
type condition struct {
	column string
	in     []string // one of these
	filled bool     // instead: any value
}

func (c *compiler) where(n value.Node) {}

func (c *compiler) rows(n value.Node) {}

func (c *compiler) children(spec value.Node) {}

// A Child is a source of rows that belong to records, joined by their key.
type Child struct {
	Part string // the part that they are, such as products
}

// A lookupTable is what a valuesFile holds.
type lookupTable struct {
	path string
	rows map[string]string
}

func isBlankRune(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }
