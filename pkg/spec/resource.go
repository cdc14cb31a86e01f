package spec

import "strings"

// An Address names a resource: kind/name in lower case, such as
// "company/acme"; an SPA item is "<spa name>/<name>". Two addresses are the same
// if their strings are.
type Address string

// NewAddress joins a space (a kind's prefix or an SPA's name) and a name.
func NewAddress(space, name string) Address {
	return Address(strings.ToLower(space) + "/" + strings.ToLower(name))
}

// Split gives the two parts of an address.
func (a Address) Split() (space, name string) {
	space, name, _ = strings.Cut(string(a), "/")
	return space, name
}

// Name is the part after the slash, in lower case: what the owner's mark on a
// record holds, so that the case of metadata.name never makes a second record.
func (a Address) Name() string {
	_, name := a.Split()
	return name
}

// ValueKind tells the shape of a Value.
type ValueKind uint8

// The shapes of a value.
const (
	Null ValueKind = iota
	Scalar
	List
	Map
)

// A Value is a declared value as written: scalars keep their text, so that a
// text field can take 007, no or 2025-01-01 literally, and the type of the field
// decides later what the text means.
type Value struct {
	Kind  ValueKind
	Plain bool    // Scalar: written without quotes, so YAML could give it a type; Null: written otherwise than null
	Text  string  // Scalar: the text as written, variables replaced; Null: what is written for it if not null
	Items []Value // List
	Pairs []Pair  // Map, in source order
	Pos   Pos
}

// A Pair is one entry of a Map value. Pos is the key's.
type Pair struct {
	Key   string
	Value Value
	Pos   Pos
}

// Get finds a key of a Map value.
func (v Value) Get(key string) (Value, bool) {
	for _, p := range v.Pairs {
		if p.Key == key {
			return p.Value, true
		}
	}
	return Value{}, false
}

// Ref returns the address that a {ref: …} map points at.
func (v Value) Ref() (Address, bool) {
	if v.Kind != Map || len(v.Pairs) != 1 || v.Pairs[0].Key != "ref" {
		return "", false
	}
	return Address(strings.ToLower(v.Pairs[0].Value.Text)), true
}

// A Field is one declared property: for a record an entry of spec.fields, for a
// type an entry of spec. Pos is the key's.
type Field struct {
	Name  string
	Value Value
	Pos   Pos
}

// A Resource is a declared object.
type Resource struct {
	Kind    *Kind
	Name    string // as written
	Address Address
	Labels  map[string]string
	Type    string    // SPAItem: spec.type, the SPA's name (or an entityTypeId as digits)
	TypePos Pos       // SPAItem: where spec.type stands
	Fields  []Field   // sorted by name
	Parts   []Field   // what is declared beside the fields, such as products
	Deps    []Address // what must exist first, sorted, without repetition; all declared
	Pos     Pos       // the document's metadata.name

	Identity  Identity  // spec.match, spec.adopt and metadata.ids of a record
	Lifecycle Lifecycle // spec.lifecycle of a record
	// Policies are those of the record itself; see Set.Policy.
	Policies Policies
}

// Field finds a declared field by its name.
func (r *Resource) Field(name string) (Field, bool) {
	for _, f := range r.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// A Set is everything that one load declares. Resources are sorted by rank and
// address, so equal manifests give equal sets whatever their files and order.
type Set struct {
	Project   Project
	Env       *Environment // the chosen one; nil without a project or environments
	Resources []*Resource
	// Beside are resources that those refer to and that -f leaves out: they are found on
	// the portal by their mark, and stay as they are. They have no fields here.
	Beside []*Resource
	Former []Former // addresses that were left: those of Absent, Moved and Merged, by rank and address
	// Overlooked are what a prune must not pass by: manifests in the project's folders that
	// no pattern takes, and links there that are not followed.
	Overlooked []string
	Whole      bool     // these are all the manifests of a project that names them
	Files      []string // every file that is meant, sorted

	byAddress   map[Address]*Resource
	left        map[Address]bool // what the project declares and -f leaves out
	attachments map[attachmentKey]*Attachment
}

// NewSet builds a set from resources; the caller has checked that the addresses
// are unique.
func NewSet(p Project, env *Environment, resources []*Resource) *Set {
	s := &Set{Project: p, Env: env, Resources: resources, byAddress: make(map[Address]*Resource, len(resources))}
	for _, r := range resources {
		s.byAddress[r.Address] = r
	}
	sortResources(s.Resources)
	return s
}

// Managed tells whether a run brings a declared resource to its declared state. -f
// leaves others out.
func (s *Set) Managed(a Address) bool { return s.byAddress[a] != nil && !s.left[a] }

// Lookup finds a declared resource, also one that -f leaves out, or nil.
func (s *Set) Lookup(a Address) *Resource { return s.byAddress[a] }
