package diff

import (
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// preventions tells which lifecycle entry forbids an action on a declared record.
var preventions = map[plan.Action]spec.Prevention{plan.Create: spec.PreventCreate, plan.Update: spec.PreventUpdate, plan.Adopt: spec.PreventUpdate}

// prevent refuses what the lifecycle of the record, or of the project, forbids.
func (c *computer) prevent(ch *plan.Change, r *spec.Resource) {
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
	if ch.Action == plan.Adopt {
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
