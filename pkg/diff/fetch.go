package diff

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/alike"
	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Fetch asks for what Compute needs: the portal's names once, then the records that carry
// the owner's mark, and what else the manifests mean. Errors are the Asker's, wrapped with
// what was being read.
func Fetch(ctx context.Context, asker ask.Asker, set *spec.Set) (*State, error) {
	return FetchWith(ctx, asker, set, Options{})
}

// Options say what else Fetch is to know. The zero value is right.
type Options struct {
	Applied    *plan.Applied // what is remembered of the last apply
	LookAlikes bool          // look at every create for records that look the same, without a bound
}

// FetchWith is Fetch with options.
func FetchWith(ctx context.Context, asker ask.Asker, set *spec.Set, o Options) (*State, error) {
	return newFetcher(asker, set, o).fetch(ctx)
}

func newFetcher(asker ask.Asker, set *spec.Set, o Options) *fetcher {
	f := &fetcher{most: ask.Keys, hold: partsHeld, parted: make(map[*spec.Resource]bool), asker: ask.Portal{Asker: asker}, lookAll: o.LookAlikes, state: &State{Portal: asker.Portal(), Applied: o.Applied, Records: make(map[value.Address][]kind.Row),
		Others: make(map[value.Address][]Owned), FormerOthers: make(map[value.Address][]Owned), Pinned: make(map[value.Address][]kind.Row), Matches: make(map[value.Address]Match), Lookups: make(map[string][]kind.Row), Former: make(map[value.Address][]kind.Row)}}
	f.followed = f.state
	f.state.Meta.Kinds = set.Kinds
	f.View = declared.NewView(set, &f.state.Meta, f.state.Lookups)
	return f
}

func (f *fetcher) fetch(ctx context.Context) (*State, error) {
	for _, round := range []func(context.Context) error{f.readTypes, f.readSettings, f.readOptionCodes, f.shareShapes, f.readUsers, f.readCaller, f.readLookups, f.readLinked, f.readRecords, f.readNewest, f.readMoved, f.readPinned, f.readMatches, f.readOwners, f.readAlike, f.readParts, f.readFormer} {
		if err := round(ctx); err != nil {
			return nil, err
		}
	}
	return f.state, nil
}

// A fetcher asks in rounds: each is a question that follows from the manifests and the
// answers so far, and takes its answer into the state.
type fetcher struct {
	declared.View
	asker ask.Portal
	state *State
	// lookAll looks at every create for records that look the same.
	lookAll bool
	most    int                     // how many keys a look-up by the mark asks for
	hold    int                     // how many records wait for their parts until these are asked for
	parted  map[*spec.Resource]bool // of which the parts are read already
	room    declared.TargetRoom     // for the targets of one record
	// followed is the state as Compute sees it: moved records stand under their new addresses.
	followed *State
}

// readAlike looks for records that look like what the plan creates.
func (f *fetcher) readAlike(ctx context.Context) (err error) {
	f.state.Alike, err = alike.Look(ctx, f.asker, alike.Question{View: &f.View, All: f.lookAll, Live: f.liveID, Created: f.isCreated})
	return err
}

// isCreated tells whether the plan creates a resource, as far as that is known, and what will
// carry its mark.
func (f *fetcher) isCreated(r *spec.Resource, t declared.Type) (s declared.Slot, yes bool) {
	if _, is := f.followed.settled.id(r); is || !f.readable(r, t) {
		return s, false
	}
	s = f.Slot(r, t)
	id := identify(&f.View, f.followed, r, s)
	return s, id.row == nil && id.code == ""
}

// gone reads what is to be removed.
func (f *fetcher) gone() *remove.Reader {
	return &remove.Reader{View: &f.View, Asker: f.asker, Found: &f.state.Found, Former: f.state.Former, Hide: f.hide, Types: f.fetchTypes,
		NotRead: func(r *spec.Resource) *kind.Refusal { return notRead(&f.View, f.state, r) }}
}

// readFormer reads what must be gone.
func (f *fetcher) readFormer(ctx context.Context) error { return f.gone().Absent(ctx) }

// shareShapes has what records of one shape or of one type have alike found out once: the
// portal's names are known.
func (f *fetcher) shareShapes(context.Context) error {
	f.Share()
	return nil
}

// readRecords looks every declared record up by its mark, block by block, and settles what
// is as declared.
func (f *fetcher) readRecords(ctx context.Context) error {
	f.KeepLists()
	settler := f.newSettler()
	return f.lookUp(ctx, f.groups(), func(g *group, found findings) error {
		settler.settle(g, found)
		f.keep(f.state.Records, f.state.Others, found)
		return settler.wait(ctx, g)
	})
}

// A findings is what look-ups by the mark's name have found: the rows that carry the
// owner's mark, and those that carry that of another owner of b24apply.
type findings struct {
	own    map[value.Address][]kind.Row
	others map[value.Address][]Owned
}

// keep adds what was found to what was found before.
func (f *fetcher) keep(records map[value.Address][]kind.Row, others map[value.Address][]Owned, found findings) {
	for address, rows := range found.own {
		for _, row := range rows {
			records[address] = append(records[address], row.Clone())
		}
	}
	for address, rows := range found.others {
		for _, o := range rows {
			others[address] = append(others[address], Owned{o.Owner, o.Row.Clone()})
		}
	}
}

// lookUp finds the records of some groups by their marks, and hands over what each has
// found, which is valid until take returns. Groups are drawn as they are asked.
func (f *fetcher) lookUp(ctx context.Context, groups iter.Seq[*group], take func(*group, findings) error) error {
	found := findings{own: make(map[value.Address][]kind.Row), others: make(map[value.Address][]Owned)}
	var asked []*group // those without an answer yet
	searches := func(yield func(kind.Search) bool) {
		for g := range groups {
			asked = append(asked, g)
			if !yield(g.lookUp()) {
				return
			}
		}
	}
	next := func() *group {
		g := asked[0]
		asked = asked[1:]
		return g
	}
	return f.asker.EachRows(ctx, searches, "looking-up-by-key", func(_ int, rows []kind.Row) error {
		g := next()
		if no := g.hides(rows); no != nil {
			f.hidesAll(g, no)
			return nil
		}
		clear(found.own)
		clear(found.others)
		found.file(f.Set.Project.Name, g, rows)
		return take(g, found)
	}, func(_ int, no *kind.Refusal) { f.hidesAll(next(), no) })
}

// hides gives the refusal of a record that was found and does not show its mark: it may be that
// of any name that was asked for, and dropping it would create its record again.
func (g *group) hides(rows []kind.Row) *kind.Refusal {
	for _, row := range rows {
		if no := declared.HidesAny(row, g.slot.Wires()); no != nil {
			return no
		}
	}
	return nil
}

// file files the rows of a group under the addresses whose names their marks hold.
func (f findings) file(project string, g *group, rows []kind.Row) {
	for _, row := range rows {
		address, owner := g.owner(row)
		switch {
		case address == "":
		case owner == project:
			f.own[address] = append(f.own[address], row)
		default:
			f.others[address] = append(f.others[address], Owned{owner, row})
		}
	}
}

// A group is up to ask.Keys records of one store that one search asks for.
type group struct {
	kind.Store
	whole     bool     // fm is wanted, which only select * brings
	columns   []string // what comparing needs, sorted; a row without one of them is read again whole
	wanted    []*declared.Columns
	most      int // how many keys it asks for
	slot      declared.Slot
	keys      []any                    // the values of the mark's last field that are asked for
	addresses map[string]value.Address // by the name in the mark
}

// A bin is what the records of one look-up have in common.
type bin struct {
	kind.Store
	whole bool
}

// groups sorts the declared records into look-ups, which come as they are full: those of a
// few requests are in memory at once. All of one kind come before those of the next, which
// may link to them. Records of a type that does not exist yet need none, and neither do
// those whose mark has no field yet.
func (f *fetcher) groups() iter.Seq[*group] {
	return func(yield func(*group) bool) {
		open := &lookUps{open: make(map[bin]*group)}
		var last *spec.Resource
		for _, r := range slices.Concat(f.Set.Resources, f.Set.Beside) {
			ends := last != nil && (last.Kind != r.Kind || last.Type != r.Type) && len(f.Set.Beside) == 0
			last = r
			if ends && !open.flush(yield) || !f.fill(open, r, yield) {
				return
			}
		}
		open.flush(yield)
	}
}

// lookUps are those that have room.
type lookUps struct {
	open  map[bin]*group
	order []bin // in which they were begun
}

// flush gives all of them away.
func (l *lookUps) flush(yield func(*group) bool) bool {
	for _, b := range l.order {
		if !yield(l.open[b]) {
			return false
		}
	}
	l.order = l.order[:0]
	clear(l.open)
	return true
}

// take gives one away.
func (l *lookUps) take(b bin) *group {
	g := l.open[b]
	delete(l.open, b)
	l.order = slices.DeleteFunc(l.order, func(o bin) bool { return o == b })
	return g
}

// fill puts a record into the look-ups of the stores in which it may be, and yields those
// that are full.
func (f *fetcher) fill(into *lookUps, r *spec.Resource, yield func(*group) bool) bool {
	t := f.TypeOf(r)
	if !f.readable(r, t) {
		return true
	}
	slot := f.Slot(r, t)
	if len(slot.Wires()) == 0 {
		return true
	}
	c := f.columnsOf(r, t)
	for _, at := range f.Stores(r.Kind, t.EntityTypeID) {
		b := bin{at, c.Whole}
		g := into.open[b]
		if g == nil {
			g = newGroup(at, slot, c.Whole)
			g.most = f.most
			into.open[b], into.order = g, append(into.order, b)
		}
		g.add(r.Address, f.Owners())
		g.wants(c)
		if !g.hasRoom(f.Owners()) && !yield(into.take(b)) {
			return false
		}
	}
	return true
}

// columnsOf gives the columns that comparing a record needs.
func (f *fetcher) columnsOf(r *spec.Resource, t declared.Type) *declared.Columns {
	s := f.ShapeOf(r)
	if s == nil {
		s = &declared.Shape{}
	}
	if s.Columns == nil {
		s.Columns = &declared.Columns{}
		s.Columns.Wires, s.Columns.Whole = f.wires(r, t)
		slices.Sort(s.Columns.Wires)
		s.Columns.Wires = slices.Clip(slices.Compact(s.Columns.Wires))
	}
	return s.Columns
}

// wants has the group show the columns of one of its records.
func (g *group) wants(c *declared.Columns) {
	switch {
	case slices.Contains(g.wanted, c):
		return
	case len(g.wanted) == 0:
		g.columns = c.Wires // shared: it is clipped, and never written to
	default:
		g.columns = slices.Concat(g.columns, c.Wires)
		slices.Sort(g.columns)
		g.columns = slices.Clip(slices.Compact(g.columns))
	}
	g.wanted = append(g.wanted, c)
}

func newGroup(at kind.Store, s declared.Slot, whole bool) *group {
	return &group{Store: at, whole: whole, slot: s, most: ask.Keys, addresses: make(map[string]value.Address, ask.Keys), keys: make([]any, 0, ask.Keys)}
}

// add asks for the records whose mark holds a name and one of some owners. Where name
// and owner are fields of their own, any owner is asked for.
func (g *group) add(a value.Address, owners []string) {
	g.addresses[a.Name()] = a
	if g.slot.Key == kind.KeyOrigin {
		g.keys = append(g.keys, a.Name())
		return
	}
	for _, owner := range owners {
		g.keys = append(g.keys, g.slot.Mark(owner, a.Name())[0].Value)
	}
}

// hasRoom tells whether one more name fits into the list.
func (g *group) hasRoom(owners []string) bool {
	if g.slot.Key == kind.KeyOrigin {
		owners = owners[:1]
	}
	return len(g.keys) == 0 || len(g.keys)+len(owners) <= g.most
}

// wires lists the columns that comparing a record needs. What is wrong with its
// fields is Compute's to say; a field that this plan brings about is not there yet.
func (f *fetcher) wires(r *spec.Resource, t declared.Type) (wires []string, whole bool) {
	wires = append([]string{"id"}, f.Slot(r, t).Wires()...)
	wires = append(wires, f.partWires(r, t)...)
	wires = append(wires, f.keepWires(r, t)...)
	wires = append(wires, f.movedWires(r, t)...)
	targets, _ := f.Targets(r, t)
	for _, tg := range targets {
		_, exists := f.Meta.Fields[t.EntityTypeID].ByName[tg.Wire]
		switch {
		case tg.Wire == "fm":
			whole = true
		case tg.Type.Name == string(kind.TypePrice): // a row of its own
		case exists || tg.Rule.Unlisted:
			wires = append(wires, tg.Wire)
		}
	}
	return wires, whole
}

// lookUp is the look-up of a group. The mark's values stand in the conditions, so that
// the portal's index finds them. Marks of other systems, which may use the same names,
// are left out; those of other owners are not, since a project may have been renamed.
func (g *group) lookUp() kind.Search {
	slices.SortFunc(g.keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	wires := g.slot.Wires()
	where := []kind.Condition{{Field: wires[len(wires)-1], Test: kind.AnyOf, Values: g.keys}}
	for _, wire := range wires[:len(wires)-1] {
		where = append(where, kind.Condition{Field: wire, Test: kind.Contains, Values: []any{plan.MarkPrefix}})
	}
	return g.searchOf(where)
}

// searchOf asks for the rows of the group's store that meet some conditions, whole.
func (g *group) searchOf(where []kind.Condition) kind.Search {
	return kind.Search{Store: g.Store, Where: where, Columns: g.columns, Whole: true, Contacts: g.whole}
}

// owner gives the address whose name a row's mark holds, and the owner in it, byte for
// byte: the portal's own comparison ignores case. The address is "" if the row is another
// program's.
func (g *group) owner(row kind.Row) (address value.Address, owner string) {
	h := g.slot.Held(row)
	if h.Owner == "" {
		return "", ""
	}
	return g.addresses[h.Name], h.Owner
}
