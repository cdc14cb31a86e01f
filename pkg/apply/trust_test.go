package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A portal that stores records but does not show their mark would get all of them
// again at every run: after the first request nothing more is created.
func TestAHiddenMarkStopsCreatesAfterTheFirstRequest(t *testing.T) {
	for name, tamper := range map[string]func(string) string{
		"the mark is dropped": func(body string) string {
			return strings.ReplaceAll(body, "fields%5BoriginId%5D", "fields%5BnoSuchField%5D")
		},
		"records are hidden from lists": func(body string) string {
			return strings.ReplaceAll(body, "filter%5B%3DoriginId%5D", "filter%5B%3Did%5D=0&filter%5B%3DoriginId%5D")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				return pass(tamper(body)), nil
			}
			report := b.apply(companies(120), Config{Settle: 300 * time.Millisecond})
			left := 1 // which cannot be told from somebody else's
			if name == "the mark is dropped" {
				left = 0 // it was deleted again
			}
			if n := b.records(4); n != left || b.portal.Stats().Commands["crm.item.add"] != 1 {
				t.Errorf("the portal holds %d companies, want %d", n, left)
			}
			if report.Counts[Failed] != 120-left || report.Counts[Partial] != left || report.ExitCode != ExitItems {
				t.Errorf("counts %v, exit code %d", report.Counts, report.ExitCode)
			}
			for _, o := range report.Items.List() {
				if o.Status == Partial && o.Code != "KEY_NOT_VISIBLE" && o.Code != "KEY_NOT_STORED" {
					t.Errorf("%s: code %q", o.Resource, o.Code)
				}
				if o.Status == Failed && (o.Code != "KEY_NOT_VISIBLE" && o.Code != "KEY_NOT_STORED" || o.Hint.IsZero()) {
					t.Fatalf("%s: code %q, hint %q", o.Resource, o.Code, words.Text(o.Hint))
				}
			}
		})
	}
}

// A row that a look-up returns without the mark's columns cannot be told apart:
// what it may be is refused rather than created again.
func TestAPlanRefusesRecordsWhoseMarkIsNotShown(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		r := pass(body)
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(raw), `"originId"`, `"somethingElse"`)))
		return r, err
	}
	set := b.load(companies(3))
	state, err := diff.Fetch(t.Context(), live.New(b.client), set)
	if err != nil {
		t.Fatal(err)
	}
	planned, _ := diff.Compute(set, state)
	for i, e := range planned.Changes.Entries() {
		if c, err := planned.Changes.Change(i); err != nil || c.Action != plan.Refuse || c.Reason.Code != "NOT_READ" {
			t.Errorf("%s: %s %s, %v", e.Address, c.Action, c.Reason.Code, err)
		}
	}
	if planned.Changes.Len() != 3 {
		t.Errorf("%d changes", planned.Changes.Len())
	}
}

// The time in which a lost create may still take effect counts from the loss, not
// from before the portal's refusals that went before.
func TestALateCreateAfterABusyPortalIsWaitedFor(t *testing.T) {
	b := newBench(t)
	var writes atomic.Int32
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if !isWrite(body) {
			return pass(body), nil
		}
		switch writes.Add(1) {
		case 1: // the client waits about a second
			return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(`{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`))}, nil
		case 2:
			time.AfterFunc(200*time.Millisecond, func() { pass(body) })
			return nil, errCut
		}
		return pass(body), nil
	}
	report := b.apply(companies(3), Config{Settle: 500 * time.Millisecond})
	if n := b.records(4); n != 3 || report.Counts[Succeeded] != 3 {
		t.Errorf("the portal holds %d companies, counts %v", n, report.Counts)
	}
}

// Once stopped, nothing is sent: not even the first request.
func TestAStoppedRunSendsNothing(t *testing.T) {
	b := newBench(t)
	stop := make(chan struct{})
	close(stop)
	report := b.apply(companies(60), Config{Stop: stop})
	checkComplete(t, report, 60)
	if report.Counts[NotAttempted] != 60 || report.Requests != 0 || report.ExitCode != ExitInterrupted {
		t.Errorf("counts %v, %d requests, exit code %d", report.Counts, report.Requests, report.ExitCode)
	}
}

// A lost create is not sent again once the run is stopped.
func TestAStoppedRunDoesNotSendAgain(t *testing.T) {
	b := newBench(t)
	stop := make(chan struct{})
	var adds atomic.Int32
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) {
			if adds.Add(1) == 1 {
				close(stop)
			}
			return nil, errCut
		}
		return pass(body), nil
	}
	report := b.apply(companies(3), Config{Stop: stop, Settle: 50 * time.Millisecond})
	checkComplete(t, report, 3)
	if adds.Load() != 1 {
		t.Errorf("the creates were sent %d times, want once", adds.Load())
	}
}

// A run that had nothing left when it was interrupted is done.
func TestAnInterruptAfterTheLastItemChangesNothing(t *testing.T) {
	b := newBench(t)
	stop := make(chan struct{})
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) {
			close(stop)
		}
		return pass(body), nil
	}
	b.proveCompanies()
	if report := b.apply(companies(3), Config{Stop: stop}); report.ExitCode != ExitDone {
		t.Errorf("counts %v, exit code %d", report.Counts, report.ExitCode)
	}
}

// An update whose answer was lost may have been executed: it is never reported as
// failed, which would say that nothing was written.
func TestALostUpdateIsUnknownNotFailed(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	ctx, cancel := context.WithCancelCause(t.Context())
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) {
			pass(body)
			cancel(errors.New("enough"))
			return nil, errCut
		}
		return pass(body), nil
	}
	plan := b.planHonestly(strings.ReplaceAll(companies(3), "title: Company", "title: Firm"))
	report := Run(ctx, plan, Config{Client: b.client})
	checkComplete(t, report, 3)
	if d := cmp.Diff(map[Status]int{Unknown: 3}, report.Counts); d != "" {
		t.Error(d)
	}
}

// Records that nothing is wrong with do not wait for one whose answer was lost.
func TestOneLostCreateHoldsNobodyUp(t *testing.T) {
	b := newBench(t)
	b.proveCompanies()
	const alone = "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: alone}\nspec: {fields: {title: \"$result[x]\"}}\n"
	const settle = 4 * time.Second
	var lost onceFlag
	var lostAt, dealsAt atomic.Int64
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		switch {
		case strings.Contains(body, "$result[x]") && lost.first():
			lostAt.Store(time.Now().UnixNano())
			return nil, errCut // it goes by itself, and its look-ups find nothing
		case strings.Contains(body, "crm.item.add?entityTypeId=2"):
			dealsAt.Store(time.Now().UnixNano())
		}
		return pass(body), nil
	}
	report := b.apply(companies(20)+deals(20)+alone, Config{Settle: settle})
	if report.ExitCode != ExitDone {
		t.Errorf("counts %v", report.Counts)
	}
	if late := time.Duration(dealsAt.Load() - lostAt.Load()); late > settle/2 {
		t.Errorf("the deals were sent %s after the loss", late)
	}
}

// What refers only to records that need nothing is not blocked by what those hang on.
func TestAnUnchangedRecordPassesNoFailureOn(t *testing.T) {
	const chain = `---
apiVersion: b24apply/v1
kind: Company
metadata: {name: c}
spec: {fields: {title: %s}}
---
apiVersion: b24apply/v1
kind: Contact
metadata: {name: p}
spec: {fields: {name: P, companyIds: [{ref: company/c}]}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec: {fields: {title: %s, contactIds: [{ref: contact/p}]}}
`
	b := newBench(t)
	b.apply(fmt.Sprintf(chain, "C", "D"), Config{})
	b.faults(`[{"kind": "fail", "method": "crm.item.update", "code": "CRM_FIELD_ERROR_VALUE_NOT_VALID", "n": 1}]`)
	report := b.apply(fmt.Sprintf(chain, "C2", "E"), Config{})
	if d := cmp.Diff(map[Status]int{Failed: 1, Unchanged: 1, Succeeded: 1}, report.Counts); d != "" {
		t.Error(d)
	}
	if i := slices.IndexFunc(report.Items.List(), func(o Outcome) bool { return o.Resource == "company/c" }); report.Items.List()[i].Code != "CRM_FIELD_ERROR_VALUE_NOT_VALID" {
		t.Errorf("the portal was to refuse the company: %+v", report.Items.List()[i])
	}
}

// An answer that shows too little costs a few batched reads, not one a record.
func TestShortAnswersAreReadAgainInBatches(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		r := pass(body)
		if !strings.Contains(body, "crm.item.add") {
			return r, nil
		}
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(raw), `"fm":`, `"fmx":`)))
		return r, err
	}
	manifests := strings.ReplaceAll(companies(200), "fields: {", `fields: {phones: ["+44 20 7946 0123"], `)
	report := b.apply(manifests, Config{})
	if report.Counts[Succeeded] != 200 || report.Requests > 12 {
		t.Errorf("counts %v, %d requests", report.Counts, report.Requests)
	}
}

// An answer that shows too little is no reason to write: if the record cannot be read
// again, nothing more is sent, and the item says what is not known to be stored.
func TestNothingIsRepairedOnAGuess(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, "crm.item.get") {
			return html(http.StatusBadGateway), nil
		}
		r := pass(body)
		if !strings.Contains(body, "crm.item.add") {
			return r, nil
		}
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(strings.ReplaceAll(string(raw), `"fm":`, `"fmx":`)))
		return r, err
	}
	report := b.apply(strings.ReplaceAll(companies(1), "fields: {", `fields: {phones: ["+44 20 7946 0123"], `), Config{})
	if o := report.Items.List()[0]; o.Status != Partial || o.Field != "phones" {
		t.Errorf("status %s, field %q", o.Status, o.Field)
	}
	if n := b.portal.Stats().Commands["crm.item.update"]; n != 0 {
		t.Errorf("%d updates were sent on a guess", n)
	}
}

// Look-ups are packed: 49 keys a list, 50 lists a request.
func TestReadingFillsItsBatches(t *testing.T) {
	b := newBench(t)
	const n = 1225
	b.apply(companies(n), Config{})
	before := b.client.Requests()
	if pending := b.planHonestly(companies(n)).Pending(); pending != 0 {
		t.Fatalf("%d changes", pending)
	}
	if used := b.client.Requests() - before; used > 2 {
		t.Errorf("%d requests, want one for the settings and one for the records", used)
	}
}

// The first create of a kind goes by itself, to prove its mark; once it is refused the
// next ones go by the batch.
func TestWordsRefusedCreatesGoInBatches(t *testing.T) {
	const n = 200
	for name, tc := range map[string]struct {
		wrong func(i int) bool
		most  int // requests
	}{
		"the first fifty": {func(i int) bool { return i < 50 }, 12},
		"all":             {func(int) bool { return true }, 12},
		"every other one": {func(i int) bool { return i%2 == 0 }, 12},
		"none":            {func(int) bool { return false }, 12},
		"the first":       {func(i int) bool { return i == 0 }, 12},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var manifests strings.Builder
			wrong := 0
			for i := range n {
				title := "Company"
				if tc.wrong(i) {
					title, wrong = "Wrong", wrong+1
				}
				fmt.Fprintf(&manifests, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%03d}\nspec: {fields: {title: %s %d}}\n", i, title, i)
			}
			refused := regexp.MustCompile(`crm\.item\.add(\?[^"]*title%5D=Wrong)`)
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				return pass(refused.ReplaceAllString(body, "crm.item.nosuch$1")), nil
			}
			report := b.apply(manifests.String(), Config{})
			want := map[Status]int{Succeeded: n - wrong, Failed: wrong}
			for status, count := range want {
				if report.Counts[status] != count {
					t.Errorf("%d %s, want %d", report.Counts[status], status, count)
				}
			}
			if report.Requests > tc.most {
				t.Errorf("%d requests, want at most %d", report.Requests, tc.most)
			}
		})
	}
}
