package ui

import (
	"github.com/b24apply/b24apply/pkg/plan"
)

// rowLines shows the rows of a part, such as product rows, a line each: all of them
// if the record has none yet, else those that go and come.
func rowLines(f plan.Field, width int) []string {
	before, _ := f.Before.([]string)
	after, _ := f.After.([]string)
	if len(before) == 0 {
		return allRows(after, width)
	}
	change := compareLists(before, after, entry{same: sameText, text: func(s string) string { return s }})
	if lines := change.lines(width); lines != nil {
		return lines
	}
	return append([]string{"in another order:"}, allRows(after, width)...)
}

func allRows(rows []string, width int) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = cut(row, width)
	}
	return out
}
