package portal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// A relation makes items of one entity type parents of another's.
type relation struct {
	parent, child int
	list          string // "Y": the parent's card lists the children
}

// relations returns the custom relations with an entity type on one side, which
// is "parent" or "child".
func (s *store) relations(ctx context.Context, side string, etid int) ([]relation, error) {
	var list []relation
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var r relation
		list = append(list, r)
		last := &list[len(list)-1]
		return rows.Scan(&last.parent, &last.child, &last.list)
	}, `SELECT parent, child, children_list FROM crm_relation WHERE `+side+` = ? ORDER BY parent, child`, etid)
	return list, err
}

// clientTypes are the parents that a type has by isClientEnabled. They are
// listed, but cannot be written.
var clientTypes = []int{3, 4}

// predefined lists the relations that the type's settings make.
func (t smartType) predefined() []int {
	if t.text(flagClient) == "Y" {
		return clientTypes
	}
	return nil
}

// relationsAnswer renders both sides of a type's relations.
func (s *store) relationsAnswer(ctx context.Context, t *smartType) (*Map, error) {
	var parents []any
	for _, etid := range t.predefined() {
		parents = append(parents, relationAnswer(etid, "Y", "Y"))
	}
	above, err := s.relations(ctx, "child", t.entityTypeID())
	if err != nil {
		return nil, err
	}
	for _, r := range above {
		if !slices.Contains(t.predefined(), r.parent) {
			parents = append(parents, relationAnswer(r.parent, r.list, "N"))
		}
	}
	below, err := s.relations(ctx, "parent", t.entityTypeID())
	if err != nil {
		return nil, err
	}
	var children []any
	for _, r := range below {
		children = append(children, relationAnswer(r.child, r.list, "N"))
	}
	m := new(Map)
	m.Set("parent", parents)
	m.Set("child", children)
	return m, nil
}

func relationAnswer(etid int, list, predefined string) *Map {
	m := new(Map)
	m.Set("entityTypeId", int64(etid))
	m.Set("isChildrenListEnabled", list)
	m.Set("isPredefined", predefined)
	return m
}

// saveRelations replaces the sides of a type's relations that are sent. Entries
// that cannot be saved are dropped without a word.
func (s *store) saveRelations(ctx context.Context, t *smartType, fields *Map) error {
	raw, _ := fields.Get("relations")
	relations, ok := asMap(raw)
	if !ok {
		return nil
	}
	etid := t.entityTypeID()
	if parents, sent := sentList(relations, "parent"); sent {
		if err := s.exec(ctx, `DELETE FROM crm_relation WHERE child = ?`, etid); err != nil {
			return err
		}
		for _, item := range parents {
			other, list := readRelation(item)
			if slices.Contains(t.predefined(), other) {
				continue
			}
			if err := s.saveRelation(ctx, relation{parent: other, child: etid, list: list}); err != nil {
				return err
			}
		}
	}
	if children, sent := sentList(relations, "child"); sent {
		if err := s.exec(ctx, `DELETE FROM crm_relation WHERE parent = ?`, etid); err != nil {
			return err
		}
		for _, item := range children {
			other, list := readRelation(item)
			if err := s.saveRelation(ctx, relation{parent: etid, child: other, list: list}); err != nil {
				return err
			}
		}
	}
	return nil
}

// sentList returns a list and whether it was sent; "" and null are empty lists.
func sentList(m *Map, key string) ([]any, bool) {
	v, sent := m.Get(key)
	list, ok := asList(v)
	return list, sent && (ok || isBlank(v))
}

// readRelation reads one entry. Only the text "true" switches the list of
// children on: "Y", true and 1 do not.
func readRelation(item any) (etid int, list string) {
	m, _ := item.(*Map)
	id, _ := m.Get("entityTypeId")
	n, _ := asInt(id)
	enabled, _ := m.Get("isChildrenListEnabled")
	return int(n), yesNo(enabled == "true")
}

// saveRelation stores a relation between two types that have items, and makes
// sure that the child has a column for the parent.
func (s *store) saveRelation(ctx context.Context, r relation) error {
	if r.parent == r.child {
		return nil
	}
	known, err := s.itemEntities(ctx)
	if err != nil {
		return err
	}
	for _, etid := range []int{r.parent, r.child} {
		if !slices.ContainsFunc(known, func(e *entity) bool { return e.id == etid }) {
			return nil
		}
	}
	err = s.exec(ctx, `INSERT INTO crm_relation (parent, child, children_list) VALUES (?, ?, ?)
		ON CONFLICT (child, parent) DO UPDATE SET children_list = excluded.children_list`, r.parent, r.child, r.list)
	if err != nil {
		return err
	}
	table, column := itemTable(r.child), parentName(r.parent)
	_, found, err := s.number(ctx, `SELECT 1 FROM pragma_table_info(?) WHERE name = ?`, table, column)
	if err != nil || found {
		return err
	}
	if err := s.exec(ctx, fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s INTEGER`, quoteName(table), quoteName(column))); err != nil {
		return err
	}
	return s.exec(ctx, fmt.Sprintf(`CREATE INDEX IF NOT EXISTS %s ON %s (%s)`,
		quoteName(table+"_"+column), quoteName(table), quoteName(column)))
}

// linkedFieldNames are the custom fields that a type can be offered in.
var linkedFieldNames = []string{"CALENDAR_EVENT|UF_CRM_CAL_EVENT", "TASKS_TASK|UF_CRM_TASK", "TASKS_TASK_TEMPLATE|UF_CRM_TASK"}

// linkedFields lists the linked fields of a type.
func (s *store) linkedFields(ctx context.Context, id int64) ([]string, error) {
	var names []string
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT name FROM crm_type_linked WHERE type = ?`, id)
	return names, err
}

// saveLinkedFields changes the linked fields that are sent, if the same call
// allows the type in custom fields. Only the text "true" links.
func (s *store) saveLinkedFields(ctx context.Context, id int64, fields *Map) error {
	raw, _ := fields.Get("linkedUserFields")
	linked, ok := asMap(raw)
	allowed, _ := fields.Get("isUseInUserfieldEnabled")
	if !ok || flagValue(allowed) != "Y" {
		return nil
	}
	for _, name := range linkedFieldNames {
		v, sent := linked.Get(name)
		if !sent {
			continue
		}
		statement := `DELETE FROM crm_type_linked WHERE type = ? AND name = ?`
		if v == "true" {
			statement = `INSERT OR IGNORE INTO crm_type_linked (type, name) VALUES (?, ?)`
		}
		if err := s.exec(ctx, statement, id, name); err != nil {
			return err
		}
	}
	return nil
}
