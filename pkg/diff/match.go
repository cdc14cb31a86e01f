package diff

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readPinned reads the records that metadata.ids names.
func (f *fetcher) readPinned(ctx context.Context) error {
	type wanted struct {
		queries []*query
		owners  map[int][]value.Address
		ids     []int
	}
	byEntity := make(map[int]*wanted)
	var entities []int
	for _, r := range slices.Concat(f.Set.Resources, f.Set.Beside) {
		id, _ := r.Identity.ID(f.Set.Env)
		if id == 0 {
			continue
		}
		t := f.TypeOf(r)
		if !f.readable(r, t) {
			continue
		}
		w := byEntity[t.Store()]
		if w == nil {
			w = &wanted{owners: make(map[int][]value.Address)}
			byEntity[t.Store()], entities = w, append(entities, t.Store())
		}
		w.queries = append(w.queries, f.newQuery(r, t))
		w.owners[id] = append(w.owners[id], r.Address)
		w.ids = append(w.ids, id)
	}
	for _, entity := range entities {
		w := byEntity[entity]
		g := asGroup(w.queries)
		err := f.readIDs(ctx, g, w.ids, func(row kind.Row) {
			for _, a := range w.owners[row.Int("id")] {
				f.state.Pinned[a] = []kind.Row{row}
			}
		}, func(ids []int, no *kind.Refusal) {
			for _, id := range ids {
				for _, a := range w.owners[id] {
					f.hide(a, no)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readable tells whether the record's type is there, so that records of it can be
// looked for.
func (f *fetcher) readable(r *spec.Resource, t declared.Type) bool {
	return r.Kind.HasFields() && t.Store() != 0 && !t.Refused && !f.Meta.Missing[t.EntityTypeID] && notRead(&f.View, f.state, r) == nil
}

// newQuery asks for all that comparing a declared record needs; it has no
// conditions yet.
func (f *fetcher) newQuery(r *spec.Resource, t declared.Type) *query {
	q := &query{kind: r.Kind, entityTypeID: t.EntityTypeID, slot: f.Slot(r, t)}
	q.columns, q.whole = f.wires(r, t)
	return q
}

// readMatches looks for the records that no mark finds by their match keys. A key
// may hold a reference to a record that is itself found so: those come first, one
// level of references at a time.
func (f *fetcher) readMatches(ctx context.Context) error {
	open := make(map[value.Address]*spec.Resource)
	for _, r := range f.Set.Resources {
		id, _ := r.Identity.ID(f.Set.Env)
		if len(r.Identity.Match) > 0 && id == 0 && !f.followed.has(r) && f.readable(r, f.TypeOf(r)) {
			open[r.Address] = r
		}
	}
	levels := make([][]*spec.Resource, 0, 4)
	depths := make(map[value.Address]int)
	for _, r := range f.Set.Resources {
		if open[r.Address] == nil {
			continue
		}
		depth := depthOf(r, open, depths)
		for len(levels) < depth {
			levels = append(levels, nil)
		}
		levels[depth-1] = append(levels[depth-1], r)
	}
	for _, level := range levels {
		if err := f.matchLevel(ctx, level); err != nil {
			return err
		}
	}
	return nil
}

// depthOf counts the open records on the longest way along a record's references,
// itself included. A circle counts up to where it closes.
func depthOf(r *spec.Resource, open map[value.Address]*spec.Resource, depths map[value.Address]int) int {
	if d, ok := depths[r.Address]; ok {
		return d
	}
	depths[r.Address] = 1
	depth := 1
	for _, dep := range r.Deps {
		if next := open[dep]; next != nil {
			depth = max(depth, depthOf(next, open, depths)+1)
		}
	}
	depths[r.Address] = depth
	return depth
}

// matchLevel asks for all keys of some records at once; the first that any row
// agrees in counts.
func (f *fetcher) matchLevel(ctx context.Context, level []*spec.Resource) error {
	type asked struct {
		address value.Address
		key     int
		query   *query
	}
	var all []asked
	var queries []*query
	for _, r := range level {
		t := f.TypeOf(r)
		targets, _ := f.Targets(r, t)
		s := f.Scope(t)
		s.IDs = f.liveID
		for i, key := range r.Identity.Match {
			q := f.newQuery(r, t)
			if conditions(&f.View, s, q, targets, key.Fields) {
				all, queries = append(all, asked{r.Address, i, q}), append(queries, q)
			}
		}
	}
	if err := f.ask(ctx, queries); err != nil {
		return err
	}
	for _, a := range all {
		if a.query.refused != nil {
			f.hide(a.address, a.query.refused)
		}
		m := f.state.Matches[a.address]
		if m.take(a.key, a.query) {
			f.state.Matches[a.address] = m
		}
	}
	return nil
}

// take notes what a key has found, and tells whether that is anything: rows of the first
// key that has some, else what is near or held.
func (m *Match) take(key int, q *query) bool {
	switch {
	case len(m.Rows) > 0:
		return false
	case len(q.rows) > 0:
		*m = Match{Key: key, Rows: q.rows}
		return true
	}
	took := false
	if len(m.Near) == 0 && !m.Full && (len(q.near) > 0 || q.full) {
		m.Key, m.Near, m.Full, took = key, q.near, q.full, true
	}
	if len(m.Held) == 0 && len(q.held) > 0 {
		m.HeldKey, m.Held, took = key, q.held, true
	}
	if len(m.Named) == 0 && len(q.named) > 0 {
		m.NamedKey, m.Named, took = key, q.named, true
	}
	return took
}

// conditions adds those of a match key, or tells that no record can meet them. What
// is wrong with a value is Compute's to say.
func conditions(v *declared.View, s *meta.Scope, q *query, targets []declared.Target, names []string) bool {
	for _, name := range names {
		i := slices.IndexFunc(targets, func(tg declared.Target) bool { return tg.Name == spec.DeclaredAs(name) })
		if i < 0 {
			return false
		}
		c, ok, err := v.NewCondition(s, targets[i])
		if err != nil || !ok {
			return false
		}
		q.conditions = append(q.conditions, c)
	}
	return len(q.conditions) > 0
}

// liveID gives the id of a declared record that the portal has, as far as it has
// been read.
func (f *fetcher) liveID(a value.Address) (int, bool) {
	r := f.Set.Lookup(a)
	if r == nil {
		return 0, false
	}
	if id, ok := f.followed.settled.id(r); ok {
		return id, true
	}
	id := identify(&f.View, f.followed, r, f.Slot(r, f.TypeOf(r)))
	return id.row.Int("id"), id.row != nil
}
