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
		set, err := a.load()
		if err != nil {
			return err
		}
		twins := set.Twins()
		if err := a.showProblems(twins.WithExcerpts()); err != nil {
			return err
		}
		if a.output == "json" {
			return ui.ProblemsJSON(a.stdout, nil)
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
