package kind

import (
	"cmp"
	"slices"
	"strings"
)

// columns are the kinds of the table below, in the order of its marks.
var columns = []string{"Lead", "Deal", "Contact", "Company", "Quote", "Invoice", "SPAItem"}

// A row is one system field of crm.item.* and, for each of columns, what may be
// done with it. A mark is "-" where the kind has no such field, or letters:
//
//	w  plain writable (so are d, a, s: the portal has a default, numbers it, moves it)
//	u  on one record of the kind at a time, and plain writable
//	e  writable, but emptying it is ignored
//	m  several values
//	I  settable on creation only
//	R  read-only
//	x  refused in favour of another field, which the hint names
//	k  the owner's mark, which b24apply writes itself
//
// The documentation gives a length for the title of a quote alone: 255, and what is longer is
// cut without a word (api-reference/crm/quote/crm-quote-add.md). Other titles, numbers and
// codes have the same bound here, and the names of people 50, so that nothing is cut.
//
// Source: api-reference/crm/universal/object-fields.md and crm-item-fields.md.
type row struct {
	name     string
	typ      FieldType
	on       string
	doc      string
	flag     string // SPAItem: Rule.Flag
	hint     string // x and R: the remedy
	max      int
	length   int    // Rule.Length
	multi    string // Rule.Multi
	dict     string // Rule.Dictionary
	unlisted bool   // Rule.Unlisted
}

var rows = []row{
	{name: "id", typ: TypeInteger, on: "R R R R R R R", doc: "Id", hint: "records are found by their metadata.name; remove this line"},
	{name: "entityTypeId", typ: TypeInteger, on: "R R R R R R R", doc: "Entity type", hint: "the kind says it (for an SPAItem, spec.type); remove this line"},
	{name: "title", typ: TypeString, on: "e e - e w e e", doc: "Title", length: 255},
	{name: "honorific", typ: TypeStatus, on: "w - w - - - -", doc: "Salutation, from the HONORIFIC list", dict: "HONORIFIC"},
	{name: "name", typ: TypeString, on: "w - w - - - -", doc: "First name", length: 50},
	{name: "secondName", typ: TypeString, on: "w - w - - - -", doc: "Middle name", length: 50},
	{name: "lastName", typ: TypeString, on: "w - d - - - -", doc: "Last name", length: 50},
	{name: "birthdate", typ: TypeDate, on: "w - w - - - -", doc: "Date of birth"},
	{name: "companyTitle", typ: TypeString, on: "w - - - - - -", doc: "Company name, as text", length: 255},
	{name: "sourceId", typ: TypeStatus, on: "d d d - - w w", doc: "Source, from the SOURCE list", flag: "isSourceEnabled", dict: "SOURCE"},
	{name: "sourceDescription", typ: TypeText, on: "w w w - - w w", doc: "About the source", flag: "isSourceEnabled"},
	{name: "stageId", typ: TypeStatus, on: "es es - - es es es", doc: "Stage: id, short code or exact title", flag: "isStagesEnabled"},
	{name: "statusDescription", typ: TypeText, on: "w - - - - - -", doc: "About the stage"},
	{name: "stageSemanticId", typ: TypeString, on: "R R - - - - -", doc: "Group of the stage", hint: "it follows stageId"},
	{name: "post", typ: TypeString, on: "w - w - - - -", doc: "Position", length: 255},
	{name: "currencyId", typ: TypeCurrency, on: "e e - e e e e", doc: "Currency, an ISO 4217 code", flag: "isLinkWithProductsEnabled"},
	{name: "isManualOpportunity", typ: TypeBoolean, on: "w w - - w w w", doc: "Whether the amount is set by hand rather than summed from products", flag: "isLinkWithProductsEnabled"},
	{name: "opportunity", typ: TypeDouble, on: "w w - - w w w", doc: "Amount", flag: "isLinkWithProductsEnabled"},
	{name: "opened", typ: TypeBoolean, on: "w w w w w w w", doc: "Whether everyone may see it"},
	{name: "comments", typ: TypeMarkup, on: "w w w w w w -", doc: "Comment"},
	{name: "hasPhone", typ: TypeBoolean, on: "R - R R - - -", doc: "Has a phone", hint: "it follows phones"},
	{name: "hasEmail", typ: TypeBoolean, on: "R - R R - - -", doc: "Has an e-mail", hint: "it follows emails"},
	{name: "hasImol", typ: TypeBoolean, on: "R - R R - - -", doc: "Has an open channel"},
	{name: "assignedById", typ: TypeUser, on: "e e e e e e e", doc: "Responsible user: id, e-mail or exact full name"},
	{name: "createdBy", typ: TypeUser, on: "R R R R R R R", doc: "Created by"},
	{name: "updatedBy", typ: TypeUser, on: "R R R R R R R", doc: "Changed by"},
	{name: "movedBy", typ: TypeUser, on: "R R - - - R R", doc: "Moved by"},
	{name: "lastActivityBy", typ: TypeUser, on: "R R R R R R R", doc: "Last activity by"},
	{name: "createdTime", typ: TypeDatetime, on: "R R R R R R R", doc: "Created at"},
	{name: "updatedTime", typ: TypeDatetime, on: "R R R R R R R", doc: "Changed at"},
	{name: "movedTime", typ: TypeDatetime, on: "R R - - - R R", doc: "Moved at"},
	{name: "lastActivityTime", typ: TypeDatetime, on: "R R R R R R R", doc: "Last activity at"},
	{name: "companyId", typ: TypeCompany, on: "w w x - w w w", doc: "Company", flag: "isClientEnabled", hint: "use companyIds: a contact may belong to several companies"},
	{name: "contactId", typ: TypeContact, on: "x x - - x x x", doc: "Contact", hint: "use contactIds: the portal replaces all contacts by this one"},
	{name: "contactIds", typ: TypeContact, on: "m m - m m m m", doc: "Contacts, the main one first", flag: "isClientEnabled"},
	{name: "contacts", typ: TypeContact, on: "x x - x x x x", doc: "Contacts", hint: "use contactIds"},
	{name: "isReturnCustomer", typ: TypeBoolean, on: "R R - - - - -", doc: "Is a returning customer"},
	{name: "dateClosed", typ: TypeDatetime, on: "R - - - - - -", doc: "Closed at"},
	{name: "originatorId", typ: TypeString, on: "k k k k - - -", doc: "External source"},
	{name: "originId", typ: TypeString, on: "k k k k - - -", doc: "Id in the external source"},
	{name: "webformId", typ: TypeInteger, on: "w R - - w w w", doc: "CRM form, its id"},
	{name: "observers", typ: TypeUser, on: "m m m m - m m", doc: "Observers: users by id, e-mail or exact full name", flag: "isObserversEnabled"},
	{name: "fm", typ: TypeMultifield, on: "x - x x - - -", doc: "Multi-fields", hint: "use phones, emails, websites or messengers"},
	{name: "lastCommunicationTime", typ: TypeString, on: "R R R R R R R", doc: "Last communication at"},
	{name: "typeId", typ: TypeStatus, on: "- d d d - - -", doc: "Type, from the DEAL_TYPE, CONTACT_TYPE or COMPANY_TYPE list", dict: "{KIND}_TYPE"},
	{name: "categoryId", typ: TypeCategory, on: "- e e e - e e", doc: "Pipeline: id, code or exact title"},
	{name: "previousStageId", typ: TypeStatus, on: "- R - - - R R", doc: "Previous stage"},
	{name: "isNew", typ: TypeBoolean, on: "- R - - - - -", doc: "Is new", hint: "it follows stageId"},
	{name: "isRecurring", typ: TypeBoolean, on: "- w - - - w w", doc: "Whether it is a template of a recurring one"},
	{name: "isRepeatedApproach", typ: TypeBoolean, on: "- R - - - - -", doc: "Is a repeated approach"},
	{name: "probability", typ: TypeInteger, on: "- w - - - - -", doc: "Probability in percent", max: 100},
	{name: "taxValue", typ: TypeDouble, on: "- R - - R R R", doc: "Tax amount", hint: "the portal computes it from the product rows; remove this line"},
	{name: "quoteId", typ: TypeQuote, on: "- w - - - - -", doc: "Quote that it came from"},
	{name: "begindate", typ: TypeDate, on: "- e - - e e e", doc: "Start date", flag: "isBeginCloseDatesEnabled"},
	{name: "closedate", typ: TypeDate, on: "- e - - e e e", doc: "End date", flag: "isBeginCloseDatesEnabled"},
	{name: "closed", typ: TypeBoolean, on: "- R - - R - -", doc: "Is closed", hint: "it follows stageId"},
	{name: "leadId", typ: TypeLead, on: "- w w w w - -", doc: "Lead that it came from"},
	{name: "additionalInfo", typ: TypeString, on: "- w - - - - -", doc: "Additional information"},
	{name: "repeatSaleSegmentId", typ: TypeString, on: "- R - - - - -", doc: "Repeat sale segment"},
	{name: "locationId", typ: TypeLocation, on: "- w - - w w -", doc: "Location, its id or code on the portal"},
	{name: "photo", typ: TypeFile, on: "- - w - - - -", doc: "Photo"},
	{name: "export", typ: TypeBoolean, on: "- - w - - - -", doc: "Whether it takes part in the export of contacts"},
	{name: "companyIds", typ: TypeCompany, on: "- - m - - - -", doc: "Companies, the main one first"},
	{name: "companies", typ: TypeCompany, on: "- - x - - - -", doc: "Companies", hint: "use companyIds"},
	{name: "originVersion", typ: TypeString, on: "- - w w - - -", doc: "Version of the data in the external source", length: 255},
	{name: "logo", typ: TypeFile, on: "- - - w - - -", doc: "Logo"},
	{name: "bankingDetails", typ: TypeString, on: "- - - x - - -", doc: "Bank details", hint: "the field is deprecated: bank details belong to requisites, beside fields"},
	{name: "industry", typ: TypeStatus, on: "- - - d - - -", doc: "Industry, from the INDUSTRY list", dict: "INDUSTRY"},
	{name: "employees", typ: TypeStatus, on: "- - - d - - -", doc: "Number of employees, from the EMPLOYEES list", dict: "EMPLOYEES"},
	{name: "revenue", typ: TypeDouble, on: "- - - w - - -", doc: "Annual turnover"},
	{name: "isMyCompany", typ: TypeBoolean, on: "- - - I - - -", doc: "Whether it is one of your own companies; set when the record is created"},
	{name: "quoteNumber", typ: TypeString, on: "- - - - au - -", doc: "Number, unique; the portal numbers by itself", length: 255},
	{name: "content", typ: TypeMarkup, on: "- - - - w - -", doc: "Content"},
	{name: "terms", typ: TypeMarkup, on: "- - - - w - -", doc: "Terms"},
	{name: "dealId", typ: TypeDeal, on: "- - - - w - -", doc: "Deal that it belongs to"},
	{name: "storageTypeId", typ: TypeInteger, on: "- - - - x - -", doc: "Kind of file storage", hint: "it lists files of the drive by their ids there; give files to a user field of type file"},
	{name: "storageElementIds", typ: TypeInteger, on: "- - - - x - -", doc: "Files on the drive", hint: "it lists files of the drive by their ids there; give files to a user field of type file"},
	{name: "personTypeId", typ: TypeInteger, on: "- - - - R - -", doc: "Payer type"},
	{name: "actualDate", typ: TypeDate, on: "- - - - e - -", doc: "Valid until"},
	{name: "mycompanyId", typ: TypeCompany, on: "- - - - d d d", doc: "Your company, which must be one of your own", flag: "isMycompanyEnabled"},
	{name: "xmlId", typ: TypeString, on: "- - - - - k k", doc: "External id"},
	{name: "accountNumber", typ: TypeString, on: "- - - - - au -", doc: "Number, unique; the portal numbers by itself", length: 255},
	{name: "utmSource", typ: TypeString, on: "e e e e e - -", doc: "UTM: advertising system", unlisted: true},
	{name: "utmMedium", typ: TypeString, on: "e e e e e - -", doc: "UTM: kind of traffic", unlisted: true},
	{name: "utmCampaign", typ: TypeString, on: "e e e e e - -", doc: "UTM: campaign", unlisted: true},
	{name: "utmContent", typ: TypeString, on: "e e e e e - -", doc: "UTM: content", unlisted: true},
	{name: "utmTerm", typ: TypeString, on: "e e e e e - -", doc: "UTM: search term", unlisted: true},
	{name: "phones", typ: TypeMultifield, on: "w - w w - - -", doc: "All phone numbers", multi: "PHONE"},
	{name: "emails", typ: TypeMultifield, on: "w - w w - - -", doc: "All e-mail addresses", multi: "EMAIL"},
	{name: "websites", typ: TypeMultifield, on: "w - w w - - -", doc: "All websites", multi: "WEB"},
	{name: "messengers", typ: TypeMultifield, on: "w - w w - - -", doc: "All messengers", multi: "IM"},
	{name: "parents", typ: TypeParents, on: "w w w w w w w", doc: "Parent items by type: {deal: {ref: deal/a}}"},
}

// recordRules gives the rules of one of columns, sorted by name.
func recordRules(kind string) []Rule {
	column := slices.Index(columns, kind)
	var rules []Rule
	for _, r := range rows {
		if mark := strings.Fields(r.on)[column]; mark != "-" {
			rules = append(rules, r.forMark(mark, kind))
		}
	}
	return sortedRules(rules)
}

func (r row) forMark(mark, kind string) Rule {
	rule := Rule{
		Name: r.name, Type: r.typ, Doc: r.doc, Multi: r.multi, Max: r.max, Length: r.length, Dictionary: strings.ReplaceAll(r.dict, "{KIND}", strings.ToUpper(kind)), Unlisted: r.unlisted,
		Multiple:  strings.Contains(mark, "m"),
		Immutable: strings.Contains(mark, "I"),
		Unique:    strings.Contains(mark, "u"),
		NoClear:   strings.Contains(mark, "e") || r.typ == TypeBoolean,
	}
	if kind == "SPAItem" {
		rule.Flag = r.flag
	}
	switch mark {
	case "R":
		rule.Refuse, rule.Hint = "is read-only: Bitrix24 sets it itself", cmp.Or(r.hint, "remove this line")
	case "x":
		rule.Refuse, rule.Hint = "is not written directly", r.hint
	case "k":
		rule.Refuse, rule.Hint = "is kept for b24apply's mark, by which it finds the record again", "remove this line; to keep a foreign id, use a user field"
	}
	return rule
}

// spaRules are the properties of a smart process type.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
func spaRules() []Rule {
	rules := []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title of the smart process"},
		{Name: "code", Type: TypeString, Length: 255, Doc: "Code: the same on every portal, so that the type is found again"},
		{Name: "entityTypeId", Type: TypeInteger, Immutable: true, NoClear: true, Doc: "Entity type id to create it with: 128 to 192, or an even number from 1030"},
		{Name: "relations", Type: TypeRelations, NoClear: true, Doc: "Kinds and smart processes that it is bound to"},
		{Name: "id", Type: TypeInteger, Refuse: "is read-only: Bitrix24 sets it itself", Hint: "pin entityTypeId instead"},
		{Name: "name", Type: TypeString, Refuse: "is read-only: Bitrix24 makes it from the title", Hint: "use title"},
	}
	for name, doc := range spaFlags {
		rules = append(rules, Rule{Name: name, Type: TypeBoolean, NoClear: true, Doc: doc})
	}
	return sortedRules(rules)
}

var spaFlags = map[string]string{
	"isAutomationEnabled":       "Robots and triggers",
	"isBeginCloseDatesEnabled":  "Fields begindate and closedate",
	"isBizProcEnabled":          "Business process designer",
	"isCategoriesEnabled":       "Several pipelines",
	"isClientEnabled":           "Fields companyId and contactIds",
	"isCountersEnabled":         "Counters",
	"isDocumentsEnabled":        "Printed documents",
	"isLinkWithProductsEnabled": "Products and amounts",
	"isMycompanyEnabled":        "Field mycompanyId",
	"isObserversEnabled":        "Field observers",
	"isPaymentsEnabled":         "Payments",
	"isRecyclebinEnabled":       "Recycle bin",
	"isSetOpenPermissions":      "New pipelines are open to everyone",
	"isSourceEnabled":           "Fields sourceId and sourceDescription",
	"isStagesEnabled":           "Stages and the kanban board",
	"isUseInUserfieldEnabled":   "Can be chosen in user fields",
}
