package bitrix_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

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
					command = updateOf(c.addDeal())
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
