package main

import (
	"errors"
	"regexp"
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
	"check": "validate", "lint": "validate", "new": "init", "destroy": "plan --prune", "delete": "plan --prune", "prune": "plan --prune",
	"serve": "portal", "api": "call", "request": "call", "auth": "login",
}

// otherNames are flags of other programs, by ours.
var otherNames = map[string]string{
	"auto-approve": "yes", "y": "yes", "assume-yes": "yes", "force-yes": "yes", "filename": "file", "chdir": "directory", "dir": "directory",
	"environment": "env", "e": "env", "variable": "var", "format": "output", "parallelism": "concurrency", "delete": "prune", "json": "output",
}

var unknownFlag = regexp.MustCompile(`^unknown (?:flag: --(\S+)|shorthand flag: '(.)')`)

// flagError refuses a flag that cannot be read, and names the one that was meant.
func flagError(c *cobra.Command, err error) error {
	err = inWords(err)
	hint := value.Say("lists-flags", value.Q("command", c.CommandPath()+" --help"))
	switch m := unknownFlag.FindStringSubmatch(err.Error()); {
	case m != nil && c.Name() == "apply" && (m[1] == "dry-run" || m[1] == "check"):
		hint = value.Say("plan-writes-nothing")
	case m != nil:
		if near := meantFlag(c, m[1]+m[2]); near != "" {
			hint = value.Say("did-you-mean-flag", value.T("near", near), value.M("hint", hint))
		}
	}
	return &failure{code: exitError, err: err, hint: hint}
}

// reasons are what Go says of a flag's value, in plain words.
var reasons = []struct{ pattern, words string }{
	{`strconv\.Parse\w+: parsing .*: value out of range$`, "it is too large"},
	{`strconv\.ParseBool: .*$`, "write true or false"},
	{`strconv\.Parse\w+: .*$`, "it is not a whole number"},
	{`time: .*$`, "it is not a time with its unit, such as 30s or 5m"},
}

// inWords gives an error of a flag's value in words.
func inWords(err error) error {
	text := err.Error()
	for _, r := range reasons {
		text = regexp.MustCompile(r.pattern).ReplaceAllString(text, r.words)
	}
	if text == err.Error() {
		return err
	}
	return errors.New(text)
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
