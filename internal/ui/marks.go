package ui

import (
	"io"

	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Marks tell which causes of a plan somebody has looked at.
type Marks = review.Marks

// ReadMarks reads a file of marks, as the HTML of a plan exports it. An error says that it is none.
func ReadMarks(r io.Reader) (*Marks, error) { return review.ReadMarks(r) }

// Unreviewed gives the causes of a plan of some digest that marks leave out. Marks of another plan are a
// [plan.Unusable].
func Unreviewed(p *plan.Plan, digest string, m *Marks) (left []value.Message, err error) {
	known := *p
	known.Digest = digest
	r, err := review.Of(&known, review.Options{})
	if err != nil {
		return nil, err
	}
	missing, err := m.Covers(r)
	for _, c := range missing {
		left = append(left, value.Say("cause-of-kind", value.N("n", c.Count), value.M("kinds", review.Plural(c.Facts())), value.M("said", r.Sentence(c))))
	}
	return left, err
}
