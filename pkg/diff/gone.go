package diff

import (
	"context"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/draft"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A gone is what was read of records that are to be removed, or that are left over.
type gone struct {
	TypeItems       map[int]int                     // by entityTypeId: the items of types that must be gone
	Destroys        bool                            // everything that the project owns is to be removed
	Undeclared      []Undeclared                    // what pruning would remove, in the order of kinds and ids
	Pointers        map[kind.RecordID][]Pointer     // what points at the records that would be deleted
	Contents        map[kind.RecordID]int           // what lies in the sections that would be deleted
	ContentsNotRead map[kind.RecordID]*kind.Refusal // sections whose contents could not be counted
	Uncounted       []value.Message                 // kinds of records whose links could not be read
	OutOfScope      []Leftover                      // what pruning leaves alone
	Blind           *kind.Refusal                   // why nothing can be pruned; nil if all was read
}

// A reader asks for what is to be removed, and for what a removal would touch.
type reader struct {
	*declared.View
	asker  ask.Portal
	found  *gone
	former map[value.Address][]kind.Row // the rows that carry the mark of an address of the past
	// hide notes that it is not known whether the record of an address is there.
	hide func(value.Address, *kind.Refusal)
	// notRead gives why a resource cannot be planned; nil if it can.
	notRead func(*spec.Resource) *kind.Refusal
	// types reads the portal's types of smart processes.
	types func(context.Context) error
}

// A remover makes the changes that remove records.
type remover struct {
	*declared.View
	*denial.Complaints
	found   *gone
	former  map[value.Address][]kind.Row       // the rows that carry the mark of an address of the past
	notRead func(*spec.Resource) *kind.Refusal // why a resource cannot be planned; nil if it can
	out     *draft.Draft                       // the other changes
	claimed map[kind.RecordID]value.Address    // the live records that the manifests mean
	linked  map[kind.RecordID]value.Address    // the first resource that points at a record by its id
}
