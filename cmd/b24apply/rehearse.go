package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/apply/rehearse"
	"github.com/b24apply/b24apply/pkg/apply/undo"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) rehearseCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "rehearse [FILE]",
		Short: "Try a plan and its undo on a copy in memory",
		Long: `Read what the plan touches from the portal into a portal in a box, in memory; carry the plan
out there, plan again, take it back, and compare with what was there. Nothing is written to the
real portal. FILE is a plan that plan --out has saved; it stays unused.

It tells what the portal refuses or drops, what a second plan would change again, and what
would not come back. Automation, rights and what other programs do are not in the copy.`,
		Example: `  b24apply rehearse --env prod
  b24apply rehearse plan.ndjson -o json`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	a.limitFlags(c)
	a.identityFlag(c)
	c.Flags().StringVar(&a.stateDir, "state-dir", "", "what was applied last is remembered below `DIR`, not in the project's .b24apply")
	c.Args, c.ValidArgsFunction = savedArgument, completeSaved
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return a.rehearse(c.Context(), "")
		}
		if err := refuseFlags(c); err != nil {
			return err
		}
		return a.rehearse(c.Context(), args[0])
	}
	return c
}

// A rehearsal is a plan that is tried on a copy.
type rehearsal struct {
	*app                  // whose portal is the real one
	set    *spec.Set      // of the manifests, or of the project alone
	all    bool           // set has the manifests: there can be a second plan
	plan   *plan.Plan     // what is tried
	client *bitrix.Client // of the real portal, which it only reads
	report rehearse.Report
	course rehearse.Course
}

// rehearse tries the plan of the manifests, or a saved one.
func (a *app) rehearse(ctx context.Context, file string) error {
	ctx, stop := a.interruptible(ctx)
	defer stop()
	r := &rehearsal{app: a}
	closer, err := r.begin(ctx, file)
	if err != nil {
		return err
	}
	defer closer()
	defer r.plan.Changes.Close()
	r.report = rehearse.Report{Owner: r.plan.Owner, Env: r.plan.Env, Portal: r.plan.Portal, Changes: r.plan.Pending(), Refused: r.plan.Counts()[plan.Refuse]}
	if err := r.guard(r.plan, r.set); err != nil {
		return err
	}
	r.tell("rehearsing", value.N("n", r.report.Changes))
	if err := r.onCopy(ctx); err != nil {
		return connection(ctx, err)
	}
	if r.output == "json" {
		err = ui.RehearsalJSON(r.stdout, &r.report)
	} else {
		err = ui.Rehearsal(r.stdout, &r.report, r.style(r.stdout))
	}
	if code := r.report.ExitCode(); err == nil && code != exitDone {
		return &failure{code: code}
	}
	return err
}

// begin gets the plan that is tried, and the way to the portal. The caller closes.
func (r *rehearsal) begin(ctx context.Context, file string) (closer func(), err error) {
	if file != "" {
		return r.beginSaved(ctx, file)
	}
	if r.set, err = r.load(); err != nil {
		return nil, err
	}
	r.all = true
	if err := r.refusePrune(r.set); err != nil {
		return nil, err
	}
	if r.client, closer, err = r.connect(ctx, r.set, reading); err != nil {
		return nil, err
	}
	if r.plan, err = r.app.plan(ctx, r.client, r.set); err != nil {
		closer()
	}
	return closer, err
}

// beginSaved is begin for a saved plan, which nobody notes as used.
func (r *rehearsal) beginSaved(ctx context.Context, file string) (closer func(), err error) {
	if err := r.formats(); err != nil {
		return nil, err
	}
	saved, err := r.openPlan(file)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = saved.Plan.Changes.Close()
		}
	}()
	if saved.Lean != nil {
		return nil, &failure{code: exitError, err: value.Err("rehearsal-is-of-values", value.T("file", file)), hint: value.Say("rehearse-without-lean")}
	}
	run := &changeRun{app: r.app, plan: saved.Plan}
	if err := run.usable(saved); err != nil {
		return nil, err
	}
	r.plan, r.set = saved.Plan, run.set
	if r.client, closer, err = r.connect(ctx, r.set, reading); err != nil {
		return nil, err
	}
	run.client = r.client
	if err := run.samePortal(saved); err != nil {
		closer()
		return nil, err
	}
	if saved.Mode.Command != undoCommandName && len(saved.Inputs.Files) > 0 && len(r.digestsHere(saved.Inputs, r.envName)) > 0 {
		r.files = saved.Inputs.Named
		if r.set, err = r.load(); err != nil {
			closer()
			return nil, err
		}
		r.all = true
	}
	return closer, nil
}

// onCopy tries the plan on a copy of what it touches.
func (r *rehearsal) onCopy(ctx context.Context) error {
	real := &rehearse.Reader{Client: r.client, Kinds: r.kinds}
	scope, catalogue, err := real.ScopeOf(r.plan)
	if err != nil {
		return err
	}
	settings, err := real.Settings(ctx, catalogue)
	if err != nil {
		return err
	}
	records, err := real.Records(ctx, scope)
	if err != nil {
		return err
	}
	tables, err := rehearse.Tables(records)
	if err != nil {
		return err
	}
	r.report.Records, r.report.Read, r.report.Lacks = len(records), rehearse.Counted(settings.Settings), real.Lacks()
	box, err := portal.Open(ctx, portal.Config{Zone: settings.Zone})
	if err != nil {
		return value.While(err, "opening-rehearsal")
	}
	defer box.Close()
	for _, t := range append(settings.Settings, tables...) {
		if err := box.Plant(ctx, portal.Shown(t)); err != nil {
			return value.While(err, "planting-rehearsal", value.T("portal", r.plan.Portal))
		}
	}
	hook, err := box.PlantCaller(ctx, max(1, settings.Caller))
	if err != nil {
		return value.While(err, "opening-rehearsal")
	}
	client, err := bitrix.New(bitrix.Config{Webhook: "http://" + embeddedAddress + hook, Plan: "box", Transport: portal.Transport(box), Timeout: 10 * time.Minute, Logger: r.logger()})
	if err != nil {
		return err
	}
	copied := &rehearse.Reader{Client: client, Kinds: r.kinds}
	if r.course.Before, err = copied.Again(ctx, scope); err != nil {
		return err
	}
	r.report.Unlike = rehearse.UnlikeOf(records, r.course.Before)
	return r.thereAndBack(ctx, client, copied)
}

// thereAndBack carries the plan out, plans again, takes it back and compares.
func (r *rehearsal) thereAndBack(ctx context.Context, client *bitrix.Client, copied *rehearse.Reader) error {
	dir, err := os.MkdirTemp("", "b24apply-rehearsal-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r.course.Plan = r.plan
	run, err := r.inMemory(client, dir)
	if err != nil {
		return err
	}
	run.plan, run.saved, run.mode = r.plan, true, "apply"
	if r.course.Applied, err = run.rehearsed(ctx); err != nil {
		return err
	}
	if err := r.planAgain(ctx, run, client); err != nil {
		return err
	}
	if r.course.Undone, err = r.takeBack(ctx, run, client, dir); err != nil {
		return err
	}
	renewed, err := r.course.Renewed()
	if err != nil {
		return err
	}
	after, err := copied.Again(ctx, r.course.ScopeAfter(renewed))
	if err != nil {
		return err
	}
	r.report.Items, err = r.course.Items(renewed, after)
	return err
}

// inMemory is a run on the copy, whose folder lies in a directory. Nobody hears of it.
func (r *rehearsal) inMemory(client *bitrix.Client, dir string) (*changeRun, error) {
	e := r.env
	e.silent, e.interrupts = true, nil
	inner := newApp(e)
	inner.output, inner.stateDir, inner.limits, inner.dir, inner.files, inner.envName, inner.vars = "json", dir, r.limits, r.dir, r.files, r.envName, r.vars
	inner.portal, inner.standsFor = "embedded", r.plan.Portal
	if err := r.copyApplied(dir); err != nil {
		return nil, err
	}
	return &changeRun{app: inner, options: applyOptions{yes: true, onConflict: string(apply.Skip)}, id: runlock.NewRun(), started: time.Now(), set: r.set, client: client}, nil
}

// copyApplied lets runs on the copy know what was applied last.
func (r *rehearsal) copyApplied(dir string) error {
	root, err := r.stateOf(r.set)(false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer root.Close()
	text, err := root.ReadFile(memory.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return safefile.Plain(err)
	}
	return os.WriteFile(filepath.Join(dir, memory.File), text, 0o600)
}

// rehearsed carries the plan of a run out, and tells how each item ended.
func (r *changeRun) rehearsed(ctx context.Context) (map[value.Address]rehearse.Step, error) {
	if err := crash.Catch(func() error { return r.carryOut(ctx) }); err != nil {
		return nil, err
	}
	r.closeRun(r.report)
	steps := make(map[value.Address]rehearse.Step)
	for o := range r.report.Items.All() {
		steps[o.Resource] = rehearse.Step{Status: string(o.Status), ID: o.ID, Code: o.Code, Error: o.Error}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if !r.report.Error.IsZero() {
		return nil, value.Err("rehearsal-ended", value.M("why", r.report.Error))
	}
	return steps, nil
}

// planAgain lists what a second plan on the copy would change, but for what the first one refuses.
func (r *rehearsal) planAgain(ctx context.Context, run *changeRun, client *bitrix.Client) error {
	if r.report.Planned = r.all; !r.all {
		return nil
	}
	again, err := run.app.plan(ctx, client, r.set)
	if err != nil {
		return err
	}
	defer again.Changes.Close()
	first := make(map[value.Address]plan.Action)
	for _, e := range r.plan.Changes.Entries() {
		first[e.Address] = e.Action
	}
	for _, e := range again.Changes.Entries() {
		was, known := first[e.Address]
		switch {
		case !known && r.plan.UnlistedCount() > 0: // as declared, and not in the copy: a saved plan does not name it
		case was == plan.Refuse:
		case e.Writes() || e.Action == plan.Refuse:
			r.report.Again = append(r.report.Again, e.Address)
		}
	}
	return nil
}

// takeBack undoes a run on the copy.
func (r *rehearsal) takeBack(ctx context.Context, run *changeRun, client *bitrix.Client, dir string) (map[value.Address]rehearse.Step, error) {
	if run.folder == nil {
		return nil, nil // nothing was to be done
	}
	back, err := r.inMemory(client, dir)
	if err != nil {
		return nil, err
	}
	info, err := back.runNamed(run.id)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", run.id, err)
	}
	back.mode, back.of, back.saved = undoCommandName, run.id, true
	if _, err := back.planUndo(ctx, info, undoOptions{}); err != nil {
		return nil, err
	}
	defer func() { _ = back.closes() }()
	for _, n := range back.plan.Notes {
		if n.Code != undo.CodeNoTraces {
			r.report.Notes = append(r.report.Notes, n)
		}
	}
	return back.rehearsed(ctx)
}
