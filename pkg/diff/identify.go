package diff

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/alike"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Match is what spec.match found for a record that no mark finds: the rows that
// agree in the first key that any row agrees in. If none does, Near are the records
// that the portal named for the phone or the e-mail of a key, and that have another one
// as far as is known, and Held those of the owner that have it and differ in another field
// of the key.
type Match struct {
	Key  int // index into spec.match
	Rows []kind.Row
	Near []kind.Row
	Full bool // the portal names more records for the key than it shows

	HeldKey int // that of Held
	Held    []kind.Row

	NamedKey int        // that of Named
	Named    []kind.Row // what the portal takes for equal in a text of a key, and we do not
}

// An identity is the live record behind a declared one: none yet, one, or a
// refusal with its code.
type identity struct {
	row    kind.Row      // nil if the record is to be created
	keyed  bool          // its mark found it
	adopts value.Message // why a record is taken over that does not carry the mark
	code   string
	why    value.Message
	hint   value.Message
}

// refusal is an identity that is not known. Without a hint of its own it has that of its code.
func refusal(code string, why, hint value.Message) identity {
	return identity{code: code, why: why, hint: hint.Or(value.Do(code))}
}

// identify finds the live record of a declared one in what was fetched: by its
// declared id, else by its mark, else by match.
func identify(v *declared.View, st *State, r *spec.Resource, s declared.Slot) identity {
	if id, _ := r.Identity.ID(v.Set.Env); id != 0 {
		return pinned(v, st, r, s, id)
	}
	if id, ok := st.settled.id(r); ok {
		return identity{row: rowOf(id), keyed: true}
	}
	switch rows := st.Records[r.Address]; len(rows) {
	case 0:
	case 1:
		return identity{row: rows[0], keyed: true}
	default:
		why, hint := plan.RecordsDouble(kind.IDsOf(rows))
		return refusal(plan.CodeDoubleMark, why, hint)
	}
	m := st.Matches[r.Address]
	if len(m.Rows) == 0 {
		if id := heldBeside(v, r, s, m); id.code != "" {
			return id
		}
		return unlike(v, r, m)
	}
	fields := r.Identity.Match[m.Key].Fields
	return judge(v, r, s, m.Rows, value.Say("fields-agree", value.L("fields", fields), value.N("n", len(fields))))
}

// pinned judges the record that metadata.ids names. It counts even if a copy of it
// carries the same mark, but no second mark is ever written.
func pinned(v *declared.View, st *State, r *spec.Resource, s declared.Slot, id int) identity {
	rows := st.Pinned[r.Address]
	if len(rows) == 0 {
		return refusal("NOT_FOUND_ID", value.Say("id-is-not-shown", value.N("id", id)), value.Message{})
	}
	if plan.Carries(rows[0], s.Mark(v.Set.Project.Name, r.Address.Name())) {
		return identity{row: rows[0]}
	}
	switch marked := st.Records[r.Address]; {
	case len(marked) == 1 && marked[0].Int("id") == id:
		return identity{row: rows[0], keyed: true} // it carries the mark of its former name
	case len(marked) > 0:
		return refusal("AMBIGUOUS_KEY", value.Say("mark-is-on-other", value.N("id", id), denial.RecordsNamed("records", r.Kind, marked)), value.Say("clear-old-mark"))
	}
	return judge(v, r, s, rows, value.Say("named-by-id"))
}

// judge decides what becomes of live records that match or an id found and that do
// not carry the mark of the resource.
func judge(v *declared.View, r *spec.Resource, s declared.Slot, rows []kind.Row, why value.Message) identity {
	policy := v.Set.Project.AdoptOf(r)
	found := []value.Arg{value.M("why", why), denial.RecordsNamed("records", r.Kind, rows)}
	switch {
	case policy == spec.AdoptNever && len(rows) == 1 && isOther(v, r, s.Holder(rows[0])):
		h := s.Holder(rows[0])
		space, _ := r.Address.Split()
		other := value.NewAddress(space, h.Name)
		return refusal("MATCH_EXISTS", value.Say("found-is-other-merged", append(found, value.T("other", other))...), mergedHint(r.Address, other))
	case policy == spec.AdoptNever:
		return refusal("MATCH_EXISTS", value.Say("found-and-never-adopted", found...), value.Say("adopt-or-declare-otherwise"))
	case len(rows) > 1:
		return refusal("AMBIGUOUS_MATCH", value.Say("found-several", append(found, value.N("n", len(rows)))...), value.Say("match-by-more"))
	}
	h := s.Holder(rows[0])
	if slices.Contains(v.Set.Project.FormerNames, h.Owner) {
		h.Owner = v.Set.Project.Name
	}
	switch {
	case h == (plan.Holder{}) || h == (plan.Holder{Owner: v.Set.Project.Name, Name: r.Address.Name()}):
		return identity{row: rows[0], adopts: value.Say("adopted", value.M("why", why))}
	case h.Owner == v.Set.Project.Name:
		return ownedHere(v, r, rows[0], h, why, policy)
	case policy == spec.AdoptForce:
		return identity{row: rows[0], adopts: value.Say("adopted-by-force", value.M("why", why), value.M("holder", h.Says()))}
	}
	return refusal("FOREIGN_OWNER", value.Say("found-is-foreign", append(found, value.M("holder", h.Says()))...), value.Say("leave-force-or-former"))
}

// ownedHere judges a record that carries the mark of another resource of this
// project. If that one is declared, both would fight over the record.
func ownedHere(v *declared.View, r *spec.Resource, row kind.Row, h plan.Holder, why value.Message, policy spec.AdoptPolicy) identity {
	space, _ := r.Address.Split()
	other := value.NewAddress(space, h.Name)
	id, _ := r.Identity.ID(v.Set.Env)
	found := []value.Arg{value.M("why", why), denial.RecordsNamed("records", r.Kind, []kind.Row{row}), value.T("other", other)}
	switch {
	case v.Set.Lookup(other) != nil && id == 0:
		return refusal("OTHER_RESOURCE", value.Say("found-is-other-merged", found...), mergedHint(r.Address, other))
	case v.Set.Lookup(other) != nil || movesAway(v, other):
		return refusal("OTHER_RESOURCE", value.Say("found-is-other", found...), value.Say("remove-one-resource"))
	case policy == spec.AdoptForce:
		return identity{row: row, adopts: value.Say("adopted-by-force-from", value.M("why", why), value.T("other", other))}
	}
	return refusal("OTHER_RESOURCE", value.Say("found-carries-other-mark", found...), value.Say("moved-or-force", value.T("from", other), value.T("to", r.Address)))
}

// movesAway tells whether the record of an address becomes that of another resource.
func movesAway(v *declared.View, from value.Address) bool {
	return slices.ContainsFunc(v.Set.Former, func(f spec.Former) bool { return f.Address == from && f.To != "" })
}

// identity is identify with everything that has been read.
func (c *computer) identity(r *spec.Resource) identity {
	return identify(&c.View, c.state, r, c.Slot(r, c.TypeOf(r)))
}

// oneRecord reports two resources behind which stands one live record. A record that
// a mark found cannot be another's too: its mark says whose it is.
func (c *computer) oneRecord(r *spec.Resource, store int, id identity) {
	if id.keyed {
		return
	}
	key := kind.RecordID{EntityTypeID: store, ID: id.row.Int("id")}
	other := c.records[key]
	if other == nil {
		c.records[key] = r
		return
	}
	for _, pair := range [][2]*spec.Resource{{r, other}, {other, r}} {
		err := denial.Unmet("SAME_RECORD", "duplicate", "one-record", "keep-one-or-match-apart",
			value.T("resource", pair[0].Address), value.T("other", pair[1].Address), value.T("at", pair[1].Pos.String()), denial.RecordsNamed("record", r.Kind, []kind.Row{id.row}))
		c.shared[pair[0].Address] = append(c.shared[pair[0].Address], denial.Denial{Problem: denial.Problem(pair[0].Pos, err), Code: denial.CodeOf(err)})
	}
}

// slotProblem refuses a record whose mark no user field of the portal can hold.
func (c *computer) slotProblem(r *spec.Resource, s declared.Slot) {
	if s.Err != nil {
		c.Object(r.Pos, s.Err)
	}
}

// setIdentity makes the change a create, an update or an adoption, and gives it the
// mark that it is to write.
func (c *computer) setIdentity(ch *plan.Change, r *spec.Resource, t declared.Type, id identity) {
	s := c.Slot(r, t)
	c.slotProblem(r, s)
	c.matchProblems(r, t)
	switch {
	case id.row == nil && id.code != "":
		return
	case id.row == nil:
		ch.Action = plan.Create
		ch.Match = matchOf(r)
		if route := r.Route(); route.Imports() {
			ch.Route = route
		}
	default:
		c.oneRecord(r, t.Store(), id)
		ch.Action, ch.ID, ch.Marked = plan.Update, value.ID(id.row.Int("id")), id.keyed
		ch.Title = cmp.Or(r.Kind.TitleOf(id.row), ch.Title)
		if id.adopts.IsZero() {
			if mark := s.Mark(c.Set.Project.Name, r.Address.Name()); plan.Carries(id.row, mark) {
				ch.Own = mark
			}
			return
		}
		ch.Action, ch.Reason.Message, ch.Takeover = plan.Adopt, id.adopts, &plan.Takeover{Slot: s.Wires(), Holder: s.Holder(id.row)}
	}
	ch.Mark = s.Mark(c.Set.Project.Name, r.Address.Name())
	if s.Field != "" {
		c.fieldChange(r, t, s)
		ch.MarkIn = s.Field
		ch.Deps = append(slices.Clone(ch.Deps), s.Field)
		slices.Sort(ch.Deps)
	}
}

// matchOf names the fields of a record's match keys as those of its change.
func matchOf(r *spec.Resource) (keys [][]string) {
	for _, key := range r.Identity.Match {
		names := make([]string, len(key.Fields))
		for i, name := range key.Fields {
			names[i] = spec.DeclaredAs(name)
		}
		keys = append(keys, names)
	}
	return keys
}

// matchProblems reports match keys that hold a field which no record can be looked
// up by; the types of user fields are known here only.
func (c *computer) matchProblems(r *spec.Resource, t declared.Type) {
	if len(r.Identity.Match) == 0 {
		return
	}
	targets, _ := c.Targets(r, t)
	for _, wrong := range declared.Unsearchable(r, targets) {
		c.Object(wrong.Pos, wrong.Err)
	}
}

// alike gives the records that the portal named for a match key of a create, and that
// differ from it.
func (m Match) alike(r *spec.Resource) []alike.Lookalike {
	var out []alike.Lookalike
	for _, row := range m.Named {
		like := alike.Lookalike{Row: row, Named: true}
		for _, field := range r.Identity.Match[m.NamedKey].Fields {
			like.By = append(like.By, spec.DeclaredAs(field))
		}
		out = append(out, like)
	}
	return out
}
