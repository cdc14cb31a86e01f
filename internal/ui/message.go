package ui

import (
	"fmt"
	"io"
	"strings"
)

// Message writes a message and its remedy, as "b24apply: cannot …" and a line with the
// hint; hint "" is none. Further lines of a message are indented, so that no text in it
// can pose as a message of its own. The error is the writer's.
func Message(w io.Writer, head, text, hint string) error {
	var b strings.Builder
	b.WriteString(head)
	b.WriteString(": ")
	for i, line := range messageLines(text) {
		if i > 0 {
			b.WriteString("\n\t")
		}
		b.WriteString(clean(line))
	}
	if hint != "" {
		b.WriteString("\n\thint: " + oneLine(hint))
	}
	_, err := fmt.Fprintln(w, b.String())
	return err
}

func messageLines(text string) []string {
	var lines []string
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if line = strings.TrimRight(line, " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
