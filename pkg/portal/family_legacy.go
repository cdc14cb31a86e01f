package portal

import (
	"context"
	"fmt"
	"slices"
)

// legacyMethods lists the methods of a family in the older style: names in upper
// case, every number a string, the bare id or true as the result, and refusals
// without a code.
func (f *family) legacyMethods() []method {
	return []method{
		crmMethod(f.method+".add", true, f.loaded((*family).legacyAdd)),
		crmMethod(f.method+".update", true, f.loaded((*family).legacyUpdate)),
		crmMethod(f.method+".get", false, f.loaded((*family).legacyGet)),
		crmMethod(f.method+".list", false, f.loaded((*family).legacyList)),
		crmMethod(f.method+".delete", true, f.loaded((*family).legacyDelete)),
		crmMethod(f.method+".fields", false, f.loaded((*family).legacyFields)),
	}
}

// legacyFieldsParam returns the parameter fields.
func legacyFieldsParam(c *call) (*Map, error) {
	raw, _ := c.fold("fields")
	fields, ok := asMap(raw)
	if !ok {
		return nil, legacyFault("Parameter 'fields' must be array.")
	}
	return fields, nil
}

// legacyRecord returns the record that the parameter id names.
func (f *family) legacyRecord(ctx context.Context, s *store, c *call) (*record, error) {
	raw, _ := c.fold("id")
	id, ok := asInt(raw)
	if !ok || id <= 0 {
		return nil, undefined("ID")
	}
	return f.need(ctx, s, id)
}

// undefined is the fault for a field without a sensible value.
func undefined(name string) *fault { return legacyFault(name + " is not defined or invalid.") }

// unknownRecord is the fault of the older methods for a record that is not there.
func unknownRecord(what string) func(int64) *fault {
	return func(id int64) *fault { return legacyFault(fmt.Sprintf("The %s with ID '%d' is not found", what, id)) }
}

func (f *family) legacyAdd(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	rec, err := f.add(ctx, s, fields)
	if err != nil {
		return reply{}, err
	}
	return reply{value: rec.id}, nil
}

func (f *family) legacyUpdate(ctx context.Context, s *store, c *call) (reply, error) {
	old, err := f.legacyRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	_, err = f.update(ctx, s, old, fields)
	return reply{value: true}, err
}

func (f *family) legacyGet(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := f.legacyRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: f.answer(rec, f.all(), false)}, nil
}

// legacyList answers with the chosen keys only: the id is there only if it was
// asked for. A filter or order by an unknown field is refused, since dropping it
// would return every record.
func (f *family) legacyList(ctx context.Context, s *store, c *call) (reply, error) {
	for _, name := range []string{"filter", "order"} {
		if _, err := legacyMap(c, name); err != nil {
			return reply{}, err
		}
	}
	names, err := legacyMap(c, "select")
	if err != nil {
		return reply{}, err
	}
	recs, r, err := f.page(ctx, s, c.folded())
	if err != nil {
		return reply{}, recode(err, "")
	}
	r.value = f.answers(recs, f.choose(names))
	return r, nil
}

func (f *family) legacyDelete(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := f.legacyRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, f.remove(ctx, s, rec)
}

// legacyFields describes the fields without their upper names, which are the
// names themselves.
func (f *family) legacyFields(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, fd := range f.set.list {
		fields.Set(fd.upper, fd.describeLegacy())
	}
	return reply{value: fields}, nil
}

func (f *field) describeLegacy() *Map {
	described := new(Map)
	m := f.describe("")
	for _, key := range m.Keys() {
		if v, _ := m.Get(key); key != "upperName" {
			described.Set(key, v)
		}
	}
	if f.dict != "" {
		described.Set("statusType", []any{f.dict})
	}
	return described
}

// Families without ids: the fields of the key identify a record.

// keyed returns the record with the key of another one, nil if there is none.
func (f *family) keyed(ctx context.Context, s *store, rec *record) (*record, error) {
	values := make([]any, len(f.key))
	for i, name := range f.key {
		values[i] = rec.int(name)
	}
	return first(f.where(ctx, s, f.key, values...))
}

// put stores the record that a client sent whole: one with the same key is
// replaced.
func (f *family) put(ctx context.Context, s *store, fields *Map) error {
	rec := newRecord()
	f.read(s, fields, rec, mode{})
	old, err := f.keyed(ctx, s, rec)
	if err != nil {
		return err
	}
	if old == nil {
		return f.create(ctx, s, rec)
	}
	rec.id = old.id
	return f.replace(ctx, s, old, rec)
}

// putMethod answers a method that stores a record by its key.
func (f *family) putMethod(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := legacyFieldsParam(c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, f.put(ctx, s, fields)
}

// keyOf reads the key of a record that must be there. Without one of the fields
// the fault names the first.
func (f *family) keyOf(ctx context.Context, s *store, fields *Map) (*record, error) {
	rec := newRecord()
	f.read(s, fields, rec, mode{})
	if i := slices.IndexFunc(f.key, func(name string) bool { return rec.int(name) <= 0 }); i >= 0 {
		return nil, undefined(f.key[i])
	}
	return f.keyed(ctx, s, rec)
}
