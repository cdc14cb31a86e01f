package diff

import (
	"strconv"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// DefaultMaxDelete is how many records one run may delete if the project's guards
// say nothing about it.
const DefaultMaxDelete = 100

// A percentage of refused resources, DefaultMaxRefused where the guards say nothing, never
// stops a run for so few as fewRefused.
const (
	DefaultMaxRefused = 10.0
	fewRefused        = 10
)

// A Breach is a guard that a plan goes beyond.
type Breach struct {
	Knob   string // such as guards.delete.max
	Limit  string // such as "10" or "5%"
	Actual int    // changes that the plan has
	Of     int    // what a percentage is of
	action plan.Action
}

func (b Breach) Error() string { return b.Says().String() }

// breached are the sentences about guards, by what they guard.
var breached = map[plan.Action]string{plan.Create: "guards-creates", plan.Update: "guards-updates", plan.Delete: "guards-deletions", plan.Refuse: "guards-refusals"}

// Says is the fact.
func (b Breach) Says() value.Message {
	said := value.Say(breached[b.action], value.T("knob", b.Knob), value.T("limit", b.Limit), value.N("n", b.Actual))
	if b.Of > 0 {
		return value.Say("guarded-share", value.M("said", said), value.N("of", b.Of))
	}
	return said
}

// Remedy is what to do about it.
func (b Breach) Remedy() value.Message {
	if b.action == plan.Refuse {
		return value.Say("mend-refused-or-raise-guard", value.N("n", b.Actual))
	}
	return value.Say("look-or-raise-guard", value.T("action", string(b.action)), value.N("n", b.Actual))
}

// Breaches lists the guards that the plan goes beyond. A detached record counts as
// deleted: if its manifest came back, the record would be created again.
func Breaches(p *plan.Plan, g spec.Guards) []Breach {
	counts := make(map[plan.Action]int)
	declared := p.Unchanged.Len() + p.UnlistedCount()
	live := declared
	for _, ch := range p.Changes.Entries() {
		switch {
		case ch.Detached:
			counts[plan.Delete]++
		case ch.Action == plan.Adopt:
			counts[plan.Update]++
		default:
			counts[ch.Action]++
		}
		if !ch.Removal {
			declared++
		}
		if ch.ID != "" {
			live++
		}
	}
	var out []Breach
	out = append(out, breaches(plan.Create, g.Create, counts[plan.Create], declared)...)
	out = append(out, breaches(plan.Update, g.Update, counts[plan.Update], live)...)
	if g.Delete.Max == nil && g.Delete.Percent == nil {
		most := DefaultMaxDelete
		g.Delete.Max = &most
	}
	out = append(out, breaches(plan.Delete, g.Delete, counts[plan.Delete], live)...)
	return append(out, refusedBreaches(g.Refused, counts[plan.Refuse], declared)...)
}

// refusedBreaches is breaches for what is refused.
func refusedBreaches(g spec.Guard, n, of int) []Breach {
	if most := DefaultMaxRefused; g.Max == nil && g.Percent == nil {
		g.Percent = &most
	}
	if n <= fewRefused {
		g.Percent = nil
	}
	return breaches(plan.Refuse, g, n, of)
}

func breaches(action plan.Action, g spec.Guard, n, of int) (out []Breach) {
	knob := "guards." + string(action)
	if action == plan.Refuse {
		knob = "guards.refused"
	}
	if g.Max != nil && n > *g.Max {
		out = append(out, Breach{Knob: knob + ".max", Limit: strconv.Itoa(*g.Max), Actual: n, action: action})
	}
	if g.Percent != nil && float64(n)*100 > *g.Percent*float64(of) {
		out = append(out, Breach{Knob: knob + ".percent", Limit: strconv.FormatFloat(*g.Percent, 'f', -1, 64) + "%", Actual: n, Of: of, action: action})
	}
	return out
}
