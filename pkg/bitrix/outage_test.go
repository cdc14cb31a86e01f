package bitrix

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An offline wire answers only at some times, counted from the start of the test.
type offline struct {
	away  func(since time.Duration) bool
	start time.Time

	mu     sync.Mutex
	sent   []time.Duration // what was sent while the portal was away, probes left out
	probes []time.Duration // that got no answer
	done   map[string]int  // what was executed, by its text
}

func newOffline(from, to time.Duration) *offline {
	return &offline{start: time.Now(), done: make(map[string]int), away: func(since time.Duration) bool { return since >= from && since < to }}
}

func (o *offline) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(100 * time.Millisecond)
	probe := strings.HasSuffix(req.URL.Path, "/"+probeMethod)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch since := time.Since(o.start); {
	case !o.away(since):
		if !probe {
			o.done[req.URL.Path]++
		}
		return reply(200, `{"result":true}`), nil
	case probe:
		o.probes = append(o.probes, since)
	default:
		o.sent = append(o.sent, since)
	}
	return nil, errReset
}

// While the portal is away nothing is sent but probes, whatever the number of workers, and
// then all goes on: what only reads, in the order of nobody's tries.
func TestCaseC16AnOutageIsOneFactForAllWorkers(t *testing.T) {
	for _, workers := range []int{1, 2, 8, 50} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const from, to = 5 * time.Second, 125 * time.Second
				w := newOffline(from, to)
				var told []string
				c := newClient(t, w, func(cfg *Config) {
					cfg.Plan, cfg.Concurrency = "box", workers
					cfg.Outage = func(o Outage) { told = append(told, outageText(o)) }
				})
				c.watch.wrote.Store(true)
				c.reached.Store(true)
				var next atomic.Int32
				var all sync.WaitGroup
				for range workers {
					all.Go(func() {
						for n := next.Add(1); n <= int32(200*workers); n = next.Add(1) {
							if _, err := c.Call(t.Context(), fmt.Sprintf("m%d.get", n), nil); err != nil {
								t.Error(err)
							}
						}
					})
				}
				all.Wait()
				if len(w.done) != 200*workers {
					t.Errorf("%d calls were executed, want %d", len(w.done), 200*workers)
				}
				for path, n := range w.done {
					if n != 1 {
						t.Errorf("%s was executed %d times", path, n)
					}
				}
				// What was under way, and what showed that the portal is away.
				if len(w.sent) > workers+suspicious {
					t.Errorf("%d requests were sent while the portal was away", len(w.sent))
				}
				for i, at := range w.probes[1:] {
					if gap := at - w.probes[i]; i >= 5 && (gap < probePause || gap > 2*probePause+time.Second) {
						t.Errorf("probe %d came %s after the one before", i+1, gap)
					}
				}
				if got := time.Since(w.start); got > to+2*probePause+30*time.Second {
					t.Errorf("it took %s", got)
				}
				if diff := cmp.Diff([]string{"away since 5s, waits for 30m0s: connection reset by peer", "back"}, told); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

// outageText is what is told, in seconds since the start of a bubble.
func outageText(o Outage) string {
	if o.Over {
		return "back"
	}
	midnight := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	return fmt.Sprintf("away since %s, waits for %s: %v", o.Since.Sub(midnight).Truncate(time.Second), o.Until.Sub(o.Since), o.Cause)
}

// A portal that stays away is given up, after a time that depends on whether it has answered
// a write; what comes then is not sent, until a probe shows that it is back.
func TestAPortalThatStaysAwayIsGivenUp(t *testing.T) {
	for name, tc := range map[string]struct {
		wrote bool
		limit time.Duration
		want  time.Duration
	}{
		"before a write":  {want: 30 * time.Second},
		"after a write":   {wrote: true, want: 30 * time.Minute},
		"as long as said": {wrote: true, limit: 90 * time.Second, want: 90 * time.Second},
		"not at all":      {wrote: true, limit: -1, want: 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newOffline(time.Second, 10*time.Hour)
				var told []string
				c := newClient(t, w, func(cfg *Config) {
					cfg.WaitForPortal = tc.limit
					cfg.Outage = func(o Outage) { told = append(told, outageText(o)) }
				})
				first := "m.get"
				if tc.wrote {
					first = "m.add"
				}
				if _, err := c.Call(t.Context(), first, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Until(w.start.Add(time.Second)))
				start := time.Now()
				_, err := c.Call(t.Context(), "m.get", nil)
				var away *Away
				if !errors.As(err, &away) || !errors.Is(err, syscall.ECONNRESET) || c.Away() == nil {
					t.Fatalf("got %v", err)
				}
				if got, want := err.Error(), "portal acme.example has not answered since 00:00:01: connection reset by peer"; got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				if took := time.Since(start); took < tc.want || took > tc.want+3*time.Second {
					t.Errorf("given up after %s, want %s", took, tc.want)
				}
				sent, again := len(w.sent), time.Now()
				if _, err := c.Call(t.Context(), "m.add", nil); !errors.As(err, &away) || len(w.sent) != sent || time.Since(again) > 0 {
					t.Errorf("then %v, %d more sent, after %s", err, len(w.sent)-sent, time.Since(again))
				}
				if want := 1 + int(tc.want/tellAgain); tc.want > 10*time.Second && len(told) < want-1 || len(told) > want {
					t.Errorf("told %d times, want about %d: %v", len(told), want, told)
				}
				w.away = func(time.Duration) bool { return false }
				time.Sleep(probePause)
				if _, err := c.Call(t.Context(), "m.add", nil); err != nil || c.Away() != nil {
					t.Errorf("once it is back: %v", err)
				}
			})
		})
	}
}

// Requests that get no answer, from a portal that answers a probe, are no outage: they are
// tried as often as ever, and nobody is told.
func TestARequestWithoutAnAnswerIsNoOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return nil, errReset }}
		c := newClient(t, w, func(cfg *Config) { cfg.Outage = func(o Outage) { t.Errorf("told %+v", o) } })
		c.watch.wrote.Store(true)
		start := time.Now()
		if _, err := c.Call(t.Context(), "m.get", nil); kind(err) != "other" || len(w.sent()) != defaultAttempts {
			t.Errorf("%v after %d tries", err, len(w.sent()))
		}
		if took := time.Since(start); took > 30*time.Second || c.Away() != nil {
			t.Errorf("it took %s, away: %v", took, c.Away())
		}
	})
}

// A request that brings the portal down each time is not sent for ever.
func TestARequestThatBringsThePortalDownIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var down time.Time
		w := &wire{dead: true}
		w.answer = func(_ int, method string, _ Params) (*http.Response, error) {
			if method != probeMethod {
				down = time.Now().Add(5 * time.Second)
			}
			if time.Now().Before(down) {
				return nil, errReset
			}
			return reply(200, `{"result":true}`), nil
		}
		c := newClient(t, w)
		c.watch.wrote.Store(true)
		if _, err := c.Call(t.Context(), "m.get", nil); err == nil {
			t.Error("it succeeded")
		}
		sends := 0
		for _, call := range w.sent() {
			if call.Method != probeMethod {
				sends++
			}
		}
		if most := (defaultAttempts + 1) * defaultAttempts; sends < defaultAttempts || sends > most {
			t.Errorf("%d sends, want %d at most", sends, most)
		}
	})
}

// The end of a call's context, a stop, and haste end the wait for the portal at once, also
// for the one that probes.
func TestTheWaitForThePortalEndsAtOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		end  func(ctx context.Context, cancel context.CancelCauseFunc, stop chan struct{}) context.Context
		want error
	}{
		"cancelled": {func(ctx context.Context, cancel context.CancelCauseFunc, _ chan struct{}) context.Context {
			time.AfterFunc(time.Minute, func() { cancel(errors.New("the caller left")) })
			return ctx
		}, nil},
		"stopped": {func(ctx context.Context, _ context.CancelCauseFunc, stop chan struct{}) context.Context {
			time.AfterFunc(time.Minute, func() { close(stop) })
			return ctx
		}, ErrStopped},
		"in haste": {func(ctx context.Context, _ context.CancelCauseFunc, _ chan struct{}) context.Context {
			time.Sleep(time.Minute)
			return InHaste(ctx)
		}, syscall.ECONNRESET},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newOffline(0, 10*time.Hour)
				c := newClient(t, w, func(cfg *Config) { cfg.Concurrency = 4 })
				c.watch.wrote.Store(true)
				keep, letGo := context.WithCancel(t.Context())
				var others sync.WaitGroup
				others.Go(func() { _, _ = c.Call(keep, "m.get", nil) })
				time.Sleep(10 * time.Second) // it probes
				stop := make(chan struct{})
				ctx, cancel := context.WithCancelCause(WithStop(t.Context(), stop))
				start := time.Now()
				_, err := c.Call(tc.end(ctx, cancel, stop), "m.get", nil)
				if took := time.Since(start); err == nil || took != time.Minute || tc.want != nil && !errors.Is(err, tc.want) {
					t.Errorf("%v after %s", err, took)
				}
				letGo()
				others.Wait()
				ctx, cancel = context.WithCancelCause(t.Context())
				time.AfterFunc(time.Minute, func() { cancel(errors.New("the prober left")) })
				if _, err := c.Call(ctx, "m.get", nil); err == nil || err.Error() != "m.get on acme.example: the prober left" {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// Nobody waits for a portal whose name does not exist and that has never answered, or whose
// certificate is not trusted.
func TestAWrongAddressIsNotWaitedFor(t *testing.T) {
	unknown := &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "acme.example", IsNotFound: true}}
	synctest.Test(t, func(t *testing.T) {
		w := &wire{dead: true, answer: func(int, string, Params) (*http.Response, error) { return nil, unknown }}
		start := time.Now()
		_, err := newClient(t, w).Call(t.Context(), "m.get", nil)
		if kind(err) != "unreachable" || len(w.sent()) != newcomerTries || time.Since(start) > 5*time.Second {
			t.Errorf("%v after %d tries and %s", err, len(w.sent()), time.Since(start))
		}
	})
}

// A bulk run holds its items while the portal is away, and those that are not sent in the end
// say that they were not attempted.
func TestABulkRunWaitsForThePortal(t *testing.T) {
	for name, tc := range map[string]struct {
		away   time.Duration
		missed int
	}{"comes back": {time.Minute, 0}, "stays away": {2 * time.Hour, 150}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newOffline(0, tc.away)
				c := newClient(t, w, func(cfg *Config) { cfg.WaitForPortal = time.Hour })
				missed, others := 0, 0
				Bulk{Method: "m.get", V3: true}.Run(t.Context(), c, func(yield func(Item) bool) {
					for i := range 150 {
						if !yield(Item{Resource: fmt.Sprint(i)}) {
							return
						}
					}
				}, func(o ItemOutcome) {
					switch {
					case errors.Is(o.Err, ErrNotAttempted):
						missed++
					case o.Err != nil:
						others++
					}
				})
				if missed != tc.missed || others != 0 {
					t.Errorf("%d not attempted, want %d; %d failed", missed, tc.missed, others)
				}
			})
		})
	}
}

// After a refusal for the time that it used, a method rests until the moment that the
// refusal names, else the one that the last answer named, else the portal's next minute.
func TestARefusalForTimeIsWaitedForByWhatIsKnown(t *testing.T) {
	noon := time.Date(2026, 11, 30, 12, 0, 20, 0, time.UTC)
	for name, tc := range map[string]struct {
		told, reset, shift time.Duration // from now; 0 is not known
		want               time.Duration
	}{
		"the refusal says":           {told: 90 * time.Second, reset: 30 * time.Second, want: 90 * time.Second},
		"the refusal says too long":  {told: 5 * time.Hour, want: budgetWindow},
		"the last answer said":       {reset: 30 * time.Second, want: 30 * time.Second},
		"that has passed":            {reset: -time.Second, want: 40 * time.Second},
		"nothing":                    {want: 40 * time.Second},
		"nothing, by another clock":  {shift: 15 * time.Second, want: 25 * time.Second},
		"told, by another clock":     {told: 90 * time.Second, shift: time.Hour, want: 90 * time.Second},
		"told, and it is over there": {told: -time.Minute, reset: 10 * time.Second, want: 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			m := &meter{shift: tc.shift}
			told := time.Time{}
			if tc.told != 0 {
				told = noon.Add(tc.told + tc.shift)
			}
			if tc.reset != 0 {
				m.reset = noon.Add(tc.reset)
			}
			if got := m.again(told, noon).Sub(noon); got != tc.want {
				t.Errorf("it rests for %s, want %s", got, tc.want)
			}
		})
	}
}
