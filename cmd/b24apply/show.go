package main

import (
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) showCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "show FILE",
		Short: "Show a saved plan",
		Long: `Show a plan that plan --out has saved, as plan did. Nothing is sent. That the plan has
expired, or was used already, is said on stderr.`,
		Example: `  b24apply show plan.ndjson
  b24apply show plan.ndjson.zst -o json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return &failure{code: exitError, err: value.Err("show-takes-one-saved-plan"), hint: value.Say("name-saved-plan")}
		},
	}
	c.Flags().StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	c.Flags().BoolVar(&a.limits.full, "full", false, "list every change; without it, of many alike ones a few are shown and the others named")
	c.ValidArgsFunction = completeSaved
	a.identityFlag(c)
	var reports reportNames
	reports.flags(c)
	a.maskFlag(c)
	c.RunE = func(_ *cobra.Command, args []string) error {
		return a.looked(reports, func(r *lookRun) error { return r.showSaved(args[0]) })
	}
	return c
}

// showSaved reads a saved plan.
func (r *lookRun) showSaved(name string) error {
	if err := r.formats(); err != nil {
		return err
	}
	saved, err := r.openPlan(name)
	if err != nil {
		return err
	}
	r.planned.Made, r.planned.Expires, r.planned.Commit, r.planned.File = saved.Made, saved.Expires, saved.Commit, name
	r.takes(saved.Plan, func() error {
		return r.showPlan(saved.Plan, func() error { return r.sayHow(name, saved.Header, saved.Plan) })
	})
	if saved.Lean != nil {
		r.warn(value.Say("shown-plan-is-lean"), value.Say("reports-at-plan-time"))
	}
	if !saved.Expires.IsZero() && time.Now().After(saved.Expires) {
		r.warn(value.Say("shown-plan-has-expired", value.T("at", minuteOf(saved.Expires))), value.Say("plan-again-to-apply"))
	}
	if used := r.notUsed(saved); codeOf(used) == exitPlan {
		r.warn(value.SaidBy(used), value.RemedyOf(used))
	}
	return r.showGuards(saved)
}

// showGuards tells whether the guards that the project has here let a saved plan pass.
func (a *app) showGuards(s *plan.Saved) error {
	if s.Mode.DryRunOnly {
		return dryRunOnly(s.Plan.Env)
	}
	path, err := placeOf(a, s.Header)
	if err != nil || path == "" {
		return nil // apply says what is wrong
	}
	a.envName = s.Plan.Env
	if set, _ := a.projectAt(path); set != nil {
		return a.stopped(since(s, set))
	}
	return nil
}

// sayHow says how a saved plan is carried out.
func (a *app) sayHow(name string, h plan.Header, p *plan.Plan) error {
	if err := newLine(a.stdout); err != nil {
		return err
	}
	said := value.Say("apply-saved-plan", value.T("file", name))
	switch {
	case p.Pending() == 0:
		said = value.Say("plan-is-saved", value.T("file", name))
	case !h.Expires.IsZero():
		said = value.Say("apply-saved-plan-until", value.T("file", name), value.T("at", minuteOf(h.Expires)))
	}
	return errors.Join(a.say(said.Code, said.Args...), a.say("plan-of-digest", value.T("digest", p.Digest)))
}
