package main

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A limits is what the command line says about deletions and guards.
type limits struct {
	prune, seesAll, full, lookAlikes            bool
	destroy                                     bool // all that the project owns is removed
	repair                                      bool // doubles are mended, and nothing else
	maxCreate, maxUpdate, maxDelete, maxRefused most

	selected, excluded []string // patterns of what the command is about

	saved *spec.Guards // those of a saved plan; nil without one
}

func (a *app) limitFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&a.limits.selected, "select", nil, "only what a `PATTERN` names: a kind such as deal, addresses such as deal/web-*, or a label such as wave=1; repeatable")
	f.StringArrayVar(&a.limits.excluded, "exclude", nil, "not what a `PATTERN` names; repeatable")
	f.BoolVar(&a.limits.prune, "prune", false, "also delete records with this owner's mark that are not declared any more")
	f.BoolVar(&a.limits.seesAll, "sees-all", false, "the credential's user may read every record of the kinds that are created")
	f.BoolVar(&a.limits.lookAlikes, "look-alikes", false, "look at every create for records of the portal that look the same, not only at the first 2,450 of a kind; records of small kinds are all compared")
	f.BoolVar(&a.limits.full, "full", false, "list every change and outcome; without it, of many alike ones a few are shown and the others named, or counted if they are refused")
	f.Var(&a.limits.maxCreate, "max-create", "allow at most `N` creates, or N% of what is declared, whatever the project's guards say")
	f.Var(&a.limits.maxUpdate, "max-update", "allow at most `N` updates, or N% of what the portal has, whatever the project's guards say")
	f.Var(&a.limits.maxDelete, "max-delete", "allow at most `N` deletions, or N% of what the portal has, whatever the project's guards say")
	f.Var(&a.limits.maxRefused, "max-refused", "apply the others although up to `N` are refused, or N% of what is declared, whatever the project's guards say")
}

// A most is a bound of the command line; one without a bound is as the project says.
type most struct{ spec.Guard }

func (m *most) Set(text string) error {
	share, isShare := strings.CutSuffix(text, "%")
	n, err := strconv.Atoi(text)
	percent, wrong := strconv.ParseFloat(share, 64)
	switch {
	case isShare && wrong == nil && percent >= 0 && percent <= 100:
		m.Guard = spec.Guard{Percent: &percent}
	case err == nil && n >= 0:
		m.Guard = spec.Guard{Max: &n}
	default:
		return value.Err("must-be-bound")
	}
	return nil
}

func (m *most) String() string {
	switch {
	case m.Max != nil:
		return strconv.Itoa(*m.Max)
	case m.Percent != nil:
		return strconv.FormatFloat(*m.Percent, 'f', -1, 64) + "%"
	}
	return ""
}

func (m *most) Type() string { return "int" }

// refusePrune refuses to prune by anything but all manifests of a project: what is
// not read would count as not declared.
func (a *app) refusePrune(set *spec.Set) error {
	refuse := func(code string, hint value.Message, args ...value.Arg) error {
		return &failure{code: exitRefused, err: value.Err(code, args...), hint: hint}
	}
	selection, _ := spec.ParseSelection(a.limits.selected, a.limits.excluded) // reading has refused others
	cut, _ := selection.Cuts()
	switch {
	case !a.limits.prune:
		return nil
	case set.Project.File == "":
		return refuse("prune-needs-project", value.Say("start-project"))
	case !set.Whole:
		return refuse("prune-reads-only-some", value.Say("leave-files-out"))
	case len(set.Overlooked) > 0:
		return refuse("prune-overlooks-file", value.Say("follow-warning-about"), value.T("overlooked", set.Overlooked[0]))
	case set.Selected && cut != "":
		return refuse("prune-is-cut", value.Say("select-whole-kinds"), value.Q("pattern", cut))
	case slices.ContainsFunc(set.Sets, isPartial):
		partial := set.Sets[slices.IndexFunc(set.Sets, isPartial)]
		if !partial.Complete {
			return refuse("prune-of-partial-set", value.Say("say-that-set-is-complete"), value.T("set", partial.Name))
		}
		return refuse("prune-of-nameless-rows", value.Say("mend-rows-first"), value.T("set", partial.Name))
	case len(set.Resources) == 0:
		return refuse("prune-of-nothing-declared", value.Say("check-manifests-or-name-absent"))
	}
	return nil
}

// isPartial tells whether nobody can say which records of its kind a set does not mean.
func isPartial(s *spec.RecordSet) bool { return !s.Complete || s.Nameless }

// fetch reads what planning needs.
func (a *app) fetch(ctx context.Context, client *bitrix.Client, set *spec.Set, applied *plan.Applied) (*diff.State, error) {
	portal := live.New(client)
	state, err := diff.FetchWith(ctx, portal, set, diff.Options{Applied: applied, LookAlikes: a.limits.lookAlikes})
	if err == nil && a.limits.destroy {
		err = diff.FetchOwned(ctx, portal, set, state)
	}
	if err == nil && a.limits.prune {
		err = diff.FetchUndeclared(ctx, portal, set, state)
	}
	return state, err
}

// given are the bounds of the command line, by what they bound.
func (l *limits) given() map[string]spec.Guard {
	out := make(map[string]spec.Guard)
	for name, most := range map[string]most{"create": l.maxCreate, "update": l.maxUpdate, "delete": l.maxDelete, "refused": l.maxRefused} {
		if most.Bounds() {
			most.Knob = "--max-" + name
			out[name] = most.Guard
		}
	}
	return out
}

// guards are those of the project in its environment, with those of the command line in their
// place; those of a saved plan are what they were when it was made.
func (a *app) guards(set *spec.Set) spec.Guards {
	if a.limits.saved != nil {
		return *a.limits.saved
	}
	guards := set.Project.GuardsIn(set.Env)
	for name, guard := range a.limits.given() {
		guards.Instead(name, guard)
	}
	return guards
}

// breaches lists the guards that a plan goes beyond.
func (a *app) breaches(plan *plan.Plan, set *spec.Set) []guard.Breach {
	return guard.Breaches(plan, a.guards(set))
}

// guard refuses a plan of which nothing may be sent, or that goes beyond the guards.
func (a *app) guard(plan *plan.Plan, set *spec.Set) error {
	if plan.Refused != nil {
		return &failure{code: exitRefused, err: plan.Refused, hint: hintOf(plan.Refused, value.Message{})}
	}
	if err := a.guardRenamed(plan); err != nil {
		return err
	}
	return a.stopped(a.breaches(plan, set))
}

// stopped tells of guards that a plan goes beyond.
func (a *app) stopped(breaches []guard.Breach) error {
	if len(breaches) == 0 {
		return nil
	}
	for _, b := range breaches[:len(breaches)-1] {
		_ = ui.Message(a.stderr, b.Says(), b.Remedy(), a.stderr.Style()) // the last one is the error
	}
	last := breaches[len(breaches)-1]
	return &failure{code: exitRefused, err: last, hint: last.Remedy()}
}

// guardRenamed refuses to prune records of a kind of which a declared one is refused and not
// there: it may be one of them under another name, which would then be lost.
func (a *app) guardRenamed(p *plan.Plan) error {
	lacking := make(map[string]string)
	for _, c := range p.Changes.Entries() {
		if c.Action == plan.Refuse && c.ID == "" {
			lacking[c.Kind] = string(c.Address)
		}
	}
	for _, c := range p.Changes.Entries() {
		if address := lacking[c.Kind]; a.limits.prune && address != "" && c.Action == plan.Delete {
			return &failure{code: exitRefused, err: value.Err("prune-may-lose-renamed", value.T("address", address), value.T("other", c.Address)),
				hint: value.Say("mend-refused-or-leave-prune-out")}
		}
	}
	return nil
}

// deletes is the action of deletions.
const deletes = plan.Delete

// refuseProtected refuses to carry out what nobody could look at before, in an environment that
// asks for that. A portal in a box is none of its.
func (r *changeRun) refuseProtected(command string) error {
	if r.set.Env == nil || !r.set.Env.Protected || r.isBoxed() || r.saved || command == "apply" && r.options.expect != "" {
		return nil
	}
	knob := value.T("knob", "environments."+r.set.Env.Name+".protected")
	env := value.T("env", r.set.Env.Name)
	switch command {
	case "apply":
		return &failure{code: exitRefused, err: value.Err("environment-is-protected", knob), hint: value.Say("save-plan-then-apply", env)}
	case "adopt":
		return &failure{code: exitRefused, err: value.Err("command-is-not-for-protected", knob, value.T("command", command)), hint: value.Say("save-plan-of-command", env)}
	}
	return &failure{code: exitRefused, err: value.Err("command-saves-only", knob, value.T("command", command)), hint: value.Say("save-plan-with-out")}
}

// refuseDryRunOnly refuses to write in an environment where nothing is written.
func (a *app) refuseDryRunOnly(set *spec.Set) error {
	if set.Env == nil || !set.Env.DryRunOnly || a.isBoxed() {
		return nil
	}
	return dryRunOnly(set.Env.Name)
}

func dryRunOnly(env string) error {
	return &failure{code: exitRefused, err: value.Err("environment-is-dry-run-only", value.T("knob", "environments."+env+".dryRunOnly")), hint: value.Say("plan-shows-only", value.T("env", env))}
}
