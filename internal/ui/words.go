package ui

import (
	"fmt"
	"strconv"
	"time"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// grouped writes a count with a comma between thousands.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// number writes a count with its noun.
func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
}

// duration writes a time span as people say it.
func duration(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
	return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
}

// projectFile says which project file decided; "" if none did.
func projectFile(path string) string {
	if path == "" {
		return ""
	}
	return ", project " + clean(path)
}

// Portal names a portal in a sentence.
func Portal(name string) string {
	if name == plan.PortalInABox {
		return name
	}
	return "portal " + name
}

// place names what was planned or applied, and where.
func place(owner, portal, env string) string {
	text := fmt.Sprintf("%s on %s", clean(owner), clean(Portal(portal)))
	if env != "" {
		text += fmt.Sprintf(" (environment %s)", clean(env))
	}
	return text
}

// Text is a message as people read it.
func Text(m value.Message) string { return words.Text(m) }

// texts are messages as people read them.
func texts(all []value.Message) []string {
	var out []string
	for _, m := range all {
		out = append(out, Text(m))
	}
	return out
}
