package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) validateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check the manifests, offline",
		Long: `Check the manifests against their JSON Schemas and against each other: addresses,
references, cycles, variables, values. All problems are shown at once. Nothing is
ever sent to a portal.`,
	}
	a.manifestFlags(c)
	a.rejectsFlag(c)
	known := append([]string{"text"}, ui.ProblemFormats()...)
	output := c.Flags().Lookup("output")
	what, _, _ := strings.Cut(output.Usage, ":")
	output.Usage = what + ": " + strings.Join(known, ", ")
	c.RunE = func(*cobra.Command, []string) error {
		a.known = known
		return a.validate()
	}
	return c
}

func (a *app) validate() error {
	set, problems, err := a.read()
	if err != nil {
		return err
	}
	if set != nil {
		problems = append(problems, set.Twins().WithExcerpts()...).Sort()
	}
	if a.output == "text" {
		if err := errors.Join(a.showProblems(problems), a.tellRows()); err != nil {
			return err
		}
		return a.say("manifests-are-valid", value.N("n", len(set.Resources)), value.N("files", len(set.Files)))
	}
	found := &ui.Checked{Problems: problems, Sets: a.rows.sets, Tool: version, At: time.Now()}
	if set != nil {
		found.Files = set.Files
	}
	err = ui.ProblemsAs(a.stdout, a.output, found)
	if problems.HasErrors() {
		return &failure{code: problemsCode(problems), err: err}
	}
	return err
}
