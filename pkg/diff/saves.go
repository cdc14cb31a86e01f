package diff

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// The columns that tell who did what last, and when.
var (
	savedColumns = []string{"updatedBy", kind.SavedTime}
	movedColumns = []string{"movedBy", "movedTime"} // to its stage
)

// ReadSaves asks who last saved the records that a plan overwrites or deletes, and who moved them
// to their stage, for whoever reviews it. It asks by id, 2,450 records a request, and not at
// all where nothing is overwritten. What the portal refuses to tell stays unknown.
func ReadSaves(ctx context.Context, asker ask.Asker, state *State, p *plan.Plan) error {
	f := &fetcher{asker: ask.Portal{Asker: asker}, state: state, View: declared.NewView(&spec.Set{}, &state.Meta, nil)}
	overwritten := make(map[int]map[int]int) // indexes of changes
	for i, e := range p.Changes.Entries() {
		if f.overwrites(e) {
			of := overwritten[e.EntityTypeID]
			if of == nil {
				of = make(map[int]int)
				overwritten[e.EntityTypeID] = of
			}
			of[value.IDNumber(e.ID)] = i
		}
	}
	var searches []kind.Search
	var entities []int
	for _, entity := range slices.Sorted(maps.Keys(overwritten)) {
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(overwritten[entity])), ask.Keys) {
			searches, entities = append(searches, kind.Search{Store: f.Meta.StoreOf(entity), Columns: f.saveColumns(entity),
				Where: []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: kind.AnyID(ids)}}}), append(entities, entity)
		}
	}
	if len(searches) == 0 {
		return nil
	}
	return f.asker.Rows(ctx, searches, "asking-who-saved-last", func(i int, rows []kind.Row) error {
		for _, row := range rows {
			at, ok := overwritten[entities[i]][row.Int("id")]
			if !ok {
				continue
			}
			ch, err := p.Changes.Change(at)
			if err != nil {
				return err
			}
			ch.Last = f.lastSaves(row)
			if err := p.Changes.Put(at, ch); err != nil {
				return err
			}
		}
		return nil
	}, func(int, *kind.Refusal) {})
}

// overwrites tells whether a change takes something from a record that is there.
func (f *fetcher) overwrites(ch *plan.Entry) bool {
	_, told := f.Meta.Fields[ch.EntityTypeID].ByName[savedColumns[0]]
	return told && ch.ID != "" && (ch.Action == plan.Delete || (ch.Action == plan.Update || ch.Action == plan.Adopt) && ch.Fields > 0)
}

// saveColumns are those of an entity type that tell who did what last.
func (f *fetcher) saveColumns(entityTypeID int) []string {
	out := []string{"id"}
	for _, name := range slices.Concat(savedColumns, movedColumns) {
		if _, ok := f.Meta.Fields[entityTypeID].ByName[name]; ok {
			out = append(out, name)
		}
	}
	return out
}

func (f *fetcher) lastSaves(row kind.Row) *plan.Saves {
	by := func(columns []string) plan.Save {
		return plan.Save{By: f.userShown(row.Int(columns[0])), At: row.Text(columns[1])}
	}
	return &plan.Saves{Saved: by(savedColumns), Moved: by(movedColumns)}
}

// userShown shows a user as a field of users would.
func (f *fetcher) userShown(id int) value.Shown {
	if id == 0 {
		return value.Shown{}
	}
	s := f.Scope(declared.Type{})
	return value.MustCodecOf(value.Type{Name: "user"}).Show(s.Names(), value.Text(strconv.Itoa(id)))
}
