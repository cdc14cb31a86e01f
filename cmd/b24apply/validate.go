package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
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
	c.RunE = func(*cobra.Command, []string) error {
		set, problems, err := a.read()
		if set != nil {
			problems = append(problems, set.Twins().WithExcerpts()...).Sort()
		}
		if err == nil && a.output == "json" && !problems.HasErrors() {
			return ui.ProblemsJSON(a.stdout, problems) // warnings too
		}
		if err == nil {
			err = a.showProblems(problems)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.stdout, "Valid: %s in %s.\n", plural(len(set.Resources), "resource"), plural(len(set.Files), "file"))
		return err
	}
	return c
}

func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
