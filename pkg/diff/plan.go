package diff

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/plan"
)

// sortPlan orders the changes by rank of kind and address.
func sortPlan(p *plan.Plan) {
	slices.SortStableFunc(p.Unchanged, func(a, b plan.Unchanged) int {
		return cmp.Or(cmp.Compare(a.Facts.Rank, b.Facts.Rank), cmp.Compare(a.Address, b.Address))
	})
	p.Changes.Sort()
}
