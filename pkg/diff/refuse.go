package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/plan"
)

// refuseShared refuses the changes of resources behind which others found the same record.
func (c *computer) refuseShared() {
	for i, e := range c.out.Entries() {
		for _, d := range c.shared[e.Address] {
			c.out.Alter(i, func(ch *plan.Change) { denial.Also(ch, d) })
		}
	}
}
