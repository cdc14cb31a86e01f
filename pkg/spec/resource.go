package spec

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Resource is a declared object.
type Resource struct {
	Kind    *kind.Kind
	Name    string // as written
	Address value.Address
	Labels  map[string]string
	Type    string          // SPAItem: spec.type, the SPA's name (or an entityTypeId as digits)
	TypePos value.Pos       // SPAItem: where spec.type stands
	Deps    []value.Address // what must exist first, sorted, without repetition; all declared
	Pos     value.Pos       // the document's metadata.name

	Identity  Identity  // spec.match, spec.adopt and metadata.ids of a record
	Lifecycle Lifecycle // spec.lifecycle of a record
	// Policies are those of the record itself; see Set.Policy.
	Policies Policies
	// Row is the set that a row of declares it; nil for a document.
	Row *RecordSet

	route *kind.Route // nil for the ordinary one

	declared packed
}

// Route is the way in which the record is created, spec.route.
func (r *Resource) Route() kind.Route {
	if r.route == nil {
		return kind.Route{}
	}
	return *r.route
}

// Take makes a route that of the record. Many records may take one, and nobody alters it.
func (r *Resource) Take(route *kind.Route) { r.route = route }

// Declare sets the fields, sorted by name, and the parts.
func (r *Resource) Declare(fields, parts []value.Field) {
	p := newPacker(r.Pos.File, 0)
	r.declared = p.pack(fields, parts)
	p.finish()
}

// Fields are the declared fields, sorted by name. Each call makes them anew: whoever needs
// them several times keeps them.
func (r *Resource) Fields() []value.Field { return r.FieldsIn(&Room{}) }

// FieldsIn is Fields in some room. They are valid until the room is used again.
func (r *Resource) FieldsIn(room *Room) []value.Field {
	room.clear()
	if r.declared.in == nil {
		return nil
	}
	u := unpacker{in: r.declared.in, at: int(r.declared.at), room: room}
	room.fields = u.fields(room.fields)
	return room.fields
}

// Room is memory for what one resource after the other declares. The zero Room is empty.
type Room struct {
	fields, parts []value.Field
	items         slab[value.Node]
	pairs         slab[value.Pair]
}

func (r *Room) clear() {
	r.items.clear()
	r.pairs.clear()
}

// unpack gives the fields and the parts of a resource.
func (r *Room) unpack(p packed) (fields, parts []value.Field) {
	r.clear()
	if p.in == nil {
		return nil, nil
	}
	u := unpacker{in: p.in, at: int(p.at), room: r}
	r.fields = u.fields(r.fields)
	r.parts = u.fields(r.parts)
	return r.fields, r.parts
}

// Parts are what is declared beside the fields, such as products. Each call makes them anew.
func (r *Resource) Parts() []value.Field {
	if len(r.Outline().Parts) == 0 {
		return nil
	}
	_, parts := r.declared.unpack()
	return parts
}

// Field finds a declared field by its name.
func (r *Resource) Field(name string) (value.Field, bool) {
	i := slices.Index(r.Outline().Fields, name)
	if i < 0 {
		return value.Field{}, false
	}
	u := unpacker{in: r.declared.in, at: int(r.declared.at)}
	return u.field(i), true
}

// Text is the text that is declared for a field; "" if there is none.
func (r *Resource) Text(field string) string {
	f, _ := r.Field(field)
	return f.Value.Text
}

// Title is what people call the record, by its declared fields.
func (r *Resource) Title() string { return r.Kind.Title(r.Text) }

// Part finds a declared part by its name. Its value is null or a list of maps.
func (r *Resource) Part(name string) (value.Field, bool) {
	i := slices.Index(r.Outline().Parts, name)
	if i < 0 {
		return value.Field{}, false
	}
	u := unpacker{in: r.declared.in, at: int(r.declared.at)}
	u.skipFields()
	return u.field(i), true
}

func fieldOf(fields []value.Field, name string) (value.Field, bool) {
	i := slices.IndexFunc(fields, func(f value.Field) bool { return f.Name == name })
	if i < 0 {
		return value.Field{}, false
	}
	return fields[i], true
}

// A Set is everything that one load declares. Resources are sorted by rank and
// address, so equal manifests give equal sets whatever their files and order.
type Set struct {
	Project   Project
	Env       *Environment // the chosen one; nil without a project or environments
	Resources []*Resource
	Kinds     *kind.Table // that manifests may have; nil stands for those of Bitrix24
	// Beside are resources that those refer to and that -f leaves out: they are found on
	// the portal by their mark, and stay as they are. They have no fields here.
	Beside []*Resource
	// Selected tells that Options.Selection has left some out; Idle is the first of its patterns
	// that names nothing.
	Selected bool
	Idle     string
	Former   []Former // addresses that were left: those of Absent, Moved and Merged, by rank and address
	// Overlooked are what a prune must not pass by: manifests in the project's folders that
	// no pattern takes, and links there that are not followed.
	Overlooked []string
	Sets       []*RecordSet // whose rows are meant, in source order
	Whole      bool         // these are all the manifests of a project that names them
	Files      []string     // every file that is meant, sorted
	// Digests are the SHA-256, in hex, of these files as they were read, by their paths from
	// the folder of the project, else from Options.Dir; nil unless Options ask for them.
	Digests map[string]string
	// TableDigests are the same of the tables whose rows are declared.
	TableDigests map[string]string

	allSets     []*RecordSet // Sets, and those of which nothing is meant
	byAddress   map[value.Address]*Resource
	left        map[value.Address]bool // what the project declares and -f leaves out
	attachments map[attachmentKey]*Attachment
}

// NewSet builds a set from resources; the caller has checked that the addresses
// are unique.
func NewSet(p Project, env *Environment, resources []*Resource) *Set {
	s := &Set{Project: p, Env: env, Resources: resources, byAddress: make(map[value.Address]*Resource, len(resources))}
	for _, r := range resources {
		s.byAddress[r.Address] = r
	}
	sortResources(s.Resources)
	return s
}

// Managed tells whether a run brings a declared resource to its declared state. -f
// leaves others out.
func (s *Set) Managed(a value.Address) bool { return s.byAddress[a] != nil && !s.left[a] }

// Index gives the place of a resource in Resources, or false if it is not among them.
func (s *Set) Index(r *Resource) (int, bool) {
	i, _ := slices.BinarySearchFunc(s.Resources, r, byPlace)
	return i, i < len(s.Resources) && s.Resources[i] == r
}

// Lookup finds a declared resource, also one that -f leaves out, or nil.
func (s *Set) Lookup(a value.Address) *Resource { return s.byAddress[a] }

// Names tells whether an address is declared, or may be that of rows that are not here: those
// that were rejected or left out, and those of a table that is not the full list. Nobody said
// that their records are to go.
func (s *Set) Names(a value.Address) bool {
	space, _ := a.Split()
	return s.byAddress[a] != nil || slices.ContainsFunc(s.allSets, func(t *RecordSet) bool {
		return (!t.Complete || t.Nameless) && strings.EqualFold(t.Space, space) || t.Named[a]
	})
}

// Declares tells whether anything of a kind is declared, of the items of smart processes of a
// type, selected or not.
func (s *Set) Declares(k *kind.Kind, typ string) bool {
	for _, r := range s.byAddress {
		if r.Kind == k && (typ == "" || r.Type == typ) {
			return true
		}
	}
	return false
}
