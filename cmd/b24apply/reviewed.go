package main

import (
	"fmt"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// readMarks reads the file of --reviewed, before anything else happens.
func (a *app) readMarks(o *applyOptions) error {
	if o.reviewed == "" {
		return nil
	}
	f, err := safefile.Open(a.path(o.reviewed))
	if err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--reviewed %s: %w", o.reviewed, err), hint: value.Say("name-exported-review")}
	}
	defer f.Close()
	if o.marks, err = ui.ReadMarks(f); err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--reviewed %s: %w", o.reviewed, err), hint: value.Say("name-exported-review")}
	}
	return nil
}

// isReviewed refuses a plan of which not every cause is marked in the file of --reviewed, if there is one.
func (r *changeRun) isReviewed(p *plan.Plan, digest string) error {
	if r.options.marks == nil {
		return nil
	}
	left, err := ui.Unreviewed(p, digest, r.options.marks)
	switch {
	case err != nil:
		return unusablePlan(err)
	case len(left) > 0:
		return &failure{code: exitRefused, err: value.Err("causes-are-not-reviewed", value.N("n", len(left)), value.Ms("causes", left[:min(mostUnreviewed, len(left))])), hint: value.Say("review-the-rest")}
	}
	return nil
}

// mostUnreviewed is how many causes are named that nobody has marked.
const mostUnreviewed = 3
