// Package meta is what a portal calls its things: its types, fields, pipelines, stages, users,
// currencies and directories ([Data]), and how the names in a declared value are looked for
// among them ([Scope], which makes the [value.Names] of a codec). Of declared resources it knows
// only where values lead to them, through [Resources]. It reads no portal, and knows no records.
package meta

import (
	"maps"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Data is what the portal says about itself; all of it is read at most once a
// plan, and only the parts that the declared fields need.
type Data struct {
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

func (m *Data) TypeOf(entityTypeID int) *kind.LiveType {
	for i := range m.Types {
		if m.Types[i].EntityTypeID == entityTypeID {
			return &m.Types[i]
		}
	}
	return nil
}

func (m *Data) Category(entityTypeID, id int) (kind.Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.ID == id {
			return c, true
		}
	}
	return kind.Category{}, false
}

func (m *Data) DefaultCategory(entityTypeID int) (kind.Category, bool) {
	for _, c := range m.Categories[entityTypeID] {
		if c.Default {
			return c, true
		}
	}
	return kind.Category{}, false
}

func (m *Data) User(id int) (kind.User, bool) {
	for _, u := range m.Users {
		if u.ID == id {
			return u, true
		}
	}
	return kind.User{}, false
}

func (m *Data) statusName(dictionary, id string) string {
	for _, s := range m.Statuses[dictionary] {
		if s.ID == id {
			return s.Name
		}
	}
	return ""
}

// KindOf gives the kind of the records of an entity type.
func (m *Data) KindOf(entityTypeID int) *kind.Kind { return m.Kinds.OfEntity(entityTypeID) }

// StageDirectory names the crm.status directory that holds the stages of a pipeline.
func (m *Data) StageDirectory(entityTypeID, category int) string {
	return m.KindOf(entityTypeID).StageDirectory(entityTypeID, category)
}

// PipelineOf gives the pipeline of a live record: what it says, else what its stage
// says ("C9:NEW", "DT177_3:NEW"), else the default one.
func (m *Data) PipelineOf(entityTypeID int, row kind.Row) int {
	if row.Text(kind.PipelineField) != "" {
		return row.Int(kind.PipelineField)
	}
	if n, ok := m.KindOf(entityTypeID).PipelineOf(entityTypeID, row.Text(kind.StageField)); ok {
		return n
	}
	d, _ := m.DefaultCategory(entityTypeID)
	return d.ID
}

// Label is what the portal calls a field; "" if it does not say.
func (m *Data) Label(entityTypeID int, wire string) string {
	if titles := m.Fields[entityTypeID].ByName[wire].Titles; len(titles) > 0 && wire != kind.ContactsField {
		return titles[0]
	}
	return ""
}

// Titles maps what people call the fields of each entity type to their names; "" if
// several are called so.
func (m *Data) Titles() map[int]map[string]string {
	out := make(map[int]map[string]string, len(m.Fields))
	for entity, fields := range m.Fields {
		out[entity] = make(map[string]string)
		for _, key := range slices.Sorted(maps.Keys(fields.ByName)) {
			f := fields.ByName[key]
			name := f.Name
			if f.Dynamic {
				name = kind.UserFieldCode(f.UpperName)
			}
			for _, title := range slices.Compact(slices.Sorted(slices.Values(f.Titles))) {
				if _, taken := out[entity][title]; taken {
					name = ""
				}
				out[entity][title] = name
			}
		}
	}
	return out
}

// HasAmounts tells whether the records of a type have amounts and product rows today.
func (m *Data) HasAmounts(entityTypeID int) bool {
	_, ok := m.Fields[entityTypeID].ByName["opportunity"]
	return ok
}

// StoreOf is where the records of an entity type are kept.
func (m *Data) StoreOf(entityTypeID int) kind.Store {
	return kind.Store{Kind: m.KindOf(entityTypeID), EntityTypeID: entityTypeID}
}

func (m *Data) Plural(entityTypeID int) value.Message {
	if k := m.Kinds.ByEntity(entityTypeID); k != nil {
		return value.Say("all-of-kind", k.Arg("kinds"))
	}
	return value.Say("all-items-of-type", value.N("type", entityTypeID))
}

// Recall adds to live files what was read of them. One whose content could not be read
// cannot be compared.
func (m *Data) Recall(live value.Value) (value.Value, error) {
	var fault error
	out := value.Recall(live, func(id string) (value.File, bool) {
		n, _ := strconv.Atoi(id)
		f, seen := m.Files[n]
		if !f.Fault.IsZero() {
			fault = value.Err("file-cannot-be-compared", value.T("id", id), value.M("cause", f.Fault))
		}
		return value.File{Size: f.Size, SHA256: f.SHA256}, seen
	})
	return out, fault
}
