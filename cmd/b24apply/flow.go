package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/apply/flow"
	"github.com/b24apply/b24apply/pkg/value"
)

// flowOptions are the flags that say how far a run goes. Every command that carries a plan out
// has them.
type flowOptions struct {
	failFast    bool
	maxFailures share
	canary      few
	maxDuration time.Duration
	window      string
	waves       string
}

func (o *flowOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&o.failFast, "fail-fast", false, "send nothing more once an item has failed; what is in flight is waited for")
	f.Var(&o.maxFailures, "max-failures", "send nothing more once more than `N` items have failed, or N% of those that are written")
	f.Var(&o.canary, "canary", "make `N` changes first, one of each sort, read them back, and go on only if all of them went well")
	f.DurationVar(&o.maxDuration, "max-duration", 0, "send nothing more when the command has run for a `TIME` such as 30m")
	f.StringVar(&o.window, "window", "", "send only in this `TIME` of the day, such as 20:00-06:00 in the project's time zone, and wait for it")
	f.StringVar(&o.waves, "waves", "", "make the changes in waves, by the values of this `LABEL` of their manifests; those without it go last")
}

// share is a flow.Share that may be left out.
type share struct{ *flow.Share }

func (s *share) Set(text string) error {
	v, err := flow.ParseShare(text)
	s.Share = &v
	return err
}

func (s *share) String() string {
	if s.Share == nil {
		return ""
	}
	return s.Share.String()
}

func (s *share) Type() string { return "int" }

// few is a number of changes; 0 is none.
type few int

func (n *few) Set(text string) error { return (*concurrency)(n).Set(text) }
func (n *few) String() string        { return number(int(*n), "") }
func (n *few) Type() string          { return "int" }

// check tells whether the flags can be what is meant, before anything is read.
func (o *flowOptions) check() error {
	if o.maxDuration < 0 {
		return &failure{code: exitError, err: value.Err("max-duration-is-negative", value.T("time", o.maxDuration.String())), hint: value.Say("give-time-of-run")}
	}
	_, err := o.windowIn(time.Local)
	return err
}

func (o *flowOptions) windowIn(zone *time.Location) (*flow.Window, error) {
	if o.window == "" {
		return nil, nil
	}
	w, err := flow.ParseWindow(o.window, zone)
	if err != nil {
		return nil, &failure{code: exitError, err: value.Err("window-is-none", value.Q("text", o.window), value.M("why", value.SaidBy(err))), hint: value.Say("give-window")}
	}
	return w, nil
}

// flow is what the flags say of this run. A window is one of the project's time zone, else of
// this machine's.
func (r *changeRun) flow() (flow.Limits, error) {
	o := r.options.flow
	zone := value.Zone(r.set.Project.TimeZone)
	if zone == nil {
		zone = time.Local
	}
	window, err := o.windowIn(zone)
	l := flow.Limits{FailFast: o.failFast, MaxFailures: o.maxFailures.Share, Window: window, Canary: int(o.canary), Waves: o.waves}
	if o.maxDuration > 0 {
		l.Until = r.started.Add(o.maxDuration)
	}
	return l, err
}

// goOn asks whether the others follow, once the first changes were made and verified: a person
// at a terminal who has not said yes to all of it.
func (r *changeRun) goOn(bar *progress) func(made, left int) bool {
	if r.options.yes || !r.asksPeople() {
		return nil
	}
	return func(made, left int) bool {
		bar.close()
		defer bar.begin(r.client)
		question := value.Say("ask-after-canary", value.N("n", made), value.N("left", left))
		return r.ask(question, value.Say("canary-was-declined"), value.Say("canary-was-declined"), r.stop) == nil // the report says so
	}
}
