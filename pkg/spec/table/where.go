package table

import (
	"slices"
	"unicode"

	"github.com/b24apply/b24apply/pkg/value"
)

// A condition picks rows by a column.
type condition struct {
	rule   *rule // that reads the column
	in     []string
	filled bool // instead: any value
}

// where reads {column: value}, {column: [values]} and {column: {notEmpty: true}}; a row is
// picked if all hold.
func (c *compiler) where(n value.Node) {
	for _, p := range n.Pairs {
		cond := condition{rule: c.newRule(p.Pos)}
		c.columns(cond.rule, value.Node{Kind: value.Scalar, Text: p.Key, Pos: p.Pos})
		cond.rule.trim = true
		filled, isMap := p.Value.Get("notEmpty")
		switch {
		case isMap && len(p.Value.Pairs) == 1:
			cond.filled = c.flag(value.Pair{Key: "notEmpty", Value: filled})
			if !cond.filled {
				c.bad(p.Value.Pos, "map", "no-condition", "")
			}
		case p.Value.Kind == value.Scalar || p.Value.Kind == value.List && len(p.Value.Items) > 0:
			cond.in = c.texts(p.Value)
		default:
			c.bad(p.Value.Pos, "map", "no-condition", "")
		}
		c.m.where = append(c.m.where, cond)
	}
}

// picks tells whether a row is one of those that where picks.
func (p *Mapper) picks(row *Row) bool {
	for i := range p.mapping.where {
		c := &p.mapping.where[i]
		text := p.text(c.rule, row)
		if c.filled && text == "" || !c.filled && !slices.Contains(c.in, text) {
			return false
		}
	}
	return true
}

// text is that of the cell of a rule, without blanks around it; "" for a missing one.
func (p *Mapper) text(r *rule, row *Row) string {
	i := p.cells[r.id][0]
	if i < 0 || row.Cells[i].Missing {
		return ""
	}
	return trimmed(row.Cells[i].Text)
}

// OnDuplicate says what becomes of rows whose keys are the same.
type OnDuplicate string

// The ways.
const (
	DuplicateError OnDuplicate = "error" // each of them is rejected
	DuplicateFirst OnDuplicate = "first" // the first counts
	DuplicateLast  OnDuplicate = "last"
)

// rows reads rows.groupBy and rows.onDuplicate.
func (c *compiler) rows(n value.Node) {
	c.m.onDuplicate = DuplicateError
	for _, p := range n.Pairs {
		switch p.Key {
		case "groupBy":
			for _, name := range c.texts(p.Value) {
				r := c.newRule(p.Value.Pos)
				c.columns(r, value.Node{Kind: value.Scalar, Text: name, Pos: p.Value.Pos})
				c.m.groupBy = append(c.m.groupBy, r)
			}
		case "onDuplicate":
			all := []OnDuplicate{DuplicateError, DuplicateFirst, DuplicateLast}
			if c.m.onDuplicate = OnDuplicate(p.Value.Text); !slices.Contains(all, c.m.onDuplicate) {
				c.bad(p.Value.Pos, "map", "none-of-choices", "", quoted("value", p.Value.Text), value.L("choices", all))
			}
		}
	}
}

// OnDuplicate says what becomes of rows whose keys are the same.
func (m *Mapping) OnDuplicate() OnDuplicate { return m.onDuplicate }

func isBlankRune(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' }
