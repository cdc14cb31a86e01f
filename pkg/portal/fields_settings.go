package portal

// companyEntity is the entity type of companies.
const companyEntity = 4

// settings returns what crm.item.fields shows below "settings", nil for most
// fields: the entity type that a link leads to, for parents and companies.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-fields.html.
func (f *field) settings() *Map {
	m := new(Map)
	switch {
	case f.parent != 0:
		m.Set("parentEntityTypeId", int64(f.parent))
	case f.name == "companyId":
		m.Set("parentEntityTypeId", companyEntity)
	case f.name == "mycompanyId":
		m.Set("isMyCompany", true)
		m.Set("parentEntityTypeId", companyEntity)
		m.Set("isEmbeddedEditorEnabled", true)
	default:
		return nil
	}
	return m
}
