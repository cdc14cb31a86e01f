package portal

import (
	"context"
	"fmt"
)

// addType answers crm.type.add: a type, its table, its default pipeline with
// five stages, its relations and linked fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-add.html.
func addType(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	t := &smartType{newRecord()}
	t.vals["isSetOpenPermissions"] = "Y"
	if err := readType(t, fields, s, false); err != nil {
		return reply{}, err
	}
	if t.id, err = s.nextID(ctx, typeTableName); err != nil {
		return reply{}, err
	}
	etid, err := s.newEntityTypeID(ctx, fields)
	if err != nil {
		return reply{}, err
	}
	t.vals["entityTypeId"] = etid
	for _, name := range []string{"createdTime", "updatedTime"} {
		t.vals[name] = s.now.Unix()
	}
	for _, name := range []string{"createdBy", "updatedBy"} {
		t.vals[name] = s.user
	}
	if err := s.insert(ctx, typeRows(), t.record); err != nil {
		return reply{}, err
	}
	for _, statement := range itemSchema(itemTable(t.entityTypeID()), systemFields()[spaColumn]) {
		if err := s.exec(ctx, statement); err != nil {
			return reply{}, err
		}
	}
	if _, err := s.addCategory(ctx, category{etid: t.entityTypeID(), name: "General", sort: 500, isDefault: true}); err != nil {
		return reply{}, err
	}
	return s.finishType(ctx, t, fields)
}

// finishType saves what belongs to a type besides its row.
func (s *store) finishType(ctx context.Context, t *smartType, fields *Map) (reply, error) {
	if err := s.saveRelations(ctx, t, fields); err != nil {
		return reply{}, err
	}
	if err := s.saveLinkedFields(ctx, t.id, fields); err != nil {
		return reply{}, err
	}
	return s.typeReply(ctx, t)
}

// Entity type ids of smart processes: 128 to 191, and even ones from 1030 on.
const (
	firstSmart, lastSmart = 128, 191
	firstEven             = 1030
	maxSmart              = 1 << 30
)

func validSmart(etid int64) bool {
	return etid >= firstSmart && etid <= lastSmart || etid >= firstEven && etid <= maxSmart && etid%2 == 0
}

// newEntityTypeID returns the wanted entity type id of a new type, or the next
// free one.
func (s *store) newEntityTypeID(ctx context.Context, fields *Map) (int64, error) {
	raw, _ := foldGet(fields, "entityTypeId")
	if !isBlank(raw) {
		etid, ok := asInt(raw)
		if !ok || !validSmart(etid) {
			return 0, invalidArg("entityTypeId is out of allowed range")
		}
		t, err := s.typeBy(ctx, "entityTypeId", etid)
		if err == nil && t != nil {
			err = invalidArg("entityTypeId %d is already in use", etid)
		}
		return etid, err
	}
	first, err := s.firstEntityTypeID(ctx)
	if err != nil {
		return 0, err
	}
	for etid := first; ; etid++ {
		if !validSmart(etid) {
			continue
		}
		t, err := s.typeBy(ctx, "entityTypeId", etid)
		if err != nil || t == nil {
			return etid, err
		}
	}
}

// updateType answers crm.type.update, which leaves what is not sent as it is.
// Without an id it answers null.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-update.html.
func updateType(ctx context.Context, s *store, c *call) (reply, error) {
	if id, _ := c.params.Get("id"); id == nil {
		return reply{}, nil
	}
	t, err := s.needType(ctx, c, "id", "id", "SPA")
	if err != nil {
		return reply{}, err
	}
	fields, err := c.optMap("fields")
	if err != nil {
		return reply{}, err
	}
	old := t.clone()
	if err := readType(t, fields, s, true); err != nil {
		return reply{}, err
	}
	if !equalRecords(old, t.record) {
		t.vals["updatedTime"] = s.now.Unix()
		t.vals["updatedBy"] = s.user
		if err := s.replace(ctx, typeRows(), old, t.record); err != nil {
			return reply{}, err
		}
	}
	return s.finishType(ctx, t, fields)
}

// deleteType answers crm.type.delete. A type with items stays.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-delete.html.
func deleteType(ctx context.Context, s *store, c *call) (reply, error) {
	if id, _ := c.params.Get("id"); id == nil {
		return reply{}, nil
	}
	t, err := s.needType(ctx, c, "id", "id", "Smart process")
	if err != nil {
		return reply{}, err
	}
	etid := t.entityTypeID()
	_, used, err := s.number(ctx, `SELECT "id" FROM `+quoteName(itemTable(etid))+` LIMIT 1`)
	if err != nil {
		return reply{}, err
	}
	if used {
		return reply{}, &fault{code: "BX_ERROR", text: "You cannot delete an entity type that has elements"}
	}
	if err := s.forgetParent(ctx, etid); err != nil {
		return reply{}, err
	}
	for _, statement := range []string{
		`DELETE FROM crm_relation WHERE parent = ?1 OR child = ?1`,
		fmt.Sprintf(`DELETE FROM crm_status WHERE ?1 = ?1 AND entity_id GLOB 'DYNAMIC_%d_STAGE_*'`, etid),
		`DELETE FROM crm_category WHERE etid = ?1`,
		`DELETE FROM crm_history WHERE etid = ?1`,
		`DELETE FROM crm_type WHERE "entityTypeId" = ?1`,
	} {
		if err := s.exec(ctx, statement, etid); err != nil {
			return reply{}, err
		}
	}
	if err := s.exec(ctx, `DELETE FROM crm_type_linked WHERE type = ?`, t.id); err != nil {
		return reply{}, err
	}
	if err := s.forgetUserFields(ctx, `"entityId" = ?`, smartObject(t.id)); err != nil {
		return reply{}, err
	}
	return reply{value: []any{}}, s.exec(ctx, `DROP TABLE `+quoteName(itemTable(etid)))
}

// forgetParent empties the parent fields that point at items of a type.
func (s *store) forgetParent(ctx context.Context, etid int) error {
	relations, err := s.relations(ctx, `parent`, etid)
	if err != nil {
		return err
	}
	for _, r := range relations {
		column := quoteName(parentName(etid))
		err := s.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = NULL WHERE %s IS NOT NULL`, quoteName(itemTable(r.child)), column, column))
		if err != nil {
			return err
		}
	}
	return nil
}
