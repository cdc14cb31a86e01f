package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/wire"
)

// The variables by which the fixtures of traffic are written, seen whole, and found by
// the commands that tell what they do.
const (
	updateVariable   = "UPDATE_SCRIPTS" // rewrites the scripts' golden files, and those of their traffic
	readsVariable    = "UPDATE_READS"   // rewrites what was read, if plans and writes are as they were
	wholeVariable    = "TRAFFIC_DIR"    // gets the traffic unshortened, to compare that of two commits
	recorderVariable = "TRAFFIC_RECORDER"
)

// recorderPath is where a command tells the recorder what it is and what it plans.
const recorderPath = "/__recorder/"

// foreignHeader marks requests of the test itself, which are not recorded.
const foreignHeader = "X-Test-Foreign"

// A tape stands before a portal and keeps what each command planned and asked: every
// command of a batch by itself, with its parameters in one order, so that neither
// concurrency nor batching makes a difference.
type tape struct {
	http.Handler
	private []string // what differs from run to run, and its name, in turn

	off atomic.Bool // before recording begins
	// loose keeps only what is written, without its ids: many records are created at the same time
	// and by requests of their own, and are seen again in packs that are as they come.
	loose bool

	mu       sync.Mutex
	commands []*traffic
}

// traffic is what one command line did. The maps count equal lines.
type traffic struct {
	title         string
	plans         []string
	writes, reads map[string]int
}

func (rec *tape) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, told := strings.CutPrefix(r.URL.Path, recorderPath)
	if !rec.off.Load() && r.Header.Get(foreignHeader) == "" && (told || strings.HasPrefix(r.URL.Path, "/rest/")) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if told {
			rec.told(path, body)
			return
		}
		rec.asked(r.URL, body)
	}
	rec.Handler.ServeHTTP(w, r)
}

// told keeps what a command says of itself.
func (rec *tape) told(what string, body []byte) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if what == "command" {
		rec.commands = append(rec.commands, newTraffic(digestText.ReplaceAllString(string(body), "$$DIGEST")))
		return
	}
	last := rec.last()
	last.plans = append(last.plans, planLines(body)...)
}

// digestText is a digest of a plan, which depends on where the portal is.
var digestText = regexp.MustCompile(`[0-9a-f]{64}`)

func newTraffic(title string) *traffic {
	return &traffic{title: title, writes: make(map[string]int), reads: make(map[string]int)}
}

func (rec *tape) last() *traffic {
	if len(rec.commands) == 0 {
		rec.commands = []*traffic{newTraffic("")}
	}
	return rec.commands[len(rec.commands)-1]
}

// planLines writes a plan as one line a change, and one for what is said of all.
func planLines(plan []byte) []string {
	var whole map[string]any
	if err := json.Unmarshal(plan, &whole); err != nil {
		return []string{"unreadable: " + err.Error()}
	}
	changes, _ := whole["changes"].([]any)
	delete(whole, "changes")
	delete(whole, "portal")
	delete(whole, "pipelines")
	delete(whole, "guards")
	delete(whole, "digest")
	lines := []string{oneLine(whole)}
	for _, c := range changes {
		change, _ := c.(map[string]any)
		head := fmt.Sprint(change["action"], " ", change["address"])
		delete(change, "action")
		delete(change, "address")
		forgetParts(change)
		lines = append(lines, head+" "+oneLine(change))
	}
	return lines
}

// forgetParts leaves what a plan says in texts: the same in parts has laws and tests of its own.
func forgetParts(change map[string]any) {
	delete(change, "pointers")
	delete(change, "last")
	for _, list := range []string{"fields", "kept"} {
		fields, _ := change[list].([]any)
		for _, f := range fields {
			for _, part := range []string{"label", "respelt", "parts", "list"} {
				delete(f.(map[string]any), part)
			}
		}
	}
}

func oneLine(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(b.String())
}

// asked keeps what one request asks for.
func (rec *tape) asked(address *url.URL, body []byte) {
	method, flat := strings.TrimPrefix(address.Path, "/rest/"), flatten(body)
	if below, v3 := strings.CutPrefix(method, "api/"); v3 {
		method = "v3 " + lastParts(below, 2)
	} else {
		method = strings.TrimSuffix(lastParts(method, 2), ".json")
	}
	for name, values := range address.Query() {
		for _, value := range values {
			flat = append(flat, pair{name, value})
		}
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if method != bitrix.BatchMethod {
		rec.keep(method, flat)
		return
	}
	for _, p := range flat {
		if strings.HasPrefix(p.name, "cmd[") {
			command, query, _ := strings.Cut(p.value, "?")
			rec.keep(command, pairsOf(query))
		}
	}
}

// lastParts gives the method at the end of a path, whose first parts are the user and the
// secret of a webhook.
func lastParts(path string, user int) string {
	parts := strings.Split(path, "/")
	if len(parts) > user {
		parts = parts[user:]
	}
	return strings.Join(parts, "/")
}

func (rec *tape) keep(method string, flat []pair) {
	if rec.loose {
		for i, p := range flat {
			flat[i].name = multifield.ReplaceAllString(p.name, "[fm][any]")
		}
	}
	effect := bitrix.EffectOf(method)
	slices.SortFunc(flat, func(a, b pair) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.value, b.value)) })
	var b strings.Builder
	b.WriteString(method)
	for _, p := range flat {
		if p.name != "auth" {
			fmt.Fprintf(&b, " %s=%s", p.name, inOneLine.Replace(p.value))
		}
	}
	line := batchKeys.ReplaceAllString(b.String(), "$$result[…]")
	if effect == bitrix.Read {
		rec.last().reads[line]++
	} else {
		rec.last().writes[line]++
	}
}

// multifield is the id of a phone or an e-mail address.
var multifield = regexp.MustCompile(`\[fm\]\[\d+\]`)

// batchKeys are references to other commands of a batch: where they stand in it says nothing.
var batchKeys = regexp.MustCompile(`\$result\[c\d+\]`)

var inOneLine = strings.NewReplacer("\\", `\\`, "\n", `\n`, "\r", `\r`)

// A pair is one parameter as a query would carry it.
type pair struct{ name, value string }

// pairsOf reads the query of a command in a batch.
func pairsOf(query string) (flat []pair) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return []pair{{"unreadable", query}}
	}
	for name, all := range values {
		for _, value := range all {
			flat = append(flat, pair{name, value})
		}
	}
	return flat
}

// flatten gives the leaves of a JSON body the names that they have in a query. What a query
// cannot carry stands in parentheses.
func flatten(body []byte) (flat []pair) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if len(body) == 0 {
		return nil
	}
	if err := d.Decode(&v); err != nil {
		return pairsOf(string(body))
	}
	var walk func(name string, v any)
	walk = func(name string, v any) {
		m, isMap := v.(map[string]any)
		if list, ok := v.([]any); ok {
			m, isMap = make(map[string]any, len(list)), true
			for i, item := range list {
				m[fmt.Sprint(i)] = item
			}
		}
		switch {
		case isMap && len(m) > 0:
			for _, key := range slices.Sorted(maps.Keys(m)) {
				below := name + "[" + key + "]"
				if name == "" {
					below = key
				}
				walk(below, m[key])
			}
		case isMap:
			flat = append(flat, pair{name, "(none)"})
		default:
			flat = append(flat, pair{name, leaf(v)})
		}
	}
	walk("", v)
	return flat
}

func leaf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return fmt.Sprintf("(%v)", v)
}

// recordedMain is the command as scripts run it: it tells the recorder its command line
// and its plans, if there is one.
func recordedMain() int {
	defer recordMemory()
	base := os.Getenv(recorderVariable)
	if base != "" {
		tell(base, "command", []byte(strings.Join(os.Args[1:], " ")))
	}
	return mainCode(func(e *env) {
		// Scripts shorten waits together with the lateness of their portal.
		e.settle, _ = time.ParseDuration(os.Getenv(settleVariable))
		e.fresh, _ = time.ParseDuration(os.Getenv(freshVariable))
		if os.Getenv(spoolVariable) != "" {
			e.spool.Above = 0
		}
		if base != "" {
			e.planned = func(p *plan.Plan) {
				writeDown(p, nil)
				tell(base, "plan", planJSON(p))
			}
		}
	})
}

// spoolVariable has every plan lie in a file, as large ones do.
const spoolVariable = "TEST_SPOOL"

// Variables that shorten the 60 s of a script's commands: that of a lost answer, and that of
// a reading. The program itself knows of none.
const (
	settleVariable = "TEST_SETTLE"
	freshVariable  = "TEST_FRESH"
)

// writeDown puts in place of a plan what is left of it once it was saved and read again, so
// that every fixture of traffic tells that such a plan is carried out alike. What is unchanged
// is only counted then; it is put back for the report, once it was seen that the proofs that
// the applier takes from it are the same.
func writeDown(p *plan.Plan, kinds *kind.Table) {
	var file bytes.Buffer
	if _, err := plan.Write(&file, plan.Header{Mode: plan.Mode{Command: "apply"}}, p); err != nil {
		panic(err)
	}
	saved, err := plan.Read(bytes.NewReader(file.Bytes()), plan.Spool{}) // carried out from a file
	if err != nil {
		panic(err)
	}
	back := saved.Plan
	if err := back.Know(kinds); err != nil {
		panic(err)
	}
	var again bytes.Buffer
	if _, err := plan.Write(&again, saved.Header, back); err != nil || !bytes.Equal(again.Bytes(), file.Bytes()) {
		panic("a plan is another one once it was read again")
	}
	if !slices.Equal(wire.ProvenStores(p), wire.ProvenStores(back)) || back.Size() != p.Size() {
		panic("what is counted proves less than what is listed")
	}
	back.Unchanged, back.Unlisted, back.Digest = p.Unchanged, p.Unlisted, p.Digest
	_ = p.Changes.Close() // what it holds is in the new one
	*p = *back
}

func planJSON(plan *plan.Plan) []byte {
	var b bytes.Buffer
	if err := ui.PlanJSON(&b, plan); err != nil {
		return []byte(err.Error())
	}
	return bytes.Replace(b.Bytes(), []byte("  \"formatVersion\": 1,\n"), nil, 1) // every fixture would hold it
}

// tell ignores that the recorder may be gone, or is not reached: what is missing shows in the
// fixture.
func tell(base, what string, body []byte) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, base+recorderPath+what, bytes.NewReader(body))
	if err != nil {
		return
	}
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}

// foreignPost calls a portal as another program would; it is not recorded.
func foreignPost(url, params string) (*http.Response, error) {
	request, err := http.NewRequest(http.MethodPost, url, strings.NewReader(params))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(foreignHeader, "1")
	return http.DefaultClient.Do(request)
}

// hide replaces what differs from run to run: pairs of a text and its name.
func (rec *tape) hide(pairs ...string) { rec.private = append(rec.private, pairs...) }

// matchesScript compares the traffic of a script that has passed.
func (rec *tape) matchesScript(e *testscript.Env) {
	name := strings.TrimPrefix(filepath.Base(e.WorkDir), "script-")
	t, ok := e.T().(interface {
		trafficT
		Failed() bool
		Skipped() bool
	})
	if !ok {
		panic("a script's test is no testing.T")
	}
	if !t.Failed() && !t.Skipped() {
		rec.matches(t, name)
	}
}

// serveWorld serves a portal, which it closes.
func serveWorld(t *testing.T, p *portal.Portal) *world {
	t.Helper()
	w := &world{t: t, portal: p, tape: &tape{Handler: p}}
	w.tape.off.Store(true)
	server := httptest.NewServer(w.tape)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	w.url = server.URL + p.WebhookPath()
	w.tape.hide(w.url, "$URL", server.URL, "$PORTAL", strings.TrimPrefix(server.URL, "http://"), "$HOST")
	return w
}

func ladderOf(w *world) *fieldLadder {
	l := &fieldLadder{world: w, dir: w.t.TempDir(), ids: make(map[string]int)}
	w.tape.hide(l.dir, "$DIR")
	return l
}

// recorded compares the traffic from now on with its fixture, when the test has passed.
func (l *fieldLadder) recorded() {
	l.tape.off.Store(false)
	l.t.Cleanup(func() {
		if !l.t.Failed() {
			l.tape.matches(l.t, strings.Map(fixtureName, l.t.Name()))
		}
	})
}

func fixtureName(r rune) rune {
	if r == '/' || r == ' ' || r == ':' || r == '+' {
		return '_'
	}
	return r
}

// taped is the world of one command whose traffic is recorded.
func (w *world) taped(e env, args []string) env {
	if w.tape != nil && !w.tape.off.Load() {
		w.tape.told("command", []byte(strings.Join(args, " ")))
		e.planned = func(p *plan.Plan) {
			writeDown(p, w.kinds)
			w.tape.told("plan", planJSON(p))
		}
	}
	return e
}
