package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A slot is where the records of one entity type carry the owner's mark.
type slot struct {
	kind  *kind.Kind
	key   kind.KeySlot
	wire  string        // KeyField: the user field's name in crm.item.*; "" until it exists
	field value.Address // KeyField: the change that creates the user field, if this plan does
	err   error         // the user field cannot hold a mark
}

// slot finds where a record carries its mark: in fields of its own, or in a user
// field, which may have to be created.
func (v *view) slot(r *spec.Resource, t recordType) slot {
	declared := v.set.Project.SlotOf(r)
	s := slot{kind: r.Kind, key: declared.Key}
	if s.key != kind.KeyField {
		return s
	}
	var live LiveField
	if !t.isNew() {
		live, s.err = v.liveField(t.entityTypeID, declared.Field)
	}
	switch {
	case s.err != nil:
	case live.Name == "":
		s.field = keyFieldAddress(r, declared.Field)
	case live.Type != kind.TypeString || live.Multiple || live.ReadOnly:
		s.err = unmet("NO_KEY_FIELD", "identity", "field-cannot-hold-mark", "name-other-field-for-mark",
			value.T("field", live.UpperName), kindArg("kinds", r.Kind))
	default:
		s.wire = live.Name
	}
	return s
}

// slotOf is the slot of a record that a change adopts.
func slotOf(c *Change) slot {
	s := slot{kind: c.Facts, key: kind.KeyField}
	switch wires := c.Takeover.Slot; {
	case len(wires) == 2:
		s.key = kind.KeyOrigin
	case len(wires) == 1 && wires[0] == "xmlId":
		s.key = kind.KeyXMLID
	case len(wires) == 1:
		s.wire = wires[0]
	}
	return s
}

// wires lists the fields of the mark that the portal has.
func (s slot) wires() []string {
	if s.wire != "" {
		return []string{s.wire}
	}
	return s.key.Fields()
}

// allWires lists the fields that show whose a record is: those of the mark, and
// those in which another project would keep its own. The zero slot has none.
func (s slot) allWires() []string {
	if s.kind == nil {
		return nil
	}
	own := slot{key: s.kind.Key}
	return slices.Compact(slices.Concat(own.wires(), s.wires()))
}

const markPrefix = "b24apply:"

// mark gives the fields that tie a record to its manifest; see design "Identity".
func (s slot) mark(owner, name string) []Mark {
	switch s.key {
	case kind.KeyOrigin:
		return []Mark{{Wire: "originatorId", Value: markPrefix + owner}, {Wire: "originId", Value: name}}
	case kind.KeyXMLID:
		return []Mark{{Wire: "xmlId", Value: markPrefix + owner + ":" + name}}
	case kind.KeyField:
		return []Mark{{Wire: s.wire, Value: markPrefix + owner + ":" + name}}
	}
	return nil
}

// carries tells whether a row holds the mark byte for byte: the portal's "="
// ignores case and trailing blanks.
func carries(row Row, marks []Mark) bool {
	for _, m := range marks {
		if row.Text(m.Wire) != m.Value {
			return false
		}
	}
	return len(marks) > 0
}

// holder reads who owns a row. Where the mark is kept in a user field, other
// systems may use the fields that kinds have for foreign ids.
func (s slot) holder(row Row) Holder {
	if s.kind.OwnCode && row.Text("xmlId") == row.Text("id") {
		return Holder{}
	}
	for _, own := range []slot{s, {key: s.kind.Key}} {
		h := own.held(row)
		if h.Owner != "" || h.System != "" && own.key == s.key {
			return h
		}
	}
	return Holder{}
}

func (s slot) held(row Row) Holder {
	if s.key == kind.KeyOrigin {
		owner, ours := strings.CutPrefix(row.Text("originatorId"), markPrefix)
		if ours && owner != "" {
			return Holder{Owner: owner, Name: row.Text("originId")}
		}
		return foreign(row, s.wires())
	}
	for _, wire := range s.wires() {
		rest, ours := strings.CutPrefix(row.Text(wire), markPrefix)
		if owner, name, ok := strings.Cut(rest, ":"); ours && ok && owner != "" {
			return Holder{Owner: owner, Name: name}
		}
	}
	return foreign(row, s.wires())
}

// foreign quotes what stands where the mark would.
func foreign(row Row, wires []string) Holder {
	var parts []string
	for _, wire := range wires {
		if text := row.Text(wire); text != "" {
			parts = append(parts, fmt.Sprintf("%s %q", wire, text))
		}
	}
	return Holder{System: strings.Join(parts, ", ")}
}

// shows checks that a row shows who owns the record: one that does not cannot be
// told from a free one.
func (s slot) shows(row Row) error {
	for _, wire := range s.allWires() {
		if _, ok := row[wire]; !ok {
			return fmt.Errorf("the portal found record %d and does not show its %s; give the webhook's user the right to read it", row.Int("id"), wire)
		}
	}
	return nil
}
