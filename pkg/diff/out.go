package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Changes leave for the plan's Source as soon as they are made. What is found out about all of
// them together looks at their entries, and reads the few that it alters.

// add hands changes over.
func (c *computer) add(changes ...plan.Change) {
	for i := range changes {
		c.notePipelines(&changes[i])
		c.lose(c.out.Append(&changes[i]))
	}
}

// lose notes the first error of the Source, which ends the plan when all problems are known.
func (c *computer) lose(err error) {
	if c.lost == nil {
		c.lost = err
	}
}

// read gives change i. Where it cannot be read it is an empty one, which says nothing.
func (c *computer) read(i int) *plan.Change {
	ch, err := c.out.Change(i)
	if err != nil {
		c.lose(err)
		ch = &plan.Change{Facts: c.out.Entry(i).Facts}
	}
	return ch
}

// alter changes change i.
func (c *computer) alter(i int, do func(*plan.Change)) {
	ch := c.read(i)
	ch.Fields = slices.Clone(ch.Fields)
	do(ch)
	c.lose(c.out.Put(i, ch))
}

// recordOf names the record of a change.
func recordOf(e *plan.Entry) kind.RecordID {
	return kind.RecordID{EntityTypeID: e.Facts.StoreNumber(e.EntityTypeID), ID: value.IDNumber(e.ID)}
}
