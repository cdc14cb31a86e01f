package bitrix

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// outcomeText shows an outcome in a form that tables can compare.
func outcomeText(o Outcome) string {
	switch {
	case errors.Is(o.Err, ErrNotRun):
		return "not run"
	case kind(o.Err) == "refused":
		var e *Error
		errors.As(o.Err, &e)
		return "refused " + e.Method + " " + e.Code
	case o.Err != nil:
		return kind(o.Err)
	}
	s := string(o.Result)
	if o.Total != nil {
		s += fmt.Sprintf(" of %d", *o.Total)
	}
	if o.Next != nil {
		s += fmt.Sprintf(" next %d", *o.Next)
	}
	return s
}

func outcomeTexts(outcomes []Outcome) []string {
	var s []string
	for _, o := range outcomes {
		s = append(s, outcomeText(o))
	}
	return s
}

func TestBatchAnswersAreReadInEveryShape(t *testing.T) {
	for _, tc := range []struct {
		name, result string
		want         []string
	}{
		{"objects", `{"result":{"c00":{"item":{"id":7}},"c01":[]},"result_error":[],"result_total":{"c01":120},"result_next":{"c01":50},"result_time":{"c00":{"duration":0.1}}}`,
			[]string{`{"item":{"id":7}}`, `[] of 120 next 50`}},
		{"all failed", `{"result":[],"result_error":{"c00":{"error":"ACCESS_DENIED","error_description":"no"},"c01":{"error":0,"error_description":"no"}},"result_total":[],"result_next":[],"result_time":[]}`,
			[]string{"refused m.get ACCESS_DENIED", "refused m.get 0"}},
		{"one of each", `{"result":{"c01":5},"result_error":{"c00":{"error":"","error_description":"no"}}}`, []string{"refused m.get ", "5"}},
		{"null is a result", `{"result":{"c00":null,"c01":false},"result_error":[]}`, []string{"null", "false"}},
		{"left out", `{"result":{"c01":1},"result_error":[]}`, []string{"not run", "1"}},
		{"nothing ran", `{"result":[],"result_error":[]}`, []string{"not run", "not run"}},
		{"lists", `{"result":[1,2],"result_error":[],"result_total":[9,"10"]}`, []string{"1 of 9", "2 of 10"}},
		{"nulls for empty", `{"result":{"c00":1,"c01":2},"result_error":null,"result_total":null,"result_next":null,"result_time":null}`, []string{"1", "2"}},
		{"error as text", `{"result":[],"result_error":{"c00":"broken","c01":["odd"]}}`, []string{"refused m.get ", "refused m.get "}},
		{"error wins over result", `{"result":{"c00":1,"c01":1},"result_error":{"c00":{"error":"X"}}}`, []string{"refused m.get X", "1"}},
		{"error as in rest v3", `{"result":{"c01":1},"result_error":{"c00":{"error":{"code":"X","message":"no"}}}}`, []string{"refused m.get X", "1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":`+tc.result+`}`), nil }}
			got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.get"}, {Method: "m.get"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, outcomeTexts(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDamagedBatchAnswerIsInDoubt(t *testing.T) {
	for _, result := range []string{`[]`, `{}`, `null`, `true`, `"x"`, `{"result":"x"}`, `{"result":[1,2,3]}`, `{"result":[1]}`, `{"result_total":[]}`} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, `{"result":`+result+`}`), nil }}
			_, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.get"}, {Method: "m.add"}})
			if kind(err) != "unknown" || len(w.sent()) != 1 {
				t.Errorf("%s: got %v after %d requests", result, err, len(w.sent()))
			}
		})
	}
}

func TestBatchIsAsCarefulAsItsStrongestCommand(t *testing.T) {
	for _, tc := range []struct {
		methods string
		sends   int
		kind    string
	}{
		{"m.get m.list", 6, "other"},
		{"m.get m.update m.delete", 1, "unknown"},
		{"m.get m.delete", 6, "unknown"},
		{"m.get m.update m.add", 1, "unknown"},
		{"m.add m.update m.get", 1, "unknown"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(504, html), nil }}
			var commands []Command
			for m := range strings.FieldsSeq(tc.methods) {
				commands = append(commands, Command{Method: m})
			}
			_, err := newClient(t, w).Batch(t.Context(), commands)
			if kind(err) != tc.kind || len(w.sent()) != tc.sends {
				t.Errorf("%s: got %v after %d requests", tc.methods, err, len(w.sent()))
			}
		})
	}
}

// answerEach answers a batch as a portal would: each command by the function,
// which returns a result or an error code.
func answerEach(params Params, each func(command string) (result, code string)) *http.Response {
	results, refused := map[string]json.RawMessage{}, map[string]any{}
	cmd, _ := params["cmd"].(map[string]any)
	for _, key := range slices.Sorted(maps.Keys(cmd)) {
		if result, code := each(cmd[key].(string)); code != "" {
			refused[key] = map[string]string{"error": code, "error_description": "no"}
		} else {
			results[key] = json.RawMessage(result)
		}
	}
	body, err := json.Marshal(map[string]any{"result": map[string]any{"result": results, "result_error": refused}})
	if err != nil {
		return reply(500, err.Error())
	}
	return reply(200, string(body))
}

func TestRefusedForPaceInsideABatchIsTriedAlone(t *testing.T) {
	for _, code := range []string{"OPERATION_TIME_LIMIT", "QUERY_LIMIT_EXCEEDED"} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
				return answerEach(p, func(command string) (string, string) {
					switch {
					case strings.HasPrefix(command, "m.add?i=1") && n < 3:
						return "", code
					case strings.HasPrefix(command, "m.add?i=2"):
						return "", "ACCESS_DENIED"
					}
					return fmt.Sprintf("%q", command), ""
				}), nil
			}}
			var commands []Command
			for i := range 4 {
				commands = append(commands, Command{Method: "m.add", Params: Params{"i": i}})
			}
			got, err := newClient(t, w).Batch(t.Context(), commands)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{`"m.add?i=0"`, `"m.add?i=1"`, "refused m.add ACCESS_DENIED", `"m.add?i=3"`}
			if diff := cmp.Diff(want, outcomeTexts(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			var sizes []int
			for _, call := range w.sent() {
				sizes = append(sizes, len(call.Params["cmd"].(map[string]any)))
			}
			if diff := cmp.Diff([]int{4, 1, 1}, sizes); diff != "" {
				t.Errorf("commands per request -want +got:\n%s", diff)
			}
		})
	}
}

func TestCommandThatStaysRefusedForPaceIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
			return answerEach(p, func(string) (string, string) { return "", "OPERATION_TIME_LIMIT" }), nil
		}}
		start := time.Now()
		got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.add"}})
		if err != nil || !IsRateLimit(got[0].Err) || len(w.sent()) != 12 {
			t.Errorf("got %v, %v after %d requests", got, err, len(w.sent()))
		}
		if took := time.Since(start); took < 10*time.Minute {
			t.Errorf("given up after %s, before the portal can have forgotten the time used", took)
		}
	})
}

// A command that broke inside the portal may have been executed.
func TestCommandThatBrokeInsideABatch(t *testing.T) {
	for method, want := range map[string]struct {
		sends int
		text  string
	}{
		"m.get":    {6, "refused m.get INTERNAL_SERVER_ERROR"},
		"m.delete": {6, "unknown"},
		"m.update": {1, "unknown"},
		"m.add":    {1, "unknown"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
				return answerEach(p, func(command string) (string, string) {
					if command == method {
						return "", "INTERNAL_SERVER_ERROR"
					}
					return "1", ""
				}), nil
			}}
			got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.list"}, {Method: method}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"1", want.text}, outcomeTexts(got)); diff != "" || len(w.sent()) != want.sends {
				t.Errorf("%s: %d requests, -want +got:\n%s", method, len(w.sent()), diff)
			}
		})
	}
}

// What the first answer decided stays decided when a repetition is lost.
func TestLostRepetitionConcernsOnlyWhatItRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
			if n > 1 {
				return reply(502, html), nil
			}
			return answerEach(p, func(command string) (string, string) {
				if command == "m.add?i=1" {
					return "", "QUERY_LIMIT_EXCEEDED"
				}
				return "1", ""
			}), nil
		}}
		got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.add", Params: Params{"i": 0}}, {Method: "m.add", Params: Params{"i": 1}}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1", "unknown"}, outcomeTexts(got)); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// A deletion that broke inside the portal stays in doubt until the portal
// decides a repetition, and the decision tells of the doubt.
func TestDoubtAboutACommandEndsWithADecision(t *testing.T) {
	for _, tc := range []struct{ name, second, want string }{
		{"done", "", "1"},
		{"refused", "NOT_FOUND", "refused again m.delete NOT_FOUND"},
		{"refused for pace", "QUERY_LIMIT_EXCEEDED", "unknown"},
		{"whole batch refused", "outer", "unknown"},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
				if n > 1 && tc.second == "outer" {
					return refuse(401, "INVALID_CREDENTIALS"), nil
				}
				return answerEach(p, func(string) (string, string) {
					if n == 1 {
						return "", "INTERNAL_SERVER_ERROR"
					}
					return "1", tc.second
				}), nil
			}}
			got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.delete"}})
			if err != nil {
				t.Fatal(err)
			}
			text := outcomeText(got[0])
			if e, ok := got[0].Err.(*Error); ok && e.Repeated {
				text = strings.Replace(text, "refused", "refused again", 1)
			}
			if text != tc.want {
				t.Errorf("%s: got %s, want %s", tc.name, text, tc.want)
			}
		})
	}
}

// One request repeats all that is to be repeated, so it waits for the longest.
func TestRepetitionWaitsForTheLongestOfItsCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
			return answerEach(p, func(command string) (string, string) {
				switch {
				case n > 1:
					return "1", ""
				case command == "m.add":
					return "", "OPERATION_TIME_LIMIT"
				}
				return "", "QUERY_LIMIT_EXCEEDED"
			}), nil
		}}
		start := time.Now()
		if _, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.add"}, {Method: "m.get"}}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < backoffs[parked].base {
			t.Errorf("repeated after %s", took)
		}
	})
}

func TestRefusalsAfterALostBatchSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, p Params) (*http.Response, error) {
			if n == 1 {
				return nil, errReset
			}
			return answerEach(p, func(string) (string, string) { return "", "NOT_FOUND" }), nil
		}}
		got, err := newClient(t, w).Batch(t.Context(), []Command{{Method: "m.delete"}})
		if err != nil {
			t.Fatal(err)
		}
		var e *Error
		if !errors.As(got[0].Err, &e) || !e.Repeated {
			t.Errorf("got %#v", got[0].Err)
		}
	})
}

func TestBatchOfFiftyKeepsItsOrder(t *testing.T) {
	w := &wire{answer: func(_ int, _ string, p Params) (*http.Response, error) {
		if p["halt"] != 0.0 {
			return refuse(400, "HALT"), nil
		}
		return answerEach(p, func(command string) (string, string) { return fmt.Sprintf("%q", command), "" }), nil
	}}
	var commands []Command
	var want []string
	for i := range MaxBatch {
		commands = append(commands, Command{Method: "m.get", Params: Params{"i": i}})
		want = append(want, fmt.Sprintf(`"m.get?i=%d"`, i))
	}
	got, err := newClient(t, w).Batch(t.Context(), commands)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, outcomeTexts(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestBatchThatCannotBeSentIsNotSent(t *testing.T) {
	for name, commands := range map[string][]Command{
		"none":      nil,
		"too many":  make([]Command, MaxBatch+1),
		"no method": {{}},
		"null":      {{Method: "m.get"}, {Method: "m.add", Params: Params{"x": nil}}},
	} {
		w := &wire{}
		if _, err := newClient(t, w).Batch(t.Context(), commands); err == nil || len(w.sent()) != 0 {
			t.Errorf("%s: got %v after %d requests", name, err, len(w.sent()))
		}
	}
}

func FuzzBatchAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"result":{"c00":{"item":{"id":7}},"c01":null},"result_error":[],"result_time":{"c00":{"finish":1e400}}}`,
		`{"result":[],"result_error":{"c00":{"error":"X","error_description":"no"},"c01":"text"}}`,
		`{"result":[1,2],"result_error":[{"error":{"code":1}}],"result_total":[1.5],"result_next":["50"]}`,
		`{"result":[1,2,3]}`, `{"result":[1]}`, `[]`, `null`, `{"result":null}`, `{"RESULT":{"c00":1}}`,
	} {
		f.Add([]byte(seed))
	}
	e := &endpoint{host: "acme.example", secret: canary}
	f.Fuzz(func(t *testing.T, answer []byte) {
		slots, err := decodeBatch(valueOf(answer, batchLevels-1), 2)
		if err != nil {
			return
		}
		if len(slots) != 2 {
			t.Fatalf("%d slots for 2 commands", len(slots))
		}
		for _, s := range slots {
			if o := s.outcome(e, "m.add", false); (o.Err == nil) == (o.Result == nil) {
				t.Errorf("neither result nor error, or both: %s, %v", o.Result, o.Err)
			}
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{
		`{"result":1,"total":"5","time":{"finish":1}}`, `{"error":{"code":1,"validation":[{}]}}`, `{"error":0}`, `<html>`, ``, `{"result"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		env, err := decodeEnvelope(new(doc), body, callLevels)
		if err == nil && env.Result == nil && env.refusal == nil {
			t.Error("an answer that is neither a result, a refusal nor damaged")
		}
	})
}
