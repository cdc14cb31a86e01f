package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// saidByThePlan are the flags that a saved plan has decided.
var saidByThePlan = []string{"file", "prune", "select", "exclude", "sees-all", "look-alikes", "max-create", "max-update", "max-delete", "max-refused", "only-retryable"}

// refuseFlags refuses flags beside a saved plan that it has decided when it was made.
func refuseFlags(c *cobra.Command) error {
	for _, name := range saidByThePlan {
		if f := c.Flags().Lookup(name); f != nil && f.Changed {
			return &failure{code: exitError, err: value.Err("stands-beside-plan", value.T("name", name)), hint: value.Say("leave-out-or-plan-again")}
		}
	}
	return nil
}

// savedArgument allows one argument, a saved plan.
func savedArgument(c *cobra.Command, args []string) error {
	if len(args) < 2 {
		return nil
	}
	return &failure{code: exitError, err: value.Err("takes-one-plan", value.T("command", c.CommandPath()), value.N("n", len(args))), hint: value.Say("plan-takes-own-run")}
}

// digestForm is how a digest is written.
var digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// checkDigest tells whether a flag holds a digest at all.
func checkDigest(text string) error {
	if text == "" || digestForm.MatchString(text) {
		return nil
	}
	return &failure{code: exitError, err: value.Err("expect-plan-is-no-digest", value.Q("text", text)), hint: value.Say("digest-has-64-digits")}
}

// expected refuses a plan that is not the one that somebody has looked at.
func (r *changeRun) expected(does string) error {
	if want := r.options.expect; want != "" && want != does {
		return unusablePlan(&plan.Unusable{Code: "PLAN_CHANGED", Message: value.Say("plan-is-another", value.T("digest", does), value.T("expected", want))})
	}
	return nil
}

// applySaved carries a saved plan out.
func (r *changeRun) applySaved(ctx context.Context, name string) error {
	if err := r.formats(); err != nil {
		return err
	}
	saved, err := r.openPlan(name)
	if err != nil {
		return err
	}
	r.plan, r.closes, r.madeOf = saved.Plan, saved.Plan.Changes.Close, saved.Inputs
	if saved.Lean != nil {
		return r.applyLean(ctx, saved)
	}
	if saved.Rows != "" {
		return r.applyAnew(ctx, saved, saved.Does)
	}
	r.saved = true
	if err := r.usable(saved); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return unconfirmed()
	}
	done, err := r.begin(ctx, saved.Mode.Command, writing)
	if err != nil {
		return err
	}
	defer done()
	r.of = saved.Mode.Of
	if err := r.samePortal(saved); err != nil {
		return err
	}
	if err := r.notUsed(saved); err != nil { // by a run that has held the lock until now
		return err
	}
	if err := r.agree(func() error { return r.refuseNow(saved) }); err != nil {
		return err
	}
	r.uses = func() error { return r.use(saved) }
	return r.carryOut(ctx)
}

// refuseNow refuses a plan that goes beyond its guards, or beyond those that the project has here.
func (r *changeRun) refuseNow(s *plan.Saved) error {
	if s.Mode.Command == undoCommandName {
		return r.refuseUndo()
	}
	if err := r.refuseUnsafe(); err != nil {
		return err
	}
	return r.stopped(since(s, r.set))
}

// usable tells whether a plan may be carried out, before anybody is asked and before the
// portal is: by what it says, and by what is on this machine.
func (r *changeRun) usable(s *plan.Saved) error {
	if !slices.Contains([]string{"apply", undoCommandName, destroyCommandName, repairCommandName}, s.Mode.Command) {
		return &failure{code: exitError, err: value.Err("plan-is-of-command", value.T("command", s.Mode.Command)), hint: value.Say("carry-out-with-its-command")}
	}
	if err := r.projectOf(s.Header); err != nil {
		return err
	}
	if s.Mode.DryRunOnly {
		return dryRunOnly(s.Plan.Env)
	}
	if !s.Expires.IsZero() && time.Now().After(s.Expires) {
		return unusablePlan(&plan.Unusable{Code: "PLAN_EXPIRED", Message: value.Say("plan-has-expired", value.T("time", minuteOf(s.Expires)))})
	}
	if err := r.notUsed(s); err != nil {
		return err
	}
	if err := r.sameInputs(s.Inputs, cmp.Or(r.envName, s.Plan.Env)); err != nil {
		return err
	}
	if err := r.expected(s.Sums.Plan); err != nil || s.Lean != nil {
		return err
	}
	return r.isReviewed(s.Plan, s.Sums.Plan)
}

func minuteOf(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// projectOf finds the project that a plan is of, which says how to get into the portal. Where
// there is none, the plan says whose it is, and the variables of the process how to get in.
func (r *changeRun) projectOf(s plan.Header) error {
	r.takeMode(s.Mode)
	path, err := placeOf(r.app, s)
	if err != nil {
		return &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
	}
	if r.envName != "" && r.envName != s.Plan.Env {
		return anotherOwner("plan-of-environment", r.envName, s.Plan.Env)
	}
	r.envName = s.Plan.Env
	r.set = &spec.Set{Project: spec.Project{Name: s.Plan.Owner}, Kinds: r.kinds}
	if path != "" {
		set, problems := r.projectAt(path)
		if err := r.showProblems(problems); err != nil {
			return err
		}
		r.set = set
	}
	if r.set.Project.Name != s.Plan.Owner {
		return anotherOwner("plan-of-owner", r.set.Project.Name, s.Plan.Owner)
	}
	return nil
}

// placeOf is the path of the project file that a plan may be of, "" if there is none here.
func placeOf(a *app, s plan.Header) (string, error) {
	named := slices.DeleteFunc(slices.Clone(s.Inputs.Named), func(name string) bool { return name == "-" })
	return spec.Locate(spec.Options{Dir: a.dir, Files: named})
}

func (a *app) projectAt(path string) (*spec.Set, spec.Problems) {
	return spec.LoadProject(spec.Options{Dir: filepath.Dir(path), Env: a.envName, Secrets: a.secretValues(), Getenv: a.getenv, Kinds: a.kinds})
}

func anotherOwner(code, here, there string) error {
	return unusablePlan(&plan.Unusable{Code: "PLAN_OWNER", Message: value.Say(code, value.Q("here", here), value.Q("there", there))})
}

// samePortal refuses a plan of another portal than the credential is for.
func (r *changeRun) samePortal(s *plan.Saved) error {
	key, err := r.portalKey(r.client, r.set)
	if err != nil {
		return err
	}
	if here := r.portalName(r.client.Portal()); key != s.Portal {
		return unusablePlan(&plan.Unusable{Code: "PLAN_PORTAL", Message: value.Say("plan-of-portal", value.T("here", here), value.T("there", s.Plan.Portal))})
	}
	return nil
}

// A useMark says that a run has carried a saved plan out, or has begun to.
type useMark struct {
	Run    string    `json:"run"`
	Plan   string    `json:"plan"` // its digest
	Portal string    `json:"portal"`
	Owner  string    `json:"owner"`
	Since  time.Time `json:"since"`
}

// useMarkOf is where the mark of a plan is: one for each file, beside the locks.
func (a *app) useMarkOf(s *plan.Saved) (string, error) {
	dir, err := a.stateFolder()
	return filepath.Join(dir, "plans", s.Sums.File+".json"), err
}

// maxUseMark bounds a mark, in bytes.
const maxUseMark = 4 << 10

// notUsed refuses a plan that a run on this machine has used.
func (a *app) notUsed(s *plan.Saved) error {
	path, err := a.useMarkOf(s)
	if err != nil {
		return noMark(err)
	}
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return noMark(err)
	}
	var m useMark
	if info.Mode().IsRegular() && info.Size() <= maxUseMark {
		text, _ := os.ReadFile(path) // a run that died early may have left nothing
		_ = json.Unmarshal(text, &m)
	}
	if m.Run == "" {
		return unusablePlan(&plan.Unusable{Code: "PLAN_USED", Message: value.Say("plan-was-used-by-somebody")})
	}
	return unusablePlan(&plan.Unusable{Code: "PLAN_USED", Message: value.Say("plan-was-used", value.T("run", m.Run), value.T("time", minuteOf(m.Since))), Args: []value.Arg{value.T("run", m.Run)}})
}

// use marks a plan as used, for good, before the first write.
func (r *changeRun) use(s *plan.Saved) error {
	path, err := r.useMarkOf(s)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o700)
	}
	if err != nil {
		return noMark(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return r.notUsed(s)
	}
	if err != nil {
		return noMark(err)
	}
	text, err := json.Marshal(useMark{Run: r.id, Plan: s.Sums.Plan, Portal: s.Plan.Portal, Owner: s.Plan.Owner, Since: time.Now().UTC().Truncate(time.Second)})
	if err == nil {
		_, err = f.Write(append(text, '\n'))
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return noMark(err)
	}
	return nil
}

func noMark(err error) error {
	return &failure{code: exitError, err: value.While(err, "noting-the-use"), hint: value.Say("make-state-folder-writable", value.T("variable", stateVariable))}
}
