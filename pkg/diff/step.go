package diff

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A Step is a request that a change needs beside the one that saves its record. It
// fills fields that refer to what could not be created first, or sets a part of the
// record that has methods of its own, such as its product rows. A step always waits
// for the record itself, and nothing but other steps of the same change waits for it.
type Step struct {
	Name  string         `json:"name"`            // of the fields or the part that it sets
	Deps  []spec.Address `json:"deps,omitempty"`  // what must exist before it, beside the record itself; sorted
	After []int          `json:"after,omitempty"` // indexes of the steps of this change that must have succeeded before it

	work stepWork
}

// stepWork makes the request of a step once everything that it needs exists.
type stepWork interface {
	call(k *Known, on stepOwner) (Call, error)
}

// A stepOwner is the record that a step belongs to. It exists.
type stepOwner struct {
	change       *Change
	id           int
	entityTypeID int
	made         func(step int) int // the id of what an earlier step made
}

// A Call is one request of a change that has every id that it needs: a [Ready], which
// saves the record itself, or a step.
type Call interface {
	// Alone tells whether it must not share a request with others.
	Alone() bool
	// Request is the call on the wire.
	Request() bitrix.Command
	// Once tells that it must not be sent again while it may have happened: Find and
	// Found look first. The others may be repeated.
	Once() bool
	Find() bitrix.List
	Found(rows []json.RawMessage) ([]int, error)
	// Object takes what was stored out of the answer to Request, Repair or Get. An
	// answer that shows nothing but an id gives an empty row, which Verify finds wanting
	// so that it is read again.
	Object(result json.RawMessage) (row Row, id, entityTypeID int, err error)
	// Get reads it again.
	Get(id int) bitrix.Command
	// Verify compares what the portal holds with what was declared.
	Verify(row Row) []Mismatch
	// Repairable tells whether sending it once more can help, and Repair does that.
	Repairable(mismatches []Mismatch) bool
	Repair(id int, mismatches []Mismatch) bitrix.Command
}

// repeatable is for calls that may be sent again: nothing is looked for.
type repeatable struct{}

// Once is false.
func (repeatable) Once() bool { return false }

// Find is never asked.
func (repeatable) Find() bitrix.List { return bitrix.List{} }

// Found is never asked.
func (repeatable) Found([]json.RawMessage) ([]int, error) { return nil, nil }

// Once tells that a create must not be sent again before its mark was looked for.
func (r *Ready) Once() bool { return r.Change.Action == Create }

// Saves tells whether the change sends a request for the record itself: an update may
// consist of steps only.
func (c *Change) Saves() bool {
	return c.Action != Update || len(fieldsOf(c, c.Fields, 0)) > 0
}

// fieldsOf picks the fields that step number n sets: 0 is the record's own request,
// n its step with index n-1.
func fieldsOf(c *Change, fields []FieldDiff, n int) []FieldDiff {
	if len(c.Steps) == 0 && n == 0 {
		return fields
	}
	var out []FieldDiff
	for _, d := range fields {
		if d.step == n {
			out = append(out, d)
		}
	}
	return out
}

// addStep adds a step that sets some fields of the change, by their names.
func (c *Change) addStep(s Step, fields ...string) {
	c.Steps = append(c.Steps, s)
	for i := range c.Fields {
		for _, name := range fields {
			if c.Fields[i].Name == name {
				c.Fields[i].step = len(c.Steps)
			}
		}
	}
}

// A stepKey names a step of a run.
type stepKey struct {
	of   spec.Address
	step int
}

// SetStep records the id of what a step of a change made, for the steps after it.
func (k *Known) SetStep(of spec.Address, step, id int) {
	if k.steps == nil {
		k.steps = make(map[stepKey]int)
	}
	k.steps[stepKey{of, step}] = id
}

// SettleStep fills in the ids that this run has learned into a step of the change,
// whose record exists. It fails if something that the step refers to does not exist.
func (c *Change) SettleStep(k *Known, step int) (Call, error) {
	on := stepOwner{change: c, id: c.ID, entityTypeID: c.EntityTypeID}
	if on.id == 0 {
		on.id = k.ids[c.Address]
	}
	if on.entityTypeID == 0 {
		on.entityTypeID = k.types[c.typ].EntityTypeID
	}
	if on.id == 0 || on.entityTypeID == 0 && c.kind.Methods.Typed {
		return nil, fmt.Errorf("%s: %w", c.Address, errRef)
	}
	on.made = func(earlier int) int { return k.steps[stepKey{c.Address, earlier}] }
	return c.Steps[step].work.call(k, on)
}

// patchStep sets fields of a record that is there, by their names: those that could
// not be set when it was saved.
type patchStep struct{ fields []string }

// call makes the patch an update of its own, which is verified like any other.
func (p patchStep) call(k *Known, on stepOwner) (Call, error) {
	var late []FieldDiff
	for _, d := range on.change.Fields {
		if slices.Contains(p.fields, d.Name) {
			late = append(late, d)
		}
	}
	fields, err := settleFields(k, late)
	if err != nil {
		return nil, err
	}
	saved := *on.change
	saved.Action, saved.ID, saved.mark, saved.held = Update, on.id, nil, nil
	saved.saved = "" // it was saved again in between
	return &Ready{Change: &saved, EntityTypeID: on.entityTypeID, fields: fields, family: saved.kind.Methods}, nil
}

// addPatch adds a step that updates some fields once the record is saved.
func (c *Change) addPatch(name string, deps []spec.Address, fields ...string) {
	c.addStep(Step{Name: name, Deps: deps, work: patchStep{fields}}, fields...)
}
