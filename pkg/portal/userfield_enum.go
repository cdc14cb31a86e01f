package portal

import (
	"context"
	"crypto/md5"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strings"
)

// An option is one entry of an enumeration.
type option struct {
	id         int64
	value, def string // def is "Y" or "N"
	sort       int64
	xmlID      string
}

// loadOptions fills in the options of the enumerations among custom fields.
func (s *store) loadOptions(ctx context.Context, list []*userField) error {
	var enums []*userField
	for _, u := range list {
		if u.kind.id == string(typeEnumeration) {
			u.options = nil
			enums = append(enums, u)
		}
	}
	if len(enums) == 0 {
		return nil
	}
	byID, ids := byUserField(enums)
	return s.scan(ctx, func(rows *sql.Rows) error {
		var field int64
		var o option
		if err := rows.Scan(&field, &o.id, &o.value, &o.def, &o.sort, &o.xmlID); err != nil {
			return err
		}
		byID[field].options = append(byID[field].options, o)
		return nil
	}, `SELECT field, id, value, def, sort, xml_id FROM crm_userfield_enum WHERE field IN (`+placeholders(len(ids))+`) ORDER BY sort, id`, ids...)
}

// An optionEdit is an option as a client sends it.
type optionEdit struct {
	option
	hasDef, hasSort, hasXML, drop bool
}

// readOption reads one entry of an enum or LIST, whose keys are in either
// spelling.
func readOption(v any) (optionEdit, bool) {
	m, ok := asMap(v)
	if !ok {
		return optionEdit{}, false
	}
	var e optionEdit
	id, _ := foldGet(m, "id")
	e.id, _ = asInt(id)
	e.value = settingText(firstOf(m, "value")).(string)
	def, hasDef := foldGet(m, "def")
	e.def, e.hasDef = flagValue(def).(string), hasDef
	sort, hasSort := foldGet(m, "sort")
	e.sort, e.hasSort = whole(sort).(int64), hasSort
	e.xmlID = settingText(firstOf(m, "xmlId", "xml_id")).(string)
	e.hasXML = e.xmlID != ""
	e.drop = flagValue(firstOf(m, "del")) == "Y"
	return e, true
}

// firstOf returns the value of the first of some keys that is there.
func firstOf(m *Map, keys ...string) any {
	for _, key := range keys {
		if v, ok := foldGet(m, key); ok {
			return v
		}
	}
	return nil
}

// A duplicateOption is the error for two options with the same xmlId.
type duplicateOption struct{ xmlID string }

func (e *duplicateOption) Error() string {
	return fmt.Sprintf("List item with value XML_ID=%s already exists.", e.xmlID)
}

// saveOptions changes the options of an enumeration. An entry with the id of an
// option changes it, or deletes it if it has no value; one without makes a new
// option, even if it equals an old one. If all is set the list is the complete
// one, and the options that it leaves out are deleted, together with the values
// that items hold of them. The error is *duplicateOption if nothing was saved
// for two options with the same xmlId.
func (s *store) saveOptions(ctx context.Context, u *userField, sent []any, all bool) error {
	next, err := s.mergeOptions(ctx, u, sent, all)
	if err != nil {
		return err
	}
	var gone []any
	for _, o := range u.options {
		if !hasOption(next, o.id) {
			gone = append(gone, o.id)
		}
	}
	if err := s.forgetOptions(ctx, u, gone); err != nil {
		return err
	}
	for _, o := range next {
		err := s.exec(ctx, `INSERT OR REPLACE INTO crm_userfield_enum (id, field, value, def, sort, xml_id) VALUES (?, ?, ?, ?, ?, ?)`,
			o.id, u.id, o.value, o.def, o.sort, o.xmlID)
		if err != nil {
			return err
		}
	}
	return s.loadOptions(ctx, []*userField{u})
}

func hasOption(list []option, id int64) bool {
	for _, o := range list {
		if o.id == id {
			return true
		}
	}
	return false
}

// mergeOptions returns the options as they will be, new ones with their ids.
func (s *store) mergeOptions(ctx context.Context, u *userField, sent []any, all bool) ([]option, error) {
	var next []option
	mentioned := make(map[int64]bool)
	fresh, err := s.nextID(ctx, userOptionTable)
	if err != nil {
		return nil, err
	}
	for _, raw := range sent {
		e, ok := readOption(raw)
		if !ok {
			continue
		}
		old, known := u.optionBy(e.id)
		if known {
			mentioned[e.id] = true
		}
		if strings.TrimSpace(e.value) == "" || e.drop && !all {
			continue
		}
		if !known {
			old = option{id: fresh, def: "N", xmlID: optionKey(u.id, fresh)}
			fresh++
		}
		next = append(next, e.over(old))
	}
	if !all {
		for _, o := range u.options {
			if !mentioned[o.id] {
				next = append(next, o)
			}
		}
	}
	return next, u.settle(next)
}

// over returns the option with what was sent of it.
func (e optionEdit) over(o option) option {
	o.value = e.value
	if e.hasDef {
		o.def = e.def
	}
	if e.hasSort {
		o.sort = e.sort
	}
	if e.hasXML {
		o.xmlID = e.xmlID
	}
	return o
}

// settle leaves a single field one default, and refuses an xmlId that comes
// twice.
func (u *userField) settle(list []option) error {
	seen := make(map[string]bool)
	chosen := false
	for i, o := range list {
		if seen[o.xmlID] {
			return &duplicateOption{o.xmlID}
		}
		seen[o.xmlID] = true
		if o.def == "Y" && chosen && !u.multiple() {
			list[i].def = "N"
		}
		chosen = chosen || o.def == "Y"
	}
	return nil
}

func (u *userField) optionBy(id int64) (option, bool) {
	for _, o := range u.options {
		if o.id == id {
			return o, true
		}
	}
	return option{}, false
}

// optionKey is the xmlId of an option that came without one: 32 hexadecimal
// digits, as the portal fills in.
func optionKey(field, id int64) string {
	sum := md5.Sum(fmt.Appendf(nil, "userfield %d option %d", field, id))
	return hex.EncodeToString(sum[:])
}

// forgetOptions deletes options and the values that items hold of them.
func (s *store) forgetOptions(ctx context.Context, u *userField, ids []any) error {
	if len(ids) == 0 {
		return nil
	}
	marks := placeholders(len(ids))
	if err := s.exec(ctx, `DELETE FROM crm_userfield_enum WHERE id IN (`+marks+`)`, ids...); err != nil {
		return err
	}
	table, err := s.userFieldItems(ctx, u)
	if err != nil || table == "" {
		return err
	}
	column := quoteName(u.text("fieldName"))
	if !u.multiple() {
		return s.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = NULL WHERE %[2]s IN (%[3]s)`, quoteName(table), column, marks), ids...)
	}
	return s.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = nullif((SELECT json_group_array(value) FROM json_each(%[2]s) WHERE value NOT IN (%[3]s)), '[]')
		WHERE EXISTS (SELECT 1 FROM json_each(%[2]s) WHERE value IN (%[3]s))`, quoteName(table), column, marks), append(ids, ids...)...)
}
