package diff

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// What a plan is made of; see package plan.
type (
	Plan      = plan.Plan
	Change    = plan.Change
	FieldDiff = plan.Field
	Step      = plan.Step
	Action    = plan.Action
	Note      = plan.Note
	Refusal   = plan.Refusal
	Reason    = plan.Reason
	Mark      = plan.Mark
	Holder    = plan.Holder
	KeyField  = plan.KeyField
	Trace     = plan.Trace
	takeover  = plan.Takeover
)

// The actions; see package plan.
const (
	Create = plan.Create
	Update = plan.Update
	Adopt  = plan.Adopt
	Delete = plan.Delete
	NoOp   = plan.NoOp
	Refuse = plan.Refuse
)

// PortalInABox is the name, in place of a host, of a portal inside the process that asks.
const PortalInABox = plan.PortalInABox

// kindOf gives the kind of what a change is about.
func kindOf(c *Change) *spec.Kind {
	if c.Kind == fieldKind.Name {
		return fieldKind
	}
	return spec.KindByName(c.Kind)
}

// sortPlan orders the changes by rank of kind and address.
func sortPlan(p *Plan) {
	slices.SortStableFunc(p.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(kindOf(&a).Rank, kindOf(&b).Rank), cmp.Compare(a.Address, b.Address))
	})
}
