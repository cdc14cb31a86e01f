package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// settleEarlier finds out what became of what earlier runs on the same portal, for the same
// owner and with the same state, had in flight when they died. It comes before the plan is
// made, which must see the end of it.
func (r *changeRun) settleEarlier(ctx context.Context) error {
	runs, err := r.openRuns(r.set, false)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return noRunFolder(err)
	}
	defer runs.Close()
	names, err := runNames(runs)
	if err != nil {
		return noRunFolder(err)
	}
	identity, err := r.portalIdentity(r.client, r.set)
	if err != nil {
		return err
	}
	for _, name := range names {
		root, err := safefile.Private(runs, name, false)
		if err != nil {
			return noRunFolder(err)
		}
		err = r.settleRun(ctx, earlierRuns{runs, names}, root, identity)
		if err = errors.Join(err, root.Close()); err != nil {
			return r.unsettled(ctx, name, err)
		}
	}
	return nil
}

func (r *changeRun) unsettled(ctx context.Context, name string, err error) error {
	var f *failure
	switch {
	case errors.Is(err, bitrix.ErrStopped) || ctx.Err() != nil:
		return &failure{code: exitInterrupted, err: value.Err("interrupted-nothing-was-written")}
	case errors.As(err, &f):
		return err
	}
	return &failure{code: exitError, err: value.While(err, "finding-what-was-in-flight", value.T("run", name)), hint: hintOf(err, value.Say("try-again-or-show-run", value.T("name", name)))}
}

// settleRun settles one run, if it is of the same portal and owner and not closed.
func (r *changeRun) settleRun(ctx context.Context, earlier earlierRuns, root *os.Root, identity string) error {
	info, err := readRun(root)
	if err != nil {
		r.warn(value.Say("run-cannot-be-read", value.M("why", value.SaidBy(err))), value.Say("remove-folder-of-run"))
		return nil
	}
	owners := append([]string{r.set.Project.Name}, r.set.Project.FormerNames...)
	if info.Identity != identity || !slices.Contains(owners, info.Owner) {
		return nil
	}
	f, err := safefile.Reopen(root, journalFile, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	stat, err := f.Stat()
	if err == nil {
		if end := journal.Closing(f, stat.Size()); end != nil && (end.Told || hasReport(root)) {
			return f.Close()
		}
	}
	state, err := journal.ReadState(f)
	var damage *journal.DamageError
	switch {
	case errors.As(err, &damage):
		err = r.outlive(ctx, info.ID, stat.ModTime(), damage)
	case err == nil && state.End != "" && state.End != journal.EndOpen:
		err = r.readUntold(root, info, state)
	case err == nil && state.Extent.Records > 0:
		return r.settleOpen(ctx, earlier, root, f, info, state)
	}
	return errors.Join(err, f.Close())
}

// outlive waits until nothing can be in flight of a run whose journal is damaged.
func (r *changeRun) outlive(ctx context.Context, run string, last time.Time, damage error) error {
	left := time.Until(last.Add(r.settling()))
	if left <= 0 {
		return nil
	}
	r.warn(value.Say("journal-is-damaged", value.T("run", run), value.M("why", value.SaidBy(damage))), value.Say("run-waits-for-damaged", value.T("left", left.Round(time.Second).String())))
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.stop:
	case <-ctx.Done():
	}
	return bitrix.ErrStopped
}

// settling is apply.Config.Settle.
func (a *app) settling() time.Duration {
	if a.settle > 0 {
		return a.settle
	}
	return time.Minute
}

// earlierRuns are the runs of a state.
type earlierRuns struct {
	root  *os.Root
	names []string
}

// of gives what was made of the plan of a run before it, by those that it resumes: what refers to
// that is looked for by its id. It is nil for other runs, and if these cannot be read: then nobody
// can tell what became of some writes.
func (e earlierRuns) of(info *ui.RunInfo) *apply.Resumed {
	if info.Resumes == "" {
		return nil
	}
	chain, err := chainOf(runInfos(e.root, e.names), e.names, info.Resumes)
	if err != nil {
		return nil
	}
	if i := slices.IndexFunc(chain, func(c *ui.RunInfo) bool { return c.ID == info.ID }); i >= 0 {
		chain = chain[:i]
	}
	made, err := foldRuns(e.root, chain)
	if err != nil {
		return nil
	}
	return &apply.Resumed{Runs: made}
}

// settleOpen settles a run from its journal, and writes on in it.
func (r *changeRun) settleOpen(ctx context.Context, earlier earlierRuns, root *os.Root, f *os.File, info *ui.RunInfo, state *journal.State) (err error) {
	_, err = f.Seek(state.Extent.Size, 0)
	if err = errors.Join(err, f.Truncate(state.Extent.Size)); err != nil {
		return errors.Join(err, f.Close())
	}
	w := r.journalTo(f, state.Extent.Records)
	defer func() { err = errors.Join(err, w.Close()) }()
	folder := r.stateOf(r.set)
	if err := memory.Replay(folder, info.Portal, state.Header.Salt, state.Held); err != nil {
		r.warn(value.Say("run-cannot-be-remembered", value.T("id", info.ID), value.M("why", value.SaidBy(err))), value.Say("may-be-taken-for-changed"))
	}
	p, err := r.readPlan(root)
	if err != nil {
		return fmt.Errorf("%s: %w", planFile, err)
	}
	defer p.Changes.Close()
	n := len(state.InFlight())
	if n > 0 {
		r.tell("looking-for-writes-in-flight", value.T("run", info.ID), value.N("n", n), value.T("time", r.settling().String()))
	}
	a, err := apply.Settle(ctx, p, state, apply.Config{Run: r.id, Client: r.client, Concurrency: int(r.speed.concurrency), Stop: r.stop, Waiting: r.app.progress(0).waiting, Settle: r.settle, Journal: w, Resume: earlier.of(info),
		Applied: plan.AppliedWith(state.Header.Salt), Keep: func(report *apply.Report) { r.remember(report, folder) }})
	if err != nil {
		return err
	}
	if n > 0 || a.Mended+a.Removed > 0 {
		r.tell("writes-in-flight-became", value.T("run", info.ID), value.N("done", a.Done), value.N("undone", a.NotDone), value.N("unknown", a.Doubtful), value.N("marks", a.Mended), value.N("deleted", a.Removed))
	}
	return r.keepUntold(root, p, info, state)
}

// An untold run has taken something back, and no report has said so: it was killed, and so was
// perhaps who settled it.
type untold struct {
	run   string
	root  *os.Root // its folder
	end   string   // how its journal ends
	taken []apply.TakenBack
}

// hasReport tells whether a run has lived to write its report.
func hasReport(root *os.Root) bool {
	_, err := root.Stat(reportFile)
	return err == nil
}

// readUntold takes in what a run has taken back whose journal is closed and that has no report.
func (r *changeRun) readUntold(root *os.Root, info *ui.RunInfo, state *journal.State) error {
	p, err := r.readPlan(root)
	if err != nil {
		return fmt.Errorf("%s: %w", planFile, err)
	}
	defer p.Changes.Close()
	return r.keepUntold(root, p, info, state)
}

func (r *changeRun) keepUntold(root *os.Root, p *plan.Plan, info *ui.RunInfo, state *journal.State) error {
	taken, err := apply.Untold(p, state)
	if err != nil {
		return err
	}
	if root, err = root.OpenRoot("."); err != nil {
		return safefile.Plain(err)
	}
	end := state.End
	if end == "" || end == journal.EndOpen {
		end = journal.EndSettled
	}
	r.untold = append(r.untold, untold{run: info.ID, root: root, end: end, taken: taken})
	return nil
}

// noteTold writes into the journals of earlier runs that a report has named what they have
// taken back. Where that cannot be, the next report names it once more.
func (r *changeRun) noteTold() {
	for _, u := range r.untold {
		_ = u.noteTold(r.journalTo) // it is told again
	}
}

func (u *untold) noteTold(journalTo func(journal.File, int64) *journal.Writer) error {
	f, err := safefile.Reopen(u.root, journalFile, maxJournal)
	if err != nil {
		return err
	}
	state, err := journal.ReadState(f)
	if err == nil {
		_, err = f.Seek(state.Extent.Size, 0)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w := journalTo(f, state.Extent.Records)
	err = w.Append(true, journal.Record{Kind: journal.Told}, journal.Record{Kind: journal.End, At: time.Now().UTC(), Is: u.end, Told: true})
	return errors.Join(err, w.Close())
}
