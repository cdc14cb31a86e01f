package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// repairCommandName is the command, as runs and saved plans tell it.
const repairCommandName = "repair"

func (a *app) repairCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "repair",
		Short: "Mend records that carry one mark of the project twice",
		Long: `Show what mends doubles, ask, and do it: of the records that carry one mark of the project
the lowest id stays, always; what points at the others is made to point at it, then the
others are deleted. They are what DOUBLE_MARK names: two runs created them at once, or
somebody copied a record.

One that holds what the other does not, or that a person has worked on, is not deleted: it
is named as a conflict, and makes the exit code 3.`,
		Example: `  b24apply repair --env stage
  b24apply repair --env prod --out repair.ndjson && b24apply apply repair.ndjson`,
	}
	var o deletingOptions
	o.flags(a, c, "mend")
	c.Args = noArguments
	c.RunE = func(c *cobra.Command, _ []string) error {
		a.limits.repair = true
		return a.saveOrDo(c.Context(), o, (*changeRun).repair)
	}
	return c
}

// repair mends what is double.
func (r *changeRun) repair(ctx context.Context) error {
	if err := r.load(); err != nil {
		return err
	}
	if err := r.refuseProtected(repairCommandName); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return &failure{code: exitRefused, err: value.Err("repair-needs-confirmation"), hint: value.Say("save-plan-then-confirm")}
	}
	done, err := r.begin(ctx, repairCommandName, writing)
	if err != nil {
		return err
	}
	defer done()
	r.saved = true // what it is about is read again before anything is sent
	if r.plan, err = r.planUnlessStopped(ctx, r.stop, r.client, r.set); r.plan != nil {
		r.closes = r.plan.Changes.Close
	}
	if err != nil {
		return err
	}
	if r.plan.Changes.Len() == 0 && len(r.plan.Notes) == 0 && r.output == "text" && !r.reports.Any() {
		return nil // it was said that nothing is double
	}
	if err := r.agree(r.refuseUnsafe); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

// planRepair makes the plan that mends doubles.
func (a *app) planRepair(ctx context.Context, client *bitrix.Client, changes *plan.Source, set *spec.Set, state *diff.State) (*plan.Plan, error) {
	p, err := diff.RepairTo(ctx, live.New(client), changes, set, state)
	if err != nil {
		return nil, connection(ctx, err)
	}
	if a.planned != nil {
		a.planned(p)
	}
	if changes.Len() == 0 {
		a.tell("nothing-is-double", value.T("owner", set.Project.Name))
	}
	return p, nil
}
