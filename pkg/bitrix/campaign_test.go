package bitrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
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

func update(id int) func(i int) bitrix.Command {
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
		t.Run(tc.plan, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCampaign(t, limitsOf(t, tc.plan), nil, func(cfg *bitrix.Config) { cfg.Plan = tc.plan })
				command := plain("server.time")
				if isLong() {
					command = update(c.addDeal())
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

// batchBilling is a portal that bills a batch as such: what its commands used
// counts for "batch", and they have no sum of their own.
type batchBilling struct {
	portal http.Handler
	limit  time.Duration

	mu      sync.Mutex
	minutes map[int64]*minute
	peak    time.Duration
	refused int
}

type minute struct {
	first time.Time
	used  time.Duration
}

// used is the sum as of now, and when the oldest part of it ends.
func (b *batchBilling) used(now time.Time) (sum time.Duration, reset time.Time) {
	reset = now.Add(10 * time.Minute)
	for at, m := range b.minutes {
		end := m.first.Add(10 * time.Minute)
		if !now.Before(end) {
			delete(b.minutes, at)
			continue
		}
		sum += m.used
		if end.Before(reset) {
			reset = end
		}
	}
	return sum, reset
}

func (b *batchBilling) bill(start, now time.Time) (sum time.Duration, reset time.Time) {
	m := b.minutes[start.Unix()/60]
	if m == nil {
		m = &minute{first: start}
		b.minutes[start.Unix()/60] = m
	}
	m.used += now.Sub(start)
	sum, reset = b.used(now)
	b.peak = max(b.peak, sum)
	return sum, reset
}

func (b *batchBilling) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.URL.Path, "/batch") {
		b.portal.ServeHTTP(w, r)
		return
	}
	start := time.Now()
	b.mu.Lock()
	sum, _ := b.used(start)
	if sum > b.limit {
		b.refused++
	}
	b.mu.Unlock()
	if sum > b.limit {
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = io.WriteString(w, `{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}`)
		return
	}
	rec := httptest.NewRecorder()
	b.portal.ServeHTTP(rec, r)
	b.mu.Lock()
	sum, reset := b.bill(start, time.Now())
	b.mu.Unlock()
	_, _ = w.Write(rebill(rec.Body.Bytes(), sum, reset))
}

// rebill moves the sums of an answer from the commands to the batch.
func rebill(body []byte, sum time.Duration, reset time.Time) []byte {
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if d.Decode(&answer) != nil || answer["time"] == nil {
		return body
	}
	outer := answer["time"].(map[string]any)
	outer["operating"], outer["operating_reset_at"] = sum.Seconds(), reset.Unix()
	if times, ok := answer["result"].(map[string]any)["result_time"].(map[string]any); ok {
		for _, t := range times {
			delete(t.(map[string]any), "operating")
			delete(t.(map[string]any), "operating_reset_at")
		}
	}
	out, err := json.Marshal(answer)
	if err != nil {
		return body
	}
	return out
}

// Commands of 0.05 seconds, as fast as the portal permits: for two simulated hours
// in a long campaign, else for half an hour.
func TestAMigrationUsesItsBudgetAndNoMore(t *testing.T) {
	length := 30 * time.Minute
	if isLong() {
		length = 2 * time.Hour
	}
	for _, tc := range []struct {
		name    string
		byBatch bool
		budget  int
		least   float64 // of 480 seconds in ten minutes
	}{
		{"billed to commands", false, 100, 0.97},
		{"billed to batches", true, 100, 0.97},
		{"60 % billed to commands", false, 60, 0.97 * 0.6},
		{"60 % billed to batches", true, 60, 0.97 * 0.6},
	} {
		if !isLong() && tc.byBatch != (tc.budget < 100) {
			continue
		}
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := limitsOf(t, "standard")
				billing := &batchBilling{limit: limits.Operating, minutes: map[int64]*minute{}}
				if tc.byBatch {
					limits.Operating = 0
				}
				costs := []portal.Cost{{Method: "server.time", Time: 50 * time.Millisecond}, {Method: "crm.item.update", Time: 50 * time.Millisecond}}
				c := newCampaign(t, limits, costs, func(cfg *bitrix.Config) { cfg.Budget = tc.budget })
				if billing.portal = c.portal; tc.byBatch {
					c.handler = billing
				}
				command := plain("server.time")
				if isLong() {
					command = update(c.addDeal())
				}
				c.run(8, c.during(length, command))
				busy, peak := c.busy[command(0).Method].Seconds(), max(c.peak, billing.peak).Seconds()
				t.Logf("busy %.0f s of %.0f s (%.4f), the portal's sum at most %.1f s, %d requests", busy, 0.8*length.Seconds(), busy/(0.8*length.Seconds()), peak, c.client.Requests())
				if part := busy / (0.8 * length.Seconds()); part < tc.least {
					t.Errorf("%.4f of the permitted time was used, want %.3f", part, tc.least)
				}
				if limit := 4.8 * float64(tc.budget); peak > limit {
					t.Errorf("the portal's sum rose to %.1f s, more than %.0f s", peak, limit)
				}
				if refused := c.portal.Stats().Refused; len(refused) != 0 || billing.refused != 0 {
					t.Errorf("the portal refused %v, %d", refused, billing.refused)
				}
			})
		})
	}
}

// A method that takes two seconds a command. Nobody knows that before the first
// request, which is cut off; its updates are sent again in smaller parts.
func TestBatchesOfASlowMethodShrink(t *testing.T) {
	for _, tc := range []struct {
		name     string
		measured bool
		cut      int
	}{
		{"measured before", true, 0},
		{"not measured", false, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limits := limitsOf(t, "standard")
				limits.Operating = 0
				c := newCampaign(t, limits, []portal.Cost{{Method: "crm.item.update", Time: 2 * time.Second}}, nil)
				command := update(c.addDeal())
				if tc.measured {
					one := command(0)
					if _, err := c.client.Call(t.Context(), one.Method, one.Params); err != nil {
						t.Fatal(err)
					}
				}
				long := 0
				c.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					start := time.Now()
					c.portal.ServeHTTP(w, r)
					if time.Since(start) > 25*time.Second {
						c.mu.Lock()
						long++
						c.mu.Unlock()
					}
				})
				c.run(8, supply(150, bitrix.MaxBatch, command))
				if long != tc.cut || c.portal.Stats().Refused["504"] != tc.cut {
					t.Errorf("%d requests took more than 25 s, %v were cut off, want %d", long, c.portal.Stats().Refused, tc.cut)
				}
			})
		})
	}
}

// Commands of one method that has used up its time wait; those of others, in the
// same batch and in other calls, do not.
func TestAParkedMethodHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampaign(t, limitsOf(t, "standard"), []portal.Cost{{Method: "server.time", Time: 10 * time.Second}}, nil)
		for range 47 {
			if _, err := c.client.Call(t.Context(), "server.time", nil); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		outcomes, err := c.client.TryBatch(t.Context(), []bitrix.Command{{Method: "server.time"}, {Method: "profile"}, {Method: "Server.Time"}})
		if err != nil {
			t.Fatal(err)
		}
		var rest *bitrix.Parked
		if !errors.As(outcomes[0].Err, &rest) || outcomes[1].Err != nil || !errors.As(outcomes[2].Err, &rest) {
			t.Errorf("got %v", outcomes)
		}
		if _, err := c.client.TryCall(t.Context(), "server.time", nil); !errors.As(err, &rest) || !bitrix.IsRateLimit(err) {
			t.Errorf("TryCall got %v", err)
		}
		if until := c.client.CallParkedUntil("server.time"); !until.Equal(rest.Until) || until.Before(start) {
			t.Errorf("parked until %s, the calls say %s", until, rest.Until)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("took %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.client.Call(ctx, "server.time", nil); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("a call that is given up after a second got %v after %s", err, time.Since(start))
		}
		c.batch([]bitrix.Command{{Method: "server.time"}, {Method: "profile"}})
		if until := time.Until(rest.Until); until > 0 || until < -15*time.Second {
			t.Errorf("a patient batch ended %s before the rest did", until)
		}
		if refused := c.portal.Stats().Refused; len(refused) != 0 {
			t.Errorf("the portal refused %v", refused)
		}
	})
}

// A portal that grants less than the documented time is asked for it once.
func TestALowerLimitIsLearnedFromARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := limitsOf(t, "standard")
		limits.Operating = 100 * time.Second
		c := newCampaign(t, limits, []portal.Cost{{Method: "server.time", Time: 100 * time.Millisecond}}, nil)
		c.run(8, c.during(time.Hour, plain("server.time")))
		refused := c.portal.Stats().Refused["OPERATION_TIME_LIMIT"]
		t.Logf("busy %s of 600 s, %d commands refused, %+v", c.busy["server.time"], refused, c.client.Limits().Methods)
		if refused == 0 || refused > 8*bitrix.MaxBatch {
			t.Errorf("%d commands were refused", refused)
		}
		if busy := c.busy["server.time"]; busy < 540*time.Second {
			t.Errorf("busy %s of 600 s", busy)
		}
	})
}

// Another program with the same credential had used most of the time before this
// one began. The portal does not tell how much of that it forgets when.
func TestWhatOthersUsedBeforeIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCampaign(t, limitsOf(t, "standard"), []portal.Cost{{Method: "server.time", Time: 10 * time.Second}}, nil)
		c.run(4, supply(47, 1, plain("server.time")))
		time.Sleep(5 * time.Minute)
		fresh, err := bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + c.portal.WebhookPath(), Transport: c})
		if err != nil {
			t.Fatal(err)
		}
		c.client = fresh
		start := time.Now()
		c.run(4, supply(20, 1, plain("server.time")))
		t.Logf("took %s, refused %v", time.Since(start), c.portal.Stats().Refused)
		if refused := c.portal.Stats().Refused; len(refused) != 0 {
			t.Errorf("the portal refused %v", refused)
		}
		if took := time.Since(start); took > 6*time.Minute {
			t.Errorf("took %s, although the portal forgot everything after 5 minutes", took)
		}
	})
}
