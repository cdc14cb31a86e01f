package apply

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply/flow"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// labelled are deals with a label each; "" is none.
func labelled(labels ...string) string {
	var s strings.Builder
	for i, l := range labels {
		if l != "" {
			l = fmt.Sprintf(", labels: {wave: %q}", l)
		}
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%03d%s}\nspec: {fields: {title: Deal %d}}\n", i, l, i)
	}
	return s.String()
}

// statuses counts outcomes by status and code.
func statuses(r *Report) map[string]int {
	out := make(map[string]int)
	for o := range r.Items.All() {
		out[strings.TrimSpace(string(o.Status)+" "+o.Code)]++
	}
	return out
}

// Whatever ends a run early, every item has one outcome, what failed comes out as failed and the
// rest as not attempted, with the code of the limit, retryable, and the exit code is 3.
func TestLimitsEndARun(t *testing.T) {
	t.Parallel()
	tenth := flow.Share{Percent: 10, IsPart: true}
	two := flow.Share{N: 2}
	for name, tc := range map[string]struct {
		flow    flow.Limits
		faults  string
		want    map[string]int
		records int
	}{
		"no limit":            {faults: `"every": 60`, want: map[string]int{"failed WRONG": 2, "succeeded": 118}, records: 118},
		"fail fast":           {flow: flow.Limits{FailFast: true}, faults: `"every": 60`, want: map[string]int{"failed WRONG": 1, "not-attempted FAIL_FAST": 20, "succeeded": 99}, records: 99},
		"two may fail":        {flow: flow.Limits{MaxFailures: &two}, faults: `"every": 20`, want: map[string]int{"failed WRONG": 5, "not-attempted MAX_FAILURES": 20, "succeeded": 95}, records: 95},
		"a tenth may fail":    {flow: flow.Limits{MaxFailures: &tenth}, faults: `"every": 20`, want: map[string]int{"failed WRONG": 6, "succeeded": 114}, records: 114},
		"a canary lives":      {flow: flow.Limits{Canary: 3}, faults: `"every": 60`, want: map[string]int{"failed WRONG": 2, "succeeded": 118}, records: 118},
		"a canary dies":       {flow: flow.Limits{Canary: 3}, faults: `"n": 1`, want: map[string]int{"failed WRONG": 1, "not-attempted CANARY_FAILED": 117, "succeeded": 2}, records: 2},
		"late from the start": {flow: flow.Limits{Until: time.Unix(1, 0)}, faults: `"n": 1`, want: map[string]int{"not-attempted MAX_DURATION": 120}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.proveDeals()
			p := b.planHonestly(proof + labelled(make([]string, 120)...))
			b.faults(fmt.Sprintf(`[{"kind": "fail", "method": "crm.item.add", "code": "WRONG", %s}]`, tc.faults))
			report := Run(t.Context(), p, Config{Client: b.client, Flow: tc.flow, Concurrency: 1})
			tc.want["unchanged"] = 1
			if diff := cmp.Diff(tc.want, statuses(report)); diff != "" {
				t.Error(diff)
			}
			if want := ExitItems; report.ExitCode != want {
				t.Errorf("exit code %d, want %d", report.ExitCode, want)
			}
			for o := range report.Items.All() {
				if o.Status == NotAttempted && (!o.Retryable || o.Error.IsZero() || o.Hint.IsZero()) {
					t.Fatalf("%+v", o)
				}
			}
			if got := b.records(2); got != tc.records+1 {
				t.Errorf("%d deals on the portal, want %d", got, tc.records+1)
			}
		})
	}
}

// proof is a deal that is there when a plan is made, so that marks are known to be shown.
var proof = strings.ReplaceAll(labelled(""), "d000", "proof")

func (b *bench) proveDeals() {
	b.t.Helper()
	if report := b.apply(proof, Config{}); report.ExitCode != ExitDone {
		b.t.Fatal(report.Items.List())
	}
}

// order lists the titles that the portal has been sent, one group a request.
func (b *bench) order() *[]string {
	var out []string
	title := regexp.MustCompile(`Deal(?:%20|\+| )(\d+)`)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if text, err := url.QueryUnescape(body); err == nil && isWrite(text) {
			var found []string
			for _, m := range title.FindAllStringSubmatch(text, -1) {
				found = append(found, m[1])
			}
			out = append(out, strings.Join(found, " "))
		}
		return pass(body), nil
	}
	return &out
}

// Waves follow each other by the values of a label, the first ones of a canary before them, and
// what others refer to comes with these.
func TestWavesFollowEachOther(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flow   flow.Limits
		labels string
		want   []string
	}{
		"no waves":         {labels: "2,1,,2", want: []string{"0 1 2 3"}},
		"waves":            {flow: flow.Limits{Waves: "wave"}, labels: "2,10,,2,1", want: []string{"4", "0 3", "1", "2"}},
		"a canary":         {flow: flow.Limits{Canary: 2}, labels: "2,10,,2,1", want: []string{"0 1", "2 3 4"}},
		"both":             {flow: flow.Limits{Waves: "wave", Canary: 2}, labels: "2,10,,2,1", want: []string{"0 1", "4", "3", "2"}},
		"another label":    {flow: flow.Limits{Waves: "team"}, labels: "2,10,,2,1", want: []string{"0 1 2 3 4"}},
		"more than enough": {flow: flow.Limits{Canary: 9}, labels: "2,1", want: []string{"0 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.proveDeals()
			p := b.planHonestly(proof + labelled(strings.Split(tc.labels, ",")...))
			sent := b.order()
			if report := Run(t.Context(), p, Config{Client: b.client, Flow: tc.flow}); report.ExitCode != ExitDone {
				t.Fatal(report.Items.List())
			}
			if diff := cmp.Diff(tc.want, *sent); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What the first changes refer to is made with them, though it belongs to a later wave.
func TestACanaryTakesAlongWhatItRefersTo(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.proveCompanies()
	manifests := companies(3) + strings.ReplaceAll(deals(3), "Deal\nmetadata: {name: d002", "Deal\nmetadata: {labels: {wave: \"1\"}, name: d002")
	p := b.planHonestly(manifests)
	b.faults(`[{"kind": "fail", "method": "crm.item.add", "code": "WRONG", "every": 3}]`)
	report := Run(t.Context(), p, Config{Client: b.client, Concurrency: 1, Flow: flow.Limits{Waves: "wave", FailFast: true}})
	want := map[string]string{"company/c000": "unchanged", "company/c001": "failed", "company/c002": "succeeded", "deal/d000": "succeeded", "deal/d001": "blocked", "deal/d002": "succeeded"}
	got := make(map[string]string)
	for o := range report.Items.All() {
		got[string(o.Resource)] = string(o.Status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A canary is read back: what a robot has made of it since fails it, though the answer was right.
func TestACanaryIsReadBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.proveDeals()
	p := b.planHonestly(proof + labelled(make([]string, 60)...))
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		res := pass(body)
		if strings.Contains(body, "crm.item.add") {
			b.tamper = nil
			b.rename(2, "Deal 1", "By a robot")
		}
		return res, nil
	}
	report := Run(t.Context(), p, Config{Client: b.client, Flow: flow.Limits{Canary: 2}})
	if diff := cmp.Diff(map[string]int{"unchanged": 1, "partial NOT_STORED": 1, "succeeded": 1, "not-attempted CANARY_FAILED": 58}, statuses(report)); diff != "" {
		t.Error(diff)
	}
}

// rename gives the record of a title another one.
func (b *bench) rename(entityTypeID int, from, to string) {
	b.t.Helper()
	var found struct{ Items []struct{ ID int } }
	r, err := b.client.Call(b.t.Context(), "crm.item.list", bitrix.Params{"entityTypeId": entityTypeID, "filter": bitrix.Params{"=title": from}, "select": []any{"id"}})
	if err == nil {
		err = json.Unmarshal(r.Result, &found)
	}
	if err == nil {
		_, err = b.client.Call(b.t.Context(), "crm.item.update", bitrix.Params{"entityTypeId": entityTypeID, "id": found.Items[0].ID, "fields": bitrix.Params{"title": to}})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Whoever is asked after the canary decides whether the others follow.
func TestACanaryAsks(t *testing.T) {
	t.Parallel()
	for _, yes := range []bool{true, false} {
		b := newBench(t)
		b.proveDeals()
		p := b.planHonestly(proof + labelled(make([]string, 20)...))
		var asked []int
		report := Run(t.Context(), p, Config{Client: b.client, Flow: flow.Limits{Canary: 2}, GoOn: func(made, left int) bool { asked = append(asked, made, left); return yes }})
		want := map[string]int{"unchanged": 1, "succeeded": 20}
		if !yes {
			want = map[string]int{"unchanged": 1, "succeeded": 2, "not-attempted CANARY_DECLINED": 18}
		}
		if diff := cmp.Diff(want, statuses(report)); diff != "" || !slices.Equal(asked, []int{2, 18}) {
			t.Error(asked, diff)
		}
	}
}

// Outside of its window a run sends nothing that writes, says until when it waits, and goes on
// when it opens, until its time is over.
func TestARunWaitsForItsWindow(t *testing.T) {
	t.Parallel()
	for name, hours := range map[string]time.Duration{"all night": 0, "until midnight": 12 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.proveDeals()
				gone := strings.ReplaceAll(proof, "proof", "gone")
				if report := b.apply(gone, Config{}); report.ExitCode != ExitDone {
					t.Fatal(report.Items.List())
				}
				absent := "---\napiVersion: b24apply/v1\nkind: Absent\nspec: {resources: [deal/gone]}\n"
				p := b.planHonestly(proof + absent + labelled(make([]string, 200)...))
				time.Sleep(time.Until(time.Date(2000, 1, 2, 12, 0, 0, 0, time.UTC)))
				w, err := flow.ParseWindow("20:00-22:00", time.UTC)
				if err != nil {
					t.Fatal(err)
				}
				limits := flow.Limits{Window: w}
				if hours > 0 {
					limits.Until = time.Now().Add(hours)
				}
				var sent []time.Time
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if strings.Contains(body, "crm.item.add") || strings.Contains(body, "crm.item.delete") {
						sent = append(sent, time.Now())
						time.Sleep(70 * time.Minute) // so that the window closes after two
					}
					return pass(body), nil
				}
				var waits []time.Duration
				client, err := bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + b.portal.WebhookPath(), Plan: "box", Transport: b, Attempts: 2, Timeout: 2 * time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				report := Run(t.Context(), p, Config{Client: client, Flow: limits, Concurrency: 1, Waiting: func(d time.Duration, why value.Message) {
					if why.Code == "until-window-opens" {
						waits = append(waits, d)
					}
				}})
				for _, at := range sent {
					if !w.Open(at) {
						t.Errorf("sent at %v", at)
					}
				}
				want, wait := map[string]int{"unchanged": 1, "succeeded": 201}, []time.Duration{8 * time.Hour, 21*time.Hour + 40*time.Minute, 21*time.Hour + 40*time.Minute}
				if hours > 0 {
					want, wait = map[string]int{"unchanged": 1, "succeeded": 100, "not-attempted MAX_DURATION": 101}, wait[:1]
				}
				if diff := cmp.Diff(want, statuses(report)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(wait, waits); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// Deletions keep to the limits too: a few go first, and a failure among them ends the run.
func TestLimitsHoldForDeletions(t *testing.T) {
	t.Parallel()
	var absent strings.Builder
	absent.WriteString("---\napiVersion: b24apply/v1\nkind: Absent\nspec:\n  resources:\n")
	for i := range 120 {
		fmt.Fprintf(&absent, "    - deal/d%03d\n", i)
	}
	for name, tc := range map[string]struct {
		flow   flow.Limits
		faults string
		want   map[string]int
	}{
		"a canary dies":  {flow.Limits{Canary: 3}, `"n": 1`, map[string]int{"failed WRONG": 1, "succeeded": 2, "not-attempted CANARY_FAILED": 117}},
		"a canary lives": {flow.Limits{Canary: 3}, `"every": 100`, map[string]int{"failed WRONG": 1, "succeeded": 119}},
		"fail fast":      {flow.Limits{FailFast: true}, `"n": 1`, map[string]int{"failed WRONG": 1, "succeeded": 49, "not-attempted FAIL_FAST": 70}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			if report := b.apply(labelled(make([]string, 120)...), Config{}); report.ExitCode != ExitDone {
				t.Fatal(report.Items.List())
			}
			p := b.planHonestly(absent.String())
			b.faults(fmt.Sprintf(`[{"kind": "fail", "method": "crm.item.delete", "code": "WRONG", %s}]`, tc.faults))
			report := Run(t.Context(), p, Config{Client: b.client, Flow: tc.flow, Concurrency: 1})
			if diff := cmp.Diff(tc.want, statuses(report)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A request that waits for a portal that is away is not sent when that comes back after the
// window has closed, and neither once the time of the run is over.
func TestWhatWaitedBeyondTheWindowIsNotSent(t *testing.T) {
	t.Parallel()
	for name, ends := range map[string]bool{"a window": false, "the end": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.proveDeals()
				p := b.planHonestly(proof + labelled(make([]string, 20)...))
				time.Sleep(time.Until(time.Date(2000, 1, 2, 21, 0, 0, 0, time.UTC)))
				back := time.Now().Add(2 * time.Hour)
				var sent []time.Time
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if time.Now().Before(back) {
						return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
					}
					if strings.Contains(body, "crm.item.add") {
						sent = append(sent, time.Now())
					}
					return pass(body), nil
				}
				w, err := flow.ParseWindow("20:00-22:00", time.UTC)
				if err != nil {
					t.Fatal(err)
				}
				limits, want, hour := flow.Limits{Window: w}, map[string]int{"unchanged": 1, "succeeded": 20}, 20
				if ends {
					limits, want, hour = flow.Limits{Until: time.Now().Add(time.Hour)}, map[string]int{"unchanged": 1, "not-attempted MAX_DURATION": 20}, 0
				}
				client, err := bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + b.portal.WebhookPath(), Plan: "box", Transport: b, WaitForPortal: 6 * time.Hour})
				if err != nil {
					t.Fatal(err)
				}
				report := Run(t.Context(), p, Config{Client: client, Flow: limits})
				if diff := cmp.Diff(want, statuses(report)); diff != "" {
					t.Error(diff)
				}
				if len(sent) > 1 || len(sent) == 1 && sent[0].UTC().Hour() != hour || len(sent) == 0 && hour > 0 {
					t.Errorf("sent at %v", sent)
				}
			})
		})
	}
}
