package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

func (a *app) planCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would change on the portal",
		Long: `Read the portal and show what apply would change, and why. Nothing is written.

The portal is the one of --portal, else of the project's environment (--env), else of
B24_WEBHOOK_URL, or of B24_PORTAL with B24_ACCESS_TOKEN, else of your login.`,
		Example: `  b24apply plan --env prod
  b24apply plan -f deals.yaml --portal embedded`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	a.limitFlags(c)
	var detailed bool
	c.Flags().BoolVar(&detailed, "detailed-exitcode", false, "exit with 2 if there are changes")
	c.RunE = func(c *cobra.Command, _ []string) error {
		set, err := a.load()
		if err != nil {
			return err
		}
		if err := a.refusePrune(set); err != nil {
			return err
		}
		ctx, stop := a.interruptible(c.Context())
		defer stop()
		client, closer, err := a.connect(ctx, set, reading)
		if err != nil {
			return err
		}
		defer closer()
		a.reviewed = a.output == "json"
		planned, err := a.plan(ctx, client, set)
		if err != nil {
			return err
		}
		defer planned.Changes.Close()
		for _, b := range a.breaches(planned, set) {
			planned.Guards = append(planned.Guards, plan.Guard{Knob: b.Knob, Limit: b.Limit, Actual: b.Actual, Of: b.Of})
		}
		if err := a.showPlan(planned, planned.Refused == nil && len(planned.Guards) == 0); err != nil {
			return err
		}
		if err := a.guard(planned, set); err != nil {
			return err
		}
		counts := planned.Counts()
		switch {
		case counts[plan.Refuse] > 0:
			return &failure{code: exitItems}
		case detailed && planned.Pending() > 0:
			return &failure{code: exitPending}
		}
		return nil
	}
	return c
}

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
	plan, problems, err := diff.ComputeTo(changes, set, state)
	if err != nil {
		return nil, &failure{code: exitError, err: err, hint: "make room where the system keeps temporary files, or name another folder with TMPDIR; nothing was written"}
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
		return &failure{code: exitInterrupted, err: errors.New("interrupted; nothing was written")}
	case bitrix.IsAuth(err) || denied(err):
		return &failure{code: exitAuth, err: err, hint: hintOf(err, "")}
	}
	return &failure{code: exitError, err: err, hint: hintOf(err, "")}
}

// denied tells whether the credential lacks a right that the whole plan needs.
func denied(err error) bool {
	var refusal *bitrix.Error
	return errors.As(err, &refusal) && (refusal.Code == "ACCESS_DENIED" || refusal.Code == "BITRIX_REST_V3_EXCEPTION_ACCESSDENIEDEXCEPTION")
}

// showPlan prints a plan, and what to do next if apply would take it.
func (a *app) showPlan(plan *plan.Plan, allowed bool) error {
	if a.output == "json" {
		return ui.PlanJSON(a.stdout, plan)
	}
	if err := ui.Plan(a.stdout, plan, a.style(a.stdout)); err != nil || plan.Pending() == 0 || !allowed {
		return err
	}
	return a.say("\nNothing was written. \"b24apply apply\" with the same flags makes these changes.\n")
}

// interruptible gives a context that the first interrupt cancels.
func (a *app) interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, stop := a.signals()
	done := make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			cancel(fmt.Errorf("received %v", s))
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
