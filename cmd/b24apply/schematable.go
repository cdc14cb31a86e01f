package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) schemaCommand() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "schema --table NAME",
		Short: "Print what a RecordSet expects of its table",
		Long: `Print a Table Schema, as JSON: the columns that the RecordSet of a name reads, and
what its rules say of their cells. Give it to who makes the table, or save it
beside the table as its NAME.schema.json. Nothing is ever sent to a portal.`,
		Example: `  b24apply schema --table customers > data/customers.schema.json`,
	}
	a.manifestFlags(c)
	c.Flags().StringVar(&name, "table", "", "the `NAME` of the RecordSet")
	_ = c.MarkFlagRequired("table") // there is such a flag
	c.RunE = func(*cobra.Command, []string) error {
		_, problems, err := a.read()
		if err != nil {
			return err
		}
		text, err := a.tableSchema(name)
		if text == nil && err == nil {
			if err = a.showProblems(problems); err == nil {
				err = value.Err("no-such-set", value.Q("name", name), value.L("sets", a.setNames()))
			}
			return err
		}
		if err == nil {
			_, err = a.stdout.Write(text)
		}
		return err
	}
	return c
}

// tableSchema is that of a set, also of one whose rows are wrong; nil if there is none.
func (a *app) tableSchema(name string) ([]byte, error) {
	i := slices.IndexFunc(a.rows.sets, func(s *spec.RecordSet) bool { return s.Name == name })
	if i < 0 {
		return nil, nil
	}
	return a.rows.sets[i].TableSchema()
}

func (a *app) setNames() (names []string) {
	for _, s := range a.rows.sets {
		names = append(names, s.Name)
	}
	return names
}
