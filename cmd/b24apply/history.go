package main

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) historyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "history ADDRESS",
		Short: "Show every change of a record by this tool",
		Long: `Show what the runs whose folders are here did to a record: when, who, which command, each field
before and after, and how it ended. ADDRESS is that of a resource, such as deal/website, or
its kind and the id on the portal, such as deal/4711. Nothing is asked of the portal.`,
		Example: `  b24apply history deal/website
  b24apply history deal/4711 -o json`,
		Args:              oneAddress,
		ValidArgsFunction: a.completeAddress,
	}
	c.Flags().StringVar(&a.stateDir, "state-dir", "", "the runs are below `DIR`, not in the project's folder")
	c.Flags().StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
	c.RunE = func(_ *cobra.Command, args []string) error { return a.history(value.Address(args[0])) }
	return c
}

// oneAddress allows one argument, an address.
func oneAddress(c *cobra.Command, args []string) error {
	if len(args) == 1 && strings.Contains(args[0], "/") {
		return nil
	}
	return &failure{code: exitError, err: value.Err("takes-one-address", value.T("command", c.CommandPath())), hint: value.Say("an-address-is-kind-name")}
}

// history tells what the runs that are here did to one record.
func (a *app) history(of value.Address) error {
	var out []ui.Past
	err := a.withRuns(func(runs *os.Root, names []string) error {
		for _, name := range names {
			found, err := a.pastsOf(earlierRuns{runs, names}, name, of)
			if err != nil {
				a.warn(value.Say("named-run-cannot-be-read", value.T("run", name), value.M("why", value.SaidBy(err))), value.Say("look-at-its-folder"))
			}
			out = append(out, found...)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case a.output == "json":
		return ui.HistoryJSON(a.stdout, string(of), out)
	}
	return ui.History(a.stdout, string(of), out, a.style(a.stdout))
}

// pastsOf tells what one run did to a record.
func (a *app) pastsOf(earlier earlierRuns, name string, of value.Address) (out []ui.Past, err error) {
	root, err := safefile.Private(earlier.root, name, false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := readRun(root)
	if err != nil {
		return nil, err
	}
	state, err := readJournal(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it was killed before it sent anything
	} else if err != nil {
		return nil, err
	}
	f, err := safefile.OpenState(root, planFile, maxJournal)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	space, id, _ := strings.Cut(string(of), "/")
	at := make(map[value.Address]int) // the items of the plan
	err = plan.Pick(f, func(i int, address value.Address) bool {
		at[address] = i
		k := state.Nodes[journal.Node{Item: i}]
		return address == of || k != nil && k.ID == id && strings.HasPrefix(string(address), space+"/")
	}, func(i int, c *plan.Change) {
		if p, done := pastOf(info, state, i, c); done {
			out = append(out, p)
		}
	})
	if len(out) > 0 {
		nameIDs(out, at, state, earlier.of(info))
	}
	return out, err
}

// nameIDs shows what changes refer to by the ids that a run, or one that it resumes, was given for
// items of its plan.
func nameIDs(pasts []ui.Past, items map[value.Address]int, state *journal.State, before *apply.Resumed) {
	id := func(of value.Address) string {
		item, planned := items[of]
		k := state.Nodes[journal.Node{Item: item}]
		switch {
		case !planned:
			return ""
		case k != nil && k.ID != "":
			return k.ID
		case before != nil:
			return before.Runs.Of(item, 0).ID
		}
		return ""
	}
	for _, p := range pasts {
		for i := range p.Change.Fields {
			p.Change.Fields[i].After = p.Change.Fields[i].After.Resolved(id)
		}
	}
}

// pastOf tells what a run did to one item of its plan; false if it did nothing.
func pastOf(info *ui.RunInfo, state *journal.State, i int, c *plan.Change) (p ui.Past, done bool) {
	p = ui.Past{Run: info.ID, Mode: info.Mode, Portal: info.Portal, Who: info.Who, Change: c, ID: c.ID}
	for step := range len(c.Steps) + 1 {
		k := state.Nodes[journal.Node{Item: i, Step: step}]
		if k == nil || k.Sends == 0 && !k.Claimed {
			continue
		}
		if done = true; k.At.After(p.Time) {
			p.Time = k.At
		}
		if k.Sent.After(p.Time) {
			p.Time = k.Sent
		}
		if step == 0 {
			p.ID, p.Outcome, p.Code, p.Claimed = cmp.Or(k.ID, c.ID), k.Last.Is, k.Last.Code, k.Claimed
		} else if p.Outcome == "" || p.Outcome == "succeeded" {
			p.Outcome, p.Code = cmp.Or(k.Last.Is, p.Outcome), k.Last.Code
		}
	}
	_, p.Image = state.Images[journal.Node{Item: i}]
	c.Forgotten = c.Forgotten || state.Forgot[i]
	p.Image = p.Image && !c.Forgotten
	return p, done
}
