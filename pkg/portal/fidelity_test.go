package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A claim is one item of the list of what an imitation of Bitrix24 has to get
// right, with requests that show it. They run on a portal of their own at the
// start of the year 2000.
type claim struct {
	name  string
	cfg   Config
	turns []turn
}

// A turn is a request and what its answer holds.
type turn struct {
	wait time.Duration // before it
	n    int           // how often it is sent, each time with the same answer; 0 is once
	send string        // a method, or a path
	body string        // JSON if it begins like an object, else a form
	want string        // see [wire.show]
}

func TestFidelity(t *testing.T) {
	names, kinds := make(map[string]bool), make(map[string]bool)
	for _, c := range slices.Concat(transportClaims(t), batchClaims(t), silentClaims(), crmClaims(), faultClaims()) {
		if names[c.name] {
			t.Errorf("two claims are named %q", c.name)
		}
		names[c.name] = true
		for _, r := range c.run(t) {
			kinds[r.Kind] = true
		}
	}
	for kind := range faultKinds() {
		if !kinds[kind] {
			t.Errorf("no claim shows the fault %s", kind)
		}
	}
}

// run shows a claim, and returns the faults that it needed.
func (c claim) run(t *testing.T) []FaultRule {
	rules, err := ParseFaults(c.cfg.Faults)
	if err != nil {
		t.Errorf("%s: %v", c.name, err)
	}
	t.Run(c.name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWireOf(t, c.cfg)
			for _, s := range c.turns {
				time.Sleep(s.wait)
				for range max(s.n, 1) {
					w.show(s)
				}
			}
			for _, r := range rules {
				if w.p.Stats().Faults[r.Kind] == 0 {
					t.Errorf("the fault %s never came", r)
				}
			}
		})
	})
	return rules
}

// show sends a request and compares what comes back. A wanted answer is JSON of
// which the real one has at least the keys; "(absent)" stands for a key that is
// not there. What is no JSON is the beginning of something that is none either.
// A status other than 200 stands before it, and "html" before what is sent as a
// page. A redirect is its address as a JSON text.
func (w wire) show(s turn) {
	w.t.Helper()
	head, text := w.reach(s)
	wantHead, want := "200 ", s.want
	if i := strings.IndexAny(want, `{[<"`); i > 0 {
		wantHead, want = want[:i], want[i:]
		if strings.HasPrefix(wantHead, "html") {
			wantHead = "200 " + wantHead
		}
	}
	var wanted, got any
	isJSON, wantsJSON := json.Unmarshal([]byte(text), &got) == nil, json.Unmarshal([]byte(want), &wanted) == nil
	switch {
	case head != wantHead || isJSON != wantsJSON:
		w.t.Errorf("%s %s:\ngot  %s%s\nwant %s", s.send, s.body, head, text, s.want)
	case !wantsJSON && !strings.HasPrefix(text, want):
		w.t.Errorf("%s %s:\ngot  %s\nwant %s…", s.send, s.body, text, want)
	case wantsJSON:
		if diff := cmp.Diff(wanted, project(wanted, got)); diff != "" {
			w.t.Errorf("%s %s (-want +got):\n%s", s.send, s.body, diff)
		}
	}
}

// reach sends a request through the front door.
func (w wire) reach(s turn) (head, text string) {
	w.t.Helper()
	target, contentType := s.send, "application/x-www-form-urlencoded"
	if !strings.HasPrefix(target, "/") {
		target = "/rest/1/s3cret/" + target
	}
	if strings.HasPrefix(s.body, "{") {
		contentType = "application/json"
	}
	r := httptest.NewRequest("POST", target, strings.NewReader(s.body))
	r.Header.Set("Content-Type", contentType)
	rec := httptest.NewRecorder()
	if hungUp(w.p, rec, r) {
		return "200 ", "<closed>"
	}
	head, text = fmt.Sprintf("%d ", rec.Code), rec.Body.String()
	switch {
	case rec.Header().Get("Location") != "":
		text = `"` + rec.Header().Get("Location") + `"`
	case strings.HasPrefix(rec.Header().Get("Content-Type"), "text/html"):
		head += "html "
	}
	return head, text
}

// hungUp lets the portal answer, and reports whether it closed the connection
// instead.
func hungUp(p *Portal, w http.ResponseWriter, r *http.Request) (closed bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			closed = true
		default:
			panic(v)
		}
	}()
	p.ServeHTTP(w, r)
	return false
}

// project leaves only that of an answer which is compared.
func project(want, got any) any {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return got
		}
		some := make(map[string]any)
		for key, v := range want {
			if have, ok := object[key]; ok {
				some[key] = project(v, have)
			} else {
				some[key] = "(absent)"
			}
		}
		return some
	case []any:
		list, ok := got.([]any)
		if !ok || len(list) != len(want) {
			return got
		}
		some := make([]any, len(list))
		for i, v := range want {
			some[i] = project(v, list[i])
		}
		return some
	}
	return got
}

// many repeats a text with the numbers from first to last.
func many(first, last int, text string) string {
	var parts []string
	for i := first; i <= last; i++ {
		parts = append(parts, fmt.Sprintf(text, i))
	}
	return strings.Join(parts, ",")
}

func transportClaims(t *testing.T) []claim {
	standard := plan(t, "standard")
	return []claim{
		{name: "query and body merge, body wins", turns: []turn{
			{send: "test.echo?a=q&b=q", body: `{"b":2,"c":null}`, want: `{"result":{"a":"q","b":2,"c":null}}`},
			{send: "test.echo?a=q&b=q", body: `b=2`, want: `{"result":{"a":"q","b":"2"}}`},
		}},
		{name: "forms follow the bracket rules of PHP", turns: []turn{
			{send: "test.echo", body: `f[title]=A+B&f[ids][]=4&f[ids][]=5&filter[%3E%3Dx]=1&a.b=c&e=`,
				want: `{"result":{"f":{"title":"A B","ids":["4","5"]},"filter":{">=x":"1"},"a_b":"c","e":""}}`},
		}},
		{name: "malformed JSON is not reported", turns: []turn{
			{send: "crm.item.get", body: `{"entityTypeId":2,"id":1`, want: `400 {"error":"100","error_description":"Could not find value for parameter {entityTypeId}"}`},
			{send: "crm.type.list", body: `{"filter":{"nope"`, want: `{"result":{"types":[]},"total":0}`},
		}},
		{name: "method names ignore case", turns: []turn{
			{send: "CRM.Item.FIELDS", body: `{"entityTypeId":2}`, want: `{"result":{"fields":{"id":{"type":"integer"}}}}`},
			{send: "crm.item.productrow.getavailableforpayment", body: `{"ownerType":"D","ownerId":1}`, want: `400 {"error":"OWNER_NOT_FOUND"}`},
			{send: "crm.nope", want: `404 {"error":"ERROR_METHOD_NOT_FOUND"}`},
		}},
		{name: "the suffix .json", turns: []turn{
			{send: "crm.item.list.json", body: `{"entityTypeId":2}`, want: `{"result":{"items":[]},"total":0}`},
			{send: "batch.json", body: `{"cmd":{"a":"test.echo?x=1"}}`, want: `{"result":{"result":{"a":{"x":"1"}}}}`},
		}},
		{name: "302 on an old host", cfg: Config{Faults: "redirect,to=new.example"}, turns: []turn{
			{send: "crm.item.add?x=1", body: `{"entityTypeId":2,"fields":{}}`, want: `302 "http://new.example/rest/1/s3cret/crm.item.add?x=1"`},
		}},
		{name: "leaky bucket", cfg: Config{Limits: standard}, turns: []turn{
			{n: 50, send: "test.nothing", want: `{"result":null}`},
			{send: "test.nothing", want: `503 {"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`},
			{wait: time.Second, n: 2, send: "test.nothing", want: `{"result":null}`},
			{send: "test.nothing", want: `503 {"error":"QUERY_LIMIT_EXCEEDED"}`},
		}},
		{name: "operating budget and its figures", cfg: Config{Limits: standard, Costs: []Cost{{Method: "test.echo", Time: 20 * time.Second}}}, turns: []turn{
			{send: "test.echo", want: `{"time":{"operating":20,"operating_reset_at":946685400}}`},
			{n: 23, send: "test.echo", want: `{"time":{"operating_reset_at":946685400}}`},
			{send: "test.echo", want: `{"time":{"operating":500,"operating_reset_at":946685400}}`},
			{send: "test.echo", want: `429 {"error":"OPERATION_TIME_LIMIT","time":"(absent)"}`},
			{send: "test.nothing", want: `{"time":{"operating":0}}`},
			{wait: 100 * time.Second, send: "test.echo", want: `{"time":{"operating":460,"operating_reset_at":946685460}}`},
		}},
		{name: "empty maps are []", turns: []turn{
			{send: "test.echo", body: `{"a":{},"b":[],"c":{"d":{}}}`, want: `{"result":{"a":[],"b":[],"c":{"d":[]}}}`},
			{send: "test.echo", body: `{}`, want: `{"result":[]}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{}}`, want: `{"result":{"item":{"contactIds":[]}}}`},
			{send: "crm.item.delete", body: `{"entityTypeId":2,"id":1}`, want: `{"result":[]}`},
		}},
	}
}
