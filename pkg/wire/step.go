package wire

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A stepOwner is the record that a step belongs to. It exists.
type stepOwner struct {
	change       *plan.Change
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
	Object(result json.RawMessage) (row kind.Row, id, entityTypeID int, err error)
	// Get reads it again.
	Get(id int) bitrix.Command
	// Verify compares what the portal holds with what was declared.
	Verify(row kind.Row) []Mismatch
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
func (r *Ready) Once() bool { return r.Change.Action == plan.Create }

// A stepKey names a step of a run.
type stepKey struct {
	of   value.Address
	step int
}

// SetStep records the id of what a step of a change made, for the steps after it.
func (k *Known) SetStep(of value.Address, step int, id string) {
	if k.steps == nil {
		k.steps = make(map[stepKey]int)
	}
	k.steps[stepKey{of, step}] = value.IDNumber(id)
}

// SettleStep fills in the ids that this run has learned into a step of the change,
// whose record exists. It fails if something that the step refers to does not exist.
func SettleStep(c *plan.Change, k *Known, step int) (Call, error) {
	on := stepOwner{change: c, id: value.IDNumber(c.ID), entityTypeID: c.EntityTypeID}
	if on.id == 0 {
		on.id = k.ids[c.Address]
	}
	if on.entityTypeID == 0 {
		on.entityTypeID = k.types[c.Type].EntityTypeID
	}
	if on.id == 0 || on.entityTypeID == 0 && c.Facts.Methods.Typed {
		return nil, fmt.Errorf("%s: %w", c.Address, errRef)
	}
	on.made = func(earlier int) int { return k.steps[stepKey{c.Address, earlier}] }
	s := &c.Steps[step]
	part, ok := parts[s.Part]
	if !ok {
		return nil, value.Err("is-no-part-of-a-record", value.Q("part", s.Part))
	}
	return part(k, on, s, step+1)
}

// parts make the request of a step, by what it sets, once everything that it needs
// exists. n is the number of the step.
var parts = map[plan.Part]func(k *Known, on stepOwner, s *plan.Step, n int) (Call, error){
	plan.Fields: func(k *Known, on stepOwner, s *plan.Step, _ int) (Call, error) { return patch(k, on, s) },
	plan.Sum:    sumPart, plan.Products: productsPart, plan.Price: pricePart,
	plan.Requisite: rowPart, plan.BankDetail: rowPart, plan.Address: addressPart,
}

// patch sets fields of a record that is there, by their names: those that could not be
// set when it was saved. It is an update of its own, which is verified like any other.
func patch(k *Known, on stepOwner, s *plan.Step) (*Ready, error) {
	var late []plan.Field
	for _, d := range on.change.Fields {
		if slices.Contains(s.Sets, d.Name) {
			late = append(late, d)
		}
	}
	if err := settleFields(k, late); err != nil {
		return nil, err
	}
	saved := *on.change
	saved.Action, saved.ID, saved.Mark, saved.Held = plan.Update, value.ID(on.id), nil, nil
	saved.Saved = "" // it was saved again in between
	return &Ready{Change: &saved, EntityTypeID: on.entityTypeID, fields: late, family: saved.Facts.Methods, files: k.Files}, nil
}
