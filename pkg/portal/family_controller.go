package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// controllerMethods lists the methods of a family in the newer style: typed
// values in camelCase, each answer an object under a name. The verbs are the ends
// of the methods' names.
func (f *family) controllerMethods(verbs ...string) []method {
	all := []method{
		crmMethod(f.method+".add", true, f.controllerAdd),
		crmMethod(f.method+".update", true, f.controllerUpdate),
		crmMethod(f.method+".get", false, f.controllerGet),
		crmMethod(f.method+".list", false, f.controllerList),
		crmMethod(f.method+".delete", true, f.controllerDelete),
		crmMethod(f.method+".getFields", false, f.controllerFields),
		crmMethod(f.method+".getFieldsByFilter", false, f.fieldsByFilter),
	}
	all = slices.DeleteFunc(all, func(m method) bool {
		return !slices.Contains(verbs, strings.TrimPrefix(m.name, f.method+"."))
	})
	for i := range all {
		all[i].scope = f.scope
	}
	return all
}

// someFields returns the parameter fields, which must not be empty.
func someFields(c *call) (*Map, error) {
	fields, err := c.needMap("fields")
	if err == nil && fields.Len() == 0 {
		_, err = (&call{params: new(Map)}).need("fields")
	}
	return fields, err
}

// controllerRecord returns the record that the parameter id names.
func (f *family) controllerRecord(ctx context.Context, s *store, c *call) (*record, error) {
	id, err := c.needInt("id")
	if err != nil {
		return nil, err
	}
	return f.need(ctx, s, id)
}

func (f *family) controllerAdd(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := someFields(c)
	if err != nil {
		return reply{}, err
	}
	if err := f.required(fields, mode{}); err != nil {
		return reply{}, err
	}
	rec, err := f.add(ctx, s, fields)
	if err != nil {
		return reply{}, err
	}
	return f.single(ctx, s, f.stored, rec)
}

func (f *family) controllerUpdate(ctx context.Context, s *store, c *call) (reply, error) {
	old, err := f.controllerRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	fields, err := someFields(c)
	if err != nil {
		return reply{}, err
	}
	if err := f.required(fields, mode{update: true}); err != nil {
		return reply{}, err
	}
	rec, err := f.update(ctx, s, old, fields)
	if err != nil {
		return reply{}, err
	}
	return f.single(ctx, s, f.stored, rec)
}

// single answers with one whole record under a name.
func (f *family) single(ctx context.Context, s *store, name string, rec *record) (reply, error) {
	m := f.answer(rec, f.all(), false)
	if f.show != nil {
		if err := f.show(ctx, s, []*record{rec}, []any{m}, nil); err != nil {
			return reply{}, err
		}
	}
	return reply{value: wrap(name, m)}, nil
}

// required refuses fields that lack a required one, and names all of those.
func (f *family) required(fields *Map, m mode) error {
	var missing []string
	for _, fd := range f.set.list {
		raw, sent := fields.Get(fd.name)
		absent := !sent && !(m.update && f.partial) || sent && isBlank(raw)
		if fd.required && fd.accepts(m) && absent {
			missing = append(missing, fd.name)
		}
	}
	if len(missing) > 0 {
		return controllerFault("Required fields: " + strings.Join(missing, ", "))
	}
	return nil
}

// controllerFault is a refusal without a code of its own.
func controllerFault(text string) *fault { return &fault{code: "0", text: text} }

func (f *family) controllerGet(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := f.controllerRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return f.single(ctx, s, f.one, rec)
}

func (f *family) controllerList(ctx context.Context, s *store, c *call) (reply, error) {
	names, err := c.optMap("select")
	if err != nil {
		return reply{}, err
	}
	if c, err = f.narrowed(c, names); err != nil {
		return reply{}, err
	}
	recs, r, err := f.page(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	rows := f.answers(recs, f.choose(names))
	if selected, _ := asList(names); f.show != nil {
		err = f.show(ctx, s, recs, rows, selected)
	}
	r.value = wrap(f.many, rows)
	return r, err
}

// narrowed returns the call as the family's list reads it: what it demands is
// there, and an array under "!" means none of its values.
func (f *family) narrowed(c *call, names *Map) (*call, error) {
	filter, err := c.optMap("filter")
	if err != nil {
		return nil, err
	}
	if err := f.demanded(names, filter); err != nil {
		return nil, err
	}
	narrow := new(Map)
	for _, key := range filter.Keys() {
		v, _ := filter.Get(key)
		name, negated := strings.CutPrefix(key, "!")
		if _, list := asList(v); list && negated && f.find(name) != nil {
			key = "!@" + name
		}
		narrow.Set(key, v)
	}
	for key, v := range f.only {
		narrow.Set("="+key, strconv.FormatInt(v, 10))
	}
	params := new(Map)
	for _, key := range c.params.Keys() {
		v, _ := c.params.Get(key)
		params.Set(key, v)
	}
	params.Set("filter", narrow)
	other := *c
	other.params = params
	return &other, nil
}

// demanded refuses a list without the names that the family demands in select
// and filter.
func (f *family) demanded(names, filter *Map) error {
	selected, _ := asList(names)
	for _, name := range f.mustSelect {
		if !slices.Contains(selected, any(name)) {
			return controllerFault(fmt.Sprintf("Required select fields: %s", strings.Join(f.mustSelect, ", ")))
		}
	}
	for _, name := range f.mustFilter {
		plain, _ := filter.Get(name)
		exact, _ := filter.Get("=" + name)
		if isBlank(plain) && isBlank(exact) {
			return controllerFault(fmt.Sprintf("Required filter fields: %s", strings.Join(f.mustFilter, ", ")))
		}
	}
	return nil
}

func (f *family) controllerDelete(ctx context.Context, s *store, c *call) (reply, error) {
	rec, err := f.controllerRecord(ctx, s, c)
	if err != nil {
		return reply{}, err
	}
	return reply{value: true}, f.remove(ctx, s, rec)
}

// controllerFields describes the fields the short way that controllers have.
func (f *family) controllerFields(context.Context, *store, *call) (reply, error) {
	fields := new(Map)
	for _, fd := range f.set.list {
		fields.Set(fd.name, describeShortly(fd))
	}
	return reply{value: wrap(f.one, fields)}, nil
}

func describeShortly(fd *field) *Map {
	m := wrap("isImmutable", fd.immutable)
	m.Set("isReadOnly", fd.readOnly)
	m.Set("isRequired", fd.required)
	m.Set("type", string(fd.typ))
	return m
}
