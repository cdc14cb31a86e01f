package kind

// contact are people.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var contact = &Kind{
	Name: "Contact", Plural: "contacts", Schema: "contact.json", Class: ClassRecord, Rank: 30, Space: "contact",
	EntityTypeID: 3, Link: TypeContact, Key: KeyOrigin, Page: recordPage,
	Methods: itemMethods("crm.contact.update"),
	Codes:   Codes{Short: "C", Binding: "CONTACT", Object: "CRM_CONTACT", Duplicates: "CONTACT"},
	Stages:  Stages{Pipelines: true},
	Titles:  [][]string{{"name", "lastName"}},
	Alike:   []Likeness{samePerson, samePhone, sameEmail, sameTaxID},
	Names:   recordNames, Review: recordReview,
	Parts: Requisites(),
	Fields: fields(ofEveryRecord, ofPeople, ofContactData, ofOrigin, ofCampaigns, ofSources, []Rule{
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		instead("companyId", TypeCompany, "Company", "use-company-ids-instead"),
		{Name: "observers", Type: TypeUser, Multiple: true, Doc: "Observers: users by id, e-mail or exact full name"},
		{Name: "typeId", Type: TypeStatus, Dictionary: "CONTACT_TYPE", Doc: "Type, from the DEAL_TYPE, CONTACT_TYPE or COMPANY_TYPE list"},
		{Name: "categoryId", Type: TypeCategory, NoClear: true, Doc: "Pipeline: id, code or exact title"},
		{Name: "leadId", Type: TypeLead, Doc: "Lead that it came from"},
		{Name: "photo", Type: TypeFile, Doc: "Photo"},
		{Name: "export", Type: TypeBoolean, Doc: "Whether it takes part in the export of contacts"},
		{Name: "companyIds", Type: TypeCompany, Multiple: true, Paired: true, Doc: "Companies, the main one first"},
		instead("companies", TypeCompany, "Companies", "use-company-ids"),
		{Name: "originVersion", Type: TypeString, Length: 255, Doc: "Version of the data in the external source"},
	}),
}
