package apply

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

// newLimitedBench is a bench whose portal has limits and costs.
func newLimitedBench(t *testing.T, limits portal.Limits, costs ...portal.Cost) *bench {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Limits: limits, Costs: costs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	b := &bench{t: t, portal: p}
	b.client, err = bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + p.WebhookPath(), Plan: "box", Transport: b})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// mixed are some companies with a comment, and some contacts.
func mixed(companies, contacts int, comment string) string {
	var s strings.Builder
	for i := range companies {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%d}\nspec: {fields: {title: C%d, comments: %q}}\n", i, i, comment)
	}
	for i := range contacts {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: p%d}\nspec: {fields: {name: P%d}}\n", i, i)
	}
	return s.String()
}

// Updates take a second each and may take 30 in ten minutes; adds are cheap.
func TestAParkedMethodDoesNotHoldUpOthers(t *testing.T) {
	for _, concurrency := range []int{1, 8} {
		t.Run(fmt.Sprint("concurrency ", concurrency), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const companies, contacts = 120, 120
				b := newLimitedBench(t, portal.Limits{Operating: 30 * time.Second, Request: time.Minute},
					portal.Cost{Method: "crm.item.update", Time: time.Second}, portal.Cost{Method: "crm.item.add", Time: 10 * time.Millisecond})
				Run(t.Context(), b.plan(b.load(mixed(companies, 0, "a"))), Config{Client: b.client})
				b.portal.ResetStats()

				report := Run(t.Context(), b.plan(b.load(mixed(companies, contacts, "b"))), Config{Client: b.client, Concurrency: concurrency})
				if diff := cmp.Diff(map[Status]int{Succeeded: companies + contacts}, report.Counts); diff != "" {
					t.Fatalf("%s\n%v", diff, report.Items.List()[0])
				}
				var lastAdd, lastUpdate time.Duration
				for _, o := range report.Items.List() {
					if after := o.Timestamp.Sub(report.Started); o.Kind == "Contact" {
						lastAdd = max(lastAdd, after)
					} else {
						lastUpdate = max(lastUpdate, after)
					}
				}
				t.Logf("contacts done after %s, companies after %s, refused %v", lastAdd, lastUpdate, b.portal.Stats().Refused)
				if lastAdd > 2*time.Minute || lastUpdate < 25*time.Minute || lastUpdate > 32*time.Minute {
					t.Errorf("contacts were done after %s, companies after %s", lastAdd, lastUpdate)
				}
				if n := b.portal.Stats().Commands["crm.item.update"]; n != companies {
					t.Errorf("%d updates, want %d", n, companies)
				}
			})
		})
	}
}

// Nothing is in flight: everything that is left is parked.
func TestStopDoesNotWaitForAParkedMethod(t *testing.T) {
	for _, way := range []string{"stop", "cancel"} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLimitedBench(t, portal.Limits{Operating: 30 * time.Second}, portal.Cost{Method: "crm.item.update", Time: time.Second})
				Run(t.Context(), b.plan(b.load(mixed(100, 0, "a"))), Config{Client: b.client})
				plan := b.plan(b.load(mixed(100, 0, "b")))
				stop := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(3*time.Minute, func() {
					if way == "stop" {
						close(stop)
					} else {
						cancel()
					}
				})
				start := time.Now()
				report := Run(ctx, plan, Config{Client: b.client, Stop: stop})
				if took := time.Since(start); took != 3*time.Minute {
					t.Errorf("took %s", took)
				}
				if report.Counts[NotAttempted] < 40 || report.Counts[Succeeded] < 20 || report.Counts[NotAttempted]+report.Counts[Succeeded] != 100 || !report.Interrupted {
					t.Errorf("got %v", report.Counts)
				}
			})
		})
	}
}

// A portal that refuses an update again and again is not asked for ever.
func TestAMethodThatStaysRefusedIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		Run(t.Context(), b.plan(b.load(mixed(3, 0, "a"))), Config{Client: b.client})
		plan := b.plan(b.load(mixed(3, 0, "b")))
		refusal := `{"error":"OPERATION_TIME_LIMIT","error_description":"blocked"}`
		b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if !writesAnything(body) {
				return pass(body), nil // what waits is read again before it is sent
			}
			return &http.Response{StatusCode: http.StatusTooManyRequests, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(refusal))}, nil
		}
		report := Run(t.Context(), plan, Config{Client: b.client})
		for _, o := range report.Items.List() {
			if o.Status != Failed || o.Code != "OPERATION_TIME_LIMIT" || !o.Retryable || o.Attempts != maxRefusals {
				t.Errorf("got %+v", o)
			}
		}
		if took := report.Finished.Sub(report.Started); took < 10*time.Minute || took > 20*time.Minute {
			t.Errorf("given up after %s", took)
		}
	})
}

// Deletions take a second each and may take 30 in ten minutes: an interrupt does not
// wait until there is time again, and nothing is deleted after it.
func TestStopDoesNotWaitForParkedDeletions(t *testing.T) {
	for _, way := range []string{"stop", "cancel", "none"} {
		t.Run(way, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLimitedBench(t, portal.Limits{Operating: 30 * time.Second, Request: time.Minute}, portal.Cost{Method: "crm.item.delete", Time: time.Second})
				Run(t.Context(), b.plan(b.load(mixed(100, 1, "a"))), Config{Client: b.client})
				plan := b.prune(mixed(1, 1, "a"))
				stop := make(chan struct{})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(3*time.Minute, func() {
					switch way {
					case "stop":
						close(stop)
					case "cancel":
						cancel()
					}
				})
				start := time.Now()
				report := Run(ctx, plan, Config{Client: b.client, Stop: stop})
				took, counts := time.Since(start), report.Counts
				if way == "none" {
					if counts[Succeeded] != 99 || report.ExitCode != ExitDone || b.portal.Stats().Commands["crm.item.delete"] != 99 {
						t.Errorf("got %v, %d deletions", counts, b.portal.Stats().Commands["crm.item.delete"])
					}
					return
				}
				if took > 3*time.Minute+10*time.Second {
					t.Errorf("took %s", took)
				}
				if counts[NotAttempted]+counts[Unknown] < 40 || counts[Succeeded] < 20 && way == "stop" || report.ExitCode != ExitInterrupted {
					t.Errorf("exit code %d, got %v", report.ExitCode, counts)
				}
			})
		})
	}
}

// The first interrupt ends every wait of a run: for a method without time, whether it
// writes or reads, and for what the portal may still be doing.
func TestWordsTheFirstInterruptEndsEveryWait(t *testing.T) {
	for name, tc := range map[string]struct {
		faults string
		lost   bool
		want   map[Status]int
		told   string // of the wait
	}{
		"a write without time":     {`[{"kind":"429","method":"crm.item.update"}]`, false, map[Status]int{NotAttempted: 3}, "until crm.item.update may take time on the portal again"},
		"a read back without time": {`[{"kind":"429","method":"crm.item.get"}]`, true, map[Status]int{Unknown: 3}, ""}, // the client tells
		"a lost write":             {"[]", true, map[Status]int{Unknown: 3}, "to see whether the portal carries out 3 writes whose answers are lost"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.apply(companies(3), Config{})
				plan := b.planHonestly(renamed(3))
				b.faults(tc.faults)
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if tc.lost && strings.Contains(body, "crm.item.update") {
						return nil, errCut
					}
					return pass(body), nil
				}
				stop := make(chan struct{})
				time.AfterFunc(300*time.Millisecond, func() { close(stop) })
				started := time.Now()
				var told atomic.Value
				told.Store("")
				report := Run(t.Context(), plan, Config{Client: b.client, Stop: stop, Waiting: func(d time.Duration, why value.Message) {
					if d >= longWait {
						told.Store(words.Text(why))
					}
				}})
				if told.Load() != tc.told {
					t.Errorf("told of the wait: %v", told.Load())
				}
				if took := time.Since(started); took > 3*time.Second {
					t.Errorf("it took %s", took)
				}
				checkComplete(t, report, 3)
				if d := cmp.Diff(tc.want, report.Counts); d != "" {
					t.Errorf("%s\n%+v", d, report.Items.List())
				}
				if report.ExitCode != ExitInterrupted {
					t.Errorf("exit code %d", report.ExitCode)
				}
			})
		})
	}
}
