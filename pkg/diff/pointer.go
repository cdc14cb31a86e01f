package diff

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Pointer tells how many records of one entity type point at a record by one of
// their fields.
type Pointer struct {
	EntityTypeID int
	Total        int
	IDs          []int // of the first ones, at most a page
}

// A pointingField is a field of an entity type that holds ids of another.
type pointingField struct {
	entityTypeID int
	name         string
	multiple     bool
	target       int // the entityTypeId that it points at
	typ          value.Type
	readOnly     bool
}

// readPointers counts the live records that point at the victims by their system
// fields: links to clients and sources, and parents. Victims are asked for in
// groups; only where more than a page of records points at a group, each one is.
func (f *fetcher) readPointers(ctx context.Context, victims []kind.RecordID) error {
	victims = slices.DeleteFunc(victims, func(v kind.RecordID) bool { return v.EntityTypeID < 0 })
	if len(victims) == 0 {
		return nil
	}
	if f.state.Pointers == nil {
		f.state.Pointers = make(map[kind.RecordID][]Pointer)
	}
	fields, err := f.pointingFields(ctx)
	if err != nil {
		return err
	}
	var groups []pointerQuery
	for _, field := range fields {
		var ids []int
		for _, v := range victims {
			if v.EntityTypeID == field.target {
				ids = append(ids, v.ID)
			}
		}
		for part := range slices.Chunk(ids, lookupSize) {
			groups = append(groups, pointerQuery{field, part})
		}
	}
	crowded, err := f.countPointers(ctx, groups)
	if err == nil {
		_, err = f.countPointers(ctx, crowded)
	}
	return err
}

// A pointerQuery asks which records point at any of some victims.
type pointerQuery struct {
	pointingField
	ids []int
}

// search asks for them. Fields with several values are compared in a way of their own.
func (q pointerQuery) search(m *meta.Data) kind.Search {
	test := kind.AnyOf
	if q.multiple {
		test = kind.Has
	}
	return kind.Search{Store: m.StoreOf(q.entityTypeID), Where: []kind.Condition{{Field: q.name, Test: test, Values: kind.AnyID(q.ids)}}, Columns: []string{"id", q.name}}
}

// countPointers asks the queries and files their answers by victim. Those whose
// answer is more than a page come back, split into one for each victim.
func (f *fetcher) countPointers(ctx context.Context, queries []pointerQuery) (crowded []pointerQuery, err error) {
	searches := make([]kind.Search, len(queries))
	for i, q := range queries {
		searches[i] = q.search(f.Meta)
	}
	answers, err := f.first(ctx, searches, "counting-pointers")
	for i, a := range answers {
		if a.Refused != nil {
			f.uncounted(f.Meta.Plural(queries[i].entityTypeID))
			continue
		}
		q, total := queries[i], max(len(a.Rows), a.Total)
		if len(q.ids) > 1 && (total > len(a.Rows) || len(a.Rows) > lookupSize) {
			for _, id := range q.ids {
				crowded = append(crowded, pointerQuery{q.pointingField, []int{id}})
			}
			continue
		}
		f.filePointers(q, a.Rows, total)
	}
	return crowded, err
}

func (f *fetcher) filePointers(q pointerQuery, rows []kind.Row, total int) {
	byVictim := make(map[int][]int)
	for _, row := range rows {
		for _, id := range q.pointees(row) {
			byVictim[id] = append(byVictim[id], row.Int("id"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byVictim)) {
		p := Pointer{EntityTypeID: q.entityTypeID, Total: len(byVictim[id]), IDs: byVictim[id]}
		if len(q.ids) == 1 {
			p.Total = max(p.Total, total)
		}
		at := kind.RecordID{EntityTypeID: q.target, ID: id}
		f.state.Pointers[at] = append(f.state.Pointers[at], p)
	}
}

// pointees gives the victims that a row points at.
func (q pointerQuery) pointees(row kind.Row) []int {
	if len(q.ids) == 1 {
		return q.ids
	}
	links, err := value.MustCodecOf(value.Type{Name: string(kind.TypeEntity), Multiple: q.multiple}).Read(row[q.name])
	if err != nil {
		return nil
	}
	var out []int
	for _, l := range value.Each(links) {
		if id := l.Int(); slices.Contains(q.ids, id) {
			out = append(out, id)
		}
	}
	return out
}

// pointingFields lists the fields of every entity type of the portal that can point
// at records.
func (f *fetcher) pointingFields(ctx context.Context) ([]pointingField, error) {
	if err := f.readAllTypes(ctx); err != nil {
		return nil, err
	}
	if f.Meta.Hidden[kind.Topic{What: kind.TellTypes}] != nil {
		f.uncounted(value.Say("all-smart-process-items"))
	}
	var entities []int
	for _, k := range f.Meta.Kinds.Records() {
		if k.EntityTypeID != 0 {
			entities = append(entities, k.EntityTypeID)
		}
	}
	for _, t := range f.Meta.Types {
		entities = append(entities, t.EntityTypeID)
	}
	slices.Sort(entities)
	w := kind.Wanted{Kinds: f.Meta.Kinds, Entities: make([]kind.WantedEntity, len(entities))}
	for i, entity := range entities {
		w.Entities[i].EntityTypeID = entity
	}
	names, err := f.asker.Names(ctx, w)
	if err != nil {
		return nil, value.While(err, "reading-fields-that-point")
	}
	var out []pointingField
	for _, entity := range entities { // those that the portal lacks have no fields
		if names.Refused[kind.Topic{What: kind.TellFields, ID: entity}] != nil {
			f.uncounted(f.Meta.Plural(entity))
		}
		out = append(out, pointing(f.Meta, entity, names.Fields[entity])...)
	}
	return out, nil
}

// uncounted notes records that the webhook may not read. That is no reason to refuse
// a deletion, but its reviewer is told.
func (f *fetcher) uncounted(what value.Message) {
	if !slices.ContainsFunc(f.state.Uncounted, what.Equal) {
		f.state.Uncounted = append(f.state.Uncounted, what)
	}
}

// readAllTypes reads the portal's smart process types, if that was not done.
func (f *fetcher) readAllTypes(ctx context.Context) error {
	if len(f.Meta.Types) > 0 {
		return nil
	}
	return f.fetchTypes(ctx)
}

// pointing picks the link fields of one entity type. Of a field and its list, such
// as contactId and contactIds, the list holds both.
func pointing(m *meta.Data, entityTypeID int, fields kind.LiveFields) []pointingField {
	var out []pointingField
	for _, name := range slices.Sorted(maps.Keys(fields.ByName)) {
		field := fields.ByName[name]
		target, _ := m.LinkTarget(field.Type, name)
		if !strings.HasPrefix(name, "parentId") && !strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "Ids") {
			continue
		}
		if _, listed := fields.ByName[name+"s"]; target != 0 && !field.Dynamic && !listed {
			out = append(out, pointingField{entityTypeID: entityTypeID, name: name, multiple: field.Multiple, target: target, typ: field.ValueType(m.Kinds), readOnly: field.ReadOnly})
		}
	}
	return out
}

// pointersAt tells which records, other than those of a set, point at a victim: how
// many of each entity type, and the known ones.
func (s *State) pointersAt(victim kind.RecordID, except map[kind.RecordID]bool) (counts map[int]int, known []kind.RecordID) {
	counts = make(map[int]int)
	seen := make(map[kind.RecordID]bool)
	for _, p := range s.Pointers[victim] {
		counts[p.EntityTypeID] += p.Total
		for _, id := range p.IDs {
			at := kind.RecordID{EntityTypeID: p.EntityTypeID, ID: id}
			if seen[at] || except[at] {
				counts[p.EntityTypeID]--
			}
			if !seen[at] {
				known = append(known, at)
			}
			seen[at] = true
		}
	}
	slices.SortFunc(known, func(a, b kind.RecordID) int {
		return cmp.Or(cmp.Compare(a.EntityTypeID, b.EntityTypeID), cmp.Compare(a.ID, b.ID))
	})
	return counts, known
}

// PointingAt gives the records of the portal that point at some, by their system fields. What
// the credential may not read is left out.
func PointingAt(ctx context.Context, asker Asker, kinds *kind.Table, at []kind.RecordID) (map[kind.RecordID][]kind.RecordID, error) {
	state := &State{Meta: meta.Data{Kinds: kinds}}
	f := &fetcher{asker: asker, state: state, View: declared.NewView(&spec.Set{}, &state.Meta, nil)}
	if err := f.readPointers(ctx, at); err != nil {
		return nil, err
	}
	out := make(map[kind.RecordID][]kind.RecordID)
	for _, to := range at {
		for _, p := range state.Pointers[to] {
			ids := p.IDs
			if p.Total > len(ids) {
				all, err := f.allPointers(ctx, p.EntityTypeID, to)
				if err != nil {
					return nil, err
				}
				ids = all
			}
			for _, id := range ids {
				out[to] = append(out[to], kind.RecordID{EntityTypeID: p.EntityTypeID, ID: id})
			}
		}
	}
	return out, nil
}

// allPointers reads the ids of all records of one entity type that point at a record.
func (f *fetcher) allPointers(ctx context.Context, entityTypeID int, to kind.RecordID) (ids []int, err error) {
	fields, err := f.pointingFields(ctx)
	for _, field := range fields {
		if err != nil {
			return nil, err
		}
		if field.entityTypeID != entityTypeID || field.target != to.EntityTypeID {
			continue
		}
		for row, failed := range f.asker.Scan(ctx, pointerQuery{field, []int{to.ID}}.search(f.Meta)) {
			if err = failed; err != nil {
				break
			}
			ids = append(ids, row.Int("id"))
		}
	}
	return ids, err
}
