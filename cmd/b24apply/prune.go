package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A limits is what the command line says about deletions and guards.
type limits struct {
	prune, seesAll, full, lookAlikes            bool
	maxCreate, maxUpdate, maxDelete, maxRefused most
}

func (a *app) limitFlags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&a.limits.prune, "prune", false, "also delete records with this owner's mark that are not declared any more")
	f.BoolVar(&a.limits.seesAll, "sees-all", false, "the credential's user may read every record of the kinds that are created")
	f.BoolVar(&a.limits.lookAlikes, "look-alikes", false, "look at every create for records of the portal that look the same, not only at the first 2,450 of a kind; records of small kinds are all compared")
	f.BoolVar(&a.limits.full, "full", false, "list every change and outcome; without it, of many alike ones a few are shown and the others named, or counted if they are refused")
	f.Var(&a.limits.maxCreate, "max-create", "allow at most `N` creates, whatever the project's guards say")
	f.Var(&a.limits.maxUpdate, "max-update", "allow at most `N` updates, whatever the project's guards say")
	f.Var(&a.limits.maxDelete, "max-delete", "allow at most `N` deletions, whatever the project's guards say")
	f.Var(&a.limits.maxRefused, "max-refused", "apply the others although up to `N` are refused, whatever the project's guards say")
}

// A most is a bound of the command line; none is as the project says.
type most struct{ n *int }

func (m *most) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return errors.New("it must be a whole number, 0 or more; leave it out to keep to the project's guards")
	}
	m.n = &n
	return nil
}

func (m *most) String() string {
	if m.n == nil {
		return ""
	}
	return strconv.Itoa(*m.n)
}

func (m *most) Type() string { return "int" }

// refusePrune refuses to prune by anything but all manifests of a project: what is
// not read would count as not declared.
func (a *app) refusePrune(set *spec.Set) error {
	refuse := func(message, hint string) error {
		return &failure{code: exitRefused, err: errors.New(message), hint: hint}
	}
	switch {
	case !a.limits.prune:
		return nil
	case set.Project.File == "":
		return refuse("--prune needs a project: without one nothing says which manifests are all of them", "start one with b24apply init, or name what must go in an Absent document")
	case !set.Whole:
		return refuse("--prune is refused because -f reads only some manifests: what the others declare would be deleted", "leave -f out, and let manifests in the project file name them all")
	case len(set.Overlooked) > 0:
		return refuse("--prune is refused because "+set.Overlooked[0]+" is not read: what it declares would be deleted", "follow the warning about it")
	case len(set.Resources) == 0:
		return refuse("--prune is refused because the manifests declare nothing: everything would be deleted", "check manifests in the project file, or name what must go in an Absent document")
	}
	return nil
}

// fetch reads what planning needs.
func (a *app) fetch(ctx context.Context, client *bitrix.Client, set *spec.Set, applied *plan.Applied) (*diff.State, error) {
	portal := live.New(client)
	state, err := diff.FetchWith(ctx, portal, set, diff.Options{Applied: applied, LookAlikes: a.limits.lookAlikes})
	if err == nil && a.limits.prune {
		err = diff.FetchUndeclared(ctx, portal, set, state)
	}
	return state, err
}

// guards are those of the project, or of the command line.
func (a *app) guards(set *spec.Set) spec.Guards {
	guards := set.Project.Guards
	for guard, most := range map[*spec.Guard]most{&guards.Create: a.limits.maxCreate, &guards.Update: a.limits.maxUpdate, &guards.Delete: a.limits.maxDelete, &guards.Refused: a.limits.maxRefused} {
		if most.n != nil {
			*guard = spec.Guard{Max: most.n}
		}
	}
	return guards
}

// breaches lists the guards that a plan goes beyond.
func (a *app) breaches(plan *plan.Plan, set *spec.Set) []diff.Breach {
	return diff.Breaches(plan, a.guards(set))
}

// guard refuses a plan of which nothing may be sent, or that goes beyond the guards.
func (a *app) guard(plan *plan.Plan, set *spec.Set) error {
	if plan.Refused != nil {
		return &failure{code: exitRefused, err: plan.Refused, hint: hintOf(plan.Refused, "")}
	}
	if err := a.guardRenamed(plan); err != nil {
		return err
	}
	breaches := a.breaches(plan, set)
	if len(breaches) == 0 {
		return nil
	}
	for _, b := range breaches[:len(breaches)-1] {
		_ = ui.Message(a.stderr, "b24apply", b.Error(), b.Hint()) // the last one is the error
	}
	last := breaches[len(breaches)-1]
	return &failure{code: exitRefused, err: last, hint: last.Hint()}
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
			return &failure{code: exitRefused, err: fmt.Errorf("--prune is refused because %s is refused and not on the portal: %s may be its record under another name, and would be deleted", address, c.Address),
				hint: "mend what is refused, or leave --prune out"}
		}
	}
	return nil
}

// deletions says how much of a plan deletes, as a part of a question.
func deletions(p *plan.Plan) string {
	n := p.Counts()[plan.Delete]
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", among them %s,", plural(n, "deletion"))
}
