package portal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A trial runs one method's scenario on a portal of its own.
type trial struct {
	t       *testing.T
	p       *Portal
	results map[string]any // by step
}

func newTrial(t *testing.T) *trial {
	return &trial{t: t, p: openPortal(t, Config{}), results: make(map[string]any)}
}

// send calls a method over HTTP and returns the status and the decoded answer.
func (r *trial) send(method, params string) (int, map[string]any) {
	r.t.Helper()
	request := httptest.NewRequest(http.MethodPost, r.p.WebhookPath()+method, strings.NewReader(params))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	r.p.ServeHTTP(recorder, request)
	var answer map[string]any
	if err := json.Unmarshal(recorder.Body.Bytes(), &answer); err != nil {
		r.t.Fatalf("%s: %v", method, err)
	}
	return recorder.Code, answer
}

// must calls a method that has to succeed.
func (r *trial) must(method, params string) map[string]any {
	r.t.Helper()
	status, answer := r.send(method, params)
	if status != http.StatusOK {
		r.t.Fatalf("%s %s: status %d: %v %v", method, params, status, answer["error"], answer["error_description"])
	}
	return answer
}

var placeholder = regexp.MustCompile(`\$([a-z]\w*)((?:\.\w+)*)`)

// fill puts results of steps into parameters: $deal.item.id is the id that the
// step "deal" answered with. Steps run when they are first needed.
func (r *trial) fill(params string) string {
	r.t.Helper()
	return placeholder.ReplaceAllStringFunc(params, func(text string) string {
		parts := placeholder.FindStringSubmatch(text)
		node := r.step(parts[1])
		for _, key := range strings.Split(strings.TrimPrefix(parts[2], "."), ".") {
			switch parent := node.(type) {
			case map[string]any:
				node = parent[key]
			case []any:
				i, err := strconv.Atoi(key)
				if err != nil || i >= len(parent) {
					r.t.Fatalf("%s: nothing there", text)
				}
				node = parent[i]
			}
		}
		value, err := json.Marshal(node)
		if err != nil || node == nil {
			r.t.Fatalf("%s: nothing there", text)
		}
		return string(value)
	})
}

// step returns the result of a step, which runs once.
func (r *trial) step(name string) any {
	r.t.Helper()
	if _, done := r.results[name]; !done {
		s, ok := scenarioSteps()[name]
		if !ok {
			r.t.Fatalf("no step %q", name)
		}
		r.results[name] = r.must(s.method, r.fill(s.params))["result"]
	}
	return r.results[name]
}

// prepare runs the steps that a scenario needs and returns its parameters.
func (r *trial) prepare(s scenario) string {
	r.t.Helper()
	for name := range strings.FieldsSeq(s.needs) {
		r.step(name)
	}
	return r.fill(cmp.Or(s.params, "{}"))
}

// Every documented method exists in the families of which the portal has any
// method; the others are counted as skipped.
func TestConformanceMethods(t *testing.T) {
	methods := methodTable()
	registered := registeredFamilies(loadFacts(t), methods)
	report := newReport(t)
	total, present := make(map[string]int), make(map[string]int)
	for _, f := range loadFacts(t) {
		total[f.Family]++
		if _, ok := methods[strings.ToLower(f.Method)]; ok {
			present[f.Family]++
		} else if registered[f.Family] {
			report.note(f.Method, "no method")
		}
	}
	for _, f := range factFamilies() {
		switch {
		case f.name == everyAnswer:
		case registered[f.name]:
			t.Logf("%-26s %2d of %2d documented methods", f.name, present[f.name], total[f.name])
		default:
			t.Logf("%-26s none of %d documented methods: family skipped", f.name, total[f.name])
		}
	}
	report.finish("no method")
}

// registeredFamilies tells which families the portal has a method of.
func registeredFamilies(facts []fact, methods map[string]method) map[string]bool {
	registered := make(map[string]bool)
	for _, f := range facts {
		if _, ok := methods[strings.ToLower(f.Method)]; ok {
			registered[f.Family] = true
		}
	}
	return registered
}

// judged returns the facts about methods that the portal has.
func judged(t *testing.T) []fact {
	t.Helper()
	methods := methodTable()
	return slices.DeleteFunc(loadFacts(t), func(f fact) bool {
		_, ok := methods[strings.ToLower(f.Method)]
		return !ok
	})
}

func TestConformanceAnswersHaveTheDocumentedTypes(t *testing.T) {
	report := newReport(t)
	tally := make(map[string]*[3]int) // examples compared, their parts, methods without an example
	for _, f := range judged(t) {
		if tally[f.Family] == nil {
			tally[f.Family] = new([3]int)
		}
		if f.Answer == nil {
			tally[f.Family][2]++
			continue
		}
		s, ok := scenarios()[f.Method]
		if !ok {
			report.note(f.Method, "no scenario")
			continue
		}
		t.Run(f.Method, func(t *testing.T) {
			r := newTrial(t)
			answer := r.must(f.Method, r.prepare(s))
			delete(answer, "time")
			tally[f.Family][0]++
			tally[f.Family][1] += len(f.Answer)
			for _, difference := range differences(f.Answer, typesOf(answer)) {
				report.note(f.Method, difference)
			}
		})
	}
	for _, f := range factFamilies() {
		if n := tally[f.name]; n != nil {
			t.Logf("%-26s %2d examples with %3d parts, %d methods without an example", f.name, n[0], n[1], n[2])
		}
	}
	report.finish("no scenario", "missing", "extra", "type")
}

func TestConformanceEveryAnswerHasTheDocumentedTime(t *testing.T) {
	facts := loadFacts(t)
	r := newTrial(t)
	got := typesOf(map[string]any{"time": r.must("profile", "{}")["time"]})
	if facts[0].Family != everyAnswer {
		t.Fatalf("the first fact is about %s", facts[0].Method)
	}
	for _, difference := range differences(facts[0].Answer, got) {
		t.Error(difference)
	}
}

// differences compares the parts of an answer with the documented ones, each
// path to JSON types. Null says nothing about a type, nor an empty list or
// object about its parts. Of parts within parts, only the outermost is named.
func differences(want, got map[string]string) []string {
	var list []string
	for _, at := range slices.Sorted(maps.Keys(want)) {
		types, ok := got[at]
		switch {
		case ok && !compatible(want[at], types):
			list = append(list, fmt.Sprintf("type %s: %s, documented %s", at, types, want[at]))
		case !ok && hasParts(got, parentOf(at)):
			list = append(list, "missing "+at)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[at]; !ok && hasParts(want, parentOf(at)) {
			list = append(list, "extra "+at)
		}
	}
	return list
}

// compatible reports whether every type that occurs is documented.
func compatible(want, got string) bool {
	if want == "null" {
		return true
	}
	allowed := strings.Split(want, "|")
	for _, name := range strings.Split(got, "|") {
		if name != "null" && !slices.Contains(allowed, name) {
			return false
		}
	}
	return true
}

// parentOf returns the path of what holds a part, "" at the root.
func parentOf(at string) string {
	if list, ok := strings.CutSuffix(at, "[]"); ok {
		return list
	}
	return at[:max(strings.LastIndexByte(at, '.'), 0)]
}

// hasParts reports whether a part is there and holds others.
func hasParts(types map[string]string, at string) bool {
	if at == "" {
		return true
	}
	for other := range types {
		if strings.HasPrefix(other, at+".") || strings.HasPrefix(other, at+"[]") {
			return true
		}
	}
	return false
}

// A report collects what differs from the documentation. An exception excuses
// it, and one that excuses nothing is an error itself.
type report struct {
	t     *testing.T
	notes []string
	used  []bool
}

func newReport(t *testing.T) *report {
	return &report{t: t, used: make([]bool, len(exceptions()))}
}

// note adds a difference unless an exception excuses it.
func (r *report) note(method, difference string) {
	excused := false
	for i, e := range exceptions() {
		if fitsPattern(e.methods, method) && fitsPattern(e.difference, difference) {
			r.used[i], excused = true, true
		}
	}
	if !excused {
		r.notes = append(r.notes, method+": "+difference)
	}
}

// fitsPattern compares with a pattern, in which * stands for any text.
func fitsPattern(pattern, text string) bool {
	pattern, text = strings.ReplaceAll(pattern, "[]", ":"), strings.ReplaceAll(text, "[]", ":")
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(text))
	return ok && err == nil
}

// finish reports the differences, and the exceptions of these kinds that no
// method of a registered family needs.
func (r *report) finish(kinds ...string) {
	r.t.Helper()
	for _, note := range r.notes {
		r.t.Error(note)
	}
	registered := registeredFamilies(loadFacts(r.t), methodTable())
	for i, e := range exceptions() {
		about := slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(e.difference, kind) })
		if about && !r.used[i] && (registered[familyOf(e.methods)] || e.methods == "*") {
			r.t.Errorf("the exception %s: %s is not needed any more", e.methods, e.difference)
		}
	}
	r.t.Logf("%d exceptions used", len(slices.DeleteFunc(slices.Clone(r.used), func(used bool) bool { return !used })))
}
