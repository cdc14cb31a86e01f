package main

import (
	"context"
	"errors"
	"slices"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// keyOfLean is the key of the lean plan that is to be saved; nil if it is to hold all values. Under
// a CI service, whose files many can read, a plan is lean unless it is encrypted.
func (a *app) keyOfLean(o saveOptions) (plan.Key, error) {
	lean := o.lean
	if !o.leanGiven {
		lean = a.isCI() && len(o.encryptTo) == 0
	}
	if !lean || !o.mayBeLean {
		return nil, nil
	}
	if slices.Contains(a.files, "-") {
		return nil, &failure{code: exitError, err: value.Err("lean-needs-files"), hint: value.Say("name-files-by-flag")}
	}
	key, err := a.planKey()
	if err == nil && key == nil {
		err = &failure{code: exitError, err: value.Err("lean-needs-key", value.T("variable", planKeyVariable)), hint: value.Say("set-key-or-encrypt", value.T("variable", planKeyVariable))}
	}
	return key, err
}

// applyLean plans anew what a lean plan was made of, and carries out what is as it was then.
func (r *changeRun) applyLean(ctx context.Context, s *plan.Saved) error {
	key, err := r.planKey()
	switch {
	case err != nil:
		return err
	case key == nil:
		return &failure{code: exitError, err: value.Err("lean-plan-needs-key", value.T("variable", planKeyVariable)), hint: value.Say("set-key-of-plan", value.T("variable", planKeyVariable))}
	case !key.Made(s.Lean):
		return unusablePlan(&plan.Unusable{Code: "PLAN_KEY", Message: value.Say("plan-has-other-key", value.T("variable", planKeyVariable))})
	}
	expect := r.options.expect
	if expect != "" {
		r.options.expect = key.Digest(expect)
	}
	return r.applyAnew(ctx, s, func(at int, c *plan.Change) (bool, error) { return key.Of(c) == s.MACs[at], nil })
}

// applyAnew plans anew what a plan without all values was made of, and carries out what does the
// same as it did then.
func (r *changeRun) applyAnew(ctx context.Context, s *plan.Saved, same func(at int, c *plan.Change) (bool, error)) error {
	if err := r.usable(s); err != nil {
		return err
	}
	if err := r.allInputs(s); err != nil {
		return err
	}
	if !r.options.yes && !r.asksPeople() {
		return unconfirmed()
	}
	r.files = s.Inputs.Named
	if err := r.load(); err != nil {
		return err
	}
	done, err := r.begin(ctx, "apply", writing)
	if err != nil {
		return err
	}
	defer done()
	if err := errors.Join(r.samePortal(s), r.notUsed(s)); err != nil {
		return err
	}
	if err := r.planAgain(ctx, s, same); err != nil {
		return err
	}
	if err := r.agree(func() error { return nil }); err != nil {
		return err
	}
	r.uses = func() error { return r.use(s) }
	return r.carryOut(ctx)
}

// planAgain plans, and leaves out what would be done otherwise than the saved plan says. Guards
// are for what the plan does; what is left out is no refusal of theirs.
func (r *changeRun) planAgain(ctx context.Context, s *plan.Saved, same func(at int, c *plan.Change) (bool, error)) error {
	again, err := r.planUnlessStopped(ctx, r.stop, r.client, r.set)
	if again != nil {
		r.plan, r.closes = again, closeBoth(again.Changes, s.Plan.Changes)
	}
	if err != nil {
		return err
	}
	if err := r.refuseNow(&plan.Saved{Header: plan.Header{Plan: again, Mode: s.Mode}}); err != nil {
		return err
	}
	if r.options.marks != nil {
		does, err := again.DigestOf(s.Mode)
		if err != nil {
			return err
		}
		if err := r.isReviewed(again, does); err != nil {
			return err
		}
	}
	return sameAsSaved(again, s, same)
}

func closeBoth(a, b *plan.Source) func() error {
	return func() error { return errors.Join(a.Close(), b.Close()) }
}

// sameAsSaved makes a conflict of every change that is not as a saved plan says.
func sameAsSaved(again *plan.Plan, s *plan.Saved, same func(at int, c *plan.Change) (bool, error)) error {
	was := make(map[value.Address]int, s.Plan.Changes.Len())
	for i, e := range s.Plan.Changes.Entries() {
		was[e.Address] = i
	}
	for i, e := range again.Changes.Entries() {
		if !e.Writes() {
			continue
		}
		c, err := again.Changes.Change(i)
		if err != nil {
			return err
		}
		at, known := was[e.Address]
		does := false
		if known {
			if does, err = same(at, c); err != nil {
				return err
			}
		}
		if does {
			continue
		}
		before := plan.NoOp
		if known {
			before = s.Plan.Changes.Entry(at).Action
		}
		c.RefuseFor("CHANGED_SINCE_PLAN", value.Say("does-other-than-saved", value.T("now", string(c.Action)), value.T("before", string(before))), value.Message{})
		c.Reason.Conflict = true
		if err := again.Changes.Put(i, c); err != nil {
			return err
		}
	}
	return nil
}

// allInputs refuses a lean plan whose manifests are not here.
func (r *changeRun) allInputs(s *plan.Saved) error {
	here := r.digestsHere(s.Inputs, r.envName)
	for _, f := range s.Inputs.Files {
		if here[f.Name] == "" {
			return changedInput("lean-plan-needs-file", f.Name)
		}
	}
	here = r.tablesHere(s.Inputs, r.envName)
	for _, f := range s.Inputs.Tables {
		if here[f.Name] == "" {
			return changedInput("plan-needs-table", f.Name)
		}
	}
	return nil
}
