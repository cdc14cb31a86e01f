package bitrix

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rowsFrom writes rows with the ids after from, at most n, up to last.
func rowsFrom(key string, from, n, last int) string {
	var rows []string
	for id := from + 1; id <= last && len(rows) < n; id++ {
		rows = append(rows, fmt.Sprintf(`{%q:%d}`, key, id))
	}
	return "[" + strings.Join(rows, ",") + "]"
}

// at finds a number inside of parameters, or 0.
func at(params any, path ...string) int {
	for _, key := range path {
		switch p := params.(type) {
		case map[string]any:
			params = p[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(p) {
				return 0
			}
			params = p[i]
		}
	}
	f, _ := params.(float64)
	return int(f)
}

// read reads a list whole: the ids of its rows, and the error at its end.
func read(t *testing.T, c *Client, r Request) (ids []int, err error) {
	t.Helper()
	for row, err := range c.Pages(t.Context(), r) {
		if err != nil {
			if row != nil {
				t.Errorf("an error comes with the row %s", row)
			}
			return ids, err
		}
		id, _ := strconv.Atoi(rowIDText(mustRow(t, string(row))))
		ids = append(ids, id)
	}
	return ids, nil
}

func upTo(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i + 1
	}
	return ids
}

// A listMethod is one with 120 rows and a way of its own to give them.
type listMethod struct {
	name     string
	request  Request
	answer   func(p Params) string
	requests int
}

var listings = []listMethod{
	{"ids", Request{Method: "crm.item.list", Params: Params{"entityTypeId": 2, "select": []any{"title"}}}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "filter", ">id"), 50, 120) + `}}`
	}, 3},
	{"ids in upper case", Request{Method: "CRM.Deal.List"}, func(p Params) string {
		return `{"result":` + rowsFrom("ID", at(p, "filter", ">ID"), 50, 120) + `}`
	}, 3},
	{"start and next", Request{Method: "user.get"}, func(p Params) string {
		start := at(p, "start")
		next := ""
		if start+50 < 120 {
			next = fmt.Sprintf(`,"next":%d`, start+50)
		}
		return `{"result":` + rowsFrom("ID", start, 50, 120) + next + `,"total":120}`
	}, 3},
	{"rows in an object", Request{Method: "tasks.task.list"}, func(p Params) string {
		start := at(p, "start")
		return `{"result":{"tasks":` + rowsFrom("id", start, 50, 120) + `},"total":120,"next":` + strconv.Itoa(start+50) + `}`
	}, 4}, // next is always there
	{"a total and no next", Request{Method: "some.list"}, func(p Params) string {
		return `{"result":` + rowsFrom("id", at(p, "start"), 50, 120) + `,"total":120}`
	}, 3},
	{"neither total nor next", Request{Method: "some.list"}, func(p Params) string {
		return `{"result":` + rowsFrom("id", at(p, "start"), 50, 120) + `}`
	}, 3},
	{"an order of one's own", Request{Method: "crm.item.list", Params: Params{"order": map[string]any{"title": "ASC"}}}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "start"), 50, 120) + `},"total":120}`
	}, 3},
	{"v3 ids", Request{Method: "tasks.task.list", V3: true}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "filter", "0", "2"), at(p, "pagination", "limit"), 120) + `}}`
	}, 3},
	{"v3 offsets", Request{Method: "humanresources.node.list", V3: true}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "pagination", "offset"), 50, 120) + `}}`
	}, 4},
	{"v3 offsets with a smaller page than asked for", Request{Method: "mail.message.list", Params: Params{"pagination": map[string]any{"limit": 100}}, V3: true}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "pagination", "offset"), 25, 120) + `}}`
	}, 6},
	{"v3 bookmark", Request{Method: "call.followup.list", V3: true}, func(p Params) string {
		from := at(p, "pagination", "afterCursor", "id")
		return fmt.Sprintf(`{"result":{"items":%s,"hasMore":%v,"afterCursor":{"id":%d}}}`, rowsFrom("id", from, 50, 120), from+50 < 120, from+50)
	}, 3},
	{"v3 tail", Request{Method: "main.eventlog.tail", V3: true}, func(p Params) string {
		return `{"result":{"items":` + rowsFrom("id", at(p, "cursor", "value"), at(p, "cursor", "limit"), 120) + `}}`
	}, 3},
}

func TestEveryWayToPageGivesEveryRowOnce(t *testing.T) {
	for _, tt := range listings {
		t.Run(tt.name, func(t *testing.T) {
			key := pagingOf(tt.request.Method, tt.request.V3).id
			answer := chainable(key, tt.answer)
			w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) { return answer(p), nil }}
			before, err := json.Marshal(tt.request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := read(t, newClient(t, w), tt.request)
			if diff := cmp.Diff(upTo(120), got); err != nil || diff != "" {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if len(w.sent()) != tt.requests {
				t.Errorf("%d requests, want %d", len(w.sent()), tt.requests)
			}
			if after, _ := json.Marshal(tt.request); string(after) != string(before) {
				t.Errorf("the caller's parameters became %s", after)
			}
		})
	}
}

func TestWhatIsNoListIsOneRow(t *testing.T) {
	for method, result := range map[string]string{
		"profile":         `{"ID":"1"}`,
		"crm.deal.get":    `{"ID":"1","TAGS":["a","b"]}`,
		"server.time":     `"2026-08-21T10:00:00+03:00"`,
		"user.admin":      `true`,
		"crm.deal.fields": `{"ID":{"type":"integer"}}`,
		"crm.type.update": `null`,
	} {
		w := &wire{dead: true, answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":`+result+`}`), nil }}
		var got []string
		for row, err := range newClient(t, w).Pages(t.Context(), Request{Method: method}) {
			got = append(got, fmt.Sprint(string(row), err))
		}
		if diff := cmp.Diff([]string{result + "<nil>"}, got); diff != "" || len(w.sent()) != 1 {
			t.Errorf("%s: %d requests (-want +got):\n%s", method, len(w.sent()), diff)
		}
	}
}

// A list of exactly one page may be all, or the method may not page: the next page
// tells.
func TestAFullPageIsNotTakenForAllUntilItIsAskedFor(t *testing.T) {
	for name, second := range map[string]string{"empty": `[]`, "the same again": rowsFrom("id", 0, 50, 50)} {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			if n == 1 {
				return reply(200, `{"result":`+rowsFrom("id", 0, 50, 50)+`}`), nil
			}
			return reply(200, `{"result":`+second+`}`), nil
		}}
		got, err := read(t, newClient(t, w), Request{Method: "some.list"})
		if diff := cmp.Diff(upTo(50), got); err != nil || diff != "" || len(w.sent()) != 2 {
			t.Errorf("%s: %v, %d requests (-want +got):\n%s", name, err, len(w.sent()), diff)
		}
	}
}

func TestAListThatIsNotWholeEndsWithAnError(t *testing.T) {
	first := rowsFrom("id", 0, 50, 120)
	for _, tt := range []struct {
		name    string
		request Request
		answers []string
		want    string
	}{
		{"ignores start", Request{Method: "some.list"}, []string{`{"result":` + first + `,"total":120}`}, "gave the first 50 rows again"},
		{"ends early", Request{Method: "some.list"}, []string{`{"result":` + first + `,"total":120,"next":50}`, `{"result":` + rowsFrom("id", 50, 10, 120) + `,"total":120}`}, "counts 120 rows and gave 60"},
		{"ends empty", Request{Method: "some.list"}, []string{`{"result":` + first + `,"total":120,"next":50}`, `{"result":[],"total":120}`}, "counts 120 rows and gave 50"},
		{"goes back", Request{Method: "some.list"}, []string{`{"result":` + first + `,"next":0}`}, "goes back to row 0"},
		{"shifts", Request{Method: "some.list"}, []string{`{"result":` + first + `,"next":50}`, `{"result":` + rowsFrom("id", 49, 50, 121) + `}`}, "row 50 came twice"},
		{"hides its rows", Request{Method: "some.list"}, []string{`{"result":{"a":[1],"b":[2]},"next":50}`}, "page by start=50"},
		{"ids fall", Request{Method: "crm.item.list"}, []string{`{"result":{"items":[{"id":2},{"id":1}]}}`}, "ids do not rise: 1 follows 2"},
		{"ignores the filter", Request{Method: "crm.item.list"}, []string{`{"result":{"items":` + first + `}}`}, "ids do not rise: 1 follows 50"},
		{"no ids", Request{Method: "crm.item.list"}, []string{`{"result":{"items":[{"title":"a"}]}}`}, "has no id"},
		{"v3 ignores offset", Request{Method: "x.list", V3: true}, []string{`{"result":{"items":[{"id":1}],"hasMore":true}}`}, "gave the first 1 rows again"},
		{"v3 without a bookmark", Request{Method: "call.followup.list", V3: true}, []string{`{"result":{"items":[{"id":1}],"hasMore":true}}`}, "does not say where"},
		{"v3 first page only", Request{Method: "note.document.search.list", V3: true}, []string{`{"result":{"items":[{"id":1}],"hasMore":true}}`}, "left rows out"},
	} {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			return reply(200, tt.answers[min(n, len(tt.answers))-1]), nil
		}}
		_, err := read(t, newClient(t, w), tt.request)
		if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestParametersThatCannotBeReadWholeAreRefusedBeforeAnythingIsSent(t *testing.T) {
	for _, tt := range []struct {
		request Request
		want    string
	}{
		{Request{Method: "crm.item.list", Params: Params{"start": 50}}, "start chooses one page"},
		{Request{Method: "user.get", Params: Params{"START": "0"}}, "START chooses one page"},
		{Request{Method: "crm.item.list", Params: Params{"select": "id"}}, "select must be a list"},
		{Request{Method: "crm.item.list", Params: Params{"filter": "x"}}, "filter must be an object"},
		{Request{Method: "crm.item.list", Params: Params{"filter": map[string]any{">id": "x"}}}, "filter[>id] must be a whole number"},
		{Request{Method: "im.dialog.messages.get"}, "pages by LAST_ID"},
		{Request{Method: "im.search.chat.list"}, "pages by OFFSET and LIMIT"},
		{Request{Method: "x.list", V3: true, Params: Params{"pagination": map[string]any{"page": 2}}}, "pagination.page chooses one page"},
		{Request{Method: "tasks.task.list", V3: true, Params: Params{"filter": map[string]any{"id": 1}}}, "filter must be a list of conditions"},
		{Request{Method: "tasks.task.list", V3: true, Params: Params{"pagination": map[string]any{"limit": 0}}}, "pagination.limit must be"},
		{Request{Method: "main.eventlog.tail", V3: true, Params: Params{"cursor": map[string]any{"order": "DESC"}}}, "cursor.order must be ASC"},
		{Request{Method: "batch", V3: true, Params: []any{}}, "parameters are no object"},
	} {
		w := &wire{}
		_, err := read(t, newClient(t, w), tt.request)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(w.sent()) > 0 {
			t.Errorf("%+v: %v after %d requests, want %q", tt.request, err, len(w.sent()), tt.want)
		}
	}
}

func TestTheCallersConditionsStayWhenAListIsReadByIDs(t *testing.T) {
	for _, tt := range []struct {
		request Request
		want    string
	}{
		{Request{Method: "crm.item.list", Params: Params{"filter": map[string]any{">id": "70", "=title": "A"}, "select": []string{"title"}}},
			`{"filter":{"=title":"A",">id":70},"order":{"id":"ASC"},"select":["title","id"],"start":-1}`},
		{Request{Method: "crm.item.list", Params: Params{"filter": map[string]any{"logic": "OR", "0": map[string]any{"=a": 1}}}},
			`{"filter":{"0":{"0":{"=a":1},"logic":"OR"},">id":0},"order":{"id":"ASC"},"start":-1}`},
		{Request{Method: "crm.deal.list", Params: Params{"FILTER": map[string]any{">id": 5}, "SELECT": []any{"*"}, "ORDER": map[string]any{"id": "asc"}}},
			`{"FILTER":{">ID":5},"ORDER":{"ID":"ASC"},"SELECT":["*"],"start":-1}`},
		{Request{Method: "tasks.task.list", V3: true, Params: Params{"filter": []any{[]any{"id", "<", 9}}}},
			`{"filter":[["id","<",9],["id",">",0]],"order":{"id":"ASC"},"pagination":{"limit":50}}`},
		{Request{Method: "main.eventlog.tail", V3: true, Params: Params{"cursor": map[string]any{"value": 446313}}},
			`{"cursor":{"field":"id","limit":50,"order":"ASC","value":446313}}`},
	} {
		r, err := FirstPage(tt.request)
		if err != nil {
			t.Errorf("%+v: %v", tt.request, err)
			continue
		}
		got, err := r.Body()
		if diff := cmp.Diff(tt.want+"\n", string(got)); err != nil || diff != "" {
			t.Errorf("%+v: %v (-want +got):\n%s", tt.request, err, diff)
		}
	}
}

// The pattern of every row is well formed and fits a method.
func TestThePatternsOfTheTableFit(t *testing.T) {
	for _, row := range pagings {
		for _, pattern := range row.methods {
			method := strings.ReplaceAll(pattern, "*", "x")
			if got := pagingOf(method, row.v3); got.methods == nil {
				t.Errorf("no row fits %s", method)
			}
			if pattern != strings.ToLower(pattern) {
				t.Errorf("%s is not in lower case", pattern)
			}
		}
	}
}
