package diff

import (
	"testing"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
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
