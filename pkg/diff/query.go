package diff

import (
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A query asks for the live records of one entity type that meet all conditions.
// What the portal returns is judged here, row by row: it compares texts without
// case, and phones without their extension.
type query struct {
	kind         *kind.Kind
	entityTypeID int
	conditions   plan.MatchKey
	slot         declared.Slot
	columns      []string   // what the caller reads of a row, besides what names it
	whole        bool       // fm is wanted
	rows         []kind.Row // the answer, by id
	spelled      [][]string // see spellings
	normal       []string   // see normals
	near         []kind.Row // records that the portal named for a phone or an e-mail, and that are not known to have it
	held         []kind.Row // records of the owner that have the phone or the e-mail, and not the rest
	named        []kind.Row // records that the portal takes for an answer, and that differ in a text
	refused      *kind.Refusal
	full         bool // the portal names more records for it than it shows
}

// meets tells whether a row meets all conditions.
func (q *query) meets(row kind.Row) bool { return q.conditions.Meets(row) }

// almost tells whether a row meets all conditions but for what people overlook in a text:
// case, accents, blanks.
func (q *query) almost(row kind.Row) bool {
	return !slices.ContainsFunc(q.conditions, func(c plan.Condition) bool { return !c.Meets(row) && !c.Almost(row) })
}

// contact gives the first condition on a phone or an e-mail: these are found by a
// method of their own.
func (q *query) contact() (plan.Condition, bool) { return q.conditions.Contact() }

// shape groups the queries that one list can answer; "" stands alone.
func (q *query) shape() string {
	shape := q.conditions.Shape()
	if shape == "" {
		return ""
	}
	return fmt.Sprint(q.kind.StoreNumber(q.entityTypeID), q.whole, " ", shape)
}

// whereOf asks for the records of queries of one shape.
func whereOf(queries []*query) []kind.Condition {
	keys := make([]plan.MatchKey, len(queries))
	for i, q := range queries {
		keys[i] = q.conditions
	}
	return plan.Where(keys...)
}

// asGroup gives what reads rows for queries of one entity type: the columns of
// all, those of their conditions, and those that show whose a record is.
func asGroup(queries []*query) *group {
	first := queries[0]
	g := &group{Store: kind.Store{Kind: first.kind, EntityTypeID: first.entityTypeID}, slot: first.slot, columns: []string{"id"}}
	g.columns = append(g.columns, first.slot.AllWires()...)
	for _, q := range queries {
		g.whole = g.whole || q.whole
		g.columns = append(g.columns, q.columns...)
		for _, c := range q.conditions {
			if c.Multi != "" {
				g.whole = true
				continue
			}
			g.columns = append(g.columns, c.Wire)
		}
	}
	slices.Sort(g.columns)
	g.columns = slices.Compact(g.columns)
	return g
}

// spread gives a group for each store in which its records may be.
func spread(v *declared.View, g *group) []*group {
	var out []*group
	for _, at := range v.Stores(g.Kind, g.EntityTypeID) {
		one := *g
		one.Store = at
		out = append(out, &one)
	}
	return out
}
