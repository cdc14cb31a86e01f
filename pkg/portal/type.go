package portal

import (
	"context"
	"slices"
	"strings"
)

// typeMethods lists the methods of smart process types.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/index.html.
func typeMethods() []method {
	return []method{
		crmMethod("crm.type.add", true, addType),
		crmMethod("crm.type.update", true, updateType),
		crmMethod("crm.type.get", false, getType),
		crmMethod("crm.type.getByEntityTypeId", false, getTypeByEntity),
		crmMethod("crm.type.list", false, listTypes),
		crmMethod("crm.type.delete", true, deleteType),
		crmMethod("crm.type.fields", false, describeTypes),
	}
}

const typeTableName = "crm_type"

// typeSchema returns the statements that create the tables of types.
func typeSchema() []string {
	return append(itemSchema(typeTableName, typeFields()),
		`CREATE UNIQUE INDEX IF NOT EXISTS crm_type_entity ON crm_type ("entityTypeId")`,
		`CREATE TABLE IF NOT EXISTS crm_type_linked (
			type INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (type, name)) WITHOUT ROWID, STRICT`,
	)
}

// A smartType is a smart process type: a record whose fields are typeFields.
type smartType struct{ *record }

func (t smartType) entityTypeID() int { return int(t.int("entityTypeId")) }

// typeRows lets types share the reading and listing of items.
func typeRows() *entity { return &entity{table: typeTableName, set: typeFields()} }

// entity returns the entity type that a smart process type makes.
func (t smartType) entity() *entity {
	flags := make(map[string]bool)
	for _, f := range typeFields().list {
		if f.typ == typeBoolean {
			flags[f.name] = t.text(f.name) == "Y"
		}
	}
	etid := t.entityTypeID()
	return &entity{
		id: etid, name: t.text("title"), table: itemTable(etid), set: systemFields()[spaColumn], flags: flags, typeID: t.id,
	}
}

// typeBy returns the type with a number in a column, nil if there is none.
func (s *store) typeBy(ctx context.Context, column string, n int64) (*smartType, error) {
	e := typeRows()
	recs, err := s.query(ctx, e, e.columns(), "WHERE "+quoteName(column)+" = ?", n)
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	return &smartType{recs[0]}, nil
}

// noType is the fault for a type that does not exist. Its code is 0.
func noType(what string) *fault { return &fault{code: "0", text: what + " not found"} }

// needType returns the type that a parameter names.
func (s *store) needType(ctx context.Context, c *call, param, column, what string) (*smartType, error) {
	id, err := c.needInt(param)
	if err != nil {
		return nil, err
	}
	t, err := s.typeBy(ctx, column, id)
	if err == nil && t == nil {
		err = noType(what)
	}
	return t, err
}

func getType(ctx context.Context, s *store, c *call) (reply, error) {
	t, err := s.needType(ctx, c, "id", "id", "SPA")
	if err != nil {
		return reply{}, err
	}
	return s.typeReply(ctx, t)
}

func getTypeByEntity(ctx context.Context, s *store, c *call) (reply, error) {
	t, err := s.needType(ctx, c, "entityTypeId", "entityTypeId", "Smart process")
	if err != nil {
		return reply{}, err
	}
	return s.typeReply(ctx, t)
}

// listTypes answers crm.type.list, whose rows lack relations and
// linkedUserFields.
func listTypes(ctx context.Context, s *store, c *call) (reply, error) {
	e := typeRows()
	l, err := newListing(c, 0, e.find)
	if err != nil {
		return reply{}, err
	}
	offset, counting := c.page()
	recs, err := s.query(ctx, e, e.columns(), l.page(offset), l.args...)
	if err != nil {
		return reply{}, err
	}
	total := 0
	if counting {
		if total, err = s.total(ctx, e.table, l); err != nil {
			return reply{}, err
		}
	}
	types := make([]any, len(recs))
	for i, rec := range recs {
		types[i] = smartType{rec}.answer()
	}
	return listReply(wrap("types", types), offset, total, counting), nil
}

func describeTypes(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, f := range typeFields().list {
		fields.Set(f.name, f.describe(""))
	}
	return reply{value: wrap("fields", fields)}, nil
}

// answer renders a type the way lists do.
func (t smartType) answer() *Map {
	m := new(Map)
	e := typeRows()
	for _, f := range e.set.list {
		m.Set(f.name, e.value(t.record, f))
	}
	return m
}

// typeReply renders a type with its relations and linked fields.
func (s *store) typeReply(ctx context.Context, t *smartType) (reply, error) {
	m := t.answer()
	relations, err := s.relationsAnswer(ctx, t)
	if err != nil {
		return reply{}, err
	}
	m.Set("relations", relations)
	linked, err := s.linkedFields(ctx, t.id)
	if err != nil {
		return reply{}, err
	}
	fields := new(Map)
	for _, name := range linkedFieldNames {
		fields.Set(name, yesNo(slices.Contains(linked, name)))
	}
	m.Set("linkedUserFields", fields)
	m.Set("customSections", []any{})
	return reply{value: wrap("type", m)}, nil
}

// readType converts the fields of crm.type.add and crm.type.update into the
// record. Unknown and read-only fields are dropped without a word.
func readType(t *smartType, fields *Map, s *store, update bool) error {
	external, _ := fields.Get("isExternal")
	if section, _ := fields.Get("customSectionId"); external == "true" && isBlank(section) {
		return &fault{code: "0", text: "Select a workplace where the SPA will be located"}
	}
	for _, key := range fields.Keys() {
		raw, _ := fields.Get(key)
		f := typeFields().byName[key]
		if f == nil || f.name == "entityTypeId" || !f.accepts(mode{update: update}) {
			continue
		}
		v, ok := f.convert(raw, s.now)
		if text, is := v.(string); is && f.name == "title" {
			v = strings.TrimSpace(text)
		}
		if v == int64(0) { // no workplace
			v = nil
		}
		if ok {
			t.set(f.name, v)
		}
	}
	if t.text("title") == "" {
		return &fault{code: "0", text: `The "Title" field is required`}
	}
	t.complete(typeRows())
	return nil
}
