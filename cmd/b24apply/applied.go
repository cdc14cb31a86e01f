package main

import (
	"errors"
	"path/filepath"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// applied reads what this folder remembers of the last apply. Damage is told and no
// obstacle: without it, more is left to people. A link ends the command: it was put there
// so that something else would be read or written.
func (a *app) applied(set *spec.Set) (*plan.Applied, error) {
	known, err := memory.Load(a.stateOf(set))
	if errors.Is(err, safefile.ErrLink) || errors.Is(err, safefile.ErrOutside) {
		return nil, linkedState(err)
	}
	if err != nil {
		a.warn(value.Say("last-apply-is-not-known", value.M("why", value.SaidBy(err))), value.Say("next-apply-remembers"))
	}
	return known, nil
}

// linkedState is the error of a state folder that leads elsewhere, or of a file in it.
func linkedState(err error) error {
	return &failure{code: exitError, err: err, hint: value.Say("remove-state-link", value.T("folder", safefile.StateFolder))}
}

// remember keeps what the run was verified to hold in a folder. The records are as the report says
// even if that fails.
func (a *app) remember(report *apply.Report, state memory.State) {
	if err := report.Remember(state); err != nil {
		a.warn(value.Say("cannot-be-remembered", value.M("why", value.SaidBy(err))), value.Say("may-be-taken-for-changed"))
	}
}

// warn tells something that ends nothing.
func (a *app) warn(said, hint value.Message) {
	_ = ui.Warning(a.stderr, said, hint, a.stderr.Style()) // a warning ends nothing, be it told or not
}

// memory is the folder of the project, else the one that the command works in.
func (a *app) memory(set *spec.Set) string {
	if set.Project.File != "" {
		return filepath.Dir(set.Project.File)
	}
	return a.dir
}
