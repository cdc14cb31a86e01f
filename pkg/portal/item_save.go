package portal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// add stores a new item.
func (s *store) add(ctx context.Context, e *entity, fields *Map, m mode) (*record, error) {
	in, err := s.read(ctx, e, fields, nil, m)
	if err != nil {
		return nil, err
	}
	rec := newRecord()
	rec.apply(e, in)
	if rec.id, err = s.nextID(ctx, e.table); err != nil {
		return nil, err
	}
	steps := []func() error{
		func() error { return s.place(ctx, e, nil, rec, in) },
		func() error { return s.defaults(ctx, e, rec) },
		func() error { return s.stamp(ctx, e, rec, in) },
		func() error { return s.check(ctx, e, newRecord(), rec) },
		func() error { return s.checkRequired(e, nil, rec, in) },
		func() error { return s.allow(e, m.added(), rec) },
		func() error { return s.insert(ctx, e, rec) },
		func() error { return s.logStage(ctx, e, nil, rec) },
	}
	if !m.imported {
		steps = append(steps, func() error { return s.note(ctx, e, actionAdd, rec, rec) })
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return rec, nil
}

// update changes an item, unless nothing would change: then nothing is saved.
// It returns the item as it is afterwards.
func (s *store) update(ctx context.Context, e *entity, id int64, fields *Map) (*record, error) {
	old, err := s.load(ctx, e, id)
	if err != nil {
		return nil, err
	}
	if err := s.allow(e, actionUpdate, old); err != nil {
		return nil, err
	}
	in, err := s.read(ctx, e, fields, old, mode{update: true})
	if err != nil {
		return nil, err
	}
	rec := old.clone()
	rec.apply(e, in)
	if err := s.place(ctx, e, old, rec, in); err != nil {
		return nil, err
	}
	rec.complete(e)
	if err := s.totals(ctx, e, rec); err != nil {
		return nil, err
	}
	if !in.dirty && equalRecords(old, rec) {
		return old, nil
	}
	if err := s.check(ctx, e, old, rec); err != nil {
		return nil, err
	}
	if err := s.checkRequired(e, old, rec, in); err != nil {
		return nil, err
	}
	rec.vals["updatedTime"] = s.now.Unix()
	rec.vals["updatedBy"] = s.user
	if err := s.replace(ctx, e, old, rec); err != nil {
		return nil, err
	}
	if err := s.logStage(ctx, e, old, rec); err != nil {
		return nil, err
	}
	return rec, s.note(ctx, e, actionUpdate, old, rec)
}

// apply puts what a client sent into the record.
func (r *record) apply(e *entity, in *input) {
	for name, v := range in.vals {
		r.set(name, v)
	}
	for name, ids := range in.links {
		if len(ids) == 0 {
			delete(r.links, name)
		} else {
			r.links[name] = ids
		}
	}
	r.comms = applyComms(r.comms, in.comms)
	for _, link := range primaryLinks {
		if e.set.byName[link.list] == nil || e.set.byName[link.single] == nil {
			continue
		}
		if ids := r.links[link.list]; len(ids) > 0 {
			r.vals[link.single] = ids[0]
		} else {
			delete(r.vals, link.single)
		}
	}
	if e.hasComms() {
		r.commFlags()
	}
}

// set stores a value; nil is stored as absence, so that records compare.
func (r *record) set(name string, v any) {
	if v == nil {
		delete(r.vals, name)
		return
	}
	r.vals[name] = v
}

// complete gives the columns that hold no NULL their empty values. The tax has
// no other value, since it is always the sum over product rows.
func (r *record) complete(e *entity) {
	for _, f := range e.columns() {
		if f.name == "taxValue" {
			r.vals[f.name] = 0.0
		}
		if r.vals[f.name] != nil || f.custom != nil {
			continue
		}
		switch {
		case f.typ.class() == classFlag:
			r.vals[f.name] = "N"
		case f.typ.class() == classReal && f.empty != nil:
			r.vals[f.name] = 0.0
		case f.empty != nil:
			r.vals[f.name] = f.empty
		}
	}
}

func equalRecords(a, b *record) bool {
	return maps.Equal(a.vals, b.vals) && maps.EqualFunc(a.links, b.links, slices.Equal) && slices.Equal(a.comms, b.comms)
}

// nextID returns the id that the next row of a table gets. Ids are never used
// twice, not even after a deletion.
func (s *store) nextID(ctx context.Context, table string) (int64, error) {
	id, _, err := s.number(ctx, `SELECT coalesce((SELECT seq + 1 FROM sqlite_sequence WHERE name = ?), `+firstID+`)`, table)
	return id, err
}

// defaults fills in what the portal decides for a new item.
func (s *store) defaults(ctx context.Context, e *entity, rec *record) error {
	for _, f := range e.columns() {
		if rec.vals[f.name] != nil || !f.defaulted {
			continue
		}
		v, err := s.defaultOf(ctx, e, f, rec)
		if err != nil {
			return err
		}
		rec.set(f.name, v)
	}
	for _, name := range []string{"quoteNumber", "accountNumber"} {
		if f := e.set.byName[name]; f != nil && rec.vals[name] == nil {
			number, err := s.freeNumber(ctx, e, f, rec.id)
			if err != nil {
				return err
			}
			rec.vals[name] = number
		}
	}
	rec.complete(e)
	return nil
}

func (s *store) defaultOf(ctx context.Context, e *entity, f *field, rec *record) (any, error) {
	switch f.name {
	case "title":
		return fmt.Sprintf("%s #%d", e.name, rec.id), nil
	case "lastName":
		if rec.vals["name"] == nil {
			return fmt.Sprintf("%s #%d", e.name, rec.id), nil
		}
		return nil, nil
	case "assignedById":
		return s.user, nil
	case "opened", "export":
		return "Y", nil
	case "begindate", "actualDate":
		return s.today(0), nil
	case "closedate":
		return s.today(7), nil
	case "currencyId":
		return s.baseCurrency(ctx)
	case "mycompanyId":
		return s.ownCompany(ctx)
	}
	if f.dict != "" {
		return s.firstStatus(ctx, f.dict)
	}
	return nil, nil
}

// ownCompany returns the portal's own company, nil if it has none.
func (s *store) ownCompany(ctx context.Context) (any, error) {
	id, found, err := s.number(ctx, `SELECT min("id") FROM `+quoteName(itemTable(4))+` WHERE "isMyCompany" = 'Y'`)
	if err != nil || !found {
		return nil, err
	}
	return id, nil
}

// freeNumber returns the number of a new quote or invoice: its id, or the first
// variation that no other item carries.
func (s *store) freeNumber(ctx context.Context, e *entity, f *field, id int64) (string, error) {
	number := fmt.Sprint(id)
	for i := 1; ; i++ {
		taken, err := s.taken(ctx, e, f, number, id)
		if err != nil || !taken {
			return number, err
		}
		number = fmt.Sprintf("%d-%d", id, i)
	}
}

// taken reports whether another item holds the value in the field.
func (s *store) taken(ctx context.Context, e *entity, f *field, value string, id int64) (bool, error) {
	_, found, err := s.number(ctx, fmt.Sprintf(`SELECT "id" FROM %s WHERE %s = ? AND "id" <> ? LIMIT 1`,
		quoteName(e.table), indexed(f)), strings.TrimRight(value, " "), id)
	return found, err
}

// stamp sets who created, changed and moved the new item and when. An import by
// an administrator may bring its own values, as long as they tell a history:
// not in the future, not before the newest item, moved and updated no earlier
// than created.
func (s *store) stamp(ctx context.Context, e *entity, rec *record, in *input) error {
	for _, name := range stampFields {
		if f := e.set.byName[name]; f == nil || rec.vals[name] != nil {
			continue
		}
		switch {
		case strings.HasSuffix(name, "By"):
			rec.vals[name] = s.user
		case name == "movedTime":
			rec.vals[name] = rec.vals["createdTime"]
		default:
			rec.vals[name] = s.now.Unix()
		}
	}
	rec.vals["lastActivityTime"] = rec.vals["createdTime"]
	rec.vals["lastActivityBy"] = rec.vals["createdBy"]
	created, updated, moved := rec.int("createdTime"), rec.int("updatedTime"), rec.int("movedTime")
	if in.has("createdTime") {
		newest, _, err := s.number(ctx, `SELECT "createdTime" FROM `+quoteName(e.table)+` ORDER BY "id" DESC LIMIT 1`)
		if err != nil {
			return err
		}
		if created > s.now.Unix() || created < newest {
			return invalidField(e.set.byName["createdTime"])
		}
	}
	if updated < created {
		return invalidField(e.set.byName["updatedTime"])
	}
	if in.has("movedTime") && (moved < created || moved > updated) {
		return invalidField(e.set.byName["movedTime"])
	}
	return nil
}

// insert stores a new record with all its rows.
func (s *store) insert(ctx context.Context, e *entity, rec *record) error {
	if err := s.insertColumns(ctx, e, rec); err != nil {
		return err
	}
	return s.saveRows(ctx, e, newRecord(), rec)
}

// insertColumns stores what a new record has in columns of its own.
func (s *store) insertColumns(ctx context.Context, e *entity, rec *record) error {
	names, args := []string{`"id"`}, []any{rec.id}
	for _, f := range e.columns() {
		if v := rec.vals[f.name]; v != nil {
			names = append(names, quoteName(f.name))
			args = append(args, v)
		}
	}
	return s.exec(ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)",
		quoteName(e.table), strings.Join(names, ", "), placeholders(len(names))), args...)
}

// replace stores what differs between two states of an item.
func (s *store) replace(ctx context.Context, e *entity, old, rec *record) error {
	var sets []string
	var args []any
	for _, f := range e.columns() {
		if old.vals[f.name] != rec.vals[f.name] {
			sets = append(sets, quoteName(f.name)+" = ?")
			args = append(args, rec.vals[f.name])
		}
	}
	if len(sets) > 0 {
		err := s.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s WHERE "id" = ?`, quoteName(e.table), strings.Join(sets, ", ")),
			append(args, rec.id)...)
		if err != nil {
			return err
		}
	}
	if err := s.dropFiles(ctx, e, old, rec); err != nil {
		return err
	}
	return s.saveRows(ctx, e, old, rec)
}

// saveRows stores the links and communications that differ.
func (s *store) saveRows(ctx context.Context, e *entity, old, rec *record) error {
	for _, f := range e.lists() {
		if slices.Equal(old.links[f.name], rec.links[f.name]) {
			continue
		}
		if len(old.links[f.name]) > 0 {
			err := s.exec(ctx, `DELETE FROM crm_link WHERE etid = ? AND item = ? AND field = ?`, e.id, rec.id, f.name)
			if err != nil {
				return err
			}
		}
		for i, id := range rec.links[f.name] {
			err := s.exec(ctx, `INSERT INTO crm_link (etid, item, field, sort, value) VALUES (?, ?, ?, ?, ?)`,
				e.id, rec.id, f.name, 10*(i+1), id)
			if err != nil {
				return err
			}
		}
	}
	if err := s.mirror(ctx, e, old, rec); err != nil {
		return err
	}
	return s.saveComms(ctx, e, rec.id, old.comms, rec.comms)
}
