package guard

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A percentage of refused resources stops nothing for ten or fewer; a number counts as written.
func TestTheGuardOfRefusedResourcesHasAFloor(t *testing.T) {
	none, twenty, half := 0, 20, 50.0
	for name, tc := range map[string]struct {
		guard       spec.Guard
		refused, of int
		knob        string
	}{
		"ten of ten":              {refused: 10, of: 10},
		"eleven of eleven":        {refused: 11, of: 11, knob: "guards.refused.percent"},
		"just a tenth":            {refused: 11, of: 110},
		"more than a tenth":       {refused: 12, of: 110, knob: "guards.refused.percent"},
		"a percentage of its own": {guard: spec.Guard{Percent: &half}, refused: 12, of: 24},
		"beyond it":               {guard: spec.Guard{Percent: &half}, refused: 13, of: 24, knob: "guards.refused.percent"},
		"few beyond it":           {guard: spec.Guard{Percent: &half}, refused: 2, of: 2},
		"none is allowed":         {guard: spec.Guard{Max: &none}, refused: 1, of: 100, knob: "guards.refused.max"},
		"a number alone":          {guard: spec.Guard{Max: &twenty}, refused: 20, of: 20},
	} {
		t.Run(name, func(t *testing.T) {
			changes := make([]plan.Change, tc.of)
			for i := range changes {
				if changes[i].Action = plan.NoOp; i < tc.refused {
					changes[i].Action = plan.Refuse
				}
			}
			p := &plan.Plan{Changes: plan.List(changes...)}
			got := Breaches(p, spec.Guards{Refused: tc.guard})
			switch {
			case tc.knob == "" && len(got) > 0:
				t.Errorf("stopped by %v", got)
			case tc.knob != "" && (len(got) != 1 || got[0].Knob != tc.knob || got[0].Actual != tc.refused):
				t.Errorf("breaches %+v, want %s", got, tc.knob)
			}
		})
	}
}

// Guards of a kind bound its records alone; a floor lets few pass whatever their part.
func TestGuardsOfAKindAndFloors(t *testing.T) {
	change := func(address, kind string, action plan.Action) plan.Change {
		c := plan.Change{Address: value.Address(address), Kind: kind, Action: action, ID: "1"}
		if action == plan.Create {
			c.ID = ""
		}
		return c
	}
	p := &plan.Plan{Changes: plan.List(
		change("company/a", "Company", plan.Delete), change("company/b", "Company", plan.NoOp),
		change("deal/a", "Deal", plan.Delete), change("deal/b", "Deal", plan.Delete), change("deal/c", "Deal", plan.NoOp), change("deal/d", "Deal", plan.Create),
		change("machine/a", "SPAItem", plan.Delete), change("machine/b", "SPAItem", plan.NoOp),
	), Unlisted: []plan.Unlisted{{Kind: "Deal", Count: 1}, {Kind: "SPAItem", Count: 2}}}
	n := func(n int) *int { return &n }
	share := func(f float64) *float64 { return &f }
	for name, tc := range map[string]struct {
		guards spec.Guards
		want   []string
	}{
		"none":                           {},
		"all deletions":                  {spec.Guards{Delete: spec.Guard{Max: n(3)}}, []string{"guards.delete.max is 3, and the plan would delete 4 resources"}},
		"those of a kind":                {spec.Guards{PerKind: map[string]spec.Guards{"deal": {Delete: spec.Guard{Max: n(1), Knob: "guards.perKind.Deal.delete"}}}}, []string{"guards.perKind.Deal.delete.max is 1, and the plan would delete 2 resources"}},
		"of another kind":                {spec.Guards{PerKind: map[string]spec.Guards{"company": {Delete: spec.Guard{Max: n(1)}}}}, nil},
		"a part of a kind":               {spec.Guards{PerKind: map[string]spec.Guards{"deal": {Delete: spec.Guard{Percent: share(49), Knob: "k"}}}}, []string{"k.percent is 49%, and the plan would delete 2 resources of 4"}},
		"a part that is just allowed":    {spec.Guards{PerKind: map[string]spec.Guards{"deal": {Delete: spec.Guard{Percent: share(50)}}}}, nil},
		"a smart process by its name":    {spec.Guards{PerKind: map[string]spec.Guards{"machine": {Delete: spec.Guard{Max: n(0), Knob: "k"}}}}, []string{"k.max is 0, and the plan would delete 1 resource"}},
		"a floor":                        {spec.Guards{Delete: spec.Guard{Percent: share(1), Floor: n(4)}}, nil},
		"beyond a floor":                 {spec.Guards{Delete: spec.Guard{Percent: share(1), Floor: n(3)}}, []string{"guards.delete.percent is 1%, and the plan would delete 4 resources of 10"}},
		"a flag, for all of the kinds":   {spec.Guards{Delete: spec.Guard{Percent: share(10), Knob: "--max-delete"}}, []string{"--max-delete is 10%, and the plan would delete 4 resources of 10"}},
		"a floor does not raise numbers": {spec.Guards{Delete: spec.Guard{Max: n(3), Floor: n(9)}}, []string{"guards.delete.max is 3, and the plan would delete 4 resources"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, b := range Breaches(p, tc.guards) {
				got = append(got, words.Text(b.Says()))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A flag stands in the place of a guard and of those of single kinds; an environment's stand
// over the project's, and allow nothing that is prevented.
func TestGuardsStandOverEachOther(t *testing.T) {
	n := func(n int) spec.Guard { return spec.Guard{Max: &n} }
	project := spec.Project{Guards: spec.Guards{Create: n(1), Delete: n(2), PerKind: map[string]spec.Guards{"deal": {Delete: n(3), Update: n(4)}},
		Prevent: []spec.Protection{{Action: spec.PreventDelete, Knob: "guards.prevent.delete"}}}}
	env := &spec.Environment{Guards: spec.Guards{Delete: n(5), PerKind: map[string]spec.Guards{"deal": {Update: n(6)}, "lead": {Create: n(7)}}}}
	guards := project.GuardsIn(env)
	max := func(g spec.Guards) map[string]int {
		out := make(map[string]int)
		for name, guard := range g.Each() {
			out[name] = *guard.Max
		}
		return out
	}
	want := map[string]int{"create": 1, "delete": 5, "perKind.deal.delete": 3, "perKind.deal.update": 6, "perKind.lead.create": 7}
	if diff := cmp.Diff(want, max(guards)); diff != "" {
		t.Error(diff)
	}
	if len(guards.Prevent) != 1 {
		t.Error("what is prevented is allowed in an environment")
	}
	guards.Instead("delete", n(8))
	delete(want, "perKind.deal.delete")
	want["delete"] = 8
	if diff := cmp.Diff(want, max(guards)); diff != "" {
		t.Error(diff)
	}
	if got := max(project.Guards); got["perKind.deal.delete"] != 3 || got["perKind.deal.update"] != 4 {
		t.Errorf("the project's own have changed: %v", got)
	}
}

// A plan goes beyond a guard if it does more than the number, or the part, that the
// guard allows; what is just within is allowed.
func TestGuardsBoundWhatAPlanDoes(t *testing.T) {
	limit := func(n int) *int { return &n }
	part := func(p float64) *float64 { return &p }
	changes := func(action plan.Action, n, id int) (out []plan.Change) {
		for range n {
			out = append(out, plan.Change{Action: action, ID: value.ID(id), Removal: action == plan.Delete})
		}
		return out
	}
	made := &plan.Plan{Changes: plan.List(slices.Concat(changes(plan.Create, 4, 0), changes(plan.Update, 3, 1), changes(plan.NoOp, 8, 1), changes(plan.Delete, 5, 1))...)}
	for _, tc := range []struct {
		name   string
		guards spec.Guards
		want   []string
	}{
		{"no guards", spec.Guards{}, nil},
		{"all at their limits", spec.Guards{Create: spec.Guard{Max: limit(4)}, Update: spec.Guard{Max: limit(3)}, Delete: spec.Guard{Max: limit(5), Percent: part(31.25)}}, nil},
		{"one too many of each", spec.Guards{Create: spec.Guard{Max: limit(3)}, Update: spec.Guard{Max: limit(2)}, Delete: spec.Guard{Max: limit(4)}}, []string{
			"guards.create.max is 3, and the plan would create 4 resources",
			"guards.update.max is 2, and the plan would update 3 resources",
			"guards.delete.max is 4, and the plan would delete 5 resources"}},
		{"percentages", spec.Guards{Create: spec.Guard{Percent: part(26)}, Update: spec.Guard{Percent: part(18.7)}, Delete: spec.Guard{Percent: part(31)}}, []string{
			"guards.create.percent is 26%, and the plan would create 4 resources of 15",
			"guards.update.percent is 18.7%, and the plan would update 3 resources of 16",
			"guards.delete.percent is 31%, and the plan would delete 5 resources of 16"}},
		{"nothing may be deleted", spec.Guards{Delete: spec.Guard{Max: limit(0)}}, []string{"guards.delete.max is 0, and the plan would delete 5 resources"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var got []string
			for _, b := range Breaches(made, tc.guards) {
				got = append(got, words.Text(b.Says()))
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
	if got := Breaches((&plan.Plan{Changes: plan.List(changes(plan.Delete, DefaultMaxDelete+1, 1)...)}), spec.Guards{}); len(got) != 1 {
		t.Errorf("without a guard %d deletions are allowed", DefaultMaxDelete+1)
	}
}
