package remove

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Absent looks up the records that carry the mark of an address which must be
// gone, and what their deletion would touch.
func (f *Reader) Absent(ctx context.Context) error {
	if err := f.readAbsent(ctx); err != nil {
		return err
	}
	if err := f.readAbsentTypes(ctx); err != nil {
		return err
	}
	if err := f.ReadPointers(ctx, f.absentVictims()); err != nil {
		return err
	}
	return f.readContents(ctx, f.absentHolders())
}

// victims asks for records of the store with what a reviewer sees of them.
func victims(s kind.Store, marks []plan.Mark, where []kind.Condition) kind.Search {
	columns := []string{"id"}
	for _, m := range marks {
		columns = append(columns, m.Wire)
	}
	return kind.Search{Store: s, Where: where, Columns: append(columns, s.Kind.Review...)}
}

// showsMark checks that a row shows its mark: one that does not cannot be told apart.
func showsMark(row kind.Row, k *kind.Kind, marks []plan.Mark) error {
	for _, m := range marks {
		if _, ok := row[m.Wire]; !ok {
			return value.Err("found-by-hidden-field", value.N("id", row.Int("id")), k.Arg("kinds"), value.T("field", m.Wire))
		}
	}
	return nil
}

// An absentGroup is up to ask.Keys addresses of one store that must be gone.
type absentGroup struct {
	kind.Store
	former []*spec.Resource
	marks  [][]plan.Mark
}

// readAbsent looks up the records that must be gone.
func (f *Reader) readAbsent(ctx context.Context) error {
	groups := f.absentGroups()
	searches := make([]kind.Search, len(groups))
	for i, g := range groups {
		searches[i] = victims(g.Store, g.marks[0], carrying(g.marks))
	}
	const doing = "looking-up-what-must-be-gone"
	return f.Asker.Rows(ctx, searches, doing, func(i int, rows []kind.Row) error {
		if err := f.fileAbsent(groups[i], rows); err != nil {
			return value.While(err, doing)
		}
		return nil
	}, func(i int, no *kind.Refusal) {
		for _, r := range groups[i].former {
			f.Hide(r.Address, no)
		}
	})
}

// absentGroups sorts what must be gone into look-ups. What has no type on the portal,
// or no place for a mark, cannot be there.
func (f *Reader) absentGroups() []*absentGroup {
	type bin struct {
		kind.Store
		owner string
	}
	open := make(map[bin]*absentGroup)
	var all []*absentGroup
	for _, a := range f.Set.Absent() {
		t, ok := f.FormerType(a.Resource)
		marks := f.FormerMark(a.Resource, t)
		if !a.Kind.HasFields() || !ok || t.Refused || marks == nil || f.Hides(a.Resource) != nil {
			continue
		}
		for _, at := range f.Stores(a.Kind, t.EntityTypeID) {
			for _, owner := range f.Owners() {
				b := bin{at, owner}
				g := open[b]
				if g == nil || len(g.former) == ask.Keys {
					g = &absentGroup{Store: at}
					open[b] = g
					all = append(all, g)
				}
				g.former, g.marks = append(g.former, a.Resource), append(g.marks, f.Slot(a.Resource, t).Mark(owner, a.Address.Name()))
			}
		}
	}
	return all
}

// fileAbsent files rows under the address whose mark they carry, byte for byte.
func (f *Reader) fileAbsent(g *absentGroup, rows []kind.Row) error {
	for _, row := range rows {
		if err := showsMark(row, g.former[0].Kind, g.marks[0]); err != nil {
			return err
		}
		i := slices.IndexFunc(g.marks, func(m []plan.Mark) bool { return plan.Carries(row, m) })
		if i >= 0 {
			address := g.former[i].Address
			f.Former[address] = append(f.Former[address], row)
		}
	}
	return nil
}

// carrying asks for the records that carry any of some marks of one owner.
func carrying(marks [][]plan.Mark) []kind.Condition {
	last := len(marks[0]) - 1
	var where []kind.Condition
	for _, m := range marks[0][:last] {
		where = append(where, kind.Condition{Field: m.Wire, Test: kind.Is, Values: []any{m.Value}})
	}
	values := make([]any, len(marks))
	for i, m := range marks {
		values[i] = m[last].Value
	}
	return append(where, kind.Condition{Field: marks[0][last].Wire, Test: kind.AnyOf, Values: values})
}

// readAbsentTypes counts the items of the smart processes that must be gone.
func (f *Reader) readAbsentTypes(ctx context.Context) error {
	f.Found.TypeItems = make(map[int]int)
	var searches []kind.Search
	var of []value.Address
	for _, a := range f.Set.Absent() {
		if a.Kind.Class != kind.ClassType {
			continue
		}
		for _, t := range f.TypesWhere(func(t kind.LiveType) bool { return t.Code == a.Name }) {
			of = append(of, a.Address)
			searches = append(searches, kind.Search{Store: f.Meta.StoreOf(t.EntityTypeID), Columns: []string{"id"}})
		}
	}
	answers, err := f.Asker.Firsts(ctx, searches, "counting-items-of-types")
	for i, a := range answers {
		if a.Refused != nil {
			f.Hide(of[i], a.Refused)
		}
		f.Found.TypeItems[searches[i].Store.EntityTypeID] = a.Total
	}
	return err
}

// absentVictims lists the live records that an Absent deletes.
func (f *Reader) absentVictims() []kind.RecordID {
	var out []kind.RecordID
	for _, a := range f.Set.Absent() {
		rows := f.Former[a.Address]
		if t, ok := f.FormerType(a.Resource); ok && len(rows) == 1 && a.OnRemove == spec.OnRemoveDelete {
			out = append(out, kind.RecordID{EntityTypeID: t.Store(), ID: rows[0].Int("id")})
		}
	}
	return out
}

// liveMark is the mark that a row carries, which may be that of a former owner.
func liveMark(row kind.Row, marks []plan.Mark) []plan.Mark {
	out := slices.Clone(marks)
	for i := range out {
		out[i].Value = row.Text(out[i].Wire)
	}
	return out
}
