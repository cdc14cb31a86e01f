package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// fieldKind is the kind of the changes that create a user field for the mark.
var fieldKind = kind.UserFields()

// A keyField is the user field that a change creates to hold the mark of the
// records of one entity type.
type keyField struct {
	code         string
	entityTypeID int
	typ          spec.Address // the SPA, if the same plan creates it
	object       string       // CRM_QUOTE; of a smart process CRM_ and the id of its type
	known        bool         // object is known; else it is the id of typ
}

func keyFieldAddress(r *spec.Resource, code string) spec.Address {
	space, _ := r.Address.Split()
	return spec.NewAddress("fields", space+"."+code)
}

// fieldChange plans the user field that a slot lacks, once for each.
func (c *computer) fieldChange(r *spec.Resource, t recordType, s slot) {
	if c.keyFields[s.field] {
		return
	}
	c.keyFields[s.field] = true
	code := c.set.Project.SlotOf(r).Field
	f := &keyField{code: code, entityTypeID: t.entityTypeID}
	typeID := 0
	if t.live != nil {
		typeID = t.live.ID
	}
	if f.object, f.known = r.Kind.Object(typeID); !f.known {
		f.object, f.typ = "", t.addr
	}
	people := r.Kind.Plural
	ch := Change{Address: s.field, Kind: fieldKind.Name, Action: Create, kind: fieldKind, keyField: f, Source: r.Pos,
		EntityTypeID: t.entityTypeID, Title: f.title(),
		Reason: fmt.Sprintf("%s carry the mark by which they are found again in this user field, and the portal has none yet", people)}
	if t.addr != "" {
		ch.Deps = []spec.Address{t.addr}
	}
	for name, value := range map[string]string{"entity": people, "code": code, "type": "string"} {
		ch.Fields = append(ch.Fields, FieldDiff{Name: name, Type: spec.TypeString, After: value, wire: name, codec: stringCodec{}, want: value})
	}
	slices.SortFunc(ch.Fields, func(a, b FieldDiff) int { return strings.Compare(a.Name, b.Name) })
	c.fields = append(c.fields, ch)
}

// title is the field's name on the portal, as far as it is known.
func (f *keyField) title() string {
	if !f.known {
		return f.code
	}
	return f.name()
}

func (f *keyField) name() string { return "UF_" + f.object + "_" + f.code }

// insertFields puts the changes of user fields where their rank belongs.
func insertFields(changes, fields []Change) []Change {
	slices.SortFunc(fields, func(a, b Change) int { return strings.Compare(string(a.Address), string(b.Address)) })
	at := slices.IndexFunc(changes, func(c Change) bool { return c.kind.Rank > fieldKind.Rank })
	if at < 0 {
		at = len(changes)
	}
	return slices.Insert(changes, at, fields...)
}

// A CreatedField is a user field that this run created.
type CreatedField struct {
	Wire string // its name in crm.item.*
	Err  error  // why Wire is not known
}

// SetField records a created user field.
func (k *Known) SetField(a spec.Address, f CreatedField) {
	if k.fields == nil {
		k.fields = make(map[spec.Address]CreatedField)
	}
	k.fields[a] = f
}

// CreatesField tells whether the change creates a user field for the mark.
func (c *Change) CreatesField() bool { return c.keyField != nil }

// settleMark fills in the names of the fields that this run created.
func (k *Known) settleMark(c *Change) ([]markField, error) {
	out := slices.Clone(c.mark)
	for i, m := range out {
		if m.wire != "" {
			continue
		}
		f := k.fields[c.markIn]
		switch {
		case f.Err != nil:
			return nil, fmt.Errorf("the name of %s could not be read: %w", c.markIn, f.Err)
		case f.Wire == "":
			return nil, fmt.Errorf("%s: %w", c.markIn, errRef)
		}
		out[i].wire = f.Wire
	}
	return out, nil
}

// settleField fills in the type that this run created.
func (k *Known) settleField(c *Change) (*keyField, error) {
	if c.keyField == nil || c.keyField.known {
		return c.keyField, nil
	}
	f := *c.keyField
	id, created := k.ids[f.typ], k.types[f.typ]
	if id == 0 || created.EntityTypeID == 0 {
		return nil, fmt.Errorf("%s: %w", f.typ, errRef)
	}
	f.object, f.known = builtIn.Items().Object(id)
	f.entityTypeID = created.EntityTypeID
	return &f, nil
}

// request creates the field. People need neither see it in lists nor change it
// there. Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-add.md.
func (f *keyField) request() bitrix.Command {
	field := map[string]any{
		"entityId": f.object, "fieldName": f.name(), "userTypeId": "string", "xmlId": f.code,
		"multiple": "N", "mandatory": "N", "showFilter": "N", "editInList": "N", "isSearchable": "N",
		"editFormLabel": map[string]any{"en": "b24apply key"},
	}
	return bitrix.Command{Method: kind.UserFields().Methods.Add, Params: bitrix.Params{"moduleId": "crm", "field": field}}
}

func (f *keyField) get(id int) bitrix.Command {
	return bitrix.Command{Method: kind.UserFields().Methods.Get, Params: bitrix.Params{"moduleId": "crm", "id": id}}
}

func (f *keyField) find() bitrix.List {
	fam := kind.UserFields().Methods
	return bitrix.List{Method: fam.List, Items: fam.Items,
		Params: bitrix.Params{"moduleId": "crm", "filter": map[string]any{"entityId": f.object, "fieldName": f.name()}}}
}

// is tells whether a row of userfieldconfig.* is this field: filters that a portal
// does not know are ignored.
func (f *keyField) is(row Row) bool {
	return row.Text("entityId") == f.object && row.Text("fieldName") == f.name()
}

// verify compares what the portal stored with what the mark needs.
func (f *keyField) verify(row Row) []Mismatch {
	var out []Mismatch
	for wire, want := range map[string]string{"fieldName": f.name(), "userTypeId": "string", "multiple": "N"} {
		if got := row.Text(wire); got != want {
			out = append(out, Mismatch{Field: wire, Want: want, Got: got})
		}
	}
	slices.SortFunc(out, func(a, b Mismatch) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// FieldEntity is the entity type whose records the created field belongs to.
func (r *Ready) FieldEntity() int { return r.keyField.entityTypeID }

// FieldName finds, among the fields of that entity type, the name of the created one.
func (r *Ready) FieldName(fields LiveFields) (string, error) {
	for _, f := range fields.ByCode[r.keyField.name()] {
		return f.Name, nil
	}
	return "", fmt.Errorf("crm.item.fields does not name %s", r.keyField.name())
}

// needsTypes tells whether the types of smart processes must be read for a
// resource: it declares one, or the key field of its undeclared type is named after
// the id of that type.
func (v *view) needsTypes(r *spec.Resource) bool {
	_, err := strconv.Atoi(r.Type)
	return r.Kind.Class == spec.ClassType || r.Type != "" && err == nil && v.set.Project.SlotOf(r).Key == spec.KeyField
}
