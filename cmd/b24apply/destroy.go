package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// destroyCommandName is the command, as runs and saved plans tell it.
const destroyCommandName = "destroy"

// deletingOptions are the flags of commands whose plan is not of manifests: it deletes what is
// on the portal.
type deletingOptions struct {
	applyOptions
	save saveOptions
}

// flags adds the flags, whose help says what the command does to records.
func (o *deletingOptions) flags(a *app, c *cobra.Command, does string) {
	a.portalFlags(c)
	f := c.Flags()
	f.StringVar(&a.envName, "env", "", "the project's environment `NAME`")
	f.StringArrayVar(&a.vars, "var", nil, "set a variable, as `NAME=VALUE`; repeatable")
	f.StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	f.BoolVar(&a.limits.full, "full", false, "list every change and outcome; without it, of many alike ones a few are shown and the others named, or counted if they are refused")
	f.Var(&a.limits.maxDelete, "max-delete", "allow at most `N` deletions, or N% of what the project owns, whatever the project's guards say")
	f.Var(&a.limits.maxRefused, "max-refused", does+" the others although up to `N` are refused, or N% of them, whatever the project's guards say")
	f.BoolVar(&o.yes, "yes", false, does+" without asking")
	o.reports.flags(c)
	o.lock.flags(c, &a.stateDir)
	o.flow.flags(c)
	o.save.flags(c)
}

// saveOrDo only saves the plan if --out says so, and carries it out else.
func (a *app) saveOrDo(ctx context.Context, o deletingOptions, do func(*changeRun, context.Context) error) error {
	if err := a.clearSaved(o.save); err != nil {
		return err
	}
	if o.save.out != "" {
		return a.looked(o.reports, func(r *lookRun) error { return r.plan(ctx, planOptions{save: o.save, reports: o.reports}) })
	}
	return a.reported(ctx, o.applyOptions, func(ctx context.Context, r *changeRun) error { return do(r, ctx) })
}

func (a *app) destroyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "destroy",
		Short: "Delete every record that carries the mark of the project",
		Long: `Show what deletes every record and product that carries the mark of the project, whether
it is declared or not, ask, and do it. What points at others goes before them. Records of
people and of other projects stay, and so do smart processes and fields.

The guards of the project hold: without one of its own, a run deletes at most 100 records.`,
		Example: `  b24apply destroy --env stage --max-delete 500
  b24apply destroy --env prod --out destroy.ndjson && b24apply apply destroy.ndjson`,
	}
	var o deletingOptions
	o.flags(a, c, "delete")
	c.Args = noArguments
	c.RunE = func(c *cobra.Command, _ []string) error {
		a.limits.destroy = true
		return a.saveOrDo(c.Context(), o, (*changeRun).destroy)
	}
	return c
}

// destroy deletes what the project owns.
func (r *changeRun) destroy(ctx context.Context) error {
	if err := r.load(); err != nil {
		return err
	}
	r.set = r.set.Emptied()
	if err := r.refuseProtected(destroyCommandName); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return &failure{code: exitRefused, err: value.Err("destroy-needs-confirmation"), hint: value.Say("save-plan-then-confirm")}
	}
	done, err := r.begin(ctx, destroyCommandName, writing)
	if err != nil {
		return err
	}
	defer done()
	if r.plan, err = r.planUnlessStopped(ctx, r.stop, r.client, r.set); r.plan != nil {
		r.closes = r.plan.Changes.Close
	}
	if err != nil {
		return err
	}
	if err := r.agreeToDestroy(); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

// agreeToDestroy shows the plan, and asks for the portal and the number of what is deleted,
// unless --yes has given them.
func (r *changeRun) agreeToDestroy() error {
	n := r.plan.Counts()[plan.Delete]
	asks := !r.options.yes && n > 0
	if err := errors.Join(r.preview(asks), r.refuseUnsafe()); err != nil || !asks {
		return err
	}
	answer := ui.Text(value.Say("portal-and-number", value.T("portal", r.plan.Portal), value.T("n", strconv.Itoa(n))))
	return r.askFor(answer, value.Say("type-to-destroy", value.N("n", n), value.M("portal", ui.To(r.plan.Portal)), value.T("answer", answer)),
		value.Say("not-confirmed-nothing-written"), value.Say("interrupted-nothing-was-written"), r.stop)
}
