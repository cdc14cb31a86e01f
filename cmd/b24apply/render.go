package main

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/internal/ui/rows"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) renderCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "render NAME",
		Short: "Show rows of a RecordSet beside what they declare, offline",
		Long: `Show rows of the table of a RecordSet, each column beside the values that are made of it, and
the rows that are rejected with the reasons. Nothing is ever sent to a portal.`,
		Example: `  b24apply render customers
  b24apply render customers --rows 100 -o json
  b24apply render customers --key 4711`,
	}
	a.manifestFlags(c)
	var which, key string
	c.Flags().StringVar(&which, "rows", "20", "show the first `N` rows, or those of one KEY that is no number")
	c.Flags().StringVar(&key, "key", "", "show the rows of one `KEY`")
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return &failure{code: exitError, err: value.Err("render-takes-one-set"), hint: value.Say("name-record-set")}
	}
	c.RunE = func(_ *cobra.Command, args []string) error { return a.render(args[0], which, key) }
	return c
}

func (a *app) render(name, which, key string) error {
	a.keepRows = true
	_, problems, err := a.read()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(a.rows.sets, func(s *spec.RecordSet) bool { return s.Name == name })
	if i < 0 && problems.HasErrors() {
		return a.showProblems(problems)
	}
	if i < 0 {
		names := make([]string, len(a.rows.sets))
		for i, s := range a.rows.sets {
			names[i] = s.Name
		}
		return &failure{code: exitError, err: value.Err("no-such-record-set", value.Q("name", name)), hint: value.Say("record-sets-are", value.L("names", names))}
	}
	pick := rows.Pick{Key: cmp.Or(key, which)}
	if n, err := strconv.Atoi(which); err == nil && key == "" {
		pick = rows.Pick{First: n}
	}
	set := a.rows.sets[i]
	all, err := rows.Render(set, pick)
	switch {
	case err != nil:
		return &failure{code: exitError, err: err}
	case len(all) == 0 && pick.Key != "":
		return &failure{code: exitError, err: value.Err("no-row-of-key", value.T("set", name), value.Q("key", pick.Key)), hint: value.Say("rows-is-number-or-key")}
	case a.output == "json":
		return ui.JSON(a.stdout, struct {
			Name  string          `json:"name"`
			Table string          `json:"table"`
			Rows  []rows.Rendered `json:"rows"`
		}{set.Name, set.Table.Name, all})
	}
	return rows.WriteText(a.stdout, set.Table.Name, all)
}
