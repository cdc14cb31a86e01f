package bitrix

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// chainable answers a list by ids that may come as a chain in a batch: what of
// answers one page, given the parameters with the bound that a reference stands for.
func chainable(key string, of func(p Params) string) func(p Params) *http.Response {
	return func(p Params) *http.Response {
		if _, batch := p["cmd"]; !batch {
			return reply(200, of(p))
		}
		last, rows := 0, 0
		return answerEach(p, func(command string) (string, string) {
			_, query, _ := strings.Cut(command, "?")
			q, err := url.ParseQuery(query)
			if err != nil {
				return "", "WRONG_CALL"
			}
			bound, err := strconv.Atoi(q.Get("filter[>" + key + "]"))
			if err != nil { // a reference to the last row of a full page
				if rows < PageSize {
					return "", "INVALID_ARG_VALUE"
				}
				bound = last
			}
			page := of(Params{"filter": map[string]any{">" + key: float64(bound)}})
			page = strings.TrimSuffix(strings.TrimPrefix(page, `{"result":`), "}")
			rows = strings.Count(page, key)
			last = bound + rows
			return page, ""
		})
	}
}

func TestAllPagesOfALargeListComeFiftyToARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answerList(p), nil }}
		got, err := read(t, newClient(t, w), Request{Method: "crm.item.list", Params: Params{"rows": 5000}})
		if diff := cmp.Diff(wantIDs(5000), got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if n := len(w.sent()); n > 5000/2500+2 {
			t.Errorf("%d requests for 5000 rows", n)
		}
	})
}

// Conditions, selection and other parameters reach every page of a chain as they
// are given, whatever the case of their names, and no reader adds to them.
func TestAChainOfPagesKeepsTheCallersWords(t *testing.T) {
	p, err := newPager(Request{Method: "crm.deal.list", Params: Params{
		"FILTER": map[string]any{">id": "70", "%TITLE": "A"}, "SELECT": []any{"TITLE"}, "ORDER": map[string]any{"id": "asc"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	s := p.chained(newClient(t, &wire{}))
	want := Params{"filter": map[string]any{">ID": 70, "%TITLE": "A"}, "SELECT": []any{"TITLE", "ID"}, "order": map[string]any{"ID": "ASC"}, "start": -1}
	if diff := cmp.Diff(want, s.cur.params()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestListsThatAreNotReadByClassicIDsAreNotChained(t *testing.T) {
	for _, r := range []Request{
		{Method: "crm.item.list", Params: Params{"order": map[string]any{"title": "ASC"}}},
		{Method: "user.get"},
		{Method: "tasks.task.list", V3: true},
		{Method: "main.eventlog.tail", V3: true},
	} {
		p, err := newPager(r)
		if err != nil {
			t.Fatal(err)
		}
		if p.chained(newClient(t, &wire{})) != nil {
			t.Errorf("%+v is chained", r)
		}
	}
}
