package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Guard bounds how much one run may do; without Max and Percent it bounds nothing.
type Guard struct {
	Max     *int     // changes
	Percent *float64 // of what there is; 0 to 100
	// Floor is a number of changes that no percentage stops; nil is the default of what is
	// guarded.
	Floor *int
	// Knob is what sets it, as messages name it, such as --max-delete; "" is guards and the
	// action.
	Knob string
}

// Bounds tells whether there is any bound.
func (g Guard) Bounds() bool { return g.Max != nil || g.Percent != nil }

// Guards bound what one run may create, update and delete, and how much of what is declared
// may be refused. A plan beyond them is not applied.
type Guards struct {
	Create, Update, Delete, Refused Guard
	Irreversible                    Guard // changes that undo does not take back wholly
	// PerKind bounds what is done to the records of one kind, or of one smart process, by its
	// name in lower case. These have no PerKind and no Prevent.
	PerKind map[string]Guards
	// Prevent are actions that are refused for some resources.
	Prevent []Protection
}

// A Protection forbids an action on the resources that one of its patterns names.
type Protection struct {
	Action Prevention
	Of     []Pattern
	Knob   string // as messages name it, such as guards.prevent.delete
}

// each gives the guards by the names that they have in a project file.
func (g *Guards) each() map[string]*Guard {
	return map[string]*Guard{"create": &g.Create, "update": &g.Update, "delete": &g.Delete, "refused": &g.Refused, "irreversible": &g.Irreversible}
}

// Each gives every guard that bounds anything by its name, such as delete or
// perKind.deal.delete.
func (g Guards) Each() map[string]Guard {
	out := make(map[string]Guard)
	for name, guard := range g.each() {
		if guard.Bounds() {
			out[name] = *guard
		}
	}
	for kind, of := range g.PerKind {
		for name, guard := range of.Each() {
			out[perKind+"."+kind+"."+name] = guard
		}
	}
	return out
}

const perKind = "perKind"

// Set puts a guard where Each has had it. It is false for a name that is none.
func (g *Guards) Set(name string, guard Guard) bool {
	if rest, ok := strings.CutPrefix(name, perKind+"."); ok {
		at := strings.LastIndexByte(rest, '.')
		if at < 0 {
			return false
		}
		of := g.PerKind[rest[:at]]
		if of.PerKind != nil || !of.Set(rest[at+1:], guard) {
			return false
		}
		if g.PerKind == nil {
			g.PerKind = make(map[string]Guards)
		}
		g.PerKind[rest[:at]] = of
		return true
	}
	at := g.each()[name]
	if at == nil {
		return false
	}
	*at = guard
	return true
}

// Instead replaces a guard, and those of the same name for single kinds.
func (g *Guards) Instead(name string, guard Guard) {
	g.Set(name, guard)
	kinds := make(map[string]Guards, len(g.PerKind))
	for kind, of := range g.PerKind {
		of.Set(name, Guard{})
		kinds[kind] = of
	}
	g.PerKind = kinds
}

// under gives these guards with those of an environment over them. Nothing that is prevented
// is allowed by that.
func (g Guards) under(over Guards) Guards {
	out := g
	out.PerKind = maps.Clone(g.PerKind)
	out.Prevent = slices.Concat(g.Prevent, over.Prevent)
	for name, guard := range over.Each() {
		out.Set(name, guard)
	}
	return out
}

// GuardsIn are the guards of a project in an environment of it, or in none.
func (p *Project) GuardsIn(env *Environment) Guards {
	if env == nil {
		return p.Guards
	}
	return p.Guards.under(env.Guards)
}

// Prevents tells whether the guards forbid an action on a resource, and names the knob.
func (s *Set) Prevents(p Prevention, a value.Address) (knob string, does bool) {
	if s.Env != nil {
		knob, does = s.Env.Guards.prevents(p, a)
	}
	if !does {
		knob, does = s.Project.Guards.prevents(p, a)
	}
	return knob, does
}

func (g *Guards) prevents(p Prevention, a value.Address) (knob string, does bool) {
	for _, no := range g.Prevent {
		if no.Action == p && slices.ContainsFunc(no.Of, func(pattern Pattern) bool { return pattern.Matches(a) }) {
			return no.Knob, true
		}
	}
	return "", false
}

// readGuards reads the guards of a project or of an environment; where is how messages name them.
func readGuards(body value.Node, where string) (g Guards) {
	v, _ := body.Get("guards")
	g.read(v, where)
	kinds, _ := v.Get(perKind)
	for _, p := range kinds.Pairs {
		var of Guards
		of.read(p.Value, where+"."+perKind+"."+p.Key)
		if g.PerKind == nil {
			g.PerKind = make(map[string]Guards, len(kinds.Pairs))
		}
		g.PerKind[strings.ToLower(p.Key)] = of
	}
	prevent, _ := v.Get("prevent")
	for _, p := range prevent.Pairs {
		no := Protection{Action: Prevention(p.Key), Knob: where + ".prevent." + p.Key}
		for _, item := range p.Value.Items {
			if pattern, ok := ParsePattern(item.Text); ok {
				no.Of = append(no.Of, pattern)
			}
		}
		g.Prevent = append(g.Prevent, no)
	}
	return g
}

func (g *Guards) read(v value.Node, where string) {
	for name, guard := range g.each() {
		declared, _ := v.Get(name)
		if *guard = readGuard(declared); guard.Bounds() {
			guard.Knob = where + "." + name
		}
	}
}

func readGuard(v value.Node) (g Guard) {
	limit, percent := v, v
	if v.Kind == value.Map {
		limit, _ = v.Get("max")
		percent, _ = v.Get("percent")
		floor, _ := v.Get("floor")
		if n, err := strconv.Atoi(floor.Text); err == nil {
			g.Floor = &n
		}
	}
	if n, err := strconv.Atoi(limit.Text); err == nil {
		g.Max = &n
	}
	text, isPercent := strings.CutSuffix(percent.Text, "%")
	if f, err := strconv.ParseFloat(text, 64); err == nil && (isPercent || v.Kind == value.Map) {
		g.Percent = &f
	}
	return g
}

// checkGuards checks the names in the project's guards, once the declared smart processes are
// known: a guard of what is not there would guard nothing, in silence.
func (l *loader) checkGuards() {
	if l.project == nil {
		return
	}
	l.checkGuardsOf(l.project.guards, "guards")
	for _, e := range l.project.environments {
		guards, _ := e.Value.Get("guards")
		l.checkGuardsOf(guards, "environments."+e.Key+".guards")
	}
}

func (l *loader) checkGuardsOf(guards value.Node, where string) {
	kinds, _ := guards.Get(perKind)
	for _, p := range kinds.Pairs {
		if problem := l.noSpace(p.Key); !problem.IsZero() {
			l.complainAboutGuard(p.Pos, p.Key, problem, where+"."+perKind)
		}
	}
	prevent, _ := guards.Get("prevent")
	for _, p := range prevent.Pairs {
		for _, item := range p.Value.Items {
			pattern, ok := ParsePattern(item.Text)
			switch problem := l.noSpace(pattern.space); {
			case !ok:
				l.complainAboutGuard(item.Pos, item.Text, value.Say("write-pattern"), where+".prevent."+p.Key)
			case !problem.IsZero() && !strings.ContainsAny(pattern.space, "*?["):
				l.complainAboutGuard(item.Pos, item.Text, problem, where+".prevent."+p.Key)
			}
		}
	}
}

// noSpace says what to write instead of a name that is that of no kind and of no smart process.
func (l *loader) noSpace(name string) value.Message {
	k, names := l.policyKind(name)
	if k != nil || l.unread || l.o.Kinds.BySpace(strings.ToLower(name)) != nil {
		return value.Message{}
	}
	if near, ok := Suggest(name, names); ok {
		return didYouMean(quote(near))
	}
	return value.Say("kinds", value.L("names", listed(names)))
}

func (l *loader) complainAboutGuard(at value.Pos, text string, hint value.Message, where string) {
	r := &report{src: l.project.src}
	r.problem(at, text, "guard", hint, value.Say("guards-no-such-kind", value.T("where", where), value.T("kind", quote(text))))
	l.refuse(r.problems...)
}
