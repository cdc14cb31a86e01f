package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/sealed"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/internal/zfile"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// goodFor is how long a saved plan is good for by default.
const goodFor = 7 * 24 * time.Hour

// savedExtensions are those of saved plans, for completion.
var savedExtensions = []string{"ndjson", "zst"}

// saveOptions are the flags of commands that save a plan.
type saveOptions struct {
	out       string
	expires   time.Duration
	mayBeLean bool // the plan is one of manifests, which can be planned again
	lean      bool
	leanGiven bool // the flag was
	encryptTo []string
	embedRows bool                    // the values of rows are saved too
	isRow     func(*plan.Change) bool // whose values stand in a table; nil for plans that are not of manifests
}

func (o *saveOptions) flags(c *cobra.Command) {
	c.Flags().StringVar(&o.out, "out", "", "save the plan to `FILE`, which apply FILE carries out; compressed if its name ends in .zst")
	_ = c.MarkFlagFilename("out", savedExtensions...) // it fails for flags that do not exist
	encryptFlag(c, &o.encryptTo)
	c.Flags().DurationVar(&o.expires, "expires", goodFor, "how long the saved plan is good for, as a `DURATION` such as 24h")
}

// leanFlags are those of commands whose plan can be made again.
func (o *saveOptions) leanFlags(c *cobra.Command) {
	o.mayBeLean = true
	c.Flags().BoolVar(&o.embedRows, "embed-rows", false, "save the values of rows of RecordSets that are created too: without it their tables must be where the plan is carried out")
	c.Flags().BoolVar(&o.lean, "lean", false, "save no values, but an HMAC of each change with the key in "+planKeyVariable+": apply FILE then plans again from the same manifests; so by default where CI is set, without --encrypt-to")
}

// check tells whether the plan can be saved before anything is read, and removes an older
// one, so that nobody takes it for this one.
func (a *app) clearSaved(o saveOptions) error {
	switch {
	case o.expires <= 0:
		return &failure{code: exitError, err: value.Err("expires-is-too-short", value.T("expires", o.expires.String())), hint: value.Say("give-time-of-plan")}
	case o.out == "":
		return nil
	case o.out == "-":
		return &failure{code: exitError, err: value.Err("out-takes-file"), hint: value.Say("plan-holds-values")}
	}
	if _, err := a.keyOfLean(o); err != nil {
		return err
	}
	if _, err := recipientsOf(o.encryptTo); err != nil {
		return err
	}
	path := a.path(o.out)
	refuse := func(err error, hint value.Message) error {
		return &failure{code: exitError, err: fmt.Errorf("--out %s: %w", o.out, err), hint: hint}
	}
	if err := safefile.Writable(path); errors.Is(err, safefile.ErrLink) {
		return linkedState(fmt.Errorf("--out %s: %w", o.out, err))
	}
	if err := safefile.Replaceable(path); err != nil {
		return refuse(err, value.Say("name-writable-plan"))
	}
	if !holdsPlan(path, len(o.encryptTo) > 0) {
		return refuse(value.Err("file-is-no-saved-plan"), value.Say("choose-other-name-or-delete"))
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return refuse(safefile.Plain(err), value.Say("delete-older-plan"))
	}
	return nil
}

// holdsPlan tells whether a saved plan may be written over what a file holds: another one,
// or nothing. Nobody can tell what is in an encrypted file: it is one if another is to replace it.
func holdsPlan(path string, encrypts bool) bool {
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		return true // what cannot be looked at cannot be removed either
	}
	f, err := safefile.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	file := bufio.NewReader(f)
	if sealed.Is(file) {
		return encrypts
	}
	in, err := zfile.NewReader(file)
	if err != nil {
		return false
	}
	defer in.Close()
	_, err = plan.ReadHeader(in)
	var known *plan.Unusable
	return err == nil || errors.As(err, &known) && known.Code == "PLAN_NEWER"
}

// modeOf is what the command line allows a plan, whoever carries it out.
func (a *app) modeOf(set *spec.Set) plan.Mode {
	bounds := make(map[string]plan.Bound)
	for name, guard := range a.guards(set).Each() {
		bounds[name] = plan.Bound{Max: guard.Max, Percent: guard.Percent, Floor: guard.Floor, Flag: strings.HasPrefix(guard.Knob, "--")}
	}
	dry := set.Env != nil && set.Env.DryRunOnly && !a.isBoxed()
	command := "apply"
	if a.limits.destroy {
		command = destroyCommandName
	}
	if a.limits.repair {
		command = repairCommandName
	}
	return plan.Mode{Command: command, Prune: a.limits.prune, Select: a.limits.selected, Exclude: a.limits.excluded, SeesAll: a.limits.seesAll, LookAlikes: a.limits.lookAlikes, Guards: bounds, DryRunOnly: dry}
}

// takeMode makes the flags what they were when a plan was made.
func (a *app) takeMode(m plan.Mode) {
	a.limits.prune, a.limits.seesAll, a.limits.lookAlikes = m.Prune, m.SeesAll, m.LookAlikes
	a.limits.selected, a.limits.excluded = m.Select, m.Exclude
	a.limits.destroy, a.limits.repair = m.Command == destroyCommandName, m.Command == repairCommandName
	var guards spec.Guards
	for name, b := range m.Guards {
		knob := "guards." + name
		if b.Flag {
			knob = "--max-" + name
		}
		guards.Set(name, spec.Guard{Max: b.Max, Percent: b.Percent, Floor: b.Floor, Knob: knob})
	}
	a.limits.saved = &guards
}

// since lists the guards of the project here that a saved plan goes beyond, and that a flag
// has not set aside when it was made; none if there is no project here, or another one.
func since(s *plan.Saved, set *spec.Set) []guard.Breach {
	if set.Project.File == "" || set.Project.Name != s.Plan.Owner {
		return nil
	}
	guards := set.Project.GuardsIn(set.Env)
	for name, b := range s.Mode.Guards {
		if b.Flag {
			guards.Instead(name, spec.Guard{Max: b.Max, Percent: b.Percent, Floor: b.Floor, Knob: "--max-" + name})
		}
	}
	return append(guard.Breaches(s.Plan, guards), guard.Prevented(s.Plan, set)...)
}

// savePlan writes a plan to its file. A plan that holds a credential is not written.
func (a *app) savePlan(o saveOptions, client *bitrix.Client, set *spec.Set, p *plan.Plan) (plan.Header, error) {
	h, err := a.header(o, client, set)
	if err != nil {
		return h, err
	}
	if len(set.Sets) > 0 && !o.embedRows && !slices.Contains(a.files, "-") {
		o.isRow = func(c *plan.Change) bool {
			r := set.Lookup(c.Address)
			return c.Action == plan.Create && r != nil && r.Row != nil
		}
	}
	return h, a.writePlan(o, h, p)
}

// writePlan writes a plan with its header to its file.
func (a *app) writePlan(o saveOptions, h plan.Header, p *plan.Plan) error {
	key, err := a.keyOfLean(o)
	if err != nil {
		return err
	}
	to, err := recipientsOf(o.encryptTo)
	if err != nil {
		return err
	}
	err = safefile.Replace(a.path(o.out), func(w io.Writer) error { return a.encodePlan(w, o, to, key, h, p) })
	if errors.Is(err, errHoldsSecret) {
		return &failure{code: exitError, err: value.While(err, "out-and-nothing-was-saved", value.T("file", o.out)), hint: value.Say("remove-credential")}
	}
	if err != nil {
		return &failure{code: exitError, err: fmt.Errorf("--out %s: %w", o.out, safefile.Plain(err)), hint: value.Say("make-room-or-name-file")}
	}
	return nil
}

// encodePlan writes a plan as the name of its file and the flags say.
func (a *app) encodePlan(w io.Writer, o saveOptions, to sealed.Recipients, key plan.Key, h plan.Header, p *plan.Plan) error {
	e, err := to.NewWriter(w)
	if err != nil {
		return err
	}
	z, err := zfile.NewWriter(o.out, e)
	if err != nil {
		return err
	}
	out := &lineGuard{z, &a.secrets}
	switch {
	case key != nil:
		_, err = plan.WriteLean(out, h, p, key)
	case o.isRow != nil:
		_, err = plan.WriteRows(out, h, p, rand.Text(), o.isRow)
	default:
		_, err = plan.Write(out, h, p)
	}
	return errors.Join(err, z.Close(), e.Close())
}

// header is what a plan that is saved now says of itself.
func (a *app) header(o saveOptions, client *bitrix.Client, set *spec.Set) (plan.Header, error) {
	portal, err := a.portalKey(client, set)
	if err != nil {
		return plan.Header{}, err
	}
	made := time.Now().UTC().Truncate(time.Millisecond)
	return plan.Header{Tool: versionText(), Made: made, Expires: made.Add(o.expires), Commit: a.commitOf(set), Portal: portal, Mode: a.modeOf(set), Inputs: a.inputs(set)}, nil
}

var errHoldsSecret = value.Err("plan-holds-credential")

// A lineGuard lets no credential through. Each Write is a line.
type lineGuard struct {
	io.Writer
	secrets *ui.Secrets
}

func (g *lineGuard) Write(line []byte) (int, error) {
	if g.secrets.In(line) {
		return 0, errHoldsSecret
	}
	return g.Writer.Write(line)
}

// openPlan reads a saved plan, of which every byte is as it was written. The caller closes
// its changes.
func (a *app) openPlan(name string) (*plan.Saved, error) {
	f, err := safefile.Open(a.path(name))
	if err != nil {
		return nil, &failure{code: exitError, err: fmt.Errorf("%s: %w", name, err), hint: value.Say("name-saved-plan")}
	}
	defer f.Close()
	var saved *plan.Saved
	file, err := a.unsealed(f)
	if err == nil {
		saved, err = readPlan(file, a.spool)
	}
	if err == nil {
		if err = saved.Plan.Know(a.kinds); err != nil {
			_ = saved.Plan.Changes.Close() // the first error counts
		}
	}
	switch unusable := (*plan.Unusable)(nil); {
	case errors.As(err, &unusable):
		return nil, unusablePlan(fmt.Errorf("%s: %w", name, err))
	case err != nil:
		return nil, &failure{code: exitError, err: fmt.Errorf("%s: %w", name, err), hint: hintOf(err, value.Say("plan-again"))}
	}
	return saved, nil
}

func readPlan(r io.Reader, where plan.Spool) (*plan.Saved, error) {
	in, err := zfile.NewReader(r)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return plan.Read(in, where)
}

// unusablePlan gives an error of a saved plan its exit code.
func unusablePlan(err error) error {
	return &failure{code: exitPlan, err: err, hint: hintOf(err, value.Message{})}
}
