package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// adoptOptions are the flags of adopt alone.
type adoptOptions struct {
	applyOptions
	id     int
	force  bool
	dryRun bool
}

func (a *app) adoptCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "adopt ADDRESS",
		Short: "Take an existing record over: write the mark of its owner on it",
		Long: `Write the owner's mark on an existing record, and nothing else, so that ADDRESS means
this record from now on. The record is the one with --id, else the one that
metadata.ids names or spec.match finds. A record that belongs to somebody else is
refused unless --force is given. The next plan shows which fields differ.`,
		Example: `  b24apply adopt company/acme --id 42
  b24apply adopt deal/website --env prod --dry-run`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	var o adoptOptions
	c.Flags().IntVar(&o.id, "id", 0, "the `ID` of the record on this portal")
	c.Flags().BoolVar(&o.yes, "yes", false, "adopt without asking")
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, "show what would be done and write nothing")
	c.Flags().BoolVar(&o.force, "force", false, "take the record over even if somebody else owns it")
	o.reports.flags(c)
	o.lock.flags(c, &a.stateDir)
	c.ValidArgsFunction = a.completeAddress
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 1 && strings.Contains(args[0], "/") {
			return nil
		}
		return &failure{code: exitError, err: value.Err("adopt-takes-one-address"), hint: value.Say("an-address-is-kind-name")}
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		space, name, _ := strings.Cut(args[0], "/")
		address := value.NewAddress(space, name)
		if o.dryRun {
			o.reports = nil // nothing is done that could be reported
		}
		return a.reported(c.Context(), o.applyOptions, func(ctx context.Context, r *changeRun) error { return r.adopt(ctx, address, o) })
	}
	return c
}

// adopt writes the mark of one declared record.
func (r *changeRun) adopt(ctx context.Context, address value.Address, o adoptOptions) error {
	if o.id < 0 {
		return &failure{code: exitError, err: value.Err("id-is-1-or-more", value.N("id", o.id)), hint: value.Say("name-id-on-portal")}
	}
	if err := r.load(); err != nil {
		return err
	}
	if err := diff.PinForAdoption(r.set, address, o.id, o.force); err != nil {
		return &failure{code: exitError, err: err, hint: value.Say("name-record-to-adopt")}
	}
	set, err := r.set.Within(address)
	if err != nil {
		return err
	}
	r.set = set
	if !o.dryRun && !o.yes && !r.asksPeople() {
		return &failure{code: exitRefused, err: value.Err("adopt-needs-confirmation"), hint: value.Say("look-at-dry-run")}
	}
	can := writing
	if o.dryRun {
		can = reading
	} else if err := r.refuseProtected("adopt"); err != nil {
		return err
	}
	done, err := r.begin(ctx, "adopt", can)
	if err != nil {
		return err
	}
	defer done()
	r.reads = time.Now()
	whole, err := r.planUnlessStopped(ctx, r.stop, r.client, r.set)
	if err != nil {
		return err
	}
	defer whole.Changes.Close()
	if r.plan, err = whole.Adoption(address); err != nil {
		return err
	}
	if o.dryRun {
		return r.showAdoption(r.plan)
	}
	if err := r.agree(func() error { return nil }); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

func (a *app) showAdoption(p *plan.Plan) error {
	var err error
	if a.output == "json" {
		err = ui.PlanJSON(a.stdout, p)
	} else {
		err = ui.Plan(a.stdout, p, a.stdout.Style())
	}
	if err == nil && p.Counts()[plan.Refuse] > 0 {
		return &failure{code: exitItems}
	}
	return err
}
