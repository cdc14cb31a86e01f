package bitrix

import (
	"encoding/json"
	"math"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCarries(t *testing.T) {
	type code string
	for _, tc := range []struct {
		name  string
		value any
		want  bool
	}{
		{"text", "Website redesign", true},
		{"empty text", "", true},
		{"text with every sign", `a&b=c+d%20 "e" 'f' #1 ?x ; ü € 🎉 > \ / [x]` + "\n\t", true},
		{"a bare reference word", "the $total of it", true},
		{"a price", "$100 [net]", true},
		{"integer", 7, true},
		{"big integer", int64(math.MaxInt64), true},
		{"unsigned", uint8(3), true},
		{"float", 10000.5, true},
		{"JSON number", json.Number("12.50"), true},
		{"named text", code("X"), true},
		{"list", []any{1, "a"}, true},
		{"list of text", []string{"a"}, true},
		{"list of ids", []int{1, 2}, true},
		{"list of maps", []map[string]any{{"a": 1}}, true},
		{"map of text", map[string]string{"a": "b"}, true},
		{"filter key", map[string]any{"><id": 1, "=%title": "a", "0": map[string]any{"logic": "OR"}}, true},

		{"null", nil, false},
		{"null inside", map[string]any{"a": nil}, false},
		{"true", true, false},
		{"false inside", []any{false}, false},
		{"empty list", []any{}, false},
		{"empty list of text", []string{}, false},
		{"empty map", map[string]any{}, false},
		{"empty list deep inside", map[string]any{"a": []any{map[string]any{"b": []any{}}}}, false},
		{"infinity", math.Inf(1), false},
		{"not a number", math.NaN(), false},
		{"time", time.Time{}, false},
		{"bytes", []byte("x"), false},
		{"struct", struct{ A int }{1}, false},
		{"pointer", new(int), false},
		{"map by number", map[int]string{1: "x"}, false},

		{"reference", "$result[dealX][item][id]", false},
		{"reference inside text", "see $Total[x] for it", false},
		{"reference with a tail before its bracket", "a-$error.x/y[z]", false},
		{"other references", []any{"$next[a]"}, false},
		{"time reference", "$time[a]", false},
		{"reference in a key", map[string]any{"$result": map[string]any{"x": "y"}}, true},
		{"reference in a key with its bracket", map[string]any{"$result[x]": "y"}, false},

		{"markup", "a <b>bold</b> word", false},
		{"less than", "a < b", false},
		{"path up", "../etc/passwd", false},
		{"windows path up", `..\secret`, false},
		{"script address", "JavaScript:alert(1)", false},
		{"event handler", `x" onClick = "y`, false},
		{"SQL", "Select all from the list", false},
		{"union", "1 UNION ALL SELECT password", false},
		{"an onboarding address", "https://x.example/?content=1&version=2", true},

		{"not UTF-8", "a\xff", false},
		{"NUL", "a\x00b", false},
		{"control character", "a\x1bb", false},
		{"key not UTF-8", map[string]any{"\xff": "x"}, false},
		{"empty key", map[string]any{"": "x"}, false},
		{"key that reads as none", map[string]any{" ": "x"}, false},
		{"key with brackets", map[string]any{"a]b": "x"}, false},
		{"key with dot below the first level", map[string]any{"a.b": "x"}, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := Params{"fields": map[string]any{"v": tc.value}}
			if got := Carries(p); got != tc.want {
				t.Errorf("got %t", got)
			}
			command, err := Encode("crm.item.add", p)
			if (err == nil) != tc.want {
				t.Errorf("Encode disagrees: %q, %v", command, err)
			}
		})
	}
}

func TestCarriesLooksAtTheFirstLevelToo(t *testing.T) {
	many := make([]any, 1001)
	for i := range many {
		many[i] = i
	}
	for _, tc := range []struct {
		params Params
		want   bool
	}{
		{nil, true},
		{Params{}, true},
		{Params{"a.b": 1}, false},
		{Params{"a b": 1}, false},
		{Params{"": 1}, false},
		{Params{"a[b": 1}, false},
		{Params{"a": many[:1000]}, true},
		{Params{"a": many}, false},
	} {
		if got := Carries(tc.params); got != tc.want {
			t.Errorf("%d parameters %v: got %t", len(tc.params), tc.want, got)
		}
	}
}

func TestEncodeSortsKeysAndEncodesOnce(t *testing.T) {
	got, err := Encode("crm.item.list", Params{
		"start": -1, "entityTypeId": 2, "select": []string{"id", "title"},
		"filter": map[string]any{">id": 17, "=title": "A & B + 100% ü", "@originId": []any{"a", "b"}},
		"order":  map[string]any{"id": "ASC"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "crm.item.list?entityTypeId=2" +
		"&filter%5B%3Dtitle%5D=A%20%26%20B%20%2B%20100%25%20%C3%BC&filter%5B%3Eid%5D=17&filter%5B%40originId%5D%5B0%5D=a&filter%5B%40originId%5D%5B1%5D=b" +
		"&order%5Bid%5D=ASC&select%5B0%5D=id&select%5B1%5D=title&start=-1"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if got, err := Encode("profile", nil); err != nil || got != "profile" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEncodeNamesTheParameterThatItCannotCarry(t *testing.T) {
	_, err := Encode("crm.item.add", Params{"fields": map[string]any{"contactIds": []any{}}})
	if want := "crm.item.add: a batch cannot carry fields[contactIds]: an empty list"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := Encode("profile?x=1", nil); err == nil {
		t.Error("a method with a query was accepted")
	}
}

// Whatever is carried is read back as it was, by an independent decoder.
func TestCarriedTextComesBackUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key, value := rapid.String().Draw(t, "key"), rapid.String().Draw(t, "value")
		p := Params{"fields": map[string]any{key: value}}
		if !Carries(p) {
			return
		}
		command, err := Encode("m", p)
		if err != nil {
			t.Fatal(err)
		}
		query, err := url.ParseQuery(strings.TrimPrefix(command, "m?"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(url.Values{"fields[" + key + "]": {value}}, query); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// What a portal may rewrite is named by its class; what a batch cannot carry at all is
// not.
func TestDoubtsNameTheClassesOfText(t *testing.T) {
	for text, want := range map[string]string{
		"plain":                          "",
		"Deal <b>1</b>":                  "<b",
		"a < b, <BR/> and <script>":      "< <br <script",
		"please select it from the list": "select from",
		"<a onclick = x>":                "<a onclick",
		"costs $result[x]":               "$result",
		"costs $result[c00][id]":         "refused",
		"$result[x]":                     "refused",
		"bell \a":                        "refused",
	} {
		classes, ok := Doubts(Params{"fields": map[string]any{"title": text}})
		got := strings.Join(classes, " ")
		if !ok {
			got = "refused"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
		if Carries(Params{"fields": map[string]any{"title": text}}) != (want == "") {
			t.Errorf("%q: Carries differs", text)
		}
	}
}

// A command that was prepared is sent as one that was not, and what nobody can send is not made up.
func TestAPreparedCommandIsTheSame(t *testing.T) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Website", "<b>x</b>", "the $total[a] b", "select from", "$result[c01]", "a\x00b"}))
	rapid.Check(t, func(t *rapid.T) {
		params := Params{"id": rapid.Int().Draw(t, "id"), "fields": map[string]any{
			"title": text.Draw(t, "title"), "list": rapid.SliceOfN(rapid.Map(text, func(s string) any { return s }), 0, 3).Draw(t, "list"),
			"inside": map[string]any{"b": text.Draw(t, "b"), "a": text.Draw(t, "a")},
		}}
		plain := Command{Method: "crm.item.update", Params: params, AsIs: rapid.Bool().Draw(t, "as it is")}
		prepared := plain
		classes, ok := prepared.Prepare()
		want, err := encode(plain)
		got, wrong := encode(prepared)
		if want != got || (err == nil) != (wrong == nil) {
			t.Fatalf("%q, %v; prepared %q, %v", want, err, got, wrong)
		}
		if sent := ok && (plain.AsIs || len(classes) == 0); sent != (err == nil) {
			t.Fatalf("carried %t, classes %q, as it is %t: %v", ok, classes, plain.AsIs, err)
		}
		if Carries(params) != (ok && len(classes) == 0) || CarriesValue(params["fields"]) != Carries(params) {
			t.Fatalf("carried %t, %t; classes %q, %t", Carries(params), CarriesValue(params["fields"]), classes, ok)
		}
	})
}

func TestNamesOfMethods(t *testing.T) {
	known := regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)
	names := rapid.OneOf(rapid.StringMatching(`[a-zA-Z0-9_.@\[{/:-]{0,8}`), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		if name := names.Draw(t, "name"); isMethod(name) != known.MatchString(name) {
			t.Fatalf("%q: %t", name, isMethod(name))
		}
	})
}
