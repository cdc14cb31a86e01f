package apply

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A bench is a portal in a box with a client whose wire can be tampered with.
type bench struct {
	t      testing.TB
	portal *portal.Portal
	client *bitrix.Client
	// tamper, if set, stands between the client and the portal; pass executes.
	tamper func(body string, pass func(body string) *http.Response) (*http.Response, error)
}

func newBench(t testing.TB) *bench {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Secret: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	b := &bench{t: t, portal: p}
	b.client, err = bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + p.WebhookPath(), Plan: "box", Transport: b, Attempts: 2})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) RoundTrip(req *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	pass := func(body string) *http.Response {
		rec := httptest.NewRecorder()
		again := req.Clone(context.WithoutCancel(req.Context()))
		again.Body, again.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		b.portal.ServeHTTP(rec, again)
		return rec.Result()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	if b.tamper == nil {
		return pass(string(raw)), nil
	}
	return b.tamper(string(raw), pass)
}

func (b *bench) load(manifests string) *spec.Set {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(file, []byte(manifests), 0o600); err != nil {
		b.t.Fatal(err)
	}
	set, problems := spec.Load(spec.Options{Dir: b.t.TempDir(), Files: []string{file}})
	if problems.HasErrors() {
		b.t.Fatal(problems)
	}
	return set
}

func (b *bench) plan(set *spec.Set) *plan.Plan {
	b.t.Helper()
	state, err := diff.Fetch(b.t.Context(), live.New(b.client), set)
	if err != nil {
		b.t.Fatal(err)
	}
	plan, problems := diff.Compute(set, state)
	if problems.HasErrors() {
		b.t.Fatal(problems)
	}
	return plan
}

// apply plans with an honest wire and runs with the tampered one.
func (b *bench) apply(manifests string, cfg Config) *Report {
	b.t.Helper()
	plan := b.planHonestly(manifests)
	cfg.Client = b.client
	return Run(b.t.Context(), plan, cfg)
}

func (b *bench) planHonestly(manifests string) *plan.Plan {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	return b.plan(b.load(manifests))
}

// proveCompanies creates the first company with an honest wire, so that a plan finds
// one by its mark.
func (b *bench) proveCompanies() {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	if report := Run(b.t.Context(), b.plan(b.load(companies(1))), Config{Client: b.client}); report.ExitCode != ExitDone {
		b.t.Fatal(report.Items.List())
	}
}

// records counts the live records of an entity type.
func (b *bench) records(entityTypeID int) int {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	r, err := b.client.Call(b.t.Context(), "crm.item.list", bitrix.Params{"entityTypeId": entityTypeID, "select": []any{"id"}})
	if err != nil {
		b.t.Fatal(err)
	}
	return *r.Total
}

func companies(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%03d}\nspec: {fields: {title: Company %d}}\n", i, i)
	}
	return s.String()
}

func deals(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%03d}\nspec: {fields: {title: Deal %d, companyId: {ref: company/c%03d}}}\n", i, i, i)
	}
	return s.String()
}

func isWrite(body string) bool {
	return strings.Contains(body, "crm.item.add") || strings.Contains(body, "crm.item.update")
}

var errCut = fmt.Errorf("connection reset by peer")

// Answers get lost in every way, before and after the portal has executed the
// request: each record is created exactly once.
func TestLostAnswersNeverMakeDuplicates(t *testing.T) {
	type fault func(body string, pass func(string) *http.Response) (*http.Response, error)
	for name, f := range map[string]fault{
		"cut after executing": func(body string, pass func(string) *http.Response) (*http.Response, error) {
			pass(body)
			return nil, errCut
		},
		"cut before executing": func(string, func(string) *http.Response) (*http.Response, error) { return nil, errCut },
		"502 after executing": func(body string, pass func(string) *http.Response) (*http.Response, error) {
			pass(body)
			return html(http.StatusBadGateway), nil
		},
		"502 before executing": func(string, func(string) *http.Response) (*http.Response, error) {
			return html(http.StatusBadGateway), nil
		},
		"truncated JSON": func(body string, pass func(string) *http.Response) (*http.Response, error) {
			r := pass(body)
			r.Body = io.NopCloser(io.LimitReader(r.Body, 100))
			return r, nil
		},
		"half of the batch executed": func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if i := strings.Index(body, `"c0`); i > 0 {
				body = strings.ReplaceAll(body, "crm.item.add?", "crm.item.nothing?")
				body = strings.Replace(body, "crm.item.nothing?", "crm.item.add?", 20)
			}
			pass(body)
			return nil, errCut
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var writes atomic.Int32
			var lost sentOnce
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if isWrite(body) {
					writes.Add(1)
					if lost.first(body) {
						return f(body, pass)
					}
				}
				return pass(body), nil
			}
			manifests := companies(120) + deals(60)
			report := b.apply(manifests, Config{Settle: 100 * time.Millisecond})
			if d := cmp.Diff(map[Status]int{Succeeded: 180}, report.Counts); d != "" {
				t.Errorf("statuses: %s\n%v", d, report.Items.List())
			}
			if c, d := b.records(4), b.records(2); c != 120 || d != 60 {
				t.Errorf("the portal holds %d companies and %d deals, want 120 and 60", c, d)
			}
			if n := b.planHonestly(manifests).Pending(); n != 0 {
				t.Errorf("the second plan has %d changes", n)
			}
			if writes.Load() < 4 {
				t.Errorf("only %d writing requests: the fault was not met", writes.Load())
			}
		})
	}
}

// sentOnce tells requests whose records were sent before from those that are sent for
// the first time.
type sentOnce struct {
	mu   sync.Mutex
	seen map[string]bool
}

var titleSent = regexp.MustCompile(`(?:Company|Deal|Firm)%20\d+`)

func (s *sentOnce) first(body string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = make(map[string]bool)
	}
	first := true
	for _, title := range titleSent.FindAllString(body, -1) {
		first = first && !s.seen[title]
		s.seen[title] = true
	}
	return first
}

// A create that takes effect after its connection was cut is waited for, not sent
// again.
func TestLateCreatesAreWaitedFor(t *testing.T) {
	b := newBench(t)
	var late onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) && late.first() {
			time.AfterFunc(150*time.Millisecond, func() { pass(body) })
			return nil, errCut
		}
		return pass(body), nil
	}
	report := b.apply(companies(10), Config{Settle: time.Second})
	if d := cmp.Diff(map[Status]int{Succeeded: 10}, report.Counts); d != "" {
		t.Error(d)
	}
	if n := b.records(4); n != 10 {
		t.Errorf("the portal holds %d companies, want 10", n)
	}
}

type onceFlag struct{ done atomic.Bool }

func (s *onceFlag) first() bool { return s.done.CompareAndSwap(false, true) }

// What stays unsettled ends as unknown with its address, and nothing is sent again.
func TestWhatCannotBeSettledEndsAsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var adds atomic.Int32
		b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if isWrite(body) {
				adds.Add(1)
			}
			return nil, errCut
		}
		report := b.apply(companies(1)+deals(1), Config{Settle: 20 * time.Millisecond})
		if d := cmp.Diff(map[Status]int{Unknown: 1, Blocked: 1}, report.Counts); d != "" {
			t.Error(d)
		}
		if adds.Load() != 1 {
			t.Errorf("the creates were sent %d times, want once", adds.Load())
		}
		if report.ExitCode != ExitItems {
			t.Errorf("exit code %d, want %d", report.ExitCode, ExitItems)
		}
	})
}

// A field that the portal drops under a success answer makes the item partial, by
// name; what depends on it goes on.
func TestSilentlyDroppedFieldsMakeTheItemPartial(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.NewReplacer("fields%5BsourceDescription%5D", "fields%5BnoSuchField%5D", `"sourceDescription":`, `"noSuchField":`).Replace(body)), nil
	}
	report := b.apply(companies(1)+`---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec: {fields: {title: Deal, sourceDescription: fair, companyId: {ref: company/c000}}}
---
apiVersion: b24apply/v1
kind: Lead
metadata: {name: l}
spec: {fields: {title: Lead, sourceDescription: fair}}
`, Config{})
	if d := cmp.Diff(map[Status]int{Succeeded: 1, Partial: 2}, report.Counts); d != "" {
		t.Fatal(d)
	}
	for _, o := range report.Items.List() {
		if o.Status == Partial && (o.Field != "sourceDescription" || o.Code != "NOT_STORED" || !strings.Contains(words.Text(o.Error), `sent "fair", the portal has nothing`)) {
			t.Errorf("%s: field %q, code %q, error %q", o.Resource, o.Field, o.Code, o.Error)
		}
	}
	if report.ExitCode != ExitItems {
		t.Errorf("exit code %d: a partial item is not done", report.ExitCode)
	}
}

// A record whose mark is not stored would be created again: it is deleted, and the report
// says so.
func TestADroppedMarkIsReported(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.ReplaceAll(body, "fields%5BoriginId%5D", "fields%5BnoSuchField%5D")), nil
	}
	report := b.apply(companies(1), Config{})
	if o := report.Items.List()[0]; o.Status != Failed || o.Code != "KEY_NOT_STORED" || o.ID != "" || b.records(4) != 0 {
		t.Errorf("status %s, code %s, id %q, %d companies", o.Status, o.Code, o.ID, b.records(4))
	}
}

// A revoked credential ends the run: nothing more is sent, and every item is
// accounted for.
func TestARevokedCredentialEndsTheRun(t *testing.T) {
	b := newBench(t)
	var requests atomic.Int32
	b.tamper = func(string, func(string) *http.Response) (*http.Response, error) {
		requests.Add(1)
		return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}`))}, nil
	}
	report := b.apply(companies(300)+deals(100), Config{Concurrency: 1})
	if report.ExitCode != ExitAuth {
		t.Errorf("exit code %d, want %d", report.ExitCode, ExitAuth)
	}
	if requests.Load() != 1 {
		t.Errorf("%d requests after the credential was refused, want 1", requests.Load())
	}
	checkComplete(t, report, 400)
}

func checkComplete(t interface{ Errorf(string, ...any) }, report *Report, planned int) {
	seen := make(map[value.Address]int)
	total := 0
	for _, o := range report.Items.List() {
		seen[o.Resource]++
		if o.Status == "" || o.Timestamp.IsZero() {
			t.Errorf("%s has status %q and timestamp %v", o.Resource, o.Status, o.Timestamp)
		}
		if !o.Status.exists() && o.Error.IsZero() {
			t.Errorf("%s is %s without an error", o.Resource, o.Status)
		}
	}
	for a, n := range seen {
		if n != 1 {
			t.Errorf("%s is reported %d times", a, n)
		}
	}
	for _, n := range report.Counts {
		total += n
	}
	if total != planned || len(seen) != planned {
		t.Errorf("the report counts %d outcomes of %d items, want %d", total, len(seen), planned)
	}
}

// The first interrupt sends nothing more, waits for what is in flight and accounts
// for every item.
func TestAnInterruptedRunAccountsForEveryItem(t *testing.T) {
	b := newBench(t)
	stop := make(chan struct{})
	var once onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) && once.first() {
			close(stop)
			time.Sleep(20 * time.Millisecond)
		}
		return pass(body), nil
	}
	b.proveCompanies()
	report := b.apply(companies(200), Config{Concurrency: 1, Stop: stop})
	checkComplete(t, report, 200)
	if d := cmp.Diff(map[Status]int{Succeeded: 50, Unchanged: 1, NotAttempted: 149}, report.Counts); d != "" {
		t.Error(d)
	}
	if !report.Interrupted || report.ExitCode != ExitInterrupted {
		t.Errorf("interrupted %v, exit code %d", report.Interrupted, report.ExitCode)
	}
	if n := b.records(4); n != 51 {
		t.Errorf("the portal holds %d companies, want 51", n)
	}
}

// Requests are the scarce good: creates take at most ⌈N/50⌉ + 10 of them, however
// deep the references are.
func TestCreatesFillTheirBatches(t *testing.T) {
	b := newBench(t)
	report := b.apply(companies(400)+deals(400), Config{})
	if d := cmp.Diff(map[Status]int{Succeeded: 800}, report.Counts); d != "" {
		t.Fatal(d)
	}
	if most := 800/50 + 10; report.Requests > most {
		t.Errorf("%d requests, want at most %d", report.Requests, most)
	}
}

// Whatever fails and whatever depends on what: every item is reported exactly
// once, nothing is sent before what it refers to, and what depends on a failure is
// blocked.
func TestEveryRunReportsEveryItemOnce(t *testing.T) {
	b := newBench(t)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		n := rapid.IntRange(1, 60).Draw(rt, "records")
		bad := make(map[int]bool)
		blocked := make(map[int]bool)
		var s strings.Builder
		for i := range n {
			fields := fmt.Sprintf("title: Deal %d", i)
			if rapid.IntRange(0, 9).Draw(rt, "bad") == 0 {
				bad[i] = true
				fields += ", currencyId: XXX"
			}
			fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: r%d-c%d}\nspec: {fields: {%s}}\n", round, i, fields)
			if rapid.Bool().Draw(rt, "deal") {
				blocked[i] = bad[i]
				fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: r%d-d%d}\nspec: {fields: {title: D, companyId: {ref: company/r%d-c%d}}}\n", round, i, round, i)
			}
		}
		b.call("crm.currency.add", bitrix.Params{"fields": map[string]any{"CURRENCY": "XXX", "AMOUNT": 1, "AMOUNT_CNT": 1}})
		plan := b.planHonestly(s.String())
		b.call("crm.currency.delete", bitrix.Params{"id": "XXX"}) // what the plan saw is gone
		report := Run(context.Background(), plan, Config{Client: b.client, Concurrency: rapid.IntRange(1, 4).Draw(rt, "concurrency")})
		checkComplete(rt, report, plan.Size())
		wantBlocked := 0
		for _, is := range blocked {
			if is {
				wantBlocked++
			}
		}
		if report.Counts[Failed] != len(bad) || report.Counts[Blocked] != wantBlocked {
			rt.Errorf("failed %d, blocked %d; want %d and %d", report.Counts[Failed], report.Counts[Blocked], len(bad), wantBlocked)
		}
	})
}

// A new record that hangs on unchanged ones is sent once.
func TestAChangeBehindUnchangedOnesIsSentOnce(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	report := b.apply(companies(3)+deals(3), Config{})
	if d := cmp.Diff(map[Status]int{Succeeded: 3, Unchanged: 3}, report.Counts); d != "" {
		t.Error(d)
	}
	if n := b.portal.Stats().Commands["crm.item.add"]; n != 6 {
		t.Errorf("%d creates were executed, want 6", n)
	}
}

// An outcome has what other programs rely on.
func TestAFailedItemHasErrorResourceAndTimestamp(t *testing.T) {
	b := newBench(t)
	b.faults(`[{"kind": "fail", "method": "crm.item.add", "code": "CRM_FIELD_ERROR_REQUIRED", "text": "Field Amount is required"}]`)
	item := b.apply("apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n", Config{}).Items.List()[0]
	if words.Text(item.Error) != "Field Amount is required" || item.Timestamp.IsZero() || item.Source.Line != 3 {
		t.Errorf("item %+v", item)
	}
	if item.Resource != "deal/d" || item.Kind != "Deal" || item.Action != plan.Create || item.Status != Failed || item.Code != "CRM_FIELD_ERROR_REQUIRED" {
		t.Errorf("item %+v", item)
	}
}
