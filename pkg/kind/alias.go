package kind

import (
	"slices"
	"strings"
	"unicode"
)

// An alias is a name that people give to a field: of the older API, of the CRM's
// interface, or just a word. The first of the fields that a kind has is meant.
type alias struct {
	names  string // with blanks between them
	fields string
}

// olderNames are the names of the methods crm.lead.*, crm.deal.* and their kin which do
// not follow from today's: STAGE_ID is stageId by itself.
// Source: api-reference/crm/{leads,deals,contacts,companies,quote}/*-fields.md.
var olderNames = []alias{
	{"STATUS_ID", "stageId"},
	{"COMPANY_TYPE", "typeId"},
	{"CREATED_BY_ID", "createdBy"},
	{"MODIFY_BY_ID", "updatedBy"},
	{"MOVED_BY_ID", "movedBy"},
	{"DATE_CREATE", "createdTime"},
	{"DATE_MODIFY", "updatedTime"},
	{"PHONE", "phones"},
	{"EMAIL", "emails"},
	{"WEB", "websites"},
	{"IM", "messengers"},
	{"COMPANY_ID", "companyIds companyId"},
	{"CONTACT_ID", "contactIds"},
	{"ADDRESS ADDRESS_2 ADDRESS_CITY ADDRESS_POSTAL_CODE ADDRESS_REGION ADDRESS_PROVINCE ADDRESS_COUNTRY REG_ADDRESS", AddressesPart},
}

// words are what people write, in whatever case, with blanks, dashes or underscores in it.
var words = []alias{
	{"stage status statusId phase", "stageId"},
	{"amount sum total budget price value", "opportunity"},
	{"pipeline category funnel", "categoryId iblockSectionId"},
	{"responsible responsibleId assignee assigned assignedTo owner manager", "assignedById"},
	{"currency currencyCode", "currencyId purchasingCurrency"},
	{"name fullName", "title lastName"},
	{"title", "name"},
	{"company customer client account", "companyId companyIds"},
	{"contact contacts", "contactIds"},
	{"phone tel telephone mobile", "phones"},
	{"email mail", "emails"},
	{"website site web url", "websites"},
	{"messenger im", "messengers"},
	{"comment note notes description", "comments detailText"},
	{"type", "typeId"},
	{"source", "sourceId"},
	{"start startDate begin beginDate date issueDate", "begindate"},
	{"validUntil expires", "actualDate closedate dateActiveTo"},
	{"end endDate close closeDate deadline dueDate due payBefore", "closedate"},
	{"position jobTitle", "post"},
	{"firstName", "name"},
	{"surname familyName", "lastName"},
	{"middleName patronymic", "secondName"},
	{"birthday dateOfBirth", "birthdate"},
	{"turnover annualRevenue", "revenue"},
	{"number", "quoteNumber accountNumber"},
	{"parent", "parents"},
	{"section folder group", "iblockSectionId"},
	{"cost purchasePrice", "purchasingPrice"},
	{"stock", "quantity"},
	{"vat tax", "vatId"},
	{"unit", "measure"},
	{"address street city", AddressesPart},
}

// OlderName gives the field that the older API calls by a name, "" for none.
func (k *Kind) OlderName(name string) string {
	if name != strings.ToUpper(name) || strings.HasPrefix(name, "UF_") {
		return ""
	}
	if field := named(k, olderNames, name, isText); field != "" && (field != AddressesPart || hasAddresses(k)) {
		return field
	}
	if strings.HasPrefix(name, "PARENT_ID_") {
		return "parents"
	}
	if field := k.Older[name]; field != "" {
		return field
	}
	for _, r := range k.Fields {
		if OlderForm(r.Name) == name {
			return r.Name
		}
	}
	return ""
}

// Meant gives the field that people may mean by a word, in whatever case, with blanks, dashes
// or underscores in it; "" for none.
func (k *Kind) Meant(word string) string { return named(k, words, word, isTheWord) }

func hasAddresses(k *Kind) bool {
	return slices.ContainsFunc(k.Parts, func(p Part) bool { return p.Name == AddressesPart || p.Name == RequisitesPart })
}

func isText(known, name string) bool { return known == name }

// isTheWord compares a word with how somebody writes it: first_name is firstName.
func isTheWord(known, name string) bool {
	return strings.EqualFold(known, strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// named finds a name in a table and gives the first of its fields that the kind has.
func named(k *Kind, table []alias, name string, same func(known, name string) bool) string {
	for _, a := range table {
		if !slices.ContainsFunc(strings.Fields(a.names), func(known string) bool { return same(known, name) }) {
			continue
		}
		for _, field := range strings.Fields(a.fields) {
			if rule, ok := k.Field(field); ok && (rule.Refuse == "" || len(strings.Fields(a.fields)) == 1) || field == AddressesPart {
				return field
			}
		}
	}
	return ""
}

// OlderForm is how the older API writes a name: STAGE_ID for stageId.
func OlderForm(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}
