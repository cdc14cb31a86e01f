package spec

import (
	"slices"
	"strings"
	"unicode"

	"github.com/b24apply/b24apply/pkg/value"
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

// titleKinds are the kinds for whose title people write NAME. Smart process items are
// not among them: their user fields have such codes.
var titleKinds = []string{"Deal", "Company", "Quote"}

// plainWords are what people write, in whatever case, with blanks, dashes or underscores in it.
var plainWords = []alias{
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

// beside are the keys of a record's spec that are easily written among its fields.
var beside = []string{"match", "adopt", "policy", "lifecycle", "type"}

// HintOfCode is FieldHint for a code in upper case that no user field of a portal has: it
// may be a word of people's.
func HintOfCode(k *Kind, code string) value.Message {
	return FieldHint(k, code).Or(FieldHint(k, strings.ToLower(code)))
}

// FieldHint says what a name that a kind does not have among its fields probably means:
// a field by another name, or what stands elsewhere. It is zero where nothing is known.
func FieldHint(k *Kind, name string) value.Message {
	if field := olderName(k, name); field != "" {
		return meant(k, field)
	}
	if field := named(k, plainWords, name, isTheWord); field != "" {
		return meant(k, field)
	}
	_, isPart := k.Part(name)
	if isPart || slices.Contains(beside, name) && k.HasFields() {
		return value.Say("stands-beside-fields", value.T("name", name))
	}
	switch name {
	case ProductsPart, RequisitesPart, AddressesPart, BankDetailsPart:
		return placeOf(k, name)
	}
	return value.Message{}
}

// meant names a field, or says why it is not written.
func meant(k *Kind, field string) value.Message {
	if field == AddressesPart {
		return placeOf(k, field)
	}
	if rule, ok := k.Field(field); ok && rule.Refuse != "" {
		return value.Say("is-refused", value.T("field", field), value.M("reason", value.Say(rule.Refuse)), value.M("hint", value.Say(rule.Hint)))
	}
	return didYouMean(quote(field))
}

// placeOf says where a part belongs that this kind does not have beside its fields.
func placeOf(k *Kind, part string) value.Message {
	_, hasRequisites := k.Part(RequisitesPart)
	_, has := k.Part(part)
	switch {
	case has && part == AddressesPart:
		return value.Say("write-addresses-beside")
	case hasRequisites && part == AddressesPart:
		return value.Say("addresses-of-requisite")
	case hasRequisites && part == BankDetailsPart:
		return value.Say("bank-details-of-requisite")
	case part == ProductsPart:
		return value.Say("have-no-product-rows", value.K("kinds", k.Name, k.Plural))
	}
	return value.Say("have-no-requisites", value.K("kinds", k.Name, k.Plural))
}

// olderName gives the field that the older API calls by a name, "" for none.
func olderName(k *Kind, name string) string {
	if name != strings.ToUpper(name) || strings.HasPrefix(name, "UF_") {
		return ""
	}
	if field := named(k, olderNames, name, isText); field != "" && (field != AddressesPart || hasAddresses(k)) {
		return field
	}
	if strings.HasPrefix(name, "PARENT_ID_") {
		return "parents"
	}
	if _, has := k.Field("title"); has && name == "NAME" && slices.Contains(titleKinds, k.Name) && !hasField(k, "name") {
		return "title"
	}
	for _, r := range k.Fields {
		if snake(r.Name) == name {
			return r.Name
		}
	}
	return ""
}

func hasAddresses(k *Kind) bool {
	return slices.ContainsFunc(k.Parts, func(p Part) bool { return p.Name == AddressesPart || p.Name == RequisitesPart })
}

func hasField(k *Kind, field string) bool {
	_, ok := k.Field(field)
	return ok
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
func OlderForm(name string) string { return snake(name) }

// snake writes a name as the older API does: STAGE_ID for stageId.
func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

// refuseOlder refuses a name of the older API among the fields of a record, where it
// would be taken for the code of a user field. It tells whether it is one.
func (d *document) refuseOlder(f Field, path []string) bool {
	field := olderName(d.kind, f.Name)
	if field == "" {
		return false
	}
	d.markReported(path)
	hint, full := meant(d.kind, field), "UF_CRM_"
	if d.kind.Space == "" {
		full += "{type}_"
	}
	how := "else-user-field-in-full"
	if hint.Code == suggestion {
		how = "user-field-in-full"
	}
	d.problem(f.Pos, f.Name, "unknown-field", value.Say(how, value.M("hint", hint), value.T("name", full+f.Name)),
		value.Say("is-older-name", value.T("kind", d.kind.Name), value.T("name", quote(f.Name)), value.T("field", field)))
	return true
}
