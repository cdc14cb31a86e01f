package diff

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// portalNames answers for value.Names out of the metadata.
type portalNames struct{ *scope }

// knownOf lists, by the name of a type, what its values can name.
var knownOf = map[string]func(*scope, value.Type) *value.Known{
	"crm_status":   (*scope).knownStatuses,
	"stage":        (*scope).knownStages,
	"crm_category": (*scope).knownPipelines,
	"user":         (*scope).knownUsers,
	"employee":     (*scope).knownUsers,
	"enumeration":  (*scope).knownOptions,
	"option":       (*scope).knownPropertyOptions,
	"relations":    (*scope).knownTypes,
	"catalog":      (*scope).knownCatalogues,
	"measure":      func(s *scope, _ value.Type) *value.Known { return knownNamed(s.meta.Catalog.Measures) },
	"vat":          func(s *scope, _ value.Type) *value.Known { return knownNamed(s.meta.Catalog.VATs) },
}

// Known lists what a value of the type can name. Once everything is read, each list is
// made once.
func (n portalNames) Known(t value.Type) *value.Known {
	list, ok := knownOf[t.Name]
	if !ok {
		return &value.Known{}
	}
	if len(n.held) > 0 {
		return withHeld(list(n.scope, t), n.held)
	}
	if n.lists == nil {
		return list(n.scope, t)
	}
	key := listKey{t.Name, t.Dictionary, t.Field, n.entityTypeID, n.stages}
	k := n.lists[key]
	if k == nil {
		k = list(n.scope, t)
		n.lists[key] = k
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

func (s *scope) knownStatuses(t value.Type) *value.Known {
	k := &value.Known{Of: t.Dictionary}
	for _, e := range s.meta.Statuses[t.Dictionary] {
		k.Names = append(k.Names, value.Name{ID: e.ID, Name: e.Name})
	}
	return k
}

// knownStages are those of the record's pipeline, or the first ones of a new type. A live
// stage can stand in another pipeline than the declared one.
func (s *scope) knownStages(value.Type) *value.Known {
	k := &value.Known{New: s.stages.newType}
	if k.New != "" {
		for _, code := range kind.BuiltIn().Items().Stages.New {
			k.Names = append(k.Names, value.Name{ID: code})
		}
		return k
	}
	pipelines := s.meta.of(s.entityTypeID).Stages.Pipelines
	c, _ := s.meta.category(s.entityTypeID, s.stages.category)
	of := pipelineName(pipelines, c)
	for _, e := range s.meta.Statuses[s.meta.stageDirectory(s.entityTypeID, s.stages.category)] {
		k.Names = append(k.Names, value.Name{ID: e.ID, Codes: []string{kind.ShortStage(e.ID)}, Name: e.Name, Of: of})
	}
	if pipelines {
		k.Of = strconv.Quote(cmp.Or(c.Name, strconv.Itoa(s.stages.category)))
	}
	at := *s
	k.Elsewhere = at.stageElsewhere
	k.Label = func(id string) value.Name {
		for _, c := range at.meta.Categories[at.entityTypeID] {
			if name := at.meta.statusName(at.meta.stageDirectory(at.entityTypeID, c.ID), id); name != "" {
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
func (s *scope) stageElsewhere(text string) []string {
	var out []string
	for _, c := range s.meta.Categories[s.entityTypeID] {
		for _, e := range s.meta.Statuses[s.meta.stageDirectory(s.entityTypeID, c.ID)] {
			if c.ID != s.stages.category && (e.ID == text || e.Name == text) {
				out = append(out, cmp.Or(c.Name, strconv.Itoa(c.ID)))
				break
			}
		}
	}
	return out
}

func (s *scope) knownPipelines(value.Type) *value.Known {
	k := &value.Known{New: s.stages.newType}
	for _, c := range s.meta.Categories[s.entityTypeID] {
		name := value.Name{ID: strconv.Itoa(c.ID), Name: c.Name}
		if c.Code != "" {
			name.Codes = []string{c.Code}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *scope) knownUsers(value.Type) *value.Known {
	k := &value.Known{}
	for _, u := range s.meta.Users {
		name := value.Name{ID: strconv.Itoa(u.ID), Name: u.Name, Gone: !u.Active}
		if u.Email != "" {
			name.Codes = []string{u.Email}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *scope) knownOptions(t value.Type) *value.Known {
	k := &value.Known{Unread: s.meta.NoCodes}
	for _, o := range s.meta.Fields[s.entityTypeID].ByName[t.Field].Options {
		name := value.Name{ID: strconv.Itoa(o.ID), Name: o.Label}
		if o.Code != "" {
			name.Codes = []string{o.Code}
		}
		k.Names = append(k.Names, name)
	}
	return k
}

func (s *scope) knownPropertyOptions(t value.Type) *value.Known {
	for _, p := range s.meta.Catalog.Properties {
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

func (s *scope) knownCatalogues(value.Type) *value.Known {
	k := &value.Known{}
	for _, c := range s.meta.Catalog.Iblocks {
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
	if id, ok := n.ids(a); ok && id != 0 {
		return strconv.Itoa(id)
	}
	return ""
}

// Lookup gives the link to the one live record that a look-up finds.
func (n portalNames) Lookup(l value.Lookup) (value.Value, error) {
	return n.resources.LookedUp(l)
}

// EntityType gives the entityTypeId of the record type that a space names.
func (n portalNames) EntityType(space string) (id string, declared value.Address) {
	entity, addr := n.entity(space)
	return value.ID(entity), addr
}

// Entity gives the code of the record type that a space names.
func (n portalNames) Entity(space string) (code string, declared value.Address) {
	entity, addr := n.entity(space)
	if entity == 0 {
		return "", addr
	}
	return n.meta.Kinds.ShortCode(entity), addr
}

// EntityName names the records of a type by its code.
func (n portalNames) EntityName(code string) (name string, known bool) {
	entity := n.meta.Kinds.ByShort(code)
	return n.entityName(entity), entity != 0
}

// File describes the attachment that a {file: …} names.
func (n portalNames) File(d value.Node) value.Value { return n.resources.FileOf(d) }

// knownTypes names the types that a relation can be to.
func (s *scope) knownTypes(value.Type) *value.Known {
	at := *s
	return &value.Known{Label: func(id string) value.Name { return value.Name{ID: id, Name: at.entityName(value.IDNumber(id))} }}
}
