package main

import (
	"errors"

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
	c.RunE = func(*cobra.Command, []string) error {
		set, problems, err := a.read()
		if set != nil {
			problems = append(problems, set.Twins().WithExcerpts()...).Sort()
		}
		if err == nil && a.output == "json" && !problems.HasErrors() {
			return ui.ProblemsJSON(a.stdout, problems, a.rows.sets...) // warnings too
		}
		if err == nil {
			err = a.showProblems(problems)
		}
		if a.output != "json" {
			err = errors.Join(err, a.tellRows())
		}
		if err != nil {
			return err
		}
		return a.say("manifests-are-valid", value.N("n", len(set.Resources)), value.N("files", len(set.Files)))
	}
	return c
}
