package portal

import (
	"slices"
	"strings"
	"sync"
)

// legacyColumns gives the entity type of each column of the legacy table.
var legacyColumns = []struct {
	etid int
	name string
}{{1, "lead"}, {2, "deal"}, {3, "contact"}, {4, "company"}, {7, "quote"}}

// A legacyRow is one field of the methods crm.{lead,deal,contact,company,quote}.*:
// its name there, the field of the item that it shows, and per entity type the
// letters of the field table. N stands for a field that exists but is always
// empty, since its data lives elsewhere today.
type legacyRow struct {
	name, field string
	cells       string // lead, deal, contact, company, quote
	typ         fieldType
	title       string
}

// legacyTable is what the pages of the five fields methods say.
// Source: https://apidocs.bitrix24.com/api-reference/crm/main-entities-fields.html.
var legacyTable = []legacyRow{
	//                                  L D C CO Q
	{name: "ID", field: "id", cells: "R R R R R"},
	{name: "QUOTE_NUMBER", field: "quoteNumber", cells: "- - - - R"},
	{name: "TITLE", field: "title", cells: "w w - Q Q"},
	{name: "HONORIFIC", field: "honorific", cells: "w - w - -"},
	{name: "NAME", field: "name", cells: "w - Q - -"},
	{name: "SECOND_NAME", field: "secondName", cells: "w - Q - -"},
	{name: "LAST_NAME", field: "lastName", cells: "w - Q - -"},
	{name: "PHOTO", field: "photo", cells: "- - w - -"},
	{name: "LOGO", field: "logo", cells: "- - - w -"},
	{name: "BIRTHDATE", field: "birthdate", cells: "w - w - -"},
	{name: "COMPANY_TITLE", field: "companyTitle", cells: "w - - - -"},
	{name: "TYPE_ID", field: "typeId", cells: "- w w - -"},
	{name: "COMPANY_TYPE", field: "typeId", cells: "- - - w -"},
	{name: "CATEGORY_ID", field: "categoryId", cells: "- I - - -"},
	{name: "STAGE_ID", field: "stageId", cells: "- w - - -"},
	{name: "STAGE_SEMANTIC_ID", field: "stageSemanticId", cells: "- R - - -"},
	{name: "STATUS_ID", field: "stageId", cells: "w - - - w"},
	{name: "STATUS_DESCRIPTION", field: "statusDescription", cells: "w - - - -"},
	{name: "STATUS_SEMANTIC_ID", field: "stageSemanticId", cells: "R - - - -"},
	{name: "IS_NEW", field: "isNew", cells: "- R - - -"},
	{name: "IS_RECURRING", field: "isRecurring", cells: "- w - - -"},
	{name: "IS_RETURN_CUSTOMER", field: "isReturnCustomer", cells: "R w - - -"},
	{name: "IS_REPEATED_APPROACH", field: "isRepeatedApproach", cells: "- w - - -"},
	{name: "PROBABILITY", field: "probability", cells: "- w - - -"},
	{name: "INDUSTRY", field: "industry", cells: "- - - w -"},
	{name: "EMPLOYEES", field: "employees", cells: "- - - w -"},
	{name: "CURRENCY_ID", field: "currencyId", cells: "w w - w w"},
	{name: "REVENUE", field: "revenue", cells: "- - - w -"},
	{name: "OPPORTUNITY", field: "opportunity", cells: "w w - - w"},
	{name: "IS_MANUAL_OPPORTUNITY", field: "isManualOpportunity", cells: "w w - - -"},
	{name: "TAX_VALUE", field: "taxValue", cells: "- w - - w"},
	{name: "COMPANY_ID", field: "companyId", cells: "w w x - w"},
	{name: "COMPANY_IDS", field: "companyIds", cells: "- - m - -"},
	{name: "MYCOMPANY_ID", field: "mycompanyId", cells: "- - - - w"},
	{name: "CONTACT_ID", field: "contactId", cells: "x x - - x"},
	{name: "CONTACT_ID", field: "contactIds", cells: "- - - m -"},
	{name: "CONTACT_IDS", field: "contactIds", cells: "m m - - m"},
	{name: "QUOTE_ID", field: "quoteId", cells: "- R - - -"},
	{name: "LEAD_ID", field: "leadId", cells: "- R R R w"},
	{name: "DEAL_ID", field: "dealId", cells: "- - - - w"},
	{name: "BEGINDATE", field: "begindate", cells: "- w - - w"},
	{name: "CLOSEDATE", field: "closedate", cells: "- w - - w"},
	{name: "ACTUAL_DATE", field: "actualDate", cells: "- - - - w"},
	{name: "OPENED", field: "opened", cells: "w w w w w"},
	{name: "CLOSED", field: "closed", cells: "- w - - w"},
	{name: "EXPORT", field: "export", cells: "- - w - -"},
	{name: "IS_MY_COMPANY", field: "isMyCompany", cells: "- - - w -"},
	{name: "HAS_PHONE", field: "hasPhone", cells: "R - R R -"},
	{name: "HAS_EMAIL", field: "hasEmail", cells: "R - R R -"},
	{name: "HAS_IMOL", field: "hasImol", cells: "R - R R -"},
	{name: "POST", field: "post", cells: "w - w - -"},
	{name: "COMMENTS", field: "comments", cells: "w w w w w"},
	{name: "CONTENT", field: "content", cells: "- - - - w"},
	{name: "TERMS", field: "terms", cells: "- - - - w"},
	{name: "SOURCE_ID", field: "sourceId", cells: "w w w - -"},
	{name: "SOURCE_DESCRIPTION", field: "sourceDescription", cells: "w w w - -"},
	{name: "ADDITIONAL_INFO", field: "additionalInfo", cells: "- w - - -"},
	{name: "BANKING_DETAILS", field: "bankingDetails", cells: "- - - w -"},
	{name: "LOCATION_ID", field: "locationId", cells: "- w - - w"},
	{name: "PERSON_TYPE_ID", field: "personTypeId", cells: "- - - - w"},
	{name: "ADDRESS", cells: "N - N N -", typ: typeString, title: "Address"},
	{name: "ADDRESS_2", cells: "N - N N -", typ: typeString, title: "Address (line 2)"},
	{name: "ADDRESS_CITY", cells: "N - N N -", typ: typeString, title: "City"},
	{name: "ADDRESS_POSTAL_CODE", cells: "N - N N -", typ: typeString, title: "Postal code"},
	{name: "ADDRESS_REGION", cells: "N - N N -", typ: typeString, title: "Region"},
	{name: "ADDRESS_PROVINCE", cells: "N - N N -", typ: typeString, title: "Province"},
	{name: "ADDRESS_COUNTRY", cells: "N - N N -", typ: typeString, title: "Country"},
	{name: "ADDRESS_COUNTRY_CODE", cells: "N - - N -", typ: typeString, title: "Country code"},
	{name: "ADDRESS_LOC_ADDR_ID", cells: "N - N N -", typ: typeInteger, title: "Location address ID"},
	{name: "ADDRESS_LEGAL", cells: "- - - N -", typ: typeString, title: "Legal address"},
	{name: "REG_ADDRESS", cells: "- - - N -", typ: typeString, title: "Legal address"},
	{name: "REG_ADDRESS_2", cells: "- - - N -", typ: typeString, title: "Legal address (line 2)"},
	{name: "REG_ADDRESS_CITY", cells: "- - - N -", typ: typeString, title: "Legal address: city"},
	{name: "REG_ADDRESS_POSTAL_CODE", cells: "- - - N -", typ: typeString, title: "Legal address: postal code"},
	{name: "REG_ADDRESS_REGION", cells: "- - - N -", typ: typeString, title: "Legal address: region"},
	{name: "REG_ADDRESS_PROVINCE", cells: "- - - N -", typ: typeString, title: "Legal address: province"},
	{name: "REG_ADDRESS_COUNTRY", cells: "- - - N -", typ: typeString, title: "Legal address: country"},
	{name: "REG_ADDRESS_COUNTRY_CODE", cells: "- - - N -", typ: typeString, title: "Legal address: country code"},
	{name: "REG_ADDRESS_LOC_ADDR_ID", cells: "- - - N -", typ: typeInteger, title: "Legal address: location ID"},
	{name: "CLIENT_TITLE", cells: "- - - - N", typ: typeString, title: "Client"},
	{name: "CLIENT_ADDR", cells: "- - - - N", typ: typeString, title: "Address"},
	{name: "CLIENT_CONTACT", cells: "- - - - N", typ: typeString, title: "Contact person"},
	{name: "CLIENT_EMAIL", cells: "- - - - N", typ: typeString, title: "E-mail"},
	{name: "CLIENT_PHONE", cells: "- - - - N", typ: typeString, title: "Phone"},
	{name: "CLIENT_TP_ID", cells: "- - - - N", typ: typeString, title: "Tax ID"},
	{name: "CLIENT_TPA_ID", cells: "- - - - N", typ: typeString, title: "KPP"},
	{name: "ASSIGNED_BY_ID", field: "assignedById", cells: "w w w w w"},
	{name: "CREATED_BY_ID", field: "createdBy", cells: "R R R R R"},
	{name: "MODIFY_BY_ID", field: "updatedBy", cells: "R R R R R"},
	{name: "MOVED_BY_ID", field: "movedBy", cells: "R R - - -"},
	{name: "DATE_CREATE", field: "createdTime", cells: "R R R R R"},
	{name: "DATE_MODIFY", field: "updatedTime", cells: "R R R R R"},
	{name: "MOVED_TIME", field: "movedTime", cells: "R R - - -"},
	{name: "DATE_CLOSED", field: "dateClosed", cells: "R - - - -"},
	{name: "ORIGINATOR_ID", field: "originatorId", cells: "w w w w -"},
	{name: "ORIGIN_ID", field: "originId", cells: "w w w w -"},
	{name: "ORIGIN_VERSION", field: "originVersion", cells: "- - w w -"},
	{name: "FACE_ID", cells: "- - N - -", typ: typeInteger, title: "Face"},
	{name: "UTM_SOURCE", field: "utmSource", cells: "w w w w w"},
	{name: "UTM_MEDIUM", field: "utmMedium", cells: "w w w w w"},
	{name: "UTM_CAMPAIGN", field: "utmCampaign", cells: "w w w w w"},
	{name: "UTM_CONTENT", field: "utmContent", cells: "w w w w w"},
	{name: "UTM_TERM", field: "utmTerm", cells: "w w w w w"},
	{name: "LAST_ACTIVITY_TIME", field: "lastActivityTime", cells: "R R R R R"},
	{name: "LAST_ACTIVITY_BY", field: "lastActivityBy", cells: "R R R R R"},
	{name: "LAST_COMMUNICATION_TIME", field: "lastCommunicationTime", cells: "- - - R R"},
}

// A legacySet is the fields of one entity type by their legacy names.
type legacySet struct {
	name   string // "deal": the middle of the method names
	etid   int
	fields []legacyField
}

// A legacyField is a field under its legacy name. The flags of its description
// are those of the legacy methods; source is empty if there is no data.
type legacyField struct {
	name, source string
	described    *field
}

func (f legacyField) writable(update bool) bool {
	d := f.described
	return f.source != "" && !d.readOnly && !(update && d.immutable)
}

// legacySets lists the entity types that have legacy methods.
var legacySets = sync.OnceValue(func() []*legacySet {
	var sets []*legacySet
	for i, column := range legacyColumns {
		set := &legacySet{name: column.name, etid: column.etid}
		for _, row := range legacyTable {
			if cell := strings.Fields(row.cells)[i]; cell != "-" {
				set.fields = append(set.fields, row.legacyField(column.etid, cell))
			}
		}
		sets = append(sets, set)
	}
	return sets
})

// legacyField makes the field that one cell of a row describes.
func (r legacyRow) legacyField(etid int, cell string) legacyField {
	d := &field{name: r.name, upper: r.name, typ: r.typ, title: r.title}
	if source := systemFields()[etid].byName[r.field]; source != nil {
		d.typ, d.title, d.dict = source.typ, source.title, source.dict
	}
	if d.typ.class() == classFlag {
		d.typ = "char"
	}
	if cell == "N" {
		return legacyField{name: r.name, described: d}
	}
	for _, letter := range cell {
		d.set(letter)
	}
	return legacyField{name: r.name, source: r.field, described: d}
}

// of returns the fields of an entity type in the order of answers: those of the
// table, and under their upper names what the portal's users added.
func (l *legacySet) of(e *entity) []legacyField {
	fields := slices.Clone(l.fields)
	for _, f := range e.visible() {
		if f.parent != 0 || isCustom(f.upper) {
			fields = append(fields, legacyField{name: f.upper, source: f.name, described: f})
		}
	}
	return fields
}

// isCustom reports whether a name in upper case is one of a custom field.
func isCustom(upper string) bool { return strings.HasPrefix(upper, "UF_") }

// find returns the field of the item that a legacy name shows, nil for none.
func (l *legacySet) find(e *entity, name string) *field {
	for _, f := range l.of(e) {
		if f.name == name && f.source != "" {
			return e.find(f.source)
		}
	}
	return nil
}
