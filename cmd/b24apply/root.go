package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// env is the world that a command may touch.
type env struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	silent         bool // nobody hears what is said
	getenv         func(string) (string, bool)
	interrupts     func() (signals <-chan os.Signal, stop func()) // nil: none
	configDir      func() (string, error)                         // the user's; nil: none
	homeDir        func() (string, error)                         // the user's; nil: none
	// settle is apply.Config.Settle. Nothing but tests sets it, together with the lateness
	// of their portal: no flag and no variable does.
	settle time.Duration
	// fresh is apply.Config.Fresh. Nothing but tests sets it.
	fresh time.Duration
	// transport carries the requests, and journal what is written to journals, each a file
	// of its own. Nothing but tests sets them: they let a run die wherever they want.
	transport http.RoundTripper
	journal   func(journal.File) journal.File
	// planned gets every plan as soon as it is made. Nothing but tests sets it.
	planned func(*plan.Plan)
	// heartbeat is how often a run tells how far it is where no terminal shows it; 0 means 30
	// seconds.
	heartbeat time.Duration
	spool     plan.Spool  // of plans; the zero Spool keeps each in a file of its own
	kinds     *kind.Table // that manifests may have; nil stands for those of Bitrix24
}

// app is one invocation: its world and the flags that several commands share.
type app struct {
	env
	// All text goes through these two; they hide env's writers.
	stdout, stderr *ui.Door
	secrets        ui.Secrets // in use, which no text may hold

	args    []string // of the command line
	command string   // that they name
	reports *ui.Reports
	dir     string
	files   []string
	envName string
	vars    []string
	portal  string
	// stateDir is where runs keep their folders, "" for that of the project.
	stateDir string
	identity string // of age, in a file; "" for that of a variable
	output   string
	known    []string // formats of output; nil stands for text and JSON
	// standsFor is the portal whose copy this one works on; "" if it works on a portal itself.
	standsFor string
	masks     masks
	limits    limits
	speed     speed
	verbose   bool

	allowExec bool
	printed   []string // credentials that programs of the project have printed
	isRead    bool     // the manifests are those of loading
	reviewed  bool     // the plan is for a reviewer, who asks who saved last
	piped     []byte   // what -f - has brought
	digests   bool     // the manifests are to be compared later
	used      usedVariables
	rows      rowOptions
	keepRows  bool // of record sets, for who shows them
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, e env, args []string) int {
	a := newApp(e)
	a.args = args
	defer a.close()
	return a.exit(crash.Catch(func() error { return a.execute(ctx) }))
}

// execute finds the command and runs it.
func (a *app) execute(ctx context.Context) error {
	if err := a.speak(); err != nil {
		return err
	}
	if err := a.refuseSecrets(a.args); err != nil {
		return err
	}
	root := a.rootCommand()
	root.SetArgs(a.args)
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	return root.ExecuteContext(ctx)
}

// newApp is the only place that takes env's writers.
func newApp(e env) *app {
	if e.silent {
		e.stdout, e.stderr = io.Discard, io.Discard
	}
	a := &app{env: e, stdout: door(e.stdout, e.getenv), stderr: door(e.stderr, e.getenv)}
	a.stdout.Hide(&a.secrets)
	a.stderr.Hide(&a.secrets)
	return a
}

func (a *app) close() {
	_, _ = a.stdout.Close(), a.stderr.Close() // half a character at most; what was written before it is told
}

const exitCodes = `
Exit codes:
  0    done; or no changes
  1    usage, internal or connection error before any item had an outcome
  2    changes pending (plan --detailed-exitcode)
  3    finished, but an item failed, was refused, blocked or not attempted, is partial, unknown or in conflict
  4    manifests invalid; nothing was written
  5    refused by a guard, or because apply or --prune lacks what makes it safe
  6    the saved plan can't be used: other portal, damaged, expired, used already, changed inputs
  7    another run holds the lock, or was met on the portal
  8    authentication or permission
  130  interrupted
`

func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "b24apply",
		Short: "Plan and apply Bitrix24 CRM records from YAML manifests",
		Long: `b24apply reconciles a Bitrix24 CRM with YAML manifests.

  b24apply init                          start a project here
  b24apply validate                      check the manifests, offline
  b24apply plan                          show what would change
  b24apply apply                         change it, after you have confirmed
  b24apply show FILE                     show a plan that plan --out has saved
  b24apply resume RUN                    go on with a run that was cut short
  b24apply history ADDRESS               show what was done to a record
  b24apply call METHOD                   call any method of the portal
  b24apply adopt ADDRESS --id N          take an existing record over

No account at hand? Add --portal embedded to try everything on a portal in a box.`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(c, args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },

		PersistentPreRun: func(c *cobra.Command, _ []string) { a.command = c.Name() },
	}
	root.PersistentFlags().StringVarP(&a.dir, "directory", "C", "", "run as if started in `DIR`")
	root.PersistentFlags().BoolVarP(&a.verbose, "verbose", "v", false, "tell every request on stderr, without secrets")
	root.PersistentFlags().String(languageFlag, languageAuto, "speak `LANGUAGE`: en, ru, or auto for that of the locale (en where CI is set); JSON and logs are the same in each")
	root.SetFlagErrorFunc(flagError)
	root.Version = versionLine()
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(a.commands()...)
	root.SetHelpCommand(a.helpCommand(root))
	for _, c := range root.Commands() {
		c.Long = strings.TrimSpace(c.Long) + "\n" + exitCodes
		a.completions(c)
	}
	return root
}

// commands are those below the root.
func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.callCommand(),
		a.initCommand(),
		a.validateCommand(),
		a.renderCommand(),
		a.schemaCommand(),
		a.planCommand(),
		a.showCommand(),
		a.applyCommand(),
		a.destroyCommand(),
		a.repairCommand(),
		a.adoptCommand(),
		a.doctorCommand(),
		a.portalCommand(),
		a.versionCommand(),
		a.loginCommand(),
		a.logoutCommand(),
		a.runsCommand(),
		a.resumeCommand(),
		a.undoCommand(),
		a.rehearseCommand(),
		a.historyCommand(),
		a.fmtCommand(),
	}
}

// manifestFlags adds the flags that choose what to read.
func (a *app) manifestFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVarP(&a.files, "file", "f", nil, "read `FILE`, a directory, a glob, or - for standard input; inside a project, only what it declares there; repeatable")
	f.StringVar(&a.envName, "env", "", "the project's environment `NAME`")
	f.StringArrayVar(&a.vars, "var", nil, "set a variable, as `NAME=VALUE`; repeatable")
	f.StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	c.Args = noArguments
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := value.Say("leave-argument-out", value.Q("command", c.CommandPath()+" --help"))
	if c.Flag("file") != nil {
		hint = value.Say("name-files-by-flag")
	}
	return &failure{code: exitError, err: value.Err("takes-no-argument", value.T("command", c.CommandPath()), value.Q("args", args[0])), hint: hint}
}

func (a *app) portalFlags(c *cobra.Command) {
	a.speed.flags(c)
	c.Flags().BoolVar(&a.allowExec, "allow-exec", false, "let the project run the programs that it names under exec for credentials (or B24_ALLOW_EXEC=1)")
	c.Flags().StringVar(&a.portal, "portal", "", "use this `PORTAL`: embedded[:FILE], the address of one that you are logged in to, or the webhook URL of one on this machine")
}

// load reads the manifests. Problems are shown here; the error then only carries
// the exit code.
func (a *app) load() (*spec.Set, error) {
	set, problems, err := a.read()
	if err != nil {
		return nil, err
	}
	return set, a.showProblems(problems)
}

// read reads the manifests and shows nothing.
func (a *app) read() (*spec.Set, spec.Problems, error) {
	if err := a.formats(); err != nil {
		return nil, nil, err
	}
	if slices.Contains(a.files, "") {
		return nil, nil, &failure{code: exitError, err: value.Err("f-names-no-file"), hint: value.Say("shell-variable-may-be-empty")}
	}
	if _, err := spec.Locate(a.loading()); err != nil {
		return nil, nil, &failure{code: exitError, err: err, hint: hintOf(err, value.Message{})}
	}
	selection, err := spec.ParseSelection(a.limits.selected, a.limits.excluded)
	if err != nil {
		return nil, nil, &failure{code: exitError, err: err, hint: value.Say("write-selector")}
	}
	var piped bytes.Buffer
	o := a.loading()
	o.Selection = selection
	o.Stdin = io.TeeReader(a.stdin, &piped)
	o.Digests, o.Getenv = a.digests, a.used.noting(a.getenv)
	o.KeepRows = a.keepRows
	var tables []*spec.RecordSet
	o.Tables = func(sets []*spec.RecordSet) { tables = sets }
	if err := a.rows.clear(a); err != nil {
		return nil, nil, err
	}
	set, problems := spec.Load(o)
	if err := a.rows.read(a, tables); err != nil {
		return nil, nil, err
	}
	a.isRead, a.piped = true, piped.Bytes()
	if set != nil && set.Idle != "" {
		return nil, nil, &failure{code: exitError, err: value.Err("selector-names-nothing", value.Q("pattern", set.Idle)), hint: value.Say("write-selector")}
	}
	return set, problems, nil
}

// formats refuses a format that is none.
func (a *app) formats() error {
	known := a.known
	if known == nil {
		known = []string{"text", "json"}
	}
	if slices.Contains(known, a.output) {
		return nil
	}
	return &failure{code: exitError, err: value.Err("no-such-format", value.T("output", a.output)), hint: value.Say("formats-of-output", value.L("names", known))}
}

// loading says which manifests the flags mean. What -f - brings can be read again.
func (a *app) loading() spec.Options {
	return spec.Options{Dir: a.dir, Files: a.files, Env: a.envName, Vars: a.vars, Secrets: a.secretValues(), Getenv: a.getenv, Kinds: a.kinds, Stdin: bytes.NewReader(a.piped)}
}

// showProblems prints problems where the reader of this output format looks.
func (a *app) showProblems(problems spec.Problems) error {
	var err error
	switch {
	case problems.HasErrors() && a.output == "json":
		err = ui.ProblemsJSON(a.stdout, problems, a.rows.sets...)
	case len(problems) > 0:
		err = ui.Problems(a.stderr, problems, a.stderr.Style())
	}
	if problems.HasErrors() {
		return &failure{code: problemsCode(problems), err: err}
	}
	return err
}

// problemsCode is the exit code of problems: a wrong --env is a wrong command line, as one
// that is missing is, and says nothing of the manifests.
func problemsCode(problems spec.Problems) int {
	for _, p := range problems {
		if p.Severity == spec.SeverityError && (p.Rule != "environment" || p.File != "--env") {
			return exitInvalid
		}
	}
	return exitError
}

// A failure is an error with its exit code and remedy. A failure without err has
// been shown already.
type failure struct {
	code int
	err  error
	hint value.Message
}

func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// Hint is what to do about it.
func (f *failure) Hint() value.Message { return f.hint }

// codeOf is the exit code of an error.
func codeOf(err error) int {
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &f):
		return f.code
	}
	return exitError
}

// exit shows an error and gives the process's exit code. Whoever asked for JSON gets a
// document, whatever happened.
func (a *app) exit(err error) int {
	code := codeOf(err)
	if code == exitDone {
		return code
	}
	said, hint := value.SaidBy(err), value.RemedyOf(err)
	if !said.IsZero() {
		_ = ui.Message(a.stderr, said, hint, a.stderr.Style()) // there is nowhere left to tell it
	}
	var bug *crash.Error
	if errors.As(err, &bug) {
		_, _ = io.WriteString(a.stderr, bug.Stack)
	}
	if a.wantsJSON() && !a.stdout.Used() {
		_ = ui.FailureJSON(a.stdout, code, said, hint) // the exit code says so too
	}
	return code
}

// wantsJSON tells whether JSON was asked for, be it on a command line that could not be
// read to its end.
func (a *app) wantsJSON() bool {
	if a.output == "json" {
		return true
	}
	for i, arg := range a.args {
		switch arg {
		case "-ojson", "-o=json", "--output=json":
			return true
		case "-o", "--output":
			if i+1 < len(a.args) && a.args[i+1] == "json" {
				return true
			}
		}
	}
	return false
}
