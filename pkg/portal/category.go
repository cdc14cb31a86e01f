package portal

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// categoryMethods lists the methods of pipelines.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/category/index.html.
func categoryMethods() []method {
	return []method{
		crmMethod("crm.category.add", true, addCategory),
		crmMethod("crm.category.update", true, updateCategory),
		crmMethod("crm.category.get", false, getCategory),
		crmMethod("crm.category.list", false, listCategories),
		crmMethod("crm.category.delete", true, deleteCategory),
		crmMethod("crm.category.fields", false, describeCategories),
	}
}

// A category is a pipeline of an entity type.
type category struct {
	etid                         int
	id                           int64
	name                         string
	sort                         int64
	isDefault, isSystem          bool
	code, originID, originatorID string
}

// categoryEntity returns the entity type of a call, which must have categories.
func (s *store) categoryEntity(ctx context.Context, c *call) (*entity, error) {
	e, err := s.entityParam(ctx, c)
	if err == nil && e.set.byName["categoryId"] == nil {
		err = &fault{
			code: "ENTITY_TYPE_NOT_SUPPORTED", text: fmt.Sprintf("Entity type %q is not supported", strings.ToUpper(e.name)),
		}
	}
	return e, err
}

// categories lists the categories of an entity type by sort.
func (s *store) categories(ctx context.Context, etid int) ([]category, error) {
	var list []category
	err := s.scan(ctx, func(rows *sql.Rows) error {
		c := category{etid: etid}
		var isDefault, isSystem string
		err := rows.Scan(&c.id, &c.name, &c.sort, &isDefault, &isSystem, &c.code, &c.originID, &c.originatorID)
		c.isDefault, c.isSystem = isDefault == "Y", isSystem == "Y"
		list = append(list, c)
		return err
	}, `SELECT id, name, sort, is_default, is_system, code, origin_id, originator_id FROM crm_category WHERE etid = ? ORDER BY sort, id`, etid)
	return list, err
}

// category returns one category of an entity type.
func (s *store) category(ctx context.Context, c *call) (*entity, category, error) {
	e, err := s.categoryEntity(ctx, c)
	if err != nil {
		return nil, category{}, err
	}
	id, err := c.needInt("id")
	if err != nil {
		return nil, category{}, err
	}
	list, err := s.categories(ctx, e.id)
	if err != nil {
		return nil, category{}, err
	}
	for _, cat := range list {
		if cat.id == id {
			return e, cat, nil
		}
	}
	return nil, category{}, notFound("Element")
}

// answer renders a category. Keys differ: only deals have an origin, and not on
// their default category; only smart processes and invoices have a code.
func (cat category) answer() *Map {
	m := new(Map)
	m.Set("id", cat.id)
	m.Set("name", cat.name)
	m.Set("sort", cat.sort)
	m.Set("entityTypeId", int64(cat.etid))
	m.Set("isDefault", yesNo(cat.isDefault))
	switch {
	case cat.etid == 2 && cat.id != 0:
		m.Set("originId", cat.originID)
		m.Set("originatorId", cat.originatorID)
	case cat.etid >= 31:
		m.Set("isSystem", yesNo(cat.isSystem))
		m.Set("code", cat.code)
	}
	return m
}

func getCategory(ctx context.Context, s *store, c *call) (reply, error) {
	_, cat, err := s.category(ctx, c)
	return reply{value: wrap("category", cat.answer())}, err
}

// listCategories answers crm.category.list: all of them on one page, and no
// filter but code.
func listCategories(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.categoryEntity(ctx, c)
	if err != nil {
		return reply{}, err
	}
	filter, err := c.optMap("filter")
	if err != nil {
		return reply{}, err
	}
	code, filtered := filter.Get("code")
	list, err := s.categories(ctx, e.id)
	if err != nil {
		return reply{}, err
	}
	rows := []any{}
	for _, cat := range list {
		if !filtered || code == cat.code {
			rows = append(rows, cat.answer())
		}
	}
	return reply{value: wrap("categories", rows), list: true, total: len(rows)}, nil
}

// categoryFields describe a category; the ones after isDefault depend on the
// entity type.
var categoryFields = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "name", typ: typeString, title: "NAME", cells: "w"},
	{name: "sort", typ: typeInteger, title: "SORT", cells: "w"},
	{name: "entityTypeId", typ: typeInteger, title: "ENTITY_TYPE_ID", cells: "QR"},
	{name: "isDefault", typ: typeBoolean, title: "IS_DEFAULT", cells: "w"},
	{name: "originId", typ: typeString, title: "ORIGIN_ID", cells: "w"},
	{name: "originatorId", typ: typeString, title: "ORIGINATOR_ID", cells: "w"},
	{name: "isSystem", typ: typeBoolean, title: "IS_SYSTEM", cells: "R"},
	{name: "code", typ: typeString, title: "CODE", cells: "w"},
}

func describeCategories(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.categoryEntity(ctx, c)
	if err != nil {
		return reply{}, err
	}
	shown := category{etid: e.id, id: 1}.answer()
	fields := new(Map)
	for _, row := range categoryFields {
		f := row.field(0)
		if _, ok := shown.Get(f.name); !ok {
			continue
		}
		if f.name == "isDefault" && e.id < 31 {
			f.readOnly = true
		}
		fields.Set(f.name, f.describe(""))
	}
	return reply{value: wrap("fields", fields)}, nil
}
