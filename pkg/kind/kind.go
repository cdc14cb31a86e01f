// Package kind says what Bitrix24 has: every kind of resource with all of its facts, and
// the shapes of what a portal says about itself. It decides nothing and asks nobody.
package kind

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
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
	ClassSet                      // records from a table: RecordSet
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

// Fields lists the fields of the owner's mark; of a user field the portal knows the name.
func (s KeySlot) Fields() []string {
	switch s {
	case KeyOrigin:
		return []string{"originatorId", "originId"}
	case KeyXMLID:
		return []string{"xmlId"}
	}
	return nil
}

// A Kind is everything that the tool knows about one kind of resource.
type Kind struct {
	Name         string // as in manifests: "Deal"
	Plural       string // for people: "deals"
	Schema       string // file name in schemas/
	Class        Class
	Rank         int       // order of kinds in plans
	Space        string    // first part of an address; "" where the SPA's name takes its place
	EntityTypeID int       // 0 where the portal decides (SPA items)
	Link         FieldType // the type of the system fields that link to its records; "" if none do
	Key          KeySlot
	Page         string // the path where people open a record, with {entityTypeId} and {id}; "" if there is none
	Methods      Methods
	Codes        Codes
	Stages       Stages
	// Titles are the fields whose texts, together, name a record: the first group that has some.
	Titles  [][]string
	Alike   []Likeness    // what two records have alike that may be one, a create beside a record that is there
	Names   []string      // the columns that are read of every record, to name it
	Review  []string      // the columns that a reviewer of its deletion sees
	Holds   []string      // the kinds that lie in it, by their SectionField, and would be deleted with it
	Risk    value.Message // what a deletion does to others, where nobody can count them
	OwnCode bool          // an external code that is its own id was written by nobody
	// Older are names of the older API that do not follow from today's and hold for this kind only.
	Older      map[string]string
	Fields     []Rule // system fields, sorted by name
	Parts      []Part // what stands beside the fields in the spec
	Properties bool   // its fields may also be properties of products, by their codes
}

// Title names a record by the texts of its fields: one as it is, several with a blank
// between them.
func (k *Kind) Title(text func(field string) string) string {
	for _, group := range k.Titles {
		title := text(group[0])
		for _, field := range group[1:] {
			title = strings.TrimSpace(title + " " + text(field))
		}
		if title != "" {
			return title
		}
	}
	return ""
}

// TitleOf names a live record.
func (k *Kind) TitleOf(row Row) string { return k.Title(row.Text) }

// Arg is an argument of a message that is the kind, in the plural.
func (k *Kind) Arg(name string) value.Arg { return value.K(name, k.Name, k.Plural) }

// URLPath is where people open a record, below the portal's address; "" if that is not known.
func (k *Kind) URLPath(entityTypeID int, id string) string {
	if id == "" {
		return ""
	}
	return strings.ReplaceAll(fill(k.Page, entityTypeID, 0), "{id}", id)
}

// HasFields tells whether what is declared stands under spec.fields, not in spec.
func (k *Kind) HasFields() bool { return k.Class == ClassRecord || k.Class == ClassCatalog }

// IsHistory tells whether the kind declares no object but what became of some.
func (k *Kind) IsHistory() bool { return k.Class == ClassHistory }

// Field finds the rule for a field of this kind.
func (k *Kind) Field(name string) (Rule, bool) {
	rule := k.Rule(name)
	if rule == nil {
		return Rule{}, false
	}
	return *rule, true
}

// Rule is Field without a copy; nil if there is none. It is for reading.
func (k *Kind) Rule(name string) *Rule {
	i, end := 0, len(k.Fields)
	for i < end {
		if middle := (i + end) / 2; k.Fields[middle].Name < name {
			i = middle + 1
		} else {
			end = middle
		}
	}
	if i == len(k.Fields) || k.Fields[i].Name != name {
		return nil
	}
	return &k.Fields[i]
}
