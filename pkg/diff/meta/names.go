package meta

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// portalNames answers for value.Names out of the metadata.
type portalNames struct{ *Scope }

// knownOf lists, by the name of a type, what its values can name.
var knownOf = map[string]func(*Scope, value.Type) *value.Known{
	"crm_status":   (*Scope).knownStatuses,
	"stage":        (*Scope).knownStages,
	"crm_category": (*Scope).knownPipelines,
	"user":         (*Scope).knownUsers,
	"employee":     (*Scope).knownUsers,
	"enumeration":  (*Scope).knownOptions,
	"option":       (*Scope).knownPropertyOptions,
	"relations":    (*Scope).knownTypes,
	"catalog":      (*Scope).knownCatalogues,
	"measure":      func(s *Scope, _ value.Type) *value.Known { return knownNamed(s.Meta.Catalog.Measures) },
	"vat":          func(s *Scope, _ value.Type) *value.Known { return knownNamed(s.Meta.Catalog.VATs) },
}

// Known lists what a value of the type can name. Once everything is read, each list is
// made once.
func (n portalNames) Known(t value.Type) *value.Known {
	list, ok := knownOf[t.Name]
	if !ok {
		return &value.Known{}
	}
	if len(n.Held) > 0 {
		return withHeld(list(n.Scope, t), n.Held)
	}
	if n.Lists == nil {
		return list(n.Scope, t)
	}
	key := listKey{t.Name, t.Dictionary, t.Field, n.EntityTypeID, n.Stages}
	k := n.Lists[key]
	if k == nil {
		k = list(n.Scope, t)
		n.Lists[key] = k
	}
	return k
}

// withHeld adds to a list of names what a record holds.
func withHeld(k *value.Known, held []string) *value.Known {
	for _, id := range held {
		i := slices.IndexFunc(k.Names, func(n value.Name) bool { return n.ID == id })
		if i < 0 {
			k.Names = append(k.Names, value.Name{ID: id})
			continue
		}
		k.Names[i].Gone = false
	}
	return k
}

func (s *Scope) knownStatuses(t value.Type) *value.Known {
	k := &value.Known{Of: t.Dictionary}
	for _, e := range s.Meta.Statuses[t.Dictionary] {
		k.Names = append(k.Names, value.Name{ID: e.ID, Name: e.Name})
	}
	return k
}

// knownStages are those of the record's pipeline, or the first ones of a new type. A live
// stage can stand in another pipeline than the declared one.
func (s *Scope) knownStages(value.Type) *value.Known {
	k := &value.Known{New: s.Stages.NewType}
	if k.New != "" {
		for _, code := range kind.BuiltIn().Items().Stages.New {
			k.Names = append(k.Names, value.Name{ID: code})
		}
		return k
	}
	pipelines := s.Meta.KindOf(s.EntityTypeID).Stages.Pipelines
	c, _ := s.Meta.Category(s.EntityTypeID, s.Stages.Category)
	of := pipelineName(pipelines, c)
	for _, e := range s.Meta.Statuses[s.Meta.StageDirectory(s.EntityTypeID, s.Stages.Category)] {
		k.Names = append(k.Names, value.Name{ID: e.ID, Codes: []string{kind.ShortStage(e.ID)}, Name: e.Name, Of: of})
	}
	if pipelines {
		k.Of = strconv.Quote(cmp.Or(c.Name, strconv.Itoa(s.Stages.Category)))
	}
	at := *s
	k.Elsewhere = at.stageElsewhere
	k.Label = func(id string) value.Name {
		for _, c := range at.Meta.Categories[at.EntityTypeID] {
			if name := at.Meta.statusName(at.Meta.StageDirectory(at.EntityTypeID, c.ID), id); name != "" {
				return value.Name{ID: id, Name: name, Of: pipelineName(true, c)}
			}
		}
		return value.Name{}
	}
	return k
}

// pipelineName names the pipeline of stages; nil where records have none.
func pipelineName(pipelines bool, c kind.Category) *value.Name {
	if !pipelines {
		return nil
	}
	return &value.Name{ID: strconv.Itoa(c.ID), Name: c.Name}
}

// stageElsewhere names the other pipelines that have a stage: by its STATUS_ID or its
// title. Short codes are alike in all of them.
func (s *Scope) stageElsewhere(text string) []string {
	var out []string
	for _, c := range s.Meta.Categories[s.EntityTypeID] {
		for _, e := range s.Meta.Statuses[s.Meta.StageDirectory(s.EntityTypeID, c.ID)] {
			if c.ID != s.Stages.Category && (e.ID == text || e.Name == text) {
				out = append(out, cmp.Or(c.Name, strconv.Itoa(c.ID)))
				break
			}
		}
	}
	return out
}

func (s *Scope) knownPipelines(value.Type) *value.Known {
	k := &value.Known{New: s.Stages.NewType}
	for _, c := range s.Meta.Categories[s.EntityTypeID] {
		name := value.Name{ID: strconv.Itoa(c.ID), Name: c.Name}
		if c.Code != "" {
			name.Codes = []string{c.Code}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *Scope) knownUsers(value.Type) *value.Known {
	k := &value.Known{}
	for _, u := range s.Meta.Users {
		name := value.Name{ID: strconv.Itoa(u.ID), Name: u.Name, Gone: !u.Active}
		if u.Email != "" {
			name.Codes = []string{u.Email}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *Scope) knownOptions(t value.Type) *value.Known {
	k := &value.Known{Unread: s.Meta.NoCodes}
	for _, o := range s.Meta.Fields[s.EntityTypeID].ByName[t.Field].Options {
		name := value.Name{ID: strconv.Itoa(o.ID), Name: o.Label}
		if o.Code != "" {
			name.Codes = []string{o.Code}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *Scope) knownPropertyOptions(t value.Type) *value.Known {
	for _, p := range s.Meta.Catalog.Properties {
		if p.Wire() == t.Field {
			k := &value.Known{}
			for _, o := range p.Options {
				k.Names = append(k.Names, value.Name{ID: strconv.Itoa(o.ID), Key: o.Key, Codes: o.Codes, Name: o.Name})
			}
			return k
		}
	}
	return &value.Known{}
}

func (s *Scope) knownCatalogues(value.Type) *value.Known {
	k := &value.Known{}
	for _, c := range s.Meta.Catalog.Iblocks {
		k.Names = append(k.Names, value.Name{ID: strconv.Itoa(c.ID), Name: c.Name})
	}
	return k
}

// knownNamed lists a directory whose entries are written by their keys and sent by their ids.
func knownNamed(all []kind.Named) *value.Known {
	k := &value.Known{}
	for _, n := range all {
		k.Names = append(k.Names, value.Name{ID: strconv.Itoa(n.ID), Key: n.Key, Codes: n.Codes, Name: n.Name})
	}
	return k
}

// Link gives the id of a declared resource that the portal has.
func (n portalNames) Link(a value.Address) string {
	if id, ok := n.IDs(a); ok && id != 0 {
		return strconv.Itoa(id)
	}
	return ""
}

// Lookup gives the link to the one live record that a look-up finds.
func (n portalNames) Lookup(l value.Lookup) (value.Value, error) {
	return n.Resources.LookedUp(l)
}

// EntityType gives the entityTypeId of the record type that a space names.
func (n portalNames) EntityType(space string) (id string, declared value.Address) {
	entity, addr := n.EntityOf(space)
	return value.ID(entity), addr
}

// Entity gives the code of the record type that a space names.
func (n portalNames) Entity(space string) (code string, declared value.Address) {
	entity, addr := n.EntityOf(space)
	if entity == 0 {
		return "", addr
	}
	return n.Meta.Kinds.ShortCode(entity), addr
}

// EntityName names the records of a type by its code.
func (n portalNames) EntityName(code string) (name string, known bool) {
	entity := n.Meta.Kinds.ByShort(code)
	return n.entityName(entity), entity != 0
}

// File describes the attachment that a {file: …} names.
func (n portalNames) File(d value.Node) value.Value { return n.Resources.FileOf(d) }

// knownTypes names the types that a relation can be to.
func (s *Scope) knownTypes(value.Type) *value.Known {
	at := *s
	return &value.Known{Label: func(id string) value.Name { return value.Name{ID: id, Name: at.entityName(value.IDNumber(id))} }}
}
