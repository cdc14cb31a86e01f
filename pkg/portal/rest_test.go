package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A wire is an open portal with three methods more: test.echo answers with its
// parameters, test.rows is a list of 120 rows, test.fail fails.
type wire struct {
	t testing.TB
	p *Portal
}

func newWire(t testing.TB) wire {
	t.Helper()
	return newWireOf(t, Config{})
}

// newWireOf opens a portal with more settings than the secret.
func newWireOf(t testing.TB, cfg Config) wire {
	t.Helper()
	cfg.Secret = "s3cret"
	p, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	for _, m := range []method{
		{name: "test.echo", write: true, run: func(_ context.Context, c *call) (reply, error) {
			return reply{value: c.params}, nil
		}},
		{name: "test.rows", run: func(_ context.Context, c *call) (reply, error) {
			offset, counting := c.page()
			return listReply([]string{"a", "b"}, offset, 120, counting), nil
		}},
		{name: "test.fail", write: true, run: func(_ context.Context, c *call) (reply, error) {
			if _, err := c.needInt("id"); err != nil {
				return reply{}, err
			}
			return reply{}, errors.New("disk on fire")
		}},
		{name: "test.nothing", run: func(context.Context, *call) (reply, error) { return reply{}, nil }},
	} {
		p.methods[m.name] = m
	}
	return wire{t, p}
}

// send sends a request and returns its status and body.
func (w wire) send(verb, target, contentType, body string) (int, string) {
	w.t.Helper()
	r := httptest.NewRequest(verb, target, strings.NewReader(body))
	if strings.HasPrefix(target, controlPath) {
		r.Host = "127.0.0.1"
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String()
}

// result sends a JSON call and returns the text of its result.
func (w wire) result(method, params string) string {
	w.t.Helper()
	status, body := w.send("POST", "/rest/1/s3cret/"+method, "application/json", params)
	if status != http.StatusOK {
		w.t.Fatalf("%s: status %d: %s", method, status, body)
	}
	return jsonField(w.t, body, "result")
}

// jsonField returns the text of one key of a JSON object, "" if it is not there.
func jsonField(t testing.TB, body, key string) string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return string(object[key])
}

func TestEveryURLFormReachesTheMethod(t *testing.T) {
	w := newWire(t)
	for _, target := range []string{
		"/rest/1/s3cret/test.echo?a=1",
		"/rest/1/s3cret/test.echo.json?a=1",
		"/rest/1/s3cret/Test.ECHO?a=1",
	} {
		for _, verb := range []string{"GET", "POST"} {
			_, body := w.send(verb, target, "", "")
			if got, want := jsonField(t, body, "result"), `{"a":"1"}`; got != want {
				t.Errorf("%s %s: got %s, want %s", verb, target, got, want)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	w := newWire(t)
	tests := map[string]struct {
		verb, target string
		status       int
		body         string
	}{
		"no credentials":     {"GET", "/rest/profile", 401, `{"error":"NO_AUTH_FOUND","error_description":"Wrong authorization data"}`},
		"a wrong secret":     {"GET", "/rest/1/guess/profile", 401, `{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}`},
		"no secret":          {"GET", "/rest/1//profile", 401, `{"error":"NO_AUTH_FOUND","error_description":"Wrong authorization data"}`},
		"another user":       {"GET", "/rest/2/s3cret/profile", 401, `{"error":"INVALID_CREDENTIALS","error_description":"Invalid request credentials"}`},
		"an unknown method":  {"GET", "/rest/1/s3cret/crm.nope", 404, `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`},
		"no method":          {"GET", "/rest/1/s3cret/", 404, `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`},
		"no slash either":    {"GET", "/rest/1/s3cret", 404, `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`},
		"XML":                {"GET", "/rest/1/s3cret/profile.xml", 400, `{"error":"INVALID_REQUEST","error_description":"Only JSON answers are supported"}`},
		"a missing argument": {"GET", "/rest/1/s3cret/test.fail", 400, `{"error":"100","error_description":"Could not find value for parameter {id}"}`},
		"an internal error":  {"GET", "/rest/1/s3cret/test.fail?id=1", 500, `{"error":"INTERNAL_SERVER_ERROR","error_description":"Internal server error: disk on fire"}`},
		"another verb":       {"DELETE", "/rest/1/s3cret/profile", 405, "method not allowed\n"},
		"REST 3":             {"POST", "/rest/api/1/s3cret/tasks.nope", 404, `{"error":{"code":"ERROR_METHOD_NOT_FOUND","message":"Method not found!"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			status, body := w.send(tt.verb, tt.target, "", "")
			if diff := cmp.Diff([]any{tt.status, tt.body}, []any{status, body}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParametersOfQueryAndBodyAreMergedAndTheBodyWins(t *testing.T) {
	w := newWire(t)
	tests := map[string]struct{ contentType, body, want string }{
		"JSON keeps types":              {"application/json", `{"b":2,"c":[null,true,1.50,{}]}`, `{"a":"q","b":2,"c":[null,true,1.5,[]]}`},
		"JSON with a charset":           {"application/json; charset=utf-8", `{"b":2}`, `{"a":"q","b":2}`},
		"malformed JSON is not there":   {"application/json", `{"b":2`, `{"a":"q","b":"q"}`},
		"JSON text is not there":        {"application/json", `"b"`, `{"a":"q","b":"q"}`},
		"a form has only strings":       {"application/x-www-form-urlencoded", `b[]=1&b[]=x+y`, `{"a":"q","b":["1","x y"]}`},
		"an unknown type is a form":     {"text/plain", `b=2`, `{"a":"q","b":"2"}`},
		"no type is a form":             {"", `b=2`, `{"a":"q","b":"2"}`},
		"JSON sent as a form is a name": {"", `{"b":2}`, `{"a":"q","b":"q","{\u0022b\u0022:2}":""}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, body := w.send("POST", "/rest/1/s3cret/test.echo?a=q&b=q", tt.contentType, tt.body)
			var got, want any
			if err := json.Unmarshal([]byte(jsonField(t, body, "result")), &got); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMultipartFollowsTheRulesOfForms(t *testing.T) {
	w := newWire(t)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, pair := range [][2]string{{"fields[TITLE]", "A & B"}, {"ids[]", "1"}, {"ids[]", "2"}} {
		if err := form.WriteField(pair[0], pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := form.CreateFormFile("photo", "a.png"); err != nil {
		t.Fatal(err)
	}
	form.Close()
	_, got := w.send("POST", "/rest/1/s3cret/test.echo", form.FormDataContentType(), body.String())
	if got, want := jsonField(t, got, "result"), `{"fields":{"TITLE":"A \u0026 B"},"ids":["1","2"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestABodyBeyondTheBoundIsRefused(t *testing.T) {
	w := newWire(t)
	status, _ := w.send("POST", "/rest/1/s3cret/test.echo", "application/json", `{"a":"`+strings.Repeat("x", maxBody)+`"}`)
	if status != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", status)
	}
	if got := w.p.Stats().Commands["test.echo"]; got != 0 {
		t.Errorf("the method ran %d times", got)
	}
}

func TestOnlyListsCarryTotalAndNext(t *testing.T) {
	w := newWire(t)
	tests := map[string]struct{ total, next string }{
		"test.rows":           {"120", "50"},
		"test.rows?start=99":  {"120", "100"},
		"test.rows?start=100": {"120", ""},
		"test.rows?start=-1":  {"", ""},
		"test.echo":           {"", ""},
	}
	for target, want := range tests {
		_, body := w.send("GET", "/rest/1/s3cret/"+target, "", "")
		if diff := cmp.Diff([]string{want.total, want.next}, []string{jsonField(t, body, "total"), jsonField(t, body, "next")}); diff != "" {
			t.Errorf("%s: %s", target, diff)
		}
	}
}

func TestTimeIsInThePortalsZone(t *testing.T) {
	w := newWire(t)
	_, body := w.send("GET", "/rest/1/s3cret/test.nothing", "", "")
	if got := jsonField(t, body, "result"); got != "null" {
		t.Errorf("result is %s, want null", got)
	}
	var timing struct {
		Start      float64
		Finish     float64
		Duration   *float64
		Processing *float64
		DateStart  string   `json:"date_start"`
		Operating  *float64 `json:"operating"`
		ResetAt    int64    `json:"operating_reset_at"`
	}
	if err := json.Unmarshal([]byte(jsonField(t, body, "time")), &timing); err != nil {
		t.Fatal(err)
	}
	start, err := time.Parse(time.RFC3339, timing.DateStart)
	if err != nil {
		t.Fatal(err)
	}
	if _, offset := start.Zone(); offset != 3*60*60 || start.Unix() != int64(timing.Start) {
		t.Errorf("date_start %s for start %f", timing.DateStart, timing.Start)
	}
	if timing.Finish < timing.Start || timing.Duration == nil || timing.Processing == nil || timing.Operating == nil {
		t.Errorf("incomplete time: %+v", timing)
	}
	if got, want := timing.ResetAt, start.Unix()+600; got != want {
		t.Errorf("operating_reset_at %d, want %d", got, want)
	}
}

func TestErrorsHaveNoTime(t *testing.T) {
	w := newWire(t)
	_, body := w.send("GET", "/rest/1/s3cret/nope", "", "")
	if got := jsonField(t, body, "time"); got != "" {
		t.Errorf("time is %s", got)
	}
}

func TestACommandRunsToItsEndWhenTheClientGoesAway(t *testing.T) {
	w := newWire(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, httptest.NewRequestWithContext(ctx, "GET", "/rest/1/s3cret/user.current", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("status %d: %s", rec.Code, rec.Body)
	}
}

// jsonList returns the elements of a JSON list.
func jsonList(t testing.TB, list string) []string {
	t.Helper()
	var elements []json.RawMessage
	if err := json.Unmarshal([]byte(list), &elements); err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	texts := make([]string, len(elements))
	for i, e := range elements {
		texts[i] = string(e)
	}
	return texts
}
