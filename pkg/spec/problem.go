package spec

import (
	"cmp"
	"fmt"
	"sort"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// Severity says whether a problem stops the run.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// A Problem is one thing wrong with the manifests: where, what, and what to do.
type Problem struct {
	Pos
	Width    int      `json:"width,omitempty"` // characters to underline from Col; 0 means one
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule"`              // short and stable, such as "stage" or "unknown-field"
	Message  string   `json:"message"`           // the fact, one line, no final full stop
	Hint     string   `json:"hint,omitempty"`    // the remedy
	Excerpt  string   `json:"excerpt,omitempty"` // the source line at Pos, cut to 200 characters
}

// newProblem is an error with the hint of its rule where it has none of its own.
func newProblem(p Pos, rule, hint, format string, args ...any) Problem {
	return Problem{Pos: p, Severity: SeverityError, Rule: rule, Message: fmt.Sprintf(format, args...), Hint: cmp.Or(hint, value.Hint(rule))}
}

// String is the one-line form: file:line:col: message [rule].
func (p Problem) String() string {
	return fmt.Sprintf("%s: %s [%s]", p.Pos, p.Message, p.Rule)
}

// Problems is every problem of one load, in source order. As an error it reads
// as all of its lines.
type Problems []Problem

// Error joins the problems, a line each.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// HasErrors tells whether any problem stops the run.
func (ps Problems) HasErrors() bool {
	for _, p := range ps {
		if p.Severity != SeverityWarning {
			return true
		}
	}
	return false
}

// Sort puts the problems in source order and drops exact repetitions.
func (ps Problems) Sort() Problems {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		switch {
		case a.File != b.File:
			return a.File < b.File
		case a.Line != b.Line:
			return a.Line < b.Line
		case a.Col != b.Col:
			return a.Col < b.Col
		}
		return a.Message < b.Message
	})
	out := ps[:0]
	for i, p := range ps {
		if i > 0 && p == ps[i-1] {
			continue
		}
		out = append(out, p)
	}
	return out
}
