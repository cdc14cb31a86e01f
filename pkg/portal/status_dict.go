package portal

// A stockStatus is an entry that every portal starts with.
type stockStatus struct {
	id, name, color, semantics string
	system                     bool
}

// A dictionary is one ENTITY_ID of crm.status with its stock entries.
type dictionary struct {
	id, name string
	etid     int // entity type whose stages it holds; 0 for none
	entries  []stockStatus
}

// dictionaries lists what a new portal has, apart from the stages of pipelines.
// Source: https://apidocs.bitrix24.com/api-reference/crm/status/crm-status-entity-types.html.
var dictionaries = []dictionary{
	{id: "STATUS", name: "Lead stages", etid: 1, entries: []stockStatus{
		{"NEW", "Unassigned", "#39A8EF", "", true},
		{"IN_PROCESS", "In progress", "#2FC6F6", "", false},
		{"PROCESSED", "Processed", "#55D0E0", "", false},
		{"CONVERTED", "Good lead", "#7BD500", "S", true},
		{"JUNK", "Junk lead", "#FF5752", "F", true},
	}},
	{id: "SOURCE", name: "Sources", entries: []stockStatus{
		{"CALL", "Call", "", "", false},
		{"EMAIL", "E-Mail", "", "", false},
		{"WEB", "Website", "", "", false},
		{"ADVERTISING", "Advertising", "", "", false},
		{"PARTNER", "Existing Client", "", "", false},
		{"RECOMMENDATION", "Recommendation", "", "", false},
		{"TRADE_SHOW", "Show/Exhibition", "", "", false},
		{"WEBFORM", "CRM form", "", "", false},
		{"CALLBACK", "Callback", "", "", false},
		{"RC_GENERATOR", "Sales boost", "", "", false},
		{"STORE", "Online Store", "", "", false},
		{"OTHER", "Other", "", "", false},
	}},
	{id: "CONTACT_TYPE", name: "Contact type", entries: []stockStatus{
		{"CLIENT", "Clients", "", "", false},
		{"SUPPLIER", "Suppliers", "", "", false},
		{"PARTNER", "Partners", "", "", false},
		{"OTHER", "Other", "", "", false},
	}},
	{id: "COMPANY_TYPE", name: "Company type", entries: []stockStatus{
		{"CUSTOMER", "Client", "", "", false},
		{"SUPPLIER", "Supplier", "", "", false},
		{"COMPETITOR", "Competitor", "", "", false},
		{"PARTNER", "Partner", "", "", false},
		{"OTHER", "Other", "", "", false},
	}},
	{id: "EMPLOYEES", name: "Number of employees", entries: []stockStatus{
		{"EMPLOYEES_1", "less than 50", "", "", false},
		{"EMPLOYEES_2", "50-250", "", "", false},
		{"EMPLOYEES_3", "250-500", "", "", false},
		{"EMPLOYEES_4", "over 500", "", "", false},
	}},
	{id: "INDUSTRY", name: "Industry", entries: []stockStatus{
		{"IT", "Information Technology", "", "", false},
		{"TELECOM", "Telecommunication", "", "", false},
		{"MANUFACTURING", "Manufacturing", "", "", false},
		{"BANKING", "Banking Services", "", "", false},
		{"CONSULTING", "Consulting", "", "", false},
		{"FINANCE", "Finance", "", "", false},
		{"GOVERNMENT", "Government", "", "", false},
		{"DELIVERY", "Delivery", "", "", false},
		{"ENTERTAINMENT", "Entertainment", "", "", false},
		{"NOTPROFIT", "Non-profit", "", "", false},
		{"OTHER", "Other", "", "", false},
	}},
	{id: "DEAL_TYPE", name: "Deal type", entries: []stockStatus{
		{"SALE", "Sales", "", "", false},
		{"COMPLEX", "Integrated Sales", "", "", false},
		{"GOODS", "Sale", "", "", false},
		{"SERVICES", "Services", "", "", false},
		{"SERVICE", "Customer Support", "", "", false},
	}},
	{id: "QUOTE_STATUS", name: "Quote stages", etid: 7, entries: []stockStatus{
		{"DRAFT", "Draft", "#39A8EF", "", true},
		{"SENT", "Sent to client", "#2FC6F6", "", false},
		{"APPROVED", "Accepted", "#7BD500", "S", true},
		{"DECLAINED", "Declined", "#FF5752", "F", true},
	}},
	{id: "HONORIFIC", name: "Salutations", entries: []stockStatus{
		{"HNR_EN_1", "Mr.", "", "", false},
		{"HNR_EN_2", "Mrs.", "", "", false},
		{"HNR_EN_3", "Ms.", "", "", false},
		{"HNR_EN_4", "Dr.", "", "", false},
	}},
}

// The stages that a new pipeline of each kind gets.
var (
	dealStages = []stockStatus{
		{"NEW", "New", "#39A8EF", "", true},
		{"PREPARATION", "Document preparation", "#2FC6F6", "", false},
		{"PREPAYMENT_INVOICE", "Prepayment invoice", "#55D0E0", "", false},
		{"EXECUTING", "In progress", "#47E4C2", "", false},
		{"FINAL_INVOICE", "Final invoice", "#FFA900", "", false},
		{"WON", "Deal successful", "#7BD500", "S", true},
		{"LOSE", "Deal failed", "#FF5752", "F", true},
		{"APOLOGY", "Failure reason analysis", "#FF5752", "F", false},
	}
	invoiceStages = []stockStatus{
		{"N", "New", "#39A8EF", "", true},
		{"S", "Sent to client", "#2FC6F6", "", false},
		{"P", "Paid", "#7BD500", "S", true},
		{"D", "Unpaid", "#FF5752", "F", true},
	}
	smartStages = []stockStatus{
		{"NEW", "Start", "#22B9FF", "", true},
		{"PREPARATION", "Preparation", "#88B9FF", "", false},
		{"CLIENT", "Coordination", "#10E5FC", "", false},
		{"SUCCESS", "Success", "#00FF00", "S", true},
		{"FAIL", "Fail", "#FF0000", "F", true},
	}
)

// stockStages returns the stages of a new pipeline of an entity type.
func stockStages(etid int) []stockStatus {
	switch etid {
	case 2:
		return dealStages
	case 31:
		return invoiceStages
	}
	return smartStages
}
