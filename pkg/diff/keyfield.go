package diff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

func keyFieldAddress(r *spec.Resource, code string) value.Address {
	space, _ := r.Address.Split()
	return value.NewAddress("fields", space+"."+code)
}

// fieldChange plans the user field that a slot lacks, once for each.
func (c *computer) fieldChange(r *spec.Resource, t recordType, s slot) {
	if c.keyFields[s.field] {
		return
	}
	c.keyFields[s.field] = true
	code := c.set.Project.SlotOf(r).Field
	f := &KeyField{Code: code, EntityTypeID: t.entityTypeID}
	typeID := 0
	if t.live != nil {
		typeID = t.live.ID
	}
	var known bool
	if f.Object, known = r.Kind.Object(typeID); !known {
		f.Object, f.Type = "", t.addr
	}
	people := r.Kind.Plural
	ch := Change{Address: s.field, Kind: kind.UserFields().Name, Facts: kind.UserFields(), Action: Create, KeyField: f, Source: r.Pos,
		EntityTypeID: t.entityTypeID, Title: fieldTitle(f),
		Reason: Reason{Message: value.Verbatim(fmt.Sprintf("%s carry the mark by which they are found again in this user field, and the portal has none yet", people))}}
	if t.addr != "" {
		ch.Deps = []value.Address{t.addr}
	}
	for name, text := range map[string]string{"entity": people, "code": code, "type": "string"} {
		ch.Fields = append(ch.Fields, FieldDiff{Name: name, Type: textType, After: shownText(text), Wire: name, Want: value.Text(text)})
	}
	slices.SortFunc(ch.Fields, func(a, b FieldDiff) int { return strings.Compare(a.Name, b.Name) })
	c.fields = append(c.fields, ch)
}

// title is the field's name on the portal, as far as it is known.
func fieldTitle(f *KeyField) string {
	if f.Object == "" {
		return f.Code
	}
	return fieldName(f)
}

func fieldName(f *KeyField) string { return "UF_" + f.Object + "_" + f.Code }

// A CreatedField is a user field that this run created.
type CreatedField struct {
	Wire string // its name in crm.item.*
	Err  error  // why Wire is not known
}

// SetField records a created user field.
func (k *Known) SetField(a value.Address, f CreatedField) {
	if k.fields == nil {
		k.fields = make(map[value.Address]CreatedField)
	}
	k.fields[a] = f
}

// settleMark fills in the names of the fields that this run created.
func (k *Known) settleMark(c *Change) ([]Mark, error) {
	out := slices.Clone(c.Mark)
	for i, m := range out {
		if m.Wire != "" {
			continue
		}
		f := k.fields[c.MarkIn]
		switch {
		case f.Err != nil:
			return nil, fmt.Errorf("the name of %s could not be read: %w", c.MarkIn, f.Err)
		case f.Wire == "":
			return nil, fmt.Errorf("%s: %w", c.MarkIn, errRef)
		}
		out[i].Wire = f.Wire
	}
	return out, nil
}

// settleField fills in the type that this run created.
func (k *Known) settleField(c *Change) (*KeyField, error) {
	if c.KeyField == nil || c.KeyField.Object != "" {
		return c.KeyField, nil
	}
	f := *c.KeyField
	id, created := k.ids[f.Type], k.types[f.Type]
	if id == 0 || created.EntityTypeID == 0 {
		return nil, fmt.Errorf("%s: %w", f.Type, errRef)
	}
	f.Object, _ = builtIn.Items().Object(id)
	f.EntityTypeID = created.EntityTypeID
	return &f, nil
}

// request creates the field. People need neither see it in lists nor change it
// there. Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-add.md.
func requestField(f *KeyField) bitrix.Command {
	field := map[string]any{
		"entityId": f.Object, "fieldName": fieldName(f), "userTypeId": "string", "xmlId": f.Code,
		"multiple": "N", "mandatory": "N", "showFilter": "N", "editInList": "N", "isSearchable": "N",
		"editFormLabel": map[string]any{"en": "b24apply key"},
	}
	return bitrix.Command{Method: kind.UserFields().Methods.Add, Params: bitrix.Params{"moduleId": "crm", "field": field}}
}

func getField(f *KeyField, id int) bitrix.Command {
	return bitrix.Command{Method: kind.UserFields().Methods.Get, Params: bitrix.Params{"moduleId": "crm", "id": id}}
}

func findField(f *KeyField) bitrix.List {
	fam := kind.UserFields().Methods
	return bitrix.List{Method: fam.List, Items: fam.Items,
		Params: bitrix.Params{"moduleId": "crm", "filter": map[string]any{"entityId": f.Object, "fieldName": fieldName(f)}}}
}

// is tells whether a row of userfieldconfig.* is this field: filters that a portal
// does not know are ignored.
func isField(f *KeyField, row Row) bool {
	return row.Text("entityId") == f.Object && row.Text("fieldName") == fieldName(f)
}

// verify compares what the portal stored with what the mark needs.
func verifyField(f *KeyField, row Row) []Mismatch {
	var out []Mismatch
	for wire, want := range map[string]string{"fieldName": fieldName(f), "userTypeId": "string", "multiple": "N"} {
		if got := row.Text(wire); got != want {
			out = append(out, Mismatch{Field: wire, Want: want, Got: got})
		}
	}
	slices.SortFunc(out, func(a, b Mismatch) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// FieldEntity is the entity type whose records the created field belongs to.
func (r *Ready) FieldEntity() int { return r.keyField.EntityTypeID }

// FieldName finds, among the fields of that entity type, the name of the created one.
func (r *Ready) FieldName(fields LiveFields) (string, error) {
	for _, f := range fields.ByCode[fieldName(r.keyField)] {
		return f.Name, nil
	}
	return "", fmt.Errorf("crm.item.fields does not name %s", fieldName(r.keyField))
}

// needsTypes tells whether the types of smart processes must be read for a
// resource: it declares one, or the key field of its undeclared type is named after
// the id of that type.
func (v *view) needsTypes(r *spec.Resource) bool {
	if r.Type == "" {
		return r.Kind.Class == kind.ClassType
	}
	_, err := strconv.Atoi(r.Type)
	return r.Kind.Class == kind.ClassType || err == nil && v.set.Project.SlotOf(r).Key == kind.KeyField
}
