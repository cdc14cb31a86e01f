package apply

import (
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// keptBy says of each field that stays as people made it why it does.
func keptBy(c *plan.Change) []value.Message {
	var out []value.Message
	for _, d := range c.Kept {
		out = append(out, value.Say("of-field", value.T("field", d.Name), value.M("said", d.Note)))
	}
	return out
}

// untouched is the outcome of a change of which the record itself needs no request.
func untouched(c *plan.Change) Outcome {
	if c.Action == plan.NoOp && len(c.Kept) > 0 {
		return Outcome{Status: Kept, ID: c.ID}
	}
	return Outcome{Status: Unchanged, ID: c.ID}
}

// leaves makes the outcome of a change partial that leaves fields alone whose live values
// cannot be read; of those of an undo that it lacks what was not kept.
func (o *Outcome) leaves(c *plan.Change, takesBack bool) {
	if len(c.Unread) == 0 || o.Status != Succeeded && o.Status != Partial && o.Status != Unchanged {
		return
	}
	says := o.Error
	for _, u := range c.Unread {
		if says.IsZero() {
			says = u.Says()
			continue
		}
		says = both(says, u.Says())
	}
	if o.Code == "" {
		o.Code, o.Field = "UNREADABLE_VALUE", c.Unread[0].Field
		if o.Hint = value.Do("UNREADABLE_VALUE", value.M("what", value.Say("the-field"))); takesBack {
			o.Hint = value.Say("see-what-undo-leaves") // no manifest declares it
		}
	}
	o.Status, o.Error = Partial, says
}

// Remember adds what the run was verified to hold to what is remembered in a folder.
func (r *Report) Remember(state memory.State) error {
	return memory.Add(state, r.Portal, r.salt, r.held)
}

// remember notes what a node was verified to hold. What agreed when it was planned
// stands, unless the save moved it.
func (r *runner) remember(res result) {
	if r.graph.node(res.index).step < 0 && res.outcome.Status == Succeeded && r.entry(res.index).Agreed {
		agreed := r.brief(r.graph.node(res.index).change).Agreed
		r.held = append(r.held, agreed...)
		r.journalHeld(agreed)
	}
	r.held = append(r.held, res.held...)
	r.journalHeld(res.held)
}

// refusedFields is how codes of the portal begin that are about a field.
const (
	refusedFields = "CRM_FIELD_ERROR_"
	codeRequired  = refusedFields + "REQUIRED"
)

// nameField says which field a refusal is about, as manifests call it: the portal
// names it by its title, inside a text.
func (o *Outcome) nameField(p *plan.Plan, c *plan.Change) {
	if !strings.HasPrefix(o.Code, refusedFields) {
		return
	}
	field := p.FieldNamed(c, verbatim(o.Error))
	if field != "" {
		o.Field = field
	}
	if o.Code != codeRequired {
		return
	}
	stage := c.Stage()
	at := value.T("stage", strconv.Quote(stage))
	if stage != "" && !strings.Contains(verbatim(o.Error), stage) {
		o.Error = value.Say("at-stage", value.M("error", withoutStop(o.Error)), at)
	}
	switch {
	case field == "" && stage == "":
		o.Hint = value.Say("declare-named-field")
	case field == "":
		o.Hint = value.Say("declare-named-field-at-stage", at)
	case stage == "":
		o.Hint = value.Say("declare-field", value.T("field", field))
	default:
		o.Hint = value.Say("declare-field-at-stage", value.T("field", field), at)
	}
}
