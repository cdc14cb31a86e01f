package spec

import (
	"cmp"
	"slices"

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
	value.Pos
	Width    int // characters to underline from Col; 0 means one
	Severity Severity
	Rule     string        // short and stable, such as "stage" or "unknown-field"
	Message  value.Message // the fact
	Hint     value.Message // the remedy, where it is another one than that of the rule
	Excerpt  string        // the source line at Pos, cut to 200 characters
}

// newProblem is an error; without a hint that of its rule holds.
func newProblem(p value.Pos, rule string, hint, message value.Message) Problem {
	return Problem{Pos: p, Severity: SeverityError, Rule: rule, Message: message, Hint: hint}
}

// Problems is every problem of one load, in source order.
type Problems []Problem

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
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), a.Message.Compare(b.Message))
	})
	return slices.CompactFunc(ps, same)
}

// same tells whether two problems are one that was found twice.
func same(a, b Problem) bool {
	return a.Pos == b.Pos && a.Width == b.Width && a.Severity == b.Severity && a.Rule == b.Rule && a.Excerpt == b.Excerpt &&
		a.Message.Equal(b.Message) && a.Hint.Equal(b.Hint)
}
