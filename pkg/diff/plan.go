package diff

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/plan"
)

// What a plan is made of; see package plan.
type (
	Plan      = plan.Plan
	Change    = plan.Change
	Unchanged = plan.Unchanged
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

// sortPlan orders the changes by rank of kind and address.
func sortPlan(p *Plan) {
	slices.SortStableFunc(p.Unchanged, func(a, b Unchanged) int {
		return cmp.Or(cmp.Compare(a.Facts.Rank, b.Facts.Rank), cmp.Compare(a.Address, b.Address))
	})
	p.Changes.Sort()
}

// number is an id of a record as the portal's methods want it; 0 for none.
func number(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}

// idText is an id as plans have it; "" for none.
func idText(id int) string {
	if id == 0 {
		return ""
	}
	return strconv.Itoa(id)
}
