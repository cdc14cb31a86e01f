package ui

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/diff"
)

// mostRows is how many rows of one record are shown.
const mostRows = 10

// rowLines shows the rows of a part, such as product rows, a line each: all of them
// if the record has none yet, else those that go and come.
func rowLines(f diff.FieldDiff, width int) []string {
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
	var out []string
	for i, row := range rows {
		if i == mostRows-1 && len(rows) > mostRows {
			return append(out, fmt.Sprintf("… and %s more (-o json shows all)", grouped(len(rows)-i)))
		}
		out = append(out, cut(row, width))
	}
	return out
}
