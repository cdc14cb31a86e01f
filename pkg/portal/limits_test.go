package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plan returns the limits of a plan that exists.
func plan(t testing.TB, name string) Limits {
	t.Helper()
	limits, err := NamedLimits(name)
	if err != nil {
		t.Fatal(err)
	}
	return limits
}

// passing sends requests from an address and counts those that were answered.
func (w wire) passing(n int, source string) int {
	w.t.Helper()
	passed := 0
	for range n {
		r := httptest.NewRequest("GET", "/rest/1/s3cret/test.nothing", nil)
		r.RemoteAddr = source
		rec := httptest.NewRecorder()
		w.p.ServeHTTP(rec, r)
		const refusal = `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`
		switch {
		case rec.Code == http.StatusOK:
			passed++
		case rec.Code != http.StatusServiceUnavailable || rec.Body.String() != refusal:
			w.t.Fatalf("got %d %s", rec.Code, rec.Body)
		}
	}
	return passed
}

func TestTheBucketOfAnAddressLeaksOncePerSecond(t *testing.T) {
	tests := map[string]struct{ burst, drain int }{"standard": {50, 2}, "enterprise": {250, 5}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{Limits: plan(t, name)})
				var got []int
				step := func(wait time.Duration) {
					time.Sleep(wait)
					got = append(got, w.passing(tt.burst+50, "192.0.2.1:1"))
				}
				step(0)
				step(999 * time.Millisecond)
				step(time.Millisecond)
				step(10 * time.Second)
				step(time.Hour)
				if diff := cmp.Diff([]int{tt.burst, 0, tt.drain, 10 * tt.drain, tt.burst}, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWithoutLimitsNothingIsRefused(t *testing.T) {
	w := newWire(t)
	if got := w.passing(1000, "192.0.2.1:1"); got != 1000 {
		t.Errorf("%d of 1000 passed", got)
	}
}

func TestEveryAddressHasItsOwnBucketWhateverThePort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: plan(t, "standard")})
		got := []int{
			w.passing(60, "192.0.2.1:1"), w.passing(60, "192.0.2.1:2"),
			w.passing(60, "192.0.2.2:1"), w.passing(60, "[2001:db8::1]:1"), w.passing(1, "[2001:db8::1]:2"),
		}
		if diff := cmp.Diff([]int{50, 0, 50, 50, 0}, got); diff != "" {
			t.Error(diff)
		}
		want := map[string]int{"QUERY_LIMIT_EXCEEDED": 10 + 60 + 10 + 10 + 1}
		if diff := cmp.Diff(want, w.p.Stats().Refused); diff != "" {
			t.Error(diff)
		}
	})
}

func TestHoursAtTheDocumentedPaceAreNeverRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: plan(t, "standard")})
		w.passing(48, "192.0.2.1:1") // a burst before does no harm
		const requests = 2 * 2 * 3600
		for range requests {
			time.Sleep(500 * time.Millisecond)
			if w.passing(1, "192.0.2.1:1") == 0 {
				t.Fatal("refused")
			}
		}
	})
}

func TestABatchIsOneRequestOfTheBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: plan(t, "standard")})
		for range 49 {
			w.batch(`{"cmd":["test.nothing","test.nothing","test.nothing"]}`)
		}
		if got := w.passing(2, "192.0.2.1:1"); got != 1 { // the recorder's address
			t.Errorf("%d passed after 49 batches, want 1", got)
		}
	})
}

func TestEmptyBucketsAreForgottenWhenThereAreMany(t *testing.T) {
	var r rate
	limits := Limits{Burst: 1, Drain: 1}
	start := time.Unix(0, 0)
	for i := range 2 * maxBuckets {
		if err := r.take(limits, fmt.Sprint(i), start.Add(time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if len(r.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(r.buckets))
	}
}

// operating is the operating part of an answer's time.
type operating struct {
	Operating float64 `json:"operating"`
	ResetAt   int64   `json:"operating_reset_at"`
}

// spend calls a method and returns what it used so far.
func (w wire) spend(method string) operating {
	w.t.Helper()
	status, body := w.send("GET", "/rest/1/s3cret/"+method, "", "")
	var answer struct{ Time operating }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", method, status, body)
	}
	return answer.Time
}

const blocked = `{"error":"OPERATION_TIME_LIMIT","error_description":"Method is blocked due to operation time limit."}`

// The documentation's example: calls of 20 seconds, a limit of 480, see limits.md.
func TestAMethodIsBlockedOnceItsTimeExceedsTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := plan(t, "standard")
		w := newWireOf(t, Config{Limits: limits, Costs: []Cost{{Method: "test.echo", Time: 20 * time.Second}}})
		start := time.Now()
		reset := start.Add(10 * time.Minute).Unix()
		for i := 1; i <= 25; i++ {
			if diff := cmp.Diff(operating{float64(20 * i), reset}, w.spend("test.echo")); diff != "" {
				t.Fatal(diff)
			}
		}
		refused := func() {
			t.Helper()
			if status, body := w.send("GET", "/rest/1/s3cret/test.echo", "", ""); status != http.StatusTooManyRequests || body != blocked {
				t.Errorf("got %d %s", status, body)
			}
		}
		refused()
		w.result("test.nothing", `{}`) // other methods go on
		time.Sleep(time.Until(time.Unix(reset, 0)) - time.Nanosecond)
		refused()
		time.Sleep(time.Nanosecond)
		// The first minute's three calls are forgotten; the second minute began 60 s after the first.
		if diff := cmp.Diff(operating{500 - 60 + 20, reset + 60}, w.spend("test.echo")); diff != "" {
			t.Error(diff)
		}
		want := Stats{Requests: 29, Commands: map[string]int{"test.echo": 26, "test.nothing": 1}, Writes: 26, Refused: map[string]int{"OPERATION_TIME_LIMIT": 2}}
		if diff := cmp.Diff(want, w.p.Stats()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestABlockedMethodInABatchFailsAloneAndBatchesAreNotBilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{
			Limits: Limits{Operating: 30 * time.Second},
			Costs:  []Cost{{Method: "test.*", Time: 20 * time.Second}, {Method: "batch", Time: time.Hour}},
		})
		got := w.batch(`{"cmd":{"a":"test.echo","b":"test.echo","c":"test.echo","d":"test.nothing"}}`)
		if want := `{"a":[],"b":[],"d":null}`; string(got.Result) != want {
			t.Errorf("result is %s, want %s", got.Result, want)
		}
		if want := `{"c":` + blocked + `}`; string(got.Error) != want {
			t.Errorf("result_error is %s, want %s", got.Error, want)
		}
		var times map[string]operating
		if err := json.Unmarshal(got.Time, &times); err != nil {
			t.Fatal(err)
		}
		reset := time.Now().Add(-60 * time.Second).Add(operatingWindow).Unix()
		want := map[string]operating{"a": {20, reset}, "b": {40, reset}, "d": {20, reset + 40}}
		if diff := cmp.Diff(want, times); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWhichTimesAreBilled(t *testing.T) {
	tests := map[string]struct {
		cost     []Cost
		measured time.Duration
		floor    time.Duration
		want     float64
	}{
		"a cost of any size":              {[]Cost{{Method: "test.slow", Time: 50 * time.Millisecond}}, 0, 0, 0.05},
		"no cost below the floor":         {[]Cost{{Method: "test.slow", Time: 50 * time.Millisecond}}, 0, 100 * time.Millisecond, 0},
		"a cost in place of the measured": {[]Cost{{Method: "test.slow", Time: time.Second}}, 3 * time.Second, 0, 1},
		"a cost of nothing":               {[]Cost{{Method: "test.slow", Time: 0}}, 3 * time.Second, 0, 0},
		"the measured time":               {nil, 100 * time.Millisecond, 0, 0.1},
		"no short measured time":          {nil, 99 * time.Millisecond, 0, 0},
		"a measured time and a floor":     {nil, 100 * time.Millisecond, time.Second, 0},
		"the longest pattern":             {[]Cost{{Method: "*", Time: time.Second}, {Method: "Test.S*", Time: 3 * time.Second}, {Method: "test.*", Time: 2 * time.Second}}, 0, 0, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{Limits: Limits{Floor: tt.floor}, Costs: tt.cost})
				w.slow(tt.measured)
				if got := w.spend("test.slow").Operating; got != tt.want {
					t.Errorf("operating is %g, want %g", got, tt.want)
				}
			})
		})
	}
}

// slow adds a method test.slow that works for some time.
func (w wire) slow(d time.Duration) {
	m := w.p.methods["test.nothing"]
	run := m.run
	m.name = "test.slow"
	m.run = func(ctx context.Context, c *call) (reply, error) {
		time.Sleep(d)
		return run(ctx, c)
	}
	w.p.methods[m.name] = m
}

func TestARequestIsCutOffAfterAMinute(t *testing.T) {
	const page = "<html>\r\n<head><title>504 Gateway Timeout</title></head>\r\n<body>\r\n<center><h1>504 Gateway Timeout</h1></center>\r\n</body>\r\n</html>\r\n"
	tests := map[string]struct {
		limits   string
		cost     time.Duration
		target   string
		status   int
		executed int
		took     time.Duration
	}{
		"a batch within the minute":   {"standard", time.Second, "batch", 200, 40, 40 * time.Second},
		"a batch beyond the minute":   {"standard", 7 * time.Second, "batch", 504, 8, time.Minute},
		"a batch of just one minute":  {"standard", 1500 * time.Millisecond, "batch", 200, 40, time.Minute},
		"a call beyond the minute":    {"enterprise", 61 * time.Second, "test.echo", 504, 0, time.Minute},
		"a call of one minute":        {"enterprise", time.Minute, "test.echo", 200, 1, time.Minute},
		"the same call without limit": {"off", time.Hour, "test.echo", 200, 1, time.Hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWireOf(t, Config{Limits: plan(t, tt.limits), Costs: []Cost{{Method: "test.echo", Time: tt.cost}}})
				body := `{"cmd":[` + strings.TrimSuffix(strings.Repeat(`"test.echo",`, 40), ",") + `]}`
				start := time.Now()
				status, answer := w.send("POST", "/rest/1/s3cret/"+tt.target, "application/json", body)
				if status == http.StatusGatewayTimeout && answer != page {
					t.Errorf("answer is %q", answer)
				}
				if diff := cmp.Diff([]any{tt.status, tt.executed, tt.took}, []any{status, w.p.Stats().Writes, time.Since(start)}); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestWhatRanBeforeTheCutIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Limits: plan(t, "standard"), Costs: []Cost{{Method: "crm.item.add", Time: 9 * time.Second}}})
		body := `{"cmd":[` + strings.TrimSuffix(strings.Repeat(`"crm.item.add?entityTypeId=2&fields[title]=A",`, 10), ",") + `]}`
		if status, answer := w.send("POST", "/rest/1/s3cret/batch", "application/json", body); status != http.StatusGatewayTimeout {
			t.Errorf("got %d %s", status, answer)
		}
		_, answer := w.send("GET", "/rest/1/s3cret/crm.item.list?entityTypeId=2", "", "")
		if got := jsonField(t, answer, "total"); got != "6" {
			t.Errorf("%s deals, want 6", got)
		}
	})
}

func TestARequestThatTakesTimeLetsOthersRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Costs: []Cost{{Method: "test.echo", Time: 20 * time.Second}}})
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.batch(`{"cmd":["test.echo","test.echo"]}`)
		}()
		time.Sleep(30 * time.Second)
		start := time.Now()
		w.result("user.current", `{}`)
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the other request waited for %s", waited)
		}
		if got := w.p.Stats().Writes; got != 1 {
			t.Errorf("%d commands of the batch ran after 30 s, want 1", got)
		}
		<-done
	})
}

func TestACommandTakesEffectAfterItsCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Costs: []Cost{{Method: "server.time", Time: 20 * time.Second}}})
		got, err := time.Parse(`"`+time.RFC3339+`"`, w.result("server.time", `{}`))
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(time.Now()) {
			t.Errorf("it ran at %s, want %s", got, time.Now())
		}
	})
}

func TestParseCost(t *testing.T) {
	tests := map[string]struct {
		text string
		want Cost
		err  string
	}{
		"seconds":          {"crm.item.update=0.05", Cost{Method: "crm.item.update", Time: 50 * time.Millisecond}, ""},
		"a pattern":        {"crm.*=2", Cost{Method: "crm.*", Time: 2 * time.Second}, ""},
		"rows too":         {"crm.item.batchImport=0.3+0.05", Cost{Method: "crm.item.batchImport", Time: 300 * time.Millisecond, Row: 50 * time.Millisecond}, ""},
		"alike":            {"crm.item.list=0.5+0.5", Cost{Method: "crm.item.list", Time: 500 * time.Millisecond, Row: 500 * time.Millisecond}, ""},
		"rows of nothing":  {"crm.item.update=1+", Cost{}, "a number from 0 to 3600"},
		"three numbers":    {"crm.item.update=1+2+3", Cost{}, "a number from 0 to 3600"},
		"no seconds":       {"crm.item.update", Cost{}, "METHOD=SECONDS"},
		"no method":        {"=1", Cost{}, "METHOD=SECONDS"},
		"a unit":           {"crm.item.update=1s", Cost{}, "a number from 0 to 3600"},
		"less than none":   {"crm.item.update=-1", Cost{}, "a number from 0 to 3600"},
		"no number at all": {"crm.item.update=NaN", Cost{}, "a number from 0 to 3600"},
		"a broken pattern": {"crm.[=1", Cost{Method: "crm.[", Time: time.Second}, "no method or pattern"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCost(tt.text)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
		})
	}
}

func TestOpenRefusesBadRegulations(t *testing.T) {
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"a cost below nothing":     {Config{Costs: []Cost{{Method: "a", Time: -1}}}, "not between 0 and"},
		"a fault":                  {Config{Faults: "explode"}, `unknown kind "explode"`},
		"a secret without an id":   {Config{Application: Application{ClientSecret: "canary"}}, "needs a client id"},
		"an id without a secret":   {Config{Application: Application{ClientID: "local.1"}}, "needs a client secret"},
		"a redirect to a mail box": {Config{Application: Application{ClientID: "local.1", ClientSecret: "canary", RedirectURL: "mailto:a@b.example"}}, "no http or https"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Open(t.Context(), tt.cfg)
			if err == nil {
				p.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := NamedLimits("generous"); err == nil {
		t.Error("an unknown plan has limits")
	}
}
