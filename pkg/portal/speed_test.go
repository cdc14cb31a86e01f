package portal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A traffic sends batches to a portal, as a client that fills them does.
type traffic struct {
	testing.TB
	p *Portal
}

// batch sends commands as one request and returns their results in order.
func (tr traffic) batch(commands []string) []json.RawMessage {
	tr.Helper()
	body, err := json.Marshal(map[string]any{"halt": 0, "cmd": commands})
	if err != nil {
		tr.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, tr.p.WebhookPath()+"batch", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	tr.p.ServeHTTP(w, r)
	var answer struct {
		Result struct {
			Result []json.RawMessage `json:"result"`
			Error  json.RawMessage   `json:"result_error"`
		} `json:"result"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		tr.Fatalf("%v in %.200s", err, w.Body)
	}
	if string(answer.Result.Error) != "[]" || len(answer.Result.Result) != len(commands) {
		tr.Fatalf("%d results of %d commands, errors %.500s", len(answer.Result.Result), len(commands), answer.Result.Error)
	}
	return answer.Result.Result
}

// imports returns the commands that import deals numbered from first on.
func imports(first, count int) []string {
	var commands []string
	for start := first; start < first+count; start += maxImport {
		q := url.Values{"entityTypeId": {"2"}}
		for i := range min(maxImport, first+count-start) {
			for key, value := range map[string]string{
				"title":        fmt.Sprintf("%07d renewal", (start+i)*7_368_787%10_000_000), // in no order
				"originatorId": "b24apply:northwind",
				"originId":     fmt.Sprintf("renewal-%07d", start+i),
				"stageId":      []string{"NEW", "PREPARATION", "EXECUTING", "WON"}[(start+i)%4],
				"categoryId":   "0",
				"opportunity":  strconv.Itoa(100 + (start+i)%5000),
				"currencyId":   "EUR",
				"assignedById": strconv.Itoa(1 + (start+i)%5),
				"companyId":    "1",
				"comments":     "Imported from the price list.",
			} {
				q.Set(fmt.Sprintf("data[%d][%s]", i, key), value)
			}
		}
		commands = append(commands, "crm.item.batchImport?"+q.Encode())
	}
	return commands
}

// lists returns the commands of a batch that reads deals by keyset, from
// places all over the store.
func lists(items int) []string {
	commands := make([]string, batchLimit)
	for i := range commands {
		q := url.Values{
			"entityTypeId": {"2"}, "start": {"-1"}, "order[id]": {"ASC"}, "filter[>id]": {strconv.Itoa(items / batchLimit * i)},
			"select[]": {"id", "title", "stageId", "categoryId", "opportunity", "currencyId", "originId", "originatorId", "assignedById", "companyId"},
		}
		commands[i] = "crm.item.list?" + q.Encode()
	}
	return commands
}

// openTraffic opens a portal of the demo with its data in a file.
func openTraffic(tb testing.TB) traffic {
	tb.Helper()
	p, err := Open(tb.Context(), Config{Data: filepath.Join(tb.TempDir(), "portal.db"), Seed: "demo"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Close() })
	return traffic{tb, p}
}

// itemsOfABatch is what 50 commands of 20 items import.
const itemsOfABatch = batchLimit * maxImport

// fill imports deals, a full batch at a time.
func (tr traffic) fill(items int) {
	tr.Helper()
	for first := 0; first < items; first += itemsOfABatch {
		tr.batch(imports(first, min(itemsOfABatch, items-first)))
	}
}

func BenchmarkBatchOf1000Imports(b *testing.B) {
	tr := openTraffic(b)
	for i := 0; b.Loop(); i++ {
		tr.batch(imports(i*itemsOfABatch, itemsOfABatch))
	}
}

func BenchmarkBatchOf50Lists(b *testing.B) {
	tr := openTraffic(b)
	tr.fill(20_000)
	for b.Loop() {
		tr.batch(lists(20_000))
	}
}

// median runs do some times and returns the median of its durations.
func median(times int, do func(i int)) time.Duration {
	durations := make([]time.Duration, times)
	for i := range durations {
		start := time.Now()
		do(i)
		durations[i] = time.Since(start)
	}
	slices.Sort(durations)
	return durations[times/2]
}

// This runs for minutes and measures the machine as well, so that it only runs
// when asked for, by make bench-portal.
func TestBatchesOverAMillionItemsTakeUnderHalfASecond(t *testing.T) {
	items, err := strconv.Atoi(os.Getenv("B24_PORTAL_ITEMS"))
	if err != nil {
		t.Skip("set B24_PORTAL_ITEMS=1000000 to measure")
	}
	const bound = 500 * time.Millisecond
	tr := openTraffic(t)
	start := time.Now()
	tr.fill(items)
	t.Logf("%d items imported in %v", items, time.Since(start).Round(time.Second))
	measured := map[string]time.Duration{
		"1,000 imports in one request": median(21, func(i int) { tr.batch(imports(items+i*itemsOfABatch, itemsOfABatch)) }),
		"a batch of 50 keyset lists":   median(21, func(int) { tr.batch(lists(items)) }),
	}
	for name, took := range measured {
		t.Logf("%s: median %v", name, took.Round(time.Millisecond))
		if took > bound {
			t.Errorf("%s take %v, want under %v", name, took, bound)
		}
	}
	for _, path := range []string{"/", "/crm/type/2/", "/crm/type/2/?q=nothing+like+it", "/crm/type/2/?sort=title&dir=asc", "/crm/type/4/details/1/"} {
		took := median(5, func(int) {
			w := httptest.NewRecorder()
			tr.p.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil))
			if w.Code != http.StatusOK {
				t.Errorf("GET %s: status %d", path, w.Code)
			}
		})
		t.Logf("GET %s: median %v", path, took.Round(time.Millisecond))
	}
}
