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
	//                                                        lead deal cont comp quot inv  spa
	{name: "id", typ: typeInteger, title: "ID", cells: "           R    R    R    R    R    R    R"},
	{name: "xmlId", typ: typeString, title: "External code", cells: "-    -    -    -    -    wE   wE", max: 255},
	{name: "title", typ: typeString, title: "Name", cells: "       de   de   -    de   w    de   de", max: 255},
	{name: "honorific", typ: typeStatus, title: "Salutation", cells: "w   -   w    -    -    -    -", dict: "HONORIFIC", max: 128},
	{name: "name", typ: typeString, title: "First name", cells: "  w    -    w    -    -    -    -", max: 50},
	{name: "secondName", typ: typeString, title: "Second name", cells: "w -  w    -    -    -    -", max: 50},
	{name: "lastName", typ: typeString, title: "Last name", cells: "w   -    d    -    -    -    -", max: 50},
	{name: "birthdate", typ: typeDate, title: "Date of birth", cells: "w -   w    -    -    -    -"},
	{name: "companyTitle", typ: typeString, title: "Company name", cells: "w - -   -    -    -    -", max: 255},
	{name: "photo", typ: typeFile, title: "Photo", cells: "        -    -    w    -    -    -    -"},
	{name: "logo", typ: typeFile, title: "Logo", cells: "          -    -    -    w    -    -    -"},
	{name: "createdTime", typ: typeDatetime, title: "Created on", cells: "R R   R    R    R    R    R"},
	{name: "updatedTime", typ: typeDatetime, title: "Modified on", cells: "R R  R    R    R    R    R"},
	{name: "movedTime", typ: typeDatetime, title: "Stage changed on", cells: "R R - - - R R", flag: flagStages},
	{name: "createdBy", typ: typeUser, title: "Created by", cells: "R    R    R    R    R    R    R"},
	{name: "updatedBy", typ: typeUser, title: "Modified by", cells: "R   R    R    R    R    R    R"},
	{name: "movedBy", typ: typeUser, title: "Stage changed by", cells: "R R - -   -    R    R", flag: flagStages},
	{name: "assignedById", typ: typeUser, title: "Responsible person", cells: "ed ed ed ed ed ed ed"},
	{name: "opened", typ: typeBoolean, title: "Available to everyone", cells: "Q Q Q Q Q Q Q"},
	{name: "leadId", typ: typeLead, title: "Lead", cells: "         -    w    w    w    w    -    -"},
	{name: "dealId", typ: typeDeal, title: "Deal", cells: "         -    -    -    -    w    -    -"},
	{name: "companyId", typ: typeCompany, title: "Company", cells: "w0 w    x    -    w    w    w", flag: flagClient},
	{name: "contactId", typ: typeContact, title: "Contact", cells: "x0 x    -    -    x    x    x", flag: flagClient},
	{name: "quoteId", typ: typeQuote, title: "Quote", cells: "       -    w    -    -    -    -    -"},
	{name: "categoryId", typ: typeCategory, title: "Pipeline", cells: "- d d d - d d"},
	{name: "stageId", typ: typeStatus, title: "Stage", cells: "      w    w    -    -    dw   w    w", flag: flagStages, max: 50},
	{name: "previousStageId", typ: typeStatus, title: "Previous stage", cells: "- RE - - - RE RE", flag: flagStages, max: 50},
	{name: "stageSemanticId", typ: typeString, title: "Stage group", cells: "R R - - -   -    -"},
	{name: "statusDescription", typ: typeText, title: "More about this stage", cells: "w - - - - - -"},
	{name: "isNew", typ: typeBoolean, title: "New deal", cells: "     -    R    -    -    -    -    -"},
	{name: "isRecurring", typ: typeBoolean, title: "Recurring", cells: "- w -    -    -    w    w"},
	{name: "isReturnCustomer", typ: typeBoolean, title: "Repeat", cells: "R R -  -    -    -    -"},
	{name: "isRepeatedApproach", typ: typeBoolean, title: "Repeat inquiry", cells: "- R - - - - -"},
	{name: "closed", typ: typeBoolean, title: "Closed", cells: "      -    R    -    -    R    -    -"},
	{name: "dateClosed", typ: typeDatetime, title: "Closed on", cells: "R R -   -    -    -    -"},
	{name: "typeId", typ: typeStatus, title: "Type", cells: "        -    d    d    d    -    -    -", max: 50},
	{name: "industry", typ: typeStatus, title: "Industry", cells: "- - -    d    -    -    -", dict: "INDUSTRY", max: 50},
	{name: "employees", typ: typeStatus, title: "Employees", cells: "- - -   d    -    -    -", dict: "EMPLOYEES", max: 50},
	{name: "revenue", typ: typeDouble, title: "Annual revenue", cells: "- - - w0 - - -"},
	{name: "opportunity", typ: typeDouble, title: "Amount", cells: "w0 w0   -    -    w0   w0   w0", flag: flagProducts},
	{name: "isManualOpportunity", typ: typeBoolean, title: "Amount entered manually", cells: "w w - - w w w", flag: flagProducts},
	{name: "taxValue", typ: typeDouble, title: "Tax", cells: "     -    w0   -    -    w0   w0   w0", flag: flagProducts},
	{name: "currencyId", typ: typeCurrency, title: "Currency", cells: "de de -  de   de   de   de", flag: flagProducts, max: 50},
	{name: "probability", typ: typeInteger, title: "Probability, %", cells: "- w - - - - -"},
	{name: "comments", typ: typeText, title: "Comment", cells: "   wB   wB   wB   wB   wB   wB   -"},
	{name: "content", typ: typeText, title: "Contents", cells: "   -    -    -    -    wB   -    -"},
	{name: "terms", typ: typeText, title: "Terms", cells: "        -    -    -    -    wB   -    -"},
	{name: "begindate", typ: typeDate, title: "Start date", cells: "- ed -   -    ed   ed   ed", flag: flagDates},
	{name: "closedate", typ: typeDate, title: "End date", cells: "-   ed -   -    ed   ed   ed", flag: flagDates},
	{name: "actualDate", typ: typeDate, title: "Valid until", cells: "- - - -    ed   -    -"},
	{name: "locationId", typ: typeLocation, title: "Location", cells: "- w -    -    w    w    -", max: 100},
	{name: "quoteNumber", typ: typeString, title: "Number", cells: "- - -    -    w    -    -", max: 100},
	{name: "accountNumber", typ: typeString, title: "Number", cells: "- - -  -    -    w    -", max: 100},
	{name: "storageTypeId", typ: typeInteger, title: "Storage type", cells: "- - - - w - -"},
	{name: "storageElementIds", typ: typeInteger, title: "Files", cells: "- - - - m -    -"},
	{name: "personTypeId", typ: typeInteger, title: "Payer type", cells: "- - - - R -    -"},
	{name: "mycompanyId", typ: typeCompany, title: "My company", cells: "- - - -  d0   d0   d0", flag: flagMycompany},
	{name: "isMyCompany", typ: typeBoolean, title: "My company", cells: "- - -    Id   -    -    -"},
	{name: "sourceId", typ: typeStatus, title: "Source", cells: "    d    d    d    -    -    wE   wE", dict: "SOURCE", flag: flagSource, max: 50},
	{name: "sourceDescription", typ: typeText, title: "Source information", cells: "w w w - - wE wE", flag: flagSource},
	{name: "additionalInfo", typ: typeString, title: "More information", cells: "- w - - - - -"},
	{name: "bankingDetails", typ: typeString, title: "Payment details", cells: "- - - x - - -"},
	{name: "post", typ: typeString, title: "Position", cells: "     w    -    w    -    -    -    -", max: 255},
	{name: "export", typ: typeBoolean, title: "Include in export", cells: "- - d  -    -    -    -"},
	{name: "webformId", typ: typeInteger, title: "Created by CRM form", cells: "w0 - - - w w0 w0"},
	{name: "originatorId", typ: typeString, title: "External source", cells: "w w w w - -    -", max: 255},
	{name: "originId", typ: typeString, title: "Item ID in data source", cells: "w w w w - - -", max: 255},
	{name: "originVersion", typ: typeString, title: "Original version", cells: "- - w w - -    -", max: 255},
	{name: "hasPhone", typ: typeBoolean, title: "Has phone", cells: "R    -    R    R    -    -    -"},
	{name: "hasEmail", typ: typeBoolean, title: "Has e-mail", cells: "R   -    R    R    -    -    -"},
	{name: "hasImol", typ: typeBoolean, title: "Has open channel", cells: "R - R R - -    -"},
	{name: "lastActivityBy", typ: typeUser, title: "Last timeline activity by", cells: "R R R R R R R"},
	{name: "lastActivityTime", typ: typeDatetime, title: "Last activity", cells: "R R R R R R R"},
	{name: "lastCommunicationTime", typ: typeString, title: "Last contact", cells: "R R R R R R R"},
	{name: "utmSource", typ: typeString, title: "UTM Source", cells: "   wH   wH   wH   wH   wH   -    -", max: 1000},
	{name: "utmMedium", typ: typeString, title: "UTM Medium", cells: "   wH   wH   wH   wH   wH   -    -", max: 1000},
	{name: "utmCampaign", typ: typeString, title: "UTM Campaign", cells: "wH  wH  wH   wH   wH   -    -", max: 1000},
	{name: "utmContent", typ: typeString, title: "UTM Content", cells: "  wH  wH   wH   wH   wH   -    -", max: 1000},
	{name: "utmTerm", typ: typeString, title: "UTM Term", cells: "       wH   wH   wH   wH   wH   -    -", max: 1000},
	{name: "fm", typ: typeMultifield, title: "Communications", cells: "m    -    m    m    -    -    -"},
	{name: "observers", typ: typeUser, title: "Observers", cells: "   m    m    m    m    -    m    m", flag: flagObservers},
	{name: "contactIds", typ: typeContact, title: "Contacts", cells: " m    m    -    m    m    m    m", flag: flagClient},
	{name: "contacts", typ: typeContact, title: "Contacts", cells: "  mA   mA   -    mA   mA   mA   mA", flag: flagClient},
	{name: "companyIds", typ: typeCompany, title: "Companies", cells: "- -  m    -    -    -    -"},
	{name: "companies", typ: typeCompany, title: "Companies", cells: " - -  mA   -    -    -    -"},
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
