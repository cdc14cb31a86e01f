package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// A keyset is the statement that reads one page of a list: the items after a
// known one in the order of the list. Names come from the field table, values
// are arguments.
type keyset struct {
	where []string
	args  []any
}

// add appends a condition with its arguments.
func (k *keyset) add(condition string, args ...any) {
	k.where = append(k.where, condition)
	k.args = append(k.args, args...)
}

// clause returns the WHERE clause, "" without conditions.
func (k *keyset) clause() string {
	if len(k.where) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(k.where, " AND ")
}

// filter adds the conditions of a list's filter.
func (k *keyset) filter(e *entity, lq listQuery) {
	if lq.Text != "" {
		var words []string
		for _, f := range e.captionFields() {
			words = append(words, "coalesce("+quoteName(f.name)+", '')")
		}
		pattern := likeEscape(condition{values: []any{truncate(lq.Text, maxPattern/10)}})
		k.add("("+strings.Join(words, " || ' ' || ")+`) LIKE ? ESCAPE '\'`, "%"+pattern+"%")
	}
	if lq.Stage != "" && e.find("stageId") != nil {
		k.add(`"stageId" = ?`, lq.Stage)
	}
	if lq.Pipeline != "" && e.piped() {
		k.add(`"categoryId" = ?`, wholeOr(leadingNumber(lq.Pipeline)))
	}
}

// beyond adds the condition that an item follows another in the order of a
// column, of which the other one holds the value. No value comes first.
func (k *keyset) beyond(column string, value any, id int64, desc bool) {
	switch {
	case column == `"id"`:
		k.add(`"id" `+comparison(desc)+` ?`, id)
	case desc && value == nil:
		k.add(column+` IS NULL AND "id" < ?`, id)
	case desc:
		k.add(fmt.Sprintf(`((%[1]s, "id") < (?, ?) OR %[1]s IS NULL)`, column), value, id)
	case value == nil:
		k.add(`(`+column+` IS NOT NULL OR "id" > ?)`, id)
	default:
		k.add(fmt.Sprintf(`%[1]s >= ? AND (%[1]s > ? OR "id" > ?)`, column), value, value, id)
	}
}

func comparison(desc bool) string {
	if desc {
		return "<"
	}
	return ">"
}

// keyset reads one page of a list, and reports whether items follow it in the
// direction of reading.
func (v *viewer) keyset(ctx context.Context, e *entity, lq listQuery, fields []*field) (recs []*record, more bool, err error) {
	var k keyset
	k.filter(e, lq)
	from, desc := lq.after, lq.desc
	if lq.before != 0 {
		from, desc = lq.before, !desc
	}
	column := indexed(e.set.byName[lq.sort])
	if from != 0 {
		var value any
		err := v.scan(ctx, func(rows *sql.Rows) error { return rows.Scan(&value) },
			fmt.Sprintf(`SELECT %s FROM %s WHERE "id" = ?`, column, quoteName(e.table)), from)
		if err != nil {
			return nil, false, err
		}
		k.beyond(column, value, from, desc)
	}
	recs, err = v.query(ctx, e, fields, k.clause()+" "+pageOrder(e.set.byName[lq.sort], desc), k.args...)
	if more = len(recs) > pageSize; more {
		recs = recs[:pageSize]
	}
	if lq.before != 0 {
		slices.Reverse(recs)
	}
	return recs, more, err
}

// pageOrder is the end of the statement: one item more than a page shows.
func pageOrder(f *field, desc bool) string {
	direction := map[bool]string{false: "ASC", true: "DESC"}[desc]
	return fmt.Sprintf(`ORDER BY %s %s, "id" %[2]s LIMIT %d`, indexed(f), direction, pageSize+1)
}

// maxCounted is up to what number the items that a filter finds are counted:
// the rest would cost a walk over the whole table.
const maxCounted = 1000

// countText says how many items a list has.
func (v *viewer) countText(ctx context.Context, e *entity, lq listQuery) (string, error) {
	var k keyset
	k.filter(e, lq)
	inner := fmt.Sprintf("SELECT 1 FROM %s %s", quoteName(e.table), k.clause())
	if len(k.where) > 0 {
		inner += fmt.Sprintf(" LIMIT %d", maxCounted+1)
	}
	n, _, err := v.number(ctx, "SELECT count(*) FROM ("+inner+")", k.args...)
	switch {
	case len(k.where) > 0 && n > maxCounted:
		return fmt.Sprintf("more than %d records", maxCounted), err
	case n == 1:
		return "1 record", err
	}
	return fmt.Sprintf("%d records", n), err
}
