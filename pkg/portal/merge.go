package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// mergeItems answers crm.entity.mergeBatch: the first item stays and gets what it lacks
// from the others, which are deleted. Any other difference is a conflict, and then nothing
// happens.
// Source: https://apidocs.bitrix24.com/api-reference/crm/duplicates/crm-entity-merge-batch.html.
func mergeItems(ctx context.Context, s *store, c *call) (reply, error) {
	e, recs, err := s.mergeParams(ctx, c)
	if err != nil {
		return reply{}, err
	}
	deleted := make([]int64, 0, len(recs)-1)
	merged := recs[0].clone()
	for _, other := range recs[1:] {
		if !merged.absorb(e, other) {
			return mergeReply("CONFLICT", []int64{}), nil
		}
		deleted = append(deleted, other.id)
	}
	for _, other := range recs[1:] {
		if err := s.inherit(ctx, e, recs[0].id, other.id); err != nil {
			return reply{}, err
		}
		if err := s.remove(ctx, e, other.id); err != nil {
			return reply{}, err
		}
	}
	// What pointed at the others points at the first now, also in its own row.
	old, err := s.load(ctx, e, recs[0].id)
	if err != nil {
		return reply{}, err
	}
	merged.vals["updatedTime"], merged.vals["updatedBy"] = s.now.Unix(), s.user
	if err := s.replace(ctx, e, old, merged); err != nil {
		return reply{}, err
	}
	return mergeReply("SUCCESS", deleted), s.note(ctx, e, actionUpdate, old, merged)
}

func mergeReply(status string, ids []int64) reply {
	m := wrap("STATUS", status)
	m.Set("ENTITY_IDS", ids)
	return reply{value: m}
}

// mergeParams returns the items to merge, which the caller must be allowed to read and
// to change or delete.
func (s *store) mergeParams(ctx context.Context, c *call) (*entity, []*record, error) {
	v, _ := c.fold("params")
	params, _ := asMap(v)
	kind, _ := params.Get("entityTypeId")
	etid, ok := asInt(kind)
	if !ok {
		return nil, nil, mergeFault("The parameter entityTypeId is required.")
	}
	v, _ = params.Get("entityIds")
	list, _ := asList(v)
	var ids []int64
	for _, item := range list {
		if id, ok := asInt(item); ok && id > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	switch len(ids) {
	case 0:
		return nil, nil, mergeFault("The parameter entityIds does not contains valid elements.")
	case 1:
		return nil, nil, mergeFault("The parameter entityIds must contains at least two elements.")
	}
	e, err := s.entity(ctx, etid)
	if isFault(err) {
		return nil, nil, mergeFault(fmt.Sprintf("Entity type %d is not supported", etid))
	}
	if err != nil {
		return nil, nil, err
	}
	recs, err := s.mergeable(ctx, e, ids)
	return e, recs, err
}

// mergeable loads the items of a merge.
func (s *store) mergeable(ctx context.Context, e *entity, ids []int64) ([]*record, error) {
	recs := make([]*record, len(ids))
	for i, id := range ids {
		rec, err := s.load(ctx, e, id)
		if isFault(err) {
			return nil, mergeFault("Owner was not found")
		}
		if err != nil {
			return nil, err
		}
		action := actionDelete
		if i == 0 {
			action = actionUpdate
		}
		if err := errors.Join(s.allow(e, actionRead, rec), s.allow(e, action, rec)); err != nil {
			return nil, &fault{status: 403, code: "0", text: "Access denied"}
		}
		recs[i] = rec
	}
	return recs, nil
}

func mergeFault(text string) *fault { return &fault{code: "0", text: text} }

// absorb fills the empty fields of an item from another one, and adds its communications
// and links. It reports false where both hold a value and these differ.
func (r *record) absorb(e *entity, other *record) bool {
	for _, f := range e.columns() {
		v := other.vals[f.name]
		if f.readOnly || f.name == "id" || slices.Contains(stampFields, f.name) || isEmptyColumn(f, v) || headOfList(e, f.name) {
			continue
		}
		switch mine := r.vals[f.name]; {
		case isEmptyColumn(f, mine):
			r.vals[f.name] = v
		case mine != v:
			return false
		}
	}
	for _, f := range e.lists() {
		for _, id := range other.links[f.name] {
			if !slices.Contains(r.links[f.name], id) {
				r.links[f.name] = append(r.links[f.name], id)
			}
		}
	}
	for _, link := range primaryLinks {
		if ids := r.links[link.list]; len(ids) > 0 && headOfList(e, link.single) {
			r.vals[link.single] = ids[0]
		}
	}
	if e.hasComms() {
		for _, c := range other.comms {
			c.id = 0
			r.comms = append(r.comms, c)
		}
		r.comms = uniqueComms(r.comms)
		r.commFlags()
	}
	return true
}

// headOfList reports whether a field only shows the first link of a list.
func headOfList(e *entity, name string) bool {
	return slices.ContainsFunc(primaryLinks, func(link struct{ single, list string }) bool {
		return link.single == name && e.set.byName[link.single] != nil && e.set.byName[link.list] != nil
	})
}

// isEmptyColumn reports whether a column holds nothing that a merge would keep.
func isEmptyColumn(f *field, v any) bool {
	return v == nil || v == "" || v == 0.0 || v == f.empty || f.typ.class() == classFlag && v == "N"
}

// inherit lets what belongs to one item, or points at it, belong to another one.
func (s *store) inherit(ctx context.Context, e *entity, heir, from int64) error {
	for _, table := range []string{"crm_requisite", "crm_address", "crm_requisite_link"} {
		err := s.exec(ctx, `UPDATE OR IGNORE `+table+` SET "ENTITY_ID" = ? WHERE "ENTITY_TYPE_ID" = ? AND "ENTITY_ID" = ?`, heir, e.id, from)
		if err != nil {
			return err
		}
	}
	if err := s.exec(ctx, `UPDATE crm_comment SET item = ? WHERE etid = ? AND item = ?`, heir, e.id, from); err != nil {
		return err
	}
	others, err := s.itemEntities(ctx)
	if err != nil {
		return err
	}
	for _, other := range others {
		if err := s.loadParents(ctx, other); err != nil {
			return err
		}
		for _, f := range other.columns() {
			if pointsAt(f) != e.id {
				continue
			}
			column := quoteName(f.name)
			if err := s.exec(ctx, `UPDATE `+quoteName(other.table)+` SET `+column+` = ? WHERE `+column+` = ?`, heir, from); err != nil {
				return err
			}
		}
	}
	for _, link := range primaryLinks {
		if pointsAt(&field{name: link.single}) != e.id {
			continue
		}
		err := s.exec(ctx, `UPDATE crm_link SET value = ?1 WHERE field = ?2 AND value = ?3 AND NOT EXISTS
			(SELECT 1 FROM crm_link AS o WHERE o.etid = crm_link.etid AND o.item = crm_link.item AND o.field = ?2 AND o.value = ?1)`,
			heir, link.list, from)
		if err != nil {
			return err
		}
	}
	return nil
}

// pointsAt is the entity type of the items that a link field names, 0 for other fields.
func pointsAt(f *field) int {
	if f.parent != 0 {
		return f.parent
	}
	return map[string]int{"leadId": 1, "dealId": 2, "contactId": 3, "companyId": 4, "quoteId": 7}[f.name]
}
