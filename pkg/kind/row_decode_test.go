package kind

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// jsons draws values that JSON has, nested a little.
func jsons(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		shapes := []string{"null", "bool", "number", "text"}
		if depth > 0 {
			shapes = append(shapes, "list", "object")
		}
		switch rapid.SampledFrom(shapes).Draw(t, "shape") {
		case "bool":
			return rapid.Bool().Draw(t, "bool")
		case "number":
			return rapid.Float64Range(-1e9, 1e9).Draw(t, "number")
		case "text":
			return rapid.String().Draw(t, "text")
		case "list":
			return rapid.SliceOfN(jsons(depth-1), 0, 3).Draw(t, "list")
		case "object":
			return rapid.MapOfN(rapid.String(), jsons(depth-1), 0, 4).Draw(t, "object")
		}
		return nil
	})
}

// A row is what encoding/json makes of it.
func TestRowsAreDecodedAsEncodingJSONDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.String(), jsons(2), 0, 6).Draw(t, "object")
		marshal := json.Marshal
		if rapid.Bool().Draw(t, "indented") {
			marshal = func(v any) ([]byte, error) { return json.MarshalIndent(v, " ", "\t") }
		}
		raw, err := marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		var want Row
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		got, err := DecodeRow(raw)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]json.RawMessage(want), map[string]json.RawMessage(got)); d != "" {
			t.Fatalf("%s: %s", raw, d)
		}
		for name := range want {
			if Text(want[name]) != got.Text(name) {
				t.Fatalf("%q of %s", name, raw)
			}
		}
	})
}

// Some columns of a row are those of the whole row, in memory of their own.
func TestSomeColumnsAreThoseOfTheWholeRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := rapid.MapOfN(rapid.StringMatching(`[a-c]{0,2}`), jsons(2), 0, 6).Draw(t, "object")
		wanted := rapid.SliceOfN(rapid.StringMatching(`[a-c]{0,2}`), 0, 6).Draw(t, "wanted")
		raw, err := json.Marshal(map[string]any{"item": object})
		if err != nil {
			t.Fatal(err)
		}
		want, _ := Member(raw, "item")
		got, err := MemberOf(raw, "item", append([]string{}, wanted...))
		if err != nil {
			t.Fatal(err)
		}
		clear(raw)
		for name := range want {
			if !slices.Contains(wanted, name) {
				delete(want, name)
			}
		}
		if d := cmp.Diff(map[string]json.RawMessage(want), map[string]json.RawMessage(got)); d != "" {
			t.Fatal(d)
		}
	})
}

func TestOddRows(t *testing.T) {
	for raw, want := range map[string]Row{
		``: {}, `null`: {}, `""`: {}, ` [] `: {}, `{}`: {},
		`{"a":1,"a" : 2}`:     {"a": json.RawMessage("2")},
		`{"\u0061":"\u0062"}`: {"a": json.RawMessage(`"\u0062"`)},
		"{\"\\n\xff\":1}":     {"\n\ufffd": json.RawMessage("1")},
	} {
		got, err := DecodeRow(json.RawMessage(raw))
		if err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%s: got %s, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`[1]`, `7`, `{"a":1`, `{"a"}`, `{"a":1} x`, `x`} {
		if got, err := DecodeRow(json.RawMessage(raw)); err == nil {
			t.Errorf("%s: got %s", raw, got)
		}
	}
	if _, err := Member(json.RawMessage(`{"x":{}}`), "item"); err == nil {
		t.Error("an answer without the member is an error")
	}
	if _, err := Member(json.RawMessage(`[]`), "item"); err == nil {
		t.Error("an empty answer is an error")
	}
	row, err := Member(json.RawMessage(` {"item": {"id": 7}, "other": 1} `), "item")
	if err != nil || row.Int("id") != 7 {
		t.Errorf("got %s, %v", row, err)
	}
}

// A row of 40 columns costs a few pieces of memory, not some for each column.
func TestARowIsDecodedInFewPieces(t *testing.T) {
	columns := make(map[string]any)
	for i := range 40 {
		columns[string(rune('a'+i%26))+string(rune('a'+i/26))] = "value"
	}
	raw, _ := json.Marshal(map[string]any{"item": columns})
	if n := testing.AllocsPerRun(100, func() { _, _ = Member(raw, "item") }); n > 40 {
		t.Errorf("%v allocations", n)
	}
}

// One row after another in the same room is what each is by itself.
func TestRowsInTheSameRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var reader RowReader
		for range rapid.IntRange(1, 5).Draw(t, "rows") {
			raw, err := json.Marshal(rapid.OneOf(rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-c"é]{0,2}`), jsons(1), 0, 5), func(m map[string]any) any { return m }), jsons(1)).Draw(t, "row"))
			if err != nil {
				t.Fatal(err)
			}
			want, wrong := DecodeRow(raw)
			got, err := reader.Read(raw)
			if (wrong == nil) != (err == nil) {
				t.Fatalf("%s: %v, %v", raw, wrong, err)
			}
			if d := cmp.Diff(want, got); d != "" && err == nil {
				t.Fatalf("%s: %s", raw, d)
			}
		}
	})
}
