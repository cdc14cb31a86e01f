package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"regexp"
	"slices"
	"time"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// The folder of the runs, below that of the state, and what each run keeps in its own.
const (
	runsFolder  = "runs"
	runFile     = "run.json"
	planFile    = "plan.ndjson"
	journalFile = "journal.ndjson"
	reportFile  = "report.json"
)

// Bounds of what is read back, in bytes.
const (
	maxRunFile = 1 << 20
	maxJournal = 8 << 30
)

// runFormat is the version of run.json.
const runFormat = 1

// runName is how a run is called; see runlock.NewRun.
var runName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}-[0-9a-f]{8}$`)

// stateOf tells how to open the folder of the state: that of --state-dir, else the project's.
func (a *app) stateOf(set *spec.Set) memory.State {
	dir := a.memory(set)
	if a.stateDir == "" {
		return func(create bool) (*os.Root, error) { return safefile.State(dir, create) }
	}
	dir = a.path(a.stateDir)
	return func(create bool) (*os.Root, error) {
		if create {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return nil, safefile.Plain(err)
			}
		}
		root, err := os.OpenRoot(dir)
		return root, safefile.Plain(err)
	}
}

// openRuns opens the folder of the runs; see stateOf. The caller closes.
func (a *app) openRuns(set *spec.Set, create bool) (*os.Root, error) {
	root, err := a.stateOf(set)(create)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return safefile.Private(root, runsFolder, create)
}

// A runFolder is that of a run that is being carried out.
type runFolder struct {
	root    *os.Root
	journal *journal.Writer
	applied *plan.Applied
}

// noRunFolder is why nothing was sent.
func noRunFolder(err error) error {
	if errors.Is(err, safefile.ErrLink) || errors.Is(err, safefile.ErrOutside) {
		return linkedState(err)
	}
	return &failure{code: exitError, err: value.While(err, "run-is-not-journalled"),
		hint: value.Say("make-room-or-name-state-folder")}
}

// openRun makes the folder of a run: who runs it, its plan, and a journal that is open.
func (r *changeRun) openRun() (err error) {
	runs, err := r.openRuns(r.set, true)
	if err != nil {
		return err
	}
	defer runs.Close()
	root, err := safefile.Private(runs, r.id, true)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = root.Close()
		}
	}()
	info, err := r.runInfo()
	if err != nil {
		return err
	}
	known, err := r.applied(r.set)
	if err != nil {
		return err
	}
	if known == nil {
		known = plan.NewApplied()
	}
	mode := r.modeOf(r.set)
	mode.Command, mode.Of = r.mode, r.of
	err = writeSynced(root, planFile, func(w io.Writer) error {
		sums, err := plan.Write(w, plan.Header{Tool: info.Tool, Made: info.Started, Commit: info.Who.Commit, Mode: mode, Inputs: r.inputsOf()}, r.plan)
		info.Plan = sums.Plan
		return err
	})
	if err == nil {
		err = writeSynced(root, runFile, func(w io.Writer) error { return r.hiding(w, func(w io.Writer) error { return ui.Indented(w, info) }) })
	}
	if err != nil {
		return err
	}
	f, err := safefile.Create(root, journalFile)
	if err != nil {
		return err
	}
	w := r.journalTo(f, 0)
	if err := w.Append(true, journal.Record{Kind: journal.Open, At: r.started.UTC(), Header: &journal.Header{Format: journal.Format, Run: r.id, Salt: known.Salt()}}); err != nil {
		return errors.Join(err, w.Close())
	}
	syncFolders(runs, root)
	r.folder = &runFolder{root: root, journal: w, applied: known}
	return nil
}

// journalTo writes on in a journal, behind the record of a number.
func (a *app) journalTo(f journal.File, last int64) *journal.Writer {
	if a.journal != nil {
		f = a.journal(f)
	}
	return journal.NewWriter(f, last)
}

// syncFolders makes the names of new files last; where a system cannot, it does so itself in time.
func syncFolders(folders ...*os.Root) {
	for _, folder := range folders {
		if f, err := folder.Open("."); err == nil {
			_ = f.Sync()
			_ = f.Close()
		}
	}
}

// writeSynced makes a file that is on disk when it returns.
func writeSynced(root *os.Root, name string, write func(io.Writer) error) error {
	f, err := safefile.Create(root, name)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(safefile.Plain(err), f.Close()); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// runInfo says who runs what.
func (r *changeRun) runInfo() (*ui.RunInfo, error) {
	identity, err := r.portalIdentity(r.client, r.set)
	if err != nil {
		return nil, err
	}
	info := &ui.RunInfo{Format: runFormat, ID: r.id, Tool: versionLine(), Portal: r.plan.Portal, Identity: identity, Owner: r.set.Project.Name, Env: r.envName,
		Mode: r.mode, Of: r.of, Started: r.started.UTC().Truncate(time.Millisecond), Who: r.who()}
	if r.resumed != nil {
		info.Resumes = r.resumed.last().ID
	}
	return info, nil
}

// inputsOf tells what the plan of the run was made of.
func (r *changeRun) inputsOf() plan.Inputs {
	if r.digests {
		return r.inputs(r.set)
	}
	return r.madeOf
}

// who tells who runs this, for people who look at it later.
func (r *changeRun) who() ui.Who {
	w := ui.Who{Commit: r.commitOf(r.set)}
	if u, err := user.Current(); err == nil {
		w.User = u.Username
	}
	w.Host, _ = os.Hostname() // it may have no name
	switch {
	case r.variable("GITHUB_ACTIONS") != "":
		w.Actor = r.variable("GITHUB_ACTOR")
		if run := r.variable("GITHUB_RUN_ID"); run != "" {
			w.Job = r.variable("GITHUB_SERVER_URL") + "/" + r.variable("GITHUB_REPOSITORY") + "/actions/runs/" + run
		}
	case r.variable("GITLAB_CI") != "":
		w.Actor, w.Job = r.variable("GITLAB_USER_LOGIN"), r.variable("CI_JOB_URL")
	}
	return w
}

// closeRun ends the journal, and keeps the report beside it.
func (r *changeRun) closeRun(report *apply.Report) {
	if r.folder == nil {
		return
	}
	err := writeSynced(r.folder.root, reportFile, func(w io.Writer) error {
		return r.hiding(w, func(w io.Writer) error { return ui.OutcomesJSON(w, report) })
	})
	if err = errors.Join(err, r.folder.root.Close()); err != nil {
		r.warn(value.Say("folder-of-run-is-not-complete", value.M("why", value.SaidBy(err))), value.Say("report-above-is-complete"))
	}
}

// hiding writes without any secret.
func (a *app) hiding(w io.Writer, write func(io.Writer) error) error {
	door := ui.NewDoor(w, ui.Style{}, false)
	door.Hide(&a.secrets)
	return errors.Join(write(door), door.Close())
}

// readPlan reads the plan of a run.
func (a *app) readPlan(root *os.Root) (*plan.Plan, error) {
	f, err := safefile.OpenState(root, planFile, maxJournal)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	saved, err := plan.Read(f, a.spool)
	if err != nil {
		return nil, err
	}
	if err := saved.Plan.Know(a.kinds); err != nil {
		return nil, errors.Join(err, saved.Plan.Changes.Close())
	}
	return saved.Plan, nil
}

// runNames lists the runs of a state, the earliest first.
func runNames(runs *os.Root) ([]string, error) {
	entries, err := fs.ReadDir(runs.FS(), ".")
	if err != nil {
		return nil, safefile.Plain(err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && runName.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// readRun reads who ran what.
func readRun(root *os.Root) (*ui.RunInfo, error) {
	f, err := safefile.OpenState(root, runFile, maxRunFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info := &ui.RunInfo{}
	if err := json.NewDecoder(f).Decode(info); err != nil {
		return nil, fmt.Errorf("%s: %w", runFile, err)
	}
	if info.Format != runFormat {
		return nil, value.Err("format-is-not-known", value.T("file", runFile), value.N("format", info.Format))
	}
	return info, nil
}
