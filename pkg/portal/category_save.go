package portal

import (
	"context"
	"strings"
)

// addCategory answers crm.category.add: a pipeline with the stages of its kind.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/category/crm-category-add.html.
func addCategory(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.categoryEntity(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	cat := category{etid: e.id, sort: 500}
	if err := cat.read(fields); err != nil {
		return reply{}, err
	}
	if !e.staged() {
		return reply{}, &fault{code: "ADDING_DISABLED", text: "Adding a system category is prohibited"}
	}
	cat, err = s.addCategory(ctx, cat)
	return reply{value: wrap("category", cat.answer())}, err
}

// read takes over the fields that are sent. A name of blanks only is refused,
// unknown fields are not looked at.
func (cat *category) read(fields *Map) error {
	for _, key := range fields.Keys() {
		v, _ := fields.Get(key)
		text, ok := asString(v)
		if !ok {
			continue
		}
		switch key {
		case "name", "NAME":
			cat.name = truncate(strings.TrimSpace(text), 255)
		case "sort", "SORT":
			cat.sort = max(0, int64(leadingNumber(text)))
		case "isDefault", "IS_DEFAULT":
			// A default cannot be taken away, only given to another one.
			cat.isDefault = cat.isDefault || cat.etid != 2 && flagValue(v) == "Y"
		case "originId", "ORIGIN_ID":
			cat.originID = truncate(text, 255)
		case "originatorId", "ORIGINATOR_ID":
			cat.originatorID = truncate(text, 255)
		case "code", "CODE":
			cat.code = truncate(text, 255)
		}
	}
	if cat.name == "" {
		return &fault{code: "0", text: "Field 'NAME' is required"}
	}
	return nil
}

// addCategory stores a new category with its stages. Deals number theirs by
// themselves; all others share a sequence.
func (s *store) addCategory(ctx context.Context, cat category) (category, error) {
	id, err := s.count(ctx, categorySequence(cat.etid))
	if err != nil {
		return cat, err
	}
	cat.id = id
	if err := s.insertCategory(ctx, cat); err != nil {
		return cat, err
	}
	return cat, s.addStages(ctx, cat)
}

func (s *store) insertCategory(ctx context.Context, cat category) error {
	err := s.exec(ctx, `INSERT INTO crm_category
		(etid, id, name, sort, is_default, is_system, code, origin_id, originator_id) VALUES (?, ?, ?, ?, 'N', ?, ?, ?, ?)`,
		cat.etid, cat.id, cat.name, cat.sort, yesNo(cat.isSystem), cat.code, cat.originID, cat.originatorID)
	if err != nil || !cat.isDefault {
		return err
	}
	return s.makeDefault(ctx, cat)
}

// makeDefault makes a category the only default one of its entity type.
func (s *store) makeDefault(ctx context.Context, cat category) error {
	return s.exec(ctx, `UPDATE crm_category SET is_default = CASE id WHEN ? THEN 'Y' ELSE 'N' END WHERE etid = ?`, cat.id, cat.etid)
}

// updateCategory answers crm.category.update.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/category/crm-category-update.html.
func updateCategory(ctx context.Context, s *store, c *call) (reply, error) {
	_, cat, err := s.category(ctx, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := c.needMap("fields")
	if err != nil {
		return reply{}, err
	}
	if err := cat.read(fields); err != nil {
		return reply{}, err
	}
	err = s.exec(ctx, `UPDATE crm_category SET name = ?, sort = ?, code = ?, origin_id = ?, originator_id = ? WHERE etid = ? AND id = ?`,
		cat.name, cat.sort, cat.code, cat.originID, cat.originatorID, cat.etid, cat.id)
	if err == nil && cat.isDefault {
		err = s.makeDefault(ctx, cat)
	}
	return reply{value: wrap("category", cat.answer())}, err
}

// deleteCategory answers crm.category.delete. Default categories and those with
// items stay.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/category/crm-category-delete.html.
func deleteCategory(ctx context.Context, s *store, c *call) (reply, error) {
	e, cat, err := s.category(ctx, c)
	if err != nil {
		return reply{}, err
	}
	_, used, err := s.number(ctx, `SELECT "id" FROM `+quoteName(e.table)+` WHERE "categoryId" = ? LIMIT 1`, cat.id)
	if err != nil {
		return reply{}, err
	}
	if err := cat.removable(used); err != nil {
		return reply{}, err
	}
	if err := s.exec(ctx, `DELETE FROM crm_status WHERE entity_id = ?`, stageDirectory(e.id, cat.id)); err != nil {
		return reply{}, err
	}
	return reply{}, s.exec(ctx, `DELETE FROM crm_category WHERE etid = ? AND id = ?`, e.id, cat.id)
}

func (cat category) removable(used bool) error {
	switch {
	case cat.isSystem:
		return &fault{code: "REMOVING_DISABLED", text: "Deletion of system category is prohibited"}
	case cat.etid == 2 && cat.isDefault:
		return &fault{code: "0", text: "Default deal category cannot be deleted"}
	case cat.etid == 2 && used:
		return &fault{code: "0", text: "Deals related to the funnel " + cat.name + " found"}
	case cat.isDefault:
		return &fault{code: "BX_ERROR", text: "This funnel is the default funnel"}
	case used:
		return &fault{code: "BX_ERROR", text: "Elements related to the funnel found"}
	}
	return nil
}

// categorySequence names the counter of the pipelines of an entity type.
func categorySequence(etid int) string {
	if etid == 2 {
		return "deal_category"
	}
	return "item_category"
}
