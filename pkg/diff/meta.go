package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
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
	Type       spec.FieldType `json:"type"`
	ReadOnly   bool           `json:"isReadOnly"`
	Immutable  bool           `json:"isImmutable"`
	Multiple   bool           `json:"isMultiple"`
	Dynamic    bool           `json:"isDynamic"`
	Title      string         `json:"title"`
	StatusType string         `json:"statusType"`
	UpperName  string         `json:"upperName"`
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
	Fields     map[int]map[string]LiveField // by entityTypeId
	Categories map[int][]Category           // by entityTypeId
	Statuses   map[string][]StatusEntry     // by ENTITY_ID, in the portal's order
	Users      []User
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

// decodeRow reads one object; PHP prints an empty one as [].
func decodeRow(raw json.RawMessage) (Row, error) {
	if t := bytes.TrimSpace(raw); len(t) > 0 && t[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(t, &list); err != nil {
			return nil, err
		}
		if len(list) == 0 {
			return Row{}, nil
		}
	}
	var r Row
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	return r, nil
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
