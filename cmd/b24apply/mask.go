package main

import (
	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/value"
)

// masks say what is seen of what is personal: in what everybody reads, which are the log of a job and the
// comment of a pull request, and in all else.
type masks struct {
	sorts      string
	logs, rest *ui.Mask
}

// maskFlag is shared by all commands that show plans or reports.
func (a *app) maskFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.masks.sorts, "mask", "", "show tokens in the place of `SORTS`: phones, emails, names, several with commas, or none (default: all three in the text and the Markdown of a CI job, none elsewhere)")
}

// makeMasks reads --mask. Tokens of one key, that of B24_PLAN_KEY, are the same in all runs.
func (a *app) makeMasks() error {
	key := []byte(a.variable(planKeyVariable))
	switch sorts := a.masks.sorts; {
	case sorts != "":
		m, known := ui.NewMask(sorts, key)
		if !known {
			return &failure{code: exitError, err: value.Err("no-such-mask", value.Q("sorts", sorts)), hint: value.Say("masks-are", value.L("sorts", ui.MaskSorts))}
		}
		a.masks.logs, a.masks.rest = m, m
	case a.isCI():
		a.masks.logs, _ = ui.NewMask("phones,emails,names", key)
	}
	return nil
}
