package portal

import (
	"context"
	"fmt"
	"slices"
)

// check refuses what a field of the record must not hold. Only fields that
// differ from the old state are looked at, so that an update never fails for
// what it does not touch.
func (s *store) check(ctx context.Context, e *entity, old, rec *record) error {
	for _, f := range e.columns() {
		v := rec.vals[f.name]
		if v == nil || v == old.vals[f.name] {
			continue
		}
		if err := s.checkValue(ctx, e, f, v, rec.id); err != nil {
			return err
		}
	}
	for _, f := range e.lists() {
		for _, id := range rec.links[f.name] {
			if slices.Contains(old.links[f.name], id) {
				continue
			}
			if err := s.checkLink(ctx, f, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *store) checkValue(ctx context.Context, e *entity, f *field, v any, id int64) error {
	switch f.name {
	case "currencyId":
		_, found, err := s.number(ctx, `SELECT 1 FROM crm_currency WHERE code = ?`, v)
		if err == nil && !found {
			err = invalidField(f)
		}
		return err
	case "mycompanyId":
		_, found, err := s.number(ctx, `SELECT 1 FROM `+quoteName(itemTable(4))+` WHERE "id" = ? AND "isMyCompany" = 'Y'`, v)
		if err == nil && !found && v != int64(0) {
			err = invalidField(f)
		}
		return err
	case "quoteNumber", "accountNumber":
		taken, err := s.taken(ctx, e, f, v.(string), id)
		if err == nil && taken {
			err = &fault{code: "CRM_FIELD_ERROR_VALUE_NOT_UNIQUE", text: fmt.Sprintf("The value of the field %q is not unique", f.title)}
		}
		return err
	case "companyId":
		return s.checkLink(ctx, f, v.(int64))
	}
	return nil
}

// linkTargets gives the entity type of client links. The documentation leaves
// open what becomes of a link to an item that does not exist; it is refused
// here, as one to an item that the caller may not read is.
var linkTargets = map[fieldType]int{typeContact: 3, typeCompany: 4}

func (s *store) checkLink(ctx context.Context, f *field, id int64) error {
	etid := linkTargets[f.typ]
	if etid == 0 || id == 0 {
		return nil
	}
	l := s.readable(&entity{id: etid}, listing{where: `WHERE "id" = ?`, args: []any{id}})
	_, found, err := s.number(ctx, `SELECT 1 FROM `+quoteName(itemTable(etid))+" "+l.where, l.args...)
	if err == nil && !found {
		err = &fault{code: "0", text: fmt.Sprintf("[%s #%d] Item not found", systemNames[etid], id)}
	}
	return err
}
