package wire

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

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
func (k *Known) settleMark(c *plan.Change) ([]plan.Mark, error) {
	out := slices.Clone(c.Mark)
	for i, m := range out {
		if m.Wire != "" {
			continue
		}
		f := k.fields[c.MarkIn]
		switch {
		case f.Err != nil:
			return nil, value.While(f.Err, "name-of-field-was-not-read", value.T("field", c.MarkIn))
		case f.Wire == "":
			return nil, fmt.Errorf("%s: %w", c.MarkIn, errRef)
		}
		out[i].Wire = f.Wire
	}
	return out, nil
}

// settleField fills in the type that this run created.
func (k *Known) settleField(c *plan.Change) (*plan.KeyField, error) {
	if c.KeyField == nil || c.KeyField.Object != "" {
		return c.KeyField, nil
	}
	f := *c.KeyField
	id, created := k.ids[f.Type], k.types[f.Type]
	if id == 0 || created.EntityTypeID == 0 {
		return nil, fmt.Errorf("%s: %w", f.Type, errRef)
	}
	f.Object, _ = kind.BuiltIn().Items().Object(id)
	f.EntityTypeID = created.EntityTypeID
	return &f, nil
}

// request creates the field. People need neither see it in lists nor change it
// there. Source: api-reference/crm/universal/userfieldconfig/userfieldconfig-add.md.
func requestField(f *plan.KeyField) bitrix.Command {
	field := map[string]any{
		"entityId": f.Object, "fieldName": f.Name(), "userTypeId": "string", "xmlId": f.Code,
		"multiple": "N", "mandatory": "N", "showFilter": "N", "editInList": "N", "isSearchable": "N",
		"editFormLabel": map[string]any{"en": "b24apply key"},
	}
	return bitrix.Command{Method: kind.UserFields().Methods.Add, Params: bitrix.Params{"moduleId": "crm", "field": field}}
}

func getField(f *plan.KeyField, id int) bitrix.Command {
	return bitrix.Command{Method: kind.UserFields().Methods.Get, Params: bitrix.Params{"moduleId": "crm", "id": id}}
}

func findField(f *plan.KeyField) bitrix.List {
	fam := kind.UserFields().Methods
	return bitrix.List{Method: fam.List, Items: fam.Items,
		Params: bitrix.Params{"moduleId": "crm", "filter": map[string]any{"entityId": f.Object, "fieldName": f.Name()}}}
}

// is tells whether a row of userfieldconfig.* is this field: filters that a portal
// does not know are ignored.
func isField(f *plan.KeyField, row kind.Row) bool {
	return row.Text("entityId") == f.Object && row.Text("fieldName") == f.Name()
}

// verify compares what the portal stored with what the mark needs.
func verifyField(f *plan.KeyField, row kind.Row) []Mismatch {
	var out []Mismatch
	for wire, want := range map[string]string{"fieldName": f.Name(), "userTypeId": "string", "multiple": "N"} {
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
func (r *Ready) FieldName(fields kind.LiveFields) (string, error) {
	for _, f := range fields.ByCode[r.keyField.Name()] {
		return f.Name, nil
	}
	return "", value.Err("fields-do-not-name", value.T("field", r.keyField.Name()))
}
