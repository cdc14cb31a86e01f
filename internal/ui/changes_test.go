package ui

import "github.com/b24apply/b24apply/pkg/plan"

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
