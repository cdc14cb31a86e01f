package kind

import (
	"regexp"
	"strings"
)

// A RecordID names a live record. What lies in the catalogue has a number of its own
// for an entityTypeId, less than 0: see Change.Store.
type RecordID struct{ EntityTypeID, ID int }

// A LiveType is a smart process type of the portal.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-get.md.
type LiveType struct {
	ID           int
	EntityTypeID int
	Title, Code  string
	Row          Row // with relations once crm.type.get has been read
}

// A LiveField is one entry of crm.item.fields.
// Source: api-reference/crm/universal/crm-item-fields.md.
type LiveField struct {
	Name       string // in crm.item.*
	Type       FieldType
	ReadOnly   bool
	Multiple   bool
	Dynamic    bool   // a user field
	Precision  int32  // double: the decimals that the portal keeps of a user field
	NoSeconds  bool   // datetime: the portal cuts the seconds off
	StatusType string // crm_status: the dictionary
	UpperName  string
	Options    []*Option // enumeration; Fetch fills in their codes where they are needed
	Entities   []int     // crm: the entity types that can be bound, sorted
	Required   bool      // the portal marks it as mandatory
	Defaulted  bool      // a new record gets a value by itself
	Titles     []string  // what people call it
}

// LiveFields finds the fields of one entity type by their names.
type LiveFields struct {
	ByName map[string]LiveField
	// ByCode has the user fields by upper-case name and by portable code; a code
	// that two fields share has both.
	ByCode map[string][]LiveField
}

// NewLiveFields indexes the fields of one entity type.
func NewLiveFields(fields []LiveField) LiveFields {
	f := LiveFields{ByName: make(map[string]LiveField, len(fields)), ByCode: make(map[string][]LiveField)}
	for _, field := range fields {
		f.ByName[field.Name] = field
		if field.Dynamic {
			f.ByCode[field.UpperName] = append(f.ByCode[field.UpperName], field)
			if code := UserFieldCode(field.UpperName); code != field.UpperName {
				f.ByCode[code] = append(f.ByCode[code], field)
			}
		}
	}
	return f
}

// A Category is a pipeline.
// Source: api-reference/crm/universal/category/crm-category-list.md.
type Category struct {
	ID      int
	Name    string
	Code    string
	Default bool
}

// A StatusEntry is one entry of a dictionary, stages included.
// Source: api-reference/crm/status/crm-status-list.md.
type StatusEntry struct {
	ID        string // STATUS_ID
	Name      string
	Semantics string // of a stage: "S" won, "F" lost, else "" or "P"
}

// A User is one of the portal's users.
// Source: api-reference/user/user-get.md.
type User struct {
	ID     int
	Name   string // first and last name
	Email  string
	Active bool
}

// An Option is one value that a list field can have.
// Source: api-reference/crm/universal/crm-item-fields.md and
// api-reference/crm/universal/userfieldconfig/userfieldconfig-get.md (enum).
type Option struct {
	ID    int
	Label string
	Code  string // xmlId; "" until it is read
}

// IsUserField tells whether a name of crm.item.* is a user field's.
func IsUserField(name string) bool {
	return strings.HasPrefix(name, "ufCrm") || strings.HasPrefix(name, "UF_")
}

var userFieldPrefix = regexp.MustCompile(`^UF_CRM_(?:(?:\d+|LEAD|DEAL|CONTACT|COMPANY|QUOTE|SMART_INVOICE)_)?`)

// UserFieldCode is the portable part of a user field's name: SERIAL of
// UF_CRM_12_SERIAL and of UF_CRM_DEAL_SERIAL.
func UserFieldCode(upperName string) string {
	return userFieldPrefix.ReplaceAllString(upperName, "")
}
