package portal

import (
	"context"
	"fmt"
)

// defaultUserSort is the sort index of a custom field that is sent none.
const defaultUserSort = 100

// userTraits are what methods can change of a custom field besides its labels,
// options and settings; yes and no are "Y" and "N".
var userTraits = []struct {
	name     string
	fallback string // of a new field
}{
	{"multiple", "N"}, {"mandatory", "N"}, {"showFilter", "N"}, {"showInList", "Y"}, {"editInList", "Y"}, {"isSearchable", "N"},
}

// read takes over what was sent of a custom field's traits. What cannot be
// changed after the creation is ignored then.
func (u *userField) read(sent *Map, update bool) {
	for _, trait := range userTraits {
		v, ok := sent.Get(trait.name)
		switch {
		case trait.name == "multiple" && update:
		case !ok && !update:
			u.vals[trait.name] = trait.fallback
		case ok && trait.name == "showFilter":
			u.vals[trait.name] = u.kind.showFilter(v)
		case ok:
			u.vals[trait.name] = flagValue(v)
		}
	}
	if v, ok := sent.Get("xmlId"); ok {
		f := userFieldSet().byName["xmlId"]
		text, _ := f.text(v)
		u.set(f.name, text)
	}
	if v, ok := sent.Get("sort"); ok || !update {
		u.vals["sort"] = positive(defaultUserSort)(v)
	}
	switch fieldType(u.kind.id) {
	case typeBoolean:
		u.vals["multiple"] = "N"
	case typeBooking:
		u.vals["multiple"] = "Y"
	}
}

// showFilter returns how the field is filtered by: N, I (exact), E (mask) or S
// (part); "Y" stands for what the type prefers.
func (k userFieldKind) showFilter(v any) string {
	switch text, _ := asString(v); text {
	case "I", "E", "S":
		return text
	}
	if flagValue(v) == "Y" {
		return k.filterMode()
	}
	return "N"
}

// configure sets the field's settings, all of them at once.
func (u *userField) configure(sent *Map) error {
	data, err := encode(u.kind.normalise(sent), nil)
	if err != nil {
		return err
	}
	u.parsed = nil
	u.vals["settings"] = string(data)
	return nil
}

// addUserField stores a new custom field and gives the items a column for it.
func (s *store) addUserField(ctx context.Context, u *userField) error {
	var err error
	if u.id, err = s.nextID(ctx, userFieldTable); err != nil {
		return err
	}
	return s.storeUserField(ctx, u)
}

// storeUserField stores a custom field that has its id.
func (s *store) storeUserField(ctx context.Context, u *userField) error {
	if err := s.insert(ctx, userFieldRecords(), u.record); err != nil {
		return err
	}
	table, err := s.userFieldItems(ctx, u)
	if err != nil || table == "" {
		return err
	}
	f := u.field()
	err = s.exec(ctx, fmt.Sprintf(`ALTER TABLE %s ADD COLUMN %s %s`, quoteName(table), quoteName(f.name), f.columnType()))
	if err != nil || f.multiple || f.typ != typeString {
		return err
	}
	return s.exec(ctx, fmt.Sprintf(`CREATE INDEX %s ON %s (%s)`, quoteName(table+"_"+f.name), quoteName(table), indexed(f)))
}

// columnType returns the type of the field's column. The values of a multiple
// custom field are a JSON list.
func (f *field) columnType() string {
	if f.multiple {
		return "TEXT"
	}
	return f.typ.class().sqlType()
}

// userFieldItems returns the table of the items with a custom field, "" if the
// portal has none for its object.
func (s *store) userFieldItems(ctx context.Context, u *userField) (string, error) {
	object, found, err := s.userObject(ctx, u.text("entityId"))
	switch {
	case err == nil && object.id == requisiteObject:
		return requisites().table, nil
	case err != nil || !found || object.etid == 0:
		return "", err
	}
	return itemTable(object.etid), nil
}

// userFieldTaken reports whether the object has a field of that name.
func (s *store) userFieldTaken(ctx context.Context, u *userField) (bool, error) {
	_, found, err := s.number(ctx, `SELECT "id" FROM crm_userfield WHERE "entityId" = ? AND "fieldName" = ?`,
		u.text("entityId"), u.text("fieldName"))
	return found, err
}

// deleteUserField deletes a custom field with the values and files of all items.
func (s *store) deleteUserField(ctx context.Context, u *userField) error {
	table, err := s.userFieldItems(ctx, u)
	if err != nil {
		return err
	}
	if table != "" {
		if err := s.dropColumn(ctx, table, u.field()); err != nil {
			return err
		}
	}
	return s.forgetUserFields(ctx, `"id" = ?`, u.id)
}

func (s *store) dropColumn(ctx context.Context, table string, f *field) error {
	column := quoteName(f.name)
	var statements []string
	if f.typ == typeFile {
		held := fmt.Sprintf(`SELECT %s FROM %s WHERE %[1]s IS NOT NULL`, column, quoteName(table))
		if f.multiple {
			held = fmt.Sprintf(`SELECT f.value FROM %s, json_each(%s) f`, quoteName(table), column)
		}
		statements = append(statements, `DELETE FROM crm_file WHERE id IN (`+held+`)`)
	}
	statements = append(statements,
		`DROP INDEX IF EXISTS `+quoteName(table+"_"+f.name),
		fmt.Sprintf(`ALTER TABLE %s DROP COLUMN %s`, quoteName(table), column))
	for _, statement := range statements {
		if err := s.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// forgetUserFields deletes custom fields that a condition selects, but not the
// columns of their values.
func (s *store) forgetUserFields(ctx context.Context, condition string, arg any) error {
	chosen := `(SELECT "id" FROM crm_userfield WHERE ` + condition + `)`
	for _, statement := range []string{
		`DELETE FROM crm_userfield_label WHERE field IN ` + chosen,
		`DELETE FROM crm_userfield_enum WHERE field IN ` + chosen,
		`DELETE FROM crm_userfield WHERE ` + condition,
	} {
		if err := s.exec(ctx, statement, arg); err != nil {
			return err
		}
	}
	return nil
}
