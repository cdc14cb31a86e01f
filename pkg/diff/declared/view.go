// Package declared says what declared resources mean on one portal: of which type their records
// are ([View.TypeOf]), which fields of it they name, with which codecs ([View.Targets]), what
// carries the owner's mark ([View.Slot]), which live type or record a name leads to, and whether
// one value differs from the live one ([Compare]). What the same plan brings about counts as
// there. The package reads no portal and knows no live records but the rows that it is handed.
package declared

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A View answers questions about declared resources against the portal's
// metadata, what the same plan will create included.
type View struct {
	Set   *spec.Set
	Meta  *meta.Data
	Found map[string][]kind.Row // rows that look-ups have found, by what these say
	lists meta.Lists            // the lists of names that were made; nil until all names are read

	// What records have alike, once the portal's names are read; nil before.
	shapes      map[shapeKey]*Shape
	RecordTypes map[string]Type // of the items of smart processes, by their declared types
	names       []string        // of the project and its former ones
}

// NewView gives a view of declared resources on a portal, as far as that is known by then. What
// look-ups find may come later.
func NewView(set *spec.Set, portal *meta.Data, lookups map[string][]kind.Row) View {
	return View{Set: set, Meta: portal, Found: lookups, names: append([]string{set.Project.Name}, set.Project.FormerNames...)}
}

// Share has what records of one shape or of one type have alike found out once. It is called
// when the portal's names are known.
func (v *View) Share() {
	v.shapes, v.RecordTypes = make(map[shapeKey]*Shape), make(map[string]Type)
}

// KeepLists has each list of names made once. It is called when all of them are read.
func (v *View) KeepLists() { v.lists = make(meta.Lists) }

// TypesOnly is a view that knows the types which were met, and nothing else of the portal.
func (v *View) TypesOnly() *View { return &View{RecordTypes: v.RecordTypes} }

// TypeNamed gives the entity type of a declared smart process.
func (v *View) TypeNamed(name string) (entityTypeID int, declared value.Address) {
	t := v.TypeByName(name)
	return t.EntityTypeID, t.Address
}

// FileOf describes the attachment that a {file: …} names.
func (v *View) FileOf(d value.Node) value.Value {
	a := v.Set.Attachment(d)
	if a == nil {
		return value.Value{}
	}
	return a.Value()
}

// TimeZone is the project's.
func (v *View) TimeZone() string { return v.Set.Project.TimeZone }

// Owners are the names whose marks are the project's: its own, which is the first, and
// its former ones.
func (v *View) Owners() []string {
	if v.names != nil {
		return v.names
	}
	return append([]string{v.Set.Project.Name}, v.Set.Project.FormerNames...)
}

// Scope is the scope of the codecs for one record type.
func (v *View) Scope(t Type) *meta.Scope {
	s := &meta.Scope{Meta: v.Meta, Resources: v, Lists: v.lists, EntityTypeID: t.EntityTypeID, IDs: func(value.Address) (int, bool) { return 0, false }}
	if t.isNew() {
		s.Stages.NewType = t.Address
	}
	return s
}

// ChoosePipeline decides in which pipeline the record's stage is looked for: the
// declared one, else the live record's, else the default.
func (v *View) ChoosePipeline(s *meta.Scope, targets []Target, row kind.Row) {
	if !s.Meta.KindOf(s.EntityTypeID).Stages.Pipelines || s.Stages.NewType != "" {
		return
	}
	for _, tg := range targets {
		if tg.Name == kind.PipelineField && tg.Value.Kind == value.Scalar {
			if id, err := tg.Codec.Parse(s.Names(), tg.Value); err == nil && !id.IsEmpty() {
				s.Stages.Category = id.Int()
				return
			}
		}
	}
	if row != nil {
		s.Stages.Category = v.Meta.PipelineOf(s.EntityTypeID, row)
		return
	}
	if d, ok := v.Meta.DefaultCategory(s.EntityTypeID); ok {
		s.Stages.Category = d.ID
	}
}

// Stores lists where the records of a kind may be: what the catalogue holds is looked
// for in every one of them, so that what was moved there is not created again.
func (v *View) Stores(k *kind.Kind, entityTypeID int) []kind.Store {
	if !k.Methods.Placed {
		return []kind.Store{{Kind: k, EntityTypeID: entityTypeID}}
	}
	var out []kind.Store
	for _, c := range v.Meta.Catalog.Iblocks {
		out = append(out, kind.Store{Kind: k, Iblock: c.ID})
	}
	return out
}

// Multifield gives the type of one typeId with the project's region.
func (v *View) Multifield(typeID string) value.Type {
	return value.Type{Name: string(kind.TypeMultifield), Multi: typeID, Region: v.Set.Project.PhoneRegion}
}

// Yielding tells whether a record declares anything that people may take over.
func (v *View) Yielding(r *spec.Resource) bool {
	yields := func(name string) bool { return v.Set.Policy(r, name) == spec.PolicyKeepHuman }
	o := r.Outline()
	return r.Kind.Class == kind.ClassRecord && (slices.ContainsFunc(o.Fields, yields) || slices.ContainsFunc(o.Parts, yields))
}

// Subjects lists the declared resources, those that the manifests have left and, for
// each lookup, a record that declares just what it looks for: the metadata of their fields is needed alike.
func (v *View) Subjects() []*spec.Resource {
	all := slices.Concat(v.Set.Resources, v.Set.Beside)
	for _, l := range v.Lookups() {
		all = append(all, v.Set.LookupResource(l))
	}
	for _, former := range v.Set.Former {
		if former.Kind.HasFields() {
			all = append(all, former.Resource)
		}
	}
	return all
}

// Lookups gives every lookup of the manifests once, by what it says.
func (v *View) Lookups() (all []value.Lookup) {
	seen := make(map[string]bool)
	for _, r := range v.Set.Resources {
		for _, l := range r.Lookups() {
			if key := l.Key(); !seen[key] {
				seen[key] = true
				all = append(all, l)
			}
		}
	}
	return all
}
