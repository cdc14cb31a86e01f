package diff

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// settledPortal draws manifests of companies and deals, which refer to companies of any
// order and by ids, and a portal that has most of them as declared.
func settledPortal(rt *rapid.T, t *testing.T) (manifest string, p *tablePortal) {
	var b strings.Builder
	b.WriteString("apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: []}\n")
	p = companyPortal()
	for _, entity := range []int{2, 4} {
		p.names.Fields[entity].ByName["companyId"] = kind.LiveField{Name: "companyId", Type: kind.TypeCompany}
		p.names.Fields[entity].ByName["title"] = kind.LiveField{Name: "title", Type: kind.TypeString}
	}
	n := rapid.IntRange(1, 12).Draw(rt, "companies")
	put := func(entity, id int, name, title, company string) {
		live := rapid.SampledFrom([]string{title, title, title, "other", "missing", "twice"}).Draw(rt, "live "+name)
		text := fmt.Sprintf(`{"originatorId":"b24apply:o","originId":%q,"title":%q,"companyId":%q,`, name, live, company)
		switch live {
		case "missing":
			return
		case "twice":
			p.rows[entity] = append(p.rows[entity], row(t, text+fmt.Sprintf(`"id":%d}`, id+500)))
		}
		p.rows[entity] = append(p.rows[entity], row(t, text+fmt.Sprintf(`"id":%d}`, id)))
	}
	for i := range n {
		name := fmt.Sprintf("c%d", i)
		match := rapid.SampledFrom([]string{"", "match: [[title]], "}).Draw(rt, "match")
		policy := rapid.SampledFrom([]string{"", "policy: {title: createOnly}, "}).Draw(rt, "policy")
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: %s}\nspec: {%s%sfields: {title: %q}}\n", name, match, policy, name)
		put(4, i+1, name, name, "")
	}
	for i := range rapid.IntRange(0, 9).Draw(rt, "deals") {
		name, to := fmt.Sprintf("d%d", i), rapid.IntRange(0, n-1).Draw(rt, "company")
		ref := rapid.SampledFrom([]string{fmt.Sprintf("{ref: company/c%d}", to), fmt.Sprint(to + 1)}).Draw(rt, "ref")
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: %s}\nspec: {fields: {title: %q, companyId: %s}}\n", name, name, ref)
		put(2, 100+i, name, name, fmt.Sprint(rapid.SampledFrom([]int{to + 1, to + 1, 77}).Draw(rt, "linked")))
	}
	return b.String(), p
}

// What is settled as it is read is what would have been said of its row at the end.
func TestWhatIsSettledIsUnchanged(t *testing.T) {
	settledSome := false
	rapid.Check(t, func(rt *rapid.T) {
		manifest, p := settledPortal(rt, t)
		set := load(t, manifest)
		state, err := Fetch(t.Context(), p, set)
		if err != nil {
			rt.Fatal(err)
		}
		got, problems := Compute(set, state)
		settledSome = settledSome || state.settled.len() > 0
		for r := range state.settled.all() {
			for _, live := range p.rows[r.Kind.EntityTypeID] {
				if live.Text("originId") == r.Name {
					state.Records[r.Address] = append(state.Records[r.Address], live)
				}
			}
		}
		state.settled = nil
		want, wantProblems := Compute(set, state)
		ignore := []cmp.Option{cmpopts.IgnoreFields(plan.Change{}, "Facts", "Own", "Saved"), cmpopts.EquateEmpty()}
		if d := cmp.Diff(wantProblems, problems); d != "" {
			rt.Errorf("problems: -want +got:\n%s", d)
		}
		if d := cmp.Diff(inOrder(want), inOrder(got), ignore...); d != "" {
			rt.Errorf("-want +got:\n%s", d)
		}
		if d := cmp.Diff(want.Counts(), got.Counts()); d != "" {
			rt.Errorf("counts: -want +got:\n%s", d)
		}
	})
	if !settledSome {
		t.Error("nothing was settled")
	}
}

func inOrder(p *plan.Plan) (out []plan.Change) {
	for c, err := range p.All() {
		if err != nil {
			panic(err)
		}
		out = append(out, *c)
	}
	return out
}

// What is remembered of a record is to be remembered anew, whatever its policies are now, so
// that its row is kept.
func TestARememberedRecordIsNotSettled(t *testing.T) {
	applied := plan.NewApplied()
	applied.Add("x.example", []plan.Trace{{EntityTypeID: 4, ID: "7", Field: "title", Value: "Before"}})
	p := companyPortal(marked(t, 7, "o", "c0", "C0"), marked(t, 8, "o", "c1", "C1"))
	set := load(t, companies(2))
	state, err := FetchWith(t.Context(), p, set, Options{Applied: applied})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := Compute(set, state)
	if changes := changesIn(got); len(changes) != 1 || len(changes[0].Agreed) != 1 || got.Unchanged.Len() != 1 || got.Unchanged.At(0).ID != "8" {
		t.Errorf("%+v", got)
	}
}

// What a plan keeps of settled records does not grow by allocations with their number, and
// says the same of each as it is asked again.
func TestAPlanKeepsAFewBytesOfWhatStays(t *testing.T) {
	const n = 20 * ask.Keys
	p := companyPortal()
	for i := range n {
		p.rows[4] = append(p.rows[4], marked(t, i+1, "o", fmt.Sprintf("c%d", i), fmt.Sprintf("C%d", i)))
	}
	set := load(t, companies(n))
	state, err := Fetch(t.Context(), p, set)
	if err != nil {
		t.Fatal(err)
	}
	c := newComputer(set, state)
	if most, made := 5.0, testing.AllocsPerRun(10, func() { c.unchanged() }); made > most {
		t.Errorf("%.0f allocations for %d records, at most %.0f", made, n, most)
	}
	all := c.unchanged()
	if all.Len() != n {
		t.Fatalf("%d records", all.Len())
	}
	for i, r := range set.Resources {
		number, _ := strconv.Atoi(r.Name[1:])
		want := plan.Unchanged{Address: r.Address, Kind: "Company", ID: strconv.Itoa(number + 1), EntityTypeID: 4, Title: "C" + r.Name[1:], Source: r.Pos, Facts: r.Kind}
		if d := cmp.Diff(want, all.At(i), cmpopts.IgnoreFields(plan.Unchanged{}, "Facts"), cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	}
}
