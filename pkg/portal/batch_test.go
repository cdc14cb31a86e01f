package portal

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// batchMaps are the five maps of a batch's answer, as text.
type batchMaps struct {
	Result json.RawMessage `json:"result"`
	Error  json.RawMessage `json:"result_error"`
	Total  json.RawMessage `json:"result_total"`
	Next   json.RawMessage `json:"result_next"`
	Time   json.RawMessage `json:"result_time"`
}

// batch sends a batch as JSON and returns its maps.
func (w wire) batch(params string) batchMaps {
	w.t.Helper()
	var maps batchMaps
	if err := json.Unmarshal([]byte(w.result("batch", params)), &maps); err != nil {
		w.t.Fatal(err)
	}
	return maps
}

func TestBatchShapes(t *testing.T) {
	const missing = `{"error":"ERROR_METHOD_NOT_FOUND","error_description":"Method not found!"}`
	w := newWire(t)
	tests := map[string]struct{ params, result, errors, total, next string }{
		"nothing":               {`{}`, `[]`, `[]`, `[]`, `[]`},
		"cmd is a text":         {`{"cmd":"test.echo"}`, `[]`, `[]`, `[]`, `[]`},
		"named commands":        {`{"cmd":{"a":"test.echo?x=1","b":"test.nothing"}}`, `{"a":{"x":"1"},"b":null}`, `[]`, `[]`, `[]`},
		"numbered commands":     {`{"cmd":["test.echo?x=1","test.nothing"]}`, `[{"x":"1"},null]`, `[]`, `[]`, `[]`},
		"the first fails":       {`{"cmd":["nope","test.nothing"]}`, `{"1":null}`, `[` + missing + `]`, `[]`, `[]`},
		"lists":                 {`{"cmd":{"a":"test.rows","b":"test.rows?start=100","c":"test.rows?start=-1"}}`, `{"a":["a","b"],"b":["a","b"],"c":["a","b"]}`, `[]`, `{"a":120,"b":120}`, `{"a":50}`},
		"commands without text": {`{"cmd":{"a":{"method":"test.echo"},"b":5,"c":null,"d":"test.nothing"}}`, `{"d":null}`, `[]`, `[]`, `[]`},
		"names have no case":    {`{"CMD":{"a":"TEST.Echo?x=1"}}`, `{"a":{"x":"1"}}`, `[]`, `[]`, `[]`},
		"a batch in a batch": {`{"cmd":{"a":"Batch?cmd[x]=test.echo"}}`, `[]`,
			`{"a":{"error":"ERROR_BATCH_METHOD_NOT_ALLOWED","error_description":"Method is not allowed for batch usage"}}`, `[]`, `[]`},
		"halt":              {`{"halt":1,"cmd":{"a":"nope","b":"test.nothing"}}`, `[]`, `{"a":` + missing + `}`, `[]`, `[]`},
		"Halt true":         {`{"Halt":true,"cmd":{"a":"nope","b":"test.nothing"}}`, `[]`, `{"a":` + missing + `}`, `[]`, `[]`},
		"halt the text 0":   {`{"halt":"0","cmd":{"a":"nope","b":"test.nothing"}}`, `{"b":null}`, `{"a":` + missing + `}`, `[]`, `[]`},
		"halt false":        {`{"halt":false,"cmd":{"a":"nope","b":"test.nothing"}}`, `{"b":null}`, `{"a":` + missing + `}`, `[]`, `[]`},
		"halt with success": {`{"halt":1,"cmd":{"a":"test.nothing","b":"test.nothing"}}`, `{"a":null,"b":null}`, `[]`, `[]`, `[]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := w.batch(tt.params)
			if diff := cmp.Diff(
				[]string{tt.result, tt.errors, tt.total, tt.next},
				[]string{string(got.Result), string(got.Error), string(got.Total), string(got.Next)},
			); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBatchAsAFormIsEncodedTwiceAndHaltFalseHalts(t *testing.T) {
	w := newWire(t)
	form := url.Values{
		"cmd[a]": {"test.echo?x=" + url.QueryEscape("A & B")},
		"cmd[b]": {"nope"},
		"cmd[c]": {"test.nothing"},
		"halt":   {"false"},
	}
	_, body := w.send("POST", "/rest/1/s3cret/batch.json", "application/x-www-form-urlencoded", form.Encode())
	if got, want := jsonField(t, jsonField(t, body, "result"), "result"), `{"a":{"x":"A \u0026 B"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestBatchTimesOnlyWhatSucceeded(t *testing.T) {
	w := newWire(t)
	got := w.batch(`{"cmd":{"a":"test.nothing","b":"nope"}}`)
	var times map[string]map[string]any
	if err := json.Unmarshal(got.Time, &times); err != nil {
		t.Fatal(err)
	}
	if _, ok := times["a"]["operating"]; !ok || len(times) != 1 {
		t.Errorf("times are %s", got.Time)
	}
}

func TestABatchItselfUsesNoOperatingTime(t *testing.T) {
	w := newWire(t)
	_, body := w.send("GET", "/rest/1/s3cret/batch?cmd[]=test.nothing", "", "")
	timing := jsonField(t, body, "time")
	if jsonField(t, timing, "operating") != "" || jsonField(t, timing, "duration") == "" {
		t.Errorf("time is %s", timing)
	}
}

func TestBatchRunsNoMoreThan50Commands(t *testing.T) {
	w := newWire(t)
	var commands []string
	for i := range 52 {
		commands = append(commands, fmt.Sprintf(`"c%d":"test.nothing"`, i))
	}
	for halt, want := range map[int]string{0: `"c50","c51"`, 1: `"c50"`} {
		w.p.ResetStats()
		got := w.batch(fmt.Sprintf(`{"halt":%d,"cmd":{%s}}`, halt, strings.Join(commands, ",")))
		const refused = `{"error":"ERROR_BATCH_LENGTH_EXCEEDED","error_description":"Max batch length exceeded"}`
		want = "{" + strings.ReplaceAll(want, `",`, `":`+refused+",") + ":" + refused + "}"
		if string(got.Error) != want {
			t.Errorf("halt %d: got %s, want %s", halt, got.Error, want)
		}
		if ran := w.p.Stats().Commands["test.nothing"]; ran != 50 {
			t.Errorf("halt %d: %d commands ran", halt, ran)
		}
	}
}

func TestBatchReferences(t *testing.T) {
	w := newWire(t)
	tests := map[string]struct{ text, want string }{
		"a value keeps its type":           {"$result[me][ACTIVE]", `true`},
		"a list keeps its type":            {"$result[rows]", `["a","b"]`},
		"an index":                         {"$result[rows][1]", `"b"`},
		"a text inside a text":             {"user $result[me][NAME] here", `"user Olga here"`},
		"a number inside a text":           {"of $total[rows] rows", `"of 120 rows"`},
		"the next page":                    {"$next[rows]", `50`},
		"an error":                         {"$error[bad][error]", `"ERROR_METHOD_NOT_FOUND"`},
		"no array inside a text":           {"x $result[rows]", `"x $result[rows]"`},
		"no boolean inside a text":         {"x $result[me][ACTIVE]", `"x $result[me][ACTIVE]"`},
		"the tail up to a space is lost":   {"a-$result[me][ID]-b c", `"a-1 c"`},
		"a bare word is text":              {"costs $total", `"costs $total"`},
		"empty brackets are text":          {"$result[]", `"$result[]"`},
		"another word is text":             {"$results", `"$results"`},
		"no space, no name":                {"$ result[me]", `"$ result[me]"`},
		"a name in another case":           {"$Result[me][ID]", `"$Result[me][ID]"`},
		"the deepest node that exists":     {"$result[me][ID][deeper]", `"1"`},
		"a missing key gives its parent":   {"$result[rows][7]", `["a","b"]`},
		"a missing command gives the map":  {"$next[bad][items][0][id]", `{"rows":50}`},
		"two at once are one":              {"$result[rows][0]$result[rows][1]", `"a"`},
		"two in a row":                     {"$result[rows][0] $result[rows][1]", `"a b"`},
		"a time":                           {"$time[rows][operating]", `0`},
		"a missing one inside text stays":  {"x $result[bad][id]", `"x $result[bad][id]"`},
		"what was put in is not looked at": {"$result[trap][x]", `"$total[rows"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			params := fmt.Sprintf(`{"cmd":{"me":"user.current","rows":"test.rows","bad":"nope","trap":"test.echo?x=%%24total[rows","it":%q}}`,
				"test.echo?deep[er]="+url.QueryEscape(tt.text))
			got := jsonField(t, string(w.batch(params).Result), "it")
			if want := `{"deep":{"er":` + tt.want + `}}`; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func FuzzBatchCommand(f *testing.F) {
	for _, seed := range []string{
		"test.echo?a=$result[first][x][y]", "test.echo?a=$result[first]&b=x $total[first]", "test.echo?a[$result[first]]=1",
		"?", "batch?cmd[]=batch", "test.rows?start=$next[first]", "test.echo?a=$Result[a]", "test.echo?a=%24error[nope][error]-x",
	} {
		f.Add(seed)
	}
	w := newWire(f)
	f.Fuzz(func(t *testing.T, command string) {
		params := new(Map)
		params.Set("cmd", mapOf("first", "test.echo?x[y]=1", "nope", "nope", "it", command))
		o := w.p.execute(t.Context(), 1, batchMethod, params)
		if o.err != nil {
			t.Fatalf("a batch failed: %v", o.err)
		}
		answer, err := decodeJSON(o.value.(rawJSON))
		if err != nil {
			t.Fatalf("%v in %s", err, o.value)
		}
		inside := func(name string) bool {
			v, _ := answer.(*Map).Get(name)
			m, _ := asMap(v)
			_, ok := m.Get("it")
			return ok
		}
		if inside("result") == inside("result_error") {
			t.Errorf("the command has no single outcome: %s", o.value)
		}
	})
}
