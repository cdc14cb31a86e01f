package portal

// spaColumn stands for every smart process in the field table.
const spaColumn = 128

// tableColumns gives the entityTypeId of each column of the field table.
var tableColumns = [...]int{1, 2, 3, 4, 7, 31, spaColumn}

// A fieldRow is one line of the field table: a field and, per entity type, the
// letters of its flags:
//
//   - absent                      w  plain writable
//     R  read-only                   I  immutable after creation
//     Q  flagged required            d  filled by the portal on add
//     e  cannot be emptied           m  multiple
//     x  deprecated                  H  not listed by crm.item.fields
//     A  listed but never stored     B  BBCode
//     0  empty reads as number 0     E  empty reads as ""
type fieldRow struct {
	name  string
	typ   fieldType
	title string
	cells string // lead, deal, contact, company, quote, invoice, smart process
	dict  string
	flag  string
	max   int
}

// Settings of a smart process that fields depend on.
const (
	flagStages    = "isStagesEnabled"
	flagDates     = "isBeginCloseDatesEnabled"
	flagClient    = "isClientEnabled"
	flagObservers = "isObserversEnabled"
	flagProducts  = "isLinkWithProductsEnabled"
	flagMycompany = "isMycompanyEnabled"
	flagSource    = "isSourceEnabled"
)

// typeDictionaries names the dictionary behind typeId.
var typeDictionaries = map[int]string{2: "DEAL_TYPE", 3: "CONTACT_TYPE", 4: "COMPANY_TYPE"}

// fieldTable is what crm.item.fields and the object fields page say about the
// system fields.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/object-fields.html.
var fieldTable = []fieldRow{
	//       L  D  C  CO Q  SI smart process
	{cells: "R  R  R  R  R  R  R ", name: "id", typ: typeInteger, title: "ID"},
	{cells: "-  -  -  -  -  wE wE", name: "xmlId", typ: typeString, title: "External code", max: 255},
	{cells: "de de -  de w  de de", name: "title", typ: typeString, title: "Name", max: 255},
	{cells: "w  -  w  -  -  -  - ", name: "honorific", typ: typeStatus, title: "Salutation", dict: "HONORIFIC", max: 128},
	{cells: "w  -  w  -  -  -  - ", name: "name", typ: typeString, title: "First name", max: 50},
	{cells: "w  -  w  -  -  -  - ", name: "secondName", typ: typeString, title: "Second name", max: 50},
	{cells: "w  -  d  -  -  -  - ", name: "lastName", typ: typeString, title: "Last name", max: 50},
	{cells: "w  -  w  -  -  -  - ", name: "birthdate", typ: typeDate, title: "Date of birth"},
	{cells: "w  -  -  -  -  -  - ", name: "companyTitle", typ: typeString, title: "Company name", max: 255},
	{cells: "-  -  w  -  -  -  - ", name: "photo", typ: typeFile, title: "Photo"},
	{cells: "-  -  -  w  -  -  - ", name: "logo", typ: typeFile, title: "Logo"},
	{cells: "R  R  R  R  R  R  R ", name: "createdTime", typ: typeDatetime, title: "Created on"},
	{cells: "R  R  R  R  R  R  R ", name: "updatedTime", typ: typeDatetime, title: "Modified on"},
	{cells: "R  R  -  -  -  R  R ", name: "movedTime", typ: typeDatetime, title: "Stage changed on", flag: flagStages},
	{cells: "R  R  R  R  R  R  R ", name: "createdBy", typ: typeUser, title: "Created by"},
	{cells: "R  R  R  R  R  R  R ", name: "updatedBy", typ: typeUser, title: "Modified by"},
	{cells: "R  R  -  -  -  R  R ", name: "movedBy", typ: typeUser, title: "Stage changed by", flag: flagStages},
	{cells: "ed ed ed ed ed ed ed", name: "assignedById", typ: typeUser, title: "Responsible person"},
	{cells: "Q  Q  Q  Q  Q  Q  Q ", name: "opened", typ: typeBoolean, title: "Available to everyone"},
	{cells: "-  w  w  w  w  -  - ", name: "leadId", typ: typeLead, title: "Lead"},
	{cells: "-  -  -  -  w  -  - ", name: "dealId", typ: typeDeal, title: "Deal"},
	{cells: "w0 w  x  -  w  w  w ", name: "companyId", typ: typeCompany, title: "Company", flag: flagClient},
	{cells: "x0 x  -  -  x  x  x ", name: "contactId", typ: typeContact, title: "Contact", flag: flagClient},
	{cells: "-  w  -  -  -  -  - ", name: "quoteId", typ: typeQuote, title: "Quote"},
	{cells: "-  d  d  d  -  d  d ", name: "categoryId", typ: typeCategory, title: "Pipeline"},
	{cells: "w  w  -  -  dw w  w ", name: "stageId", typ: typeStatus, title: "Stage", flag: flagStages, max: 50},
	{cells: "-  RE -  -  -  RE RE", name: "previousStageId", typ: typeStatus, title: "Previous stage", flag: flagStages, max: 50},
	{cells: "R  R  -  -  -  -  - ", name: "stageSemanticId", typ: typeString, title: "Stage group"},
	{cells: "w  -  -  -  -  -  - ", name: "statusDescription", typ: typeText, title: "More about this stage"},
	{cells: "-  R  -  -  -  -  - ", name: "isNew", typ: typeBoolean, title: "New deal"},
	{cells: "-  w  -  -  -  w  w ", name: "isRecurring", typ: typeBoolean, title: "Recurring"},
	{cells: "R  R  -  -  -  -  - ", name: "isReturnCustomer", typ: typeBoolean, title: "Repeat"},
	{cells: "-  R  -  -  -  -  - ", name: "isRepeatedApproach", typ: typeBoolean, title: "Repeat inquiry"},
	{cells: "-  R  -  -  R  -  - ", name: "closed", typ: typeBoolean, title: "Closed"},
	{cells: "R  R  -  -  -  -  - ", name: "dateClosed", typ: typeDatetime, title: "Closed on"},
	{cells: "-  d  d  d  -  -  - ", name: "typeId", typ: typeStatus, title: "Type", max: 50},
	{cells: "-  -  -  d  -  -  - ", name: "industry", typ: typeStatus, title: "Industry", dict: "INDUSTRY", max: 50},
	{cells: "-  -  -  d  -  -  - ", name: "employees", typ: typeStatus, title: "Employees", dict: "EMPLOYEES", max: 50},
	{cells: "-  -  -  w0 -  -  - ", name: "revenue", typ: typeDouble, title: "Annual revenue"},
	{cells: "w0 w0 -  -  w0 w0 w0", name: "opportunity", typ: typeDouble, title: "Amount", flag: flagProducts},
	{cells: "w  w  -  -  w  w  w ", name: "isManualOpportunity", typ: typeBoolean, title: "Amount entered manually", flag: flagProducts},
	{cells: "-  w0 -  -  w0 w0 w0", name: "taxValue", typ: typeDouble, title: "Tax", flag: flagProducts},
	{cells: "de de -  de de de de", name: "currencyId", typ: typeCurrency, title: "Currency", flag: flagProducts, max: 50},
	{cells: "-  w  -  -  -  -  - ", name: "probability", typ: typeInteger, title: "Probability, %"},
	{cells: "wB wB wB wB wB wB - ", name: "comments", typ: typeText, title: "Comment"},
	{cells: "-  -  -  -  wB -  - ", name: "content", typ: typeText, title: "Contents"},
	{cells: "-  -  -  -  wB -  - ", name: "terms", typ: typeText, title: "Terms"},
	{cells: "-  ed -  -  ed ed ed", name: "begindate", typ: typeDate, title: "Start date", flag: flagDates},
	{cells: "-  ed -  -  ed ed ed", name: "closedate", typ: typeDate, title: "End date", flag: flagDates},
	{cells: "-  -  -  -  ed -  - ", name: "actualDate", typ: typeDate, title: "Valid until"},
	{cells: "-  w  -  -  w  w  - ", name: "locationId", typ: typeLocation, title: "Location", max: 100},
	{cells: "-  -  -  -  w  -  - ", name: "quoteNumber", typ: typeString, title: "Number", max: 100},
	{cells: "-  -  -  -  -  w  - ", name: "accountNumber", typ: typeString, title: "Number", max: 100},
	{cells: "-  -  -  -  w  -  - ", name: "storageTypeId", typ: typeInteger, title: "Storage type"},
	{cells: "-  -  -  -  m  -  - ", name: "storageElementIds", typ: typeInteger, title: "Files"},
	{cells: "-  -  -  -  R  -  - ", name: "personTypeId", typ: typeInteger, title: "Payer type"},
	{cells: "-  -  -  -  d0 d0 d0", name: "mycompanyId", typ: typeCompany, title: "My company", flag: flagMycompany},
	{cells: "-  -  -  Id -  -  - ", name: "isMyCompany", typ: typeBoolean, title: "My company"},
	{cells: "d  d  d  -  -  wE wE", name: "sourceId", typ: typeStatus, title: "Source", dict: "SOURCE", flag: flagSource, max: 50},
	{cells: "w  w  w  -  -  wE wE", name: "sourceDescription", typ: typeText, title: "Source information", flag: flagSource},
	{cells: "-  w  -  -  -  -  - ", name: "additionalInfo", typ: typeString, title: "More information"},
	{cells: "-  -  -  x  -  -  - ", name: "bankingDetails", typ: typeString, title: "Payment details"},
	{cells: "w  -  w  -  -  -  - ", name: "post", typ: typeString, title: "Position", max: 255},
	{cells: "-  -  d  -  -  -  - ", name: "export", typ: typeBoolean, title: "Include in export"},
	{cells: "w0 -  -  -  w  w0 w0", name: "webformId", typ: typeInteger, title: "Created by CRM form"},
	{cells: "w  w  w  w  -  -  - ", name: "originatorId", typ: typeString, title: "External source", max: 255},
	{cells: "w  w  w  w  -  -  - ", name: "originId", typ: typeString, title: "Item ID in data source", max: 255},
	{cells: "-  -  w  w  -  -  - ", name: "originVersion", typ: typeString, title: "Original version", max: 255},
	{cells: "R  -  R  R  -  -  - ", name: "hasPhone", typ: typeBoolean, title: "Has phone"},
	{cells: "R  -  R  R  -  -  - ", name: "hasEmail", typ: typeBoolean, title: "Has e-mail"},
	{cells: "R  -  R  R  -  -  - ", name: "hasImol", typ: typeBoolean, title: "Has open channel"},
	{cells: "R  R  R  R  R  R  R ", name: "lastActivityBy", typ: typeUser, title: "Last timeline activity by"},
	{cells: "R  R  R  R  R  R  R ", name: "lastActivityTime", typ: typeDatetime, title: "Last activity"},
	{cells: "R  R  R  R  R  R  R ", name: "lastCommunicationTime", typ: typeString, title: "Last contact"},
	{cells: "wH wH wH wH wH -  - ", name: "utmSource", typ: typeString, title: "UTM Source", max: 1000},
	{cells: "wH wH wH wH wH -  - ", name: "utmMedium", typ: typeString, title: "UTM Medium", max: 1000},
	{cells: "wH wH wH wH wH -  - ", name: "utmCampaign", typ: typeString, title: "UTM Campaign", max: 1000},
	{cells: "wH wH wH wH wH -  - ", name: "utmContent", typ: typeString, title: "UTM Content", max: 1000},
	{cells: "wH wH wH wH wH -  - ", name: "utmTerm", typ: typeString, title: "UTM Term", max: 1000},
	{cells: "m  -  m  m  -  -  - ", name: "fm", typ: typeMultifield, title: "Communications"},
	{cells: "m  m  m  m  -  m  m ", name: "observers", typ: typeUser, title: "Observers", flag: flagObservers},
	{cells: "m  m  -  m  m  m  m ", name: "contactIds", typ: typeContact, title: "Contacts", flag: flagClient},
	{cells: "mA mA -  mA mA mA mA", name: "contacts", typ: typeContact, title: "Contacts", flag: flagClient},
	{cells: "-  -  m  -  -  -  - ", name: "companyIds", typ: typeCompany, title: "Companies"},
	{cells: "-  -  mA -  -  -  - ", name: "companies", typ: typeCompany, title: "Companies"},
}

// retiredKeys are answered as null whatever the item holds.
var retiredKeys = map[int][]string{
	1: {"dateCreateShort", "dateModifyShort", "isConvert", "productId", "shortName", "address", "login", "searchContent"},
	2: {
		"dateCreateShort", "dateModifyShort", "productId", "begindateShort", "closedateShort", "eventDate",
		"eventDateShort", "eventId", "eventDescription", "webformId", "searchContent", "orderStage", "isWork",
		"isWon", "isLose", "receivedAmount", "lostAmount", "hasProducts",
	},
	3: {"shortName", "address", "login", "searchContent"},
	4: {"address", "addressLegal", "searchContent"},
	7: {"dateCreateShort", "dateModifyShort", "begindateShort", "closedateShort", "searchContent", "hasProducts"},
}

// appendedKeys are in every answer; a field of the same name gives the value,
// otherwise it is null.
var appendedKeys = []string{
	"utmSource", "utmMedium", "utmCampaign", "utmContent", "utmTerm",
	"lastCommunicationCallTime", "lastCommunicationEmailTime", "lastCommunicationImolTime",
	"lastCommunicationWebformTime",
}

// typeTable is the field table of smart process types, one column only.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/user-defined-object-types/crm-type-fields.html.
var typeTable = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "title", typ: typeString, title: "Title", cells: "Q", max: 255},
	{name: "code", typ: typeString, title: "Symbolic code", cells: "wE", max: 255},
	{name: "createdBy", typ: typeUser, title: "Created by", cells: "R"},
	{name: "entityTypeId", typ: typeInteger, title: "Type identifier", cells: "QI"},
	{name: "customSectionId", typ: typeInteger, title: "Digital workplace", cells: "w"},
	{name: "isCategoriesEnabled", typ: typeBoolean, title: "Use custom pipelines and sales tunnels", cells: "w"},
	{name: flagStages, typ: typeBoolean, title: "Use custom stages and kanban", cells: "w"},
	{name: flagDates, typ: typeBoolean, title: "Fields “Start date” and “End date”", cells: "w"},
	{name: flagClient, typ: typeBoolean, title: "Field “Client”", cells: "w"},
	{name: "isUseInUserfieldEnabled", typ: typeBoolean, title: "Use in custom fields", cells: "w"},
	{name: flagProducts, typ: typeBoolean, title: "Link with catalog products", cells: "w"},
	{name: flagMycompany, typ: typeBoolean, title: "Field “My company”", cells: "w"},
	{name: "isDocumentsEnabled", typ: typeBoolean, title: "Printable documents", cells: "w"},
	{name: flagSource, typ: typeBoolean, title: "Fields “Source” and “Source information”", cells: "w"},
	{name: flagObservers, typ: typeBoolean, title: "Field “Observers”", cells: "w"},
	{name: "isRecyclebinEnabled", typ: typeBoolean, title: "Use recycle bin", cells: "w"},
	{name: "isAutomationEnabled", typ: typeBoolean, title: "Use automation rules and triggers", cells: "w"},
	{name: "isBizProcEnabled", typ: typeBoolean, title: "Use workflow designer", cells: "w"},
	{name: "isSetOpenPermissions", typ: typeBoolean, title: "Make new pipelines available to everyone", cells: "w"},
	{name: "isPaymentsEnabled", typ: typeBoolean, title: "Accept payments", cells: "w"},
	{name: "isCountersEnabled", typ: typeBoolean, title: "Use counters", cells: "w"},
	{name: "createdTime", typ: typeDatetime, title: "Created on", cells: "R"},
	{name: "updatedTime", typ: typeDatetime, title: "Modified on", cells: "R"},
	{name: "updatedBy", typ: typeUser, title: "Modified by", cells: "R"},
}
