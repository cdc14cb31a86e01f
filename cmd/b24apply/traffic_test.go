package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
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
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/portal"
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
		rec.commands = append(rec.commands, newTraffic(string(body)))
		return
	}
	last := rec.last()
	last.plans = append(last.plans, planLines(body)...)
}

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
	lines := []string{oneLine(whole)}
	for _, c := range changes {
		change, _ := c.(map[string]any)
		head := fmt.Sprint(change["action"], " ", change["address"])
		delete(change, "action")
		delete(change, "address")
		lines = append(lines, head+" "+oneLine(change))
	}
	return lines
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

// text is the fixture. With keep 0 lines are whole, else longer ones are cut, and
// end in a digest of all that they say.
// text is the fixture. With keep 0 lines are whole, else longer ones are cut, and
// end in a digest of all that they say.
func (rec *tape) text(name string, keep int) string {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	p := printer{loose: rec.loose, idsVary: strings.HasPrefix(name, "Test") || slices.Contains(idsVary, name), private: strings.NewReplacer(rec.private...), keep: keep, seen: make(map[string]bool)}
	for _, command := range rec.commands {
		if len(command.plans)+len(command.writes)+len(command.reads) > 0 {
			p.command(command)
		}
	}
	return p.String()
}

// A printer writes traffic down.
type printer struct {
	strings.Builder
	idsVary, loose bool
	private        *strings.Replacer
	keep           int             // the length of a line; 0 is any
	seen           map[string]bool // the lines so far: what is said again is shorter
}

func (p *printer) command(c *traffic) {
	fmt.Fprintf(p, "> %s\n", strings.TrimSpace(p.inert(c.title)))
	if p.loose {
		p.section("write", c.writes)
		return
	}
	for i, line := range c.plans {
		if p.keep > 0 && i == plannedLines {
			rest := strings.Join(c.plans[i:], "\n")
			fmt.Fprintf(p, "plan  %s\n", p.shorten(fmt.Sprintf("and %d more: %s", len(c.plans)-i, strings.ReplaceAll(rest, "\n", " "))))
			break
		}
		fmt.Fprintf(p, "plan  %s\n", p.shorten(line))
	}
	p.section("write", c.writes)
	p.section("read", c.reads)
}

// plannedLines are the lines of a plan that are told one by one.
const plannedLines = 25

func (p *printer) section(name string, lines map[string]int) {
	counts := make(map[string]int, len(lines))
	for line, n := range lines {
		counts[p.inert(line)] += n
	}
	for _, line := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(p, "%-5s %d %s\n", name, counts[line], p.shorten(line))
	}
}

// inert takes out what differs from run to run.
func (p *printer) inert(line string) string {
	line = p.private.Replace(line)
	for _, v := range varying {
		line = v.found.ReplaceAllString(line, v.as)
	}
	if p.idsVary {
		line = ids.ReplaceAllString(line, "${1}${2}(any)")
	}
	return dates.ReplaceAllStringFunc(line, func(text string) string {
		day, err := time.Parse(time.DateOnly, text[:len(time.DateOnly)])
		if err != nil || time.Since(day).Abs() > 48*time.Hour {
			return text
		}
		return "(about now)"
	})
}

// varying are the secrets that a portal gives out.
var varying = []struct {
	found *regexp.Regexp
	as    string
}{
	{regexp.MustCompile(`token=crm\|\S+`), "token=(a file's)"},
	{regexp.MustCompile(`/rest/\d+/[^/ ]+/`), "/rest/(webhook)/"},
}

var (
	ids   = regexp.MustCompile(`("id":|\b(?:id|ID|ownerId|OWNER_ID|ENTITY_ID|elementId|productId)=|\[[@=>]*(?:id|ID|ownerId|productId|ENTITY_ID)\](?:\[\d+\])?=|→ | #)\d+|(entityTypeId(?:=|":))\d{3,}`)
	dates = regexp.MustCompile(`\b20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?`)
)

// idsVary are the scripts, besides the ladders, in which several records are created at the same time by
// requests of their own, since no batch can carry them: which one is first is chance.
var idsVary = []string{"hostile_text"}

func (p *printer) shorten(line string) string {
	line = p.inert(line)
	keep := p.keep
	if p.seen[line] {
		keep /= 2
	}
	p.seen[line] = true
	if keep == 0 || len(line) <= keep {
		return line
	}
	digest := sha256.Sum256([]byte(line))
	return fmt.Sprintf("%s… %x", strings.ToValidUTF8(line[:keep-12], ""), digest[:4])
}

const trafficWidth = 120

// matches compares the traffic with its fixture, or writes that.
func (rec *tape) matches(t trafficT, name string) {
	if dir := os.Getenv(wholeVariable); dir != "" {
		write(t, filepath.Join(dir, name+".txt"), rec.text(name, 0))
	}
	file, got := filepath.Join("testdata", "traffic", name+".txt"), rec.text(name, trafficWidth)
	fixture, err := os.ReadFile(file)
	want := string(fixture)
	switch {
	case got == want:
	case os.Getenv(updateVariable) != "", os.Getenv(readsVariable) != "" && withoutReads(got) == withoutReads(want):
		write(t, file, got)
	case err != nil:
		t.Errorf("%v\n%s=1 records the traffic", err, updateVariable)
	default:
		t.Errorf("%s: plan or traffic differ (-want +got):\n%s", file, lineDiff(want, got))
	}
}

// trafficT is what matches needs of a test.
type trafficT interface {
	Errorf(format string, args ...any)
}

func write(t trafficT, file, text string) {
	err := os.MkdirAll(filepath.Dir(file), 0o755)
	if text == "" {
		if err = os.Remove(file); os.IsNotExist(err) {
			err = nil
		}
	} else if err == nil {
		err = os.WriteFile(file, []byte(text), 0o644)
	}
	if err != nil {
		t.Errorf("%v", err)
	}
}

func withoutReads(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "read ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// lineDiff tells what two texts of commands and lines do not share, command by command.
func lineDiff(want, got string) string {
	var b strings.Builder
	wants, gots := strings.Split("\n"+want, "\n> "), strings.Split("\n"+got, "\n> ")
	for i := range max(len(wants), len(gots)) {
		var w, g []string
		if i < len(wants) {
			w = strings.Split(wants[i], "\n")
		}
		if i < len(gots) {
			g = strings.Split(gots[i], "\n")
		}
		if slices.Equal(w, g) {
			continue
		}
		fmt.Fprintf(&b, "  > %s\n", slices.Concat(g, w)[0])
		for _, line := range missing(w, g) {
			fmt.Fprintf(&b, "- %s\n", line)
		}
		for _, line := range missing(g, w) {
			fmt.Fprintf(&b, "+ %s\n", line)
		}
	}
	return b.String()
}

func missing(from, in []string) (lines []string) {
	for _, line := range from {
		if !slices.Contains(in, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// recordedMain is the command as scripts run it: it tells the recorder its command line
// and its plans, if there is one.
func recordedMain() int {
	base := os.Getenv(recorderVariable)
	if base == "" {
		return mainCode(nil)
	}
	tell(base, "command", []byte(strings.Join(os.Args[1:], " ")))
	return mainCode(func(plan *diff.Plan) { tell(base, "plan", planJSON(plan)) })
}

func planJSON(plan *diff.Plan) []byte {
	var b bytes.Buffer
	if err := ui.PlanJSON(&b, plan); err != nil {
		return []byte(err.Error())
	}
	return b.Bytes()
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
		e.planned = func(plan *diff.Plan) { w.tape.told("plan", planJSON(plan)) }
	}
	return e
}
