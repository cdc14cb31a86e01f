package portal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An observation is what a client sees of one request, and what the portal did.
type observation struct {
	Status   int
	Type     string
	Body     string
	Location string
	Error    string // "closed" without an answer, "reset", or "" for an answer
	Executed int
}

// observe sends a request over a socket, without following redirects.
func observe(t *testing.T, w wire, server *httptest.Server, target, body string) observation {
	t.Helper()
	w.p.ResetStats()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Post(server.URL+"/rest/1/s3cret/"+target, "application/json", strings.NewReader(body))
	o := observation{Executed: w.p.Stats().Commands["test.echo"]}
	switch {
	case errors.Is(err, io.EOF):
		o.Error = "closed"
	case errors.Is(err, syscall.ECONNRESET):
		o.Error = "reset"
	case err != nil:
		t.Fatal(err)
	default:
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		o.Status, o.Type, o.Body, o.Location = response.StatusCode, response.Header.Get("Content-Type"), string(text), response.Header.Get("Location")
	}
	return o
}

// Kinds of answers.
const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=utf-8"
)

func htmlPage(title string) string {
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
}

func TestEachFaultShowsAsItsKindSays(t *testing.T) {
	const busy = `{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`
	tests := map[string]struct {
		faults string
		want   observation
	}{
		"closed before executing":      {"drop-before", observation{Error: "closed"}},
		"closed after executing":       {"drop-after", observation{Error: "closed", Executed: 1}},
		"reset before executing":       {"reset", observation{Error: "reset"}},
		"reset after executing":        {"reset,when=after", observation{Error: "reset", Executed: 1}},
		"500":                          {"500", observation{Status: 500, Type: htmlType, Body: htmlPage("500 Internal Server Error")}},
		"502":                          {"502,when=before", observation{Status: 502, Type: htmlType, Body: htmlPage("502 Bad Gateway")}},
		"502 after executing":          {"502,when=after", observation{Status: 502, Type: htmlType, Body: htmlPage("502 Bad Gateway"), Executed: 1}},
		"504 after executing":          {"504,when=after", observation{Status: 504, Type: htmlType, Body: htmlPage("504 Gateway Timeout"), Executed: 1}},
		"503":                          {"503", observation{Status: 503, Type: jsonType, Body: busy}},
		"429":                          {"429", observation{Status: 429, Type: jsonType, Body: blocked}},
		"an expired token":             {"expired-token", observation{Status: 401, Type: jsonType, Body: `{"error":"expired_token","error_description":"The access token provided has expired"}`}},
		"a refused command":            {"fail,code=ACCESS_DENIED,text=Zugriff verweigert,status=403", observation{Status: 403, Type: jsonType, Body: `{"error":"ACCESS_DENIED","error_description":"Zugriff verweigert"}`}},
		"a refused command, 400":       {"fail,code=100", observation{Status: 400, Type: jsonType, Body: `{"error":"100","error_description":""}`}},
		"a new host":                   {"redirect,to=new.example:8443", observation{Status: 302, Location: "http://new.example:8443/rest/1/s3cret/test.echo?a=1"}},
		"a new address":                {"redirect,to=https://new.example", observation{Status: 302, Location: "https://new.example/rest/1/s3cret/test.echo?a=1"}},
		"the first that replaces wins": {"delay,for=1ms;503;502", observation{Status: 503, Type: jsonType, Body: busy}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWireOf(t, Config{Faults: tt.faults})
			server := httptest.NewServer(w.p)
			defer server.Close()
			if diff := cmp.Diff(tt.want, observe(t, w, server, "test.echo?a=1", "{}")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAnswerIsSpoiledAfterTheCommandRan(t *testing.T) {
	w := newWire(t)
	server := httptest.NewServer(w.p)
	defer server.Close()
	const body = `{"a":"1"}`
	whole := observe(t, w, server, "test.echo", body)
	if err := w.p.faults.add([]FaultRule{{Kind: "truncated", N: 1}, {Kind: "wrong-type", N: 1}}); err != nil {
		t.Fatal(err)
	}
	half := observe(t, w, server, "test.echo", body)
	if half.Status != 200 || half.Executed != 1 || half.Type != jsonType || !strings.HasPrefix(half.Body, `{"result":{"a":"1"}`) ||
		len(half.Body) < len(whole.Body)/2-20 || strings.HasSuffix(half.Body, "}}") {
		t.Errorf("truncated: %+v, whole: %+v", half, whole)
	}
	page := observe(t, w, server, "test.echo", body)
	if page.Status != 200 || page.Executed != 1 || page.Type != htmlType || jsonField(t, page.Body, "result") != body {
		t.Errorf("wrong type: %+v", page)
	}
	if got := observe(t, w, server, "test.echo", body); got.Type != jsonType || jsonField(t, got.Body, "result") != body {
		t.Errorf("afterwards: %+v", got)
	}
}

func TestADelayPassesBeforeTheCommandRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWireOf(t, Config{Faults: "delay:test.*,for=90s;delay:test.echo,for=30s,n=1"})
		start := time.Now()
		var took []time.Duration
		for _, method := range []string{"test.echo", "test.echo", "profile"} {
			w.result(method, `{}`)
			took = append(took, time.Since(start).Round(time.Second))
		}
		if diff := cmp.Diff([]time.Duration{120 * time.Second, 210 * time.Second, 210 * time.Second}, took); diff != "" {
			t.Error(diff)
		}
	})
}

func TestOneCommandOfABatchFails(t *testing.T) {
	w := newWireOf(t, Config{Faults: "fail:test.echo,code=NOT_FOUND,text=Item not found,every=2,n=1;429:test.rows"})
	got := w.batch(`{"cmd":{"a":"test.echo","b":"test.echo","c":"test.echo","d":"test.echo","e":"test.rows"}}`)
	want := `{"b":{"error":"NOT_FOUND","error_description":"Item not found"},"e":` + blocked + `}`
	if string(got.Error) != want || string(got.Result) != `{"a":[],"c":[],"d":[]}` {
		t.Errorf("got %s and %s, want %s", got.Result, got.Error, want)
	}
	stats := Stats{Requests: 1, Commands: map[string]int{"test.echo": 3}, Writes: 3, Faults: map[string]int{"fail": 1, "429": 1}}
	if diff := cmp.Diff(stats, w.p.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestAFieldIsLostSilentlyButOnlyFromWrites(t *testing.T) {
	const fields = `{"id":1,"fields":{"TITLE":"A","COMMENTS":"B"},"data":[{"COMMENTS":"C"},{"TITLE":"D"}],"COMMENTS":"top"}`
	w := newWireOf(t, Config{Faults: "lose-field,field=COMMENTS"})
	w.slow(0)
	read := w.p.methods["test.slow"]
	read.run = w.p.methods["test.echo"].run
	w.p.methods["test.slow"] = read
	if got, want := w.result("test.echo", fields), `{"id":1,"fields":{"TITLE":"A"},"data":[[],{"TITLE":"D"}],"COMMENTS":"top"}`; got != want {
		t.Errorf("a write got %s, want %s", got, want)
	}
	if got := w.result("test.slow", fields); got != fields {
		t.Errorf("a read got %s", got)
	}
	w.result("test.echo", `{"fields":{"TITLE":"A"}}`)
	if got := string(w.batch(`{"cmd":["test.echo?fields[COMMENTS]=x&fields[a]=y"]}`).Result); got != `[{"fields":{"a":"y"}}]` {
		t.Errorf("a command of a batch got %s", got)
	}
	if diff := cmp.Diff(map[string]int{"lose-field": 2}, w.p.Stats().Faults); diff != "" {
		t.Error(diff)
	}
}

func TestWhenAFaultFires(t *testing.T) {
	tests := map[string]struct {
		rule string
		want string // one letter a request: F fired, . answered
	}{
		"always":              {"503", "FFFFFFFFFFFF"},
		"a number of times":   {"503,n=3", "FFF........."},
		"every third time":    {"503,every=3", "..F..F..F..F"},
		"the fourth time":     {"503,every=4,n=1", "...F........"},
		"a seeded chance":     {"503,p=0.4,seed=7", "..FFFFF...F."},
		"the other seed":      {"503,p=0.4,seed=8", "...F....F..F"},
		"a certainty":         {"503,p=1", "FFFFFFFFFFFF"},
		"one method":          {"503:test.echo", "FFFFFFFFFFFF"},
		"a pattern":           {"503:TEST.*", "FFFFFFFFFFFF"},
		"another method":      {"503:test.rows", "............"},
		"another pattern":     {"503:crm.*", "............"},
		"no method is a part": {"503:test", "............"},
	}
	draw := func(t *testing.T, rule string) string {
		w := newWireOf(t, Config{Faults: rule})
		var shown strings.Builder
		for range 12 {
			status, _ := w.send("GET", "/rest/1/s3cret/test.echo", "", "")
			shown.WriteByte(map[int]byte{200: '.', 503: 'F'}[status])
		}
		return shown.String()
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := draw(t, tt.rule); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestARequestMatchesByItselfOrByTheCommandsOfItsBatch(t *testing.T) {
	tests := map[string]struct {
		pattern string
		want    int
	}{
		"the batch itself": {"batch", 503},
		"a command":        {"test.rows", 503},
		"a part of them":   {"test.*", 503},
		"no command":       {"user.*", 200},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWireOf(t, Config{Faults: "503:" + tt.pattern + ",n=1"})
			for _, want := range []int{tt.want, 200} { // once for the request, however many commands fit
				status, body := w.send("POST", "/rest/1/s3cret/batch", "application/json", `{"CMD":{"a":"test.echo?x=1","b":"Test.Rows","c":5}}`)
				if status != want {
					t.Errorf("got %d %s, want %d", status, body, want)
				}
			}
		})
	}
}

func TestRefusedCallersSetOffNoFault(t *testing.T) {
	w := newWireOf(t, Config{Faults: "500"})
	w.send("GET", "/rest/1/guess/test.echo", "", "")
	if got := w.p.Stats().Faults; len(got) != 0 {
		t.Errorf("fired: %v", got)
	}
}

func TestFaultsAreSetWhileThePortalRuns(t *testing.T) {
	w := newWireOf(t, Config{Faults: "503:crm.*"})
	send := func(verb, body string) string {
		t.Helper()
		status, text := w.send(verb, "/__portal/faults", "application/json", body)
		if status >= 300 {
			return text
		}
		return strings.TrimSpace(text)
	}
	if got := send("POST", `[{"kind":"fail","method":"Test.*","code":"X","n":1,"p":0.5,"every":1,"seed":3},{"kind":"delay","for":"1ms"}]`); got != "" {
		t.Errorf("POST: %s", got)
	}
	w.send("GET", "/rest/1/s3cret/profile", "", "")
	want := `[{"kind":"503","method":"crm.*","fired":0},` +
		`{"kind":"fail","method":"test.*","n":1,"every":1,"p":0.5,"seed":3,"code":"X","fired":0},` +
		`{"kind":"delay","for":"1ms","fired":1}]`
	if diff := cmp.Diff(want, send("GET", "")); diff != "" {
		t.Error(diff)
	}
	for body, want := range map[string]string{
		`{"kind":"503"}`:                      "a JSON list of rules",
		`[{"kind":"503","often":1}]`:          `unknown field "often"`,
		`[{"kind":"503"},{"kind":"explode"}]`: `fault 2: unknown kind "explode"`,
		`[` + strings.Repeat(`{"kind":"503"},`, maxFaults) + `{"kind":"503"}]`: "more than 1000 faults",
	} {
		if got := send("POST", body); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := send("DELETE", ""); got != "" {
		t.Errorf("DELETE: %s", got)
	}
	if got := send("GET", ""); got != "[]" {
		t.Errorf("after DELETE: %s", got)
	}
	if status, _ := w.send("PUT", "/__portal/faults", "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", status)
	}
}

func TestWithoutASocketADropIsAnAbortedHandler(t *testing.T) {
	for _, kind := range []string{"drop-before", "drop-after", "reset"} {
		w := newWireOf(t, Config{Faults: kind})
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("%s: panicked with %v", kind, got)
				}
			}()
			w.send("GET", "/rest/1/s3cret/test.echo", "", "")
		}()
		if kind != "drop-after" {
			continue
		}
		if got := w.p.Stats().Writes; got != 1 {
			t.Errorf("%s: %d writes", kind, got)
		}
		if _, err := w.p.userByID(context.Background(), 1); err != nil {
			t.Errorf("%s: the portal is stuck: %v", kind, err)
		}
	}
}
