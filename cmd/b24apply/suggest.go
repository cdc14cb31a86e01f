package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// unknownCommand refuses a command that does not exist, and names the one that was meant.
func unknownCommand(root *cobra.Command, name string) error {
	hint := value.Say("help-lists-commands")
	var names []string
	for _, c := range root.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	near, ok := otherCommands[strings.ToLower(name)]
	if !ok {
		near, ok = spec.Suggest(name, append(names, "completion", "help"))
	}
	if ok {
		hint = value.Say("did-you-mean-command", value.Q("near", near), value.M("hint", hint))
	}
	return &failure{code: exitError, err: value.Err("there-is-no-command", value.Q("name", name)), hint: hint}
}

// helpCommand tells of a command, or that it does not exist.
func (a *app) helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Tell about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(root, args[0])
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// otherCommands are commands of other programs, by ours.
var otherCommands = map[string]string{
	"diff": "plan", "preview": "plan", "show": "plan", "sync": "apply", "up": "apply", "deploy": "apply", "import": "adopt",
	"check": "validate", "lint": "validate", "new": "init", "delete": "plan --prune", "prune": "plan --prune",
	"serve": "portal", "api": "call", "request": "call", "auth": "login",
}

// otherNames are flags of other programs, by ours.
var otherNames = map[string]string{
	"auto-approve": "yes", "y": "yes", "assume-yes": "yes", "force-yes": "yes", "filename": "file", "chdir": "directory", "dir": "directory",
	"environment": "env", "e": "env", "variable": "var", "format": "output", "parallelism": "concurrency", "delete": "prune", "json": "output",
}

// flagError refuses a flag that cannot be read, and names the one that was meant.
func flagError(c *cobra.Command, err error) error {
	hint := value.Say("lists-flags", value.Q("command", c.CommandPath()+" --help"))
	var (
		unknown *pflag.NotExistError
		wrong   *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if c.Name() == "apply" && (name == "dry-run" || name == "check") {
			hint = value.Say("plan-writes-nothing")
		} else if (name == "select" || name == "exclude") && (c.Name() == "resume" || c.Name() == undoCommandName) {
			hint = value.Say("runs-are-whole")
		} else if near := meantFlag(c, name); near != "" {
			hint = value.Say("did-you-mean-flag", value.T("near", near), value.M("hint", hint))
		}
		err = value.Err("unknown-flag", value.T("name", name))
		if all := unknown.GetSpecifiedShortnames(); all != "" {
			err = value.Err("unknown-short-flag", value.T("name", strconv.QuoteRune(rune(name[0]))), value.T("all", all))
		}
	case errors.As(err, &wrong):
		err = value.Err("flag-has-wrong-value", value.Q("value", wrong.GetValue()), value.Q("flag", dashed(wrong.GetFlag())), value.M("why", whyWrong(errors.Unwrap(wrong))))
	case errors.As(err, &missing):
		err = value.Err("flag-needs-a-value", value.T("name", missing.GetSpecifiedName()))
		if all := missing.GetSpecifiedShortnames(); all != "" {
			err = value.Err("short-flag-needs-a-value", value.T("name", strconv.QuoteRune(rune(missing.GetSpecifiedName()[0]))), value.T("all", all))
		}
	}
	return &failure{code: exitError, err: err, hint: hint}
}

// dashed is a flag as it is written.
func dashed(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}

// whyWrong says in words what Go says of a flag's value.
func whyWrong(err error) value.Message {
	var number *strconv.NumError
	switch {
	case errors.As(err, &number) && errors.Is(number.Err, strconv.ErrRange):
		return value.Say("is-too-large")
	case errors.As(err, &number) && number.Func == "ParseBool":
		return value.Say("write-true-or-false")
	case errors.As(err, &number):
		return value.Say("is-no-whole-number")
	case strings.HasPrefix(err.Error(), "time: "):
		return value.Say("is-no-time-with-unit")
	}
	return value.SaidBy(err)
}

// meantFlag gives the flag of a command that a wrong name stands for, "" for none.
func meantFlag(c *cobra.Command, name string) string {
	if other := otherNames[strings.ToLower(name)]; other != "" && c.Flag(other) != nil {
		return other
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if len(name) < 2 {
		return ""
	}
	near, _ := spec.Suggest(name, names)
	return near
}
