package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// applied reads what this folder remembers of the last apply. Damage is told and no
// obstacle: without it, more is left to people. A link ends the command: it was put there
// so that something else would be read or written.
func (a *app) applied(set *spec.Set) (*plan.Applied, error) {
	known, err := apply.LoadApplied(a.memory(set))
	if errors.Is(err, safefile.ErrLink) || errors.Is(err, safefile.ErrOutside) {
		return nil, linkedState(err)
	}
	if err != nil {
		a.warn(fmt.Sprintf("what was applied last is not known: %v", err), "the next apply writes the file anew; until then, fields with the policy keepHuman are kept on records that somebody else saved last")
	}
	return known, nil
}

// linkedState is the error of a state folder that leads elsewhere, or of a file in it.
func linkedState(err error) error {
	return &failure{code: exitError, err: err, hint: "remove it: " + safefile.StateFolder + " belongs to this machine, and to no repository"}
}

// remember keeps what the run was verified to hold in a folder. The records are as the report says
// even if that fails.
func (a *app) remember(report *apply.Report, folder string) {
	if err := report.Remember(folder); err != nil {
		a.warn(fmt.Sprintf("what was applied can't be remembered: %v", err), "fields with the policy keepHuman may be taken for changed by people at the next plan")
	}
}

// warn tells something that ends nothing.
func (a *app) warn(text, hint string) {
	_ = ui.Message(a.stderr, "warning", text, hint) // a warning ends nothing, be it told or not
}

// memory is the folder of the project, else the one that the command works in.
func (a *app) memory(set *spec.Set) string {
	if set.Project.File != "" {
		return filepath.Dir(set.Project.File)
	}
	return a.dir
}
