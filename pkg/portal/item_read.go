package portal

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
)

// A record is an item in storage form: nil where there is no value.
type record struct {
	id    int64
	vals  map[string]any     // columns by field name
	links map[string][]int64 // multiple fields by name, in order
	comms []comm
}

func newRecord() *record {
	return &record{vals: make(map[string]any), links: make(map[string][]int64)}
}

func (r *record) clone() *record {
	links := make(map[string][]int64, len(r.links))
	for name, ids := range r.links {
		links[name] = slices.Clone(ids)
	}
	return &record{id: r.id, vals: maps.Clone(r.vals), links: links, comms: slices.Clone(r.comms)}
}

func (r *record) text(name string) string {
	text, _ := r.vals[name].(string)
	return text
}

func (r *record) int(name string) int64 {
	n, _ := r.vals[name].(int64)
	return n
}

// load returns an item with everything it holds, or NOT_FOUND.
func (s *store) load(ctx context.Context, e *entity, id int64) (*record, error) {
	recs, err := s.query(ctx, e, e.columns(), `WHERE "id" = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(recs) == 0 {
		return nil, notFound("Item")
	}
	for _, f := range e.lists() {
		if err := s.loadLinks(ctx, e, f, recs); err != nil {
			return nil, err
		}
	}
	if e.hasComms() {
		err = s.loadComms(ctx, e, recs)
	}
	return recs[0], err
}

// query selects columns of the items that the rest of the statement names. The
// id is always among them.
func (s *store) query(ctx context.Context, e *entity, columns []*field, rest string, args ...any) ([]*record, error) {
	names := []string{`"id"`}
	for _, f := range columns {
		names = append(names, quoteName(f.name))
	}
	var recs []*record
	err := s.scan(ctx, func(rows *sql.Rows) error {
		rec := newRecord()
		cells := make([]any, len(columns))
		targets := []any{&rec.id}
		for i := range cells {
			targets = append(targets, &cells[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, f := range columns {
			if cells[i] != nil {
				rec.vals[f.name] = cells[i]
			}
		}
		recs = append(recs, rec)
		return nil
	}, "SELECT "+strings.Join(names, ", ")+" FROM "+quoteName(e.table)+" "+rest, args...)
	return recs, err
}

// index finds records by id and lists the ids as arguments of a statement.
func index(recs []*record) (map[int64]*record, []any) {
	byID := make(map[int64]*record, len(recs))
	args := make([]any, 0, len(recs))
	for _, rec := range recs {
		byID[rec.id] = rec
		args = append(args, rec.id)
	}
	return byID, args
}

// loadLinks fills in one multiple field of some items.
func (s *store) loadLinks(ctx context.Context, e *entity, f *field, recs []*record) error {
	if len(recs) == 0 {
		return nil
	}
	byID, args := index(recs)
	return s.scan(ctx, func(rows *sql.Rows) error {
		var item, value int64
		if err := rows.Scan(&item, &value); err != nil {
			return err
		}
		rec := byID[item]
		rec.links[f.name] = append(rec.links[f.name], value)
		return nil
	}, `SELECT item, value FROM crm_link WHERE etid = ? AND field = ? AND item IN (`+placeholders(len(recs))+`) ORDER BY item, sort`,
		append([]any{e.id, f.name}, args...)...)
}

// answer renders a whole item the way add, update and get return it: every
// field, the retired keys, the communications, the parents and the keys that
// end every answer.
func (e *entity) answer(r *record) *Map {
	m := new(Map)
	for _, f := range e.visible() {
		if f.stored() && !f.unlisted && f.parent == 0 {
			m.Set(e.key(f), e.value(r, f))
		}
	}
	for _, key := range retiredKeys[e.id] {
		m.Set(key, nil)
	}
	if e.hasComms() {
		r.setComms(m)
	}
	for _, f := range e.parents {
		m.Set(f.name, e.value(r, f))
	}
	for _, key := range appendedKeys {
		if f := e.find(key); f != nil {
			m.Set(key, e.value(r, f))
		} else {
			m.Set(key, nil)
		}
	}
	for _, f := range e.lists() {
		if e.shows(f) {
			m.Set(f.name, e.value(r, f))
		}
	}
	m.Set("entityTypeId", int64(e.id))
	return m
}

// value renders one field of an item.
func (e *entity) value(r *record, f *field) any {
	switch {
	case f.name == "id":
		return r.id
	case f.custom != nil:
		return e.customAnswer(r, f)
	case f.multiple:
		return append([]int64{}, r.links[f.name]...)
	case f.typ == typeFile:
		return fileLinks(e, r, f, r.vals[f.name])
	}
	return f.answer(r.vals[f.name])
}
