package undo

import (
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// remove takes back what was created: it is deleted, if it is as it was made.
func (m *maker) remove(d *deed) *plan.Change {
	if d.row == nil {
		m.gone = append(m.gone, d.Address)
		return nil
	}
	if d.claimed && !m.Claimed {
		return conflict(d, CodeClaimed, value.Say("undo-claimed"))
	}
	if !d.IsRecord() {
		return m.removeType(d)
	}
	if no := d.unlike(); !no.IsZero() {
		return conflict(d, CodeChanged, no)
	}
	c := begin(d, plan.Delete)
	c.Reason.Message, c.Mark, c.Held = value.Say("undo-created-by-run"), d.mark, d.heldNow()
	c.Inside = value.ID(d.row.Int(kind.SectionField))
	for _, e := range d.fields {
		if slices.Contains(d.Facts.Review, e.Name) && !e.After.IsEmpty() {
			c.Fields = append(c.Fields, plan.Field{Name: e.Name, Label: e.Label, Type: value.Type{Name: "string"}, Before: e.After})
		}
	}
	return c
}

// unlike says in what a record is not as it was made; zero if it is.
func (d *deed) unlike() value.Message {
	if !plan.Carries(d.row, d.mark) {
		return value.Say("undo-mark-is-gone")
	}
	var parts []value.Message
	for _, e := range d.fields {
		if e.part != "" {
			continue
		}
		if now, err := e.Read(d.row); err != nil || !e.Codec().Same(e.Want, now) && !d.partial {
			parts = append(parts, drift(&e.Field, e.Want, now))
		}
	}
	for _, by := range []string{updatedBy, modifiedBy, activityBy} {
		if made, last := d.row.Int(createdBy), d.row.Int(by); made != 0 && last != 0 && made != last {
			parts = append(parts, value.Say("undo-not-by-its-maker", value.N("user", last), value.N("maker", made)))
			break
		}
	}
	for _, row := range d.partRows {
		if !slices.ContainsFunc(d.rows, func(r rowDeed) bool { return r.Part == plan.Requisite && r.id == value.ID(row.Int("ID")) }) {
			parts = append(parts, value.Say("undo-foreign-requisite", value.T("id", strconv.Itoa(row.Int("ID")))))
		}
	}
	if len(parts) == 0 {
		return value.Message{}
	}
	return d.changedSince(parts)
}

// changedSince says what was changed of a record since the run, and who saved it last.
func (d *deed) changedSince(parts []value.Message) value.Message {
	if last := d.row.Int(updatedBy); last != 0 {
		parts = append(parts, value.Say("undo-saved-by", value.N("user", last), value.T("at", d.row.Text(kind.SavedTime))))
	}
	return value.Say("undo-changed-since", value.Ms("parts", parts))
}

// drift says what a field was set to, and what it is.
func drift(d *plan.Field, want, now value.Value) value.Message {
	names := kind.BuiltIn().PlainNames()
	return value.Say("undo-set-and-is", value.T("field", d.Name), quoted("want", d.Shown(names, want)), quoted("now", d.Shown(names, now)))
}

// quoted is an argument that shows a value: a text, a list, or a message.
func quoted(name string, v any) value.Arg {
	switch v := v.(type) {
	case string:
		return value.Q(name, v)
	case []string:
		return value.L(name, v)
	case value.Message:
		return value.M(name, v)
	}
	return value.M(name, value.Say("nothing"))
}

// heldNow are the fields of a record that is to be deleted that must still hold then what they
// were set to.
func (d *deed) heldNow() (out []plan.Field) {
	for _, e := range d.fields {
		if e.part != "" {
			continue
		}
		if now, err := e.Read(d.row); err == nil {
			f := e.Field
			f.Want, f.Live, f.Step = now, now, 0
			out = append(out, f)
		}
	}
	return out
}

// pointersAt lists what points at a record and stays, or goes on pointing at it.
func (m *maker) pointersAt(d *deed) (out []kind.RecordID) {
	for _, at := range d.pointers {
		other := m.records[at]
		if other == nil || !other.made && !slices.Contains(other.deps, d.Address) {
			out = append(out, at)
		}
	}
	return out
}

// named names a record for people.
func named(kinds *kind.Table, at kind.RecordID) value.Message {
	k := kinds.OfEntity(at.EntityTypeID)
	return value.Say("undo-record-named", value.T("kind", k.Space), value.N("id", at.ID))
}

// removeType takes back a smart process: the portal deletes one without items only.
func (m *maker) removeType(d *deed) *plan.Change {
	for _, e := range d.fields {
		raw, shown := d.row[e.Wire]
		if now, err := e.Codec().Read(raw); shown && (err != nil || !e.Codec().Same(e.Want, now)) {
			return conflict(d, CodeChanged, value.Say("undo-changed-since", value.Ms("parts", []value.Message{drift(&e.Field, e.Want, now)})))
		}
	}
	c := begin(d, plan.Delete)
	c.Reason.Message, c.Risk = value.Say("undo-created-by-run"), value.Say("all-of-it-goes-too")
	c.Mark = []plan.Mark{{Wire: "entityTypeId", Value: value.ID(d.entityTypeID)}}
	return c
}

// itemsOf lists the items of a smart process that go before it.
func (m *maker) itemsOf(d *deed) (out []value.Address) {
	for _, other := range m.deeds {
		if other.made && other.entityTypeID == d.entityTypeID && other.IsRecord() && m.records[other.record()] == other {
			out = append(out, other.Address)
		}
	}
	return out
}
