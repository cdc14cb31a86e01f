package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/runlock"
	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/value"
)

// keptFor is how long the folder of a run is kept by default, in days.
const keptFor = "90d"

func (a *app) pruneRunsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "prune",
		Short: "Remove the folders of old runs",
		Long: `Remove the folders of runs that are older than --older-than. The runs of one plan, which has
been resumed, go together, by the age of the last one. What may still be happening on the portal is
kept, and so is what another run is working with.`,
		Example: "  b24apply runs prune --older-than 30d --dry-run",
		Args:    noArguments,
	}
	var older string
	var dry bool
	c.Flags().StringVar(&older, "older-than", keptFor, "remove what is older than this `TIME`, such as 30d or 12h")
	c.Flags().BoolVar(&dry, "dry-run", false, "say what would be removed, and remove nothing")
	c.RunE = func(c *cobra.Command, _ []string) error {
		age, err := parseAge(older)
		if err != nil {
			return err
		}
		return a.pruneRuns(c.Context(), age, dry)
	}
	return c
}

// parseAge reads a time in days, or as Go writes one.
func parseAge(text string) (time.Duration, error) {
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	age, err := time.ParseDuration(text)
	if err != nil || age < 0 {
		return 0, &failure{code: exitError, err: value.Err("older-than-is-no-time", value.Q("text", text)), hint: value.Say("give-age-such-as")}
	}
	return age, nil
}

// pruneRuns removes folders of runs. What is kept though it is old is told.
func (a *app) pruneRuns(ctx context.Context, age time.Duration, dry bool) error {
	return a.withRuns(func(runs *os.Root, names []string) error {
		infos := runInfos(runs, names)
		next := resumedBy(infos, names)
		locks := &runLocks{app: a}
		defer locks.release()
		removed := 0
		for _, name := range names {
			last := name
			for range names {
				if next[last] == "" {
					break
				}
				last = next[last]
			}
			if time.Since(startOf(infos, last)) < age {
				continue
			}
			why, err := a.mayGo(ctx, runs, name, infos[name], locks)
			if err == nil && why == "" && !dry {
				err = safefile.Plain(runs.RemoveAll(name))
			}
			switch {
			case err != nil:
				return noRunFolder(err)
			case why != "":
				a.tell(why, value.T("run", name))
				continue
			}
			removed++
			if err := a.say("run-is-removed", value.T("run", name), value.N("days", int(time.Since(startOf(infos, name)).Hours()/24))); err != nil {
				return err
			}
		}
		if dry {
			return a.say("runs-would-go", value.N("n", removed), value.N("kept", len(names)-removed))
		}
		return a.say("runs-are-gone", value.N("n", removed), value.N("kept", len(names)-removed))
	})
}

// startOf is when a run began, by its folder if that is all that can be read.
func startOf(infos map[string]*ui.RunInfo, name string) time.Time {
	if info := infos[name]; info != nil {
		return info.Started
	}
	at, _ := time.Parse("20060102T150405", name[:len("20060102T150405")]) // the name of a run begins so
	return at
}

// mayGo gives the code of why a run is kept; "" if it may go.
func (a *app) mayGo(ctx context.Context, runs *os.Root, name string, info *ui.RunInfo, locks *runLocks) (why string, err error) {
	root, err := safefile.Private(runs, name, false)
	if err != nil {
		return "", err
	}
	defer root.Close()
	stat, closed, err := closedJournal(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return "", err
	case !closed && time.Since(stat.ModTime()) < a.settling():
		return "run-may-be-happening", nil
	}
	if info == nil {
		return "", nil
	}
	free, err := locks.take(ctx, info)
	if !free && err == nil {
		why = "run-is-in-use"
	}
	return why, err
}

// closedJournal tells whether nothing of a run is open, by the end of its journal.
func closedJournal(root *os.Root) (fs.FileInfo, bool, error) {
	f, err := safefile.OpenState(root, journalFile, maxJournal)
	if err != nil {
		return nil, false, err
	}
	defer f.Close()
	stat, err := f.Stat()
	return stat, err == nil && journal.Closing(f, stat.Size()) != nil, err
}

// runLocks are the locks of the portals and owners whose runs are worked with, so that no run
// writes meanwhile.
type runLocks struct {
	app   *app
	taken map[lockKey]*runlock.Lock
	held  map[lockKey]bool
}

type lockKey struct{ portal, owner string }

// take takes the lock of a run's portal and owner, and tells whether nobody else has it.
func (l *runLocks) take(ctx context.Context, info *ui.RunInfo) (free bool, err error) {
	dir, err := l.app.stateFolder()
	if err != nil {
		return false, noLock(err)
	}
	key := lockKey{info.Identity, info.Owner}
	if l.taken[key] != nil || l.held[key] {
		return !l.held[key], nil
	}
	lock, err := runlock.Take(ctx, runlock.Config{Dir: filepath.Join(dir, "locks"), Portal: info.Identity, Owner: info.Owner, Command: "runs", Run: info.ID})
	if held := (*runlock.Held)(nil); errors.As(err, &held) {
		if l.held == nil {
			l.held = make(map[lockKey]bool)
		}
		l.held[key] = true
		return false, nil
	}
	if err != nil {
		return false, noLock(err)
	}
	if l.taken == nil {
		l.taken = make(map[lockKey]*runlock.Lock)
	}
	l.taken[key] = lock
	return true, nil
}

func (l *runLocks) release() {
	for _, lock := range l.taken {
		lock.Unlock()
	}
}

// rewrite replaces a file of a run by what change makes of it, if that says so. There is either
// the old one or the new one, even if the machine stops in between.
func rewrite(root *os.Root, name string, change func(io.Reader, io.Writer) (bool, error)) (changed bool, err error) {
	in, err := safefile.OpenState(root, name, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer in.Close()
	temp := name + ".new"
	_ = root.Remove(temp) // one that a death has left
	defer func() { _ = root.Remove(temp) }()
	err = writeSynced(root, temp, func(w io.Writer) error {
		changed, err = change(in, w)
		return err
	})
	if err == nil && changed {
		err = safefile.Plain(root.Rename(temp, name))
	}
	return changed, err
}
