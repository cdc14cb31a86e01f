package bitrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"
)

// costRows is how many rows the answers of these tests hold: 50 lists of 49.
const costRows = MaxBatch * KeysPerList

// A replayer gives one answer to every request.
type replayer struct{ body []byte }

func (r replayer) RoundTrip(req *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, req.Body)
	return &http.Response{StatusCode: 200, Header: http.Header{}, ContentLength: int64(len(r.body)), Body: io.NopCloser(bytes.NewReader(r.body))}, nil
}

// dealLists are lists that look deals up by their keys, and what the portal answers.
func dealLists() ([]List, replayer) {
	var lists []List
	var body bytes.Buffer
	body.WriteString(`{"result":{"result":{`)
	for l := range MaxBatch {
		var keys []any
		fmt.Fprintf(&body, `%s"c%02d":{"items":[`, comma(l), l)
		for k := range KeysPerList {
			id := l*KeysPerList + k + 1
			key := fmt.Sprintf("deal-%06d", id)
			keys = append(keys, key)
			fmt.Fprintf(&body, `%s{"id":%d,"title":"Renewal of contract %d","opportunity":%d.5,"currencyId":"EUR","stageId":"C3:NEW","categoryId":3,`+
				`"companyId":%d,"contactIds":[%d,%d],"assignedById":1,"begindate":"2025-03-01T03:00:00+03:00","closedate":"2025-06-01T03:00:00+03:00",`+
				`"comments":"","isManualOpportunity":"N","originatorId":"b24apply:shop","originId":"%s","ufCrm_1700000000":"A-7"}`, comma(k), id, id, id, id+7, id, id+1, key)
		}
		body.WriteString(`]}`)
		lists = append(lists, List{Method: "crm.item.list", Items: "items", Params: Params{"entityTypeId": 2,
			"select": []string{"id", "title"}, "filter": map[string]any{"@originId": keys, "=originatorId": "b24apply:shop"}}})
	}
	body.WriteString(`},"result_error":[],"result_total":[],"result_next":[],"result_time":{`)
	for l := range MaxBatch {
		fmt.Fprintf(&body, `%s"c%02d":{"start":1700000000.1,"finish":1700000000.2,"duration":0.1,"processing":0.09,"date_start":"2025-01-01T00:00:00+00:00","operating":0.5,"operating_reset_at":1700000600}`, comma(l), l)
	}
	body.WriteString(`}},"time":{"start":1700000000.1,"finish":1700000001.2,"duration":1.1,"processing":1,"operating":0}}`)
	return lists, replayer{body.Bytes()}
}

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ","
}

func replaying(t testing.TB, r replayer) *Client {
	c, err := New(Config{Webhook: "https://acme.example/rest/1/" + canary + "/", Transport: r, Plan: "box"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A request of 50 lists and its answer of 2,450 rows.
func BenchmarkLists(b *testing.B) {
	lists, r := dealLists()
	c := replaying(b, r)
	b.ReportAllocs()
	b.SetBytes(int64(len(r.body)))
	for b.Loop() {
		got, err := c.Lists(b.Context(), lists)
		if err != nil || len(got[49]) != KeysPerList {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/costRows, "ns/row")
}

// lookUp reads blocks of the rows that the keys of n requests have found, and picks
// columns of them.
func lookUp(t testing.TB, c *Client, n int) (found int) {
	columns := NewColumns("id", "title", "opportunity", "originId", "companyId")
	var picked []json.RawMessage
	keys := func(yield func(string) bool) {
		for range n {
			for i := range costRows {
				if !yield(dealKeys[i]) {
					return
				}
			}
		}
	}
	list := List{Method: "crm.item.list", Items: "items", Params: Params{"entityTypeId": 2,
		"select": []string{"id", "title"}, "filter": map[string]any{"=originatorId": "b24apply:shop"}}}
	for block, err := range c.LookUp(t.Context(), list, "originId", keys) {
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range block.Rows {
			picked = columns.Pick(row, picked)
			if key, _ := PlainText(picked[3]); string(key) != block.Keys[i] {
				t.Fatalf("found %s for %s", picked[3], block.Keys[i])
			}
			found++
		}
	}
	return found
}

var dealKeys = func() (keys []string) {
	for i := range costRows {
		keys = append(keys, fmt.Sprintf("deal-%06d", i+1))
	}
	return keys
}()

func BenchmarkLookUp(b *testing.B) {
	_, r := dealLists()
	c := replaying(b, r)
	b.ReportAllocs()
	for b.Loop() {
		if lookUp(b, c, 4) != 4*costRows {
			b.Fatal("not all rows were found")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4/costRows, "ns/row")
}

// What a row costs must not creep back: each was decoded 6 to 8 times, which took 99
// allocations and 13 KB.
func TestARowCostsLittle(t *testing.T) {
	_, r := dealLists()
	c := replaying(t, r)
	const requests = 8
	lookUp(t, c, requests) // takes the memory that is used again
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if found := lookUp(t, c, requests); found != requests*costRows {
		t.Fatalf("found %d rows", found)
	}
	runtime.ReadMemStats(&after)
	rows := float64(requests * costRows)
	allocations, size := float64(after.Mallocs-before.Mallocs)/rows, float64(after.TotalAlloc-before.TotalAlloc)/rows
	t.Logf("a row costs %.2f allocations and %.0f bytes", allocations, size)
	if allocations > 2.5 || size > 2500 {
		t.Errorf("a row costs %.2f allocations and %.0f bytes; want at most 2.5 and 2500", allocations, size)
	}
}
