package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A changeRun is one command that writes records. Whatever becomes of it, it has a
// report: what is known at its end says how complete.
type changeRun struct {
	*app
	options applyOptions
	id      string
	started time.Time
	stop    <-chan struct{} // closed by the first interrupt
	set     *spec.Set       // nil until the manifests are read
	client  *bitrix.Client  // nil until there is a way to the portal
	plan    *plan.Plan      // nil until it is made
	closes  func() error    // removes the plan's file; nil as long as there is none
	report  *apply.Report   // nil until the plan was carried out
	saved   bool            // the plan was made by an earlier command
	reads   time.Time       // when the reading of the plan began, otherwise
	mode    string          // the command, as the run's folder tells it
	of      string          // the run that it is about; "" for none
	folder  *runFolder      // nil until the plan is carried out
	uses    func() error    // marks a saved plan as used; nil for others
	// unprinted is why the plan could not be printed, which ends no run that nobody is asked about.
	unprinted error
	madeOf    plan.Inputs // what a plan of an earlier command was made of
	resumed   *resuming   // what it goes on from; nil for others
	untold    []untold    // what earlier runs have taken back, to be told by this one's report
}

// reported does what writes records, and then writes its report, on every way out. A
// report of an earlier run is gone before anything else happens.
func (a *app) reported(ctx context.Context, o applyOptions, do func(context.Context, *changeRun) error) error {
	if err := o.lock.check(); err != nil {
		return err
	}
	if err := o.flow.check(); err != nil {
		return err
	}
	r := &changeRun{app: a, options: o, id: runlock.NewRun(), started: time.Now()}
	if err := a.openReports(o.reports, r.id); err != nil {
		return err
	}
	ctx, stop, release := a.twoStage(ctx)
	defer release()
	r.stop = stop
	defer func() {
		if r.closes != nil {
			_ = r.closes() // the report is written by now
		}
		for _, u := range r.untold {
			_ = u.root.Close()
		}
	}()
	return r.conclude(crash.Catch(func() error { return do(ctx, r) }))
}

// conclude writes the report, files first, and gives the error of the command. err is
// what kept the run from starting, or from its own end.
func (r *changeRun) conclude(err error) error {
	ran := r.report != nil
	switch {
	case !ran && err == nil:
		return nil // it only looked
	case !ran:
		r.report = r.notRun(err)
	case err != nil:
		r.report.End(codeOf(err), err)
	}
	for _, u := range r.untold {
		for i := range u.taken {
			r.report.Earlier = append(r.report.Earlier, u.taken[i].Says(u.run))
		}
	}
	r.closeRun(r.report)
	files := errors.Join(r.reports.Report(r.report), r.rows.tell(r.app, r.report))
	printed := r.unprinted
	if printed == nil && ran || r.output == "json" && !r.stdout.Used() {
		printed = r.show()
	}
	if ran && files == nil && (printed == nil || r.reports.Any()) {
		r.noteTold()
	}
	return r.ending(r.report.ExitCode, err, files, printed)
}

func (r *changeRun) show() error {
	if r.output == "json" {
		return ui.ReportJSON(r.stdout, r.masks.rest.Report(r.report))
	}
	return ui.Report(r.stdout, r.masks.logs.Report(r.report), r.style(r.stdout))
}

// notRun is the report of a run that has none of its own.
func (r *changeRun) notRun(err error) (report *apply.Report) {
	told := err
	if err.Error() == "" {
		told = value.Err("manifests-have-problems")
	}
	plan := r.plan
	if plan == nil {
		plan = r.noPlan()
	}
	cfg := apply.Config{Run: r.id, Client: r.client}
	if r.resumed != nil && r.resumed.Runs != nil {
		cfg.Resume = &r.resumed.Resumed
	}
	if crash.Catch(func() error { report = apply.NotRun(plan, cfg, r.started, codeOf(err), told); return nil }) != nil {
		report = apply.NotRun(r.noPlan(), cfg, r.started, codeOf(err), told)
	}
	return report
}

// noPlan is a plan that says no more than what it would have been for.
func (r *changeRun) noPlan() *plan.Plan {
	p := &plan.Plan{Env: r.envName}
	if r.set != nil {
		p.Owner = r.set.Project.Name
	}
	if r.client != nil {
		p.Portal = r.app.portalName(r.client.Portal())
	}
	return p
}

// load reads the manifests; an interrupt leaves it behind, whatever it waits for.
func (r *changeRun) load() (err error) {
	type loaded struct {
		set *spec.Set
		err error
	}
	c := make(chan loaded, 1)
	go func() {
		var l loaded
		l.err = crash.Catch(func() (err error) { l.set, err = r.app.load(); return err })
		c <- l
	}()
	select {
	case l := <-c:
		r.set = l.set
		return l.err
	case <-r.stop:
		return &failure{code: exitInterrupted, err: value.Err("interrupted-nothing-was-written")}
	}
}

// preview shows the plan before it is carried out: where the report will be, unless a
// machine reads that. If somebody is asked, it is seen where the question is, and before
// it: what is behind a pipe may show it later.
func (r *changeRun) preview(asks bool) error {
	if r.output == "json" || asks && !r.stdout.IsTerminal() {
		return ui.Plan(r.stderr, r.masks.logs.Plan(r.plan), r.style(r.stderr))
	}
	return r.printPlan()
}

// printPlan puts the plan before the report.
func (r *changeRun) printPlan() error {
	return errors.Join(ui.Plan(r.stdout, r.masks.logs.Plan(r.plan), r.style(r.stdout)), newLine(r.stdout))
}

// agree shows the plan and asks for a confirmation, unless --yes has given it.
func (r *changeRun) agree(refuse func() error) error {
	r.events().Planned(r.plan)
	asks := !r.options.yes && r.plan.Pending() > 0
	if r.unprinted = r.preview(asks); r.unprinted != nil && asks {
		return r.unprinted // nobody can have seen it
	}
	if err := refuse(); err != nil {
		return err
	}
	if !asks {
		return nil
	}
	if err := r.confirm(r.plan, r.stop); err != nil {
		return err
	}
	if r.output == "json" || r.stdout.IsTerminal() {
		return nil
	}
	r.unprinted = r.printPlan()
	return nil
}

func newLine(w io.Writer) error {
	_, err := fmt.Fprintln(w)
	return err
}
