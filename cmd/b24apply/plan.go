package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) planCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would change on the portal",
		Long: `Read the portal and show what apply would change, and why. Nothing is written.

The portal is the one of --portal, else of the project's environment (--env), else of
B24_WEBHOOK_URL, or of B24_PORTAL with B24_ACCESS_TOKEN, else of your login.`,
		Example: `  b24apply plan --env prod
  b24apply plan -f deals.yaml --portal embedded
  b24apply plan --env prod --out plan.ndjson`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	a.limitFlags(c)
	c.Flags().StringVar(&a.stateDir, "state-dir", "", "what was applied last is remembered below `DIR`, not in the project's .b24apply")
	var o planOptions
	c.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	o.save.flags(c)
	o.save.leanFlags(c)
	o.reports.flags(c)
	a.maskFlag(c)
	a.rejectsFlag(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		o.save.leanGiven = c.Flags().Changed("lean")
		return a.looked(o.reports, func(r *lookRun) error { return r.plan(c.Context(), o) })
	}
	return c
}

// planOptions are the flags of plan alone.
type planOptions struct {
	detailed bool
	save     saveOptions
	reports  reportNames
}

// plan finds out what would change.
func (r *lookRun) plan(ctx context.Context, o planOptions) error {
	if err := r.clearSaved(o.save); err != nil {
		return err
	}
	r.digests = o.save.out != ""
	set, err := r.load()
	if err != nil {
		return err
	}
	if r.limits.destroy {
		set = set.Emptied()
	}
	if err := r.refusePrune(set); err != nil {
		return err
	}
	ctx, stop := r.interruptible(ctx)
	defer stop()
	client, closer, err := r.connect(ctx, set, reading)
	if err != nil {
		return err
	}
	defer closer()
	r.reviewed = r.output == "json" || o.reports.areReviewed()
	planned, err := r.app.plan(ctx, client, set)
	if planned != nil {
		r.closes = planned.Changes.Close
	}
	if err != nil {
		return err
	}
	how := sayNothing
	r.takes(planned, func() error { return r.showPlan(planned, how) })
	for _, b := range r.breaches(planned, set) {
		planned.Guards = append(planned.Guards, plan.Guard{Knob: b.Knob, Limit: b.Limit, Actual: b.Actual, Of: b.Of})
	}
	header := &plan.Header{}
	if how, err = r.keep(o.save, client, set, planned, header); err != nil {
		r.show = nil // what it says of the saved plan would not be so
		return err
	}
	r.planned.Made, r.planned.Expires, r.planned.Commit, r.planned.File = header.Made, header.Expires, header.Commit, o.save.out
	if err := r.guard(planned, set); err != nil {
		return err
	}
	counts := planned.Counts()
	switch {
	case counts[plan.Refuse] > 0:
		return &failure{code: exitItems}
	case o.detailed && planned.Pending() > 0:
		return &failure{code: exitPending}
	}
	return nil
}

// keep gives a plan that other programs read, or that is saved, its digest, saves it, and
// gives what says how it is carried out; header becomes that of the saved plan. A plan of which nothing may be sent is not saved.
func (a *app) keep(o saveOptions, client *bitrix.Client, set *spec.Set, p *plan.Plan, header *plan.Header) (how func() error, err error) {
	if o.out != "" || a.output == "json" || a.reports.Any() {
		if p.Digest, err = p.DigestOf(a.modeOf(set)); err != nil {
			return nil, err
		}
	}
	switch allowed := p.Refused == nil && len(p.Guards) == 0 && a.guardRenamed(p) == nil; {
	case !allowed && o.out != "":
		a.warn(value.Say("refused-plan-is-not-saved", value.T("out", o.out)), value.Message{})
		return sayNothing, nil
	case !allowed, o.out == "" && p.Pending() == 0:
		return sayNothing, nil
	case o.out == "":
		return func() error {
			return errors.Join(newLine(a.stdout), a.say("nothing-was-written"))
		}, nil
	}
	*header, err = a.savePlan(o, client, set, p)
	return func() error { return a.sayHow(o.out, *header, p) }, err
}

// sayNothing is for plans that nobody can carry out.
func sayNothing() error { return nil }

// plan reads the portal and compares.
func (a *app) plan(ctx context.Context, client *bitrix.Client, set *spec.Set) (made *plan.Plan, err error) {
	applied, err := a.applied(set)
	if err != nil {
		return nil, err
	}
	state, err := a.fetch(ctx, client, set, applied)
	if err != nil {
		return nil, connection(ctx, err)
	}
	state.Portal = a.portalName(state.Portal)
	state.SeesAll = state.SeesAll || a.limits.seesAll || set.Env != nil && set.Env.SeesAll
	changes := plan.NewSource(a.spool)
	defer func() {
		if made == nil {
			_ = changes.Close() // nobody reads it
		}
	}()
	if a.limits.repair {
		return a.planRepair(ctx, client, changes, set, state)
	}
	plan, problems, err := diff.ComputeTo(changes, set, state)
	if err != nil {
		return nil, &failure{code: exitError, err: err, hint: value.Say("make-room-for-plan")}
	}
	if a.planned != nil && plan != nil {
		a.planned(plan)
	}
	if a.reviewed && plan != nil {
		if err := diff.ReadSaves(ctx, live.New(client), state, plan); err != nil {
			return nil, connection(ctx, err)
		}
	}
	return plan, a.showProblems(problems.WithExcerpts())
}

// connection gives an error of the portal its exit code.
func connection(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return &failure{code: exitInterrupted, err: value.Err("interrupted-nothing-was-written")}
	case bitrix.IsAuth(err) || denied(err):
		return &failure{code: exitAuth, err: err, hint: hintOf(err, value.Message{})}
	}
	return &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
}

// denied tells whether the credential lacks a right that the whole plan needs.
func denied(err error) bool {
	var refusal *bitrix.Error
	return errors.As(err, &refusal) && (refusal.Code == "ACCESS_DENIED" || refusal.Code == "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION")
}

// showPlan prints a plan to people, and how it is carried out.
func (a *app) showPlan(plan *plan.Plan, how func() error) error {
	return errors.Join(ui.Plan(a.stdout, a.masks.logs.Plan(plan), a.style(a.stdout)), how())
}

// interruptible gives a context that the first interrupt cancels.
func (a *app) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, stop := a.signals()
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel(value.Err("received-signal", value.T("signal", s.String())))
		case <-done:
		}
	}()
	return ctx, func() { stop(); close(done); cancel(nil) }
}

func (a *app) signals() (<-chan os.Signal, func()) {
	if a.interrupts == nil {
		return nil, func() {}
	}
	return a.interrupts()
}
