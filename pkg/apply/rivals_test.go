package apply

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// rival is another run's way to the same portal.
func (b *bench) rival() *bench {
	b.t.Helper()
	other := &bench{t: b.t, portal: b.portal}
	var err error
	if other.client, err = bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + b.portal.WebhookPath(), Plan: "box", Transport: other, Attempts: 2}); err != nil {
		b.t.Fatal(err)
	}
	return other
}

// faults lets the portal do wrong from now on, by rules in JSON.
func (b *bench) faults(spec string) {
	b.t.Helper()
	rec := httptest.NewRecorder()
	b.portal.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "http://127.0.0.1:1/__portal/faults", strings.NewReader(spec)))
	if rec.Code != http.StatusOK && rec.Code != http.StatusNoContent {
		text, _ := io.ReadAll(rec.Body)
		b.t.Fatalf("%s: HTTP %d: %s", spec, rec.Code, text)
	}
}

// doubles gives what a plan refuses since its mark stands on several things.
func (b *bench) doubles(manifests string) []string {
	b.t.Helper()
	var out []string
	for _, c := range changesIn(b.planHonestly(manifests)) {
		if c.Reason.Code == plan.CodeDoubleMark {
			out = append(out, string(c.Address))
		}
	}
	return out
}

// named gives what a report calls double.
func named(r *Report) []string {
	var out []string
	for _, o := range r.Items.List() {
		if o.Code == plan.CodeDoubleMark && o.Status == Conflict {
			out = append(out, string(o.Resource))
		}
	}
	return out
}

// rivalSets are manifests of every sort of thing that carries a mark, with what refers
// to it.
var rivalSets = map[string]string{
	"companies and deals": companies(60) + deals(60),
	"requisites":          customers(5, "Berlin"),
	"types and items": `---
apiVersion: b24apply/v1
kind: SPA
metadata: {name: site}
spec: {title: Sites}
---
apiVersion: b24apply/v1
kind: SPAItem
metadata: {name: s1}
spec: {type: site, fields: {title: S1}}
`,
	"quotes and their key field": `---
apiVersion: b24apply/v1
kind: Quote
metadata: {name: q1}
spec: {fields: {title: Q1}}
---
apiVersion: b24apply/v1
kind: Quote
metadata: {name: q2}
spec: {fields: {title: Q2}}
`,
	"products and sections": `---
apiVersion: b24apply/v1
kind: ProductSection
metadata: {name: goods}
spec: {fields: {name: Goods}}
---
apiVersion: b24apply/v1
kind: Product
metadata: {name: p1}
spec: {fields: {name: P1, iblockSectionId: {ref: productsection/goods}, price: {amount: "5", currency: EUR}}}
`,
}

// What another run has made since the plan is met: the later run names what it has made
// twice, creates nothing more, and nothing refers to it. The next plan names the same.
func TestCaseB1TheLaterRunStops(t *testing.T) {
	for name, manifests := range rivalSets {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			other := b.rival()
			first, second := b.planHonestly(manifests), other.planHonestly(manifests)
			if report := Run(t.Context(), first, Config{Client: b.client}); report.ExitCode != ExitDone {
				t.Fatalf("the first run: exit code %d, %+v", report.ExitCode, report.Items.List())
			}
			before := b.portal.Stats().Commands
			report := Run(t.Context(), second, Config{Client: other.client})
			checkComplete(t, report, second.Size())
			if report.ExitCode != ExitRival || !report.MetRun {
				t.Errorf("exit code %d, want 7; counts %v", report.ExitCode, report.Counts)
			}
			twice := named(report)
			if len(twice) == 0 || len(twice) > 3 {
				t.Errorf("the report names %v", twice)
			}
			if d := cmp.Diff(twice, b.doubles(manifests)); d != "" {
				t.Errorf("the next plan names others, -report +plan:\n%s", d)
			}
			made := 0
			for method, n := range b.portal.Stats().Commands {
				if strings.HasSuffix(method, ".add") {
					made += n - before[method]
				}
			}
			if fields := strings.Count(name, "key field"); made != len(twice)+fields {
				t.Errorf("%d things were created, and %d are double", made, len(twice))
			}
			for _, o := range report.Items.List() {
				if o.Status == NotAttempted && (o.Code != "OTHER_RUN" || !o.Retryable || o.Hint.IsZero()) {
					t.Errorf("%s: %s %q, hint %q", o.Resource, o.Status, o.Code, words.Text(o.Hint))
				}
			}
		})
	}
}

// A run whose records are the earlier ones goes on, refers to its own, and names what
// another run has made a second time.
func TestCaseB1TheEarlierRunGoesOn(t *testing.T) {
	b := newBench(t)
	var once onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		response := pass(body)
		if strings.Contains(body, "crm.item.add?entityTypeId=4") && once.first() {
			pass(body) // another run adds the same
		}
		return response, nil
	}
	report := b.apply(companies(3)+deals(3), Config{})
	if d := cmp.Diff([]string{"company/c000"}, named(report)); d != "" || report.ExitCode != ExitItems {
		t.Errorf("exit code %d, -want +got:\n%s", report.ExitCode, d)
	}
	if o := report.Items.List()[0]; o.ID != "1" || !strings.Contains(words.Text(o.Error), "2 records carry its mark: ids 1, 2") || !strings.Contains(words.Text(o.Hint), "keep id 1") {
		t.Errorf("%+v", o)
	}
	if b.records(4) != 4 || b.records(2) != 3 || report.Counts[Succeeded] != 5 {
		t.Errorf("%d companies, %d deals, counts %v", b.records(4), b.records(2), report.Counts)
	}
}

// What is made twice before either of two runs can see it is met by their last looks:
// they are repeated until the portal shows what it has answered, and no longer.
func TestCaseB1TheLastLookWaitsForWhatIsNotShownYet(t *testing.T) {
	const late, settle = 400 * time.Millisecond, 6 * time.Second
	for name, manifests := range rivalSets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			other := b.rival()
			b.faults(fmt.Sprintf(`[{"kind": "late-visible", "method": "*.add", "for": %q}]`, late.String()))
			first, second := b.planHonestly(manifests), other.planHonestly(manifests)
			reports := make(chan *Report, 2)
			go func() { reports <- Run(t.Context(), first, Config{Client: b.client, Settle: settle}) }()
			go func() { reports <- Run(t.Context(), second, Config{Client: other.client, Settle: settle}) }()
			one, two := <-reports, <-reports
			time.Sleep(late)
			union := make(map[string]bool)
			for _, r := range []*Report{one, two} {
				checkComplete(t, r, first.Size())
				for _, a := range named(r) {
					union[a] = true
				}
			}
			for _, a := range b.doubles(manifests) {
				if !union[a] {
					t.Errorf("%s is double, and no run says so: exit codes %d and %d", a, one.ExitCode, two.ExitCode)
				}
			}
			if len(union) == 0 || one.ExitCode != ExitRival && two.ExitCode != ExitRival {
				t.Errorf("double %v; exit codes %d and %d", union, one.ExitCode, two.ExitCode)
			}
		})
	}
}

// A run that nobody rivals pays one look-up for what others refer to, and one for all
// that it has created, 2,450 marks a request each. Nobody waits.
func TestCaseB1ARunAlonePaysTwoLookUps(t *testing.T) {
	const n = 100
	for _, tc := range []struct {
		name, manifests string
		writes, looks   int
	}{
		{"records that nothing refers to", companies(n), 3, 1 + 1},                         // the first one is proven, then the last look
		{"records and what refers to them", companies(n) + deals(n), 3 + 3, 1 + 1 + 1 + 1}, // each kind is proven; companies are looked up before the deals
		{"more than one look-up holds", companies(2500) + deals(1), 51 + 1, 1 + 1 + 1 + 2}, // only one company has a deal
		{"a second plan has nothing to create", companies(n), 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if tc.writes == 0 {
				b.apply(tc.manifests, Config{})
			}
			started := time.Now()
			report := b.apply(tc.manifests, Config{})
			if report.ExitCode != ExitDone || report.Requests > tc.writes+tc.looks {
				t.Errorf("exit code %d, %d requests, want %d and at most %d look-ups", report.ExitCode, report.Requests, tc.writes, tc.looks)
			}
			if waited := time.Since(started); tc.writes < 10 && waited > 10*time.Second {
				t.Errorf("it took %s", waited)
			}
		})
	}
}

// A double that somebody has made by copying has the same name in a plan, whatever it is.
func TestCaseB1APlanNamesEveryDouble(t *testing.T) {
	b := newBench(t)
	for _, manifests := range rivalSets {
		b.apply(manifests, Config{})
	}
	for name, tc := range map[string]struct {
		method string
		params bitrix.Params
		want   string
	}{
		"companies and deals": {"crm.item.add", bitrix.Params{"entityTypeId": 4, "fields": map[string]any{"title": "Copy", "originatorId": "b24apply:default", "originId": "c050"}}, "company/c050"},
		"types and items":     {"crm.type.add", bitrix.Params{"fields": map[string]any{"title": "Sites too", "code": "site"}}, "spa/site"},
		"requisites": {"crm.requisite.add", bitrix.Params{"fields": map[string]any{"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 1, "NAME": "Copy",
			"ORIGINATOR_ID": "b24apply:default", "XML_ID": "b24apply:main"}}, "company/c000"},
		"products and sections": {"catalog.product.add", bitrix.Params{"fields": map[string]any{"name": "Copy", "iblockId": 23, "xmlId": "b24apply:default:p1"}}, "product/p1"},
	} {
		b.call(tc.method, tc.params)
		var refused []string
		for _, c := range changesIn(b.planHonestly(rivalSets[name])) {
			if c.Reason.Code == plan.CodeDoubleMark && !c.Reason.Hint.IsZero() && strings.Contains(words.Text(c.Reason.Message), " carry ") {
				refused = append(refused, string(c.Address))
			}
		}
		if d := cmp.Diff([]string{tc.want}, refused); d != "" {
			t.Errorf("%s: -want +got:\n%s", name, d)
		}
	}
}

// Three runs and one record: each later run names all that are there by then.
func TestCaseB1ThreeRunsOfOneRecord(t *testing.T) {
	b := newBench(t)
	var plans []*plan.Plan
	for range 3 {
		plans = append(plans, b.planHonestly(companies(1)))
	}
	for i, want := range []string{"", "ids 1, 2", "ids 1, 2, 3"} {
		report := Run(t.Context(), plans[i], Config{Client: b.client})
		if o := report.Items.List()[0]; !strings.Contains(words.Text(o.Error), want) || (want == "") != (report.ExitCode == ExitDone) || want != "" && report.ExitCode != ExitRival {
			t.Errorf("run %d: exit code %d, %s %q", i, report.ExitCode, o.Status, o.Error)
		}
	}
	if d := cmp.Diff([]string{"company/c000"}, b.doubles(companies(1))); d != "" {
		t.Error(d)
	}
}

// What is found after a lost answer may be another run's while the own create is still on its
// way: the last look of that run comes when it cannot be any more, and names the double.
func TestCaseB1WhatWasClaimedIsLookedAtOnceMoreWhenNothingIsOnItsWay(t *testing.T) {
	for name, late := range map[string]time.Duration{"it is executed late": 50 * time.Second, "it never is": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLimitedBench(t, portal.Limits{})
				b.proveCompanies()
				other := b.rival()
				manifests := companies(2)
				mine, theirs := b.planHonestly(manifests), other.planHonestly(companies(2))
				var once onceFlag
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if strings.Contains(body, "crm.item.add?entityTypeId=4") && once.first() {
						if report := Run(t.Context(), theirs, Config{Client: other.client}); report.ExitCode != ExitDone {
							t.Error(failures(report))
						}
						if late > 0 {
							time.AfterFunc(late, func() { pass(body) })
						}
						return nil, errCut
					}
					return pass(body), nil
				}
				d := &disk{}
				report := Run(t.Context(), mine, Config{Client: b.client, Journal: d.begin(t)})
				checkComplete(t, report, 2)
				want := b.doubles(manifests)
				if d := cmp.Diff(want, named(report)); d != "" || len(want) > 0 != (late > 0) {
					t.Errorf("exit code %d, double %v, report -want +got:\n%s", report.ExitCode, want, d)
				}
				if took := report.Finished.Sub(report.Started); took < defaultSettle || took > defaultSettle+10*time.Second {
					t.Errorf("it took %s", took)
				}
				if end := d.state(t).End; end != journal.EndWhole {
					t.Errorf("the journal ends as %q", end)
				}
			})
		})
	}
}

// An interrupted run that has claimed something does not wait; who comes next does.
func TestCaseB1WhatAnInterruptedRunHasClaimedIsWaitedForByTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		b.proveCompanies()
		other := b.rival()
		mine, theirs := b.planHonestly(companies(2)), other.planHonestly(companies(2))
		var once onceFlag
		stop := make(chan struct{})
		b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if strings.Contains(body, "crm.item.add?entityTypeId=4") && once.first() {
				Run(t.Context(), theirs, Config{Client: other.client})
				time.AfterFunc(10*time.Second, func() { close(stop) })
				time.AfterFunc(50*time.Second, func() { pass(body) })
				return nil, errCut
			}
			return pass(body), nil
		}
		d := &disk{}
		if report := Run(t.Context(), mine, Config{Client: b.client, Stop: stop, Journal: d.begin(t)}); report.Finished.Sub(report.Started) > 11*time.Second || report.Counts[Succeeded] != 1 {
			t.Fatalf("%v after %s", report.Counts, report.Finished.Sub(report.Started))
		}
		s := d.state(t)
		if s.End != journal.EndOpen {
			t.Fatalf("the journal ends as %q", s.End)
		}
		if _, err := Settle(context.Background(), mine, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{"company/c001"}, b.doubles(companies(2))); d != "" {
			t.Errorf("the plan behind it, -want +got:\n%s", d)
		}
	})
}
