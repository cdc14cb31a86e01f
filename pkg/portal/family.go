package portal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// typeChar is a boolean of the older methods, "Y" or "N".
const typeChar fieldType = "char"

// A family is a kind of plain record with methods of one shape: a table, its
// fields, and what is special about saving it. Another family is another value,
// not another set of handlers.
type family struct {
	method   string // how the names of its methods begin, such as "crm.requisite"
	table    string // name of its table
	set      *fieldSet
	object   string   // entityId of its custom fields; "" if it has none
	key      []string // fields that identify a record in place of an id
	defaults map[string]any
	stamps   stamps
	missing  func(id int64) *fault // for a record that is not there

	// Of controllers, whose answers are objects under a name.
	scope             string
	one, many, stored string           // names of a record that was read, of a list, of a record that was saved
	partial           bool             // an update need not send the required fields again
	only              map[string]int64 // what the records of the family hold, among others in the table
	mustSelect        []string         // fields that a list must select
	mustFilter        []string         // fields that a list must filter by

	// prepare completes and checks a record before it is stored; old is nil for
	// a new one.
	prepare func(ctx context.Context, s *store, old, rec *record) error
	// removing checks a record before it is deleted and deletes what hangs on it.
	removing func(ctx context.Context, s *store, rec *record) error
	// save stores what a record holds beside its fields, once it is stored itself, and
	// show adds that to answers, as far as it is selected; nil selects everything.
	save func(ctx context.Context, s *store, rec *record, fields *Map) error
	show func(ctx context.Context, s *store, recs []*record, answers []any, selected []any) error
	// polish changes how an answer shows a record.
	polish func(m *Map, listed bool)
}

// stamps names the fields that say when and by whom a record was saved; "" for
// none.
type stamps struct{ created, createdBy, modified, modifiedBy string }

// familySet builds the field set of a family. Cells hold the letters of
// [fieldRow] for its only column. The field ID is stored like the id of items.
func familySet(rows []fieldRow) *fieldSet {
	var list []*field
	for _, row := range rows {
		f := row.field(0)
		if row.name == strings.ToUpper(row.name) {
			f.upper = row.name
		}
		if row.name == "ID" {
			f.name = "id"
		}
		list = append(list, f)
	}
	return newFieldSet(list)
}

// entity lets the records of a family be read and stored as items are.
func (f *family) entity() *entity { return &entity{table: f.table, set: f.set} }

// schema returns the statements that create the family's table, with an index
// on each list of columns.
func (f *family) schema(indexes ...string) []string {
	statements := itemSchema(f.table, f.set)
	for i, columns := range indexes {
		unique := ""
		if len(f.key) > 0 && i == 0 {
			unique = "UNIQUE "
		}
		statements = append(statements, fmt.Sprintf("CREATE %sINDEX IF NOT EXISTS %s ON %s (%s)",
			unique, quoteName(fmt.Sprintf("%s_%d", f.table, i)), quoteName(f.table), columns))
	}
	return statements
}

// read puts what a client sent into a record. Unknown and read-only fields and
// values that cannot be read are dropped without a word.
func (f *family) read(s *store, fields *Map, rec *record, m mode) {
	for _, key := range fields.Keys() {
		raw, _ := fields.Get(key)
		fd := f.find(key)
		if fd == nil || !fd.stored() || !fd.accepts(m) {
			continue
		}
		if fd.custom != nil && fd.typ == typeBoolean {
			rec.set(fd.name, customFlag(raw))
		} else if v, ok := fd.convert(raw, s.now); ok {
			rec.set(fd.name, v)
		}
	}
}

// find returns the field of a name. The older methods take any case.
func (f *family) find(name string) *field {
	if fd := f.set.byName[name]; fd != nil {
		return fd
	}
	if f.scope == "" {
		return f.set.byName[strings.ToUpper(name)]
	}
	return nil
}

// add stores a new record of what a client sent.
func (f *family) add(ctx context.Context, s *store, fields *Map) (*record, error) {
	rec := newRecord()
	f.read(s, fields, rec, mode{})
	if err := f.create(ctx, s, rec); err != nil || f.save == nil {
		return rec, err
	}
	return rec, f.save(ctx, s, rec, fields)
}

// create stores a new record.
func (f *family) create(ctx context.Context, s *store, rec *record) error {
	for name, v := range f.defaults {
		if rec.vals[name] == nil {
			rec.vals[name] = v
		}
	}
	id, err := s.nextID(ctx, f.table)
	if err != nil {
		return err
	}
	rec.id = id
	f.stamp(s, rec, f.stamps.created, f.stamps.createdBy)
	if f.prepare != nil {
		if err := f.prepare(ctx, s, nil, rec); err != nil {
			return err
		}
	}
	rec.complete(f.entity())
	return s.insert(ctx, f.entity(), rec)
}

// update changes a record.
func (f *family) update(ctx context.Context, s *store, old *record, fields *Map) (*record, error) {
	rec := old.clone()
	f.read(s, fields, rec, mode{update: true})
	if err := f.replace(ctx, s, old, rec); err != nil || f.save == nil {
		return rec, err
	}
	return rec, f.save(ctx, s, rec, fields)
}

// replace stores another state of a record.
func (f *family) replace(ctx context.Context, s *store, old, rec *record) error {
	for name, v := range f.defaults {
		if rec.vals[name] == nil && f.set.byName[name].keeps {
			rec.vals[name] = v
		}
	}
	f.stamp(s, rec, f.stamps.modified, f.stamps.modifiedBy)
	if f.prepare != nil {
		if err := f.prepare(ctx, s, old, rec); err != nil {
			return err
		}
	}
	rec.complete(f.entity())
	return s.replace(ctx, f.entity(), old, rec)
}

// stamp notes who saves the record, and when.
func (f *family) stamp(s *store, rec *record, when, who string) {
	if when != "" {
		rec.vals[when] = s.now.Unix()
	}
	if who != "" {
		rec.vals[who] = s.user
	}
}

// remove deletes a record and what hangs on it.
func (f *family) remove(ctx context.Context, s *store, rec *record) error {
	if f.removing != nil {
		if err := f.removing(ctx, s, rec); err != nil {
			return err
		}
	}
	return s.exec(ctx, `DELETE FROM `+quoteName(f.table)+` WHERE "id" = ?`, rec.id)
}

// removeWhere deletes every record whose columns hold the values.
func (f *family) removeWhere(ctx context.Context, s *store, columns []string, values ...any) error {
	recs, err := f.where(ctx, s, columns, values...)
	if err != nil {
		return err
	}
	for _, rec := range recs {
		if err := f.remove(ctx, s, rec); err != nil {
			return err
		}
	}
	return nil
}

// where returns the records whose columns hold the values, by id.
func (f *family) where(ctx context.Context, s *store, columns []string, values ...any) ([]*record, error) {
	terms := make([]string, len(columns))
	for i, name := range columns {
		terms[i] = quoteName(name) + " = ?"
	}
	return s.query(ctx, f.entity(), f.columns(), "WHERE "+strings.Join(terms, " AND ")+` ORDER BY "id"`, values...)
}

// columns lists the stored fields but the id, which every query brings.
func (f *family) columns() []*field {
	return slices.DeleteFunc(f.entity().columns(), func(fd *field) bool { return fd.name == "id" })
}

// byID returns a record, nil if the family has none of this id.
func (f *family) byID(ctx context.Context, s *store, id int64) (*record, error) {
	rec, err := first(f.where(ctx, s, []string{"id"}, id))
	if err != nil || rec == nil {
		return nil, err
	}
	for name, v := range f.only {
		if rec.int(name) != v {
			return nil, nil
		}
	}
	return rec, nil
}

// first returns the first of some records, nil if there is none.
func first(recs []*record, err error) (*record, error) {
	if err != nil || len(recs) == 0 {
		return nil, err
	}
	return recs[0], nil
}

// need returns a record, or the fault that it is missing.
func (f *family) need(ctx context.Context, s *store, id int64) (*record, error) {
	rec, err := f.byID(ctx, s, id)
	if err == nil && rec == nil {
		err = f.missing(id)
	}
	return rec, err
}

// recode gives a refusal another code, as the methods of a family have it.
func recode(err error, code string) error {
	var refused *fault
	if errors.As(err, &refused) {
		return &fault{status: refused.status, code: code, text: refused.text}
	}
	return err
}
