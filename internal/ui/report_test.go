package ui

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// ended is a report with every status.
func ended() *apply.Report {
	start := time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)
	r := &apply.Report{Owner: "acme-crm", Env: "prod", Portal: "acme.bitrix24.com", Started: start, Finished: start.Add(83*time.Second + 400*time.Millisecond),
		Counts: map[apply.Status]int{}, Requests: 14, ExitCode: 3}
	items := []apply.Outcome{
		{Resource: "company/acme", Status: apply.Succeeded, Action: plan.Create, ID: "815"},
		{Resource: "company/globex", Status: apply.Unchanged, Action: plan.NoOp, ID: "816"},
		{Resource: "company/initech", Status: apply.Partial, Action: plan.Update, ID: "817", Code: "NOT_STORED", Field: "phones",
			Error: value.Verbatim("the portal answered success but did not store phones: sent [1], the portal has nothing"), Hint: value.Verbatim("check the value"),
			URL: "https://acme.bitrix24.com/crm/type/4/details/817/", Source: at("manifests/companies.yaml", 25, 17)},
		{Resource: "contact/jane", Status: apply.Kept, Action: plan.Update, ID: "7", Source: at("manifests/contacts.yaml", 3, 17)},
		{Resource: "contact/bob", Status: apply.NotAttempted, Action: plan.Create, Code: "RUN_ENDED", Error: value.Verbatim("the run ended before: cannot reach portal acme.bitrix24.com")},
		{Resource: "deal/audit", Status: apply.Unknown, Action: plan.Create, Code: "UNKNOWN_OUTCOME", Error: value.Verbatim("its answer is lost"), Hint: value.Verbatim("run plan: it finds the record by its mark if it was stored"),
			Source: at("manifests/deals.yaml", 18, 17)},
		{Resource: "deal/support", Status: apply.Conflict, Action: plan.Update, ID: "4710", Error: value.Verbatim("stageId was changed since the plan")},
		{Resource: "deal/upsell", Status: apply.Failed, Action: plan.Create, Code: "ACCESS_DENIED", Error: value.Verbatim("Access denied.\nAsk the administrator.\n"), Source: at("manifests/deals.yaml", 30, 17)},
		{Resource: "equipment/eq-17", Status: apply.Blocked, Action: plan.Create, Code: "BLOCKED", Error: value.Verbatim("it depends on deal/upsell, which failed"), Hint: value.Verbatim("mend deal/upsell and apply again"),
			Source: at("manifests/equipment.yaml", 4, 17)},
	}
	for i := range items {
		items[i].Timestamp = start
		r.Counts[items[i].Status]++
	}
	r.Items = apply.ListOutcomes(items...)
	return r
}

func TestReportNamesWhatNeedsAttention(t *testing.T) {
	golden(t, "report.txt", render(t, func(w io.Writer) error { return Report(w, ended(), Style{}) }))
}

func TestReportOfACleanRunOnlyCounts(t *testing.T) {
	r := ended()
	r.Items, r.Counts = apply.ListOutcomes(r.Items.List()[:2]...), map[apply.Status]int{apply.Succeeded: 1, apply.Unchanged: 1}
	want := "2 planned: 1 succeeded, 1 unchanged\nacme-crm on portal acme.bitrix24.com (environment prod): 14 requests in 1 min 23 s, started 2026-11-22 09:30:00 UTC\n"
	if d := cmp.Diff(want, render(t, func(w io.Writer) error { return Report(w, r, Style{}) })); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestReportSaysWhyTheRunEndedEarly(t *testing.T) {
	for want, change := range map[string]func(*apply.Report){
		"The run was interrupted: what is not-attempted was not sent.\n": func(r *apply.Report) { r.Interrupted = true },
		"The run ended early: the portal refused the credentials.\n":     func(r *apply.Report) { r.AuthFailed = true },
	} {
		r := ended()
		plain := render(t, func(w io.Writer) error { return Report(w, r, Style{}) })
		change(r)
		got := render(t, func(w io.Writer) error { return Report(w, r, Style{}) })
		if strings.Contains(plain, want) || !strings.Contains(got, "\n"+want) {
			t.Errorf("want %q only in:\n%s", want, got)
		}
	}
}

func TestSummaryLeavesOutWhatDidNotHappen(t *testing.T) {
	tests := []struct {
		items  int
		counts map[apply.Status]int
		want   string
	}{
		{32, map[apply.Status]int{apply.Succeeded: 30, apply.Failed: 1, apply.Blocked: 1, apply.Kept: 0}, "32 planned: 30 succeeded, 1 failed, 1 blocked"},
		{1234567, map[apply.Status]int{apply.Unchanged: 1234567}, "1,234,567 planned: 1,234,567 unchanged"},
		{2, map[apply.Status]int{apply.NotAttempted: 1, apply.Unknown: 1}, "2 planned: 1 unknown, 1 not-attempted"},
		{0, nil, "0 planned"},
	}
	for _, tt := range tests {
		if got := english.summary(&apply.Report{Items: apply.ListOutcomes(make([]apply.Outcome, tt.items)...), Counts: tt.counts}); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestOutcomeIsOneLineAndAHint(t *testing.T) {
	tests := []struct {
		outcome apply.Outcome
		want    string
	}{
		{apply.Outcome{Resource: "deal/website-redesign", Status: apply.Succeeded, ID: "4711"}, "succeeded  deal/website-redesign  #4711\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.Failed, Code: "ACCESS_DENIED", Error: value.Verbatim("text")}, "failed     deal/upsell  ACCESS_DENIED  text\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.Failed, ID: "12", Code: "0", Error: value.Verbatim("one\n two \r\n"), Hint: value.Verbatim("do this")}, "failed     deal/upsell  0  one; two\n\thint: do this\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.Failed, Error: value.Verbatim("Denied.\nAsk for it")}, "failed     deal/upsell  Denied. Ask for it\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.Partial, ID: "12", Code: "NOT_STORED", Error: value.Verbatim("x")}, "partial    deal/upsell  #12  NOT_STORED  x\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.NotAttempted}, "not-attempted  deal/upsell\n"},
		{apply.Outcome{Resource: "deal/upsell", Status: apply.Failed, Error: value.Verbatim(strings.Repeat("x", 2000))}, "failed     deal/upsell  " + strings.Repeat("x", 980) + "… (2,000 characters)\n"},
	}
	for _, tt := range tests {
		got := render(t, func(w io.Writer) error { return Outcome(w, tt.outcome, Style{}) })
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestOutcomeIsColouredByItsStatus(t *testing.T) {
	got := render(t, func(w io.Writer) error {
		return Outcome(w, apply.Outcome{Resource: "deal/a", Status: apply.Failed}, Style{Color: true})
	})
	if want := "\x1b[31mfailed   \x1b[0m  deal/a\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDurationReadsAsPeopleSayIt(t *testing.T) {
	tests := []struct {
		d    time.Duration
		want string
	}{
		{3 * time.Millisecond, "0.0 s"},
		{12345 * time.Millisecond, "12.3 s"},
		{time.Minute - time.Nanosecond, "59.9 s"},
		{time.Minute, "1 min 0 s"},
		{time.Hour - time.Nanosecond, "59 min 59 s"},
		{2*time.Hour + 5*time.Minute + 59*time.Second, "2 h 5 min"},
	}
	for _, tt := range tests {
		if got := english.duration(tt.d); got != tt.want {
			t.Errorf("duration(%d) = %q, want %q", tt.d, got, tt.want)
		}
	}
}
