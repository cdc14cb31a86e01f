package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/value"
)

// conflictFlag says what becomes of what has changed since the plan.
func (o *applyOptions) conflictFlag(c *cobra.Command) {
	c.Flags().StringVar(&o.onConflict, "on-conflict", string(apply.Skip), "what becomes of an item that has changed since its plan: skip (it is a conflict, the others go on), replan (compare it again and write what is declared) or abort (send nothing more)")
	_ = c.RegisterFlagCompletionFunc("on-conflict", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { // it fails for flags that do not exist
		return apply.Ways, cobra.ShellCompDirectiveNoFileComp
	})
}

// checkConflict tells whether there is such a way.
func (o *applyOptions) checkConflict() error {
	if slices.Contains(apply.Ways, o.onConflict) {
		return nil
	}
	return &failure{code: exitError, err: value.Err("no-such-way", value.Q("way", o.onConflict)), hint: value.Say("ways-on-conflict", value.L("ways", apply.Ways))}
}
