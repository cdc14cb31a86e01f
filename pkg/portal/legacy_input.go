package portal

import (
	"context"
	"fmt"
	"slices"
	"strconv"
)

// input reads the parameters fields and params of an add or update and returns
// the fields under their names of today. Unknown and read-only fields are
// dropped without a word; params only speak of feeds and history.
func (l *legacySet) input(ctx context.Context, s *store, c *call, update bool) (*entity, *Map, error) {
	v, _ := c.fold("fields")
	sent, ok := asMap(v)
	if !ok {
		return nil, nil, legacyFault("Parameter 'fields' must be array.")
	}
	if v, _ := c.fold("params"); v != nil && v != "" {
		if _, ok := asMap(v); !ok {
			return nil, nil, legacyFault("Parameter 'params' must be array.")
		}
	}
	e, err := l.entity(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	fields := new(Map)
	for _, f := range l.of(e) {
		if v, ok := sent.Get(f.name); ok && f.writable(update) {
			fields.Set(f.source, legacyInput(f, v))
		}
	}
	if e.hasComms() {
		if fm := legacyFM(sent); fm.Len() > 0 {
			fields.Set("fm", fm)
		}
	}
	return e, fields, nil
}

// legacyInput takes a file out of its wrapping: {"fileData": [name, content]},
// or {"remove": "Y"}. Other values are what they are.
func legacyInput(f legacyField, v any) any {
	m, ok := v.(*Map)
	if f.described.typ != typeFile || !ok {
		return v
	}
	if data, ok := m.Get("fileData"); ok {
		return data
	}
	if remove, ok := m.Get("remove"); ok && flagValue(remove) == "Y" {
		return ""
	}
	return v
}

// legacyFM turns the lists PHONE, EMAIL, WEB, IM and LINK into an fm value: rows
// with an ID change or, with DELETE or an empty VALUE, delete; others are added.
func legacyFM(fields *Map) *Map {
	fm := new(Map)
	for _, typeID := range commTypes {
		v, _ := fields.Get(typeID)
		rows, _ := asList(v)
		for _, row := range rows {
			m, ok := row.(*Map)
			if !ok {
				continue
			}
			value, sent := m.Get("VALUE")
			if remove, _ := m.Get("DELETE"); flagValue(remove) == "Y" {
				value, sent = "", true
			}
			if !sent {
				continue
			}
			entry := wrap("typeId", typeID)
			if kind, ok := m.Get("VALUE_TYPE"); ok {
				entry.Set("valueType", kind)
			}
			entry.Set("value", value)
			key := fmt.Sprintf("n%d", fm.Len())
			if id, _ := m.Get("ID"); positiveID(id) {
				n, _ := asInt(id)
				key = strconv.FormatInt(n, 10)
			}
			fm.Set(key, entry)
		}
	}
	return fm
}

// whole lists the fields of a full answer: no multiple ones.
func (l *legacySet) whole(e *entity) []legacyField {
	return slices.DeleteFunc(l.of(e), func(f legacyField) bool { return f.described.multiple && !isCustom(f.name) })
}

// answer renders some fields of an item: nearly all values are strings.
func (l *legacySet) answer(e *entity, rec *record, fields []legacyField) *Map {
	m := new(Map)
	for _, f := range fields {
		m.Set(f.name, nil)
		if source := e.find(f.source); source != nil {
			m.Set(f.name, legacyValue(source, e.value(rec, source)))
		}
	}
	return m
}

// legacyValue turns a value of today into the legacy form. Dates without a value
// are empty texts, other fields null.
func legacyValue(f *field, v any) any {
	switch v := v.(type) {
	case nil:
		if c := f.typ.class(); c == classDay || c == classInstant {
			return ""
		}
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		if f.name == "opportunity" || f.name == "taxValue" {
			return strconv.FormatFloat(v, 'f', 2, 64)
		}
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []int64:
		return legacyList(f, v)
	case []any:
		return legacyList(f, v)
	case *Map:
		if f.typ == typeFile {
			return legacyFile(v)
		}
	}
	return v
}

func legacyList[T any](f *field, values []T) []any {
	list := make([]any, len(values))
	for i, v := range values {
		list[i] = legacyValue(f, v)
	}
	return list
}

// legacyFile renders a file: its id and two links.
func legacyFile(file *Map) *Map {
	id, _ := file.Get("id")
	url, _ := file.Get("url")
	m := wrap("id", id)
	m.Set("showUrl", url)
	m.Set("downloadUrl", url)
	return m
}

// legacyComms renders the communications of one type.
func legacyComms(rec *record, typeID string) []any {
	var rows []any
	for _, c := range rec.comms {
		if c.typeID != typeID {
			continue
		}
		m := wrap("ID", strconv.FormatInt(c.id, 10))
		m.Set("VALUE_TYPE", c.valueType)
		m.Set("VALUE", c.value)
		m.Set("TYPE_ID", c.typeID)
		rows = append(rows, m)
	}
	return rows
}
