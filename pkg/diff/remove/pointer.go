package remove

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Pointer tells how many records of one entity type point at a record by one of
// their fields.
type Pointer struct {
	EntityTypeID int
	Total        int
	IDs          []int // of the first ones, at most a page
}

// A PointingField is a field of an entity type that holds ids of another.
type PointingField struct {
	EntityTypeID int
	Name         string
	Multiple     bool
	Target       int // the entityTypeId that it points at
	Type         value.Type
	ReadOnly     bool
}

// ReadPointers counts the live records that point at the victims by their system
// fields: links to clients and sources, and parents. Victims are asked for in
// groups; only where more than a page of records points at a group, each one is.
func (f *Reader) ReadPointers(ctx context.Context, victims []kind.RecordID) error {
	victims = slices.DeleteFunc(victims, func(v kind.RecordID) bool { return v.EntityTypeID < 0 })
	if len(victims) == 0 {
		return nil
	}
	if f.Found.Pointers == nil {
		f.Found.Pointers = make(map[kind.RecordID][]Pointer)
	}
	fields, err := f.PointingFields(ctx)
	if err != nil {
		return err
	}
	var groups []PointerQuery
	for _, field := range fields {
		var ids []int
		for _, v := range victims {
			if v.EntityTypeID == field.Target {
				ids = append(ids, v.ID)
			}
		}
		for part := range slices.Chunk(ids, ask.Keys) {
			groups = append(groups, PointerQuery{field, part})
		}
	}
	crowded, err := f.countPointers(ctx, groups)
	if err == nil {
		_, err = f.countPointers(ctx, crowded)
	}
	return err
}

// A PointerQuery asks which records point at any of some victims.
type PointerQuery struct {
	PointingField
	IDs []int
}

// Search asks for them. Fields with several values are compared in a way of their own.
func (q PointerQuery) Search(m *meta.Data) kind.Search {
	test := kind.AnyOf
	if q.Multiple {
		test = kind.Has
	}
	return kind.Search{Store: m.StoreOf(q.EntityTypeID), Where: []kind.Condition{{Field: q.Name, Test: test, Values: kind.AnyID(q.IDs)}}, Columns: []string{"id", q.Name}}
}

// countPointers asks the queries and files their answers by victim. Those whose
// answer is more than a page come back, split into one for each victim.
func (f *Reader) countPointers(ctx context.Context, queries []PointerQuery) (crowded []PointerQuery, err error) {
	searches := make([]kind.Search, len(queries))
	for i, q := range queries {
		searches[i] = q.Search(f.Meta)
	}
	answers, err := f.Asker.Firsts(ctx, searches, "counting-pointers")
	for i, a := range answers {
		if a.Refused != nil {
			f.Uncounted(f.Meta.Plural(queries[i].EntityTypeID))
			continue
		}
		q, total := queries[i], max(len(a.Rows), a.Total)
		if len(q.IDs) > 1 && (total > len(a.Rows) || len(a.Rows) > ask.Keys) {
			for _, id := range q.IDs {
				crowded = append(crowded, PointerQuery{q.PointingField, []int{id}})
			}
			continue
		}
		f.filePointers(q, a.Rows, total)
	}
	return crowded, err
}

func (f *Reader) filePointers(q PointerQuery, rows []kind.Row, total int) {
	byVictim := make(map[int][]int)
	for _, row := range rows {
		for _, id := range q.pointees(row) {
			byVictim[id] = append(byVictim[id], row.Int("id"))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byVictim)) {
		p := Pointer{EntityTypeID: q.EntityTypeID, Total: len(byVictim[id]), IDs: byVictim[id]}
		if len(q.IDs) == 1 {
			p.Total = max(p.Total, total)
		}
		at := kind.RecordID{EntityTypeID: q.Target, ID: id}
		f.Found.Pointers[at] = append(f.Found.Pointers[at], p)
	}
}

// pointees gives the victims that a row points at.
func (q PointerQuery) pointees(row kind.Row) []int {
	if len(q.IDs) == 1 {
		return q.IDs
	}
	links, err := value.MustCodecOf(value.Type{Name: string(kind.TypeEntity), Multiple: q.Multiple}).Read(row[q.Name])
	if err != nil {
		return nil
	}
	var out []int
	for _, l := range value.Each(links) {
		if id := l.Int(); slices.Contains(q.IDs, id) {
			out = append(out, id)
		}
	}
	return out
}

// PointingFields lists the fields of every entity type of the portal that can point
// at records.
func (f *Reader) PointingFields(ctx context.Context) ([]PointingField, error) {
	if err := f.readAllTypes(ctx); err != nil {
		return nil, err
	}
	if f.Meta.Hidden[kind.Topic{What: kind.TellTypes}] != nil {
		f.Uncounted(value.Say("all-smart-process-items"))
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
	names, err := f.Asker.Names(ctx, w)
	if err != nil {
		return nil, value.While(err, "reading-fields-that-point")
	}
	var out []PointingField
	for _, entity := range entities { // those that the portal lacks have no fields
		if names.Refused[kind.Topic{What: kind.TellFields, ID: entity}] != nil {
			f.Uncounted(f.Meta.Plural(entity))
		}
		out = append(out, pointing(f.Meta, entity, names.Fields[entity])...)
	}
	return out, nil
}

// Uncounted notes records that the webhook may not read. That is no reason to refuse
// a deletion, but its reviewer is told.
func (f *Reader) Uncounted(what value.Message) {
	if !slices.ContainsFunc(f.Found.Uncounted, what.Equal) {
		f.Found.Uncounted = append(f.Found.Uncounted, what)
	}
}

// readAllTypes reads the portal's smart process types, if that was not done.
func (f *Reader) readAllTypes(ctx context.Context) error {
	if len(f.Meta.Types) > 0 {
		return nil
	}
	return f.Types(ctx)
}

// pointing picks the link fields of one entity type. Of a field and its list, such
// as contactId and contactIds, the list holds both.
func pointing(m *meta.Data, entityTypeID int, fields kind.LiveFields) []PointingField {
	var out []PointingField
	for _, name := range slices.Sorted(maps.Keys(fields.ByName)) {
		field := fields.ByName[name]
		target, _ := m.LinkTarget(field.Type, name)
		if !strings.HasPrefix(name, "parentId") && !strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "Ids") {
			continue
		}
		if _, listed := fields.ByName[name+"s"]; target != 0 && !field.Dynamic && !listed {
			out = append(out, PointingField{EntityTypeID: entityTypeID, Name: name, Multiple: field.Multiple, Target: target, Type: field.ValueType(m.Kinds), ReadOnly: field.ReadOnly})
		}
	}
	return out
}

// pointersAt tells which records, other than those of a set, point at a victim: how
// many of each entity type, and the known ones.
func (s *Found) pointersAt(victim kind.RecordID, except map[kind.RecordID]bool) (counts map[int]int, known []kind.RecordID) {
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

// AllPointers reads the ids of all records of one entity type that point at a record.
func (f *Reader) AllPointers(ctx context.Context, entityTypeID int, to kind.RecordID) (ids []int, err error) {
	fields, err := f.PointingFields(ctx)
	for _, field := range fields {
		if err != nil {
			return nil, err
		}
		if field.EntityTypeID != entityTypeID || field.Target != to.EntityTypeID {
			continue
		}
		for row, failed := range f.Asker.Scan(ctx, PointerQuery{field, []int{to.ID}}.Search(f.Meta)) {
			if err = failed; err != nil {
				break
			}
			ids = append(ids, row.Int("id"))
		}
	}
	return ids, err
}
