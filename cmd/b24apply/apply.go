package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// applyOptions are the flags of apply alone.
type applyOptions struct {
	yes      bool
	reports  reportNames
	lock     lockOptions
	expect   string // the digest of the plan that was looked at; "" for any
	flow     flowOptions
	retry    string // the report whose retryable items alone are applied; "" for none
	retries  map[value.Address]bool
	reviewed string    // a file of marks that must cover the plan; "" for none
	marks    *ui.Marks // what it holds
	// onConflict is an apply.OnConflict.
	onConflict string
}

func (a *app) applyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "apply [FILE]",
		Short: "Change the portal to what the manifests declare",
		Long: `Carry out the plan that plan --out has saved in FILE, once. Without FILE: plan, ask for a
confirmation, and make the changes: records concurrently and in the order of their references. A failed item stops nothing but what depends on it.
Every item is reported. What vanished from the manifests is deleted only with --prune;
an Absent document deletes what it names.

The first Ctrl-C, or the end of the terminal, sends nothing more and waits for what is in
flight; the second ends at once. Either way the report names every item. A report is
written on every way out, and one of an earlier run is deleted first.`,
		Example: `  b24apply apply --env stage
  b24apply apply -f deals.yaml --portal embedded --yes --report report.json
  b24apply apply plan.ndjson`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	a.limitFlags(c)
	var o applyOptions
	c.Flags().BoolVar(&o.yes, "yes", false, "apply without asking")
	o.reports.flags(c)
	a.maskFlag(c)
	a.identityFlag(c)
	c.Flags().StringVar(&o.expect, "expect-plan", "", "apply only if the plan has this `DIGEST`, which plan --out and plan -o json tell")
	c.Flags().StringVar(&o.retry, "only-retryable", "", "apply only what this `REPORT` in JSON names as retryable or not attempted; the rest is counted")
	c.Flags().StringVar(&o.reviewed, "reviewed", "", "apply only if this `FILE`, which the plan's HTML exports, marks every cause of the plan as reviewed")
	_ = c.MarkFlagFilename("only-retryable", "json") // it fails for flags that do not exist
	_ = c.MarkFlagFilename("reviewed", "json")
	o.conflictFlag(c)
	a.rejectsFlag(c)
	a.resultsFlag(c)
	o.lock.flags(c, &a.stateDir)
	o.flow.flags(c)
	c.Args, c.ValidArgsFunction = savedArgument, completeSaved
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := checkDigest(o.expect); err != nil {
			return err
		}
		if err := o.checkConflict(); err != nil {
			return err
		}
		if err := a.readRetries(&o); err != nil {
			return err
		}
		if err := a.readMarks(&o); err != nil {
			return err
		}
		if len(args) == 0 {
			return a.reported(c.Context(), o, func(ctx context.Context, r *changeRun) error { return r.apply(ctx) })
		}
		if err := refuseFlags(c); err != nil {
			return err
		}
		return a.reported(c.Context(), o, func(ctx context.Context, r *changeRun) error { return r.applySaved(ctx, args[0]) })
	}
	return c
}

// apply carries the plan of the manifests out.
func (r *changeRun) apply(ctx context.Context) error {
	r.digests = true
	if err := r.load(); err != nil {
		return err
	}
	if err := r.refuseProtected("apply"); err != nil {
		return err
	}
	if err := r.refusePrune(r.set); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return unconfirmed()
	}
	done, err := r.begin(ctx, "apply", writing)
	if err != nil {
		return err
	}
	defer done()
	r.reads = time.Now()
	r.plan, err = r.planUnlessStopped(ctx, r.stop, r.client, r.set)
	if r.plan != nil {
		r.closes = r.plan.Changes.Close
	}
	if err != nil {
		return err
	}
	if err := r.expectedNow(); err != nil {
		return err
	}
	if err := r.narrow(); err != nil {
		return err
	}
	if err := r.agree(r.refuseUnsafe); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

func unconfirmed() error {
	return &failure{code: exitRefused, err: value.Err("apply-needs-confirmation"), hint: value.Say("look-at-plan-then-confirm")}
}

// expectedNow is expected for a plan that was just made.
func (r *changeRun) expectedNow() error {
	if r.options.expect == "" && r.options.marks == nil {
		return nil
	}
	does, err := r.plan.DigestOf(r.modeOf(r.set))
	if err != nil {
		return err
	}
	if err := r.expected(does); err != nil {
		return err
	}
	return r.isReviewed(r.plan, does)
}

// refuseUnsafe refuses what goes beyond the guards, or what nobody could have looked at.
func (r *changeRun) refuseUnsafe() error {
	if err := r.guard(r.plan, r.set); err != nil {
		return err
	}
	return refuseUnseen(r.plan, r.options.yes)
}

// begin connects to the portal and, to write, keeps other runs away from it.
func (r *changeRun) begin(ctx context.Context, command string, can access) (done func(), err error) {
	ctx, cancel := unlessStopped(ctx, r.stop)
	defer cancel()
	client, closer, err := r.connect(ctx, r.set, can)
	if err != nil {
		return nil, err
	}
	r.client = client
	if can == reading {
		return closer, nil
	}
	unlock, err := r.lockRun(ctx, client, r.set, command, r.id, r.options.lock)
	if err != nil {
		closer()
		return nil, err
	}
	r.mode = command
	if err := r.settleEarlier(ctx); err != nil {
		unlock()
		closer()
		return nil, err
	}
	return func() { unlock(); closer() }, nil
}

// carryOut makes the changes of the plan, and remembers what was made. Where there are any,
// the run has a folder before the first request.
func (r *changeRun) carryOut(ctx context.Context) error {
	if err := r.rows.begin(r.app); err != nil {
		return err
	}
	cfg := apply.Config{Run: r.id, Client: r.client, Concurrency: int(r.speed.concurrency), Stop: r.stop, Settle: r.settle,
		Read: r.reads, Older: r.saved || r.resumed != nil, Fresh: r.fresh, OnConflict: apply.OnConflict(r.options.onConflict), Folder: r.memory(r.set)}
	var err error
	if cfg.Flow, err = r.flow(); err != nil {
		return err
	}
	if r.resumed != nil {
		cfg.Resume = &r.resumed.Resumed
	}
	if r.pending() > 0 {
		if err := r.openRun(); err != nil {
			return noRunFolder(err)
		}
		if r.uses != nil {
			if err := r.uses(); err != nil {
				return errors.Join(err, r.folder.journal.Close())
			}
		}
		cfg.Journal, cfg.Applied = r.folder.journal, r.folder.applied
	}
	bar := r.app.progress(r.pending())
	bar.begin(r.client)
	cfg.GoOn = r.goOn(bar)
	cfg.Progress, cfg.Waiting = func(change int, o apply.Outcome) {
		r.events().Outcome(r.plan, change, o)
		bar.outcome(o)
	}, bar.waiting
	memory := r.stateOf(r.set)
	cfg.Keep = func(report *apply.Report) { r.remember(report, memory) }
	r.set = nil // it is large, and the plan holds all that is needed of it
	r.plan.Changes.Compact()
	r.report = apply.Run(ctx, r.plan, cfg)
	bar.close()
	if r.folder == nil {
		return nil
	}
	if err := r.folder.journal.Close(); err != nil && !r.report.Unwritten {
		r.warn(value.Say("journal-is-not-complete", value.M("why", value.SaidBy(err))), value.Say("report-is-complete"))
	}
	return nil
}

// refuseUnseen refuses creates that nobody has looked at, of kinds of which a record may
// be hidden: it would be created again.
func refuseUnseen(plan *plan.Plan, yes bool) error {
	if !yes || len(plan.Unseen) == 0 {
		return nil
	}
	return &failure{code: exitRefused, err: value.Err("creates-may-be-hidden", value.N("n", diff.UnseenCreates(plan))), hint: ui.UnseenHint()}
}

// confirm asks the person at the terminal; only "yes" is a yes.
func (a *app) confirm(plan *plan.Plan, stop <-chan struct{}) error {
	question, args := "ask-to-apply", []value.Arg{value.N("n", plan.Pending()), value.M("portal", ui.To(plan.Portal))}
	if n := plan.Counts()[deletes]; n > 0 {
		question, args = "ask-to-apply-deletions", append(args, value.N("deletions", n))
	}
	return a.ask(value.Say(question, args...), value.Say("not-confirmed-nothing-written"), value.Say("interrupted-nothing-was-written"), stop)
}

// planUnlessStopped plans; the first interrupt ends planning at once, since nothing
// is written yet.
func (a *app) planUnlessStopped(ctx context.Context, stop <-chan struct{}, client *bitrix.Client, set *spec.Set) (*plan.Plan, error) {
	ctx, cancel := unlessStopped(ctx, stop)
	defer cancel()
	return a.plan(ctx, client, set)
}

// unlessStopped gives a context that the first interrupt cancels.
func unlessStopped(ctx context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-stop:
			cancel(value.Err("interrupted"))
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}

// twoStage turns interrupts into the two ways to end a run: the first closes stop,
// the second cancels the context.
func (a *app) twoStage(ctx context.Context) (_ context.Context, stop <-chan struct{}, release func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals, ignore := a.signals()
	stopping := make(chan struct{})
	done := make(chan struct{})
	go func() {
		for first := true; ; first = false {
			select {
			case <-done:
				return
			case s := <-signals:
				if !first {
					cancel(value.Err("received-twice", value.T("signal", s.String())))
					return
				}
				fmt.Fprintln(a.stderr)
				a.tell("stopping")
				close(stopping)
			}
		}
	}()
	return ctx, stopping, func() { ignore(); close(done); cancel(nil) }
}
