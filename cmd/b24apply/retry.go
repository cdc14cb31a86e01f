package main

import (
	"fmt"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// readRetries reads which resources the report of --only-retryable names as to be tried again.
// It may be the one that this run writes.
func (a *app) readRetries(o *applyOptions) error {
	if o.retry == "" {
		return nil
	}
	refuse := func(err error) error {
		return &failure{code: exitError, err: fmt.Errorf("--only-retryable %s: %w", o.retry, err), hint: value.Say("name-report-in-json")}
	}
	f, err := safefile.Open(a.path(o.retry))
	if err != nil {
		return refuse(err)
	}
	defer f.Close()
	o.retries = make(map[value.Address]bool)
	err = resume.ReadReport(f, func(t *resume.Told) {
		if t.Again() {
			o.retries[t.Resource] = true
		}
	})
	if err != nil {
		return refuse(value.Err("is-no-report"))
	}
	return nil
}

// narrow leaves out of the plan what the report of --only-retryable does not name, and says
// how much that is.
func (r *changeRun) narrow() error {
	if r.options.retry == "" {
		return nil
	}
	whole := r.plan
	part, left, err := whole.Only(r.spool, func(e *plan.Entry) bool { return r.options.retries[e.Address] })
	if err != nil {
		return &failure{code: exitError, err: err, hint: value.Say("make-room-for-plan")}
	}
	r.plan, r.closes = part, part.Changes.Close
	r.tell("retries-leave-out", value.T("report", r.options.retry), value.N("n", left))
	return whole.Changes.Close()
}
