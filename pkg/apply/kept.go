package apply

import (
	"fmt"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
)

// keptBy says of each field that stays as people made it why it does.
func keptBy(c *plan.Change) []string {
	var out []string
	for _, d := range c.Kept {
		out = append(out, d.Name+": "+d.Note)
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

// remember notes what a node was verified to hold. What agreed when it was planned
// stands, unless the save moved it.
func (r *runner) remember(res result) {
	if r.nodes[res.index].step < 0 && res.outcome.Status == Succeeded {
		r.held = append(r.held, r.change(res.index).Agreed...)
	}
	r.held = append(r.held, res.held...)
}

const codeRequired = "CRM_FIELD_ERROR_REQUIRED"

// nameField says which field a refusal is about, as manifests call it: the portal
// names it by its title, inside a text.
func (o *Outcome) nameField(p *plan.Plan, c *plan.Change) {
	if !strings.HasPrefix(o.Code, "CRM_FIELD_ERROR_") {
		return
	}
	field := p.FieldNamed(c, o.Error)
	if field != "" {
		o.Field = field
	}
	if o.Code != codeRequired {
		return
	}
	where := "on this portal"
	if stage := c.Stage(); stage != "" {
		where = fmt.Sprintf("at stage %q", stage)
		if !strings.Contains(o.Error, stage) {
			o.Error = strings.TrimSuffix(o.Error, ".") + " (" + where + ")"
		}
	}
	if field == "" {
		o.Hint = "declare the field that the message names: the portal requires it " + where
		return
	}
	o.Hint = fmt.Sprintf("declare %s: the portal requires it %s", field, where)
}
