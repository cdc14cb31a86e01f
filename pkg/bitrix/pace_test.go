package bitrix

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A bucket counts requests as the portal does: a counter that drains once a
// second, and refuses what would exceed it.
type bucket struct {
	drain, size int

	mu      sync.Mutex
	level   int
	drained time.Time
	refused int
}

func (b *bucket) answer(int, string, Params) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drained.IsZero() {
		b.drained = time.Now()
	}
	for ; time.Since(b.drained) >= time.Second; b.drained = b.drained.Add(time.Second) {
		b.level = max(0, b.level-b.drain)
	}
	if b.level++; b.level > b.size {
		b.refused++
		return refuse(503, "QUERY_LIMIT_EXCEEDED"), nil
	}
	return reply(200, `{"result":1}`), nil
}

// callMany makes calls from several goroutines and tells how long they took.
func callMany(t *testing.T, c *Client, n int) time.Duration {
	t.Helper()
	start := time.Now()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if _, err := c.Call(t.Context(), "crm.item.add", nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func TestPaceFillsThePortalsBucketAndNeverOverflowsIt(t *testing.T) {
	for _, tc := range []struct {
		plan        string
		drain, size int
	}{
		{"", 2, 50},
		{"standard", 2, 50},
		{"enterprise", 5, 250},
	} {
		t.Run(tc.plan, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 2000
				b := &bucket{drain: tc.drain, size: tc.size}
				took := callMany(t, newClient(t, &wire{answer: b.answer}, func(c *Config) { c.Plan = tc.plan }), n)
				if b.refused != 0 {
					t.Errorf("the portal refused %d requests", b.refused)
				}
				bound := time.Duration((n - tc.size) / tc.drain * int(time.Second))
				if took > bound+time.Second {
					t.Errorf("took %s, the portal's own bound is %s", took, bound)
				}
			})
		})
	}
}

func TestBoxIsNotSlowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":1}`), nil }}
		if took := callMany(t, newClient(t, w, func(c *Config) { c.Plan = "box" }), 1000); took != 0 {
			t.Errorf("took %s", took)
		}
	})
}

// Another program on the same address has filled the portal's bucket.
func TestComplaintsSlowEveryRequestForAWhile(t *testing.T) {
	for _, plan := range []string{"standard", "enterprise", "box"} {
		t.Run(plan, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bucket{drain: 2, size: 50, level: 50}
				c := newClient(t, &wire{answer: b.answer}, func(c *Config) { c.Plan = plan })
				for range 100 {
					if _, err := c.Call(t.Context(), "crm.item.add", nil); err != nil {
						t.Fatal(err)
					}
				}
				if b.refused == 0 || b.refused > 40 {
					t.Errorf("the portal refused %d requests", b.refused)
				}
			})
		})
	}
}

func TestPaceRecoversWhenThePortalIsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &wire{})
		for range 5 {
			c.pace.slowDown()
			time.Sleep(2 * time.Second)
		}
		want := Limits{Plan: "standard", PerSecond: 2, Threshold: 50, Pace: slowest, Refused: 5, Budget: 100}
		if diff := cmp.Diff(want, c.Limits()); diff != "" {
			t.Errorf("after complaints: -want +got:\n%s", diff)
		}
		time.Sleep(3 * calm)
		want.Pace = 1
		if diff := cmp.Diff(want, c.Limits()); diff != "" {
			t.Errorf("after a calm time: -want +got:\n%s", diff)
		}
	})
}

func TestComplaintsOfRequestsUnderWayCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := newPace("standard")
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			p.slowDown()
		}
		if p.part != 0.5 {
			t.Errorf("reduced to %v of the pace", p.part)
		}
	})
}

// A turn that is given up goes to the next request.
func TestWaitEndsWithTheContextAndReturnsItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := newPace("standard")
		if err != nil {
			t.Fatal(err)
		}
		for range 49 {
			if err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.done(true)
		}
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		for range 100 {
			if err := p.wait(ctx); !errors.Is(err, cause) {
				t.Fatalf("got %v", err)
			}
		}
		start := time.Now()
		if err := p.wait(t.Context()); err != nil || time.Since(start) > time.Second {
			t.Errorf("waited %s, %v", time.Since(start), err)
		}
	})
}

func TestBackoffGrowsToItsLimit(t *testing.T) {
	b := backoff{time.Second, 10 * time.Second}
	for try, want := range map[int]time.Duration{1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 60: 10} {
		want *= time.Second
		for range 50 {
			if got := b.delay(try); got < want || got > want*5/4 {
				t.Errorf("try %d: %s, want %s and up to a quarter more", try, got, want)
			}
		}
	}
}
