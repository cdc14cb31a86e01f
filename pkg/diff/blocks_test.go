package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// However records are cut into look-ups and blocks, the plan and what is wrong are the same,
// byte for byte. The portal in the test spoils a block as soon as the next one is asked for.
func TestBlocksOfEverySizeGiveOnePlan(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		manifest, p := settledPortal(rt, t)
		set := load(t, manifest)
		var first string
		for _, size := range []struct{ keys, searches int }{{1, 1}, {7, 1}, {ask.Keys, 1}, {ask.Keys, ask.Searches}, {1, 7}} {
			p.block = size.searches
			f := newFetcher(p, set, Options{})
			f.most = size.keys
			state, err := f.fetch(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			planned, problems := Compute(set, state)
			text := saidOf(rt, planned, problems)
			if first == "" {
				first = text
			}
			if d := cmp.Diff(first, text); d != "" {
				rt.Fatalf("%d keys, %d searches: %s", size.keys, size.searches, d)
			}
		}
	})
}

// saidOf writes down what is said of every resource. Which unchanged ones were settled as they
// came does not matter.
func saidOf(rt *rapid.T, p *plan.Plan, problems spec.Problems) string {
	changes := inOrder(p)
	for i := range changes {
		ch := &changes[i]
		ch.Facts, ch.Own, ch.Saved, ch.Marked = nil, nil, "", false
	}
	text, err := json.MarshalIndent([]any{changes, fmt.Sprint(problems), p.Counts()}, "", " ")
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}

// Look-ups are made as they are asked: when the first block comes, those of later ones are
// not there yet, and of what is as declared no row is kept.
func TestLookUpsAreMadeAsTheyAreAsked(t *testing.T) {
	const n = 40 * ask.Keys
	p := companyPortal()
	for i := range n {
		p.rows[4] = append(p.rows[4], marked(t, i+1, "o", fmt.Sprintf("c%d", i), fmt.Sprintf("C%d", i)))
	}
	f := newFetcher(p, load(t, companies(n)), Options{})
	for _, round := range []func() error{func() error { return f.readSettings(t.Context()) }, func() error { return f.shareShapes(t.Context()) }} {
		if err := round(); err != nil {
			t.Fatal(err)
		}
	}
	drawn, most := 0, 0
	groups := func(yield func(*group) bool) {
		for g := range f.groups() {
			drawn++
			if !yield(g) {
				return
			}
		}
	}
	answered, settler := 0, f.newSettler()
	f.KeepLists()
	err := f.lookUp(t.Context(), groups, func(g *group, found findings) error {
		answered++
		most = max(most, drawn-answered)
		settler.settle(g, found)
		f.keep(f.state.Records, f.state.Others, found)
		return settler.wait(t.Context(), g)
	})
	if err != nil {
		t.Fatal(err)
	}
	if answered != n/ask.Keys || most > 0 { // the portal of the test answers one by one
		t.Errorf("%d look-ups, %d of them ahead of their answers", answered, most)
	}
	if f.state.settled.len() != n || len(f.state.Records) != 0 {
		t.Errorf("%d settled, %d rows kept", f.state.settled.len(), len(f.state.Records))
	}
}

// A full look-up comes before others are begun, and those that are not full come in the order
// in which they were begun; each asks for the columns of its own records.
func TestLookUpsComeAsTheyAreFull(t *testing.T) {
	p := companyPortal()
	p.names.Fields[4].ByName["comments"] = kind.LiveField{Name: "comments", Type: kind.TypeText}
	manifest := strings.Replace(companies(ask.Keys+2), "title: C3}", "title: C3, comments: x}", 1)
	manifest += "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n"
	if _, err := Fetch(t.Context(), p, load(t, manifest)); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range p.searches[:3] {
		got = append(got, fmt.Sprintf("%d: %d %t", s.Store.EntityTypeID, len(s.Where[0].Values), slices.Contains(s.Columns, "comments")))
		if !slices.IsSorted(s.Columns) || len(slices.Compact(slices.Clone(s.Columns))) != len(s.Columns) {
			t.Errorf("columns %q", s.Columns)
		}
	}
	want := []string{fmt.Sprintf("4: %d true", ask.Keys), "4: 2 false", "2: 1 false"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What records of a smart process are is found out once.
func TestTheTypeOfItemsIsFoundOutOnce(t *testing.T) {
	set := load(t, "apiVersion: b24apply/v1\nkind: SPA\nmetadata: {name: machine}\nspec: {title: Machines}\n"+
		"---\napiVersion: b24apply/v1\nkind: SPAItem\nmetadata: {name: m1}\nspec: {type: machine, fields: {title: M}}\n")
	v := &declared.View{Set: set, Meta: &meta.Data{Types: []kind.LiveType{{EntityTypeID: 1040, Code: "machine", Title: "Machines"}}}}
	item := set.Lookup("machine/m1")
	before := v.TypeOf(item)
	v.RecordTypes = make(map[string]declared.Type)
	if got := v.TypeOf(item); got.EntityTypeID != 1040 || got != before {
		t.Errorf("%+v, %+v", got, before)
	}
	v.Meta.Types = nil
	if got := v.TypeOf(item); got != before {
		t.Errorf("it is looked for again: %+v", got)
	}
}

// Match keys are compared only where a record has to be told by one.
func TestTwinsAreThoseWithoutAMark(t *testing.T) {
	manifest := strings.ReplaceAll(companies(3), "spec: {fields: {title: C1}}", "spec: {match: [[title]], fields: {title: C0}}")
	manifest = strings.ReplaceAll(manifest, "spec: {fields: {title: C0}}", "spec: {match: [[title]], fields: {title: C0}}")
	for _, tc := range []struct {
		rows    []kind.Row
		refused []string
	}{
		{[]kind.Row{marked(t, 1, "o", "c0", "C0"), marked(t, 2, "o", "c1", "C0"), marked(t, 3, "o", "c2", "C2")}, nil},
		{[]kind.Row{marked(t, 1, "o", "c0", "Old"), marked(t, 3, "o", "c2", "C2")}, []string{"company/c1"}},
		{nil, []string{"company/c0", "company/c1"}},
	} {
		set := load(t, manifest)
		state, err := Fetch(t.Context(), companyPortal(tc.rows...), set)
		if err != nil {
			t.Fatal(err)
		}
		planned, _ := Compute(set, state)
		var refused []string
		for _, ch := range changesIn(planned) {
			if ch.Action == plan.Refuse {
				refused = append(refused, string(ch.Address))
			}
		}
		if d := cmp.Diff(tc.refused, refused); d != "" {
			t.Errorf("%d rows: %s", len(tc.rows), d)
		}
	}
}
