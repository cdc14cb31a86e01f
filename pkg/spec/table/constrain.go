package table

import (
	"fmt"
	"hash/maphash"
	"slices"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// constrain checks the cells of a row against the schema.
func (p *Mapper) constrain(row *Row) {
	if p.reader.schema == nil {
		return
	}
	for i := range p.reader.columns {
		f := p.reader.columns[i].Field
		if f == nil || i >= len(row.Cells) {
			continue
		}
		c := &row.Cells[i]
		switch {
		case c.Missing && f.Constraints.Required:
			p.noteCell(bad("constraint", "cell-is-missing", ""), row, i)
		case c.Missing || c.List != nil:
		default:
			if fault := f.check(c.Text); fault != nil {
				p.noteCell(fault, row, i)
			} else if f.Constraints.Unique {
				p.unique(row, i)
			}
		}
	}
}

// unique finds a value that stands in two rows. It holds some 16 bytes a value.
func (p *Mapper) unique(row *Row, cell int) {
	if p.values == nil {
		p.values, p.seed = make(map[int]map[uint64]int), maphash.MakeSeed()
	}
	seen := p.values[cell]
	if seen == nil {
		seen = make(map[uint64]int)
		p.values[cell] = seen
	}
	hash := maphash.String(p.seed, row.Cells[cell].Text)
	if other, ok := seen[hash]; ok {
		p.noteCell(bad("constraint", "not-unique", "", quoted("value", row.Cells[cell].Text), value.N("other", other)), row, cell)
		return
	}
	seen[hash] = row.Number
}

// check checks one value.
func (f *Field) check(text string) *Fault {
	converted := text
	if f.convert != nil {
		var fault *Fault
		if converted, fault = f.convert(text); fault != nil {
			return fault
		}
	}
	c := &f.Constraints
	n := 0
	if c.MinLength > 0 || c.MaxLength > 0 {
		n = utf8.RuneCountInString(text)
	}
	switch {
	case n < c.MinLength, c.MaxLength > 0 && n > c.MaxLength:
		return bad("constraint", "length-out-of-bounds", "", quoted("value", text), value.N("n", n), value.N("least", c.MinLength), value.N("most", c.MaxLength))
	case f.pattern != nil && !f.pattern.MatchString(text):
		return bad("pattern", "not-of-pattern", "", quoted("value", text), value.Q("pattern", c.Pattern))
	case len(c.Enum) > 0 && !slices.ContainsFunc(c.Enum, func(e any) bool { return fmt.Sprint(e) == text || fmt.Sprint(e) == converted }):
		return bad("constraint", "not-in-enum", "", quoted("value", text), value.Some("values", enumTexts(c.Enum)))
	case c.Minimum != nil && less(converted, fmt.Sprint(c.Minimum)):
		return bad("constraint", "below-minimum", "", quoted("value", text), value.T("bound", fmt.Sprint(c.Minimum)))
	case c.Maximum != nil && less(fmt.Sprint(c.Maximum), converted):
		return bad("constraint", "above-maximum", "", quoted("value", text), value.T("bound", fmt.Sprint(c.Maximum)))
	}
	return nil
}

func enumTexts(enum []any) []string {
	out := make([]string, len(enum))
	for i, e := range enum {
		out[i] = fmt.Sprint(e)
	}
	return out
}

// less orders numbers by their value, and days, like other texts, as they are written.
func less(a, b string) bool {
	x, err := value.ReadDecimal(a)
	y, errB := value.ReadDecimal(b)
	if err == nil && errB == nil {
		return x.LessThan(y)
	}
	return a < b
}
