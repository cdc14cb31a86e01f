package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) forgetCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "forget ADDRESS",
		Short: "Erase what the runs hold of one record",
		Long: `Erase the values of one record from the folders of all runs: from their plans, the images in
their journals, the digests of what was applied, and their reports. What was done, when, and by whom stays,
and so do ids. Undoing or resuming it is then impossible for this record. Files that were saved
elsewhere, such as plans, reports and exports, are not touched.`,
		Example:           "  b24apply runs forget contact/jane",
		Args:              oneAddress,
		ValidArgsFunction: a.completeAddress,
	}
	c.RunE = func(c *cobra.Command, args []string) error { return a.forget(c.Context(), value.Address(args[0])) }
	return c
}

// A forgetting erases one resource from the folders of runs.
type forgetting struct {
	*app
	of      value.Address
	records map[string][]kind.RecordID // that it was, by portal
}

// forget erases the values of a resource everywhere. A run of which something is open is left
// alone, which is an error at the end.
func (a *app) forget(ctx context.Context, of value.Address) error {
	f := &forgetting{app: a, of: of, records: make(map[string][]kind.RecordID)}
	return a.withRuns(func(runs *os.Root, names []string) error {
		locks := &runLocks{app: a}
		defer locks.release()
		for _, name := range names {
			_ = f.collect(runs, name) // what cannot be read is told below
		}
		done := 0
		var left error
		for _, name := range names {
			erased, err := f.forgetRun(ctx, runs, name, locks)
			if err != nil {
				a.warn(value.Say("run-does-not-forget", value.T("run", name), value.M("why", value.SaidBy(err))), value.RemedyOf(err))
				left = errors.Join(left, err)
			}
			if erased {
				done++
			}
		}
		for portal, records := range f.records {
			if err := memory.Forget(a.stateOf(a.projectFolder()), portal, records); err != nil {
				return noRunFolder(err)
			}
		}
		if err := a.say("record-is-forgotten", value.T("resource", of), value.N("n", done)); err != nil || left == nil {
			return err
		}
		return &failure{code: max(exitError, codeOf(left)), err: value.Err("not-all-is-forgotten", value.T("resource", of)), hint: value.Say("settle-and-forget-again")}
	})
}

// collect notes which records a run knows the resource to be.
func (f *forgetting) collect(runs *os.Root, name string) error {
	root, err := safefile.Private(runs, name, false)
	if err != nil {
		return err
	}
	defer root.Close()
	info, err := readRun(root)
	if err != nil {
		return err
	}
	mine, err := f.itemsOf(root)
	if len(mine) == 0 || err != nil {
		return err
	}
	state, err := readJournal(root)
	if err != nil {
		state = nil
	}
	f.noteRecords(info, state, mine)
	return err
}

// forgetRun erases a resource from the folder of a run; the journal comes last, since it says
// that it was done.
func (f *forgetting) forgetRun(ctx context.Context, runs *os.Root, name string, locks *runLocks) (erased bool, err error) {
	root, err := safefile.Private(runs, name, false)
	if err != nil {
		return false, err
	}
	defer root.Close()
	info, err := readRun(root)
	if err != nil {
		return false, err
	}
	state, err := readJournal(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	mine, err := f.itemsOf(root)
	if err != nil {
		return false, err
	}
	free, err := locks.take(ctx, info)
	if err != nil || !free {
		return false, errors.Join(err, inUse(free, name))
	}
	if state != nil && state.End != journal.EndWhole && state.End != journal.EndSettled {
		return false, &failure{code: exitError, err: value.Err("run-is-open"), hint: value.Say("settle-and-forget-again")}
	}
	return f.erase(root, info, state, mine)
}

// itemsOf lists the changes of a run's plan that are of the resource.
func (f *forgetting) itemsOf(root *os.Root) (mine map[int]*plan.Change, err error) {
	in, err := safefile.OpenState(root, planFile, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer in.Close()
	mine = make(map[int]*plan.Change)
	err = plan.Pick(in, func(_ int, a value.Address) bool { return a == f.of }, func(i int, c *plan.Change) { mine[i] = c })
	return mine, err
}

// noteRecords notes which records the resource was.
func (f *forgetting) noteRecords(info *ui.RunInfo, state *journal.State, mine map[int]*plan.Change) {
	for i, c := range mine {
		ids := []string{c.ID}
		if state != nil && state.Nodes[journal.Node{Item: i}] != nil {
			ids = append(ids, state.Nodes[journal.Node{Item: i}].ID)
		}
		for _, id := range ids {
			if n := value.IDNumber(id); n != 0 {
				f.records[info.Portal] = append(f.records[info.Portal], kind.RecordID{EntityTypeID: c.EntityTypeID, ID: n})
			}
		}
	}
}

// holds tells whether a digest is of the resource.
func (f *forgetting) holds(portal string, d plan.Digest) bool {
	for _, r := range f.records[portal] {
		if r.EntityTypeID == d.EntityTypeID && r.ID == d.ID {
			return true
		}
	}
	return false
}

func (f *forgetting) erase(root *os.Root, info *ui.RunInfo, state *journal.State, mine map[int]*plan.Change) (erased bool, err error) {
	inPlan, err := rewrite(root, planFile, func(r io.Reader, w io.Writer) (bool, error) {
		_, wrote, err := plan.Forget(r, w, f.spool, f.of)
		return wrote, err
	})
	if err != nil {
		return false, err
	}
	inReport, err := rewrite(root, reportFile, func(r io.Reader, w io.Writer) (bool, error) { return resume.ForgetReport(r, w, f.of) })
	if err != nil || state == nil {
		return inPlan || inReport, err
	}
	var items []int
	for i := range mine {
		if !state.Forgot[i] {
			items = append(items, i)
		}
	}
	held := false
	for _, d := range state.Held {
		held = held || f.holds(info.Portal, d)
	}
	if len(items) == 0 && !held {
		return inPlan || inReport, nil
	}
	_, err = rewrite(root, journalFile, func(r io.Reader, w io.Writer) (bool, error) {
		err := journal.Forget(r, w, items, func(d plan.Digest) bool { return f.holds(info.Portal, d) }, time.Now().UTC().Truncate(time.Millisecond))
		return true, err
	})
	return true, err
}
