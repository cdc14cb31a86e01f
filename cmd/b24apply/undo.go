package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/undo"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// undoCommandName is the command, as runs and saved plans tell it.
const undoCommandName = "undo"

// undoOptions are the flags of undo alone.
type undoOptions struct {
	applyOptions
	claimed bool
	save    saveOptions
}

func (a *app) undoCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "undo RUN",
		Short: "Take back what a run did",
		Long: `Show what takes back what a run did, ask, and do it: what it created is deleted, what it
changed gets its former values, what it deleted is created again, with a new id. RUN is the
id of a run, as runs ls lists it, the beginning of one, or last. The run may have failed, or
may have been killed.

What people have changed since is left alone, is named as a conflict, and makes the exit
code 3. An undo is a run like any other, and can be undone.`,
		Example: `  b24apply undo last
  b24apply undo 20261130T1405 --yes
  b24apply undo last --out undo.ndjson && b24apply apply undo.ndjson`,
		ValidArgsFunction: a.completeRuns,
	}
	a.portalFlags(c)
	var o undoOptions
	f := c.Flags()
	f.StringVar(&a.envName, "env", "", "the project's environment `NAME`; without it that of the run")
	f.StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	f.BoolVar(&a.limits.full, "full", false, "list every change and outcome; without it, of many alike ones a few are shown and the others named")
	f.Var(&a.limits.maxDelete, "max-delete", "delete at most `N` records; without it there is no limit")
	f.BoolVar(&o.claimed, "claimed", false, "also delete records that the run has found by their marks after an answer was lost: another run may have created them")
	f.BoolVar(&o.yes, "yes", false, "undo without asking")
	o.reports.flags(c)
	o.lock.flags(c, &a.stateDir)
	o.flow.flags(c)
	o.save.flags(c)
	c.Args = runArguments(1)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := a.formats(); err != nil {
			return err
		}
		if err := a.clearSaved(o.save); err != nil {
			return err
		}
		return a.reported(c.Context(), o.applyOptions, func(ctx context.Context, r *changeRun) error { return r.undo(ctx, args[0], o) })
	}
	return c
}

// undo shows what takes a run back, and does it, or saves it.
func (r *changeRun) undo(ctx context.Context, name string, o undoOptions) error {
	info, err := r.runNamed(name)
	if err != nil {
		return err
	}
	if err := r.projectOfRun(info); err != nil {
		return err
	}
	can := writing
	if o.save.out != "" {
		can = reading
	} else if err := r.refuseProtected(undoCommandName); err != nil {
		return err
	} else if !o.yes && !r.asksPeople() {
		return &failure{code: exitRefused, err: value.Err("undo-needs-confirmation"), hint: value.Say("look-at-undo-then-confirm", value.T("run", info.ID))}
	}
	done, err := r.begin(ctx, undoCommandName, can)
	if err != nil {
		return err
	}
	defer done()
	r.mode, r.of, r.saved = undoCommandName, info.ID, true
	if err := r.samePlace(info); err != nil {
		return err
	}
	within, cancel := unlessStopped(ctx, r.stop)
	defer cancel()
	earlier, err := r.planUndo(within, info, o)
	if err != nil {
		return connection(within, err)
	}
	r.tell("takes-back-run", value.T("run", info.ID), value.T("mode", info.Mode), value.M("who", info.Who.Says()), value.T("at", minuteOf(info.Started)))
	if len(earlier) > 0 {
		r.tell("undone-before", value.T("run", info.ID), value.T("by", earlier[len(earlier)-1].ID), value.T("at", minuteOf(earlier[len(earlier)-1].Started)))
	}
	if o.save.out != "" {
		return r.saveUndo(o.save)
	}
	if err := r.agree(r.refuseUndo); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

// refuseUndo refuses what goes beyond the limits of the command line. There are no others: a run
// of 500 creates is undone by 500 deletions, and people are asked.
func (r *changeRun) refuseUndo() error {
	all := r.plan.Changes.Len()
	var g spec.Guards
	for _, name := range []string{"delete", "refused"} {
		g.Set(name, spec.Guard{Max: &all})
	}
	for name, most := range r.limits.given() {
		g.Set(name, most)
	}
	return r.stopped(guard.Breaches(r.plan, g))
}

// saveUndo saves a plan to undo, which apply carries out.
func (r *changeRun) saveUndo(o saveOptions) error {
	mode := plan.Mode{Command: undoCommandName, Of: r.of}
	var err error
	if r.plan.Digest, err = r.plan.DigestOf(mode); err != nil {
		return err
	}
	h, err := r.header(o, r.client, r.set)
	if err != nil {
		return err
	}
	h.Mode, h.Inputs = mode, plan.Inputs{}
	if err := r.writePlan(o, h, r.plan); err != nil {
		return err
	}
	if err := r.showPlan(r.plan, func() error { return r.sayHow(o.out, h, r.plan) }); err != nil {
		return err
	}
	if r.plan.Counts()[plan.Refuse] > 0 {
		return &failure{code: exitItems}
	}
	return nil
}

// runNamed finds a run by its id, by how it begins, or as the last one.
func (a *app) runNamed(text string) (info *ui.RunInfo, err error) {
	err = a.withRun(text, func(runs *os.Root, names []string, name string) error {
		if info = runInfos(runs, names)[name]; info == nil {
			return &failure{code: exitError, err: value.Err("there-is-no-run", value.T("run", name)), hint: value.Say("runs-ls-lists-them")}
		}
		return nil
	})
	return info, err
}

// projectOfRun reads the project of a run, which says how to get into the portal.
func (r *changeRun) projectOfRun(info *ui.RunInfo) error {
	path, err := spec.Locate(spec.Options{Dir: r.dir})
	if err != nil {
		return &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
	}
	if r.envName != "" && r.envName != info.Env {
		return &failure{code: exitError, err: value.Err("run-of-environment", value.T("run", info.ID), value.Q("here", r.envName), value.Q("there", info.Env)), hint: value.Say("leave-env-to-run")}
	}
	r.envName = info.Env
	r.set = &spec.Set{Project: spec.Project{Name: info.Owner}, Kinds: r.kinds}
	if path == "" {
		return nil
	}
	set, problems := spec.LoadProject(spec.Options{Dir: filepath.Dir(path), Env: r.envName, Secrets: r.secretValues(), Getenv: r.getenv, Kinds: r.kinds})
	if err := r.showProblems(problems); err != nil {
		return err
	}
	r.set = set
	return nil
}

// samePlace refuses to undo a run of another portal or owner than the credential is for.
func (r *changeRun) samePlace(info *ui.RunInfo) error {
	identity, err := r.portalIdentity(r.client, r.set)
	if err != nil {
		return err
	}
	if identity != info.Identity {
		return &failure{code: exitError, err: value.Err("run-of-portal", value.T("run", info.ID), value.T("here", r.portalName(r.client.Portal())), value.T("there", info.Portal)), hint: value.Say("use-portal-of-run")}
	}
	if owners := append([]string{r.set.Project.Name}, r.set.Project.FormerNames...); !slices.Contains(owners, info.Owner) {
		return &failure{code: exitError, err: value.Err("run-was-of-owner", value.T("run", info.ID), value.Q("here", r.set.Project.Name), value.Q("there", info.Owner)), hint: value.Say("go-to-project-of-run")}
	}
	return nil
}

// planUndo makes the plan that takes back a run and those that resumed it. It also gives the
// runs that have undone it before and were not undone themselves.
func (r *changeRun) planUndo(ctx context.Context, info *ui.RunInfo, o undoOptions) (earlier []*ui.RunInfo, err error) {
	var opened []*plan.Plan
	defer func() {
		for _, p := range opened {
			err = errors.Join(err, p.Changes.Close())
		}
	}()
	var runs, before []undo.Run
	err = r.withRun(info.ID, func(root *os.Root, names []string, name string) error {
		infos := runInfos(root, names)
		take := func(to *[]undo.Run, infos []*ui.RunInfo) error {
			for _, one := range infos {
				run, err := r.readWholeRun(root, one)
				if err != nil {
					return err
				}
				opened, *to = append(opened, run.Plan), append(*to, *run)
			}
			return nil
		}
		chain, err := chainOf(infos, names, name)
		if err != nil {
			return err
		}
		for _, one := range chain {
			earlier = append(earlier, undoneBy(one.ID, infos)...)
		}
		slices.SortFunc(earlier, func(a, b *ui.RunInfo) int { return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.ID, b.ID)) })
		return errors.Join(take(&runs, chain), take(&before, earlier))
	})
	if err != nil {
		return nil, err
	}
	known, err := r.applied(r.set)
	if err != nil {
		return nil, err
	}
	asker := live.New(r.client)
	changes := plan.NewSource(r.spool)
	r.closes = changes.Close
	notes, err := undo.Make(ctx, changes, asker, undo.Options{Kinds: r.kinds, Claimed: o.claimed, Before: before, Portal: r.portalName(r.client.Portal()), Applied: known, Pointing: func(ctx context.Context, at []kind.RecordID) (map[kind.RecordID][]kind.RecordID, error) {
		return diff.PointingAt(ctx, asker, r.kinds, at)
	}}, runs...)
	first := runs[0].Plan
	r.plan = &plan.Plan{Owner: info.Owner, Project: first.Project, Env: info.Env, Portal: r.portalName(r.client.Portal()), Changes: changes, Notes: notes, Titles: first.Titles, TakesBack: true}
	return earlier, err
}

// undoneBy gives the runs that have undone a run, but for those that were undone themselves.
func undoneBy(id string, all map[string]*ui.RunInfo) (out []*ui.RunInfo) {
	for _, other := range all {
		if other.Mode == undoCommandName && other.Of == id && len(undoneBy(other.ID, all)) == 0 {
			out = append(out, other)
		}
	}
	return out
}

// readWholeRun reads the plan and the journal of a run.
func (a *app) readWholeRun(runs *os.Root, info *ui.RunInfo) (run *undo.Run, err error) {
	root, err := safefile.Private(runs, info.ID, false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	state, err := readJournal(root)
	if err != nil {
		return nil, &failure{code: exitError, err: fmt.Errorf("%s: %s: %w", info.ID, journalFile, err), hint: value.Say("keep-copy-and-plan")}
	}
	p, err := a.readPlan(root)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", info.ID, planFile, err)
	}
	return &undo.Run{ID: info.ID, Plan: p, State: state}, nil
}
