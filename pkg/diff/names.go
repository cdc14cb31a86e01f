package diff

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// stageScope says in which pipeline a stage is looked for.
type stageScope struct {
	category int
	newType  value.Address // the SPA whose first pipeline this plan creates
}

// names gives what the portal calls things, for the codecs of one record type.
func (s *scope) names() value.Names {
	if s == nil || s.meta == nil {
		return nil
	}
	return portalNames{s}
}

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
	if n.view == nil || n.view.known == nil {
		return list(n.scope, t)
	}
	key := knownKey{t.Name, t.Dictionary, t.Field, n.entityTypeID, n.stages}
	k := n.view.known[key]
	if k == nil {
		k = list(n.scope, t)
		n.view.known[key] = k
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

// A knownKey tells lists of names apart.
type knownKey struct {
	typ, dictionary, field string
	entityTypeID           int
	stages                 stageScope
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
		for _, code := range builtIn.Items().Stages.New {
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
	return n.view.lookup(l)
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
func (n portalNames) File(d value.Node) value.Value {
	a := n.view.set.Attachment(d)
	if a == nil {
		return value.Value{}
	}
	return a.Value()
}

// recall adds to live files what was read of them. One whose content could not be read
// cannot be compared.
func (v *view) recall(live value.Value) (value.Value, error) {
	var fault error
	out := value.Recall(live, func(id string) (value.File, bool) {
		n, _ := strconv.Atoi(id)
		f, seen := v.meta.Files[n]
		if !f.Fault.IsZero() {
			fault = value.Err("file-cannot-be-compared", value.T("id", id), value.M("cause", f.Fault))
		}
		return value.File{Size: f.Size, SHA256: f.SHA256}, seen
	})
	return out, fault
}

// recordOf gives the record that a canonical value is a link to; without a type of its own
// if the field has but one.
func (m *Meta) recordOf(v value.Value) (kind.RecordID, bool) {
	id := strings.TrimSpace(v.Text)
	entity := 0
	if code, n, ok := v.Record(); ok {
		entity, id = m.Kinds.ByShort(code), n
	}
	if id == "" || id[0] > '9' {
		return kind.RecordID{EntityTypeID: entity}, false // most texts, without the error that they would make
	}
	n, err := strconv.Atoi(id)
	return kind.RecordID{EntityTypeID: entity, ID: n}, err == nil && n > 0
}
