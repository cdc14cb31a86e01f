package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Without a required parameter a call is refused, with a code that the page of
// the method names or that all methods have. Every documented parameter is
// accepted: a call with samples of all those that the scenario leaves out succeeds.
func TestConformanceParametersAreRequiredAndAccepted(t *testing.T) {
	report := newReport(t)
	required, sent := make(map[string]int), make(map[string]int)
	for _, f := range judged(t) {
		s, ok := scenarios()[f.Method]
		if !ok {
			continue
		}
		t.Run(f.Method, func(t *testing.T) {
			r := newTrial(t)
			full := r.prepare(s)
			for _, p := range topParams(f) {
				sent[f.Family]++
				if p.Required {
					required[f.Family]++
					report.noteWithout(r, f, p, decodeParams(t, full))
				}
			}
			report.noteRefused(r, f, decodeParams(t, full))
		})
	}
	logTally(t, sent, "documented parameters sent")
	logTally(t, required, "required parameters left out")
	report.finish("the scenario lacks", "succeeds", "code", "refused")
}

// noteRefused adds samples of the optional parameters that are not there and
// notes a refusal.
func (r *report) noteRefused(trial *trial, f fact, params map[string]any) {
	for _, p := range topParams(f) {
		if _, given := params[p.Name]; !given && !p.Required {
			params[p.Name] = sampleOf(p)
		}
	}
	if status, answer := trial.send(f.Method, encodeParams(trial.t, params)); status != http.StatusOK {
		r.note(f.Method, fmt.Sprintf("refused %v: %v", answer["error"], answer["error_description"]))
	}
}

// noteWithout leaves a required parameter out and notes what is odd about the
// answer.
func (r *report) noteWithout(trial *trial, f fact, p documentedParam, params map[string]any) {
	if _, given := params[p.Name]; !given {
		r.note(f.Method, "the scenario lacks "+p.Name)
	}
	delete(params, p.Name)
	status, answer := trial.send(f.Method, encodeParams(trial.t, params))
	code, _ := answer["error"].(string)
	switch {
	case status == http.StatusOK && answer["result"] != false:
		r.note(f.Method, "succeeds without "+p.Name)
	case status != http.StatusOK && len(f.Errors) > 0 && code != missingParameter && !slices.Contains(f.Errors, code):
		r.note(f.Method, fmt.Sprintf("code %q without %s, documented %q", code, p.Name, f.Errors))
	}
}

// missingParameter is the code of controllers whose parameters do not bind.
const missingParameter = "100"

// The documented parts of "fields" are what the describing method of the same
// entity lists.
func TestConformanceDocumentedFieldsAreDescribed(t *testing.T) {
	report := newReport(t)
	tally := make(map[string]int)
	described := make(map[string]map[string]bool)
	for _, f := range judged(t) {
		for _, p := range f.Params {
			name, ok := strings.CutPrefix(p.Name, "fields.")
			describer := describerOf(f.Method)
			if !ok || describer == "" || customName.MatchString(name) {
				continue
			}
			key := describer + p.Entity
			if described[key] == nil {
				described[key] = describe(t, describer, p.Entity)
			}
			tally[f.Family]++
			if !described[key][strings.ToUpper(strings.ReplaceAll(name, "_", ""))] {
				report.note(f.Method, strings.TrimSpace("undescribed "+name+" "+p.Entity))
			}
		}
	}
	logTally(t, tally, "documented parts of fields")
	report.finish("undescribed")
}

// describerOf names the method that lists the fields of a method's entity.
func describerOf(method string) string {
	base := method[:strings.LastIndexByte(method, '.')+1]
	for _, name := range []string{"fields", "getFields"} {
		if _, ok := methodTable()[strings.ToLower(base+name)]; ok {
			return base + name
		}
	}
	return ""
}

// describe returns the names that a describing method lists, in upper case and
// without underscores. Deals stand for methods that need an entity type.
func describe(t *testing.T, describer, entity string) map[string]bool {
	t.Helper()
	r := newTrial(t)
	switch entity {
	case "":
		entity = "2"
	case "spa":
		entity = r.fill("$type.type.entityTypeId")
	}
	names := make(map[string]bool)
	var collect func(v any)
	collect = func(v any) {
		object, _ := v.(map[string]any)
		for name, below := range object {
			names[strings.ToUpper(strings.ReplaceAll(name, "_", ""))] = true
			collect(below)
		}
	}
	collect(r.must(describer, fmt.Sprintf(`{"entityTypeId":%s}`, entity))["result"])
	return names
}

// topParams lists the parameters themselves, without parts of them.
func topParams(f fact) []documentedParam {
	return slices.DeleteFunc(slices.Clone(f.Params), func(p documentedParam) bool {
		return strings.Contains(p.Name, ".") || p.Entity != ""
	})
}

// sampleOf returns a harmless value of a documented type.
func sampleOf(p documentedParam) any {
	switch {
	case p.Name == "order" && p.Type == "string":
		return "ASC"
	case p.Type == "integer":
		return 0
	case p.Type == "boolean":
		return "N"
	case p.Type == "array", strings.HasSuffix(p.Type, "[]"):
		return []any{}
	case p.Type == "object":
		return map[string]any{}
	}
	return ""
}

func decodeParams(t *testing.T, text string) map[string]any {
	t.Helper()
	params := make(map[string]any)
	if err := json.Unmarshal([]byte(text), &params); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return params
}

func encodeParams(t *testing.T, params map[string]any) string {
	t.Helper()
	text, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func logTally(t *testing.T, tally map[string]int, what string) {
	t.Helper()
	for _, f := range factFamilies() {
		if n := tally[f.name]; n > 0 {
			t.Logf("%-26s %3d %s", f.name, n, what)
		}
	}
}
