package kind

// lead are people or companies that may become customers.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var lead = &Kind{
	Name: "Lead", Plural: "leads", Schema: "lead.json", Class: ClassRecord, Rank: 40, Space: "lead",
	EntityTypeID: 1, Link: TypeLead, Key: KeyOrigin, Page: recordPage,
	Methods: itemMethods("crm.lead.update"),
	Codes:   Codes{Short: "L", Binding: "LEAD", Object: "CRM_LEAD", Duplicates: "LEAD"},
	Stages:  Stages{Directory: "STATUS"},
	Titles:  [][]string{{"title"}, {"name", "lastName"}},
	Alike:   []Likeness{sameTitle, samePhone, sameEmail},
	Names:   recordNames, Review: recordReview,
	Parts: append(ProductRows(""), addressPart()),
	Fields: fields(ofEveryRecord, ofPeople, ofContactData, ofOrigin, ofCampaigns, ofAmounts, ofMoves, ofSources, ofClients, []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "companyTitle", Type: TypeString, Length: 255, Doc: "Company name, as text"},
		{Name: "stageId", Type: TypeStatus, NoClear: true, Doc: "Stage: id, short code or exact title"},
		{Name: "statusDescription", Type: TypeText, Doc: "About the stage"},
		readOnly("stageSemanticId", TypeString, "Group of the stage", "follows-stage"),
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		readOnly("isReturnCustomer", TypeBoolean, "Is a returning customer"),
		readOnly("dateClosed", TypeDatetime, "Closed at"),
		{Name: "webformId", Type: TypeInteger, Doc: "CRM form, its id"},
		{Name: "observers", Type: TypeUser, Multiple: true, Doc: "Observers: users by id, e-mail or exact full name"},
	}),
}
