package ui

import (
	"fmt"
	"io"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// Message writes what a command ends with and its remedy, as "b24apply: cannot …" and a line
// with the hint; a zero hint is none. Further lines of a message are indented, so that no
// text in it can pose as a message of its own. The error is the writer's.
func Message(w io.Writer, said, hint value.Message, s Style) error {
	return s.message(w, "b24apply:", said, hint)
}

// Warning writes a message about what ends nothing, as Message does.
func Warning(w io.Writer, said, hint value.Message, s Style) error {
	return s.message(w, s.say("warning-before"), said, hint)
}

func (s Style) message(w io.Writer, head string, said, hint value.Message) error {
	var b strings.Builder
	b.WriteString(head + " ")
	for i, line := range messageLines(s.Text(said)) {
		if i > 0 {
			b.WriteString("\n\t")
		}
		b.WriteString(clean(line))
	}
	if !hint.IsZero() {
		b.WriteString("\n\t" + s.hint(s.Text(hint)))
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
