package portal

import "context"

// describeUserKinds answers crm.userfield.types.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-fields/crm-userfield-types.html.
func describeUserKinds(context.Context, *store, *call) (reply, error) {
	rows := []any{}
	for _, kind := range userKinds {
		if kind.legacy != "" {
			m := wrap("ID", kind.id)
			m.Set("title", kind.legacy)
			rows = append(rows, m)
		}
	}
	return reply{value: rows}, nil
}

// metaTypes gives the types that crm.userfield.fields names; all others are
// "char".
var metaTypes = map[string]string{
	"ID": "int", "SORT": "int", "ENTITY_ID": "string", "FIELD_NAME": "string", "USER_TYPE_ID": "string", "XML_ID": "string",
}

// describeUserFields answers crm.userfield.fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-fields/crm-userfield-fields.html.
func describeUserFields(context.Context, *store, *call) (reply, error) {
	m := new(Map)
	for _, f := range userFieldSet().list {
		typ := metaTypes[f.upper]
		switch {
		case f.name == "settings":
			continue
		case typ == "":
			typ = "char"
		}
		entry := metaEntry(typ, f.title)
		switch {
		case f.readOnly:
			entry.Set("isReadOnly", true)
		case f.immutable && f.name != "multiple":
			entry.Set("isImmutable", true)
		}
		m.Set(f.upper, entry)
	}
	for _, kind := range labelKinds {
		m.Set(kind.upper, metaEntry("string", kind.title))
	}
	list := metaEntry("uf_enum_element", "List elements")
	list.Set("isMultiple", true)
	m.Set("LIST", list)
	m.Set("SETTINGS", metaEntry("object", userFieldSet().byName["settings"].title))
	return reply{value: m}, nil
}

func metaEntry(typ, title string) *Map {
	m := wrap("type", typ)
	m.Set("title", title)
	return m
}

// describeUserSettings answers crm.userfield.settings.fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-fields/crm-userfield-settings-fields.html.
func describeUserSettings(_ context.Context, _ *store, c *call) (reply, error) {
	v, _ := c.fold("type")
	id, _ := asString(v)
	if id == "" {
		return reply{}, legacyFault("Parameter 'type' is not specified or empty.")
	}
	m := new(Map)
	kind, _ := userKind(id)
	for _, row := range kind.settings {
		if row.typ != "" {
			m.Set(row.key, metaEntry(row.typ, row.title))
		}
	}
	return reply{value: m}, nil
}

// describeUserOptions answers crm.userfield.enumeration.fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-fields/crm-userfield-enumeration-fields.html.
func describeUserOptions(context.Context, *store, *call) (reply, error) {
	id := metaEntry("int", "ID")
	id.Set("isReadOnly", true)
	m := wrap("ID", id)
	m.Set("SORT", metaEntry("int", "Sorting"))
	m.Set("VALUE", metaEntry("string", "Value"))
	m.Set("DEF", metaEntry("string", "Default Value"))
	m.Set("DEL", metaEntry("string", "Element Deletion Flag"))
	return reply{value: m}, nil
}
