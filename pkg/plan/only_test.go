package plan_test

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A part of a plan has what was chosen and what needs nothing, in memory and in a file; what
// would point at something that is left out is refused.
func TestAPartOfAPlan(t *testing.T) {
	company := kind.BuiltIn().ByName("Company")
	change := func(name string, is plan.Action, deps ...value.Address) plan.Change {
		return plan.Change{Address: value.NewAddress("company", name), Kind: company.Name, Facts: company, Action: is, Deps: deps, Declared: name}
	}
	with := change("steps", plan.Create)
	with.Steps = []plan.Step{{Name: "a", Deps: []value.Address{"company/out"}}}
	whole := &plan.Plan{Portal: "x", Changes: plan.List(change("same", plan.NoOp), change("in", plan.Create), change("out", plan.Create), change("changed", plan.Update),
		change("lacks", plan.Create, "company/out"), change("has", plan.Create, "company/in", "company/changed"), with, change("gone", plan.Delete, "company/out"))}
	for _, where := range []plan.Spool{{Above: 100}, {Dir: t.TempDir()}} {
		part, left, err := whole.Only(where, func(e *plan.Entry) bool { return e.Address != "company/out" && e.Address != "company/changed" })
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[value.Address]plan.Action)
		for c, err := range part.Changes.All() {
			if err != nil {
				t.Fatal(err)
			}
			got[c.Address] = c.Action
			if c.Action == plan.Refuse && c.Reason.Code != "NOT_APPLIED" || c.Declared == "" || c.Facts == nil {
				t.Errorf("%+v", c)
			}
		}
		want := map[value.Address]plan.Action{"company/same": plan.NoOp, "company/in": plan.Create, "company/lacks": plan.Refuse, "company/has": plan.Create, "company/steps": plan.Refuse, "company/gone": plan.Delete}
		if left != 2 || len(got) != len(want) {
			t.Errorf("%d left out, %v", left, got)
		}
		for a, is := range want {
			if got[a] != is {
				t.Errorf("%s is %q, want %q", a, got[a], is)
			}
		}
		if err := part.Changes.Close(); err != nil {
			t.Error(err)
		}
	}
}
