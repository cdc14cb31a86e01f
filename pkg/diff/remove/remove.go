// Package remove is about records that go, or are left over. A [Reader] asks for what must be gone,
// for what carries the owner's mark and is not declared, and for what a removal would touch:
// what points at it, and what lies in it. A [Remover] makes the changes, when all others are
// made. Where the marks of records are, and what a manifest means, is said elsewhere.
package remove

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

// A Found is what was read of records that are to be removed, or that are left over.
type Found struct {
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

// A Reader asks for what is to be removed, and for what a removal would touch.
type Reader struct {
	*declared.View
	Asker  ask.Portal
	Found  *Found
	Former map[value.Address][]kind.Row // the rows that carry the mark of an address of the past
	// Hide notes that it is not known whether the record of an address is there.
	Hide func(value.Address, *kind.Refusal)
	// NotRead gives why a resource cannot be planned; nil if it can.
	NotRead func(*spec.Resource) *kind.Refusal
	// Types reads the portal's types of smart processes.
	Types func(context.Context) error
}

// A Remover makes the changes that remove records.
type Remover struct {
	*declared.View
	*denial.Complaints
	Found   *Found
	Former  map[value.Address][]kind.Row           // the rows that carry the mark of an address of the past
	NotRead func(*spec.Resource) *kind.Refusal     // why a resource cannot be planned; nil if it can
	Out     *draft.Draft                           // the other changes
	Claimed func() map[kind.RecordID]value.Address // the live records that the manifests mean
	Linked  map[kind.RecordID]value.Address        // the first resource that points at a record by its id
}
