package main

import (
	"archive/tar"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/internal/zfile"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// archiveName makes every archive a compressed one, whatever its name.
const archiveName = "runs.tar.zst"

// runFiles are the files of a run, in the order in which they are packed.
var runFiles = []string{runFile, planFile, journalFile, reportFile}

func (a *app) exportRunsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "export RUN FILE",
		Short: "Pack a run into a file, for another machine",
		Long: `Pack the folder of a run, and those of all runs of the same plan, into one file, so that it can
be resumed, undone or looked at on another machine. The file holds customers' data:
--encrypt-to lets nobody but the holder of a key read it.`,
		Example:           "  b24apply runs export last run.tar.zst",
		Args:              runAndFile,
		ValidArgsFunction: a.completeRuns,
	}
	var to []string
	encryptFlag(c, &to)
	c.RunE = func(c *cobra.Command, args []string) error { return a.exportRun(c.Context(), args[0], args[1], to) }
	return c
}

func (a *app) importRunsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Take in the runs that export has packed",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return &failure{code: exitError, err: value.Err("takes-file-of-export", value.T("command", c.CommandPath())), hint: value.Say("name-file-of-export")}
		},
	}
	a.identityFlag(c)
	c.RunE = func(c *cobra.Command, args []string) error { return a.importRuns(args[0]) }
	return c
}

// runAndFile allows the name of a run and that of a file.
func runAndFile(c *cobra.Command, args []string) error {
	if len(args) != 2 {
		return &failure{code: exitError, err: value.Err("takes-run-and-file", value.T("command", c.CommandPath())), hint: value.Say("runs-ls-lists-them")}
	}
	return runArguments(1)(c, args[:1])
}

// exportRun packs the runs of a plan into a file that only its owner can read.
func (a *app) exportRun(ctx context.Context, run, name string, keys []string) error {
	to, err := recipientsOf(keys)
	if err != nil {
		return err
	}
	return a.withRun(run, func(runs *os.Root, names []string, found string) error {
		chain, err := chainOf(runInfos(runs, names), names, found)
		if err != nil {
			return err
		}
		locks := &runLocks{app: a}
		defer locks.release()
		if free, err := locks.take(ctx, chain[0]); err != nil || !free {
			return errors.Join(err, inUse(free, found))
		}
		target := a.path(name)
		if err := safefile.Writable(target); err != nil {
			return noArchive(name, err)
		}
		err = safefile.Replace(target, func(w io.Writer) error {
			e, err := to.NewWriter(w)
			if err != nil {
				return err
			}
			return errors.Join(packRuns(e, runs, chain), e.Close())
		})
		if err != nil {
			return noArchive(name, safefile.Plain(err))
		}
		return a.say("runs-are-packed", value.N("n", len(chain)), value.T("file", name))
	})
}

// inUse is the error of a run with which another one is working.
func inUse(free bool, run string) error {
	if free {
		return nil
	}
	return &failure{code: exitHeld, err: value.Err("run-is-in-use", value.T("run", run)), hint: value.Say("wait-for-other-run")}
}

func noArchive(name string, err error) error {
	return &failure{code: exitError, err: value.While(err, "packing-into", value.T("file", name)), hint: value.Say("make-room-or-name-file")}
}

// packRuns writes the folders of runs as one compressed stream.
func packRuns(w io.Writer, runs *os.Root, chain []*ui.RunInfo) error {
	z, err := zfile.NewWriter(archiveName, w)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, info := range chain {
		for _, name := range runFiles {
			if err := packFile(t, runs, info, name); err != nil {
				return err
			}
		}
	}
	return errors.Join(t.Close(), z.Close())
}

func packFile(t *tar.Writer, runs *os.Root, info *ui.RunInfo, name string) error {
	root, err := safefile.Private(runs, info.ID, false)
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := safefile.OpenState(root, name, maxJournal)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // not every run has all of them
	} else if err != nil {
		return err
	}
	defer f.Close()
	stat, err := f.Stat()
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: info.ID + "/" + name, Mode: 0o600, Size: stat.Size(), ModTime: info.Started, Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.CopyN(t, f, stat.Size())
	return err
}

// importRuns takes runs in, all of an archive or none.
func (a *app) importRuns(name string) (err error) {
	f, err := safefile.Open(a.path(name))
	if err != nil {
		return &failure{code: exitError, err: value.While(err, "reading-archive", value.T("file", name)), hint: value.Say("name-file-of-export")}
	}
	defer f.Close()
	file, err := a.unsealed(f)
	if err != nil {
		return err
	}
	set := a.projectFolder()
	runs, err := a.openRuns(set, true)
	if err != nil {
		return noRunFolder(err)
	}
	defer runs.Close()
	temp := ".import-" + rand.Text()
	room, err := safefile.Private(runs, temp, true)
	if err != nil {
		return noRunFolder(err)
	}
	defer func() { err = errors.Join(err, room.Close(), safefile.Plain(runs.RemoveAll(temp))) }()
	if err = unpackRuns(file, room); err == nil {
		err = a.takeIn(runs, room, temp, set.Project.Name)
	}
	var known *failure
	if err != nil && !errors.As(err, &known) {
		err = &failure{code: exitError, err: value.While(err, "reading-archive", value.T("file", name)), hint: value.Say("name-file-of-export")}
	}
	return err
}

// unpackRuns writes what an archive holds into a folder of its own. An archive holds the files of
// runs and nothing else: no link, no folder, no name that leads anywhere.
func unpackRuns(r io.Reader, room *os.Root) error {
	z, err := zfile.NewReader(r)
	if err != nil {
		return err
	}
	defer z.Close()
	t := tar.NewReader(z)
	for seen := make(map[string]bool); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) && len(seen) > 0 {
			return nil
		} else if err != nil {
			return value.Err("is-no-archive-of-runs")
		}
		run, name := path.Split(h.Name)
		run = strings.TrimSuffix(run, "/")
		if h.Typeflag != tar.TypeReg || !runName.MatchString(run) || !slices.Contains(runFiles, name) || seen[h.Name] || h.Size > maxJournal {
			return value.Err("archive-holds-something-else", value.Q("name", h.Name))
		}
		seen[h.Name] = true
		root, err := safefile.Private(room, run, true)
		if err != nil {
			return err
		}
		err = writeSynced(root, name, func(w io.Writer) error { _, err := io.Copy(w, t); return err })
		if err = errors.Join(err, root.Close()); err != nil {
			return err
		}
	}
}

// takeIn checks the runs that were unpacked, and puts them among the others.
func (a *app) takeIn(runs, room *os.Root, temp, owner string) error {
	names, err := runNames(room)
	if err != nil {
		return err
	}
	var infos []*ui.RunInfo
	for _, name := range names {
		if _, err := runs.Lstat(name); err == nil {
			return &failure{code: exitError, err: value.Err("run-is-here-already", value.T("run", name)), hint: value.Say("look-at-run-or-remove-it", value.T("run", name))}
		}
		info, err := a.checkRun(room, name)
		if err != nil {
			return value.While(err, "checking-run", value.T("run", name))
		}
		if a.hasProject() && info.Owner != owner {
			return unusablePlan(&plan.Unusable{Code: "PLAN_OWNER", Message: value.Say("plan-of-owner", value.Q("here", owner), value.Q("there", info.Owner))})
		}
		infos = append(infos, info)
	}
	for _, info := range infos {
		if err := runs.Rename(path.Join(temp, info.ID), info.ID); err != nil {
			return safefile.Plain(err)
		}
		if err := a.say("run-is-taken-in", value.T("run", info.ID), value.T("mode", info.Mode), value.T("portal", info.Portal), value.T("owner", info.Owner)); err != nil {
			return err
		}
	}
	syncFolders(runs)
	return nil
}

// hasProject tells whether the command works in a project.
func (a *app) hasProject() bool { return a.projectFolder().Project.File != "" }

// checkRun reads all of a run that was unpacked, whose files must be of one run and one portal.
func (a *app) checkRun(room *os.Root, name string) (*ui.RunInfo, error) {
	root, err := safefile.Private(room, name, false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := readRun(root)
	if err != nil {
		return nil, err
	}
	p, err := a.readPlan(root)
	if err != nil {
		return nil, err
	}
	defer p.Changes.Close()
	state, err := readJournal(root)
	if err != nil {
		return nil, err
	}
	if info.ID != name || state.Header.Run != name || p.Portal != info.Portal || p.Owner != info.Owner {
		return nil, value.Err("files-are-of-several-runs")
	}
	for n := range state.Nodes {
		if n.Item >= p.Changes.Len() {
			return nil, value.Err("files-are-of-several-runs")
		}
	}
	return info, nil
}
