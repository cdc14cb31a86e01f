// Package kind says what Bitrix24 has: every kind of resource with all of its facts, and
// the shapes of what a portal says about itself. It decides nothing and asks nobody.
package kind

import (
	"cmp"
	"slices"
)

// Class tells what sort of thing a kind declares.
type Class uint8

// The classes.
const (
	ClassProject Class = iota + 1 // the project file
	ClassType                     // a smart process type, crm.type.*
	ClassRecord                   // a CRM record, crm.item.*
	ClassCatalog                  // a part of the product catalogue, catalog.*
	ClassField                    // a user field, userfieldconfig.*
	ClassHistory                  // what became of records: Absent, Moved and Merged
)

// KeySlot says which fields of a record carry the owner's mark.
type KeySlot uint8

// The key slots. See design "Identity".
const (
	KeyNone   KeySlot = iota // not a record
	KeyOrigin                // originatorId = "b24apply:<owner>", originId = <name>
	KeyXMLID                 // xmlId = "b24apply:<owner>:<name>"
	KeyField                 // a user field that holds the same
)

// A Kind is everything that the tool knows about one kind of resource.
type Kind struct {
	Name         string // as in manifests: "Deal"
	Plural       string // for people: "deals"
	Schema       string // file name in schemas/
	Class        Class
	Rank         int    // order of kinds in plans
	Space        string // first part of an address; "" where the SPA's name takes its place
	EntityTypeID int    // 0 where the portal decides (SPA items)
	Key          KeySlot
	Fields       []Rule // system fields, sorted by name
	Parts        []Part // what stands beside the fields in the spec
	Properties   bool   // its fields may also be properties of products, by their codes
}

// HasFields tells whether what is declared stands under spec.fields, not in spec.
func (k *Kind) HasFields() bool { return k.Class == ClassRecord || k.Class == ClassCatalog }

// IsHistory tells whether the kind declares no object but what became of some.
func (k *Kind) IsHistory() bool { return k.Class == ClassHistory }

// Field finds the rule for a field of this kind.
func (k *Kind) Field(name string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(k.Fields, name, func(r Rule, n string) int { return cmp.Compare(r.Name, n) })
	if !ok {
		return Rule{}, false
	}
	return k.Fields[i], true
}
