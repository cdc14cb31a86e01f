package portal

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is how long a few small calls may take; it bounds a hang.
const patience = 20 * time.Second

// storeTalk is what only the store says; a client's own words come near it only
// by quoting.
var storeTalk = regexp.MustCompile(`(?i)sqlite|sql logic|no such (table|column)|constraint failed|syntax error|datatype mismatch|portal_user|crm_item|\bsql:`)

// Random calls with random parameters, in JSON and in forms, never panic, hang,
// fail inside or show the store.
func FuzzCalls(f *testing.F) {
	words := newVocabulary(f)
	for seed := range uint64(12) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		p := openPortal(t, Config{Seed: "demo"})
		d := dice{rand.New(rand.NewPCG(seed, 0)), words}
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			for range 16 {
				d.call(t, p)
			}
		}()
		select {
		case <-finished:
		case <-time.After(patience):
			t.Fatal("the calls hang")
		}
	})
}

// A vocabulary is what random calls are made of.
type vocabulary struct {
	methods []string
	params  map[string][]string // documented ones, by lower-case method
	names   []string            // of parameters and parts of them
	values  []any
}

func newVocabulary(tb testing.TB) vocabulary {
	w := vocabulary{methods: slices.Sorted(maps.Keys(methodTable())), params: make(map[string][]string)}
	names := map[string]bool{"0": true, "logic": true, "*": true, "": true, "a\"b": true, "x] y": true, "id; --": true}
	for _, fact := range loadFacts(tb) {
		for _, p := range fact.Params {
			first, rest, nested := strings.Cut(p.Name, ".")
			names[first] = true
			if nested {
				names[rest] = true
				continue
			}
			method := strings.ToLower(fact.Method)
			w.params[method] = append(w.params[method], first)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		w.names = append(w.names, name, "="+name)
	}
	w.names = append(w.names, "!%id", ">=id", "@id", "!@title", "><opportunity", "=%title")
	w.values = []any{
		nil, true, false, "", 0, 1, 2, 3, 4, 7, 31, 128, -1, 1.5, 1e300, "1", "02", "1e3", "9223372036854775808", 9.3e18,
		"Y", "N", "D", "ASC", "desc", "DEAL", "SOURCE", "DEAL_STAGE", "CRM_DEAL", "UF_CRM_X", "string", "crm", "USD", "EUR", "EMAIL",
		"NEW", "C1:NEW", "2026-02-30", "2026-08-21T10:00:00+03:00", "' OR 1=1 --", `"; DROP`, "%_\\", "\x00", "\xff", "ü漢😀",
		strings.Repeat("x", 3000), "$result[c0][item][id]", "[b]x[/b]", "<p>x", "data:,", "aGVsbG8=",
	}
	return w
}

// A dice makes the random decisions of one seed, the same in every run.
type dice struct {
	random *rand.Rand
	words  vocabulary
}

// roll returns a number below n.
func (d dice) roll(n int) int { return d.random.IntN(n) }

func (d dice) method() string { return d.words.methods[d.roll(len(d.words.methods))] }
func (d dice) name() string   { return d.words.names[d.roll(len(d.words.names))] }

// params makes mostly the documented parameters of a method.
func (d dice) params(method string) map[string]any {
	params := make(map[string]any)
	for _, name := range d.words.params[method] {
		if d.roll(8) != 7 {
			params[name] = d.value(0)
		}
	}
	if d.roll(4) == 3 {
		params[d.name()] = d.value(0)
	}
	if _, ok := params["entityTypeId"]; ok && d.roll(4) != 3 {
		params["entityTypeId"] = []int{1, 2, 3, 4, 7, 31}[d.roll(6)]
	}
	return params
}

// value makes a value of up to four levels.
func (d dice) value(depth int) any {
	kind := d.roll(5)
	if depth >= 4 || kind < 3 {
		return d.words.values[d.roll(len(d.words.values))]
	}
	size := d.roll(4)
	if kind == 3 {
		list := make([]any, size)
		for i := range list {
			list[i] = d.value(depth + 1)
		}
		return list
	}
	object := make(map[string]any, size)
	for range size {
		object[d.name()] = d.value(depth + 1)
	}
	return object
}

// call sends one call, as JSON, as a form or as the commands of a batch.
func (d dice) call(t *testing.T, p *Portal) {
	method := d.method()
	params := d.params(method)
	switch d.roll(3) {
	case 0:
		body, err := json.Marshal(params)
		if err != nil {
			t.Error(err)
			return
		}
		check(t, p, method, "application/json", string(body))
	case 1:
		check(t, p, method, "application/x-www-form-urlencoded", formOf(params))
	default:
		commands := map[string]any{"c0": method + "?" + formOf(params)}
		for i := range d.roll(4) {
			other := d.method()
			commands[fmt.Sprintf("c%d", i+1)] = other + "?" + formOf(d.params(other))
		}
		check(t, p, "batch", "application/x-www-form-urlencoded", formOf(map[string]any{"halt": d.roll(2), "cmd": commands}))
	}
}

// check sends a call and looks at the answer.
func check(t *testing.T, p *Portal, method, contentType, body string) {
	request := httptest.NewRequest(http.MethodPost, p.WebhookPath()+method, strings.NewReader(body))
	request.Header.Set("Content-Type", contentType)
	recorder := httptest.NewRecorder()
	p.ServeHTTP(recorder, request)
	answer := recorder.Body.Bytes()
	if recorder.Code >= http.StatusInternalServerError || strings.Contains(string(answer), "INTERNAL_SERVER_ERROR") {
		t.Errorf("%s %s: status %d: %.500s", method, body, recorder.Code, answer)
	}
	var envelope map[string]any
	if err := json.Unmarshal(answer, &envelope); err != nil {
		t.Errorf("%s %s: %v in %.500s", method, body, err, answer)
	}
	for _, text := range errorTexts(envelope) {
		if storeTalk.MatchString(text) {
			t.Errorf("%s %s: the error shows the store: %.500s", method, body, text)
		}
	}
}

// errorTexts lists the texts of all errors in an answer.
func errorTexts(v any) []string {
	var texts []string
	switch v := v.(type) {
	case map[string]any:
		for key, below := range v {
			if text, ok := below.(string); ok && strings.HasPrefix(key, "error") {
				texts = append(texts, text)
			}
			texts = append(texts, errorTexts(below)...)
		}
	case []any:
		for _, below := range v {
			texts = append(texts, errorTexts(below)...)
		}
	}
	return texts
}

// formOf writes parameters as PHP reads them: a[b][0]=c.
func formOf(params map[string]any) string {
	var pairs []string
	var flatten func(key string, v any)
	flatten = func(key string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				flatten(key+"["+name+"]", v[name])
			}
		case []any:
			for i, element := range v {
				flatten(fmt.Sprintf("%s[%d]", key, i), element)
			}
		case nil:
			pairs = append(pairs, url.QueryEscape(key)+"=")
		default:
			pairs = append(pairs, url.QueryEscape(key)+"="+url.QueryEscape(fmt.Sprint(v)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		flatten(name, params[name])
	}
	return strings.Join(pairs, "&")
}
