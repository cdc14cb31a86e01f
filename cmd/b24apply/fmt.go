package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func (a *app) fmtCommand() *cobra.Command {
	var check bool
	c := &cobra.Command{
		Use:   "fmt",
		Short: "Lay the manifests out in one style",
		Long: `Lay the manifests out in one style: two blanks a level, lists below their key, one blank
line at most, none at ends of lines. Order, comments, quotes and values stay; a file
that could not be laid out without another meaning is named and left alone. The names
of the files that were changed are printed. -f - reads standard input and prints it.`,
		Example: `  b24apply fmt
  b24apply fmt --check
  b24apply fmt -f manifests/deals.yaml`,
		Args: noArguments,
	}
	c.Flags().StringArrayVarP(&a.files, "file", "f", nil, "lay out `FILE`, a directory, a glob, or - for standard input; repeatable")
	c.Flags().BoolVar(&check, "check", false, "write nothing, and exit with 2 if a file would change")
	c.RunE = func(*cobra.Command, []string) error {
		if len(a.files) == 1 && a.files[0] == "-" {
			return a.formatInput(check)
		}
		return a.formatFiles(check)
	}
	return c
}

// formatFiles lays out the files that are meant.
func (a *app) formatFiles(check bool) error {
	files, problems := spec.Format(a.loading())
	if err := a.showProblems(problems); err != nil && len(files) == 0 {
		return err
	}
	changed := false
	for i := range files {
		f := &files[i]
		if !f.Changed() {
			continue
		}
		changed = true
		if !check {
			if err := f.Write(); err != nil {
				return value.While(err, "writing-file", value.T("file", f.File))
			}
		}
		if _, err := fmt.Fprintln(a.stdout, f.File); err != nil {
			return err
		}
	}
	switch {
	case problems.HasErrors():
		return &failure{code: exitInvalid}
	case check && changed:
		return &failure{code: exitPending}
	}
	return nil
}

// formatInput lays out what standard input brings, for editors.
func (a *app) formatInput(check bool) error {
	text, err := io.ReadAll(io.LimitReader(a.stdin, spec.MaxFileSize+1))
	if err != nil {
		return err
	}
	if len(text) > spec.MaxFileSize {
		return value.Err("input-is-too-large", value.N("n", spec.MaxFileSize>>20))
	}
	laid, err := spec.Lay(text)
	if err != nil {
		return &failure{code: exitInvalid, err: err}
	}
	if check {
		if string(laid) != string(text) {
			return &failure{code: exitPending}
		}
		return nil
	}
	_, err = a.stdout.Write(laid)
	return err
}
