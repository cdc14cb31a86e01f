package undo

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Options say how to undo.
type Options struct {
	Kinds    *kind.Table
	Claimed  bool          // records that were found by their marks after a lost answer are deleted too
	Before   []Run         // those that have taken it back before: what they created again is not created twice
	Pointing Pointing      // nil: nobody asks what points at records
	Portal   string        // the host, as Applied has it
	Applied  *plan.Applied // what the project remembers of fields that people may change; nil remembers nothing
}

// The codes of conflicts, and of what a plan to undo says as a whole.
const (
	CodeChanged  = "UNDO_CHANGED"
	CodeForgot   = "FORGOTTEN"
	CodeClaimed  = "UNDO_CLAIMED"
	CodeInUse    = "UNDO_IN_USE"
	CodeUnknown  = "UNDO_UNKNOWN"
	CodeNoWay    = "UNDO_NOT_POSSIBLE"
	CodeLeftOut  = "UNDO_LEAVES_OUT"
	CodeNoTraces = "UNDO_NO_TRACE"
)

// Make adds to changes what takes back what runs did, the first of them first: a run and those
// that resumed it. The error is that of the portal, or of a plan's file.
func Make(ctx context.Context, changes *plan.Source, portal Portal, o Options, runs ...Run) ([]plan.Note, error) {
	deeds, untouched, err := gather(runs)
	if err != nil {
		return nil, err
	}
	if err := (&asker{Portal: portal, ctx: ctx, kinds: o.Kinds}).ask(deeds, o.Pointing); err != nil {
		return nil, err
	}
	m := &maker{Options: o, asker: &asker{Portal: portal, ctx: ctx, kinds: o.Kinds}, deeds: deeds, made: make(map[value.Address]*plan.Change), records: make(map[kind.RecordID]*deed)}
	if err := m.takenBack(); err != nil {
		return nil, err
	}
	if err := m.readFields(); err != nil {
		return nil, err
	}
	m.all()
	m.order()
	m.notes(untouched)
	slices.SortFunc(m.out, func(a, b *plan.Change) int {
		return cmp.Or(cmp.Compare(a.Facts.Rank, b.Facts.Rank), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Address, b.Address))
	})
	for _, c := range m.out {
		if err := changes.Append(c); err != nil {
			return nil, err
		}
	}
	return m.said, nil
}

// A maker makes the inverse of each deed.
type maker struct {
	Options
	*asker
	deeds   []*deed
	records map[kind.RecordID]*deed // what undoing deletes or changes
	fields  map[int]kind.LiveFields // of what is created again
	made    map[value.Address]*plan.Change
	out     []*plan.Change
	said    []plan.Note
	gone    []value.Address         // created, and not there any more
	stays   []value.Address         // user fields
	back    map[value.Address]*deed // what was done before to take it back
}

// takenBack collects what earlier runs did to take it back, and reads what is there of what they
// have created again.
func (m *maker) takenBack() error {
	back, _, err := gather(m.Before)
	if err != nil {
		return err
	}
	m.back = make(map[value.Address]*deed, len(back))
	for _, d := range back {
		m.back[d.Address] = d
	}
	var again []*deed
	for _, d := range m.deeds {
		if b := m.back[d.Address]; b != nil && d.gone && d.row == nil {
			b.image = d.image
			again = append(again, b)
		}
	}
	return m.ask(again, nil)
}

// all makes the inverses. What was created may go as long as nothing that stays points at it, so
// that conflicts are passed on until nothing changes.
func (m *maker) all() {
	for _, d := range m.deeds {
		c := m.inverse(d)
		if c == nil {
			continue
		}
		m.made[d.Address] = c
		if c.Action == plan.Delete || c.Action == plan.Update && !d.gone {
			m.records[d.record()] = d
		}
	}
	for again := true; again; {
		again = false
		for _, d := range m.deeds {
			c := m.made[d.Address]
			if c == nil || c.Action != plan.Delete {
				continue
			}
			if no := m.inUse(d); no != nil {
				m.made[d.Address], again = no, true
				delete(m.records, d.record())
			}
		}
	}
	for _, d := range m.deeds {
		if c := m.made[d.Address]; c != nil {
			m.out = append(m.out, c)
		}
	}
}

// inUse is the conflict of what others need that stay; nil if none does.
func (m *maker) inUse(d *deed) *plan.Change {
	if !d.IsRecord() {
		if left := d.items - len(m.itemsOf(d)); left > 0 {
			return conflict(d, CodeInUse, value.Say("undo-type-has-items", value.N("n", left)))
		}
		return nil
	}
	if by := m.pointersAt(d); len(by) > 0 {
		return conflict(d, CodeInUse, value.Say("undo-pointed-at", value.N("n", len(by)), value.M("first", named(m.kinds, by[0]))))
	}
	return nil
}

// inverse takes one deed back; nil if nothing is left of it.
func (m *maker) inverse(d *deed) *plan.Change {
	switch {
	case d.Forgotten:
		return conflict(d, CodeForgot, value.Say("values-are-forgotten"))
	case d.refused != nil:
		return conflict(d, CodeUnknown, value.Say("undo-not-read", value.M("why", value.SaidBy(d.refused))))
	case d.doubtful:
		return conflict(d, CodeUnknown, value.Say("undo-nobody-knows"))
	case d.CreatesField():
		m.stays = append(m.stays, d.Address)
		return nil
	case d.gone:
		return m.again(d)
	case d.made:
		return m.remove(d)
	}
	return m.restore(d)
}

// begin is a change about the record of a deed.
func begin(d *deed, action plan.Action) *plan.Change {
	c := &plan.Change{Address: d.Address, Kind: d.Kind, Facts: d.Facts, Action: action, ID: d.id, EntityTypeID: d.entityTypeID, Title: d.Title, Source: d.Source, Place: d.Place}
	if d.row != nil {
		c.Title = cmp.Or(d.Facts.Title(d.row.Text), c.Title)
		c.Saved = d.row.Text(kind.SavedTime)
		c.Place = cmp.Or(plan.PlaceOf(d.Facts, d.row), c.Place)
	}
	return c
}

// conflict is a deed that is not taken back, and why.
func conflict(d *deed, code string, why value.Message) *plan.Change {
	c := begin(d, plan.Refuse)
	c.Reason = plan.Reason{Code: code, Message: why, Hint: value.Do(code), Conflict: true}
	return c
}

// encoded is the JSON of rows.
func encoded(rows []kind.Row) json.RawMessage {
	text, _ := json.Marshal(rows) // they are JSON
	return text
}

// order makes the inverses wait for each other: what was made first goes last.
func (m *maker) order() {
	for _, d := range m.deeds {
		c := m.made[d.Address]
		if c == nil {
			continue
		}
		for _, dep := range d.deps {
			if of := m.made[dep]; of != nil && of.Action == plan.Delete && c.Action != plan.Create {
				of.Deps = append(of.Deps, d.Address)
			}
		}
		if !d.IsRecord() && c.Action == plan.Delete {
			c.Deps = append(c.Deps, m.itemsOf(d)...)
		}
	}
	for _, c := range m.out {
		slices.Sort(c.Deps)
		c.Deps = slices.Compact(c.Deps)
	}
}

// notes says what stays, and what is left out.
func (m *maker) notes(untouched int) {
	note := func(code, sentence string, of []value.Address, args ...value.Arg) {
		slices.Sort(of)
		m.said = append(m.said, plan.Note{Code: code, Message: value.Say(sentence, args...), Addresses: of})
	}
	if untouched > 0 {
		note(CodeNoTraces, "undo-no-trace", nil, value.N("n", untouched))
	}
	if len(m.gone) > 0 {
		note(CodeLeftOut, "undo-gone-already", m.gone, value.N("n", len(m.gone)))
	}
	if len(m.stays) > 0 {
		note(CodeLeftOut, "undo-fields-stay", m.stays, value.N("n", len(m.stays)))
	}
	var again []value.Address
	for _, c := range m.out {
		if c.Action == plan.Create {
			again = append(again, c.Address)
		}
	}
	if len(again) > 0 {
		note(CodeLeftOut, "undo-creates-again", again, value.N("n", len(again)))
	}
}
