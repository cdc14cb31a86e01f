package kind

import (
	"cmp"
	"slices"
)

// The fields that several kinds have alike. What a kind has of its own stands in its file.
//
// The documentation gives a length for the title of a quote alone: 255, and what is longer is
// cut without a word (api-reference/crm/quote/crm-quote-add.md). Other titles, numbers and
// codes have the same bound here, and the names of people 50, so that nothing is cut.
//
// Source: api-reference/crm/universal/object-fields.md and crm-item-fields.md.

// ofEveryRecord are the fields that every record has.
var ofEveryRecord = stamped([]Rule{
	readOnly("id", TypeInteger, "Id", "records-are-found-by-name"),
	readOnly("entityTypeId", TypeInteger, "Entity type", "kind-says-it"),
	{Name: "opened", Type: TypeBoolean, Doc: "Whether everyone may see it"},
	{Name: "assignedById", Type: TypeUser, NoClear: true, Doc: "Responsible user: id, e-mail or exact full name"},
	readOnly("createdBy", TypeUser, "Created by"),
	readOnly("updatedBy", TypeUser, "Changed by"),
	readOnly("lastActivityBy", TypeUser, "Last activity by"),
	readOnly("createdTime", TypeDatetime, "Created at"),
	readOnly("updatedTime", TypeDatetime, "Changed at"),
	readOnly("lastActivityTime", TypeDatetime, "Last activity at"),
	readOnly("lastCommunicationTime", TypeString, "Last communication at"),
	{Name: "parents", Type: TypeParents, Doc: "Parent items by type: {deal: {ref: deal/a}}"},
})

// ofPeople name and describe a person.
var ofPeople = []Rule{
	{Name: "honorific", Type: TypeStatus, Dictionary: "HONORIFIC", Doc: "Salutation, from the HONORIFIC list"},
	{Name: "name", Type: TypeString, Length: 50, Doc: "First name"},
	{Name: "secondName", Type: TypeString, Length: 50, Doc: "Middle name"},
	{Name: "lastName", Type: TypeString, Length: 50, Doc: "Last name"},
	{Name: "birthdate", Type: TypeDate, Doc: "Date of birth"},
	{Name: "post", Type: TypeString, Length: 255, Doc: "Position"},
}

// ofContactData are the phones, e-mails, websites and messengers of a record, and what follows them.
var ofContactData = []Rule{
	readOnly("hasPhone", TypeBoolean, "Has a phone", "follows-phones"),
	readOnly("hasEmail", TypeBoolean, "Has an e-mail", "follows-emails"),
	readOnly("hasImol", TypeBoolean, "Has an open channel"),
	instead("fm", TypeMultifield, "Multi-fields", "use-contact-data"),
	{Name: "phones", Type: TypeMultifield, Multi: "PHONE", Doc: "All phone numbers"},
	{Name: "emails", Type: TypeMultifield, Multi: "EMAIL", Doc: "All e-mail addresses"},
	{Name: "websites", Type: TypeMultifield, Multi: "WEB", Doc: "All websites"},
	{Name: "messengers", Type: TypeMultifield, Multi: "IM", Doc: "All messengers"},
}

// ofOrigin carry the owner's mark.
var ofOrigin = []Rule{
	forMark("originatorId", "External source"),
	forMark("originId", "Id in the external source"),
}

// ofCampaigns tell which campaign brought the record; crm.item.fields does not name them.
var ofCampaigns = []Rule{
	{Name: "utmSource", Type: TypeString, Unlisted: true, NoClear: true, Doc: "UTM: advertising system"},
	{Name: "utmMedium", Type: TypeString, Unlisted: true, NoClear: true, Doc: "UTM: kind of traffic"},
	{Name: "utmCampaign", Type: TypeString, Unlisted: true, NoClear: true, Doc: "UTM: campaign"},
	{Name: "utmContent", Type: TypeString, Unlisted: true, NoClear: true, Doc: "UTM: content"},
	{Name: "utmTerm", Type: TypeString, Unlisted: true, NoClear: true, Doc: "UTM: search term"},
}

// ofAmounts are the amount of a record and its currency.
var ofAmounts = []Rule{
	{Name: "currencyId", Type: TypeCurrency, NoClear: true, Doc: "Currency, an ISO 4217 code"},
	{Name: "isManualOpportunity", Type: TypeBoolean, Doc: "Whether the amount is set by hand rather than summed from products"},
	{Name: AmountField, Type: TypeDouble, Follows: []string{ProductsPart, "isManualOpportunity"}, Doc: "Amount"},
}

// ofMoves tell who moved a record to its stage, and when.
var ofMoves = stamped([]Rule{
	readOnly("movedBy", TypeUser, "Moved by"),
	readOnly("movedTime", TypeDatetime, "Moved at"),
})

// ofSources tell where a record came from.
var ofSources = []Rule{
	{Name: "sourceId", Type: TypeStatus, Dictionary: "SOURCE", Doc: "Source, from the SOURCE list"},
	{Name: "sourceDescription", Type: TypeText, Doc: "About the source"},
}

// ofClients link a record to its company and contacts.
var ofClients = []Rule{
	{Name: "companyId", Type: TypeCompany, Doc: "Company"},
	instead("contactId", TypeContact, "Contact", "use-contact-ids-instead"),
	{Name: "contactIds", Type: TypeContact, Multiple: true, Doc: "Contacts, the main one first"},
	instead("contacts", TypeContact, "Contacts", "use-contact-ids"),
}

// ofPeriods are the first and the last day of a record.
var ofPeriods = []Rule{
	{Name: "begindate", Type: TypeDate, NoClear: true, Doc: "Start date"},
	{Name: "closedate", Type: TypeDate, NoClear: true, Follows: movesStage, Doc: "End date"},
}

// movesStage are the fields that move a record to another stage, as another pipeline does.
var movesStage = []string{PipelineField, StageField}

// fields gives the rules of several groups, sorted by name. A field for yes or no has no
// empty value.
func fields(groups ...[]Rule) []Rule {
	rules := slices.Concat(groups...)
	for i := range rules {
		rules[i].NoClear = rules[i].NoClear || rules[i].Type == TypeBoolean
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Name, b.Name) })
	return rules
}

// where gives rules for fields that exist where a property of the smart process is Y.
func where(flag string, rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		if rules[i].Refuse == "" {
			rules[i].Flag = flag
		}
	}
	return rules
}

// readOnly is a field that the portal sets itself; hint, if given, is what to do instead.
func readOnly(name string, typ FieldType, doc string, hint ...string) Rule {
	return Rule{Name: name, Type: typ, Doc: doc, Refuse: "is-read-only", Hint: append(hint, "remove-line")[0]}
}

// instead is a field that is written by way of another one, which the hint names.
func instead(name string, typ FieldType, doc, hint string) Rule {
	return Rule{Name: name, Type: typ, Doc: doc, Refuse: "is-not-written", Hint: hint}
}

// forMark is a field that carries the owner's mark, which b24apply writes itself.
func forMark(name, doc string, hint ...string) Rule {
	return Rule{Name: name, Type: TypeString, Doc: doc, Refuse: "carries-the-mark",
		Hint: append(hint, "keep-foreign-id-elsewhere")[0]}
}
