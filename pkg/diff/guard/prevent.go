package guard

import (
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// preventions tells which lifecycle entry forbids an action on a declared record.
var preventions = map[plan.Action]spec.Prevention{plan.Create: spec.PreventCreate, plan.Update: spec.PreventUpdate, plan.Adopt: spec.PreventUpdate, plan.Delete: spec.PreventDelete}

// Prevent refuses a change that the lifecycle of its record, or of the project, forbids.
func Prevent(set *spec.Set, ch *plan.Change, r *spec.Resource) {
	p, ok := preventions[ch.Action]
	knob, guarded := set.Prevents(p, r.Address)
	own := r.Lifecycle.Prevents(p)
	if !ok || !own && !guarded && !set.Project.Lifecycle.Prevents(p) {
		return
	}
	by := func(it, guard, project string) value.Message {
		switch {
		case own:
			return value.Say(it)
		case guarded:
			return value.Say(guard, value.T("guard", knob))
		}
		return value.Say(project)
	}
	if p == spec.PreventCreate {
		ch.RefuseFor("PREVENTED", by("creation-is-prevented", "creation-is-guarded", "creation-is-prevented-by-project"), value.Say("mark-or-let-create"))
		return
	}
	var differs []value.Message
	if ch.Action == plan.Adopt {
		differs = append(differs, value.Say("mark-is-not-written"))
	}
	for _, d := range ch.Fields {
		differs = append(differs, value.Say("named", value.T("name", d.Name)))
	}
	why := by("update-is-prevented", "update-is-guarded", "update-is-prevented-by-project")
	hint := value.Do("PREVENTED", value.T("change", "update"))
	if guarded && !own {
		hint = value.Say("allow-by-guard", value.T("guard", knob))
	}
	why.Args = append(why.Args, value.Ms("differs", differs))
	ch.RefuseFor("PREVENTED", why, hint)
}

// Deletion gives why a record may not be deleted, and what to do; nothing if it may.
func Deletion(set *spec.Set, a value.Address) (why, hint value.Message) {
	knob, guarded := set.Prevents(spec.PreventDelete, a)
	r := set.Lookup(a)
	switch {
	case r != nil && r.Lifecycle.Prevents(spec.PreventDelete):
		return value.Say("deletion-is-prevented-by-it"), value.Do("PREVENTED", value.T("change", "delete"))
	case guarded:
		return value.Say("deletion-is-guarded", value.T("guard", knob)), value.Say("allow-by-guard", value.T("guard", knob))
	case set.Project.Lifecycle.Prevents(spec.PreventDelete):
		return value.Say("deletion-is-prevented"), value.Say("allow-deletions")
	}
	return value.Message{}, value.Message{}
}
