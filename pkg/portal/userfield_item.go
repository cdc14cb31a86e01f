package portal

import "strconv"

// describeCustom renders a custom field as an entry of crm.item.fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html.
func (f *field) describeCustom() *Map {
	u := f.custom
	m := new(Map)
	m.Set("type", string(f.typ))
	m.Set("isRequired", f.required)
	m.Set("isReadOnly", false)
	m.Set("isImmutable", false)
	m.Set("isMultiple", f.multiple)
	m.Set("isDynamic", true)
	switch f.typ {
	case typeEnumeration:
		items := make([]any, len(u.options))
		for i, o := range u.options {
			items[i] = o.item()
		}
		m.Set("items", items)
	case typeStatus:
		m.Set("statusType", u.settingWord("ENTITY_TYPE"))
	}
	m.Set("title", f.title)
	m.Set("listLabel", u.word(labelColumn))
	m.Set("formLabel", u.word(labelEdit))
	m.Set("filterLabel", u.word(labelFilter))
	m.Set("settings", u.settings())
	m.Set("upperName", f.upper)
	return m
}

// item renders an option for crm.item.fields.
func (o option) item() *Map {
	m := wrap("ID", strconv.FormatInt(o.id, 10))
	m.Set("VALUE", o.value)
	return m
}
