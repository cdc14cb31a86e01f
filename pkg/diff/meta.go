package diff

import (
	"fmt"
	"strings"
)

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
