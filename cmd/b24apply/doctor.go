package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) doctorCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check the way to the portal, and what the credential may do there",
		Long: `Check the portal's address and certificate, whether it accepts the credential, who
that is, what they may do, which limits hold, and the clocks. Each line ends ok, warn
or fail, and says what to do. Nothing is written.

Where manifests are at hand, what they need is asked for: a permission that they do
not use is no failure. A failed check gives exit code 8.`,
		Example: `  b24apply doctor --env prod
  b24apply doctor -o json --portal embedded`,
	}
	a.manifestFlags(c)
	a.portalFlags(c)
	c.RunE = func(c *cobra.Command, _ []string) error {
		set, err := a.loadIfAny()
		if err != nil {
			return err
		}
		ctx, stop := a.interruptible(c.Context())
		defer stop()
		return a.examine(ctx, set)
	}
	return c
}

// loadIfAny is load where there is a project or a manifest is named, and else an
// empty set: a portal can be examined before anything is declared.
func (a *app) loadIfAny() (*spec.Set, error) {
	project, err := spec.Locate(a.loading())
	named := len(a.files) > 0 || a.envName != ""
	if formatted := a.output == "text" || a.output == "json"; formatted && !named && err == nil && project == "" {
		return spec.NewSet(spec.Project{Name: spec.DefaultOwner}, nil, nil), nil
	}
	return a.load()
}

// examine runs the checks and shows them.
func (a *app) examine(ctx context.Context, set *spec.Set) error {
	d := &doctor{app: a, set: set, plan: a.planOf(set), facts: map[string]bitrix.Outcome{}, used: map[string]bitrix.Time{}}
	if kind, _, _ := strings.Cut(a.portal, ":"); kind == "embedded" {
		d.embedded, d.plan = true, planBox
	}
	closer, err := d.connect(ctx)
	defer closer()
	if err := a.holdsPrinted(); err != nil {
		return err
	}
	if d.unconfigured = err; err == nil {
		d.first = d.client.Portal()
	}
	checks := d.run(ctx, doctorChecks())
	if ctx.Err() != nil {
		return &failure{code: exitInterrupted, err: value.Err("interrupted-nothing-was-written")}
	}
	if a.output == "json" {
		err = ui.DoctorJSON(a.stdout, d.first, checks)
	} else {
		err = ui.Doctor(a.stdout, d.first, checks, a.stdout.Style())
	}
	if err == nil && slices.ContainsFunc(checks, func(c ui.Check) bool { return c.Status == ui.CheckFail }) {
		err = &failure{code: exitAuth}
	}
	return err
}

// connect finds the credential and makes a client that only reads.
func (d *doctor) connect(ctx context.Context) (closer func(), err error) {
	if d.embedded {
		d.client, closer, err = d.app.connect(ctx, d.set, reading)
		return closer, err
	}
	if d.credential, err = d.app.credential(ctx, d.set); err != nil {
		return func() {}, noCredential(err)
	}
	d.client, err = d.app.clientOf(ctx, d.credential, d.plan, reading)
	return func() {}, err
}

// A doctor examines the way to one portal. Its checks run one after another.
type doctor struct {
	app          *app
	set          *spec.Set
	plan         string // whose limits the client keeps to; "" is standard
	embedded     bool   // the portal is in this process
	unconfigured error  // why there is no client
	credential   credential
	client       *bitrix.Client
	first        string // the portal's host before anything was sent

	visit     visit
	profile   profile
	skew      time.Duration // how far the portal's clock is ahead of this machine's
	clockRead bool
	facts     map[string]bitrix.Outcome // of factMethods, by method
	used      map[string]bitrix.Time    // what the portal told about each method's time budget
}

// A check is one row of the doctor's table.
type check struct {
	name  string
	code  string   // of the name for people
	needs []string // checks without whose success this one tells nothing; they stand before it
	probe func(*doctor, context.Context) []finding
}

// A finding is what a probe found out.
type finding struct {
	status        ui.CheckStatus
	message, hint value.Message
}

func one(status ui.CheckStatus, hint, message value.Message) []finding {
	return []finding{{status, message, hint}}
}

func fine(code string, args ...value.Arg) []finding {
	return one(ui.CheckOK, value.Message{}, value.Say(code, args...))
}

func note(code string, args ...value.Arg) []finding {
	return one(ui.CheckInfo, value.Message{}, value.Say(code, args...))
}

// doctorChecks is the table of checks, in the order in which they run and show.
func doctorChecks() []check {
	accepted := []string{"credential"}
	answered := []string{"credential", "batch"}
	inCRM := []string{"credential", "batch", "scope crm"}
	return []check{
		{"configuration", "check-of-configuration", nil, (*doctor).checkConfiguration},
		{"address", "check-of-address", []string{"configuration"}, (*doctor).checkAddress},
		{"TLS", "check-of-tls", []string{"address"}, (*doctor).checkTLS},
		{"credential", "check-of-credential", []string{"address", "TLS"}, (*doctor).checkCredential},
		{"portal's name", "check-of-name", accepted, (*doctor).checkName},
		{"batch", "check-of-batch", accepted, (*doctor).checkBatch},
		{"user", "check-of-user", accepted, (*doctor).checkUser},
		{"scope crm", "check-of-scope-crm", answered, (*doctor).checkScopeCRM},
		{"other scopes", "check-of-other-scopes", answered, (*doctor).checkOtherScopes},
		{"administrator", "check-of-administrator", accepted, (*doctor).checkAdministrator},
		{"CRM settings", "check-of-settings", inCRM, (*doctor).checkSettings},
		{"read access", "check-of-reading", inCRM, (*doctor).checkReading},
		{"import", "check-of-import", inCRM, (*doctor).checkImport},
		{"plan", "check-of-plan", answered, (*doctor).checkPlan},
		{"limits", "check-of-limits", accepted, (*doctor).checkLimits},
		{"clock", "check-of-clock", accepted, (*doctor).checkClock},
		{"time zone", "check-of-zone", answered, (*doctor).checkZone},
		{"memberId", "check-of-member", accepted, (*doctor).checkMember},
		{"REST 3.0", "check-of-rest-3", []string{"address", "TLS"}, (*doctor).checkV3},
	}
}

// run runs the checks in their order. One that needs a failed one is skipped.
func (d *doctor) run(ctx context.Context, checks []check) []ui.Check {
	roots := make(map[string]check) // by the name of a check that did not succeed: the one that failed first
	var out []ui.Check
	for _, c := range checks {
		if ctx.Err() != nil {
			break
		}
		at := slices.IndexFunc(c.needs, func(name string) bool { return roots[name].name != "" })
		if at >= 0 {
			roots[c.name] = roots[c.needs[at]]
			out = append(out, ui.Check{Name: value.Say(c.code), Status: ui.CheckSkip, Message: value.Say("not-checked-since-other-failed", value.M("check", value.Say(roots[c.name].code)))})
			continue
		}
		for _, f := range d.probe(ctx, c) {
			if f.status == ui.CheckFail {
				roots[c.name] = c
			}
			out = append(out, ui.Check{Name: value.Say(c.code), Status: f.status, Message: f.message, Hint: f.hint})
		}
	}
	return out
}

// checkPatience bounds one check: the client would wait ten minutes for a method whose time
// is used up, and the doctor is asked why nothing moves.
const checkPatience = 30 * time.Second

func (d *doctor) probe(ctx context.Context, c check) []finding {
	ctx, cancel := context.WithTimeoutCause(ctx, checkPatience, value.Err("no-answer-that-decides-within", value.T("time", checkPatience.String())))
	defer cancel()
	return c.probe(d, ctx)
}

// base is the portal's address without the credential.
func (d *doctor) base() *url.URL {
	u, err := url.Parse(d.client.URL(""))
	if err != nil {
		return &url.URL{Scheme: "https", Host: d.first}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}

// factMethods are asked in one batch, once, for several checks.
func factMethods() []bitrix.Command {
	return []bitrix.Command{
		{Method: "user.current"},
		{Method: "scope"},
		{Method: "app.info"},
		{Method: "server.time"},
		{Method: "crm.enum.ownertype"},
		{Method: "crm.type.list"},
		{Method: "method.get", Params: bitrix.Params{"name": importMethod}},
	}
}

// checkBatch asks what several checks want to know, which also shows whether requests
// of many commands work.
func (d *doctor) checkBatch(ctx context.Context) []finding {
	commands := factMethods()
	outcomes, err := d.batch(ctx, commands)
	if err != nil {
		return one(ui.CheckFail, hintOf(err, value.Say("try-later-or-look-for-proxy")), value.Say("no-answer", value.M("why", said(err))))
	}
	for i, o := range outcomes {
		d.facts[commands[i].Method] = o
	}
	return fine("questions-are-answered", value.N("n", len(commands)))
}

// fact decodes what a method of factMethods answered.
func (d *doctor) fact(method string, into any) error {
	o, asked := d.facts[method]
	switch {
	case !asked:
		return value.Err("method-was-not-answered", value.T("method", method))
	case o.Err != nil:
		return o.Err
	case json.Unmarshal(o.Result, into) != nil:
		return value.Err("method-answered-in-unknown-form", value.T("method", method))
	}
	return nil
}

// batch asks the portal, and notes what the methods used of their time.
func (d *doctor) batch(ctx context.Context, commands []bitrix.Command) ([]bitrix.Outcome, error) {
	outcomes, err := d.client.Batch(ctx, commands)
	for i, o := range outcomes {
		if o.Err == nil {
			d.noteTime(commands[i].Method, o.Time)
		}
	}
	return outcomes, err
}

// noteTime keeps the latest and so the largest figure.
func (d *doctor) noteTime(method string, t bitrix.Time) {
	if !t.OperatingReset.IsZero() {
		d.used[method] = t
	}
}

// said is an error of the portal without what the line says anyway.
func said(err error) value.Message {
	var refusal *bitrix.Error
	switch {
	case !errors.As(err, &refusal):
		return value.SaidBy(err)
	case refusal.Cause != nil:
		return value.SaidBy(refusal.Cause)
	}
	text := refusal.Text()
	if refusal.Code != "" && refusal.Code != "0" && refusal.Code != text {
		text += " (" + refusal.Code + ")"
	}
	if text == "" {
		return value.Say("refused-without-reason", value.N("status", refusal.Status))
	}
	return value.Verbatim(text)
}

// unknown is the finding where a question got no answer that decides.
func unknown(what value.Message, err error) []finding {
	return one(ui.CheckWarn, hintOf(err, value.Say("try-later")), value.Say("cannot-be-told", value.M("what", what), value.M("why", said(err))))
}
