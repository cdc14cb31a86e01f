package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
)

// A Slot is where a record carries the owner's mark. The zero Slot is nowhere.
type Slot struct {
	Facts *kind.Kind
	Key   kind.KeySlot
	Wire  string // kind.KeyField: the user field's name in crm.item.*; "" until it exists
}

// Slot is that of a record that the change adopts.
func (c *Change) Slot() Slot { return SlotAt(c.Facts, c.Takeover.Slot) }

// SlotAt is the slot of a kind's records that consists of some fields.
func SlotAt(facts *kind.Kind, wires []string) Slot {
	s := Slot{Facts: facts, Key: kind.KeyField}
	switch {
	case slices.Equal(wires, kind.KeyOrigin.Fields()):
		s.Key = kind.KeyOrigin
	case slices.Equal(wires, kind.KeyXMLID.Fields()):
		s.Key = kind.KeyXMLID
	case len(wires) == 1:
		s.Wire = wires[0]
	}
	return s
}

// Wires lists the fields of the mark that the portal has.
func (s Slot) Wires() []string {
	if s.Wire != "" {
		return []string{s.Wire}
	}
	return s.Key.Fields()
}

// AllWires lists the fields that show whose a record is: those of the mark, and
// those in which another project would keep its own. The zero Slot has none.
func (s Slot) AllWires() []string {
	if s.Facts == nil {
		return nil
	}
	own := Slot{Key: s.Facts.Key}
	return slices.Compact(slices.Concat(own.Wires(), s.Wires()))
}

// MarkPrefix is how every mark begins.
const MarkPrefix = "b24apply:"

// Mark gives the fields that tie a record to the resource of a name; see design "Identity".
func (s Slot) Mark(owner, name string) []Mark {
	switch s.Key {
	case kind.KeyOrigin:
		return []Mark{{Wire: "originatorId", Value: MarkPrefix + owner}, {Wire: "originId", Value: name}}
	case kind.KeyXMLID:
		return []Mark{{Wire: "xmlId", Value: MarkPrefix + owner + ":" + name}}
	case kind.KeyField:
		return []Mark{{Wire: s.Wire, Value: MarkPrefix + owner + ":" + name}}
	}
	return nil
}

// Carries tells whether a row holds the mark byte for byte: the portal's "="
// ignores case and trailing blanks.
func Carries(row kind.Row, marks []Mark) bool {
	for _, m := range marks {
		if row.Text(m.Wire) != m.Value {
			return false
		}
	}
	return len(marks) > 0
}

// Holder reads who owns a row. Where the mark is kept in a user field, other
// systems may use the fields that kinds have for foreign ids.
func (s Slot) Holder(row kind.Row) Holder {
	if s.Facts.OwnCode && row.Text("xmlId") == row.Text("id") {
		return Holder{}
	}
	for _, own := range []Slot{s, {Key: s.Facts.Key}} {
		h := own.Held(row)
		if h.Owner != "" || h.System != "" && own.Key == s.Key {
			return h
		}
	}
	return Holder{}
}

// Held reads what stands in the fields of the slot, and in no others.
func (s Slot) Held(row kind.Row) Holder {
	if s.Key == kind.KeyOrigin {
		owner, ours := strings.CutPrefix(row.Text("originatorId"), MarkPrefix)
		if ours && owner != "" {
			return Holder{Owner: owner, Name: row.Text("originId")}
		}
		return foreign(row, s.Wires())
	}
	for _, wire := range s.Wires() {
		rest, ours := strings.CutPrefix(row.Text(wire), MarkPrefix)
		if owner, name, ok := strings.Cut(rest, ":"); ours && ok && owner != "" {
			return Holder{Owner: owner, Name: name}
		}
	}
	return foreign(row, s.Wires())
}

// foreign quotes what stands where the mark would.
func foreign(row kind.Row, wires []string) Holder {
	var parts []string
	for _, wire := range wires {
		if text := row.Text(wire); text != "" {
			parts = append(parts, fmt.Sprintf("%s %q", wire, text))
		}
	}
	return Holder{System: strings.Join(parts, ", ")}
}
