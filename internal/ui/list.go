package ui

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// listLines shows what goes of a list and what comes, on one line if it fits; nil if
// nothing would be seen.
func (s Style) listLines(f plan.Field, width int) []string {
	before, after := f.Before.Items(), f.After.Items()
	var gone, come []string
	for _, i := range f.List.Gone {
		gone = append(gone, "- "+entryText(before[i]))
	}
	for _, i := range f.List.Come {
		come = append(come, "+ "+entryText(after[i]))
	}
	if len(gone)+len(come) == 0 && !f.List.First {
		return nil
	}
	notes := s.listNotes(f)
	if line := strings.Join(slices.Concat(gone, come, notes), "  "); fits(line, width) {
		return []string{clean(line)}
	}
	out := append(s.allRows(gone, width), s.allRows(come, width)...)
	for _, n := range notes {
		out = append(out, s.cut(n, width))
	}
	return out
}

// listNotes says how much stays, and what becomes the first.
func (s Style) listNotes(f plan.Field) []string {
	var notes []string
	if kept := len(f.Before.Items()) - len(f.List.Gone); kept > 0 {
		notes = append(notes, s.say("so-many-kept", value.N("n", kept)))
	}
	if f.List.First {
		notes = append(notes, s.say("primary-entry", value.T("entry", entryText(f.After.Items()[0]))))
	}
	return notes
}

// entryText shows an entry of a list: links and rows as they are, everything else in
// quotation marks.
func entryText(v value.Shown) string {
	switch {
	case isLink(v):
		return linkText(v)
	case v.Style() == value.Row:
		return v.String()
	}
	return `"` + v.String() + `"`
}
