package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A Row is one object as the portal returned it.
type Row map[string]json.RawMessage

// Int reads a number that may come as a JSON number or as a string.
func (r Row) Int(key string) int {
	n, _ := strconv.Atoi(r.Text(key))
	return n
}

// Text reads a scalar as text; null and absent read as "".
func (r Row) Text(key string) string { return text(r[key]) }

func text(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	if raw[0] == '"' {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			return s
		}
	}
	return string(raw)
}

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
	Type       spec.FieldType
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
	byName map[string]LiveField
	// byCode has the user fields by upper-case name and by portable code; a code
	// that two fields share has both.
	byCode map[string][]LiveField
}

// NewLiveFields indexes the fields of one entity type.
func NewLiveFields(fields []LiveField) LiveFields {
	f := LiveFields{byName: make(map[string]LiveField, len(fields)), byCode: make(map[string][]LiveField)}
	for _, field := range fields {
		f.byName[field.Name] = field
		if field.Dynamic {
			f.byCode[field.UpperName] = append(f.byCode[field.UpperName], field)
			if code := userFieldCode(field.UpperName); code != field.UpperName {
				f.byCode[code] = append(f.byCode[code], field)
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
	ID   string // STATUS_ID
	Name string
}

// A User is one of the portal's users.
// Source: api-reference/user/user-get.md.
type User struct {
	ID     int
	Name   string // first and last name
	Email  string
	Active bool
}

// Meta is what the portal says about itself; all of it is read at most once a
// plan, and only the parts that the declared fields need.
type Meta struct {
	Types      []LiveType
	Fields     map[int]LiveFields       // by entityTypeId
	Missing    map[int]bool             // entity types that the manifests name and the portal lacks
	Categories map[int][]Category       // by entityTypeId
	Statuses   map[string][]StatusEntry // by ENTITY_ID, in the portal's order
	Users      []User
	Files      map[int]FileContent // by id; those of the declared file fields
	Linked     map[RecordID]bool   // records that fields name by plain ids, and whether they are there; those that were not asked for are not in it
	Currencies []string            // codes, in upper case; empty if none is declared
	NoCodes    string              // why codes of options could not be read; "" if they were, or are not needed
	Requisites RequisiteMeta
	Catalog    Catalog // what declared products need of the product catalogue
}

func (m *Meta) typeByEntity(entityTypeID int) *LiveType {
	for i := range m.Types {
		if m.Types[i].EntityTypeID == entityTypeID {
			return &m.Types[i]
		}
	}
	return nil
}

func (m *Meta) category(entityTypeID, id int) (Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.ID == id {
			return c, true
		}
	}
	return Category{}, false
}

func (m *Meta) defaultCategory(entityTypeID int) (Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.Default {
			return c, true
		}
	}
	return Category{}, false
}

func (m *Meta) user(id int) (User, bool) {
	for _, u := range m.Users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}

func (m *Meta) statusName(dictionary, id string) string {
	for _, s := range m.Statuses[dictionary] {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

// stageDictionary names the crm.status directory that holds the stages of a
// pipeline. Source: api-reference/crm/status/crm-status-entity-types.md.
func stageDictionary(entityTypeID, category int) string {
	switch entityTypeID {
	case 1:
		return "STATUS"
	case 2:
		if category == 0 {
			return "DEAL_STAGE"
		}
		return fmt.Sprintf("DEAL_STAGE_%d", category)
	case 7:
		return "QUOTE_STATUS"
	case 31:
		return fmt.Sprintf("SMART_INVOICE_STAGE_%d", category)
	}
	return fmt.Sprintf("DYNAMIC_%d_STAGE_%d", entityTypeID, category)
}

// hasCategories tells whether stages of this entity type are grouped by pipeline.
func hasCategories(entityTypeID int) bool { return entityTypeID != 1 && entityTypeID != 7 }

// shortStage drops the pipeline's prefix: "C9:WON" and "DT177_3:NEW" become WON and NEW.
func shortStage(statusID string) string {
	if _, short, ok := strings.Cut(statusID, ":"); ok {
		return short
	}
	return statusID
}

// firstStages are the stages that the portal gives to a new type's pipeline.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
var firstStages = []string{"NEW", "PREPARATION", "CLIENT", "SUCCESS", "FAIL"}

// decodeRows reads a list of objects; PHP prints a list with gaps as an object.
func decodeRows(raw json.RawMessage) ([]Row, error) {
	var rows []Row
	if text(raw) == "" || json.Unmarshal(raw, &rows) == nil {
		return rows, nil
	}
	keyed := make(map[string]Row)
	if err := json.Unmarshal(raw, &keyed); err != nil {
		return nil, err
	}
	for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
		row := keyed[key]
		if _, ok := row["id"]; !ok && row != nil {
			row["id"] = json.RawMessage(strconv.Quote(key))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// decodeRow reads one object; PHP prints an empty one as [], and null is empty too.
func decodeRow(raw json.RawMessage) (Row, error) {
	switch t := bytes.TrimSpace(raw); {
	case len(t) == 0 || string(t) == "null" || string(t) == `""`:
		return Row{}, nil
	case t[0] == '[':
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) == nil && len(list) == 0 {
			return Row{}, nil
		}
	}
	var r Row
	err := json.Unmarshal(raw, &r)
	return r, err
}

// member returns the object under one key of a result.
func member(result json.RawMessage, key string) (Row, error) {
	outer, err := decodeRow(result)
	if err != nil {
		return nil, err
	}
	raw, ok := outer[key]
	if !ok {
		return nil, fmt.Errorf("the answer has no %q", key)
	}
	return decodeRow(raw)
}
