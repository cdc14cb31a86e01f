package diff

import (
	"fmt"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// preventions tells which lifecycle entry forbids an action on a declared record.
var preventions = map[Action]spec.Prevention{Create: spec.PreventCreate, Update: spec.PreventUpdate, Adopt: spec.PreventUpdate}

// prevent refuses what the lifecycle of the record, or of the project, forbids.
func (c *computer) prevent(ch *Change, r *spec.Resource) {
	p, ok := preventions[ch.Action]
	if !ok || !r.Lifecycle.Prevents(p) && !c.set.Project.Lifecycle.Prevents(p) {
		return
	}
	where := "its lifecycle"
	if !r.Lifecycle.Prevents(p) {
		where = "the project's lifecycle"
	}
	if p == spec.PreventCreate {
		ch.Refuse("PREVENTED", where+" prevents that it is created, and the portal has no record with its mark", "write the mark on the record that is meant, or remove create from lifecycle.prevent")
		return
	}
	var names []string
	if ch.Action == Adopt {
		names = append(names, "its mark is not written yet")
	}
	for _, d := range ch.Fields {
		names = append(names, d.Name)
	}
	ch.Refuse("PREVENTED", fmt.Sprintf("%s prevents that it is updated, and it differs: %s", where, strings.Join(names, ", ")),
		value.Hint("PREVENTED", "update"))
}
