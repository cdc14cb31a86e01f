package diff

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Records that are found by match come after those that their keys refer to, and a
// circle of references ends.
func TestDepthFollowsReferences(t *testing.T) {
	open := map[value.Address]*spec.Resource{
		"company/a": {Address: "company/a"},
		"contact/b": {Address: "contact/b", Deps: []value.Address{"company/a", "company/closed"}},
		"deal/c":    {Address: "deal/c", Deps: []value.Address{"company/a", "contact/b"}},
		"deal/x":    {Address: "deal/x", Deps: []value.Address{"deal/y"}},
		"deal/y":    {Address: "deal/y", Deps: []value.Address{"deal/x"}},
	}
	depths := make(map[value.Address]int)
	for _, a := range []value.Address{"deal/c", "company/a", "contact/b", "deal/x", "deal/y"} {
		depthOf(open[a], open, depths)
	}
	want := map[value.Address]int{"company/a": 1, "contact/b": 2, "deal/c": 3, "deal/x": 3, "deal/y": 2}
	if d := cmp.Diff(want, depths); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// Equal inputs give equal plans, planned user fields included, whatever the order of
// the documents.
func TestPlannedFieldsComeOnceAndBeforeTheirRecords(t *testing.T) {
	const document = "apiVersion: b24apply/v1\nkind: Quote\nmetadata: {name: %s}\nspec: {fields: {title: Q}}\n---\n"
	state := &State{Meta: meta.Data{Fields: map[int]kind.LiveFields{7: fields("id", "title")}}}
	var plans []string
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		plan, problems := Compute(load(t, fmt.Sprintf(document+document, names[0], names[1])), state)
		if problems != nil {
			t.Fatal(problems)
		}
		text := ""
		for _, c := range changesIn(plan) {
			text += fmt.Sprintln(c.Action, c.Address, c.Deps)
		}
		plans = append(plans, text)
	}
	want := "create fields/quote.b24apply_key []\ncreate quote/a [fields/quote.b24apply_key]\ncreate quote/b [fields/quote.b24apply_key]\n"
	if plans[0] != want || plans[1] != want {
		t.Errorf("%s\n%s\nwant\n%s", plans[0], plans[1], want)
	}
}
