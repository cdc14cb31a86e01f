package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) resumeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run that was killed, interrupted or cut short",
		Long: `Try again what a run has not done: what was not attempted, blocked, found to be undone, or
failed and may succeed the next time. RUN is an id that runs ls lists, the beginning of one, or
last. The plan is that of the run; each record is read again before it is written, and what would
be created is looked for by its mark first. What was edited in the manifests since is refused,
and the rest goes on. The report lists every item of the plan, and names the run that did it.`,
		Example: `  b24apply resume last
  b24apply resume 20261130T140501-1f2e3d4c --yes --report report.json`,
		Args:              runArguments(1),
		ValidArgsFunction: a.completeRuns,
	}
	c.Flags().StringArrayVar(&a.vars, "var", nil, "set a variable, as `NAME=VALUE`, if the manifests have to be read again; repeatable")
	c.Flags().StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	c.Flags().BoolVar(&a.limits.full, "full", false, "list every change and outcome; without it, of many alike ones a few are shown and the others named, or counted if they are refused")
	a.portalFlags(c)
	var o applyOptions
	c.Flags().BoolVar(&o.yes, "yes", false, "go on without asking")
	o.reports.flags(c)
	a.maskFlag(c)
	o.conflictFlag(c)
	o.lock.flags(c, &a.stateDir)
	o.flow.flags(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := o.checkConflict(); err != nil {
			return err
		}
		return a.reported(c.Context(), o, func(ctx context.Context, r *changeRun) error { return r.resume(ctx, args[0]) })
	}
	return c
}

// A resuming is what a run goes on from.
type resuming struct {
	chain  []*ui.RunInfo // the runs of the plan, the first one first
	named  string        // the one that the command line names
	header plan.Header
	left   []int // changes of the plan of which anything is to be tried
	unsure int   // changes that were written and are to be compared
	apply.Resumed
}

// resume goes on with a run.
func (r *changeRun) resume(ctx context.Context, text string) error {
	if err := r.formats(); err != nil {
		return err
	}
	from, err := r.findResumed(text)
	if err != nil {
		return err
	}
	if err := r.projectOf(from.header); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return &failure{code: exitRefused, err: value.Err("resume-needs-confirmation"), hint: value.Say("look-at-run-then-confirm", value.T("run", from.last().ID))}
	}
	done, err := r.begin(ctx, "resume", writing)
	if err != nil {
		return err
	}
	defer done()
	if from, err = r.findResumed(text); err != nil { // another run may have held the lock until now
		return err
	}
	if err := r.ofPortal(from.last()); err != nil {
		return err
	}
	if err := r.takeUp(from); err != nil {
		return err
	}
	if err := r.agreeToResume(); err != nil {
		return err
	}
	return r.carryOut(ctx)
}

// last is the run that is resumed.
func (f *resuming) last() *ui.RunInfo { return f.chain[len(f.chain)-1] }

// withRunFolder opens the folders of the runs, and finds a run that a command line names.
func (a *app) withRun(text string, do func(runs *os.Root, names []string, name string) error) error {
	runs, err := a.openRuns(a.projectFolder(), false)
	if errors.Is(err, fs.ErrNotExist) {
		return &failure{code: exitError, err: value.Err("there-is-no-run", value.T("run", text)), hint: value.Say("runs-ls-lists-them")}
	} else if err != nil {
		return noRunFolder(err)
	}
	defer runs.Close()
	names, err := runNames(runs)
	if err != nil {
		return err
	}
	infos := runInfos(runs, names)
	slices.SortStableFunc(names, func(a, b string) int { // several can begin in a second
		if infos[a] == nil || infos[b] == nil {
			return cmp.Compare(a, b)
		}
		return infos[a].Started.Compare(infos[b].Started)
	})
	name, err := findRun(names, text)
	if err != nil {
		return err
	}
	return do(runs, names, name)
}

// findResumed finds the runs of a plan by one of them, and reads what the plan was made of.
func (a *app) findResumed(text string) (from *resuming, err error) {
	err = a.withRun(text, func(runs *os.Root, names []string, name string) error {
		from = &resuming{named: name}
		if from.chain, err = chainOf(runInfos(runs, names), names, name); err != nil {
			return err
		}
		root, err := safefile.Private(runs, from.chain[0].ID, false)
		if err != nil {
			return err
		}
		defer root.Close()
		f, err := safefile.OpenState(root, planFile, maxJournal)
		if err != nil {
			return noPlanOf(name, err)
		}
		defer f.Close()
		if from.header, err = plan.ReadHeader(f); err != nil {
			return noPlanOf(name, err)
		}
		return nil
	})
	return from, err
}

// noPlanOf is why a run cannot be gone on with: its plan cannot be read.
func noPlanOf(run string, err error) error {
	err = fmt.Errorf("%s: %s: %w", run, planFile, err)
	if unusable := (*plan.Unusable)(nil); errors.As(err, &unusable) {
		return unusablePlan(err)
	}
	return &failure{code: exitError, err: err, hint: value.Say("plan-for-what-is-left")}
}

// ofPortal refuses a run on another portal than the credential is for.
func (r *changeRun) ofPortal(info *ui.RunInfo) error {
	identity, err := r.portalIdentity(r.client, r.set)
	if err != nil || identity == info.Identity {
		return err
	}
	return unusablePlan(&plan.Unusable{Code: "PLAN_PORTAL", Message: value.Say("plan-of-portal", value.T("here", r.portalName(r.client.Portal())), value.T("there", info.Portal))})
}

// takeUp reads the plan and what its runs have made of it, and finds out what is left.
func (r *changeRun) takeUp(from *resuming) error {
	r.resumed, r.madeOf = from, from.header.Inputs
	return r.withRun(from.last().ID, func(runs *os.Root, _ []string, _ string) error {
		root, err := safefile.Private(runs, from.chain[0].ID, false)
		if err != nil {
			return err
		}
		defer root.Close()
		if r.plan, err = r.readPlan(root); err != nil {
			return noPlanOf(from.chain[0].ID, err)
		}
		r.closes = r.plan.Changes.Close
		if from.Runs, err = foldRuns(runs, from.chain); err != nil {
			return err
		}
		from.left, from.unsure = from.Resumed.Left(r.plan)
		from.Told = r.toldBefore(runs, from)
		if len(from.left) == 0 {
			return nil
		}
		if from.Refused, err = r.editedSince(from); err != nil {
			return err
		}
		return r.forgottenSince(from)
	})
}

// toldBefore reads what reports of earlier runs say of what did not end plainly. A run that was
// killed has none.
func (r *changeRun) toldBefore(runs *os.Root, from *resuming) map[int]resume.Told {
	at := make(map[value.Address]int)
	for i, e := range r.plan.Changes.Entries() {
		if p := from.Runs.Of(i, 0); p.Way == resume.Over && p.Status != string(apply.Succeeded) || e.Steps > 0 {
			at[e.Address] = i
		}
	}
	out := make(map[int]resume.Told)
	for _, info := range from.chain {
		_ = readReport(runs, info.ID, func(t *resume.Told) { // what cannot be read is told by its code
			if i, known := at[t.Resource]; known && t.Error != "" {
				out[i] = *t
			}
		})
	}
	return out
}

// readReport reads the items of the report of a run.
func readReport(runs *os.Root, run string, take func(*resume.Told)) error {
	root, err := safefile.Private(runs, run, false)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := safefile.OpenState(root, reportFile, maxJournal)
	if err != nil {
		return err
	}
	defer f.Close()
	return resume.ReadReport(f, take)
}

// agreeToResume tells what was done and shows what is left, and asks as apply does.
func (r *changeRun) agreeToResume() error {
	from, whole := r.resumed, r.plan
	info := from.last()
	if from.named != info.ID {
		r.tell("run-was-resumed", value.T("run", from.named), value.T("by", info.ID))
	}
	var unsure value.Message
	if from.unsure > 0 {
		unsure = value.Say("and-so-many-to-be-compared", value.N("n", from.unsure))
	}
	r.tell("goes-on-with-run", value.T("run", info.ID), value.T("mode", info.Mode), value.M("who", info.Who.Says()), value.T("time", minuteOf(info.Started)),
		value.N("left", len(from.left)), value.M("unsure", unsure), value.N("n", whole.Pending()))
	if len(from.left)+from.unsure == 0 {
		r.tell("run-leaves-nothing", value.T("run", info.ID))
		return nil
	}
	rest, err := r.restOf(whole)
	if err != nil {
		return err
	}
	defer rest.Changes.Close()
	r.plan = rest
	defer func() { r.plan = whole }()
	return r.agree(func() error {
		r.plan = whole
		defer func() { r.plan = rest }()
		return r.refuseUnsafe()
	})
}

// restOf is the part of a plan that is left, for people: what was edited since is refused.
func (r *changeRun) restOf(whole *plan.Plan) (*plan.Plan, error) {
	rest := *whole
	rest.Changes, rest.Unchanged, rest.Unlisted, rest.Digest = plan.NewSource(r.spool), nil, nil, ""
	for _, i := range r.resumed.left {
		c, err := whole.Changes.Change(i)
		if err != nil {
			return nil, errors.Join(err, rest.Changes.Close())
		}
		if no, refused := r.resumed.Refused[i]; refused {
			c.RefuseFor(no.Code, no.Message, value.Message{})
		}
		if err := rest.Changes.Append(c); err != nil {
			return nil, errors.Join(err, rest.Changes.Close())
		}
	}
	return &rest, nil
}

// pending counts the changes for which anything may be sent or is to be found out.
func (r *changeRun) pending() int {
	if r.resumed == nil {
		return r.plan.Pending()
	}
	return len(r.resumed.left) + r.resumed.unsure
}

// editedSince finds out which of the changes that are left have manifests that are not as they
// were. Where there are none, that is told, and nothing is compared.
func (r *changeRun) editedSince(from *resuming) (map[int]plan.Reason, error) {
	in := from.header.Inputs
	here := r.digestsHere(in, r.envName)
	switch {
	case !slices.ContainsFunc(in.Files, func(f plan.Input) bool { return here[f.Name] != "" }):
		r.tell("manifests-are-not-here")
		return make(map[int]plan.Reason), nil
	case r.sameInputs(in, r.envName) == nil, slices.Contains(in.Named, "-"):
		return make(map[int]plan.Reason), nil
	}
	r.files = in.Named
	set, err := r.app.load()
	if err != nil {
		return nil, err
	}
	out := make(map[int]plan.Reason)
	edited := func(i int, code string, at value.Pos) {
		out[i] = plan.Reason{Code: "EDITED", Message: value.Say(code, value.T("place", at.String()))}
	}
	for _, i := range from.left {
		c, err := r.plan.Changes.Brief(i)
		if err != nil {
			return nil, err
		}
		now := set.Lookup(c.Address)
		switch {
		case c.Declared == "" && c.Removal && now != nil:
			edited(i, "declared-again", now.Pos)
		case c.Declared == "":
		case now == nil:
			edited(i, "manifest-is-gone", c.Source)
		case now.Digest() != c.Declared:
			edited(i, "edited-since-the-plan", now.Pos)
		}
	}
	return out, nil
}

// forgottenSince refuses what is left and has no values any more.
func (r *changeRun) forgottenSince(from *resuming) error {
	if len(from.header.Forgotten) == 0 {
		return nil
	}
	for _, i := range from.left {
		c, err := r.plan.Changes.Brief(i)
		if err != nil {
			return err
		}
		if c.Forgotten {
			from.Refused[i] = plan.Reason{Code: "FORGOTTEN", Message: value.Say("values-are-forgotten")}
		}
	}
	return nil
}
