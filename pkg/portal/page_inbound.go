package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// maxInbound is how many items of one type an item lists that link to it.
const maxInbound = 10

// inbound lists the items that link to an item, by type and field. Links have
// an index of their own, so that it costs little however many items there are.
func (v *viewer) inbound(ctx context.Context, e *entity, id int64) ([]inbound, error) {
	var list []inbound
	err := v.eachType(ctx, func(other *entity) error {
		for _, f := range other.visible() {
			if f.alias || linkTarget(f) != e.id || headsList(other, f) {
				continue
			}
			in, err := v.inboundBy(ctx, other, f, id)
			if err != nil {
				return err
			}
			if len(in.Items) > 0 {
				list = append(list, in)
			}
		}
		return nil
	})
	return list, err
}

// linkTarget returns the entity type that a field links to, 0 for none.
func linkTarget(f *field) int {
	if f.parent != 0 {
		return f.parent
	}
	return linkedTypes[f.typ]
}

// headsList reports whether the field is the first link of a list of the same
// items, which says more.
func headsList(e *entity, f *field) bool {
	return slices.ContainsFunc(primaryLinks, func(p struct{ single, list string }) bool {
		return p.single == f.name && e.find(p.list) != nil
	})
}

// memberQuery finds the items that have a value in a multiple field.
const memberQuery = `SELECT item FROM crm_link WHERE etid = ? AND field = ? AND value = ? ORDER BY item DESC LIMIT ?`

// inboundQuery finds the newest items that link by a field.
func inboundQuery(e *entity, f *field) string {
	if f.multiple {
		return memberQuery
	}
	return fmt.Sprintf(`SELECT "id" FROM %s WHERE %s = ? ORDER BY "id" DESC LIMIT ?`, quoteName(e.table), quoteName(f.name))
}

func (v *viewer) inboundBy(ctx context.Context, e *entity, f *field, id int64) (inbound, error) {
	query, args := inboundQuery(e, f), []any{id, maxInbound + 1}
	if f.multiple {
		args = append([]any{e.id, f.name}, args...)
	}
	var found []int64
	err := v.scan(ctx, func(rows *sql.Rows) error {
		var item int64
		err := rows.Scan(&item)
		found = append(found, item)
		return err
	}, query, args...)
	in := inbound{Label: e.plural(), More: len(found) > maxInbound}
	for _, item := range found[:min(len(found), maxInbound)] {
		p, err := v.linked(ctx, e.id, item)
		if err != nil {
			return inbound{}, err
		}
		in.Items = append(in.Items, p)
	}
	return in, err
}
