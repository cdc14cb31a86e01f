package apply

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/plan"
)

// changesIn reads all changes of a plan.
func changesIn(p *plan.Plan) (out []plan.Change) {
	for c, err := range p.Changes.All() {
		if err != nil {
			panic(err)
		}
		out = append(out, *c)
	}
	return out
}

// pendingIn reads those that would write.
func pendingIn(p *plan.Plan) []plan.Change {
	return slices.DeleteFunc(changesIn(p), func(c plan.Change) bool { return c.Action == plan.NoOp || c.Action == plan.Refuse })
}
