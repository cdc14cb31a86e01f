package diff

import "github.com/b24apply/b24apply/pkg/kind"

// Meta is what the portal says about itself; all of it is read at most once a
// plan, and only the parts that the declared fields need.
type Meta struct {
	Kinds      *kind.Table // the kinds of the manifests; nil for those of Bitrix24
	Types      []kind.LiveType
	Fields     map[int]kind.LiveFields       // by entityTypeId
	Missing    map[int]bool                  // entity types that the manifests name and the portal lacks
	Categories map[int][]kind.Category       // by entityTypeId
	Statuses   map[string][]kind.StatusEntry // by ENTITY_ID, in the portal's order
	Users      []kind.User
	Files      map[int]kind.FileContent     // by id; those of the declared file fields
	Linked     map[kind.RecordID]bool       // records that fields name by plain ids, and whether they are there; those that were not asked for are not in it
	Currencies []string                     // codes, in upper case; empty if none is declared
	Hidden     map[kind.Topic]*kind.Refusal // what was asked for and the portal refuses to tell
	Unfound    map[string]*kind.Refusal     // lookups that were refused, by what they say
	NoCodes    string                       // why codes of options could not be read; "" if they were, or are not needed
	Requisites kind.RequisiteMeta
	Catalog    kind.Catalog // what declared products need of the product catalogue
}

func (m *Meta) typeByEntity(entityTypeID int) *kind.LiveType {
	for i := range m.Types {
		if m.Types[i].EntityTypeID == entityTypeID {
			return &m.Types[i]
		}
	}
	return nil
}

func (m *Meta) category(entityTypeID, id int) (kind.Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.ID == id {
			return c, true
		}
	}
	return kind.Category{}, false
}

func (m *Meta) defaultCategory(entityTypeID int) (kind.Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.Default {
			return c, true
		}
	}
	return kind.Category{}, false
}

func (m *Meta) user(id int) (kind.User, bool) {
	for _, u := range m.Users {
		if u.ID == id {
			return u, true
		}
	}
	return kind.User{}, false
}

func (m *Meta) statusName(dictionary, id string) string {
	for _, s := range m.Statuses[dictionary] {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

// of gives the kind of the records of an entity type.
func (m *Meta) of(entityTypeID int) *kind.Kind { return m.Kinds.OfEntity(entityTypeID) }

// stageDirectory names the crm.status directory that holds the stages of a pipeline.
func (m *Meta) stageDirectory(entityTypeID, category int) string {
	return m.of(entityTypeID).StageDirectory(entityTypeID, category)
}
