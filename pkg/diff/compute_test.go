package diff

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// load reads manifests from text.
func load(t testing.TB, manifests string) *spec.Set {
	t.Helper()
	file := filepath.Join(t.TempDir(), "manifests.yaml")
	if err := os.WriteFile(file, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	set, problems := spec.Load(spec.Options{Dir: t.TempDir(), Files: []string{file}})
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return set
}

// row builds a portal's row from JSON.
func row(t testing.TB, object string) kind.Row {
	t.Helper()
	r, err := kind.DecodeRow(json.RawMessage(object))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// fields describes the live fields of an entity type.
func fields(names ...string) kind.LiveFields {
	var out []kind.LiveField
	for _, n := range names {
		out = append(out, kind.LiveField{Name: n, Type: kind.TypeString})
	}
	return kind.NewLiveFields(out)
}

func dealState(rows map[value.Address][]kind.Row) *State {
	return &State{Portal: "x.example", Records: rows, Meta: meta.Data{
		Fields: map[int]kind.LiveFields{
			2: fields("id", "title", "categoryId", "stageId", "closedate", "companyId", "opportunity", "parentId1", "ufCrm_1_SERIAL"),
			4: fields("id", "title", "phones"),
		},
		Categories: map[int][]kind.Category{2: {{ID: 0, Name: "General", Default: true}, {ID: 9, Name: "Partners"}}},
		Statuses: map[string][]kind.StatusEntry{
			"DEAL_STAGE":   {{ID: "NEW", Name: "New"}, {ID: "WON", Name: "Won"}},
			"DEAL_STAGE_9": {{ID: "C9:NEW", Name: "Fresh"}, {ID: "C9:WON", Name: "Signed"}},
		},
	}}
}

const oneDeal = `apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec:
  fields: {title: D, %s}
`

// A change says what differs, in words, and is sent in the portal's.
func TestComputeFindsWhatDiffers(t *testing.T) {
	for _, tc := range []struct {
		name, declared, live string
		action               plan.Action
		shows                []string
		sends                string
	}{
		{"nothing", "stageId: Won", `{"id":7,"title":"D","categoryId":0,"stageId":"WON"}`, plan.NoOp, nil, ``},
		{"a create sends the mark", "stageId: Won", ``, plan.Create, []string{"stageId: <nil> → Won", "title: <nil> → D"},
			`{"originId":"d","originatorId":"b24apply:default","stageId":"WON","title":"D"}`},
		{"a stage of the record's own pipeline", "stageId: Signed", `{"id":7,"title":"D","categoryId":9,"stageId":"C9:NEW"}`, plan.Update,
			[]string{"stageId: Fresh → Signed"}, `{"stageId":"C9:WON"}`},
		{"pipeline and stage together", "categoryId: Partners, stageId: Signed", `{"id":7,"title":"D","categoryId":0,"stageId":"NEW"}`, plan.Update,
			[]string{"categoryId: General → Partners", "stageId: New → Signed"}, `{"categoryId":9,"stageId":"C9:WON"}`},
		{"null clears", "companyId: null", `{"id":7,"title":"D","companyId":5}`, plan.Update, []string{"companyId: 5 → <nil>"}, `{"companyId":""}`},
		{"absent is unmanaged", "companyId: 5", `{"id":7,"title":"D","companyId":5,"opportunity":9}`, plan.NoOp, nil, ``},
		{"an amount as a number", `opportunity: "1250.50"`, `{"id":7,"title":"D","opportunity":1250}`, plan.Update, []string{"opportunity: 1250 → 1250.50"}, `{"opportunity":1250.5}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows := map[value.Address][]kind.Row{}
			if tc.live != "" {
				rows["deal/d"] = []kind.Row{row(t, tc.live)}
			}
			p, problems := Compute(load(t, fmt.Sprintf(oneDeal, tc.declared)), dealState(rows))
			if problems != nil {
				t.Fatal(problems)
			}
			c := &changesIn(p)[0]
			var shows []string
			for _, f := range c.Fields {
				shows = append(shows, fmt.Sprintf("%s: %v → %v", f.Name, f.Before.Plain(), f.After.Plain()))
			}
			if d := cmp.Diff(tc.shows, shows); d != "" || c.Action != tc.action {
				t.Errorf("action %s, want %s; fields %s", c.Action, tc.action, d)
			}
			if tc.sends == "" {
				return
			}
			ready, err := wire.Settle(c, &wire.Known{})
			if err != nil {
				t.Fatal(err)
			}
			sent, err := json.Marshal(ready.Request().Params["fields"])
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(tc.sends, string(sent)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What the portal does not have refuses the item, with its place and a remedy.
func TestComputeRefusesWhatThePortalDoesNotHave(t *testing.T) {
	for _, tc := range []struct{ name, declared, want string }{
		{"a stage of another pipeline", "stageId: Signed", `manifests.yaml:5:31: stageId: "Signed" is no stage of pipeline "General" [NO_STAGE]`},
		{"an unknown pipeline", "categoryId: Sales", `manifests.yaml:5:34: categoryId: "Sales" is no pipeline [NO_PIPELINE]`},
		{"an unknown user field", "SERIEL: 1", `manifests.yaml:5:22: SERIEL: this portal's deals have no such field [NO_FIELD]`},
		{"a field the portal hides", "probability: 5", `manifests.yaml:5:22: probability: this portal's deals have no such field [NO_FIELD]`},
		{"a relation that does not exist", "parents: {contact: 5}", `manifests.yaml:5:32: parents.contact: there is no relation between deals and contact [NO_RELATION]`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p, problems := Compute(load(t, fmt.Sprintf(oneDeal, tc.declared)), dealState(nil))
			if p == nil || len(problems) != 0 {
				t.Fatalf("plan %v, problems %v", p, problems)
			}
			ch := changesIn(p)[0]
			if got := fmt.Sprintf("%s: %s [%s]", ch.Source, words.Text(ch.Reason.Message), ch.Reason.Code); !strings.HasSuffix(got, tc.want) || ch.Action != plan.Refuse {
				t.Errorf("got  %s\nwant …%s", got, tc.want)
			}
			if words.Hint(ch.Reason.Code, ch.Reason.Hint) == "" {
				t.Error("no remedy")
			}
		})
	}
}

// Two records with our mark are never both or either updated.
func TestAnAmbiguousKeyIsRefusedByName(t *testing.T) {
	rows := map[value.Address][]kind.Row{"deal/d": {row(t, `{"id":7,"title":"x"}`), row(t, `{"id":9,"title":"y"}`)}}
	p, problems := Compute(load(t, fmt.Sprintf(oneDeal, "stageId: Won")), dealState(rows))
	if problems != nil {
		t.Fatal(problems)
	}
	c := changesIn(p)[0]
	if c.Action != plan.Refuse || c.Reason.Code != plan.CodeDoubleMark || !strings.Contains(words.Text(c.Reason.Message), "ids 7, 9") || c.Fields != nil {
		t.Errorf("change %+v", c)
	}
}

// Compute(want, apply(live, plan)) is empty: whatever the live record held, storing
// what the plan sends leaves nothing to do.
func TestApplyingAPlanLeavesNothingToDo(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		live := map[string]any{"id": 7}
		declared := []string{}
		for _, f := range []struct {
			name   string
			values []string
		}{
			{"stageId", []string{"NEW", "WON"}},
			{"companyId", []string{"5", "6", "null"}},
			{"opportunity", []string{`"10.50"`, "7", "null"}},
		} {
			if rapid.Bool().Draw(rt, "live "+f.name) {
				v := rapid.SampledFrom(f.values).Draw(rt, "value")
				live[f.name] = json.RawMessage(v)
				if f.name == "stageId" {
					live[f.name] = v
				}
			}
			if rapid.Bool().Draw(rt, "declare "+f.name) {
				declared = append(declared, f.name+": "+rapid.SampledFrom(f.values).Draw(rt, "want"))
			}
		}
		set := load(t, fmt.Sprintf(oneDeal, strings.Join(declared, ", ")))
		encode := func() kind.Row {
			raw, err := json.Marshal(live)
			if err != nil {
				rt.Fatal(err)
			}
			return row(t, string(raw))
		}
		p, problems := Compute(set, dealState(map[value.Address][]kind.Row{"deal/d": {encode()}}))
		if problems != nil {
			rt.Fatal(problems)
		}
		if c := &changesIn(p)[0]; c.Action == plan.Update {
			ready, err := wire.Settle(c, &wire.Known{})
			if err != nil {
				rt.Fatal(err)
			}
			for name, v := range ready.Request().Params["fields"].(map[string]any) {
				live[name] = v
			}
		}
		again, problems := Compute(set, dealState(map[value.Address][]kind.Row{"deal/d": {encode()}}))
		if problems != nil || changesIn(again)[0].Action != plan.NoOp {
			rt.Fatalf("the second plan: %+v %v", again, problems)
		}
	})
}

// Equal inputs give equal bytes, whatever the order of the documents.
func TestPlansAreDeterministic(t *testing.T) {
	documents := strings.Split(strings.TrimSuffix(quick(40), "---\n"), "---\n")
	encode := func(order []string) string {
		plan, problems := Compute(load(t, strings.Join(order, "---\n")), dealState(nil))
		if problems != nil {
			t.Fatal(problems)
		}
		for _, e := range plan.Changes.Entries() {
			e.Source = value.Pos{}
		}
		raw, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	want := encode(documents)
	rapid.Check(t, func(rt *rapid.T) {
		if d := cmp.Diff(want, encode(rapid.Permutation(documents).Draw(rt, "order"))); d != "" {
			rt.Error(d)
		}
	})
}

func quick(n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {fields: {title: Deal %d, stageId: Won, opportunity: %d}}\n---\n", i, i, i)
	}
	return s.String()
}

// The empty comparison of 10,000 records; ten times that must cost less than 8 s.
func BenchmarkComputeNothingToDo(b *testing.B) {
	const n = 10_000
	set := load(b, quick(n))
	rows := make(map[value.Address][]kind.Row, n)
	for i := range n {
		rows[value.Address(fmt.Sprintf("deal/d%d", i))] = []kind.Row{row(b, fmt.Sprintf(`{"id":%d,"title":"Deal %d","categoryId":0,"stageId":"WON","opportunity":%d}`, i+1, i, i))}
	}
	state := dealState(rows)
	b.ReportAllocs()
	for b.Loop() {
		plan, problems := Compute(set, state)
		if problems != nil || plan.Pending() != 0 {
			b.Fatal(problems, plan.Pending())
		}
	}
}
