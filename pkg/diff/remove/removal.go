package remove

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Changes gives a change for every address that must be gone, and for every record
// that pruning found, unless one of the other changes is about that record.
func (c *Remover) Changes() []plan.Change {
	if len(c.Set.Former) == 0 && len(c.Found.Undeclared) == 0 {
		return nil
	}
	var out []plan.Change
	claimed := c.Claimed()
	for _, f := range c.Set.Absent() {
		if f.Kind.HasFields() {
			ch := c.absentChange(f)
			if by, ok := claimed[ch.Store().Record(value.IDNumber(ch.ID))]; ok && (ch.Action == plan.Delete || ch.Detached) {
				ch.RefuseFor("IN_USE", value.Say("is-declared-by", value.T("resource", by)), value.Say("remove-one-of-two"))
			}
			out = append(out, ch)
		}
	}
	for _, u := range c.Found.Undeclared {
		if _, ok := claimed[u.At()]; !ok {
			out = append(out, c.undeclaredChange(u))
		}
	}
	out = refuseDoubles(out)
	for _, f := range c.Set.Absent() {
		if f.Kind.Class == kind.ClassType {
			out = append(out, c.absentType(f, out))
		}
	}
	c.orderDeletes(out)
	c.emptyFirst(out)
	return out
}

func (c *Remover) removal(r *spec.Resource, entityTypeID int) plan.Change {
	return plan.Change{Address: r.Address, Kind: r.Kind.Name, Facts: r.Kind, Action: plan.NoOp, Source: r.Pos, EntityTypeID: entityTypeID, Removal: true}
}

func (c *Remover) absentChange(f spec.Former) plan.Change {
	t, ok := c.FormerType(f.Resource)
	ch := c.removal(f.Resource, t.EntityTypeID)
	marks := c.FormerMark(f.Resource, t)
	rows := c.Former[f.Address]
	switch no := c.NotRead(f.Resource); {
	case no != nil && f.OnRemove != spec.OnRemoveKeep:
		denial.RefuseNotRead(&ch, no)
	case t.Refused:
		ch.RefuseFor("TYPE_REFUSED", value.Say("type-is-refused", value.T("type", t.Address)), value.Message{})
	case !ok && !c.absentTypeNamed(f.Type) && t.Address == "":
		p := denial.Problem(f.Pos, value.Bad("absent", "type-is-taken-for-gone", "remove-or-write-entity-type-id",
			value.Q("code", f.Type), value.T("resource", f.Address)))
		c.Warn(p)
	case marks == nil && c.Slot(f.Resource, t).Err != nil:
		ch.RefuseFor("NO_KEY", value.Say("no-field-for-marks", f.Kind.Arg("kinds")), value.Message{})
	case len(rows) > 1:
		why, _ := plan.RecordsDouble(kind.IDsOf(rows))
		ch.RefuseFor(plan.CodeDoubleMark, why, hintDoubles)
	case len(rows) == 1:
		c.remove(&ch, rows[0], liveMark(rows[0], marks), f.OnRemove, value.Say("must-be-absent"))
	}
	return ch
}

// absentTypeNamed tells whether the manifests want a type gone with its items.
func (c *Remover) absentTypeNamed(name string) bool {
	return slices.ContainsFunc(c.Set.Former, func(f spec.Former) bool { return f.Address == value.NewAddress("spa", name) })
}

func (c *Remover) undeclaredChange(u Undeclared) plan.Change {
	ch := c.removal(u.Resource, u.EntityTypeID)
	t, _ := c.FormerType(u.Resource)
	how, why := cmp.Or(c.Set.Project.Lifecycle.OnRemove, spec.OnRemoveDelete), "not-declared-and-marked"
	if c.Found.Destroys {
		how, why = spec.OnRemoveDelete, "destroyed-and-marked"
	}
	c.remove(&ch, u.Row, liveMark(u.Row, c.FormerMark(u.Resource, t)), how, value.Say(why, value.T("owner", c.Set.Project.Name)))
	return ch
}

// refuseDoubles leaves one change for each address: a refusal where pruning has found
// several records.
func refuseDoubles(changes []plan.Change) []plan.Change {
	at := make(map[value.Address]int)
	ids := make(map[value.Address][]int)
	out := changes[:0]
	for _, ch := range changes {
		if _, ok := at[ch.Address]; !ok {
			at[ch.Address] = len(out)
			out = append(out, ch)
		}
		ids[ch.Address] = append(ids[ch.Address], value.IDNumber(ch.ID))
	}
	for address, i := range at {
		if len(ids[address]) > 1 {
			why, _ := plan.RecordsDouble(ids[address])
			out[i].RefuseFor(plan.CodeDoubleMark, why, hintDoubles)
		}
	}
	return out
}

var hintDoubles = value.Say("delete-doubles")

// remove decides what happens to a record that is not declared any more.
func (c *Remover) remove(ch *plan.Change, row kind.Row, marks []plan.Mark, how spec.OnRemove, why value.Message) {
	ch.ID, ch.Title, ch.Reason.Message, ch.Mark = value.ID(row.Int("id")), ch.Facts.TitleOf(row), why, marks
	ch.Place, ch.Inside = plan.PlaceOf(ch.Facts, row), value.ID(row.Int(kind.SectionField))
	prevented, hint := guard.Deletion(c.Set, ch.Address)
	switch {
	case how == spec.OnRemoveKeep:
		ch.Reason.Message, ch.Mark = value.Message{}, nil
	case how == spec.OnRemoveDetach:
		detach(ch, marks)
	case !prevented.IsZero():
		if hint.Code == "allow-deletions" {
			hint = value.Say("allow-deletions-or-detach")
		}
		ch.RefuseFor("PREVENTED", value.Say("and-deletion-is-prevented", value.M("why", why), value.M("prevented", prevented)), hint)
	case c.Linked[ch.Store().Record(value.IDNumber(ch.ID))] != "":
		by := c.Linked[ch.Store().Record(value.IDNumber(ch.ID))]
		ch.RefuseFor("IN_USE", value.Say("and-is-pointed-at", value.M("why", why), value.T("by", by)), value.Say("declare-or-point-elsewhere", value.T("by", by)))
	default:
		ch.Action = plan.Delete
		ch.Fields = beforeValues(row, ch.Facts.Review)
		for i := range ch.Fields {
			ch.Fields[i].Label = c.Meta.Label(ch.EntityTypeID, ch.Fields[i].Name)
		}
	}
}

// detach makes the change clear the owner's mark and leave the rest alone.
func detach(ch *plan.Change, marks []plan.Mark) {
	ch.Action, ch.Mark, ch.Detached = plan.Update, nil, true
	ch.Reason.Message = value.Say("left-to-itself", value.M("why", ch.Reason.Message))
	for _, m := range marks {
		d := plan.Field{Name: m.Wire, Type: kind.Texts, Before: value.ShownText(m.Value), Wire: m.Wire, Live: value.Text(m.Value)}
		if ch.Facts.OwnCode {
			own := ch.ID
			d.After, d.Want = value.ShownText(own), value.Text(own)
		}
		ch.Fields = append(ch.Fields, d)
	}
	slices.SortFunc(ch.Fields, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) })
}

// beforeValues shows a reviewer what a deletion destroys.
func beforeValues(row kind.Row, columns []string) []plan.Field {
	var out []plan.Field
	for _, name := range columns {
		text := row.Text(name)
		switch {
		case text == "" || text == "0":
		case name == "title" || name == "name" || name == "lastName" || name == "currencyId": // in the heading, or with the amount
		case name == "opportunity":
			out = append(out, plan.Field{Name: name, Type: kind.Texts, Before: amountShown(text, row.Text("currencyId"))})
		default:
			out = append(out, plan.Field{Name: name, Type: kind.Texts, Before: value.ShownText(text)})
		}
	}
	slices.SortFunc(out, func(a, b plan.Field) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// amountShown shows an amount as the portal writes it.
func amountShown(amount, currency string) value.Shown {
	if currency == "" {
		return value.ShownText(amount)
	}
	return value.InParts(amount, value.Spaced, value.P(value.PartCurrency, currency))
}

// absentType deletes a smart process by the code that was its name. One that holds
// items other than those which the same plan deletes is refused, as the portal would.
func (c *Remover) absentType(f spec.Former, removals []plan.Change) plan.Change {
	ch := c.removal(f.Resource, 0)
	if no := c.NotRead(f.Resource); no != nil && f.OnRemove != spec.OnRemoveKeep {
		denial.RefuseNotRead(&ch, no)
		return ch
	}
	hits := c.TypesWhere(func(t kind.LiveType) bool { return t.Code == f.Name })
	if len(hits) == 0 || f.OnRemove == spec.OnRemoveKeep {
		return ch
	}
	if len(hits) > 1 {
		ch.RefuseFor(plan.CodeDoubleMark, declared.OneCode(hits, f.Name).Why, value.Say("delete-the-right-one"))
		return ch
	}
	t := hits[0]
	ch.ID, ch.EntityTypeID, ch.Title, ch.Mark = value.ID(t.ID), t.EntityTypeID, t.Title, []plan.Mark{{Wire: "code", Value: f.Name}}
	for _, r := range c.Set.Resources {
		if r.Kind.Class == kind.ClassType && c.MatchType(r).Live == t {
			ch.RefuseFor("TYPE_IN_USE", value.Say("type-is-declared-by", value.T("resource", r.Address)), value.Message{})
			return ch
		}
		if r.Kind.Class == kind.ClassRecord && c.TypeOf(r).EntityTypeID == t.EntityTypeID {
			ch.RefuseFor("TYPE_IN_USE", value.Say("item-is-declared", value.T("resource", r.Address)), value.Say("remove-its-manifest"))
			return ch
		}
	}
	left := c.Found.TypeItems[t.EntityTypeID]
	for i := range removals {
		if d := &removals[i]; d.EntityTypeID == t.EntityTypeID && d.Action == plan.Delete {
			left--
			ch.Deps = append(ch.Deps, d.Address)
		}
	}
	prevented, hint := guard.Deletion(c.Set, ch.Address)
	switch {
	case left > 0:
		ch.RefuseFor("TYPE_NOT_EMPTY", value.Say("type-not-empty", value.N("n", left)), value.Message{})
		ch.Deps = nil
	case !prevented.IsZero():
		ch.RefuseFor("PREVENTED", prevented, hint)
		ch.Deps = nil
	default:
		ch.Action, ch.Reason.Message, ch.Risk = plan.Delete, value.Say("must-be-absent"), value.Say("all-of-it-goes-too")
		slices.Sort(ch.Deps)
	}
	return ch
}

// orderDeletes fills in what each deletion waits for, and what it does to records
// that stay. One waits for the changes of records that point at it, as a deal that
// is given another company, and for the deletions of those that rank behind it.
func (c *Remover) orderDeletes(removals []plan.Change) {
	changes, victims := make(map[kind.RecordID]party), make(map[kind.RecordID]bool)
	index := func(i int, e *plan.Entry, ch *plan.Change) {
		if e.ID != "" && e.IsRecord() {
			at := draft.RecordOf(e)
			changes[at] = party{e, i, ch}
			victims[at] = victims[at] || e.Action == plan.Delete
		}
	}
	for i, e := range c.Out.Entries() {
		index(i, e, nil)
	}
	for i := range removals {
		e := plan.EntryOf(&removals[i])
		index(0, &e, &removals[i])
	}
	for i := range removals {
		ch := &removals[i]
		if ch.Action != plan.Delete || !ch.IsRecord() {
			continue
		}
		if ch.Facts.Methods.Placed {
			ch.Risk = ch.Facts.Risk
			continue
		}
		own := ch.Store().Record(value.IDNumber(ch.ID))
		counts, known := c.Found.pointersAt(own, victims)
		ch.Risk, ch.Pointers = c.riskText(counts), c.pointersOf(counts, known, victims, changes)
		for _, at := range known {
			if other := changes[at]; other.Entry != nil && at != own && waitedFor(other.Entry, ch) {
				ch.Deps = append(ch.Deps, other.Address)
			}
		}
		slices.Sort(ch.Deps)
		ch.Deps = slices.Compact(ch.Deps)
	}
}

// A party is a change that deletions ask about: one that has left already, by its index, or
// another removal.
type party struct {
	*plan.Entry
	at      int
	removal *plan.Change
}

func (c *Remover) titleOf(p party) string {
	if p.removal != nil {
		return p.removal.Title
	}
	return c.Out.Read(p.at).Title
}

// pointersOf lists, by entity type, what points at a victim and stays.
func (c *Remover) pointersOf(counts map[int]int, known []kind.RecordID, victims map[kind.RecordID]bool, changes map[kind.RecordID]party) []plan.Pointers {
	const most = 10
	var out []plan.Pointers
	for _, entity := range byCount(counts) {
		p := plan.Pointers{EntityTypeID: entity, Count: counts[entity]}
		if k := c.Meta.Kinds.ByEntity(entity); k != nil {
			p.Kind = k.Name
		} else if t := c.Meta.TypeOf(entity); t != nil {
			p.Title = t.Title
		}
		for _, at := range known {
			if at.EntityTypeID != entity || victims[at] || len(p.First) == most {
				continue
			}
			one := plan.Pointer{ID: value.ID(at.ID)}
			if other := changes[at]; other.Entry != nil {
				one.Address, one.Title = other.Address, c.titleOf(other)
			}
			p.First = append(p.First, one)
		}
		if p.Count > 0 {
			out = append(out, p)
		}
	}
	return out
}

// byCount sorts entity types: those of which there are the most first.
func byCount(counts map[int]int) []int {
	return slices.SortedFunc(maps.Keys(counts), func(a, b int) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
}

// waitedFor tells whether a deletion waits for this change of a record that points
// at its victim. Deletions follow the ranks backwards, so that none wait in a circle.
func waitedFor(ch *plan.Entry, deletion *plan.Change) bool {
	if ch.Action == plan.Delete {
		return cmp.Or(cmp.Compare(ch.Facts.Rank, deletion.Facts.Rank), cmp.Compare(ch.Address, deletion.Address)) > 0
	}
	return ch.Action == plan.Create || ch.Action == plan.Update || ch.Action == plan.Adopt
}

// riskText says what points at a victim, such as "12 deals and 3 contacts point at it".
func (c *Remover) riskText(counts map[int]int) value.Message {
	total := 0
	var parts, risks []value.Message
	for _, entity := range byCount(counts) {
		if n := counts[entity]; n > 0 {
			total += n
			parts = append(parts, c.countOf(n, entity))
		}
	}
	if total > 0 {
		risks = append(risks, value.Say("point-at-it", value.Ms("counts", parts), value.N("n", total)))
	}
	if unknown := c.Found.Uncounted; len(unknown) > 0 {
		risks = append(risks, value.Say("pointers-unread", value.Ms("kinds", unknown)))
	}
	switch len(risks) {
	case 0:
		return value.Message{}
	case 1:
		return risks[0]
	}
	return value.Say("several", value.Ms("parts", risks))
}

// countOf counts records of an entity type.
func (c *Remover) countOf(n, entityTypeID int) value.Message {
	if k := c.Meta.Kinds.ByEntity(entityTypeID); k != nil {
		return value.Say("count-of-kind", value.C("count", n, k.Name, k.Space, k.Plural))
	}
	if t := c.Meta.TypeOf(entityTypeID); t != nil {
		return value.Say("items-of-named-type", value.N("n", n), value.Q("type", t.Title))
	}
	return value.Say("items-of-type", value.N("n", n), value.N("type", entityTypeID))
}
