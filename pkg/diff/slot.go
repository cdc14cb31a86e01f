package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A slot is where the records of one entity type carry the owner's mark.
type slot struct {
	plan.Slot
	field value.Address // kind.KeyField: the change that creates the user field, if this plan does
	err   error         // the user field cannot hold a mark
}

// slot finds where a record carries its mark: in fields of its own, or in a user
// field, which may have to be created.
func (v *view) slot(r *spec.Resource, t recordType) slot {
	declared := v.set.Project.SlotOf(r)
	s := slot{Slot: plan.Slot{Facts: r.Kind, Key: declared.Key}}
	if s.Key != kind.KeyField {
		return s
	}
	var live kind.LiveField
	if !t.isNew() {
		live, s.err = v.liveField(t.entityTypeID, declared.Field)
	}
	switch {
	case s.err != nil:
	case live.Name == "":
		s.field = keyFieldAddress(r, declared.Field)
	case live.Type != kind.TypeString || live.Multiple || live.ReadOnly:
		s.err = denial.Unmet("NO_KEY_FIELD", "identity", "field-cannot-hold-mark", "name-other-field-for-mark",
			value.T("field", live.UpperName), r.Kind.Arg("kinds"))
	default:
		s.Wire = live.Name
	}
	return s
}

// hides gives why a row does not show who owns the record, so that it cannot be told from a
// free one; nil if it does.
func (s slot) hides(row kind.Row) *kind.Refusal { return hidesAny(row, s.AllWires()) }

// hidesAny gives why a row does not show one of some columns; nil if it shows all.
func hidesAny(row kind.Row, wires []string) *kind.Refusal {
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

// formerMark gives the mark that the record of an address carries, whether the
// address is declared or not; nil if its kind has no place for one.
func (v *view) formerMark(r *spec.Resource, t recordType) []plan.Mark {
	s := v.slot(r, t)
	if s.err != nil || s.Key == kind.KeyField && s.Wire == "" {
		return nil // no record can carry it
	}
	return s.Mark(v.set.Project.Name, r.Address.Name())
}
