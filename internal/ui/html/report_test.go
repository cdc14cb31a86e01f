package html

import (
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/internal/ui/madeup"
	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/value"
)

// reportPage is the page of a run in which some items failed.
func reportPage(t testing.TB) *Page {
	t.Helper()
	made := madeup.Plan(600)
	var all []apply.Outcome
	for c, err := range made.Changes.All() {
		if err != nil {
			t.Fatal(err)
		}
		o := apply.Outcome{Resource: c.Address, Kind: c.Kind, Action: c.Action, ID: c.ID, Source: c.Source, Status: apply.Succeeded}
		switch i := len(all); {
		case i%97 == 5:
			o.Status, o.Code, o.Error, o.Hint = apply.Failed, "CRM_FIELD_ERROR_REQUIRED", value.Verbatim("Field “Amount” is required at stage Proposal"), value.Verbatim("set opportunity")
		case i == 200:
			o.Status, o.Code, o.Error = apply.Unknown, "UNKNOWN_OUTCOME", value.Verbatim("its answer is lost")
		case i > 590:
			o.Status = apply.NotAttempted
		}
		all = append(all, o)
	}
	at := time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC)
	report := &apply.Report{Run: "20261130-050000-abc", Owner: "acme-crm", Portal: "acme.bitrix24.eu", Started: at, Finished: at.Add(90 * time.Second), Requests: 41, Items: apply.ListOutcomes(all...), Counts: make(map[apply.Status]int)}
	for _, o := range all {
		report.Counts[o.Status]++
	}
	r, err := review.Ended(report, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &Page{Review: r, Lang: "en"}
}

// After a run what failed and what nobody knows lead, with what to do.
func TestAReportBeginsWithWhatWentWrong(t *testing.T) {
	t.Parallel()
	page := written(t, reportPage(t))
	look := between(t, page, `<ol class="look">`, "</ol></section>")
	failed, unknown := strings.Index(look, "items failed"), strings.Index(look, "whose outcome is unknown")
	if failed < 0 || unknown < failed || !strings.Contains(look, "is required at stage Proposal") || !strings.Contains(look, "set opportunity") {
		t.Errorf("the page begins with\n%s", look)
	}
	if strings.Contains(page, "data-rev=") {
		t.Error("a report is to be reviewed")
	}
	if !strings.Contains(page, "items done.") {
		t.Error("nothing says how much was done")
	}
}
