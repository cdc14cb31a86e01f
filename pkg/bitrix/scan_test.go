package bitrix

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A table is a list method over rows 1 to its number; ids have gaps.
type table int

const gap = 3 // id of row n is n*gap

// page answers a list call like the portal: rows after the bound, by id, 50 at
// most, without counting.
func (n table) page(after int, descending bool) string { return n.pageOf(PageSize, after, descending) }

// pageOf answers with at most size rows.
func (n table) pageOf(size, after int, descending bool) string {
	rows := []string{}
	for i := after/gap + 1; i <= int(n) && len(rows) < size; i++ {
		id := i * gap
		if descending {
			id = (int(n) - len(rows)) * gap
		}
		rows = append(rows, fmt.Sprintf(`{"id":%d,"title":"<b>"}`, id))
	}
	return `{"items":[` + strings.Join(rows, ",") + `]}`
}

// answerList answers a call, or the commands of a batch whose parameter rows is the
// size of the table.
func answerList(p Params) *http.Response {
	if _, batch := p["cmd"]; batch {
		return answerChain(p)
	}
	order, _ := p["order"].(map[string]any)
	filter, _ := p["filter"].(map[string]any)
	after, _ := filter[">id"].(float64)
	rows, _ := p["rows"].(float64)
	if p["start"] != -1.0 || order["id"] == nil {
		return refuse(400, "WRONG_CALL")
	}
	return reply(200, `{"result":`+table(rows).page(int(after), order["id"] == "DESC")+`}`)
}

// answerChain answers a batch whose commands may refer to the last row of the
// page before. What a missing row gives is no number, which the portal refuses.
func answerChain(p Params) *http.Response {
	last := map[string]string{}
	halted := false
	n := 0
	return answerEach(p, func(command string) (string, string) {
		key := batchKey(n)
		n++
		method, query, _ := strings.Cut(command, "?")
		q, err := url.ParseQuery(query)
		if err != nil || method != "crm.item.list" || q.Get("start") != "-1" || q.Get("order[id]") != "ASC" {
			return "", "WRONG_CALL"
		}
		bound := q.Get("filter[>id]")
		if name, ok := strings.CutPrefix(bound, "$result["); ok {
			bound = last[strings.TrimSuffix(name, "][items][49][id]")]
		}
		after, err := strconv.Atoi(bound)
		if halted = halted || err != nil; halted {
			return "", "INVALID_ARG_VALUE"
		}
		rows, _ := strconv.Atoi(q.Get("rows"))
		page := table(rows).page(after, false)
		var list struct{ Items []struct{ ID int } }
		if json.Unmarshal([]byte(page), &list) == nil && len(list.Items) == PageSize {
			last[key] = strconv.Itoa(list.Items[PageSize-1].ID)
		}
		return page, ""
	})
}

func ids(t *testing.T, rows []json.RawMessage) []int {
	t.Helper()
	var ids []int
	for _, row := range rows {
		var r struct{ ID int }
		if err := json.Unmarshal(row, &r); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, r.ID)
	}
	return ids
}

func wantIDs(n int) []int {
	var ids []int
	for i := 1; i <= n; i++ {
		ids = append(ids, i*gap)
	}
	return ids
}

func TestScanReadsEveryRowOnce(t *testing.T) {
	for rows, requests := range map[int]int{0: 1, 49: 2, 50: 2, 51: 3, 100: 2, 5000: 4} {
		t.Run(strconv.Itoa(rows), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
				var got []json.RawMessage
				for row, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: Params{"rows": rows}, Items: "items"}) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, row)
				}
				if diff := cmp.Diff(wantIDs(rows), ids(t, got)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if len(w.sent()) != requests {
					t.Errorf("%d requests, want %d", len(w.sent()), requests)
				}
			})
		})
	}
}

// A page in the middle of a chain is damaged once: it has a row twice. It is read
// again from where the page before ended.
func TestDamagedPageOfAChainIsReadAgain(t *testing.T) {
	damaged := 0
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
		res := answerList(p)
		if _, batch := p["cmd"]; !batch || damaged > 0 {
			return res, nil
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		damaged++ // row 130 is in the second page of the chain
		twice := strings.Replace(string(body), `{"id":390,`, `{"id":387,`, 1)
		return reply(200, twice), nil
	}}
	var got []json.RawMessage
	for row, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: Params{"rows": 300}, Items: "items"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(wantIDs(300), ids(t, got)); diff != "" || damaged != 1 {
		t.Errorf("damaged %d times; -want +got:\n%s", damaged, diff)
	}
}

// The promise of design: reading takes at most ⌈N/2500⌉ + 20 requests.
func TestScanOfFortyThousandRowsKeepsThePromise(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows = 40_000
		w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
		n := 0
		for _, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: Params{"rows": rows}, Items: "items"}) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if sent := len(w.sent()); n != rows || sent > rows/2500+20 {
			t.Errorf("%d rows by %d requests", n, sent)
		}
	})
}

// Memory is bounded by what is ahead of a slow reader: the answer that it is
// reading and the next one.
func TestScanIsOneRequestAheadOfItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
		n := 0
		for _, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: Params{"rows": 50_000}, Items: "items"}) {
			if err != nil {
				t.Fatal(err)
			}
			switch n++; n {
			case 1, 51:
				time.Sleep(time.Hour)
				if sent := len(w.sent()); sent != 1+2*(n/51) {
					t.Errorf("%d requests when row %d was read", sent, n)
				}
			case 52:
				return
			}
		}
	})
}

// The keys never end, so that only what is asked ahead is read.
func TestLookUpReadsItsKeysAsItGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
			return answerEach(p, func(string) (string, string) { return `{"items":[{"id":1,"title":"k"}]}`, "" }), nil
		}}
		asked := 0
		endless := func(yield func(string) bool) {
			for yield("k") {
				asked++
			}
		}
		n := 0
		for _, err := range newClient(t, w).LookUp(t.Context(), List{Method: "crm.item.list", Items: "items"}, "title", endless) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 60 {
				break
			}
		}
		if most := (streamWindow + 2) * MaxBatch * KeysPerList; asked > most {
			t.Errorf("%d keys were read for %d rows", asked, n)
		}
	})
}

// A portal that hides rows after it has cut the page answers with short pages.
func TestShortPageIsNoEnd(t *testing.T) {
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
		if _, batch := p["cmd"]; batch {
			return refuse(400, "NOT_HERE"), nil
		}
		after, _ := p["filter"].(map[string]any)[">id"].(float64)
		descending := p["order"].(map[string]any)["id"] == "DESC"
		return reply(200, `{"result":`+table(200).pageOf(30, int(after), descending)+`}`), nil
	}}
	var got []json.RawMessage
	for row, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Items: "items"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if diff := cmp.Diff(wantIDs(200), ids(t, got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Lists goes on where the portal itself says that there is more.
func TestTotalThatContradictsAShortPageIsFollowed(t *testing.T) {
	for _, more := range []string{`"result_total":{"c00":40}`, `"result_next":{"c00":50}`} {
		w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
			if n == 1 {
				return reply(200, `{"result":{"result":{"c00":{"items":[{"id":1}]}},`+more+`}}`), nil
			}
			return answerEach(p, func(string) (string, string) { return `{"items":[{"id":2}]}`, "" }), nil
		}}
		got, err := newClient(t, w).Lists(t.Context(), []List{{Method: "crm.item.list", Items: "items"}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{1, 2}, ids(t, got[0])); diff != "" {
			t.Errorf("%s: -want +got:\n%s", more, diff)
		}
	}
}

func TestRowsUnderNumbersKeepTheirOrder(t *testing.T) {
	w := &wire{answer: func(int, string, Params) (*http.Response, error) {
		return reply(200, `{"result":{"result":{"c00":{"items":{"1":{"id":4},"0":{"id":9},"17":{"id":12}}}}}}`), nil
	}}
	got, err := newClient(t, w).Lists(t.Context(), []List{{Method: "crm.item.list", Items: "items"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{4, 9, 12}, ids(t, got[0])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestScanEndsWhenItsReaderStops(t *testing.T) {
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
	for range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: Params{"rows": 500}, Items: "items"}) {
		break
	}
	if len(w.sent()) != 1 {
		t.Errorf("%d requests", len(w.sent()))
	}
}

func TestScanAsksForWhatItWasGivenAndTheID(t *testing.T) {
	given := map[string]any{"=title": "x"}
	for _, tc := range []struct {
		name         string
		params, want Params
	}{
		{"nothing", nil, Params{"filter": map[string]any{">id": 0.0}}},
		{"select without id", Params{"select": []string{"title"}}, Params{"select": []any{"title", "id"}, "filter": map[string]any{">id": 0.0}}},
		{"select with id", Params{"select": []any{"id", "title"}}, Params{"select": []any{"id", "title"}, "filter": map[string]any{">id": 0.0}}},
		{"select of all", Params{"select": []any{"*", "uf*"}}, Params{"select": []any{"*", "uf*"}, "filter": map[string]any{">id": 0.0}}},
		{"empty select", Params{"select": []string{}}, Params{"filter": map[string]any{">id": 0.0}}},
		{"filter", Params{"filter": given}, Params{"filter": map[string]any{"=title": "x", ">id": 0.0}}},
		{"lower bound", Params{"filter": map[string]any{">id": "500", "<=id": 600}}, Params{"filter": map[string]any{">id": 500.0, "<=id": 600.0}}},
		{"lower bound in the other case", Params{"filter": map[string]any{">ID": 500}}, Params{"filter": map[string]any{">id": 500.0}}},
		{"alternatives", Params{"filter": map[string]any{"logic": "OR", "0": given}},
			Params{"filter": map[string]any{"0": map[string]any{"logic": "OR", "0": map[string]any{"=title": "x"}}, ">id": 0.0}}},
		{"own order", Params{"order": map[string]any{"title": "DESC"}, "start": 50}, Params{"filter": map[string]any{">id": 0.0}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want["order"], tc.want["start"] = map[string]any{"id": "ASC"}, -1.0
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":[]}`), nil }}
			for _, err := range newClient(t, w).Scan(t.Context(), List{Method: "crm.item.list", Params: tc.params, Items: "items"}) {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]sentCall{{"crm.item.list", tc.want}}, w.sent()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if diff := cmp.Diff(map[string]any{"=title": "x"}, given); diff != "" {
		t.Errorf("the caller's filter was changed:\n%s", diff)
	}
}

func TestListThatCannotBeReadWholeFails(t *testing.T) {
	for _, tc := range []struct {
		name   string
		params Params
		result string
		want   string
	}{
		{"ids fall", nil, `{"items":[{"id":5},{"id":4}]}`, "ids do not rise: 4 follows 5"},
		{"ids repeat", nil, `{"items":[{"id":5},{"id":5}]}`, "ids do not rise"},
		{"below the bound", Params{"filter": map[string]any{">id": 9}}, `{"items":[{"id":5}]}`, "ids do not rise: 5 follows 9"},
		{"no id", nil, `{"items":[{"title":"x"}]}`, "has no id"},
		{"row is no object", nil, `{"items":[7]}`, "has no id"},
		{"other key", nil, `{"types":[]}`, `no list of rows in "items"`},
		{"null", nil, `null`, `no object with "items"`},
		{"items null", nil, `{"items":null}`, `no list of rows in "items"`},
		{"items by name", nil, `{"items":{"a":{"id":1}}}`, `no list of rows in "items"`},
		{"other row", Params{"filter": map[string]any{"=title": "x"}}, `{"items":[{"id":1,"title":"y"}]}`, `row 1: it does not fit the filter "=title"`},
		{"hidden field", Params{"filter": map[string]any{"=title": "x"}}, `{"items":[{"id":1}]}`, "row 1: it does not show title"},
		{"beyond the upper bound", Params{"filter": map[string]any{"<=id": 9}}, `{"items":[{"id":10}]}`, `does not fit the filter "<=id"`},
		{"items no list", nil, `{"items":7}`, `no list of rows in "items"`},
		{"rows without key", nil, `[{"id":1}]`, `no object with "items"`},
		{"odd filter", Params{"filter": []any{1}}, "", "filter must be a map"},
		{"odd select", Params{"select": "id"}, "", "select must be a list"},
		{"odd bound", Params{"filter": map[string]any{">id": "x"}}, "", "whole number"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":`+tc.result+`}`), nil }}
			l := List{Method: "crm.item.list", Params: tc.params, Items: "items"}
			var got []error
			for _, err := range newClient(t, w).Scan(t.Context(), l) {
				if err != nil {
					got = append(got, err)
				}
			}
			if len(got) != 1 || !strings.Contains(got[0].Error(), tc.want) || !strings.Contains(got[0].Error(), "crm.item.list") {
				t.Errorf("got %v, want one with %q", got, tc.want)
			}
		})
	}
}

func TestScanReadsIDsAsTextAndBareLists(t *testing.T) {
	w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
		if n > 1 {
			return reply(200, `{"result":[]}`), nil
		}
		return reply(200, `{"result":[{"ID":"4"},{"ID":"15"}]}`), nil
	}}
	var got []string
	for row, err := range newClient(t, w).Scan(t.Context(), List{Method: "x.list"}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(row))
	}
	if diff := cmp.Diff([]string{`{"ID":"4"}`, `{"ID":"15"}`}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
