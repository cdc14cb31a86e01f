package bitrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A campaign is many commands against a portal in a box, in simulated time.
type campaign struct {
	t      *testing.T
	portal *portal.Portal
	client *bitrix.Client
	// handler is asked by the client; the portal unless something is between.
	handler http.Handler
	began   time.Time
	until   time.Duration // how long busy is counted; 0 is for ever
	slowest time.Duration // of all HTTP requests

	mu   sync.Mutex
	busy map[string]time.Duration // what commands took, by method, those that ended by until
	peak time.Duration            // the highest sum that the portal told of
}

func newCampaign(t *testing.T, limits portal.Limits, costs []portal.Cost, fix func(*bitrix.Config)) *campaign {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Limits: limits, Costs: costs})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	c := &campaign{t: t, portal: p, handler: p, began: time.Now(), busy: map[string]time.Duration{}}
	cfg := bitrix.Config{Webhook: "http://127.0.0.1:1" + p.WebhookPath(), Transport: c}
	if fix != nil {
		fix(&cfg)
	}
	if c.client, err = bitrix.New(cfg); err != nil {
		t.Fatal(err)
	}
	return c
}

// RoundTrip gives a request to the handler, with no socket.
func (c *campaign) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	rec := httptest.NewRecorder()
	again := req.Clone(context.WithoutCancel(req.Context()))
	c.handler.ServeHTTP(rec, again)
	c.mu.Lock()
	c.slowest = max(c.slowest, time.Since(start))
	c.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return rec.Result(), nil
}

// limitsOf returns the limits of a plan.
func limitsOf(t *testing.T, plan string) portal.Limits {
	t.Helper()
	limits, err := portal.NamedLimits(plan)
	if err != nil {
		t.Fatal(err)
	}
	return limits
}

// run sends batches of one command from some workers until next is empty.
func (c *campaign) run(workers int, next func() []bitrix.Command) {
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for commands := next(); commands != nil; commands = next() {
				c.batch(commands)
			}
		})
	}
	wg.Wait()
}

// batch sends one batch and notes what became of it.
func (c *campaign) batch(commands []bitrix.Command) {
	outcomes, err := c.client.Batch(c.t.Context(), commands)
	if err != nil {
		c.t.Error(err)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, o := range outcomes {
		if o.Err != nil {
			c.t.Error(o.Err)
			continue
		}
		c.peak = max(c.peak, o.Time.Operating)
		if c.until == 0 || o.Time.Finish.Sub(c.began) <= c.until {
			c.busy[commands[i].Method] += o.Time.Duration
		}
	}
}

// supply hands out n commands of a method, size at a time.
func supply(n, size int, command func(i int) bitrix.Command) func() []bitrix.Command {
	var mu sync.Mutex
	sent := 0
	return func() []bitrix.Command {
		mu.Lock()
		defer mu.Unlock()
		var out []bitrix.Command
		for ; sent < n && len(out) < size; sent++ {
			out = append(out, command(sent))
		}
		return out
	}
}

// during hands out full batches until some time has passed.
func (c *campaign) during(d time.Duration, command func(i int) bitrix.Command) func() []bitrix.Command {
	c.until = d
	return func() []bitrix.Command {
		if time.Since(c.began) >= d {
			return nil
		}
		commands := make([]bitrix.Command, bitrix.MaxBatch)
		for i := range commands {
			commands[i] = command(i)
		}
		return commands
	}
}

func plain(method string) func(int) bitrix.Command {
	return func(int) bitrix.Command { return bitrix.Command{Method: method} }
}

// addDeal creates the deal that updates change, and returns its id.
func (c *campaign) addDeal() int {
	c.t.Helper()
	res, err := c.client.Call(c.t.Context(), "crm.item.add", bitrix.Params{"entityTypeId": 2, "fields": map[string]any{"title": "A"}})
	if err != nil {
		c.t.Fatal(err)
	}
	var added struct{ Item struct{ ID int } }
	if err := json.Unmarshal(res.Result, &added); err != nil {
		c.t.Fatal(err)
	}
	return added.Item.ID
}

func updateOf(id int) func(i int) bitrix.Command {
	return func(i int) bitrix.Command {
		return bitrix.Command{Method: "crm.item.update", Params: bitrix.Params{
			"entityTypeId": 2, "id": id, "fields": map[string]any{"title": fmt.Sprint("Title ", i)},
		}}
	}
}

// isLong tells whether the campaigns are to run in full, with real updates, which
// takes a real processor minutes: see "make campaign". Otherwise the commands are
// those of a cheap method, which the portal's limits treat alike.
func isLong() bool { return os.Getenv("B24_CAMPAIGN") != "" }

func TestTenThousandUpdatesKeepToThePortalsOwnBound(t *testing.T) {
	for _, tc := range []struct {
		plan             string
		updates          int
		threshold, drain int
	}{
		{"standard", 10_000, 50, 2},
		{"enterprise", 40_000, 250, 5},
	} {
		if tc.plan != "standard" && !isLong() {
			continue
		}
		t.Run(tc.plan, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCampaign(t, limitsOf(t, tc.plan), nil, func(cfg *bitrix.Config) { cfg.Plan = tc.plan })
				command := plain("server.time")
				if isLong() {
					command = updateOf(c.addDeal())
				}
				before := c.client.Requests()
				c.began = time.Now()
				c.run(8, supply(tc.updates, bitrix.MaxBatch, command))
				took, requests := time.Since(c.began), c.client.Requests()-before
				bound := time.Duration(float64(requests-tc.threshold) / float64(tc.drain) * float64(time.Second))
				t.Logf("%d updates in %d requests: %s, the bound is %s: %.4f of it", tc.updates, requests, took, bound, float64(took)/float64(bound))
				if want := tc.updates / bitrix.MaxBatch; requests != want { // a batch each
					t.Errorf("%d requests, want %d", requests, want)
				}
				if float64(took) > 1.02*float64(max(bound, time.Second)) {
					t.Errorf("took %s, more than 1.02 of the bound %s", took, bound)
				}
				if refused := c.portal.Stats().Refused; len(refused) != 0 {
					t.Errorf("the portal refused %v", refused)
				}
			})
		})
	}
}

// Answers take up to two seconds, and requests as long as that to arrive, so
// that they bunch up: the portal's counter must not overflow all the same.
func TestDelaysOnTheNetworkProvokeNoRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampaign(t, limitsOf(t, "standard"), nil, func(cfg *bitrix.Config) { cfg.Concurrency = 64 })
		var n int
		c.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c.mu.Lock()
			n++
			there, back := time.Duration(n*7919%2000)*time.Millisecond, time.Duration(n*104729%2000)*time.Millisecond
			c.mu.Unlock()
			time.Sleep(there)
			c.portal.ServeHTTP(w, r)
			time.Sleep(back)
		})
		const calls = 600
		c.run(64, supply(calls, 1, plain("profile")))
		took, bound := time.Since(c.began), time.Duration(calls-50)*time.Second/2
		t.Logf("%d calls: %s, the bound is %s", calls, took, bound)
		if refused := c.portal.Stats().Refused; len(refused) != 0 {
			t.Errorf("the portal refused %v", refused)
		}
		if took > bound+6*time.Second {
			t.Errorf("took %s, the bound is %s", took, bound)
		}
	})
}
