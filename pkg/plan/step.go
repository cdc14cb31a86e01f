package plan

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Part is what a step sets: some fields of the record, or something that belongs to it
// and has methods of its own.
type Part string

// The parts; those of kinds have the names that they have there. Sum is the amount of a record, which the portal makes from its product rows:
// it is read, and sent only if it is another one.
const (
	Fields     Part = "fields"
	Sum        Part = "sum"
	Products   Part = kind.ProductsPart
	Price      Part = kind.PricePart
	Requisite  Part = kind.RequisitesPart
	BankDetail Part = kind.BankDetailsPart
	Address    Part = kind.AddressesPart
)

// A Step is a request that a change needs beside the one that saves its record. It
// fills fields that refer to what could not be created first, or sets a part of the
// record that has methods of its own, such as its product rows. A step always waits
// for the record itself, and nothing but other steps of the same change waits for it.
type Step struct {
	Name  string          `json:"name"`            // of the fields or the part that it sets
	Deps  []value.Address `json:"deps,omitempty"`  // what must exist before it, beside the record itself; sorted
	After []int           `json:"after,omitempty"` // indexes of the steps of this change that must have succeeded before it

	Part   Part     `json:"part"`
	Remove bool     `json:"remove,omitempty"` // the part is deleted, else it is made or changed
	Sets   []string `json:"sets,omitempty"`   // fields and sum: the names of the fields
	ID     string   `json:"id,omitempty"`     // of the row that is there; "" makes a new one
	Of     Parent   `json:"of,omitzero"`      // what the part belongs to, if not to the record
	Mark   []Mark   `json:"mark,omitempty"`   // a row's: what ties it to its entry
	Adopts bool     `json:"adopts,omitempty"` // the row is given the mark now
	Type   string   `json:"type,omitempty"`   // id of the type: of a price or an address
	Trace  *Trace   `json:"trace,omitempty"`  // by which it is remembered whether the part is there; nil if it is not
	// Live is an address as it was read, column by column, since saving some of its lines
	// may empty the others; empty if there is none of its type. Of a row or an address that is
	// deleted it is all that was read, with what belongs to it, so that it can be made again.
	Live value.Value `json:"live,omitzero"`
}

// A Parent is what a part belongs to: a row that is there, or one that an earlier step
// makes. The zero Parent is the record itself.
type Parent struct {
	ID   string `json:"id,omitempty"`
	Step int    `json:"step,omitempty"` // its number: 1 is the step with index 0
}
