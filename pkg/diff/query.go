package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A query asks for the live records of one entity type that meet all conditions.
// What the portal returns is judged here, row by row: it compares texts without
// case, and phones without their extension.
type query struct {
	kind         *kind.Kind
	entityTypeID int
	conditions   []condition
	slot         slot
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

// A condition wants one field of a record to have a value.
type condition struct {
	wire  string
	typ   value.Type
	user  bool // a user field
	codec value.Codec
	want  value.Value
	multi string // the typeId of a multi-field, any of whose values may agree: PHONE or EMAIL
}

// meets tells whether a live row meets the condition. A row that cannot be read
// does not.
func (c condition) meets(row kind.Row) bool {
	live, err := c.codec.Read(row[c.wire])
	if err != nil || live.IsEmpty() {
		return false
	}
	if c.multi != "" {
		wanted := c.values()
		return slices.ContainsFunc(live.Entries(), func(l value.Value) bool {
			return slices.Contains(wanted, c.typ.Normal(l.Text))
		})
	}
	if c.isText() && c.want.IsBare() && live.IsBare() {
		return strings.TrimSpace(c.want.Text) == strings.TrimSpace(live.Text)
	}
	return c.codec.Same(c.want, live)
}

func (c condition) isText() bool {
	t := kind.FieldType(c.typ.Public())
	return t == kind.TypeString || t == kind.TypeText
}

// values gives the phones or e-mails of a multi-field's condition, normalised.
func (c condition) values() []string {
	rows := c.want.Entries()
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = c.typ.Normal(r.Text)
	}
	return out
}

// meets tells whether a row meets all conditions.
func (q *query) meets(row kind.Row) bool {
	return !slices.ContainsFunc(q.conditions, func(c condition) bool { return !c.meets(row) })
}

// almost tells whether a row meets all conditions but for what people overlook in a text:
// case, accents, blanks.
func (q *query) almost(row kind.Row) bool {
	return !slices.ContainsFunc(q.conditions, func(c condition) bool { return !c.meets(row) && !c.almost(row) })
}

func (c condition) almost(row kind.Row) bool {
	live, err := c.codec.Read(row[c.wire])
	return err == nil && c.multi == "" && c.isText() && !live.IsEmpty() && value.Folded(c.want.Text) == value.Folded(live.Text)
}

// contact gives the first condition on a phone or an e-mail: these are found by a
// method of their own.
func (q *query) contact() (condition, bool) {
	i := slices.IndexFunc(q.conditions, func(c condition) bool { return c.multi != "" })
	if i < 0 {
		return condition{}, false
	}
	return q.conditions[i], true
}

// filterValue is the value as a filter takes it. User fields for yes and no are
// filtered by 1 and 0. Source: api-reference/crm/universal/crm-item-list.md.
func (c condition) filterValue() any {
	sent := c.codec.Wire(c.want, value.Value{})
	switch text, _ := sent.(string); {
	case c.isText():
		return strings.TrimSpace(text)
	case kind.FieldType(c.typ.Public()) == kind.TypeBoolean && c.user && text == "Y":
		return "1"
	case kind.FieldType(c.typ.Public()) == kind.TypeBoolean && c.user:
		return "0"
	}
	return sent
}

// listed tells whether many values of the field fit into one filter: those of texts
// and ids do, while numbers and times have more than one spelling.
func (c condition) listed() bool {
	return c.codec.Traits().Listed
}

// listed gives the conditions that fit a list, in the order of their fields.
func (q *query) listed() []condition {
	out := slices.DeleteFunc(slices.Clone(q.conditions), func(c condition) bool { return !c.listed() })
	slices.SortFunc(out, func(a, b condition) int { return cmp.Compare(a.wire, b.wire) })
	return out
}

// shape groups the queries that one list can answer; "" stands alone.
func (q *query) shape() string {
	listed := q.listed()
	if len(listed) == 0 {
		return ""
	}
	parts := []string{fmt.Sprint(q.kind.StoreNumber(q.entityTypeID), q.whole)}
	for _, c := range listed {
		parts = append(parts, c.wire)
	}
	return strings.Join(parts, " ")
}

// whereOf asks for the records of queries of one shape: a superset, since each field may
// have any of the values. Conditions that fit no list stand in the search of a query that
// has no other.
func whereOf(queries []*query) []kind.Condition {
	var where []kind.Condition
	if queries[0].shape() == "" {
		for _, c := range queries[0].conditions {
			where = append(where, kind.Condition{Field: c.wire, Test: kind.Is, Values: []any{c.filterValue()}})
		}
		return where
	}
	at := make(map[string]int)
	for _, q := range queries {
		for _, c := range q.listed() {
			i, known := at[c.wire]
			if !known {
				i, at[c.wire] = len(where), len(where)
				where = append(where, kind.Condition{Field: c.wire, Test: kind.AnyOf})
			}
			if v := c.filterValue(); !slices.Contains(where[i].Values, v) {
				where[i].Values = append(where[i].Values, v)
			}
		}
	}
	return where
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
			if c.multi != "" {
				g.whole = true
				continue
			}
			g.columns = append(g.columns, c.wire)
		}
	}
	slices.Sort(g.columns)
	g.columns = slices.Compact(g.columns)
	return g
}

// spread gives a group for each store in which its records may be.
func (v *view) spread(g *group) []*group {
	var out []*group
	for _, at := range v.stores(g.Kind, g.EntityTypeID) {
		one := *g
		one.Store = at
		out = append(out, &one)
	}
	return out
}

// newCondition gives the condition that a declared value makes, or false if no
// record can meet it yet: the value is empty, or a reference that is still open.
func (v *view) newCondition(s *scope, tg target) (condition, bool, error) {
	c := condition{wire: tg.wire, typ: tg.typ, codec: tg.codec, multi: tg.rule.Multi, user: kind.IsUserField(tg.wire)}
	if tg.wire == "" || tg.value.Kind == value.Null {
		return c, false, nil
	}
	if err := searchable(tg); err != nil {
		return c, false, err
	}
	if _, exists := v.meta.Fields[s.entityTypeID].ByName[tg.wire]; !exists && tg.rule.Multi == "" && !tg.rule.Unlisted {
		return c, false, nil
	}
	var err error
	c.want, err = tg.codec.Parse(s.names(), tg.value)
	if tg.typ.Members { // of a membership what the list is to hold is looked for
		c.codec, c.typ.Members, c.want = value.Whole(tg.codec), false, value.Wanted(c.want)
	}
	if c.want.Form == value.FormText && (c.want.IsOpen() || c.isText() && strings.TrimSpace(c.want.Text) == "") {
		return c, false, err
	}
	return c, err == nil && !c.want.IsEmpty(), err
}

// searchable refuses fields whose values a filter cannot tell apart: what the portal
// rewrites, or holds in more than one spelling.
func searchable(tg target) error {
	if !tg.codec.Traits().Findable {
		return unmet("NOT_SEARCHABLE", "match", "not-searchable", "searchable-fields", value.T("field", tg.name), value.T("type", kind.FieldType(tg.typ.Public())))
	}
	return nil
}
