package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/spec"
)

// applyOptions are the flags of apply alone.
type applyOptions struct {
	yes     bool
	reports []string
	lock    lockOptions
}

func (a *app) applyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "apply",
		Short: "Change the portal to what the manifests declare",
		Long: `Plan, ask for a confirmation, and make the changes: records concurrently and in the
order of their references. A failed item stops nothing but what depends on it.
Every item is reported. What vanished from the manifests is deleted only with --prune;
an Absent document deletes what it names.

The first Ctrl-C sends nothing more and waits for what is in flight; the second
ends at once. Either way the report names every item.`,
		Example: `  b24apply apply --env stage
  b24apply apply -f deals.yaml --portal embedded --yes --report report.json`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	a.limitFlags(c)
	var o applyOptions
	c.Flags().BoolVar(&o.yes, "yes", false, "apply without asking")
	c.Flags().StringArrayVar(&o.reports, "report", nil, "write the report to `FILE` (.json or .txt); repeatable")
	o.lock.flags(c)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.apply(c.Context(), o) }
	return c
}

func (a *app) apply(ctx context.Context, o applyOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	set, err := a.load()
	if err != nil {
		return err
	}
	if err := a.refusePrune(set); err != nil {
		return err
	}
	if !o.yes && !a.asksPeople() {
		return &failure{code: exitRefused, err: errors.New("apply needs a confirmation, and this is no terminal"), hint: "look at the plan, then add --yes"}
	}
	ctx, stop, release := a.twoStage(ctx)
	defer release()
	client, closer, err := a.connect(ctx, set, writing)
	if err != nil {
		return err
	}
	defer closer()
	id := runlock.NewRun()
	unlock, err := a.lockUnlessStopped(ctx, stop, client, set, "apply", id, o.lock)
	if err != nil {
		return err
	}
	defer unlock()
	plan, err := a.planUnlessStopped(ctx, stop, client, set)
	if err != nil {
		return err
	}
	if err := a.previewPlan(plan); err != nil {
		return err
	}
	if err := a.guard(plan, set); err != nil {
		return err
	}
	if !o.yes && len(plan.Pending()) > 0 {
		if err := a.confirm(plan, stop); err != nil {
			return err
		}
	}
	bar := a.progress(len(plan.Pending()))
	report := apply.Run(ctx, plan, apply.Config{Run: id, Client: client, Concurrency: int(a.speed.concurrency), Stop: stop, Progress: bar.outcome})
	bar.close()
	a.remember(report, set)
	return a.showReport(report, o.reports)
}

func (o applyOptions) check() error {
	for _, path := range o.reports {
		if err := ui.ReportFormat(path); err != nil {
			return &failure{code: exitError, err: fmt.Errorf("--report %s: %w", path, err)}
		}
		if err := safefile.Writable(path); err != nil {
			return &failure{code: exitError, err: fmt.Errorf("--report %s: %w", path, err), hint: "name a file that can be replaced; without --report, the report is printed"}
		}
	}
	return o.lock.check()
}

// previewPlan shows the plan before it is carried out; stdout is the report's when
// a machine reads it.
func (a *app) previewPlan(plan *diff.Plan) error {
	if a.output == "json" {
		return ui.Plan(a.stderr, plan, a.stderr.Style())
	}
	if err := ui.Plan(a.stdout, plan, a.stdout.Style()); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.stdout)
	return err
}

// confirm asks the person at the terminal; only "yes" is a yes.
func (a *app) confirm(plan *diff.Plan, stop <-chan struct{}) error {
	fmt.Fprintf(a.stderr, "Apply %s%s to portal %s? Only \"yes\" is accepted: ", plural(len(plan.Pending()), "change"), deletions(plan), plan.Portal)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // no answer is a no
		answer <- strings.TrimSpace(line)
	}()
	select {
	case line := <-answer:
		if line == "yes" {
			return nil
		}
		return &failure{code: exitRefused, err: errors.New("not confirmed; nothing was written")}
	case <-stop:
		return &failure{code: exitInterrupted, err: errors.New("interrupted; nothing was written")}
	}
}

// showReport prints and writes the report; its exit code is the command's.
func (a *app) showReport(report *apply.Report, paths []string) error {
	var err error
	if a.output == "json" {
		err = ui.ReportJSON(a.stdout, report)
	} else {
		err = ui.Report(a.stdout, report, a.stdout.Style())
	}
	for _, path := range paths {
		err = errors.Join(err, ui.WriteReport(path, report))
	}
	if err != nil {
		return &failure{code: max(exitError, report.ExitCode), err: err}
	}
	if report.ExitCode != exitDone {
		return &failure{code: report.ExitCode}
	}
	return nil
}

// planUnlessStopped plans; the first interrupt ends planning at once, since nothing
// is written yet.
func (a *app) planUnlessStopped(ctx context.Context, stop <-chan struct{}, client *bitrix.Client, set *spec.Set) (*diff.Plan, error) {
	ctx, cancel := unlessStopped(ctx, stop)
	defer cancel()
	return a.plan(ctx, client, set)
}

// lockUnlessStopped takes the lock of the run; the first interrupt ends waiting for it.
func (a *app) lockUnlessStopped(ctx context.Context, stop <-chan struct{}, client *bitrix.Client, set *spec.Set, command, run string, o lockOptions) (unlock func(), err error) {
	ctx, cancel := unlessStopped(ctx, stop)
	defer cancel()
	return a.lockRun(ctx, client, set, command, run, o)
}

// unlessStopped gives a context that the first interrupt cancels.
func unlessStopped(ctx context.Context, stop <-chan struct{}) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		select {
		case <-stop:
			cancel(errors.New("interrupted"))
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
					cancel(fmt.Errorf("received %v twice", s))
					return
				}
				fmt.Fprintln(a.stderr, "\nStopping: waiting for what is in flight. Once more ends at once.")
				close(stopping)
			}
		}
	}()
	return ctx, stopping, func() { ignore(); close(done); cancel(nil) }
}
