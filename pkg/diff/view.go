package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A view answers questions about declared resources against the portal's
// metadata, what the same plan will create included.
type view struct {
	set   *spec.Set
	meta  *meta.Data
	found map[string][]kind.Row // rows that look-ups have found, by what these say
	lists meta.Lists            // the lists of names that were made; nil until all names are read

	// What records have alike, once the portal's names are read; nil before.
	shapes      map[shapeKey]*shape
	recordTypes map[string]recordType // of the items of smart processes, by their declared types
	names       []string              // of the project and its former ones
}

// newView gives a view of declared resources on a portal, as far as that is known by then. What
// look-ups find may come later.
func newView(set *spec.Set, portal *meta.Data, lookups map[string][]kind.Row) view {
	return view{set: set, meta: portal, found: lookups, names: append([]string{set.Project.Name}, set.Project.FormerNames...)}
}

// share has what records of one shape or of one type have alike found out once. It is called
// when the portal's names are known.
func (v *view) share() {
	v.shapes, v.recordTypes = make(map[shapeKey]*shape), make(map[string]recordType)
}

// keepLists has each list of names made once. It is called when all of them are read.
func (v *view) keepLists() { v.lists = make(meta.Lists) }

// typesOnly is a view that knows the types which were met, and nothing else of the portal.
func (v *view) typesOnly() *view { return &view{recordTypes: v.recordTypes} }

// TypeNamed gives the entity type of a declared smart process.
func (v *view) TypeNamed(name string) (entityTypeID int, declared value.Address) {
	t := v.declaredType(name)
	return t.entityTypeID, t.addr
}

// FileOf describes the attachment that a {file: …} names.
func (v *view) FileOf(d value.Node) value.Value {
	a := v.set.Attachment(d)
	if a == nil {
		return value.Value{}
	}
	return a.Value()
}

// TimeZone is the project's.
func (v *view) TimeZone() string { return v.set.Project.TimeZone }

// owners are the names whose marks are the project's: its own, which is the first, and
// its former ones.
func (v *view) owners() []string {
	if v.names != nil {
		return v.names
	}
	return append([]string{v.set.Project.Name}, v.set.Project.FormerNames...)
}

// scope is the scope of the codecs for one record type.
func (v *view) scope(t recordType) *meta.Scope {
	s := &meta.Scope{Meta: v.meta, Resources: v, Lists: v.lists, EntityTypeID: t.entityTypeID, IDs: func(value.Address) (int, bool) { return 0, false }}
	if t.isNew() {
		s.Stages.NewType = t.addr
	}
	return s
}

// choosePipeline decides in which pipeline the record's stage is looked for: the
// declared one, else the live record's, else the default.
func (v *view) choosePipeline(s *meta.Scope, targets []target, row kind.Row) {
	if !s.Meta.KindOf(s.EntityTypeID).Stages.Pipelines || s.Stages.NewType != "" {
		return
	}
	for _, tg := range targets {
		if tg.name == kind.PipelineField && tg.value.Kind == value.Scalar {
			if id, err := tg.codec.Parse(s.Names(), tg.value); err == nil && !id.IsEmpty() {
				s.Stages.Category = id.Int()
				return
			}
		}
	}
	if row != nil {
		s.Stages.Category = v.meta.PipelineOf(s.EntityTypeID, row)
		return
	}
	if d, ok := v.meta.DefaultCategory(s.EntityTypeID); ok {
		s.Stages.Category = d.ID
	}
}

// stores lists where the records of a kind may be: what the catalogue holds is looked
// for in every one of them, so that what was moved there is not created again.
func (v *view) stores(k *kind.Kind, entityTypeID int) []kind.Store {
	if !k.Methods.Placed {
		return []kind.Store{{Kind: k, EntityTypeID: entityTypeID}}
	}
	var out []kind.Store
	for _, c := range v.meta.Catalog.Iblocks {
		out = append(out, kind.Store{Kind: k, Iblock: c.ID})
	}
	return out
}

// multifield gives the type of one typeId with the project's region.
func (v *view) multifield(typeID string) value.Type {
	return value.Type{Name: string(kind.TypeMultifield), Multi: typeID, Region: v.set.Project.PhoneRegion}
}

// yielding tells whether a record declares anything that people may take over.
func (v *view) yielding(r *spec.Resource) bool {
	yields := func(name string) bool { return v.set.Policy(r, name) == spec.PolicyKeepHuman }
	o := r.Outline()
	return r.Kind.Class == kind.ClassRecord && (slices.ContainsFunc(o.Fields, yields) || slices.ContainsFunc(o.Parts, yields))
}

// subjects lists the declared resources, those that the manifests have left and, for
// each lookup, a record that declares just what it looks for: the metadata of their fields is needed alike.
func (v *view) subjects() []*spec.Resource {
	all := slices.Concat(v.set.Resources, v.set.Beside)
	for _, l := range v.lookups() {
		all = append(all, v.set.LookupResource(l))
	}
	for _, former := range v.set.Former {
		if former.Kind.HasFields() {
			all = append(all, former.Resource)
		}
	}
	return all
}

// lookups gives every lookup of the manifests once, by what it says.
func (v *view) lookups() (all []value.Lookup) {
	seen := make(map[string]bool)
	for _, r := range v.set.Resources {
		for _, l := range r.Lookups() {
			if key := l.Key(); !seen[key] {
				seen[key] = true
				all = append(all, l)
			}
		}
	}
	return all
}
