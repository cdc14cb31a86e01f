// Package compare compares declared records with their live rows, one after another
// ([Comparer.Record]): fields, product rows, requisites, addresses and prices. It says what is to
// be sent, in which steps, what stays since people own it, and what is wrong with a value. Which
// row belongs to a record is decided before, and what follows from all records together after.
package compare

import (
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Memory is what is known of former saves.
type Memory struct {
	Portal  string        // the portal's host
	Applied *plan.Applied // what is remembered of the last apply
	Caller  int           // id of the user whose credentials are used; 0 if nobody needs it
}

// A Comparer compares declared records with their live rows, one after another.
type Comparer struct {
	declared.View
	denial.Complaints
	memory Memory
	// live gives the id of a declared resource that the portal has.
	live func(value.Address) (int, bool)
	// links is told what the value of a field names.
	links      func(*spec.Resource, *declared.Target, value.Value)
	contested  map[value.Address][]Contest // records because of which others are refused
	RowsByMark map[string]bool             // the methods whose rows were found by their marks
	lacks      map[lack]*lacking
	mandatory  map[int][]kind.LiveField // the mandatory fields of each entity type whose records were looked at

	unread []plan.Unread       // fields of the record that is being compared whose live values cannot be read
	agreed []plan.Field        // room for the fields of one record that agree
	room   declared.TargetRoom // room for its targets
	spare  []plan.Field        // room for the fields of the next one that differ; nil if that needs its own
}

// New begins comparing. links may be nil.
func New(v declared.View, known Memory, live func(value.Address) (int, bool), links func(*spec.Resource, *declared.Target, value.Value)) Comparer {
	return Comparer{View: v, memory: known, live: live, links: links, contested: make(map[value.Address][]Contest), RowsByMark: make(map[string]bool)}
}

// Reuse has the next record take the room of fields that nobody needs any more.
func (c *Comparer) Reuse(fields []plan.Field) { c.spare = fields[:0] }

// Contest keeps the fields of a record as they are because of which another one is refused.
func (c *Comparer) Contest(a value.Address, because Contest) {
	c.contested[a] = append(c.contested[a], because)
}

// Found tells whether anything follows from the records that were compared beside their changes.
func (c *Comparer) Found() bool { return len(c.Problems)+len(c.lacks) > 0 }

// Record compares one record, and completes its change. It is false if the record is refused
// for one of its values.
func (c *Comparer) Record(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) bool {
	c.unread = nil
	no := c.diffFields(ch, r, t, row)
	c.diffProducts(ch, r, t, row)
	tellCurrency(ch, r, row)
	c.diffRequisites(ch, r, t, row)
	c.noteMoves(ch, r, row)
	if no != nil {
		ch.RefuseFor(no.Code, no.Why, no.Hint)
		return false
	}
	c.checkMandatory(ch, r, t, row)
	c.inCatalogue(ch, r, row)
	c.markOnce(ch, r)
	return true
}
