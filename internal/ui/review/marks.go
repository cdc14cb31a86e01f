package review

import (
	"encoding/json"
	"io"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// MarksFormat names files of marks, and the version of their form.
const MarksFormat = "b24apply/reviewed/v1"

// largestMarks bounds a file of marks, in bytes.
const largestMarks = 16 << 20

// Marks tell which causes of a plan somebody has looked at, as the HTML of the plan exports it.
type Marks struct {
	Format     string      `json:"format"`
	Plan       string      `json:"plan"` // sha256: and the digest of the plan in hex
	Reviewer   string      `json:"reviewer"`
	ExportedAt time.Time   `json:"exportedAt"`
	Complete   bool        `json:"complete"` // what the page said; it decides nothing
	Causes     []CauseMark `json:"causes"`
}

// A CauseMark is one cause of the plan, and when it was looked at; nil if it was not.
type CauseMark struct {
	Digest     string     `json:"digest"`
	Kind       string     `json:"kind"`
	Action     string     `json:"action"`
	Count      int        `json:"count"`
	ReviewedAt *time.Time `json:"reviewedAt"`
}

// ReadMarks reads a file of marks. An error says that it is none.
func ReadMarks(in io.Reader) (*Marks, error) {
	d := json.NewDecoder(io.LimitReader(in, largestMarks))
	d.DisallowUnknownFields()
	m := &Marks{}
	if err := d.Decode(m); err != nil {
		return nil, value.Err("marks-cannot-be-read", value.T("why", err.Error()))
	}
	if m.Format != MarksFormat {
		return nil, value.Err("marks-of-other-format", value.Q("format", m.Format), value.T("known", MarksFormat))
	}
	return m, nil
}

// marksOf is how marks name a plan.
func marksOf(digest string) string { return "sha256:" + digest }

// Covers tells whether the marks are of the plan that a review is of, and gives the causes that
// nobody has marked. A plan of another digest is an error for who uses saved plans.
func (m *Marks) Covers(r *Review) (missing []*Cause, err error) {
	if m.Plan != marksOf(r.Plan.Digest) {
		return nil, &plan.Unusable{Code: "REVIEW_OF_OTHER_PLAN", Message: value.Say("marks-of-other-plan", value.T("theirs", m.Plan), value.T("digest", marksOf(r.Plan.Digest)))}
	}
	seen := make(map[string]bool)
	for _, c := range m.Causes {
		seen[c.Digest] = seen[c.Digest] || c.ReviewedAt != nil && !c.ReviewedAt.IsZero()
	}
	for _, c := range r.Causes {
		if !seen[c.Digest] {
			missing = append(missing, c)
		}
	}
	return missing, nil
}
