package portal

import (
	"context"
	"errors"
)

// legacyMethods lists the older methods of leads, deals, contacts, companies and
// quotes: other names and forms of the items that crm.item.* shows.
// Source: https://apidocs.bitrix24.com/api-reference/crm/deals/index.html and its
// siblings.
func legacyMethods() []method {
	var methods []method
	for _, l := range legacySets() {
		prefix := "crm." + l.name + "."
		methods = append(methods,
			crmMethod(prefix+"add", true, l.add),
			crmMethod(prefix+"update", true, l.update),
			crmMethod(prefix+"get", false, l.get),
			crmMethod(prefix+"list", false, l.list),
			crmMethod(prefix+"delete", true, l.delete),
			crmMethod(prefix+"fields", false, l.describe),
		)
	}
	return methods
}

func (l *legacySet) entity(ctx context.Context, s *store) (*entity, error) {
	return s.entity(ctx, int64(l.etid))
}

// add answers crm.{name}.add with the new id.
func (l *legacySet) add(ctx context.Context, s *store, c *call) (reply, error) {
	e, fields, err := l.input(ctx, s, c, false)
	if err != nil {
		return reply{}, err
	}
	rec, err := s.add(ctx, e, fields, mode{})
	if err != nil {
		return reply{}, legacyError(err)
	}
	return reply{value: rec.id}, nil
}

// update answers crm.{name}.update with true, whether something changed or not.
func (l *legacySet) update(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := legacyID(c)
	if err != nil {
		return reply{}, err
	}
	e, fields, err := l.input(ctx, s, c, true)
	if err != nil {
		return reply{}, err
	}
	if _, err := s.update(ctx, e, id, fields); err != nil {
		return reply{}, legacyError(err)
	}
	return reply{value: true}, nil
}

// get answers crm.{name}.get.
func (l *legacySet) get(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := legacyID(c)
	if err != nil {
		return reply{}, err
	}
	e, err := l.entity(ctx, s)
	if err != nil {
		return reply{}, err
	}
	rec, err := s.load(ctx, e, id)
	if err != nil {
		return reply{}, legacyError(err)
	}
	if err := s.allow(e, actionRead, rec); err != nil {
		return reply{}, legacyError(err)
	}
	m := l.answer(e, rec, l.whole(e))
	for _, typeID := range commTypes {
		if rows := legacyComms(rec, typeID); len(rows) > 0 {
			m.Set(typeID, rows)
		}
	}
	return reply{value: m}, nil
}

// delete answers crm.{name}.delete. Contacts alone have a code for one that does
// not exist.
func (l *legacySet) delete(ctx context.Context, s *store, c *call) (reply, error) {
	id, err := legacyID(c)
	if err != nil {
		return reply{}, err
	}
	e, err := l.entity(ctx, s)
	if err != nil {
		return reply{}, err
	}
	err = s.remove(ctx, e, id)
	var f *fault
	if l.etid == 3 && errors.As(err, &f) && f.code == "NOT_FOUND" {
		return reply{}, &fault{code: "ERROR_CORE", text: "Element not found"}
	}
	return reply{value: true}, legacyError(err)
}

// describe answers crm.{name}.fields.
func (l *legacySet) describe(ctx context.Context, s *store, _ *call) (reply, error) {
	e, err := l.entity(ctx, s)
	if err != nil {
		return reply{}, err
	}
	fields := new(Map)
	for _, f := range l.of(e) {
		directory := f.described.dict
		if f.source == "stageId" {
			directory = stageDirectory(e.id, 0)
		}
		fields.Set(f.name, legacyDescription(f.described, directory))
	}
	if e.hasComms() {
		for _, typeID := range commTypes {
			fields.Set(typeID, legacyDescription(&field{typ: typeMultifield, title: typeID, multiple: true}, ""))
		}
	}
	return reply{value: fields}, nil
}

// legacyID returns the parameter id, or the fault that all legacy methods share.
func legacyID(c *call) (int64, error) {
	v, _ := c.fold("id")
	if !positiveID(v) {
		return 0, legacyFault("ID is not defined or invalid.")
	}
	id, _ := asInt(v)
	return id, nil
}

// legacyError turns an error of the store into one of the legacy methods.
func legacyError(err error) error {
	var f *fault
	if errors.As(err, &f) && f.code == "CRM_FIELD_ERROR_VALUE_NOT_VALID" && f.field == "currencyId" {
		return legacyFault(`Invalid value for the "Currency" field`)
	}
	return withoutCode(err)
}
