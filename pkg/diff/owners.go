package diff

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Owned is a live record that carries the mark of another owner for a declared address.
type Owned struct {
	Owner string
	Row   kind.Row
}

// followOwners gives the state in which a record that carries the mark of a former name
// of the project counts as found, and tells whose mark it carries. The given state stays
// as it is.
func followOwners(set *spec.Set, state *State) (*State, map[value.Address]string) {
	if len(set.Project.FormerNames) == 0 || len(state.Others)+len(state.FormerOthers) == 0 {
		return state, nil
	}
	out := *state
	renamed := make(map[value.Address]string)
	out.Records = joinFormer(set, state.Records, state.Others, func(a value.Address, owner string) { renamed[a] = owner })
	to := make(map[value.Address]value.Address)
	for _, f := range set.Former {
		to[f.Address] = f.To
	}
	out.Former = joinFormer(set, state.Former, state.FormerOthers, func(a value.Address, owner string) { renamed[to[a]] = owner })
	return &out, renamed
}

// joinFormer adds to rows those of former names, where there are none.
func joinFormer(set *spec.Set, rows map[value.Address][]kind.Row, others map[value.Address][]Owned, tell func(value.Address, string)) map[value.Address][]kind.Row {
	out := maps.Clone(rows)
	if out == nil {
		out = make(map[value.Address][]kind.Row)
	}
	for address, list := range others {
		for _, o := range list {
			if len(rows[address]) == 0 && slices.Contains(set.Project.FormerNames, o.Owner) {
				out[address] = append(out[address], o.Row)
				tell(address, o.Owner)
			}
		}
	}
	return out
}

// vacancies lists the stores of those declared records for which none was found.
func (f *fetcher) vacancies() []*remove.Vacancy {
	var all []*remove.Vacancy
	at := make(map[kind.Store]*remove.Vacancy)
	for _, r := range f.Set.Resources {
		t := f.TypeOf(r)
		id, _ := r.Identity.ID(f.Set.Env)
		if id != 0 || !f.readable(r, t) || f.followed.has(r) {
			continue
		}
		s := f.Slot(r, t)
		if m := f.state.Matches[r.Address]; len(s.Wires()) == 0 || len(m.Rows) > 0 && s.Holder(m.Rows[0]).Owner == "" {
			continue
		}
		for _, where := range f.Stores(r.Kind, t.EntityTypeID) {
			v := at[where]
			if v == nil {
				space, _ := r.Address.Split()
				v = &remove.Vacancy{Store: where, Space: space, Type: t, Slot: s}
				at[where], all = v, append(all, v)
			}
			v.Names = append(v.Names, r.Address)
		}
	}
	return all
}

// maxOwnerRounds bounds how often is asked which further owners have marked records.
const maxOwnerRounds = 5

// readOwners asks, of each store in which the plan creates something, for what carries
// the owner's mark and is not declared; and, if nothing of the owner was found at all,
// for the same names in marks of others. One request does, unless there is something.
func (f *fetcher) readOwners(ctx context.Context) error {
	open := f.vacancies()
	if err := f.readVanished(ctx, open); err != nil {
		return err
	}
	if f.followed.found() || f.Set.Project.FormerNames != nil && len(f.Set.Project.FormerNames) == 0 {
		return nil
	}
	open = slices.DeleteFunc(open, func(v *remove.Vacancy) bool { return v.Slot.Key == kind.KeyOrigin }) // asked for by name alone
	found := make(map[*remove.Vacancy][]string)
	for asking := open; len(asking) > 0; {
		var err error
		if asking, err = f.readOtherOwners(ctx, asking, found); err != nil {
			return err
		}
	}
	return f.readOthers(ctx, open, found)
}

// readOtherOwners asks each store for owners beside those that were found, and gives the
// stores whose answer was full.
func (f *fetcher) readOtherOwners(ctx context.Context, open []*remove.Vacancy, found map[*remove.Vacancy][]string) (again []*remove.Vacancy, err error) {
	searches := make([]kind.Search, len(open))
	for i, v := range open {
		wire := v.Slot.Wires()[0]
		where := []kind.Condition{{Field: wire, Test: kind.Contains, Values: []any{plan.MarkPrefix}}}
		if len(found[v]) > 0 {
			others := kind.Condition{Field: wire, Test: kind.Lacks}
			for _, owner := range found[v] {
				others.Values = append(others.Values, plan.MarkPrefix+owner+":")
			}
			where = append(where, others)
		}
		searches[i] = kind.Search{Store: v.Store, Where: where, Columns: []string{"id", wire}}
	}
	answers, err := f.asker.Firsts(ctx, searches, "looking-for-other-owners")
	for i, a := range answers {
		v := open[i]
		if a.Refused != nil {
			f.hidesNames(v, a.Refused)
		}
		known := len(found[v])
		for _, row := range a.Rows {
			if h := v.Slot.Held(row); h.Owner != "" && h.Owner != f.Set.Project.Name && !slices.Contains(found[v], h.Owner) {
				found[v] = append(found[v], h.Owner)
			}
		}
		if len(a.Rows) > ask.Keys && len(found[v]) > known && len(found[v]) < maxOwnerRounds {
			again = append(again, v)
		}
	}
	return again, err
}

// hidesNames hides what would be created in a store whose records are not shown.
func (f *fetcher) hidesNames(v *remove.Vacancy, no *kind.Refusal) {
	for _, a := range v.Names {
		f.hide(a, no)
	}
}

// readOthers looks up the names of each store in marks of the owners that were found
// there: of the first 2,450 names, a request an owner.
func (f *fetcher) readOthers(ctx context.Context, open []*remove.Vacancy, found map[*remove.Vacancy][]string) error {
	for _, v := range open {
		if len(found[v]) == 0 {
			continue
		}
		var groups []*group
		for _, address := range v.Names[:min(len(v.Names), ask.Keys*ask.Searches)] {
			if len(groups) == 0 || !groups[len(groups)-1].hasRoom(found[v]) {
				g := newGroup(v.Store, v.Slot, false)
				g.columns = append([]string{"id"}, v.Slot.Wires()...)
				groups = append(groups, g)
			}
			groups[len(groups)-1].add(address, found[v])
		}
		err := f.lookUp(ctx, slices.Values(groups), func(_ *group, more findings) error {
			f.keep(nil, f.state.Others, findings{others: more.others})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// maxVanished is how many marked records of a store are read to name those that are not
// declared: ten requests.
const maxVanished = 25_000

// readVanished looks for records that carry the owner's mark and are not declared. The
// first page of a store tells how many are marked: no more is read if that many were found.
func (f *fetcher) readVanished(ctx context.Context, open []*remove.Vacancy) error {
	searches := make([]kind.Search, len(open))
	for i, v := range open {
		searches[i] = v.Marked(f.Set.Project.Name)
	}
	answers, err := f.asker.Firsts(ctx, searches, "looking-for-undeclared")
	if err != nil {
		return err
	}
	named := f.gone().NamedFormer()
	for i, a := range answers {
		v, rows := open[i], a.Rows
		if a.Refused != nil {
			f.hidesNames(v, a.Refused)
		}
		if a.Total > len(rows) && a.Total > f.foundIn(v) {
			rows, err = f.scanVacancy(ctx, v, searches[i])
			var no *kind.Refusal
			if errors.As(err, &no) && no.Scope != kind.ScopeCredential {
				f.hidesNames(v, no)
			} else if err != nil {
				return err
			}
			f.state.VanishedMore += max(0, a.Total-maxVanished)
		}
		f.state.Vanished = append(f.state.Vanished, f.gone().Undeclared(v, rows, named)...)
	}
	return nil
}

// foundIn counts the records of a store that were found by the owner's mark.
func (f *fetcher) foundIn(v *remove.Vacancy) int {
	ids := make(map[int]bool)
	for address, rows := range f.state.Records {
		if space, _ := address.Split(); space == v.Space {
			for _, row := range rows {
				ids[row.Int("id")] = true
			}
		}
	}
	for r, id := range f.state.settled.all() {
		if space, _ := r.Address.Split(); space == v.Space {
			ids[id] = true
		}
	}
	return len(ids)
}

// scanVacancy reads the marked records of a store, as far as maxVanished.
func (f *fetcher) scanVacancy(ctx context.Context, v *remove.Vacancy, marked kind.Search) ([]kind.Row, error) {
	var out []kind.Row
	for row, err := range f.asker.Scan(ctx, marked) {
		if err != nil {
			return nil, value.While(err, "looking-for-undeclared-kinds", v.Kind.Arg("kinds"))
		}
		if out = append(out, row); len(out) == maxVanished {
			break
		}
	}
	return out, nil
}

// judgeOwners refuses a plan that would create what another owner has under the same
// names, while nothing of its own owner is there: the project was renamed. Where both
// have records, that is a note.
func (c *computer) judgeOwners(p *plan.Plan) {
	if former := c.Set.Project.FormerNames; former != nil && len(former) == 0 {
		return
	}
	byOwner := make(map[string][]value.Address)
	var taken []int
	creates := false
	for i, e := range c.out.Entries() {
		create := e.Action == plan.Create
		creates = creates || create
		others := c.state.Others[e.Address]
		// What a match key has found is refused already, and belongs to the same owner.
		if len(others) == 0 || !create && c.out.Read(i).Reason.Code != "FOREIGN_OWNER" {
			continue
		}
		for j, o := range others {
			byOwner[o.Owner] = append(byOwner[o.Owner], e.Address)
			if create && j == 0 {
				taken = append(taken, i)
			}
		}
	}
	if !creates || len(byOwner) == 0 {
		return
	}
	for _, owner := range slices.Sorted(maps.Keys(byOwner)) {
		noteOwner(p, owner, byOwner[owner], c.state.found())
	}
	if c.state.found() {
		return
	}
	for _, i := range taken {
		o := c.state.Others[c.out.Entry(i).Address][0]
		c.out.Alter(i, func(ch *plan.Change) {
			ch.RefuseFor("OWNER_RENAMED?", value.Say("name-is-of-other-owner", value.T("id", value.ID(o.Row.Int("id"))), value.T("owner", o.Owner), value.T("own", p.Owner)), value.Message{})
		})
	}
}

// noteOwner says whose the records of the same names are. alive tells whether the plan's
// own owner has records.
func noteOwner(p *plan.Plan, owner string, addresses []value.Address, alive bool) {
	slices.Sort(addresses)
	n := value.N("n", len(addresses))
	if alive {
		p.Notes = append(p.Notes, plan.Note{Code: "OTHER_OWNER", Addresses: addresses,
			Message: value.Say("created-beside-others", n, value.T("owner", strconv.Quote(owner)))})
		return
	}
	if p.Refused == nil {
		p.Refused = &plan.Refusal{Code: "OWNER_RENAMED?", Owner: owner,
			Message: value.Say("names-are-of-other-owner", n, value.T("owner", strconv.Quote(owner)), value.T("own", strconv.Quote(p.Owner)))}
	}
}

// noteVanished names what is not declared any more beside what the plan creates.
func (c *computer) noteVanished(p *plan.Plan) {
	if len(c.state.Vanished) == 0 {
		return
	}
	claimed := c.claimed()
	vanished := slices.DeleteFunc(slices.Clone(c.state.Vanished), func(u remove.Undeclared) bool {
		_, ok := claimed[u.At()]
		return ok
	})
	if len(vanished) == 0 {
		return
	}
	note := plan.Note{Code: "NOT_DECLARED"}
	slices.SortStableFunc(vanished, func(a, b remove.Undeclared) int {
		return cmp.Or(cmp.Compare(a.Resource.Kind.Rank, b.Resource.Kind.Rank), cmp.Compare(a.Resource.Address, b.Resource.Address))
	})
	gone := make(map[string]int)
	for _, u := range vanished {
		space, _ := u.Resource.Address.Split()
		gone[space]++
	}
	creates := c.createsIn(gone)
	for _, u := range vanished {
		space, _ := u.Resource.Address.Split()
		if len(creates[space]) == 0 {
			continue
		}
		line := remove.DescribeRow(u.Resource, u.Row)
		if to := likely(u, creates[space], gone[space]); to != "" {
			line = value.Say("maybe-moved", value.M("record", line), value.T("from", u.Resource.Address), value.T("to", to))
		}
		note.Addresses, note.Lines = append(note.Addresses, u.Resource.Address), append(note.Lines, line)
	}
	if n := len(note.Addresses) + c.state.VanishedMore; len(note.Addresses) > 0 {
		note.Message = value.Say("not-declared-any-more", value.N("n", n), value.T("owner", p.Owner))
		p.Notes = append(p.Notes, note)
	}
}

// A titled change is known by what people call its record.
type titled struct {
	address value.Address
	title   string
}

// createsIn lists what the plan creates in some spaces.
func (c *computer) createsIn(spaces map[string]int) map[string][]titled {
	out := make(map[string][]titled)
	for i, e := range c.out.Entries() {
		if space, _ := e.Address.Split(); e.Action == plan.Create && spaces[space] > 0 {
			out[space] = append(out[space], titled{e.Address, strings.TrimSpace(c.out.Read(i).Title)})
		}
	}
	return out
}

// likely gives the create that a record may have become: the only one of its title, or
// the only one where it is the only one that vanished.
func likely(u remove.Undeclared, creates []titled, gone int) value.Address {
	alike := slices.DeleteFunc(slices.Clone(creates), func(ch titled) bool {
		return ch.title == "" || !strings.EqualFold(ch.title, strings.TrimSpace(u.Resource.Kind.TitleOf(u.Row)))
	})
	switch {
	case len(alike) == 1:
		return alike[0].address
	case len(creates) == 1 && gone == 1:
		return creates[0].address
	}
	return ""
}
