package declared

import (
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Type is the entity type behind a record: a system one, a live SPA, or
// an SPA that the same plan creates.
type Type struct {
	EntityTypeID int            // 0 if it will be created
	Address      value.Address  // the declared SPA, if there is one
	Declared     *spec.Resource // the same
	Live         *kind.LiveType
	Refused      bool       // the declared SPA cannot be matched
	catalog      *kind.Kind // the kind of what lies in the catalogue, which has no entity type
}

// Store tells where the records are kept, as Change.Store does; 0 if nowhere yet.
func (t Type) Store() int {
	if t.catalog != nil {
		return t.catalog.StoreNumber(0)
	}
	return t.EntityTypeID
}

func (t Type) isNew() bool { return t.Address != "" && t.EntityTypeID == 0 }

// Flag tells whether a feature of the type is on, or will be once it is applied.
func (t Type) Flag(name string) bool {
	if t.Declared != nil {
		if f, ok := t.Declared.Field(name); ok && f.Value.Kind == value.Scalar {
			yes, _ := SaysYes(f.Value)
			return yes
		}
	}
	return t.Live != nil && value.IsYes(t.Live.Row[name])
}

func (v *View) TypeOf(r *spec.Resource) Type {
	if r.Kind.EntityTypeID != 0 {
		return Type{EntityTypeID: r.Kind.EntityTypeID}
	}
	if r.Kind.Methods.Placed {
		return Type{catalog: r.Kind}
	}
	if t, known := v.RecordTypes[r.Type]; known {
		return t
	}
	t := v.itemType(r.Type)
	if v.RecordTypes != nil {
		v.RecordTypes[r.Type] = t
	}
	return t
}

// itemType is the type of items whose declared type is a number or a name.
func (v *View) itemType(name string) Type {
	if n, err := strconv.Atoi(name); err == nil {
		return Type{EntityTypeID: n, Live: v.Meta.TypeOf(n)}
	}
	return v.TypeByName(name)
}

func (v *View) TypeByName(name string) Type {
	addr := value.NewAddress("spa", name)
	t := Type{Address: addr, Declared: v.Set.Lookup(addr)}
	if t.Declared == nil {
		return Type{}
	}
	m := v.MatchType(t.Declared)
	t.Refused = m.Code != ""
	if m.Live != nil {
		t.Live, t.EntityTypeID = m.Live, m.Live.EntityTypeID
	}
	return t
}

// FormerType is the entity type behind an address that is not declared. Its smart
// process need not be declared any more: then it is found by the code that was its
// name, or by the entityTypeId. It is false if the portal has no such type.
func (v *View) FormerType(r *spec.Resource) (Type, bool) {
	if r.Kind.EntityTypeID != 0 || r.Kind.Methods.Placed {
		return v.TypeOf(r), true
	}
	if t := v.TypeByName(r.Type); t.Declared != nil {
		return t, t.EntityTypeID != 0
	}
	hits := v.TypesWhere(func(t kind.LiveType) bool {
		return strings.EqualFold(t.Code, r.Type) || strconv.Itoa(t.EntityTypeID) == r.Type
	})
	if len(hits) != 1 {
		return Type{}, false
	}
	return Type{EntityTypeID: hits[0].EntityTypeID, Live: hits[0]}, true
}

// SaysYes tells whether a declared value says yes; ok is false if it is no flag.
func SaysYes(v value.Node) (yes, ok bool) {
	flag, err := value.MustCodecOf(kind.Booleans).Parse(nil, v)
	return flag.Text == "Y", err == nil
}
