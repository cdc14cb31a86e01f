package bitrix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An account is what a meter has heard of a method, in seconds after noon.
type account struct{ finish, duration, operating, reset float64 }

func hear(m *meter, list ...account) {
	noon := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	at := func(s float64) time.Time { return noon.Add(time.Duration(s * float64(time.Second))) }
	for _, a := range list {
		m.note(Time{Finish: at(a.finish), Duration: time.Duration(a.duration * float64(time.Second)),
			Operating: time.Duration(a.operating * float64(time.Second)), OperatingReset: at(a.reset)}, 0, at(a.finish))
	}
}

func TestAMeterFollowsThePortalsSum(t *testing.T) {
	for _, tc := range []struct {
		name string
		list []account
		want []time.Duration // by basket
	}{
		{"calls of one minute", []account{{1, 1, 1, 600}, {2, 1, 2, 600}}, []time.Duration{2 * time.Second}},
		{"calls of two minutes", []account{{1, 1, 1, 600}, {65, 2, 3, 600}}, []time.Duration{time.Second, 2 * time.Second}},
		{"a call over the minute counts where it began", []account{{70, 20, 20, 650}}, []time.Duration{20 * time.Second}},
		{"what others used", []account{{1, 1, 1, 600}, {2, 1, 12, 600}}, []time.Duration{12 * time.Second}},
		{"the oldest is forgotten", []account{{1, 1, 1, 600}, {65, 2, 3, 600}, {601, 1, 3, 663}}, []time.Duration{2 * time.Second, time.Second}},
		{"forgotten earlier than expected", []account{{1, 1, 9, 300}, {301, 1, 1, 900}}, []time.Duration{time.Second}},
		{"an answer that was overtaken", []account{{3, 2, 4, 600}, {2, 1, 1, 600}}, []time.Duration{4 * time.Second}},
		{"answers of one moment", []account{{3, 2, 4, 600}, {3, 1, 2, 600}}, []time.Duration{4 * time.Second}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := meter{reserved: 2 * time.Second} // for what is in flight meanwhile
			hear(&m, tc.list...)
			var got []time.Duration
			for _, b := range m.baskets {
				got = append(got, b.used)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestAMeterTellsWhenTimeIsFree(t *testing.T) {
	noon := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	var m meter
	hear(&m, account{100, 100, 100, 600}, account{160, 60, 160, 600}, account{240, 80, 240, 600})
	for _, tc := range []struct {
		cost, want time.Duration // from the fifth minute
	}{
		{60 * time.Second, 0},
		{61 * time.Second, 301 * time.Second},  // when the first minute's 100 s end
		{160 * time.Second, 301 * time.Second}, // just as much
		{161 * time.Second, 401 * time.Second}, // with the next minute's 60 s
	} {
		if got := m.wait(tc.cost, 300*time.Second, noon.Add(300*time.Second)); got != tc.want {
			t.Errorf("a cost of %s waits %s, want %s", tc.cost, got, tc.want)
		}
	}
	if got := (&meter{}).wait(time.Hour, time.Second, noon); got != 0 {
		t.Errorf("a single command beyond the budget waits %s", got)
	}
}

func TestAnEstimateRisesAtOnceAndFallsSlowly(t *testing.T) {
	var e estimate
	for _, tc := range []struct{ measured, want time.Duration }{
		{100 * time.Millisecond, 100 * time.Millisecond},
		{time.Second, time.Second},
		{0, 700 * time.Millisecond},
		{0, 490 * time.Millisecond},
		{490 * time.Millisecond, 490 * time.Millisecond},
	} {
		if e.learn(tc.measured, 1); e.of("m") != tc.want {
			t.Errorf("after %s: %s, want %s", tc.measured, e.of("m"), tc.want)
		}
	}
}

func commandsOf(method string, n int) []Command {
	commands := make([]Command, n)
	for i := range commands {
		commands[i].Method = method
	}
	return commands
}

// importsOf are commands that carry some rows each.
func importsOf(n, rows int) []Command {
	commands := commandsOf("crm.item.batchImport", n)
	for i := range commands {
		commands[i].Params = Params{"data": make([]any, rows)}
	}
	return commands
}

// What many rows took together says more of a row than what a few did, whose call costs something
// too; and a request grows by what was measured.
func TestAnEstimateOfRowsGoesByTheLargestMeasurement(t *testing.T) {
	c := newClient(t, &wire{})
	for _, tc := range []struct {
		each  time.Duration
		rows  int
		fits  int
		ramps bool
	}{
		{1500 * time.Millisecond, 1, 8, true},
		{320 * time.Millisecond, 8, 64, true},
		{30 * time.Millisecond, 64, 512, true},
		{25 * time.Millisecond, 512, 1000, false},
		{325 * time.Millisecond, 1, 976, false}, // of which little is the row's
		{time.Second, 1000, 25, false},
	} {
		c.governor.learn(batchImport, tc.each, tc.rows)
		if n, ramps := c.RowsFit("crm.item.batchImport"); ramps != tc.ramps || n < tc.fits-40 || n > tc.fits+40 {
			t.Errorf("after %d rows of %s: %d fit (%t), want about %d (%t)", tc.rows, tc.each, n, ramps, tc.fits, tc.ramps)
		}
	}
	if n, ramps := newClient(t, &wire{}).RowsFit("crm.item.batchImport"); n != 1 || !ramps {
		t.Errorf("%d rows before any was measured (%t)", n, ramps)
	}
}

func TestBatchSizeKeepsARequestUnder25Seconds(t *testing.T) {
	for _, tc := range []struct {
		name     string
		budget   int
		cost     time.Duration // 0: not measured
		commands []Command
		want     int
	}{
		{"none", 0, 0, nil, 0},
		{"few", 0, 0, commandsOf("m.add", 7), 7},
		{"not measured", 0, 0, commandsOf("m.add", 60), 50},
		{"an import, not measured", 0, 0, commandsOf("crm.item.batchImport", 50), 20},
		{"imports of many rows, not measured", 0, 0, importsOf(50, 20), 1},
		{"cheap", 0, 10 * time.Millisecond, commandsOf("m.add", 60), 50},
		{"slow", 0, 2 * time.Second, commandsOf("M.add", 50), 12},
		{"too slow for any", 0, time.Minute, commandsOf("m.add", 50), 1},
		{"slow among others", 0, 10 * time.Second, append(commandsOf("m.list", 10), commandsOf("m.add", 10)...), 12},
		{"of a small budget", 10, time.Second, commandsOf("m.add", 50), 4},
	} {
		c := newClient(t, &wire{}, func(cfg *Config) { cfg.Budget = tc.budget })
		if tc.cost > 0 {
			c.governor.learn("m.add", tc.cost, 1)
		}
		if got := c.BatchSize(tc.commands); got != tc.want {
			t.Errorf("%s: got %d, want %d", tc.name, got, tc.want)
		}
	}
}

// A batch that is too long for one request goes in several; one that fails as a
// whole takes no other's outcomes with it.
func TestALongBatchIsSplitAndItsPartsFailAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
			if n == 2 {
				return reply(502, html), nil
			}
			return answerEach(p, func(string) (string, string) { return "1", "" }), nil
		}}
		c := newClient(t, w)
		c.governor.learn("m.add", 12*time.Second, 1)
		got, err := c.Batch(t.Context(), commandsOf("m.add", 5))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1", "1", "unknown", "unknown", "1"}, outcomeTexts(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// A request that was cut off after a minute had too many commands. Where it may be
// repeated it is, in parts; an add or an update is handed back.
func TestABatchThatWasCutOffIsRepeatedInParts(t *testing.T) {
	for method, want := range map[string]string{"m.get": "1", "m.delete": "1", "m.update": "unknown", "m.add": "unknown"} {
		t.Run(method, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sizes []int
				w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
					sizes = append(sizes, len(p["cmd"].(map[string]any)))
					if n == 1 {
						time.Sleep(time.Minute)
						return reply(504, html), nil
					}
					return answerEach(p, func(string) (string, string) { return "1", "" }), nil
				}}
				outcomes, err := newClient(t, w).Batch(t.Context(), commandsOf(method, 40))
				if want == "unknown" {
					if kind(err) != "unknown" || len(sizes) != 1 {
						t.Errorf("got %v after %v", err, sizes)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, got := range outcomeTexts(outcomes) {
					if got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
				if diff := cmp.Diff([]int{40, 8, 8, 8, 8, 8}, sizes); diff != "" {
					t.Errorf("commands per request -want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestRequestsInFlightAreBounded(t *testing.T) {
	for configured, want := range map[int]int{0: DefaultConcurrency, 1: 1, 3: 3} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var now, most int
			c := newClient(t, &wire{}, func(cfg *Config) { cfg.Plan, cfg.Concurrency = "box", configured })
			c.transport = roundTrip(func(*http.Request) (*http.Response, error) {
				mu.Lock()
				now++
				most = max(most, now)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				now--
				mu.Unlock()
				return reply(200, `{"result":1}`), nil
			})
			callMany(t, c, 30)
			if most != want {
				t.Errorf("%d configured: %d in flight, want %d", configured, most, want)
			}
		})
	}
}

func TestThePlanIsLearnedFromTheLicence(t *testing.T) {
	for _, tc := range []struct {
		answer, plan string
		threshold    int
		fails        bool
	}{
		{`{"result":{"SCOPE":["crm"],"LICENSE":"de_ent250"}}`, "enterprise", 250, false},
		{`{"result":{"LICENSE":"x","LICENSE_FAMILY":"ent"}}`, "enterprise", 250, false},
		{`{"result":{"LICENSE":"de_pro100"}}`, "standard", 50, false},
		{`{"result":{"LICENSE":"entertainment_basic"}}`, "standard", 50, false},
		{`{"result":{"LICENSE":"ua_selfhosted"}}`, "box", 0, false},
		{`{"result":{"SCOPE":["crm"]}}`, "standard", 50, true},
		{`{"result":[]}`, "standard", 50, true},
		{`{"error":"ACCESS_DENIED","error_description":"Access denied! Application context required"}`, "standard", 50, true},
	} {
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, tc.answer), nil }}
		c := newClient(t, w, func(cfg *Config) { cfg.Plan = "auto" })
		plan, err := c.LearnPlan(t.Context())
		if plan != tc.plan || (err != nil) != tc.fails || c.Limits().Threshold != tc.threshold || c.Limits().Plan != tc.plan {
			t.Errorf("%s: got %s, %v, %+v", tc.answer, plan, err, c.Limits())
		}
	}
}

func TestLicencesTellThePlan(t *testing.T) {
	for licence, want := range map[string]string{
		"de_pro100": "standard", "ru_basic": "standard", "de_ent250": "enterprise", "en_ent10000": "enterprise",
		"ua_selfhosted": "box", "": "", "de_": "", "pro": "",
	} {
		if got := LicencePlan(licence); got != want {
			t.Errorf("%q tells %q, want %q", licence, got, want)
		}
	}
}

func TestLimitsTellWhatWasSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, method string, _ Params) (*http.Response, error) {
			if method == "m.busy" && n == 2 {
				return refuse(429, "OPERATION_TIME_LIMIT"), nil
			}
			now := float64(time.Now().UnixMilli()) / 1000
			return reply(200, fmt.Sprintf(`{"result":1,"time":{"finish":%f,"duration":0.5,"operating":300,"operating_reset_at":%f}}`, now, now+600)), nil
		}}
		c := newClient(t, w, func(cfg *Config) { cfg.Budget = 80 })
		if _, err := c.Call(t.Context(), "M.Busy", nil); err != nil {
			t.Fatal(err)
		}
		if _, err := c.TryCall(t.Context(), "m.busy", nil); !IsRateLimit(err) || !strings.Contains(err.Error(), "it has time again at") {
			t.Errorf("got %v", err)
		}
		got := c.Limits()
		parked := got.Methods[0].Parked
		if wait := time.Until(parked); wait < 10*time.Minute || wait > 10*time.Minute+2*time.Second {
			t.Errorf("parked for %s", wait)
		}
		got.Methods[0].Parked = time.Time{}
		want := Limits{Plan: "standard", PerSecond: 2, Threshold: 50, Pace: 1, Budget: 80, Methods: []MethodLimit{
			{Method: "m.busy", Used: 300 * time.Second, Limit: 300 * time.Second, Command: 500 * time.Millisecond, Refused: 1},
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestTextThatIsNotUTF8IsRefused(t *testing.T) {
	type row struct{ Title string }
	for _, tc := range []struct {
		params Params
		want   string // in the error, "" for none
	}{
		{Params{"fields": map[string]any{"title": "M\xfcller"}}, "fields[title]"},
		{Params{"list": []any{"a", []string{"b", "\xff"}}}, "list[1][1]"},
		{Params{"row": &row{"\xff"}}, "row[Title]"},
		{Params{"a": map[string]any{"k\xff": 1}}, `name "k\xff"`},
		{Params{"\xff": 1}, `name "\xff"`},
		{Params{"raw": json.RawMessage("\"\xff\"")}, "UTF-8"},
		{Params{"fields": map[string]any{"title": "Müller \ufffd 🎉", "text": `\ufffd`}}, ""},
		{Params{"raw": json.RawMessage(`"\ufffd"`)}, ""},
		{nil, ""},
	} {
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":1}`), nil }}
		_, err := newClient(t, w).Call(t.Context(), "m.add", tc.params)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%v: got %v", tc.params, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want) || len(w.sent()) != 0):
			t.Errorf("%v: got %v after %d requests, want %q", tc.params, err, len(w.sent()), tc.want)
		}
	}
}

// The portal's clock is set back by an hour. A minute later its answers count again.
func TestAMeterFollowsAClockThatIsSetBack(t *testing.T) {
	noon := time.Date(2026, 5, 14, 12, 0, 0, 0, time.UTC)
	var m meter
	tell := func(now, shift time.Duration, operating time.Duration) {
		finish := noon.Add(now + shift)
		m.note(Time{Finish: finish, Operating: operating, OperatingReset: finish.Add(budgetWindow)}, shift, noon.Add(now))
	}
	tell(0, 0, 100*time.Second)
	tell(time.Minute, -time.Hour, 110*time.Second)
	tell(time.Minute+time.Second, -time.Hour, 120*time.Second)
	if got := m.used(time.Time{}); got != 120*time.Second || m.shift != -time.Hour {
		t.Errorf("used %s, shifted by %s", got, m.shift)
	}
}
