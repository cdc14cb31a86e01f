// Package guard says what a project forbids: more changes than its guards let pass
// ([Breaches]), and changes that a lifecycle prevents ([Prevent], [Deletion], [Prevented]).
// It looks at a plan, or at one change, and at the project's rules; it knows nothing of the
// portal's records.
package guard

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// DefaultMaxDelete is how many records one run may delete if the project's guards
// say nothing about it.
const DefaultMaxDelete = 100

// A percentage of refused resources, DefaultMaxRefused where the guards say nothing, never
// stops a run for so few as fewRefused, unless a guard has a floor of its own.
const (
	DefaultMaxRefused = 10.0
	fewRefused        = 10
)

// A Breach is a guard that a plan goes beyond.
type Breach struct {
	Knob   string // such as guards.delete.max, or --max-delete
	Limit  string // such as "10" or "5%"
	Actual int    // changes that the plan has
	Of     int    // what a percentage is of; 0 if it is none
	action plan.Action
	all    int    // the changes of that action, of whatever kind
	guard  string // where the project file has it; "" if a flag has set it

	forbidden value.Address // the first of what the guard forbids, whatever its number; "" for other guards
}

func (b Breach) Error() string { return b.Says().String() }

// breached are the sentences about guards, by what they guard.
var breached = map[plan.Action]string{plan.Create: "guards-creates", plan.Update: "guards-updates", plan.Delete: "guards-deletions", plan.Refuse: "guards-refusals", lasting: "guards-irreversible"}

// lasting stands for what undo does not take back wholly, whatever its action.
const lasting plan.Action = "irreversible"

// Says is the fact.
func (b Breach) Says() value.Message {
	if b.forbidden != "" {
		return value.Say("guards-forbidden", value.T("knob", b.Knob), value.T("action", string(b.action)), value.N("n", b.Actual), value.T("resource", b.forbidden))
	}
	said := value.Say(breached[b.action], value.T("knob", b.Knob), value.T("limit", b.Limit), value.N("n", b.Actual))
	if b.Of > 0 {
		return value.Say("guarded-share", value.M("said", said), value.N("of", b.Of))
	}
	return said
}

// Remedy is what to do about it.
func (b Breach) Remedy() value.Message {
	switch {
	case b.forbidden != "":
		return value.Say("allow-by-guard", value.T("guard", b.guard))
	case b.action == lasting:
		return value.Say("look-or-raise-irreversible", value.T("guard", b.guard), value.N("n", b.all))
	case b.guard == "":
		return value.Say("look-or-raise-flag", value.T("flag", b.Knob), value.N("n", b.all))
	case b.action == plan.Refuse:
		return value.Say("mend-refused-or-raise-guard", value.N("n", b.all), value.T("guard", b.guard))
	}
	return value.Say("look-or-raise-guard", value.T("action", string(b.action)), value.N("n", b.all), value.T("guard", b.guard))
}

// A tally counts changes, and what their parts are of.
type tally struct {
	counts         map[plan.Action]int
	declared, live int
}

func (t *tally) add(e *plan.Entry) {
	switch {
	case e.Detached:
		t.counts[plan.Delete]++
	case e.Action == plan.Adopt:
		t.counts[plan.Update]++
	default:
		t.counts[e.Action]++
	}
	if e.Lasting {
		t.counts[lasting]++
	}
	if !e.Removal {
		t.declared++
	}
	if e.ID != "" {
		t.live++
	}
}

// Breaches lists the guards that the plan goes beyond. A detached record counts as
// deleted: if its manifest came back, the record would be created again.
func Breaches(p *plan.Plan, g spec.Guards) []Breach {
	all := tally{counts: make(map[plan.Action]int), declared: p.Unchanged.Len() + p.UnlistedCount()}
	all.live = all.declared
	for _, e := range p.Changes.Entries() {
		all.add(e)
	}
	if !g.Delete.Bounds() {
		most := DefaultMaxDelete
		g.Delete.Max = &most
	}
	if ten := DefaultMaxRefused; !g.Refused.Bounds() {
		g.Refused.Percent = &ten
	}
	out := breachesOf(&g, &all, &all)
	for _, name := range slices.Sorted(maps.Keys(g.PerKind)) {
		of := g.PerKind[name]
		out = append(out, breachesOf(&of, tallyOf(p, name), &all)...)
	}
	return out
}

// tallyOf counts what a plan does to one kind, or to one smart process by its name.
func tallyOf(p *plan.Plan, name string) *tally {
	t := &tally{counts: make(map[plan.Action]int)}
	stores := make(map[int]bool)
	is := func(a value.Address, kind string) bool {
		space, _ := a.Split()
		return strings.EqualFold(space, name) || strings.EqualFold(kind, name)
	}
	for _, e := range p.Changes.Entries() {
		if is(e.Address, e.Kind) {
			t.add(e)
			stores[storeOf(e.Facts, e.EntityTypeID)] = true
		}
	}
	unchanged := 0
	for u := range p.Unchanged.All() {
		if is(u.Address, u.Kind) {
			unchanged++
		}
	}
	for _, u := range p.Unlisted {
		if strings.EqualFold(u.Kind, name) || stores[u.Store] && u.Store != 0 {
			unchanged += u.Count
		}
	}
	t.declared, t.live = t.declared+unchanged, t.live+unchanged
	return t
}

func storeOf(k *kind.Kind, entityTypeID int) int {
	if k == nil {
		return entityTypeID
	}
	return k.StoreNumber(entityTypeID)
}

// breachesOf lists the guards that some of a plan goes beyond.
func breachesOf(g *spec.Guards, t, all *tally) []Breach {
	if g.Refused.Floor == nil {
		few := fewRefused
		g.Refused.Floor = &few
	}
	out := breaches(plan.Create, g.Create, t, t.declared, all)
	out = append(out, breaches(plan.Update, g.Update, t, t.live, all)...)
	out = append(out, breaches(plan.Delete, g.Delete, t, t.live, all)...)
	out = append(out, breaches(lasting, g.Irreversible, t, t.live, all)...)
	return append(out, breaches(plan.Refuse, g.Refused, t, t.declared, all)...)
}

func breaches(action plan.Action, g spec.Guard, t *tally, of int, all *tally) (out []Breach) {
	b := Breach{Knob: g.Knob, Actual: t.counts[action], action: action, all: all.counts[action]}
	if b.Knob == "" {
		b.Knob = "guards." + string(action)
		if action == plan.Refuse {
			b.Knob = "guards.refused"
		}
	}
	number, share := b, b
	if flag := strings.HasPrefix(b.Knob, "--"); !flag {
		number.guard, share.guard = b.Knob, b.Knob
		number.Knob, share.Knob = b.Knob+".max", b.Knob+".percent"
	}
	if g.Max != nil && b.Actual > *g.Max {
		number.Limit = strconv.Itoa(*g.Max)
		out = append(out, number)
	}
	few := g.Floor != nil && b.Actual <= *g.Floor
	if g.Percent != nil && !few && float64(b.Actual)*100 > *g.Percent*float64(of) {
		share.Limit, share.Of = strconv.FormatFloat(*g.Percent, 'f', -1, 64)+"%", of
		out = append(out, share)
	}
	return out
}

// Prevented lists the guards that forbid some changes of a plan: one that was made under others.
func Prevented(p *plan.Plan, set *spec.Set) (out []Breach) {
	at := make(map[string]int)
	for _, e := range p.Changes.Entries() {
		what, known := preventions[e.Action]
		knob, does := set.Prevents(what, e.Address)
		if !known || !does || e.Detached { // what is detached stays
			continue
		}
		i, named := at[knob]
		if !named {
			i, at[knob] = len(out), len(out)
			out = append(out, Breach{Knob: knob, Limit: "0", action: e.Action, guard: knob, forbidden: e.Address})
		}
		out[i].Actual++
		out[i].all = out[i].Actual
	}
	return out
}
