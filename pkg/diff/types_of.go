package diff

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A recordType is the entity type behind a record: a system one, a live SPA, or
// an SPA that the same plan creates.
type recordType struct {
	entityTypeID int            // 0 if it will be created
	addr         value.Address  // the declared SPA, if there is one
	declared     *spec.Resource // the same
	live         *kind.LiveType
	refused      bool       // the declared SPA cannot be matched
	catalog      *kind.Kind // the kind of what lies in the catalogue, which has no entity type
}

// store tells where the records are kept, as Change.Store does; 0 if nowhere yet.
func (t recordType) store() int {
	if t.catalog != nil {
		return t.catalog.StoreNumber(0)
	}
	return t.entityTypeID
}

func (t recordType) isNew() bool { return t.addr != "" && t.entityTypeID == 0 }

// flag tells whether a feature of the type is on, or will be once it is applied.
func (t recordType) flag(name string) bool {
	if t.declared != nil {
		if f, ok := t.declared.Field(name); ok && f.Value.Kind == value.Scalar {
			yes, _ := isDeclaredYes(f.Value)
			return yes
		}
	}
	return t.live != nil && yn(t.live.Row[name]) == "Y"
}

func (v *view) recordType(r *spec.Resource) recordType {
	if r.Kind.EntityTypeID != 0 {
		return recordType{entityTypeID: r.Kind.EntityTypeID}
	}
	if r.Kind.Methods.Placed {
		return recordType{catalog: r.Kind}
	}
	if t, known := v.recordTypes[r.Type]; known {
		return t
	}
	t := v.itemType(r.Type)
	if v.recordTypes != nil {
		v.recordTypes[r.Type] = t
	}
	return t
}

// itemType is the type of items whose declared type is a number or a name.
func (v *view) itemType(name string) recordType {
	if n, err := strconv.Atoi(name); err == nil {
		return recordType{entityTypeID: n, live: v.meta.TypeOf(n)}
	}
	return v.declaredType(name)
}

func (v *view) declaredType(name string) recordType {
	addr := value.NewAddress("spa", name)
	t := recordType{addr: addr, declared: v.set.Lookup(addr)}
	if t.declared == nil {
		return recordType{}
	}
	m := v.matchType(t.declared)
	t.refused = m.code != ""
	if m.live != nil {
		t.live, t.entityTypeID = m.live, m.live.EntityTypeID
	}
	return t
}

// formerType is the entity type behind an address that is not declared. Its smart
// process need not be declared any more: then it is found by the code that was its
// name, or by the entityTypeId. It is false if the portal has no such type.
func (v *view) formerType(r *spec.Resource) (recordType, bool) {
	if r.Kind.EntityTypeID != 0 || r.Kind.Methods.Placed {
		return v.recordType(r), true
	}
	if t := v.declaredType(r.Type); t.declared != nil {
		return t, t.entityTypeID != 0
	}
	hits := v.typesWhere(func(t kind.LiveType) bool {
		return strings.EqualFold(t.Code, r.Type) || strconv.Itoa(t.EntityTypeID) == r.Type
	})
	if len(hits) != 1 {
		return recordType{}, false
	}
	return recordType{entityTypeID: hits[0].EntityTypeID, live: hits[0]}, true
}

// isDeclaredYes tells whether a declared value says yes; ok is false if it is no flag.
func isDeclaredYes(v value.Node) (yes, ok bool) {
	flag, err := value.MustCodecOf(kind.Booleans).Parse(nil, v)
	return flag.Text == "Y", err == nil
}

func yn(raw json.RawMessage) string {
	if value.IsYes(raw) {
		return "Y"
	}
	return "N"
}
