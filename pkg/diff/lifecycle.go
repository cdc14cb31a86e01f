package diff

import (
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
	own := r.Lifecycle.Prevents(p)
	if p == spec.PreventCreate {
		why := "creation-is-prevented-by-project"
		if own {
			why = "creation-is-prevented"
		}
		ch.RefuseFor("PREVENTED", value.Say(why), value.Say("mark-or-let-create"))
		return
	}
	var differs []value.Message
	if ch.Action == Adopt {
		differs = append(differs, value.Say("mark-is-not-written"))
	}
	for _, d := range ch.Fields {
		differs = append(differs, value.Say("named", value.T("name", d.Name)))
	}
	why := "update-is-prevented-by-project"
	if own {
		why = "update-is-prevented"
	}
	ch.RefuseFor("PREVENTED", value.Say(why, value.Ms("differs", differs)), value.Do("PREVENTED", value.T("change", "update")))
}
