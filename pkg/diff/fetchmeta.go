package diff

import (
	"context"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/compare"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readTypes reads the portal's smart process types, if the manifests name any.
func (f *fetcher) readTypes(ctx context.Context) error {
	if !slices.ContainsFunc(f.Subjects(), f.NeedsTypes) && !namesFormerTypes(f.Set) {
		return nil
	}
	return f.fetchTypes(ctx)
}

func (f *fetcher) fetchTypes(ctx context.Context) (err error) {
	f.Meta.Types, err = f.asker.Types(ctx)
	if err = f.shown(kind.TellTypes, err); err != nil {
		return value.While(err, "reading-types")
	}
	return nil
}

// readSettings asks for the fields, pipelines and dictionaries that the declared fields
// need, and for what else the manifests name.
func (f *fetcher) readSettings(ctx context.Context) error {
	names, err := f.asker.Names(ctx, f.wanted())
	if err != nil {
		return value.While(err, "reading-settings")
	}
	for topic, refusal := range names.Refused {
		f.hideTopic(topic, refusal)
	}
	f.take(names)
	return nil
}

// take files the portal's names. Types are those that were asked for anew.
func (f *fetcher) take(names kind.Names) {
	m := f.Meta
	m.Fields, m.Missing, m.Categories, m.Statuses = names.Fields, names.Missing, names.Categories, names.Statuses
	m.Currencies, m.Requisites, m.Catalog = names.Currencies, names.Requisites, names.Catalog
	for i := range m.Catalog.VATs {
		m.Catalog.VATs[i].Key = value.Percentage(m.Catalog.VATs[i].Key)
	}
	f.state.Caller, f.state.Admin, f.state.SeesAll = names.Caller.ID, names.Caller.Admin, names.Caller.Admin
	for _, t := range names.Types {
		if known := m.TypeOf(t.EntityTypeID); known != nil {
			*known = t
		}
	}
}

// wanted says which of the portal's names are needed.
func (f *fetcher) wanted() kind.Wanted {
	entities, statuses := f.needs()
	w := kind.Wanted{Kinds: f.Meta.Kinds, Statuses: statuses, Caller: f.declaresRecords(), Currencies: f.declaresCurrencies()}
	for _, n := range entities {
		w.Entities = append(w.Entities, kind.WantedEntity{EntityTypeID: n.entityTypeID, Pipelines: n.categories && f.Meta.KindOf(n.entityTypeID).Stages.Pipelines})
	}
	f.wantRequisites(&w)
	f.wantCatalog(&w)
	for _, t := range f.relationTypes() {
		w.Relations = append(w.Relations, t.ID)
	}
	return w
}

// A need is what the declared records of one live entity type ask of the metadata.
type need struct {
	entityTypeID int
	categories   bool
}

// needs lists the live entity types, and whether any field needs the dictionaries.
func (f *fetcher) needs() (needs []need, statuses bool) {
	byEntity := make(map[int]*need)
	for _, r := range f.Subjects() {
		if r.Kind.Class != kind.ClassRecord {
			continue
		}
		t := f.TypeOf(r)
		if t == (declared.Type{}) {
			t, _ = f.FormerType(r) // of a record that must be gone the type need not be declared
		}
		n := byEntity[t.EntityTypeID]
		if n == nil {
			n = &need{entityTypeID: t.EntityTypeID}
			byEntity[t.EntityTypeID] = n
		}
		statuses = statuses || declared.DeclaresRequisiteLists(r)
		for _, name := range r.Outline().Fields {
			rule := r.Kind.Rule(name)
			n.categories = n.categories || name == kind.StageField || name == kind.PipelineField
			// The type of a user field is not known yet; it may be a dictionary's.
			statuses = statuses || rule == nil || rule.Type == kind.TypeStatus
		}
	}
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		if entity != 0 {
			needs = append(needs, *byEntity[entity])
		}
	}
	return needs, statuses
}

// relationTypes lists the live types whose relations are declared: a list of
// types does not show them.
func (f *fetcher) relationTypes() []*kind.LiveType {
	var out []*kind.LiveType
	for _, r := range f.Set.Resources {
		if _, ok := r.Field("relations"); !ok || r.Kind.Class != kind.ClassType {
			continue
		}
		if m := f.MatchType(r); m.Live != nil {
			out = append(out, m.Live)
		}
	}
	return out
}

// readUsers reads the portal's users if a field names one. All are read, and
// matched here: the portal's own filter ignores what the scope does not show, and
// takes _ and % for wildcards. Who names a user by id does without: names are then for the
// reader, and can be missing.
// Source: api-reference/user/user-get.md.
func (f *fetcher) readUsers(ctx context.Context) error {
	var users []string
	for _, r := range f.Subjects() {
		users = append(users, f.declaredUsers(r)...)
	}
	if slices.ContainsFunc(f.Set.Resources, f.Yielding) {
		users = append(users, "0") // whoever saved a record is shown by name
	}
	if len(users) == 0 {
		return nil
	}
	all, err := f.asker.Users(ctx)
	if err = f.shown(kind.TellUsers, err); err != nil {
		return value.While(err, "reading-users")
	}
	f.Meta.Users = all
	return nil
}

// declaredUsers gives what a record writes where a user stands.
func (f *fetcher) declaredUsers(r *spec.Resource) (users []string) {
	if r.Kind.Class != kind.ClassRecord {
		return nil
	}
	for _, name := range f.userFields(r) {
		field, _ := r.Field(name)
		users = append(users, declared.DeclaredScalars(field.Value)...)
	}
	return users
}

// userFields lists the declared fields of a record that hold users.
func (f *fetcher) userFields(r *spec.Resource) []string {
	s := f.ShapeOf(r)
	if s != nil && s.Users != nil {
		return *s.Users
	}
	var names []string
	for _, name := range r.Outline().Fields {
		typ := kind.FieldType("")
		if rule := r.Kind.Rule(name); rule != nil {
			typ = rule.Type
		} else if live, err := f.LiveField(f.TypeOf(r).EntityTypeID, name); err == nil {
			typ = live.Type
		}
		if c, ok := value.CodecOf(value.Type{Name: string(typ)}); ok && c.Traits().Users {
			names = append(names, name)
		}
	}
	if s != nil {
		s.Users = &names
	}
	return names
}

// wantRequisites asks for what the declared requisites and addresses need to know.
func (f *fetcher) wantRequisites(w *kind.Wanted) {
	for _, r := range f.Set.Resources {
		parts := r.Outline().Parts
		declares, direct := slices.Contains(parts, kind.RequisitesPart), slices.Contains(parts, kind.AddressesPart)
		w.Requisites, w.AddressTypes = w.Requisites || declares, w.AddressTypes || declares || direct
	}
}

// movedWires lists the columns of what saves of the declared fields and parts may move.
func (f *fetcher) movedWires(r *spec.Resource, t declared.Type) (wires []string) {
	declared := r.Outline()
	for _, rule := range compare.Followers(r, func(name string) bool {
		return slices.Contains(declared.Fields, name) || slices.Contains(declared.Parts, name)
	}) {
		if _, exists := f.Meta.Fields[t.EntityTypeID].ByName[rule.Name]; exists {
			wires = append(wires, rule.Name)
		}
	}
	return wires
}
