package portal

import (
	"context"
	"maps"
)

// addProductRow answers crm.item.productrow.add.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-add.html.
func addProductRow(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	owner, err := s.ownerParam(ctx, fields, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	row := newRecord()
	readRow(s, fields, row, mode{})
	owner.own(row)
	if err := productRows().create(ctx, s, row); err != nil {
		return reply{}, err
	}
	return rowReply(row), s.retotal(ctx, owner)
}

// updateProductRow answers crm.item.productrow.update.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-update.html.
func updateProductRow(ctx context.Context, s *store, c *call) (reply, error) {
	old, err := rowParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	if err := updatableRow(fields); err != nil {
		return reply{}, err
	}
	owner, err := s.allowedOwner(ctx, old, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	row := old.clone()
	readRow(s, fields, row, mode{update: true})
	if err := productRows().replace(ctx, s, old, row); err != nil {
		return reply{}, err
	}
	return rowReply(row), s.retotal(ctx, owner)
}

// deleteProductRow answers crm.item.productrow.delete, with null.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-delete.html.
func deleteProductRow(ctx context.Context, s *store, c *call) (reply, error) {
	row, err := rowParam(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	owner, err := s.allowedOwner(ctx, row, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	if err := productRows().remove(ctx, s, row); err != nil {
		return reply{}, err
	}
	return reply{}, s.retotal(ctx, owner)
}

// setProductRows answers crm.item.productrow.set, which replaces the rows of an
// item: those that are equal in every field stay, all others get new ids. Ids
// that are sent mean nothing.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-set.html.
func setProductRows(ctx context.Context, s *store, c *call) (reply, error) {
	list, err := c.needList("productRows")
	if err != nil {
		return reply{}, err
	}
	owner, err := s.ownerParam(ctx, c.params, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	wanted, err := s.wantedRows(ctx, owner, list)
	if err != nil {
		return reply{}, err
	}
	rows, err := owner.rows(ctx, s)
	if err != nil {
		return reply{}, err
	}
	changed, err := s.replaceRows(ctx, rows, wanted)
	if err != nil {
		return reply{}, err
	}
	if changed {
		if err := s.retotal(ctx, owner); err != nil {
			return reply{}, err
		}
	}
	return owner.rowsReply(ctx, s)
}

// wantedRows reads the rows that an item shall have, complete as they would be
// stored.
func (s *store) wantedRows(ctx context.Context, owner *rowOwner, list []any) ([]*record, error) {
	rows := make([]*record, len(list))
	for i, item := range list {
		fields, ok := asMap(item)
		if !ok {
			return nil, mismatch("productRows", item, "array")
		}
		row := newRecord()
		readRow(s, fields, row, mode{})
		owner.own(row)
		for name, v := range productRows().defaults {
			if row.vals[name] == nil {
				row.vals[name] = v
			}
		}
		if err := completeRow(ctx, s, nil, row); err != nil {
			return nil, err
		}
		row.complete(productRows().entity())
		rows[i] = row
	}
	return rows, nil
}

// replaceRows deletes the rows that are not wanted and adds the ones that are
// missing. It reports whether there were any.
func (s *store) replaceRows(ctx context.Context, rows, wanted []*record) (changed bool, err error) {
	var missing []*record
	for _, row := range wanted {
		if i := equalRow(rows, row); i >= 0 {
			rows[i] = nil
			continue
		}
		missing = append(missing, row)
	}
	for _, row := range rows {
		if row != nil {
			changed = true
			if err := productRows().remove(ctx, s, row); err != nil {
				return changed, err
			}
		}
	}
	for _, row := range missing {
		changed = true
		if err := productRows().create(ctx, s, row); err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// equalRow returns the index of the first row that holds the same values, or -1.
func equalRow(rows []*record, wanted *record) int {
	for i, row := range rows {
		if row != nil && maps.Equal(row.vals, wanted.vals) {
			return i
		}
	}
	return -1
}

// dropRows deletes the product rows of a deleted item.
func (s *store) dropRows(ctx context.Context, e *entity, id int64) error {
	return s.exec(ctx, `DELETE FROM crm_product_row WHERE "ownerType" = ? AND "ownerId" = ?`, rowAbbreviation(e.id), id)
}
