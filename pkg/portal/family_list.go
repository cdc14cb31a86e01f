package portal

import (
	"context"
	"slices"
	"strings"
)

// A choice is what a list shall return of each record.
type choice []*field

// choose reads the parameter select. Unknown names are dropped without a word;
// none at all, and "*", stand for every field.
func (f *family) choose(names *Map) choice {
	list, _ := asList(names)
	var chosen choice
	for _, item := range list {
		name, _ := asString(item)
		if name == "*" {
			chosen = append(chosen, f.all()...)
			continue
		}
		if fd := f.find(name); fd != nil && fd.stored() && !slices.Contains(chosen, fd) {
			chosen = append(chosen, fd)
		}
	}
	if len(list) == 0 {
		return f.all()
	}
	return chosen
}

// all lists the fields of a whole record. Custom fields must be asked for by name.
func (f *family) all() choice {
	return slices.DeleteFunc(slices.Clone(f.set.list), func(fd *field) bool { return !fd.stored() || fd.custom != nil })
}

// page reads one page of records and counts them all, if the call asks for it.
func (f *family) page(ctx context.Context, s *store, c *call) (recs []*record, r reply, err error) {
	l, err := newListing(c, 0, f.find)
	if err != nil {
		return nil, reply{}, err
	}
	offset, counting := c.page()
	if recs, err = s.query(ctx, f.entity(), f.columns(), l.page(offset), l.args...); err != nil {
		return nil, reply{}, err
	}
	total := 0
	if counting {
		if total, err = s.total(ctx, f.table, l); err != nil {
			return nil, reply{}, err
		}
	}
	return recs, listReply(nil, offset, total, counting), nil
}

// cell renders one field of a record: as JSON has it for controllers, as a
// string for the older methods.
func (f *family) cell(rec *record, fd *field) any {
	if fd.custom != nil {
		return f.customCell(rec, fd)
	}
	v := f.entity().value(rec, fd)
	if f.scope != "" {
		return v
	}
	switch v.(type) {
	case int64, float64:
		return numeral(v)
	case nil:
		if fd.name == f.stamps.modified { // never changed
			return ""
		}
	}
	return v
}

// numeral writes a number as the older methods do.
func numeral(v any) string {
	b, _ := (&encoder{}).append(nil, v)
	return string(b)
}

// label is the key of a field in answers.
func (f *family) label(fd *field) string {
	if f.scope == "" {
		return fd.upper
	}
	return fd.name
}

// answer renders the chosen fields of a record.
func (f *family) answer(rec *record, chosen choice, listed bool) *Map {
	m := new(Map)
	for _, fd := range chosen {
		m.Set(f.label(fd), f.cell(rec, fd))
	}
	if f.polish != nil {
		f.polish(m, listed)
	}
	return m
}

// answers renders a page of records.
func (f *family) answers(recs []*record, chosen choice) []any {
	rows := make([]any, len(recs))
	for i, rec := range recs {
		rows[i] = f.answer(rec, chosen, true)
	}
	return rows
}

// folded returns the call with the names of its parameters in lower case, since
// the older methods compare them without case.
func (c *call) folded() *call {
	params := new(Map)
	for _, key := range c.params.Keys() {
		v, _ := c.params.Get(key)
		params.Set(strings.ToLower(key), v)
	}
	other := *c
	other.params = params
	return &other
}
