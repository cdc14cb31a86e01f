package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/value"
)

// lastRun stands for the run that began last.
const lastRun = "last"

// runText is how a command line names a run: by its id, the beginning of that, or lastRun.
var runText = regexp.MustCompile(`^(last|[0-9][0-9Ta-f-]*)$`)

// findRun finds the run that a command line names among the names of all, the earliest first.
func findRun(names []string, text string) (string, error) {
	if text == lastRun && len(names) > 0 {
		return names[len(names)-1], nil
	}
	if slices.Contains(names, text) {
		return text, nil
	}
	var found []string
	for _, name := range names {
		if strings.HasPrefix(name, text) {
			found = append(found, name)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &failure{code: exitError, err: value.Err("there-is-no-run", value.T("run", text)), hint: value.Say("runs-ls-lists-them")}
	}
	return "", &failure{code: exitError, err: value.Err("several-runs-begin-so", value.T("run", text), value.L("runs", found)), hint: value.Say("write-more-of-run")}
}

// runInfos reads who ran what, of all runs of which that can be read.
func runInfos(runs *os.Root, names []string) map[string]*ui.RunInfo {
	out := make(map[string]*ui.RunInfo, len(names))
	for _, name := range names {
		root, err := safefile.Private(runs, name, false)
		if err != nil {
			continue
		}
		if info, err := readRun(root); err == nil {
			out[name] = info
		}
		_ = root.Close() // it was only read
	}
	return out
}

// resumedBy tells which run has resumed each one.
func resumedBy(infos map[string]*ui.RunInfo, names []string) map[string]string {
	out := make(map[string]string)
	for _, name := range names {
		if info := infos[name]; info != nil && info.Resumes != "" {
			out[info.Resumes] = name
		}
	}
	return out
}

// chainOf lists the runs of one plan: that which has begun it, and those that have resumed it
// one after the other. The named run is one of them.
func chainOf(infos map[string]*ui.RunInfo, names []string, name string) ([]*ui.RunInfo, error) {
	first := name
	for seen := map[string]bool{}; infos[first] != nil && infos[first].Resumes != "" && !seen[first]; first = infos[first].Resumes {
		seen[first] = true
	}
	next := resumedBy(infos, names)
	var out []*ui.RunInfo
	for id := first; id != ""; id = next[id] {
		if infos[id] == nil || len(out) > len(names) {
			return nil, &failure{code: exitError, err: value.Err("run-of-chain-is-gone", value.T("run", id)), hint: value.Say("plan-for-what-is-left")}
		}
		out = append(out, infos[id])
	}
	return out, nil
}

// foldRuns reads what the runs of one plan have made of it.
func foldRuns(runs *os.Root, chain []*ui.RunInfo) (*resume.Chain, error) {
	out := &resume.Chain{}
	for _, info := range chain {
		root, err := safefile.Private(runs, info.ID, false)
		if err != nil {
			return nil, err
		}
		state, err := readJournal(root)
		_ = root.Close() // it was only read
		if err != nil {
			return nil, &failure{code: exitError, err: fmt.Errorf("%s: %s: %w", info.ID, journalFile, err), hint: value.Say("plan-for-what-is-left")}
		}
		out.Add(info.ID, state)
	}
	return out, nil
}

// readJournal reads the journal of a run.
func readJournal(root *os.Root) (*journal.State, error) {
	f, err := safefile.OpenState(root, journalFile, maxJournal)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return journal.ReadState(f)
}
