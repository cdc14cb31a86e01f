package portal

import (
	"fmt"
	"strings"
	"testing"
)

func TestTasksAreListedByPages(t *testing.T) {
	w := newWire(t)
	for i := range 60 {
		w.v3("1/s3cret/tasks.task.add", v3JSON, "", fmt.Sprintf(`{"fields":{"title":"T%02d","creatorId":1,"responsibleId":1}}`, i+1))
	}
	for _, tt := range []struct {
		body, want string
		rows       int // -1 for an error
	}{
		{`{}`, `{"result":{"items":[{"id":1},{"id":2},`, 50},
		{`{"pagination":{"limit":2,"offset":1}}`, `{"items":[{"id":2},{"id":3}]}`, 2},
		{`{"pagination":{"limit":7,"page":9}}`, `{"items":[{"id":57},`, 4},
		{`{"pagination":{"limit":2000}}`, `{"id":60}]`, 60},
		{`{"pagination":{"offset":60}}`, `{"items":[]}`, 0},
		{`{"select":["id","title"],"filter":[["id",">",58]]}`, `{"items":[{"id":59,"title":"T59"},{"id":60,"title":"T60"}]}`, 2},
		{`{"filter":[["id","in",[3,4]],["id","!=",3]]}`, `{"items":[{"id":4}]}`, 1},
		{`{"filter":[["id",[3,4]]],"order":{"id":"desc"}}`, `{"items":[{"id":4},{"id":3}]}`, 2},
		{`{"filter":[["id","between",[3,5]]]}`, `{"items":[{"id":3},{"id":4},{"id":5}]}`, 3},
		{`{"filter":[["title","=","T01"]]}`, "requires the `Filterable` attribute", -1},
		{`{"filter":[["id","like",1]]}`, "UNKNOWNFILTEROPERATOREXCEPTION", -1},
		{`{"filter":[["id",">","1"]]}`, "requires data type `int`", -1},
		{`{"order":{"id":"up"}}`, "INVALIDORDEREXCEPTION", -1},
		{`{"order":{"nope":"ASC"}}`, "INVALIDORDEREXCEPTION", -1},
		{`{"pagination":{"limit":0}}`, "INVALIDPAGINATIONEXCEPTION", -1},
		{`{"pagination":{"limit":"abc"}}`, `{\"limit\":\"abc\"}`, -1},
	} {
		got := w.v3("1/s3cret/tasks.task.list", v3JSON, "", tt.body)
		body := strings.ReplaceAll(got.Body.String(), `\u0022`, `\"`)
		if (got.Code == 200) != (tt.rows >= 0) || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s, want %s", tt.body, got.Code, body, tt.want)
		}
		if rows := strings.Count(body, `{"id":`); tt.rows >= 0 && rows != tt.rows {
			t.Errorf("%s: %d rows, want %d", tt.body, rows, tt.rows)
		}
	}
}
