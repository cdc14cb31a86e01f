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
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/journal"
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

// openState opens the folder of the state: that of --state-dir, else the project's. The
// caller closes.
func (a *app) openState(set *spec.Set, create bool) (*os.Root, error) {
	if a.stateDir == "" {
		return safefile.State(a.memory(set), create)
	}
	dir := a.path(a.stateDir)
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, safefile.Plain(err)
		}
	}
	root, err := os.OpenRoot(dir)
	return root, safefile.Plain(err)
}

// openRuns opens the folder of the runs; see openState.
func (a *app) openRuns(set *spec.Set, create bool) (*os.Root, error) {
	root, err := a.openState(set, create)
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
	return &failure{code: exitError, err: fmt.Errorf("the run can't be journalled, and nothing was sent: %w", err),
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
	err = errors.Join(
		writeSynced(root, planFile, func(w io.Writer) error { return writePlan(w, r.plan) }),
		writeSynced(root, runFile, func(w io.Writer) error { return r.hiding(w, func(w io.Writer) error { return ui.Indented(w, info) }) }))
	if err != nil {
		return err
	}
	f, err := safefile.Create(root, journalFile)
	if err != nil {
		return err
	}
	w := journal.NewWriter(f, 0)
	if err := w.Append(true, journal.Record{Kind: journal.Open, At: r.started.UTC(), Header: &journal.Header{Format: journal.Format, Run: r.id, Salt: known.Salt()}}); err != nil {
		return errors.Join(err, w.Close())
	}
	syncFolders(runs, root)
	r.folder = &runFolder{root: root, journal: w, applied: known}
	return nil
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
	return &ui.RunInfo{Format: runFormat, ID: r.id, Tool: versionLine(), Portal: r.plan.Portal, Identity: identity, Owner: r.set.Project.Name, Env: r.envName,
		Mode: r.mode, Started: r.started.UTC().Truncate(time.Millisecond), Who: r.who()}, nil
}

// who tells who runs this, for people who look at it later.
func (r *changeRun) who() ui.Who {
	w := ui.Who{}
	if u, err := user.Current(); err == nil {
		w.User = u.Username
	}
	w.Host, _ = os.Hostname() // it may have no name
	switch {
	case r.variable("GITHUB_ACTIONS") != "":
		w.Actor, w.Commit = r.variable("GITHUB_ACTOR"), r.variable("GITHUB_SHA")
		if run := r.variable("GITHUB_RUN_ID"); run != "" {
			w.Job = r.variable("GITHUB_SERVER_URL") + "/" + r.variable("GITHUB_REPOSITORY") + "/actions/runs/" + run
		}
	case r.variable("GITLAB_CI") != "":
		w.Actor, w.Commit, w.Job = r.variable("GITLAB_USER_LOGIN"), r.variable("CI_COMMIT_SHA"), r.variable("CI_JOB_URL")
	}
	if w.Commit == "" {
		w.Commit = commitOf(r.memory(r.set))
	}
	return w
}

var commitName = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// commitOf reads which commit is checked out in a folder or above it; "" if that is not
// to be seen.
func commitOf(dir string) string {
	dir, err := filepath.Abs(dir)
	for ; err == nil; dir = filepath.Dir(dir) {
		if folder, err := safefile.Within(filepath.Join(dir, ".git")); err == nil {
			defer folder.Close()
			const most = 4096 // bytes
			head, _ := folder.Read("HEAD", most)
			if name, isRef := strings.CutPrefix(strings.TrimSpace(string(head)), "ref: "); isRef {
				head, _ = folder.Read(name, most)
			}
			if commit := strings.TrimSpace(string(head)); commitName.MatchString(commit) {
				return commit
			}
			return ""
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return ""
}

// closeRun ends the journal, and keeps the report beside it.
func (r *changeRun) closeRun(report *apply.Report) {
	if r.folder == nil {
		return
	}
	err := writeSynced(r.folder.root, reportFile, func(w io.Writer) error {
		return r.hiding(w, func(w io.Writer) error { return ui.ReportJSON(w, report) })
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

// A planHead is the first line of a run's plan.
type planHead struct {
	Format int        `json:"format"`
	Plan   *plan.Plan `json:"plan"` // without its changes
}

// writePlan writes a plan as a line of its own and one for each change.
func writePlan(w io.Writer, p *plan.Plan) error {
	head := *p
	head.Changes, head.Unchanged = nil, nil
	e := json.NewEncoder(w)
	if err := e.Encode(planHead{runFormat, &head}); err != nil {
		return err
	}
	for c, err := range p.Changes.All() {
		if err != nil {
			return err
		}
		if err := e.Encode(c); err != nil {
			return err
		}
	}
	return nil
}

// readPlan reads the plan of a run.
func (a *app) readPlan(root *os.Root) (*plan.Plan, error) {
	f, err := safefile.OpenState(root, planFile, maxJournal)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	head := planHead{}
	if err := d.Decode(&head); err != nil || head.Format != runFormat || head.Plan == nil {
		return nil, errors.Join(value.Err("is-no-plan"), err)
	}
	p := head.Plan
	p.Changes = plan.NewSource(a.spool)
	for {
		var c plan.Change
		if err := d.Decode(&c); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, errors.Join(err, p.Changes.Close())
		}
		if err := p.Changes.Append(&c); err != nil {
			return nil, errors.Join(err, p.Changes.Close())
		}
	}
	return p, p.Know(a.kinds)
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
