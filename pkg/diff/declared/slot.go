package declared

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Slot is where the records of one entity type carry the owner's mark.
type Slot struct {
	plan.Slot
	Field value.Address // kind.KeyField: the change that creates the user field, if this plan does
	Err   error         // the user field cannot hold a mark
}

// Slot finds where a record carries its mark: in fields of its own, or in a user
// field, which may have to be created.
func (v *View) Slot(r *spec.Resource, t Type) Slot {
	declared := v.Set.Project.SlotOf(r)
	s := Slot{Slot: plan.Slot{Facts: r.Kind, Key: declared.Key}}
	if s.Key != kind.KeyField {
		return s
	}
	var live kind.LiveField
	if !t.isNew() {
		live, s.Err = v.LiveField(t.EntityTypeID, declared.Field)
	}
	switch {
	case s.Err != nil:
	case live.Name == "":
		s.Field = keyFieldAddress(r, declared.Field)
	case live.Type != kind.TypeString || live.Multiple || live.ReadOnly:
		s.Err = denial.Unmet("NO_KEY_FIELD", "identity", "field-cannot-hold-mark", "name-other-field-for-mark",
			value.T("field", live.UpperName), r.Kind.Arg("kinds"))
	default:
		s.Wire = live.Name
	}
	return s
}

// Hides gives why a row does not show who owns the record, so that it cannot be told from a
// free one; nil if it does.
func (s Slot) Hides(row kind.Row) *kind.Refusal { return HidesAny(row, s.AllWires()) }

// HidesAny gives why a row does not show one of some columns; nil if it shows all.
func HidesAny(row kind.Row, wires []string) *kind.Refusal {
	i := slices.IndexFunc(wires, func(wire string) bool { return row[wire] == nil })
	if i < 0 {
		return nil
	}
	if no := kind.RefusalIn(row); no != nil {
		return no
	}
	return &kind.Refusal{Scope: kind.ScopeItem, Hint: value.Say("let-user-read-the-field"),
		Err: value.Err("found-without-field", value.N("id", row.Int("id")), value.T("field", wires[i]))}
}

func keyFieldAddress(r *spec.Resource, code string) value.Address {
	space, _ := r.Address.Split()
	return value.NewAddress("fields", space+"."+code)
}

// FormerMark gives the mark that the record of an address carries, whether the
// address is declared or not; nil if its kind has no place for one.
func (v *View) FormerMark(r *spec.Resource, t Type) []plan.Mark {
	s := v.Slot(r, t)
	if s.Err != nil || s.Key == kind.KeyField && s.Wire == "" {
		return nil // no record can carry it
	}
	return s.Mark(v.Set.Project.Name, r.Address.Name())
}
