package portal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// itemMethods lists the methods of items.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/index.html.
func itemMethods() []method {
	return []method{
		crmMethod("crm.item.add", true, addItem),
		crmMethod("crm.item.update", true, updateItem),
		crmMethod("crm.item.get", false, getItem),
		crmMethod("crm.item.list", false, listItems),
		crmMethod("crm.item.fields", false, describeItems),
		crmMethod("crm.item.delete", true, deleteItem),
		crmMethod("crm.item.import", true, importItem),
		crmMethod("crm.item.batchImport", true, importItems),
		crmMethod(fileMethod, false, getItemFile),
	}
}

// entityParam returns the entity type that the parameter entityTypeId names.
func (s *store) entityParam(ctx context.Context, c *call) (*entity, error) {
	etid, err := c.needInt("entityTypeId")
	if err != nil {
		return nil, err
	}
	e, err := s.entity(ctx, etid)
	if err != nil {
		return nil, err
	}
	original, _ := c.params.Get("useOriginalUfNames")
	e.original = original == "Y"
	return e, nil
}

// itemParams returns the entity type and the item id of a call.
func (s *store) itemParams(ctx context.Context, c *call) (*entity, int64, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	id, err := c.needInt("id")
	return e, id, err
}

func addItem(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	rec, err := s.add(ctx, e, fields, mode{})
	if err != nil {
		return reply{}, err
	}
	return reply{value: wrap("item", e.answer(rec))}, nil
}

func updateItem(ctx context.Context, s *store, c *call) (reply, error) {
	e, id, err := s.itemParams(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	rec, err := s.update(ctx, e, id, fields)
	if err != nil {
		return reply{}, err
	}
	return reply{value: wrap("item", e.answer(rec))}, nil
}

func getItem(ctx context.Context, s *store, c *call) (reply, error) {
	e, id, err := s.itemParams(ctx, c)
	if err != nil {
		return reply{}, err
	}
	rec, err := s.load(ctx, e, id)
	if err != nil {
		return reply{}, err
	}
	return reply{value: wrap("item", e.answer(rec))}, s.allow(e, actionRead, rec)
}

// describeItems answers crm.item.fields. The stage field names the directory of
// the default pipeline. Who may read no item of the type is refused.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-fields.html.
func describeItems(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	if s.grant.level(e.id, actionRead) == LevelNone {
		return reply{}, unreadable()
	}
	category, err := s.defaultCategory(ctx, e.id)
	if err != nil {
		return reply{}, err
	}
	fields := new(Map)
	for _, f := range e.visible() {
		if f.unlisted {
			continue
		}
		directory := f.dict
		if f.name == "stageId" || f.name == "previousStageId" {
			directory = stageDirectory(e.id, category)
		}
		fields.Set(e.key(f), f.describe(directory))
	}
	return reply{value: wrap("fields", fields)}, nil
}

// deleteItem deletes an item and the links to it.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-delete.html.
func deleteItem(ctx context.Context, s *store, c *call) (reply, error) {
	e, id, err := s.itemParams(ctx, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: []any{}}, s.remove(ctx, e, id)
}

// remove deletes an item with all that belongs to it.
func (s *store) remove(ctx context.Context, e *entity, id int64) error {
	old, err := s.load(ctx, e, id)
	if err != nil {
		return err
	}
	if err := s.allow(e, actionDelete, old); err != nil {
		return err
	}
	if err := s.note(ctx, e, actionDelete, old, newRecord()); err != nil {
		return err
	}
	if err := s.dropFiles(ctx, e, old, newRecord()); err != nil {
		return err
	}
	for _, statement := range []string{
		`DELETE FROM crm_fm WHERE etid = ?1 AND item = ?2`,
		`DELETE FROM crm_link WHERE etid = ?1 AND item = ?2`,
		`DELETE FROM ` + quoteName(e.table) + ` WHERE ?1 = ?1 AND "id" = ?2`,
	} {
		if err := s.exec(ctx, statement, e.id, id); err != nil {
			return err
		}
	}
	if err := s.dropAttached(ctx, e, id); err != nil {
		return err
	}
	if err := s.dropTimeline(ctx, e.id, id); err != nil {
		return err
	}
	return s.unbind(ctx, e, id)
}

// unbind takes a deleted contact or company out of the items linked to it. Items
// below a deleted deal or lead stay as they are.
func (s *store) unbind(ctx context.Context, e *entity, id int64) error {
	link := map[int]struct{ single, list string }{3: primaryLinks[0], 4: primaryLinks[1]}[e.id]
	if link.single == "" {
		return nil
	}
	if err := s.exec(ctx, `DELETE FROM crm_link WHERE field = ? AND value = ?`, link.list, id); err != nil {
		return err
	}
	tables, err := s.itemEntities(ctx)
	if err != nil {
		return err
	}
	for _, other := range tables {
		if other.set.byName[link.single] == nil {
			continue
		}
		// The next link of the list, if there is one, becomes the first.
		next := fmt.Sprintf(`(SELECT value FROM crm_link WHERE etid = ?1 AND field = ?2 AND item = %s."id" ORDER BY sort LIMIT 1)`,
			quoteName(other.table))
		err := s.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = %s WHERE %[2]s = ?3`,
			quoteName(other.table), quoteName(link.single), next), other.id, link.list, id)
		if err != nil {
			return err
		}
	}
	return nil
}

// itemEntities lists every entity type with items, without its parents.
func (s *store) itemEntities(ctx context.Context) ([]*entity, error) {
	var list []*entity
	for _, etid := range tableColumns {
		if etid != spaColumn {
			list = append(list, &entity{id: etid, table: itemTable(etid), set: systemFields()[etid]})
		}
	}
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var etid int
		if err := rows.Scan(&etid); err != nil {
			return err
		}
		list = append(list, &entity{id: etid, table: itemTable(etid), set: systemFields()[spaColumn]})
		return nil
	}, `SELECT "entityTypeId" FROM crm_type`)
	return list, err
}

// importMode is how imports read fields: administrators may bring history.
func (s *store) importMode(ctx context.Context) (mode, error) {
	admin, err := s.admin(ctx)
	return mode{imported: true, stamps: admin}, err
}

// importItem answers crm.item.import, which creates an item without automation.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/crm-item-import.html.
func importItem(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	m, err := s.importMode(ctx)
	if err != nil {
		return reply{}, err
	}
	rec, err := s.add(ctx, e, fields, m)
	if err != nil {
		return reply{}, err
	}
	return reply{value: wrap("item", wrap("id", rec.id))}, nil
}

// maxImport is how many items a batchImport takes.
const maxImport = 20

// importItems answers crm.item.batchImport: every item has an outcome of its
// own, in the order sent.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/crm-item-batch-import.html.
func importItems(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	data, err := c.needList("data")
	if err != nil {
		return reply{}, err
	}
	if len(data) > maxImport {
		return reply{}, &fault{
			code: "MAX_IMPORT_BATCH_SIZE_EXCEEDED", text: fmt.Sprintf("You cannot import more than %d items", maxImport),
		}
	}
	if s.grant.level(e.id, actionImport) == LevelNone {
		return reply{}, noAccess() // whatever the items are
	}
	m, err := s.importMode(ctx)
	if err != nil {
		return reply{}, err
	}
	outcomes := make([]any, len(data))
	for i, row := range data {
		if outcomes[i], err = s.importRow(ctx, e, row, m); err != nil {
			return reply{}, err
		}
	}
	return reply{value: wrap("items", outcomes)}, nil
}

// importRow imports one item; a refused one leaves nothing behind.
func (s *store) importRow(ctx context.Context, e *entity, row any, m mode) (any, error) {
	fields, ok := asMap(row)
	if !ok {
		return outcome(notIterable(row)), nil
	}
	if err := s.exec(ctx, `SAVEPOINT import_row`); err != nil {
		return nil, err
	}
	rec, err := s.add(ctx, e, fields, m)
	var refused *fault
	switch {
	case errors.As(err, &refused):
		if err := s.exec(ctx, `ROLLBACK TO import_row`); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	if err := s.exec(ctx, `RELEASE import_row`); err != nil {
		return nil, err
	}
	if refused != nil {
		return outcome(refused), nil
	}
	return wrap("item", wrap("id", rec.id)), nil
}

// outcome renders the refusal of one row.
func outcome(f *fault) *Map {
	m := wrap("error", f.code)
	m.Set("error_description", f.text)
	return m
}
