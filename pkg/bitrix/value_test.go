package bitrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// oddRows are rows as PHP and people write them.
var oddRows = []string{
	`{"id":7,"title":"Acme"}`,
	`{ "id" : "7" , "fm":[{"value":"+1"},[]],"x":{"y":{"z":[1,2,{"a":null}]}} }`,
	`{"id":1,"id":2,"ID":null}`,
	`{"\u0069d":5,"a\/b":"\u003Cb\u003E\ud83d\ude00\ud800","":0,"\"":1}`,
	"{\"caf\xe9\":\"\xff\xfe\",\"caf\u00e9\":1e400}",
	`{}`, `[]`, `null`, `7`, `"x"`, ``, `{"a":1,}`, `{"a" 1}`, `{"a":1}{`, `{"a":01}`, `{"a":tru}`, "{\"a\":\"\t\"}", `{"a":[1,2}`, `{a:1}`, `{[]:1}`,
}

// A row says what encoding/json says, and reads nothing that it refuses.
func agrees(t interface{ Fatalf(string, ...any) }, text string) {
	var want map[string]json.RawMessage
	ok := json.Unmarshal([]byte(text), &want) == nil && want != nil
	row, err := ParseRow([]byte(text))
	if ok != (err == nil) {
		t.Fatalf("%q: %v, while encoding/json takes it for an object: %v", text, err, ok)
	}
	got := map[string]json.RawMessage{}
	for name, raw := range row.Members() {
		got[string(name)] = raw
	}
	if diff := cmp.Diff(want, got); ok && diff != "" {
		t.Fatalf("%q: -want +got:\n%s", text, diff)
	}
	columns := NewColumns(append(slices.Sorted(maps.Keys(want)), "no such name")...)
	for range 2 {
		picked := columns.Pick(row, nil)
		for i, name := range columns.names {
			if !bytes.Equal(picked[i], want[name]) || !bytes.Equal(row.Get(name), want[name]) {
				t.Fatalf("%q: %q is picked as %s, got as %s, want %s", text, name, picked[i], row.Get(name), want[name])
			}
		}
	}
	for name, raw := range want {
		var s string
		if json.Unmarshal(raw, &s) != nil || raw[0] != '"' {
			s = string(raw)
		}
		if text, ok := row.Text(name); ok != (string(raw) != "null") || ok && string(text) != s {
			t.Fatalf("%q: %s reads %q, want %q", raw, name, text, s)
		}
	}
}

func TestRowsAreThoseOfEncodingJSON(t *testing.T) {
	for _, text := range oddRows {
		agrees(t, text)
	}
}

func FuzzRow(f *testing.F) {
	for _, text := range oddRows {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { agrees(t, text) })
}

// jsonText draws a JSON value, with blanks, escapes and equal names.
func jsonText(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		blank := rapid.SampledFrom([]string{"", "", " ", "\r\n\t"}).Draw(t, "blank")
		word := rapid.SampledFrom([]string{`"id"`, `"a"`, `"\u0061"`, `"\\\""`, `"ü"`, `"]}"`, "\"\xff\"", `""`})
		kind := rapid.IntRange(0, 3).Draw(t, "kind")
		if depth == 0 {
			kind = min(kind, 1)
		}
		switch kind {
		case 0:
			return blank + word.Draw(t, "text") + blank
		case 1:
			return blank + rapid.SampledFrom([]string{"0", "-1.5e3", "true", "false", "null"}).Draw(t, "scalar")
		}
		parts := rapid.SliceOfN(jsonText(depth-1), 0, 3).Draw(t, "parts")
		if kind == 2 {
			return blank + "[" + strings.Join(parts, ",") + blank + "]" + blank
		}
		for i := range parts {
			parts[i] = blank + word.Draw(t, "name") + blank + ":" + parts[i]
		}
		return "{" + strings.Join(parts, ",") + blank + "}"
	})
}

// How many levels are noted when a text is read changes nothing about what is found.
func TestLevelsAreNoMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := jsonText(4).Draw(t, "text")
		agrees(t, text)
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON", text)
		}
		for levels := range 6 {
			v := valueOf([]byte(text), levels)
			if got, want := string(v.raw()), strings.TrimSpace(text); got != want {
				t.Fatalf("%d levels: %q, want %q", levels, got, want)
			}
			if got, want := leaves(v), leaves(valueOf([]byte(text), 9)); !slices.Equal(got, want) {
				t.Fatalf("%d levels: %q, want %q", levels, got, want)
			}
		}
	})
}

// leaves lists the scalars of a value with their paths.
func leaves(v value) (out []string) {
	v = v.open()
	if v.kind() != '{' && v.kind() != '[' {
		return []string{string(v.raw())}
	}
	for i, end := v.inside(); i < end; i = v.doc.after(i) {
		for _, leaf := range leaves(value{v.doc, i}) {
			out = append(out, fmt.Sprintf("%s/%s", v.doc.name(i), leaf))
		}
	}
	return out
}

func TestWholeNumbersAreReadInAnyForm(t *testing.T) {
	for raw, want := range map[string]int{`7`: 7, `"7"`: 7, `7.0`: 7, `"1e3"`: 1000, `-5`: -5, `9007199254740991`: 9007199254740991, `0`: 0} {
		if got, ok := mustRow(t, `{"n":`+raw+`}`).Int("n"); !ok || got != want {
			t.Errorf("%s: %d, %v", raw, got, ok)
		}
	}
	for _, raw := range []string{`"x"`, `7.5`, `null`, `[]`, `true`, `""`, `1e300`} {
		if got, ok := mustRow(t, `{"n":`+raw+`}`).Int("n"); ok {
			t.Errorf("%s: %d", raw, got)
		}
	}
}
