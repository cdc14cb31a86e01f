package diff

import (
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A memory is what is known of former saves.
type memory struct {
	portal  string        // the portal's host
	applied *plan.Applied // what is remembered of the last apply
	caller  int           // id of the user whose credentials are used; 0 if nobody needs it
}

// A comparer compares declared records with their live rows, one after another.
type comparer struct {
	declared.View
	denial.Complaints
	memory memory
	// live gives the id of a declared resource that the portal has.
	live func(value.Address) (int, bool)
	// links is told what the value of a field names.
	links      func(*spec.Resource, *declared.Target, value.Value)
	contested  map[value.Address][]contest // records because of which others are refused
	rowsByMark map[string]bool             // the methods whose rows were found by their marks
	lacks      map[lack]*lacking
	mandatory  map[int][]kind.LiveField // the mandatory fields of each entity type whose records were looked at

	unread []plan.Unread       // fields of the record that is being compared whose live values cannot be read
	agreed []plan.Field        // room for the fields of one record that agree
	room   declared.TargetRoom // room for its targets
	spare  []plan.Field        // room for the fields of the next one that differ; nil if that needs its own
}

// newComparer begins comparing. links may be nil.
func newComparer(v declared.View, known memory, live func(value.Address) (int, bool), links func(*spec.Resource, *declared.Target, value.Value)) comparer {
	return comparer{View: v, memory: known, live: live, links: links, contested: make(map[value.Address][]contest), rowsByMark: make(map[string]bool)}
}

// reuse has the next record take the room of fields that nobody needs any more.
func (c *comparer) reuse(fields []plan.Field) { c.spare = fields[:0] }

// contest keeps the fields of a record as they are because of which another one is refused.
func (c *comparer) contest(a value.Address, because contest) {
	c.contested[a] = append(c.contested[a], because)
}

// found tells whether anything follows from the records that were compared beside their changes.
func (c *comparer) found() bool { return len(c.Problems)+len(c.lacks) > 0 }

// compare compares one record, and completes its change. It is false if the record is refused
// for one of its values.
func (c *comparer) compare(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) bool {
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
