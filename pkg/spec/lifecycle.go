package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Prevention is an action that a lifecycle forbids.
type Prevention string

// What a lifecycle can prevent.
const (
	PreventCreate Prevention = "create"
	PreventUpdate Prevention = "update"
	PreventDelete Prevention = "delete"
)

// A Lifecycle limits what may happen to a record; the zero value allows everything.
type Lifecycle struct {
	Prevent []Prevention
	// OnRemove is what --prune does with a record that is no longer declared; "" is
	// OnRemoveDelete. Only a project has it: a record's own would be gone with its manifest.
	OnRemove OnRemove
}

// Prevents tells whether the lifecycle forbids an action.
func (l Lifecycle) Prevents(p Prevention) bool { return slices.Contains(l.Prevent, p) }

func readLifecycle(v value.Node) (l Lifecycle) {
	prevent, _ := v.Get("prevent")
	for _, item := range prevent.Items {
		l.Prevent = append(l.Prevent, Prevention(kept(item.Text)))
	}
	how, _ := v.Get("onRemove")
	l.OnRemove = OnRemove(kept(how.Text))
	return l
}

// readLifecycle fills in the lifecycle of a record.
func (d *document) readLifecycle(r *Resource) {
	if !d.kind.HasFields() {
		return
	}
	body, _ := d.root.Get("spec")
	v, _ := body.Get("lifecycle")
	if how, ok := v.Get("onRemove"); ok {
		d.markReported([]string{"spec", "lifecycle", "onRemove"})
		d.problem(how.Pos, how.Text, "lifecycle", value.Say("write-on-remove-elsewhere"), value.Say("on-remove-in-manifest"))
	}
	r.Lifecycle = readLifecycle(v)
	r.Lifecycle.OnRemove = ""
}

// readSafety fills in the guards and the default lifecycle of a project. What is
// wrong with their form is the schema's affair.
func (p *projectDoc) readSafety(body value.Node) {
	p.Guards = readGuards(body, "guards")
	defaults, _ := body.Get("defaults")
	lifecycle, _ := defaults.Get("lifecycle")
	p.Lifecycle = readLifecycle(lifecycle)
}
