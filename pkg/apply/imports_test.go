package apply

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

// importedLeads are some leads that are imported, of which one brings times that the portal refuses; -1: none.
func importedLeads(n, refused int) string {
	var s strings.Builder
	for i := range n {
		route, times := "{create: import}", ""
		if i == refused {
			route, times = "{create: import, times: preserve}", `, createdTime: "2020-01-01T10:00:00Z", updatedTime: "2019-01-01T10:00:00Z"`
		}
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Lead\nmetadata: {name: l%05d}\nspec: {route: %s, fields: {title: Lead %d%s}}\n", i, route, i, times)
	}
	return s.String()
}

// An importWire sees the requests that import, and those that look for marks.
type importWire struct {
	lost    int           // the request whose answer is lost, from 1; 0: none
	after   time.Duration // it is executed so long after; below 0: never
	rows    int           // that were sent
	sent    []time.Duration
	looks   []time.Duration
	started time.Time
}

func (w *importWire) tamper(body string, pass func(string) *http.Response) (*http.Response, error) {
	if !strings.Contains(body, "batchImport") {
		if strings.Contains(body, "originId") {
			w.looks = append(w.looks, time.Since(w.started))
		}
		return pass(body), nil
	}
	w.sent, w.rows = append(w.sent, time.Since(w.started)), w.rows+strings.Count(body, "title")
	switch {
	case len(w.sent) != w.lost:
		return pass(body), nil
	case w.after == 0:
		pass(body)
	case w.after > 0:
		time.AfterFunc(w.after, func() { pass(body) })
	}
	return nil, errCut
}

// What was imported when its answer was lost is found by its marks, and sent again only after it was looked for
// until the portal can no longer be working on it.
func TestALostAnswerToAnImportMakesNothingTwice(t *testing.T) {
	const leads = 25 // one, eight, and the rest in one request or two
	for name, tc := range map[string]struct {
		after time.Duration
		rows  int
	}{
		"executed at once": {0, leads},
		"executed late":    {50 * time.Second, leads},
		"never executed":   {-1, leads + 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLimitedBench(t, portal.Limits{})
				planned := b.planHonestly(importedLeads(leads, -1))
				w := &importWire{lost: 2, after: tc.after, started: time.Now()}
				b.tamper = w.tamper
				report := Run(t.Context(), planned, Config{Client: b.client, Concurrency: 1})
				b.tamper = nil
				time.Sleep(5 * time.Minute)
				if got := report.Counts[Succeeded] + report.Counts[Unchanged]; got != leads || b.records(1) != leads {
					t.Errorf("%v, and there are %d records: %v", report.Counts, b.records(1), failures(report))
				}
				if w.rows != tc.rows {
					t.Errorf("%d records were sent in %d requests, want %d", w.rows, len(w.sent), tc.rows)
				}
				if tc.after < 0 && (w.sent[2]-w.sent[1] < defaultSettle || len(w.looks) == 0 || w.looks[0] >= w.sent[2]) {
					t.Errorf("it was sent at %v, and looked for at %v", w.sent, w.looks)
				}
				if left := pendingIn(b.planHonestly(importedLeads(leads, -1))); len(left) > 0 {
					t.Errorf("then the plan would %s %s", left[0].Action, left[0].Address)
				}
			})
		})
	}
}

// What a command says of its records goes by their position: one that is refused takes none with it, and no other
// gets its place.
func TestARefusedRowOfAnImportIsThatRecordAlone(t *testing.T) {
	t.Parallel()
	for _, refused := range []int{0, 9, 17, 28} {
		b := newBench(t)
		set := importedLeads(29, refused)
		report := b.apply(set, Config{})
		if d := cmp.Diff([2]int{28, 1}, [2]int{report.Counts[Succeeded], report.Counts[Failed]}); d != "" || b.records(1) != 28 {
			t.Fatalf("%d records, %v: %v", b.records(1), report.Counts, failures(report))
		}
		for _, o := range report.Items.List() {
			if bad := o.Resource == value.Address(fmt.Sprintf("lead/l%05d", refused)); bad != (o.Status == Failed) || bad != (o.ID == "") {
				t.Errorf("%s is %s with id %q", o.Resource, o.Status, o.ID)
			}
			if o.ID != "" {
				r, err := b.client.Call(t.Context(), "crm.item.get", map[string]any{"entityTypeId": 1, "id": o.ID})
				if err != nil || !strings.Contains(string(r.Result), strings.TrimPrefix(string(o.Resource), "lead/")) {
					t.Errorf("%s is said to be %s, which is %s, %v", o.Resource, o.ID, r.Result, err)
				}
			}
		}
	}
}

// Ten thousand imports take twenty requests that write.
func TestImportsAreFewRequests(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	w := &importWire{started: time.Now()}
	planned := b.planHonestly(importedLeads(10000, -1))
	b.tamper = w.tamper
	report := Run(t.Context(), planned, Config{Client: b.client, Concurrency: 1})
	t.Logf("%d requests that import of %d", len(w.sent), report.Requests)
	if report.Counts[Succeeded] != 10000 || len(w.sent) > 20 {
		t.Errorf("%d requests that import, %v", len(w.sent), report.Counts)
	}
}

// Who settles a dead run asks once more what nobody could read when the time was over: what is left in doubt stays so.
func TestWhatCouldNotBeReadInTheEndIsAskedAnew(t *testing.T) {
	for _, executed := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := newLimitedBench(t, portal.Limits{})
			planned := b.planHonestly(importedLeads(9, -1))
			ctx, die := context.WithCancel(t.Context())
			defer die()
			d, w := &disk{}, &importWire{lost: 2, after: -1, started: time.Now()}
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if len(w.sent) == 1 && strings.Contains(body, "batchImport") {
					time.AfterFunc(57*time.Second, func() {
						if executed {
							pass(body)
						}
					})
					die()
				}
				return w.tamper(body, pass)
			}
			Run(ctx, planned, Config{Client: b.client, Journal: d.begin(t), Concurrency: 1})
			lost := 0
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if time.Since(w.started) > 55*time.Second && lost < 6 && strings.Contains(body, "originId") {
					lost++
					return nil, errCut
				}
				return pass(body), nil
			}
			s := d.state(t)
			a, err := Settle(t.Context(), planned, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)})
			want := map[bool][3]int{true: {8, 0, 0}, false: {0, 8, 0}}[executed]
			if err != nil || lost != 6 || [3]int{a.Done, a.NotDone, a.Doubtful} != want {
				t.Errorf("%d answers were lost, %+v, %v", lost, a, err)
			}
		})
	}
}
