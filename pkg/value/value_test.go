package value

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// values draws values of every form, nested a little.
func values(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		forms := []Form{FormEmpty, FormText}
		if depth > 0 {
			forms = append(forms, FormList, FormMap)
		}
		switch rapid.SampledFrom(forms).Draw(t, "form") {
		case FormText:
			return Text(rapid.String().Draw(t, "text"), parts(t, depth)...)
		case FormList:
			return Listed(rapid.SliceOfN(values(depth-1), 0, 3).Draw(t, "entries")...)
		case FormMap:
			return Mapped(parts(t, depth)...)
		}
		return Value{}
	})
}

func parts(t *rapid.T, depth int) []Part {
	if depth == 0 {
		return nil
	}
	var out []Part
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,3}`), 0, 3, rapid.ID[string]).Draw(t, "names") {
		out = append(out, Part{name, values(depth-1).Draw(t, "part")})
	}
	return out
}

// Any value survives JSON, and equal values have equal bytes.
func TestValuesSurviveJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := values(3).Draw(t, "value")
		raw, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Value
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		if !got.Equal(want) {
			t.Fatalf("%s: %s", raw, cmp.Diff(want, got))
		}
		again, _ := json.Marshal(got)
		if string(again) != string(raw) {
			t.Fatalf("%s became %s", raw, again)
		}
	})
}

func TestAttributesAreSetAndTaken(t *testing.T) {
	link := Text("815").With("ref", Text("company/acme"))
	if got := link.Get("ref").Text; got != "company/acme" {
		t.Errorf("ref is %q", got)
	}
	if link.Equal(Text("815")) {
		t.Error("an attribute is part of a value")
	}
	if !link.With("ref", Value{}).Equal(Text("815")) {
		t.Error("an empty attribute takes the one that is there away")
	}
}
