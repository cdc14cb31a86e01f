package ui

import (
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// isTable tells whether a field holds the rows of a part, such as product rows.
func isTable(f plan.Field) bool {
	for _, side := range []value.Shown{f.Before, f.After} {
		if side.IsList() && side.Items()[0].Style() == value.Row {
			return true
		}
	}
	return false
}

// rowLines shows rows, a line each: all of them if the record has none yet, else those
// that go and come.
func (s Style) rowLines(f plan.Field, width int) []string {
	switch {
	case f.Before.IsEmpty():
		return s.allRows(rowTexts(f.After), width)
	case f.After.IsEmpty():
		f.List = &value.ListChange{}
		for i := range f.Before.Items() {
			f.List.Gone = append(f.List.Gone, i)
		}
		return s.listLines(f, width)
	case f.List != nil:
		if lines := s.listLines(f, width); lines != nil {
			return lines
		}
	}
	return append([]string{s.say("in-another-order")}, s.allRows(rowTexts(f.After), width)...)
}

func rowTexts(rows value.Shown) []string {
	out := make([]string, len(rows.Items()))
	for i, row := range rows.Items() {
		out[i] = row.String()
	}
	return out
}

func (s Style) allRows(rows []string, width int) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = s.cut(row, width)
	}
	return out
}
