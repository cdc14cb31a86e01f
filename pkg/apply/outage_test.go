package apply

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/value"
)

// An absence of the portal begins with its n-th request, whose answer is lost after it was
// executed, as are those of all others that are under way then.
type absence struct {
	from  int
	lasts time.Duration // 0 is for ever
	how   error

	mu    sync.Mutex
	n     int
	until time.Time
	sent  int // while it was away, probes left out
}

func (a *absence) tamper(body string, pass func(string) *http.Response) (*http.Response, error) {
	a.mu.Lock()
	a.n++
	begins := a.n == a.from
	mine := a.n
	a.mu.Unlock()
	time.Sleep(time.Duration(500+mine%7*100) * time.Millisecond)
	a.mu.Lock()
	if begins {
		a.until = time.Now().Add(a.lasts)
		if a.lasts == 0 {
			a.until = time.Now().Add(1000 * time.Hour)
		}
	}
	away := time.Now().Before(a.until)
	if away && strings.Contains(body, "fields") {
		a.sent++
	}
	a.mu.Unlock()
	switch {
	case begins, away && mine < a.from:
		pass(body)
		return nil, a.how
	case away:
		return nil, a.how
	}
	return pass(body), nil
}

// 120 seconds without a portal, at each concurrency, while records are created, changed and
// deleted: in the end all is done, and nothing twice.
func TestCaseC16AnOutageIsWaitedForAndNothingIsDoneTwice(t *testing.T) {
	for _, workers := range []int{1, 2, 8, 50} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { outlive(t, workers, 3) })
		})
	}
}

func outlive(t *testing.T, workers, from int) {
	b := newLimitedBench(t, portal.Limits{})
	const n = 200
	for _, step := range []struct{ manifests, method string }{
		{companies(n), "crm.item.add"}, {renamed(n), "crm.item.update"}, {companies(1), "crm.item.delete"},
	} {
		plan := b.plan(b.load(step.manifests))
		if step.method == "crm.item.delete" {
			plan = b.prune(companies(1))
		}
		before := b.portal.Stats().Writes
		a := &absence{from: from, lasts: 2 * time.Minute, how: errCut}
		b.tamper = a.tamper
		report := Run(t.Context(), plan, Config{Client: b.client, Concurrency: workers})
		b.tamper = nil
		checkComplete(t, report, plan.Size())
		if done := report.Counts[Succeeded] + report.Counts[Unchanged]; done != plan.Size() || report.ExitCode != ExitDone {
			t.Errorf("%s: %v, exit code %d: %v", step.method, report.Counts, report.ExitCode, failures(report)[:1])
		}
		if a.n < from {
			t.Errorf("%s: only %d requests, so that nothing went wrong", step.method, a.n)
		}
		if most := workers + 3; a.sent > most {
			t.Errorf("%s: %d writes were sent to a portal that was away, more than %d", step.method, a.sent, most)
		}
		// What was deleted may be deleted again: it is gone.
		if did := b.portal.Stats().Writes - before; did != plan.Size()-report.Counts[Unchanged] && step.method != "crm.item.delete" {
			t.Errorf("%s: the portal did %d writes for %d changes", step.method, did, plan.Size())
		}
		if took := report.Finished.Sub(report.Started); took < 2*time.Minute || took > 5*time.Minute {
			t.Errorf("%s: it took %s", step.method, took)
		}
	}
	if got := b.records(4); got != 1 {
		t.Errorf("%d records are left, want 1", got)
	}
}

// Forty minutes are more than is waited for: the run ends, can be gone on with, and one
// more command does what is left, once.
func TestCaseC16AnOutageThatLastsEndsTheRunAsResumable(t *testing.T) {
	for _, workers := range []int{1, 8} {
		for _, how := range []error{errCut, refusedDial} {
			t.Run(fmt.Sprint(workers, " ", how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newLimitedBench(t, portal.Limits{})
					const n = 600 // more than all workers have in flight, whichever of them come first
					a := &absence{from: 5, lasts: 40 * time.Minute, how: how}
					b.tamper = a.tamper
					manifests := companies(n) + deals(n/10)
					report := Run(t.Context(), b.planHonestly(manifests), Config{Client: b.client, Concurrency: workers})
					checkComplete(t, report, n+n/10)
					if report.ExitCode != ExitItems || report.Counts[Succeeded] == 0 || report.Counts[NotAttempted] == 0 || report.Counts[Failed] != 0 || report.Interrupted {
						t.Errorf("%v, exit code %d: %v", report.Counts, report.ExitCode, failures(report)[:3])
					}
					if !isSaidAway(report) || report.Hint.IsZero() {
						t.Errorf("the report says %v, %v", report.Error, report.Hint)
					}
					for _, o := range report.Items.List() {
						if o.Status == NotAttempted && (o.Code != codeAway || !o.Retryable || o.Hint.IsZero() || o.Attempts != 0) {
							t.Errorf("got %+v", o)
							break
						}
					}
					if took := report.Finished.Sub(report.Started); took < 30*time.Minute || took > 32*time.Minute {
						t.Errorf("it took %s", took)
					}
					time.Sleep(15 * time.Minute) // it is back
					b.tamper = nil
					report = Run(t.Context(), b.plan(b.load(manifests)), Config{Client: b.client})
					if report.ExitCode != ExitDone || b.records(4) != n || b.records(2) != n/10 {
						t.Errorf("then %v, exit code %d, %d companies and %d deals", report.Counts, report.ExitCode, b.records(4), b.records(2))
					}
				})
			})
		}
	}
}

// isSaidAway tells whether a report says that the portal stayed away.
func isSaidAway(r *Report) bool {
	text, ok := r.Error.Words()
	return ok && strings.Contains(text, "has not answered since")
}

// refusedDial is what a transport says where nobody listens.
var refusedDial = &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connect: %w", syscall.ECONNREFUSED)}

// A portal that is away before anything was sent is waited for half a minute, and nothing
// has been tried.
func TestAnOutageBeforeTheFirstWriteIsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		plan := b.plan(b.load(companies(30) + deals(3)))
		a := &absence{from: 1, how: refusedDial}
		a.n = 1 // so that not even the first is executed
		a.until = time.Now().Add(time.Hour)
		b.tamper = a.tamper
		report := Run(t.Context(), plan, Config{Client: b.client})
		if d := cmp.Diff(map[Status]int{NotAttempted: 33}, report.Counts); d != "" || report.ExitCode != ExitError {
			t.Errorf("exit code %d: %s", report.ExitCode, d)
		}
		if took := report.Finished.Sub(report.Started); took < 30*time.Second || took > 40*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// An interrupt ends the wait for the portal at once, and what was lost is unknown.
func TestAnInterruptEndsTheWaitForThePortal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		plan := b.plan(b.load(companies(400)))
		a := &absence{from: 4, how: errCut}
		b.tamper = a.tamper
		stop := make(chan struct{})
		time.AfterFunc(5*time.Minute, func() { close(stop) })
		report := Run(t.Context(), plan, Config{Client: b.client, Concurrency: 2, Stop: stop})
		checkComplete(t, report, 400)
		if took := report.Finished.Sub(report.Started); took < 5*time.Minute || took > 5*time.Minute+5*time.Second {
			t.Errorf("it ended after %s", took)
		}
		if report.ExitCode != ExitInterrupted || report.Counts[Unknown] == 0 || report.Counts[NotAttempted] == 0 || report.Counts[Failed] != 0 {
			t.Errorf("%v, exit code %d", report.Counts, report.ExitCode)
		}
	})
}

// An item is retryable where its cause is: where the same may succeed later though nobody
// mends anything.
func TestAnItemIsRetryableWhereItsCauseIs(t *testing.T) {
	refusal := func(status int, code string) error {
		return &bitrix.Error{Method: "crm.item.add", Status: status, Code: code}
	}
	away := &bitrix.Away{Portal: "acme.example", Cause: errCut}
	for name, tc := range map[string]struct {
		err  error
		want bool
	}{
		"too many requests":       {refusal(503, "QUERY_LIMIT_EXCEEDED"), true},
		"no time left":            {refusal(429, "OPERATION_TIME_LIMIT"), true},
		"no time left, not sent":  {&bitrix.Parked{Method: "crm.item.add"}, true},
		"a fault of the portal":   {refusal(500, "INTERNAL_SERVER_ERROR"), true},
		"left out of a batch":     {bitrix.ErrNotRun, true},
		"not reached":             {&bitrix.Unreachable{Cause: errCut}, true},
		"away":                    {away, true},
		"a required field":        {refusal(400, "CRM_FIELD_ERROR_REQUIRED"), false},
		"no right":                {refusal(400, "ACCESS_DENIED"), false},
		"a wrong credential":      {refusal(401, "INVALID_CREDENTIALS"), false},
		"blocked by the vendor":   {refusal(503, "OVERLOAD_LIMIT"), false},
		"it may have been done":   {&bitrix.UnknownOutcome{Cause: errCut}, false},
		"something of ours":       {errors.New("no such file"), false},
		"a doubt about a refusal": {&bitrix.UnknownOutcome{Cause: refusal(500, "INTERNAL_SERVER_ERROR")}, false},
	} {
		var o Outcome
		if o.fail(Failed, tc.err); o.Retryable != tc.want {
			t.Errorf("%s: retryable is %t", name, o.Retryable)
		}
	}
	want := []string{"CANARY_DECLINED", "CANARY_FAILED", "FAIL_FAST", "INTERRUPTED", "MAX_DURATION", "MAX_FAILURES", "NOT_DELETED", "NOT_EXECUTED", "OTHER_RUN", "PORTAL_AWAY", "REFERENCE"}
	var got []string
	for _, c := range value.Codes(value.Outcome) {
		if value.IsRetryable(c.Name) {
			got = append(got, c.Name)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("codes that are retryable by themselves (-want +got):\n%s", d)
	}
}

// What depends on an item, and what a run has left, are as retryable as what they name.
func TestWhatIsLeftIsAsRetryableAsItsCause(t *testing.T) {
	for name, tc := range map[string]struct {
		status int
		code   string
		want   bool
	}{
		"refused for good":   {400, "ACCESS_DENIED", false},
		"refused for time":   {429, "OPERATION_TIME_LIMIT", true},
		"a wrong credential": {401, "INVALID_CREDENTIALS", false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLimitedBench(t, portal.Limits{})
				plan := b.plan(b.load(companies(2) + deals(2)))
				b.tamper = func(string, func(string) *http.Response) (*http.Response, error) {
					body := fmt.Sprintf(`{"error":%q,"error_description":"no"}`, tc.code)
					return &http.Response{StatusCode: tc.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
				}
				report := Run(t.Context(), plan, Config{Client: b.client})
				checkComplete(t, report, 4)
				for _, o := range report.Items.List() {
					if o.Retryable != tc.want {
						t.Errorf("%s is %s, %s, retryable %t", o.Resource, o.Status, o.Code, o.Retryable)
					}
				}
			})
		})
	}
}
