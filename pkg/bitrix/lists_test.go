package bitrix

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListsPackFiftyToARequestAndContinueFullOnes(t *testing.T) {
	sizes := []int{0, 49, 50, 51, 100, 120}
	for len(sizes) < 60 {
		sizes = append(sizes, 1)
	}
	var ls []List
	for _, n := range sizes {
		ls = append(ls, List{Method: "crm.item.list", Params: Params{"rows": n, "select": []string{"title"}}, Items: "items"})
	}
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
	got, err := newClient(t, w).Lists(t.Context(), ls)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range sizes {
		if diff := cmp.Diff(wantIDs(n), ids(t, got[i])); diff != "" {
			t.Errorf("list %d of %d rows: -want +got:\n%s", i, n, diff)
		}
	}
	// 60 first pages and 6 later ones: 50, then the 10 left with 4 second pages, then 2 third pages.
	var packed []int
	for _, call := range w.sent() {
		packed = append(packed, len(call.Params["cmd"].(map[string]any)))
	}
	if diff := cmp.Diff([]int{50, 14, 2}, packed); diff != "" {
		t.Errorf("commands per request -want +got:\n%s", diff)
	}
}

func TestListThatABatchCannotCarryIsReadByItself(t *testing.T) {
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
	got, err := newClient(t, w).Lists(t.Context(), []List{
		{Method: "crm.item.list", Params: Params{"rows": 2, "filter": map[string]any{"=title": "<b>"}}, Items: "items"},
		{Method: "crm.item.list", Params: Params{"rows": 3}, Items: "items"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([][]int{wantIDs(2), wantIDs(3)}, [][]int{ids(t, got[0]), ids(t, got[1])}); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if calls := w.sent(); len(calls) != 2 || calls[0].Method != "crm.item.list" || calls[1].Method != "batch" {
		t.Errorf("sent %v", calls)
	}
}

func TestListsNameTheMethodThatFails(t *testing.T) {
	for name, answer := range map[string]string{
		"refused":  `{"result":{"c00":[]},"result_error":{"c01":{"error":"ACCESS_DENIED"}}}`,
		"left out": `{"result":{"c00":[]},"result_error":[]}`,
		"odd":      `{"result":{"c00":[],"c01":{"x":1}},"result_error":[]}`,
	} {
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":`+answer+`}`), nil }}
		_, err := newClient(t, w).Lists(t.Context(), []List{{Method: "crm.item.list", Items: "items"}, {Method: "crm.status.list"}})
		if err == nil || strings.Count(err.Error(), "crm.status.list") != 1 {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNoListsNeedNoRequest(t *testing.T) {
	w := &wire{}
	if got, err := newClient(t, w).Lists(t.Context(), nil); err != nil || len(got) != 0 || len(w.sent()) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}
