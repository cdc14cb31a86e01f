package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) runsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "runs",
		Short: "Show what the runs of this project did",
		Long: `Every command that writes keeps a folder for its run: who ran it, its plan, and a journal of
every request that it sent and of what came of it. They lie in .b24apply/runs of the project,
or below --state-dir, and hold customers' data.`,
		Example: `  b24apply runs ls
  b24apply runs show 20261130T140501-1f2e3d4c
  b24apply runs verify
  b24apply runs prune --older-than 30d`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(c, args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	one := func(use, short string, most int, do func(context.Context, []string) error) *cobra.Command {
		sub := &cobra.Command{Use: use, Short: short, ValidArgsFunction: a.completeRuns}
		sub.Flags().StringVar(&a.stateDir, "state-dir", "", "the runs are below `DIR`, not in the project's folder")
		sub.Flags().StringVarP(&a.output, "output", "o", "text", "print as `FORMAT`: text or json")
		sub.Args = runArguments(most)
		sub.RunE = func(c *cobra.Command, args []string) error { return do(c.Context(), args) }
		return sub
	}
	for _, sub := range []*cobra.Command{a.pruneRunsCommand(), a.exportRunsCommand(), a.importRunsCommand(), a.forgetCommand()} {
		sub.Flags().StringVar(&a.stateDir, "state-dir", "", "the runs are below `DIR`, not in the project's folder")
		c.AddCommand(sub)
	}
	c.AddCommand(
		one("ls", "List the runs, the last one first", 0, func(context.Context, []string) error { return a.listRuns() }),
		one("show RUN", "Show what a run did to every item", 1, func(_ context.Context, args []string) error { return a.showRun(args[0]) }),
		one("verify [RUN...]", "Check the journals of runs, of all without a name", -1, func(_ context.Context, args []string) error { return a.verifyRuns(args) }))
	return c
}

// runArguments takes exactly so many names of runs; -1 takes any number.
func runArguments(n int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		for _, name := range args {
			if !runText.MatchString(name) {
				return &failure{code: exitError, err: value.Err("is-no-run", value.Q("name", name)), hint: value.Say("runs-ls-lists-them")}
			}
		}
		switch {
		case n == 0:
			return noArguments(c, args)
		case n > 0 && len(args) != n:
			return &failure{code: exitError, err: value.Err("takes-name-of-one-run", value.T("command", c.CommandPath())), hint: value.Say("runs-ls-lists-them")}
		}
		return nil
	}
}

// projectFolder finds the project without reading its manifests.
func (a *app) projectFolder() *spec.Set {
	set, _ := spec.LoadProject(spec.Options{Dir: a.dir, Getenv: a.getenv, Kinds: a.kinds})
	if set == nil {
		set = &spec.Set{}
	}
	return set
}

// withRuns opens the runs of the project; there may be none.
func (a *app) withRuns(do func(runs *os.Root, names []string) error) error {
	if a.output != "text" && a.output != "json" && a.output != "" {
		return &failure{code: exitError, err: value.Err("no-such-format", value.T("output", a.output)), hint: value.Say("formats-of-output", value.L("names", []string{"text", "json"}))}
	}
	runs, err := a.openRuns(a.projectFolder(), false)
	if errors.Is(err, fs.ErrNotExist) {
		return do(nil, nil)
	} else if err != nil {
		return noRunFolder(err)
	}
	defer runs.Close()
	names, err := runNames(runs)
	if err != nil {
		return err
	}
	return do(runs, names)
}

func (a *app) listRuns() error {
	return a.withRuns(func(runs *os.Root, names []string) error {
		var out []ui.RunState
		next := resumedBy(runInfos(runs, names), names)
		for _, name := range names {
			state, err := a.runState(runs, name, false)
			if err != nil {
				a.warn(value.Say("named-run-cannot-be-read", value.T("run", name), value.M("why", value.SaidBy(err))), value.Say("look-at-its-folder"))
				continue
			}
			state.ResumedBy = next[name]
			out = append(out, *state)
		}
		slices.SortStableFunc(out, func(x, y ui.RunState) int { return x.Started.Compare(y.Started) }) // several can begin in a second
		if a.output == "json" {
			return ui.RunsJSON(a.stdout, out)
		}
		return ui.Runs(a.stdout, out, a.style(a.stdout))
	})
}

func (a *app) showRun(name string) error {
	return a.withRuns(func(runs *os.Root, names []string) error {
		name, err := findRun(names, name)
		if err != nil {
			return err
		}
		state, err := a.runState(runs, name, true)
		if err == nil {
			state.ResumedBy = resumedBy(runInfos(runs, names), names)[name]
		}
		switch {
		case err != nil:
			return err
		case a.output == "json":
			return ui.Indented(a.stdout, state)
		}
		return ui.Run(a.stdout, state, a.style(a.stdout))
	})
}

// verifyRuns reads journals whole; damage is exit code 1, and so is a run that is not there.
func (a *app) verifyRuns(args []string) error {
	return a.withRuns(func(runs *os.Root, names []string) error {
		bad := 0
		if len(args) == 0 {
			args = names
		}
		var out []ui.RunState
		for _, name := range args {
			name, err := findRun(names, name)
			if err != nil {
				return err
			}
			state, err := a.runState(runs, name, false)
			if err != nil {
				state = &ui.RunState{RunInfo: ui.RunInfo{ID: name}, State: "damaged", Damage: textOf(err)}
			}
			if state.Damage != "" {
				bad++
			}
			out = append(out, *state)
			if a.output != "json" {
				code, run, told := verdict(state)
				if err := a.say(code, run, told); err != nil {
					return err
				}
			}
		}
		if a.output == "json" {
			if err := ui.RunsJSON(a.stdout, out); err != nil {
				return err
			}
		}
		if bad > 0 {
			return &failure{code: exitError, err: value.Err("journals-are-damaged", value.N("n", bad)), hint: value.Say("keep-copy-and-plan")}
		}
		return nil
	})
}

func verdict(s *ui.RunState) (code string, run, told value.Arg) {
	run = value.T("run", s.ID)
	if s.Damage != "" {
		return "run-is-damaged", run, value.T("damage", s.Damage)
	}
	return "run-is-good", run, value.T("state", s.State)
}

// runState reads what a run tells; with items, of each item of its plan.
func (a *app) runState(runs *os.Root, name string, items bool) (*ui.RunState, error) {
	root, err := safefile.Private(runs, name, false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := readRun(root)
	if err != nil {
		return nil, err
	}
	out := &ui.RunState{RunInfo: *info}
	f, err := safefile.OpenState(root, journalFile, maxJournal)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", journalFile, err)
	}
	defer f.Close()
	state, err := journal.ReadState(f)
	if err != nil {
		out.Damage = textOf(err)
	}
	out.InFlight, out.Requests, out.Counts = len(state.InFlight()), state.Requests, state.Counts()
	switch {
	case out.Damage != "":
		out.State = "damaged"
	case state.End == "":
		out.State = "cut off"
	default:
		out.State = state.End
	}
	if items {
		err = a.runItems(root, state, out)
	}
	return out, err
}

// runItems adds what is known of each item.
func (a *app) runItems(root *os.Root, state *journal.State, out *ui.RunState) error {
	p, err := a.readPlan(root)
	if err != nil {
		return fmt.Errorf("%s: %w", planFile, err)
	}
	defer p.Changes.Close()
	out.Changes = p.Changes.Len()
	steps := make(map[int][]int)
	for _, n := range state.Known() {
		steps[n.Item] = append(steps[n.Item], n.Step)
	}
	for i, e := range p.Changes.Entries() {
		if len(steps[i]) == 0 && e.Writes() {
			out.Items = append(out.Items, ui.RunItem{Resource: e.Address, Action: e.Action, State: "not sent", ID: e.ID})
		}
		for _, step := range steps[i] {
			item, err := runItem(p, i, step, state.Nodes[journal.Node{Item: i, Step: step}])
			if err != nil {
				return err
			}
			out.Items = append(out.Items, item)
		}
	}
	return nil
}

func runItem(p *plan.Plan, i, step int, k *journal.Known) (ui.RunItem, error) {
	e := p.Changes.Entry(i)
	item := ui.RunItem{Resource: e.Address, Action: e.Action, State: k.Last.Is, ID: k.ID, Claimed: k.Claimed, InFlight: len(k.Flights) > 0, Code: k.Last.Code, Sends: k.Sends}
	if step > 0 {
		c, err := p.Changes.Brief(i)
		if err != nil {
			return item, err
		}
		if step <= len(c.Steps) {
			item.Step = c.Steps[step-1].Name
		}
	} else if item.ID == "" {
		item.ID = e.ID
	}
	return item, nil
}

// completeRuns offers the names of runs, the last one first.
func (a *app) completeRuns(c *cobra.Command, _ []string, typed string) (out []string, _ cobra.ShellCompDirective) {
	a.output = "text"
	_ = a.withRuns(func(_ *os.Root, names []string) error { // a shell has nowhere to tell it
		for _, name := range slices.Backward(names) {
			if strings.HasPrefix(name, typed) && strings.Contains(c.Use, "RUN") {
				out = append(out, name)
			}
		}
		return nil
	})
	return out, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
