package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// reportNames are the files that a command reports to: the flag that several commands share.
type reportNames []string

func (n *reportNames) flags(c *cobra.Command) {
	c.Flags().StringArrayVar((*[]string)(n), "report", nil, "write the report to `FILE`, in the format of its name: .txt, .json, .ndjson (events), .csv, .xml (JUnit), .html or .md; repeatable")
}

// areReviewed tells whether people read any of the reports to decide by it.
func (n reportNames) areReviewed() bool {
	return slices.ContainsFunc(n, func(name string) bool {
		return slices.Contains([]string{".html", ".md"}, strings.ToLower(filepath.Ext(name)))
	})
}

// openReports begins the reports. All can be written, and none holds what an earlier run has
// left.
func (a *app) openReports(names reportNames, run string) error {
	if err := a.makeMasks(); err != nil {
		return err
	}
	paths, err := a.clearReports(names)
	if err != nil {
		return err
	}
	if a.reports, err = ui.OpenReports(paths, run, &a.secrets); err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--%w", err), hint: value.Say("name-writable-report")}
	}
	a.reports.Style, a.reports.Mask, a.reports.LogMask = a.stdout.Style(), a.masks.rest, a.masks.logs
	if a.reports.Events != nil {
		a.reports.Events.Mask = a.masks.rest
	}
	a.events().Started(a.command, versionText())
	return nil
}

// events are told what happens at once; nil if nobody asks.
func (a *app) events() *ui.Events {
	if a.reports == nil {
		return nil
	}
	return a.reports.Events
}

// clearReports gives the places of the reports, relative ones below the folder of -C. All
// can be written, and none holds a report of an earlier run.
func (a *app) clearReports(names []string) (paths []string, err error) {
	for _, name := range names {
		if !filepath.IsAbs(name) {
			name = filepath.Join(a.dir, name)
		}
		if err := safefile.Writable(name); errors.Is(err, safefile.ErrLink) {
			return nil, linkedState(fmt.Errorf("--report %s: %w", name, err))
		}
		if err := ui.ProbeReport(name); err != nil {
			return nil, &failure{code: exitError, err: fmt.Errorf("--%w", err), hint: value.Say("name-writable-report")}
		}
		paths = append(paths, name)
	}
	for _, path := range paths {
		if err := ui.RemoveReport(path); err != nil {
			return nil, &failure{code: exitError, err: fmt.Errorf("--%w", err), hint: value.Say("delete-report-or-rename")}
		}
	}
	return paths, nil
}

// ending is the error of a command that has told its result: err is what it ended with, and
// code its exit code. A file that was not written is an error of its own. A standard output that
// takes nothing more is one only where no file holds the result.
func (a *app) ending(code int, err, files, stdout error) error {
	if stdout != nil && files == nil && a.reports.Any() {
		a.warn(value.Say("output-not-written", value.M("why", value.SaidBy(stdout))), value.Say("reports-hold-all"))
		stdout = nil
	}
	switch unwritten := errors.Join(files, stdout); {
	case unwritten != nil:
		return &failure{code: max(exitError, code), err: errors.Join(err, unwritten), hint: hintOf(err, value.Message{})}
	case err == nil && code != exitDone:
		return &failure{code: code}
	}
	return err
}

// A lookRun is one command that plans, or shows a plan, and writes nothing to the portal.
type lookRun struct {
	*app
	planned ui.Planned
	show    func() error // prints the plan; nil until there is one
	closes  func() error // removes the plan's file; nil as long as there is none
}

// looked does what makes a plan, and then tells of it, on every way out: files first.
func (a *app) looked(names reportNames, do func(*lookRun) error) error {
	r := &lookRun{app: a, planned: ui.Planned{Command: a.command}}
	if err := a.openReports(names, runlock.NewRun()); err != nil {
		return err
	}
	defer func() {
		if r.closes != nil {
			_ = r.closes() // everything is told by now
		}
	}()
	return r.conclude(crash.Catch(func() error { return do(r) }))
}

// takes is given the plan as soon as there is one.
func (r *lookRun) takes(p *plan.Plan, show func() error) {
	r.planned.Plan, r.closes, r.show = p, p.Changes.Close, show
}

func (r *lookRun) conclude(err error) error {
	p := &r.planned
	p.Finished, p.ExitCode, p.Hint = time.Now(), codeOf(err), value.RemedyOf(err)
	if err != nil {
		p.Error = value.SaidBy(err)
	}
	if err != nil && p.Plan == nil && p.Error.IsZero() {
		p.Error = value.Say("manifests-have-problems")
	}
	files := r.reports.Planned(p)
	var printed error
	switch {
	case r.output == "json" && !r.stdout.Used():
		printed = ui.PlannedJSON(r.stdout, r.masks.rest.Planned(p))
	case r.show != nil:
		printed = r.show()
	}
	return r.ending(p.ExitCode, err, files, printed)
}
