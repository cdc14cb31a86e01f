package portal

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
)

// A comm is one communication of an item: a row of its fm field.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html#crm_multifield.
type comm struct {
	id                       int64 // 0 until it is stored
	typeID, valueType, value string
}

// commTypes lists the types of communications; other types are dropped.
var commTypes = []string{"PHONE", "EMAIL", "WEB", "IM", "LINK"}

// A commEdit is one entry of an fm value: a row to change, delete or add.
type commEdit struct {
	key   string // as sent: a row id, or n0, n1, …
	row   comm
	typed bool // valueType was sent
}

// commEdits reads an fm value: a list, an object with keys, or one bare entry.
// Entries without a type or a value are skipped without a word.
func commEdits(v any) ([]commEdit, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	m, ok := asMap(v)
	if !ok {
		return nil, notIterable(v)
	}
	if _, bare := m.Get("typeId"); bare {
		wrapped := new(Map)
		wrapped.Set("n0", m)
		m = wrapped
	}
	var edits []commEdit
	for _, key := range m.Keys() {
		entry, _ := m.Get(key)
		if edit, ok := commEntry(key, entry, "typeId", "valueType", "value"); ok {
			edits = append(edits, edit)
		}
	}
	return edits, nil
}

// commEntry reads one entry, whose keys have the given names.
func commEntry(key string, entry any, typeKey, kindKey, valueKey string) (commEdit, bool) {
	m, ok := entry.(*Map)
	if !ok {
		return commEdit{}, false
	}
	raw, _ := m.Get(valueKey)
	value, isText := asString(raw)
	typeID, _ := m.Get(typeKey)
	kind, _ := m.Get(kindKey)
	edit := commEdit{key: key}
	edit.row.typeID, _ = asString(typeID)
	edit.row.valueType, _ = asString(kind)
	edit.row.value = strings.TrimSpace(strings.ToValidUTF8(value, "\uFFFD"))
	edit.typed = edit.row.valueType != ""
	if !edit.typed {
		edit.row.valueType = "WORK"
	}
	return edit, raw != nil && isText && slices.Contains(commTypes, edit.row.typeID)
}

// importedComms reads the lists PHONE, EMAIL, WEB and IM of {VALUE, VALUE_TYPE}
// that the import methods take instead of fm.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/import/crm-item-import.html.
func importedComms(fields *Map) ([]commEdit, error) {
	var edits []commEdit
	for _, typeID := range commTypes {
		v, ok := fields.Get(typeID)
		if !ok || v == nil || v == "" {
			continue
		}
		list, ok := asList(v)
		if !ok {
			return nil, notIterable(v)
		}
		for _, item := range list {
			entry, ok := item.(*Map)
			if !ok {
				continue
			}
			typed := new(Map)
			typed.Set("TYPE_ID", typeID)
			for _, key := range entry.Keys() {
				v, _ := entry.Get(key)
				typed.Set(key, v)
			}
			if edit, ok := commEntry("n", typed, "TYPE_ID", "VALUE_TYPE", "VALUE"); ok {
				edits = append(edits, edit)
			}
		}
	}
	return edits, nil
}

// applyComms returns the rows after the edits: a key that is the id of a row
// changes it, or deletes it if the value is empty; every other key adds a row.
// Rows that nobody names stay, and equal rows are kept once.
func applyComms(rows []comm, edits []commEdit) []comm {
	rows = slices.Clone(rows)
	for _, edit := range edits {
		id, err := strconv.ParseInt(edit.key, 10, 64)
		i := slices.IndexFunc(rows, func(c comm) bool { return err == nil && c.id == id && c.id != 0 })
		switch {
		case i < 0 && edit.row.value != "":
			rows = append(rows, edit.row)
		case i >= 0 && edit.row.value == "":
			rows = slices.Delete(rows, i, i+1)
		case i >= 0:
			if !edit.typed {
				edit.row.valueType = rows[i].valueType
			}
			edit.row.id = id
			rows[i] = edit.row
		}
	}
	return uniqueComms(rows)
}

func uniqueComms(rows []comm) []comm {
	seen := make(map[comm]bool, len(rows))
	return slices.DeleteFunc(rows, func(c comm) bool {
		c.id = 0
		if seen[c] {
			return true
		}
		seen[c] = true
		return false
	})
}

// saveComms stores the rows of an item and gives new ones their ids.
func (s *store) saveComms(ctx context.Context, e *entity, item int64, old, rows []comm) error {
	for _, was := range old {
		if !slices.ContainsFunc(rows, func(c comm) bool { return c.id == was.id }) {
			if err := s.exec(ctx, `DELETE FROM crm_fm WHERE id = ?`, was.id); err != nil {
				return err
			}
		}
	}
	for i, c := range rows {
		if c.id == 0 {
			var err error
			rows[i].id, err = s.insertRow(ctx, `INSERT INTO crm_fm (etid, item, type_id, value_type, value) VALUES (?, ?, ?, ?, ?)`,
				e.id, item, c.typeID, c.valueType, c.value)
			if err != nil {
				return err
			}
		} else if !slices.Contains(old, c) {
			err := s.exec(ctx, `UPDATE crm_fm SET type_id = ?, value_type = ?, value = ? WHERE id = ?`,
				c.typeID, c.valueType, c.value, c.id)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// loadComms fills in the communications of some items.
func (s *store) loadComms(ctx context.Context, e *entity, recs []*record) error {
	if len(recs) == 0 {
		return nil
	}
	byID, args := index(recs)
	return s.scan(ctx, func(rows *sql.Rows) error {
		var item int64
		var c comm
		if err := rows.Scan(&item, &c.id, &c.typeID, &c.valueType, &c.value); err != nil {
			return err
		}
		rec := byID[item]
		rec.comms = append(rec.comms, c)
		return nil
	}, `SELECT item, id, type_id, value_type, value FROM crm_fm WHERE etid = ? AND item IN (`+placeholders(len(recs))+`) ORDER BY id`,
		append([]any{e.id}, args...)...)
}

// commFlags sets hasPhone, hasEmail and hasImol, which follow the rows.
func (r *record) commFlags() {
	has := func(match func(comm) bool) any {
		if slices.ContainsFunc(r.comms, match) {
			return "Y"
		}
		return "N"
	}
	r.vals["hasPhone"] = has(func(c comm) bool { return c.typeID == "PHONE" })
	r.vals["hasEmail"] = has(func(c comm) bool { return c.typeID == "EMAIL" })
	r.vals["hasImol"] = has(isOpenLine)
}

func isOpenLine(c comm) bool { return c.typeID == "IM" && strings.HasPrefix(c.value, "imol|") }

// setComms adds fm and the flat aliases, which can be read but never written.
func (r *record) setComms(m *Map) {
	first := func(match func(comm) bool) string {
		if i := slices.IndexFunc(r.comms, match); i >= 0 {
			return r.comms[i].value
		}
		return ""
	}
	of := func(typeID, valueType string) string {
		return first(func(c comm) bool { return c.typeID == typeID && (valueType == "" || c.valueType == valueType) })
	}
	m.Set("phoneMobile", of("PHONE", "MOBILE"))
	m.Set("phoneWork", of("PHONE", "WORK"))
	m.Set("phoneMailing", of("PHONE", "MAILING"))
	m.Set("emailHome", of("EMAIL", "HOME"))
	m.Set("emailWork", of("EMAIL", "WORK"))
	m.Set("emailMailing", of("EMAIL", "MAILING"))
	m.Set("skype", nil)
	m.Set("icq", nil)
	m.Set("imol", first(isOpenLine))
	m.Set("email", of("EMAIL", ""))
	m.Set("phone", of("PHONE", ""))
	fm := make([]any, 0, len(r.comms))
	for _, c := range r.comms {
		row := new(Map)
		row.Set("id", c.id)
		row.Set("valueType", c.valueType)
		row.Set("value", c.value)
		row.Set("typeId", c.typeID)
		fm = append(fm, row)
	}
	m.Set("fm", fm)
}
