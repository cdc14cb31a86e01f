package diff

import (
	"fmt"

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
		s.err = unmet("NO_KEY_FIELD", "identity", "field-cannot-hold-mark", "name-other-field-for-mark",
			value.T("field", live.UpperName), kindArg("kinds", r.Kind))
	default:
		s.Wire = live.Name
	}
	return s
}

// shows checks that a row shows who owns the record: one that does not cannot be
// told from a free one.
func (s slot) shows(row kind.Row) error {
	for _, wire := range s.AllWires() {
		if _, ok := row[wire]; !ok {
			return fmt.Errorf("the portal found record %d and does not show its %s; give the webhook's user the right to read it", row.Int("id"), wire)
		}
	}
	return nil
}
