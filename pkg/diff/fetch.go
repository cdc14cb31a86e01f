package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

const (
	// lookupSize is how many keys one list asks for. A page has room for one more
	// row, so that a page which is not full has shown every row.
	lookupSize = bitrix.PageSize - 1
	// readers is how many reading requests are in flight at once.
	readers = 4
)

// Fetch reads what Compute needs: metadata once, then the records that carry the
// owner's mark, 49 keys a list and 50 lists a request. It only calls reading
// methods. Errors are the client's, wrapped with what was being read.
func Fetch(ctx context.Context, client *bitrix.Client, set *spec.Set) (*State, error) {
	f := &fetcher{client: client, state: &State{Portal: client.Portal(), Records: make(map[spec.Address][]Row),
		Others: make(map[spec.Address][]Owned), FormerOthers: make(map[spec.Address][]Owned), Pinned: make(map[spec.Address][]Row), Matches: make(map[spec.Address]Match), Lookups: make(map[string][]Row), Former: make(map[spec.Address][]Row)}}
	f.followed = f.state
	f.view = view{set: set, meta: &f.state.Meta, found: f.state.Lookups}
	for _, step := range []func(context.Context) error{f.readTypes, f.readSettings, f.readOptionCodes, f.readUsers, f.readCaller, f.readLookups, f.readLinked, f.readRecords, f.readMoved, f.readPinned, f.readMatches, f.readOwners, f.readPrices, f.readFiles, f.readParts, f.readRequisites, f.readFormer} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return f.state, nil
}

type fetcher struct {
	view
	client *bitrix.Client
	state  *State
	// followed is the state as Compute sees it: moved records stand under their new addresses.
	followed *State
}

// readRecords looks every declared record up by its mark.
func (f *fetcher) readRecords(ctx context.Context) error {
	parts := slices.Collect(slices.Chunk(f.groups(), bitrix.MaxBatch))
	found := make([]findings, len(parts))
	err := parallel(ctx, len(parts), func(ctx context.Context, i int) (err error) {
		found[i], err = f.lookUp(ctx, parts[i])
		return err
	})
	for i := range parts {
		addRows(f.state.Records, found[i].own)
		addRows(f.state.Others, found[i].others)
	}
	return err
}

// A findings is what look-ups by the mark's name have found: the rows that carry the
// owner's mark, and those that carry that of another owner of b24apply.
type findings struct {
	own    map[spec.Address][]Row
	others map[spec.Address][]Owned
}

// addRows adds rows to those of the same addresses.
func addRows[R any](to, rows map[spec.Address][]R) {
	for address, more := range rows {
		to[address] = append(to[address], more...)
	}
}

// lookUp fetches the records of some groups by one batch of lists.
func (f *fetcher) lookUp(ctx context.Context, groups []*group) (none findings, err error) {
	lists := make([]bitrix.List, len(groups))
	for i, g := range groups {
		lists[i] = g.lookUp()
	}
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return none, fmt.Errorf("look records up by their key: %w", err)
	}
	var found []hit
	for i, g := range groups {
		for _, raw := range answers[i] {
			row, err := decodeRow(raw)
			if err != nil {
				return none, fmt.Errorf("look %s up by their key: %w", g.kind.Plural, err)
			}
			found = append(found, hit{g, g.trim(row)})
		}
	}
	if err := f.complete(ctx, found); err != nil {
		return none, err
	}
	out := findings{own: make(map[spec.Address][]Row), others: make(map[spec.Address][]Owned)}
	for _, h := range found {
		address, owner, err := h.group.owner(h.row)
		switch {
		case err != nil:
			return none, err
		case address == "":
		case owner == f.set.Project.Name:
			out.own[address] = append(out.own[address], h.row)
		default:
			out.others[address] = append(out.others[address], Owned{owner, h.row})
		}
	}
	return out, nil
}

// A hit is a row that a look-up returned.
type hit struct {
	group *group
	row   Row
}

// A group is up to lookupSize records of one store that are fetched by one list.
type group struct {
	store
	whole     bool     // fm is wanted, which only select * brings
	columns   []string // what comparing needs; a row without one of them is read again whole
	slot      slot
	keys      []any                   // the values of the mark's last field that are asked for
	addresses map[string]spec.Address // by the name in the mark
}

// groups sorts the declared records into look-ups. Records of a type that does
// not exist yet need none, and neither do those whose mark has no field yet.
func (f *fetcher) groups() []*group {
	type bin struct {
		store
		whole bool
	}
	open := make(map[bin]*group)
	columns := make(map[*group]map[string]bool)
	var all []*group
	for _, r := range slices.Concat(f.set.Resources, f.set.Beside) {
		t := f.recordType(r)
		if !f.readable(r, t) {
			continue
		}
		slot := f.slot(r, t)
		if len(slot.wires()) == 0 {
			continue
		}
		wires, whole := f.wires(r, t)
		for _, at := range f.stores(r.Kind, t.entityTypeID) {
			b := bin{at, whole}
			g := open[b]
			if g == nil || !g.hasRoom(f.owners()) {
				g = newGroup(at, slot, whole)
				open[b], columns[g] = g, make(map[string]bool)
				all = append(all, g)
			}
			g.add(r.Address, f.owners())
			for _, w := range wires {
				columns[g][w] = true
			}
		}
	}
	for _, g := range all {
		g.columns = slices.Sorted(maps.Keys(columns[g]))
	}
	return all
}

func newGroup(at store, s slot, whole bool) *group {
	return &group{store: at, whole: whole, slot: s, addresses: make(map[string]spec.Address)}
}

// add asks for the records whose mark holds a name and one of some owners. Where name
// and owner are fields of their own, any owner is asked for.
func (g *group) add(a spec.Address, owners []string) {
	g.addresses[a.Name()] = a
	if g.slot.key == spec.KeyOrigin {
		g.keys = append(g.keys, a.Name())
		return
	}
	for _, owner := range owners {
		g.keys = append(g.keys, g.slot.mark(owner, a.Name())[0].value)
	}
}

// hasRoom tells whether one more name fits into the list.
func (g *group) hasRoom(owners []string) bool {
	if g.slot.key == spec.KeyOrigin {
		owners = owners[:1]
	}
	return len(g.keys) == 0 || len(g.keys)+len(owners) <= lookupSize
}

// wires lists the columns that comparing a record needs. What is wrong with its
// fields is Compute's to say; a field that this plan brings about is not there yet.
func (f *fetcher) wires(r *spec.Resource, t recordType) (wires []string, whole bool) {
	wires = append([]string{"id"}, f.slot(r, t).wires()...)
	wires = append(wires, f.partWires(r, t)...)
	wires = append(wires, f.keepWires(r, t)...)
	targets, _ := f.targets(r, t)
	for _, tg := range targets {
		_, exists := f.meta.Fields[t.entityTypeID].ByName[tg.wire]
		switch {
		case tg.wire == "fm":
			whole = true
		case tg.typ == spec.TypePrice: // a row of its own
		case exists || tg.rule.Unlisted:
			wires = append(wires, tg.wire)
		}
	}
	return wires, whole
}

// lookUp is the look-up of a group. The mark's values stand in the filter, so that
// the portal's index finds them. Marks of other systems, which may use the same names,
// are left out; those of other owners are not, since a project may have been renamed.
// Source: api-reference/crm/universal/crm-item-list.md.
func (g *group) lookUp() bitrix.List {
	slices.SortFunc(g.keys, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	wires := g.slot.wires()
	filter := map[string]any{g.among(wires[len(wires)-1]): g.keys}
	for _, wire := range wires[:len(wires)-1] {
		filter["%"+wire] = markPrefix
	}
	return g.listOf(filter)
}

// selected names the columns that a list asks for.
func (g *group) selected() []any {
	selected := []any{}
	if g.whole {
		selected = append(selected, "*")
	}
	for _, c := range slices.Concat(g.columns, g.kind.Names) {
		if !g.whole || isUserField(c) {
			selected = append(selected, c)
		}
	}
	return selected
}

// owner gives the address whose name a row's mark holds, and the owner in it, byte for
// byte: the portal's own comparison ignores case. The address is "" if the row is another
// program's. A row that does not even show the mark cannot be told apart, and dropping it
// would create its record again.
func (g *group) owner(row Row) (address spec.Address, owner string, err error) {
	wires := g.slot.wires()
	for _, wire := range wires {
		if _, ok := row[wire]; !ok {
			return "", "", fmt.Errorf("look %s up by their key: the portal found record %d by %s but does not show that field; give the webhook's user the right to read it",
				g.kind.Plural, row.Int("id"), wire)
		}
	}
	h := g.slot.held(row)
	if h.owner == "" {
		return "", "", nil
	}
	return g.addresses[h.name], h.owner, nil
}

// trim keeps the columns that Compute reads, in a map and a text of just their size:
// the rows of all records are held at the same time.
func (g *group) trim(row Row) Row {
	var names []string
	size := 0
	for _, c := range slices.Concat(g.columns, g.kind.Names, []string{"fm"}) {
		if raw, ok := row[c]; ok && (c != "fm" || g.whole) && !slices.Contains(names, c) {
			names, size = append(names, c), size+len(raw)
		}
	}
	out, text := make(Row, len(names)), make([]byte, 0, size)
	for _, c := range names {
		from := len(text)
		text = append(text, row[c]...)
		out[c] = text[from:len(text):len(text)]
	}
	return out
}

// complete reads those records whole whose row lacks a declared column: a list
// may leave out what crm.item.get returns.
func (f *fetcher) complete(ctx context.Context, found []hit) error {
	var commands []bitrix.Command
	var lacking []hit
	for _, h := range found {
		if h.group.lacks(h.row) {
			commands, lacking = append(commands, h.group.get(h.row.Int("id"))), append(lacking, h)
		}
	}
	return f.each(ctx, "read records", commands, func(i int, r bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		full, err := member(r.Result, lacking[i].group.kind.Methods.Item)
		if err != nil {
			return err
		}
		maps.Copy(lacking[i].row, lacking[i].group.trim(full))
		return nil
	})
}

func (g *group) lacks(row Row) bool {
	if _, ok := row["fm"]; g.whole && !ok {
		return true
	}
	return slices.ContainsFunc(g.columns, func(c string) bool { _, ok := row[c]; return !ok })
}

// each runs commands 50 to a batch and hands each outcome over; the first error
// that take returns ends it.
func (f *fetcher) each(ctx context.Context, doing string, commands []bitrix.Command, take func(int, bitrix.Response, error) error) error {
	for first := 0; first < len(commands); first += bitrix.MaxBatch {
		part := commands[first:min(first+bitrix.MaxBatch, len(commands))]
		outcomes, err := f.client.Batch(ctx, part)
		if err != nil {
			return fmt.Errorf("%s: %w", doing, err)
		}
		for i, o := range outcomes {
			if err := take(first+i, o.Response, o.Err); err != nil {
				return fmt.Errorf("%s: %s: %w", doing, part[i].Method, err)
			}
		}
	}
	return nil
}

// rowsOf reads the rows of an answer that is a list, under a key or at the top.
func rowsOf(result json.RawMessage, key string) ([]Row, error) {
	if key != "" {
		outer, err := decodeRow(result)
		if err != nil {
			return nil, err
		}
		if result = outer[key]; result == nil {
			return nil, fmt.Errorf("the answer has no %q", key)
		}
	}
	return decodeRows(result)
}
