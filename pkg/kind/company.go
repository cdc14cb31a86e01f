package kind

// company are organisations.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var company = &Kind{
	Name: "Company", Plural: "companies", Schema: "company.json", Class: ClassRecord, Rank: 20, Space: "company",
	EntityTypeID: 4, Link: TypeCompany, Key: KeyOrigin, Page: recordPage,
	Methods: itemMethods("crm.company.update"),
	Codes:   Codes{Short: "CO", Binding: "COMPANY", Object: "CRM_COMPANY", Duplicates: "COMPANY"},
	Stages:  Stages{Pipelines: true},
	Titles:  [][]string{{"title"}},
	Alike:   []Likeness{sameTitle, samePhone, sameEmail, sameTaxID},
	Names:   recordNames, Review: recordReview,
	Older: map[string]string{"NAME": "title"},
	Parts: Requisites(),
	Fields: fields(ofEveryRecord, ofContactData, ofOrigin, ofCampaigns, []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "currencyId", Type: TypeCurrency, NoClear: true, Doc: "Currency, an ISO 4217 code"},
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		{Name: "contactIds", Type: TypeContact, Multiple: true, Paired: true, Doc: "Contacts, the main one first"},
		instead("contacts", TypeContact, "Contacts", "use-contact-ids"),
		{Name: "observers", Type: TypeUser, Multiple: true, Doc: "Observers: users by id, e-mail or exact full name"},
		{Name: "typeId", Type: TypeStatus, Dictionary: "COMPANY_TYPE", Doc: "Type, from the DEAL_TYPE, CONTACT_TYPE or COMPANY_TYPE list"},
		{Name: "categoryId", Type: TypeCategory, NoClear: true, Doc: "Pipeline: id, code or exact title"},
		{Name: "leadId", Type: TypeLead, Doc: "Lead that it came from"},
		{Name: "originVersion", Type: TypeString, Length: 255, Doc: "Version of the data in the external source"},
		{Name: "logo", Type: TypeFile, Doc: "Logo"},
		instead("bankingDetails", TypeString, "Bank details", "bank-details-are-deprecated"),
		{Name: "industry", Type: TypeStatus, Dictionary: "INDUSTRY", Doc: "Industry, from the INDUSTRY list"},
		{Name: "employees", Type: TypeStatus, Dictionary: "EMPLOYEES", Doc: "Number of employees, from the EMPLOYEES list"},
		{Name: "revenue", Type: TypeDouble, Doc: "Annual turnover"},
		{Name: "isMyCompany", Type: TypeBoolean, Immutable: true, Doc: "Whether it is one of your own companies; set when the record is created"},
	}),
}
