package kind

// quote are offers. They have no field of their own for a mark.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var quote = &Kind{
	Name: "Quote", Plural: "quotes", Schema: "quote.json", Class: ClassRecord, Rank: 60, Space: "quote",
	EntityTypeID: 7, Link: TypeQuote, Key: KeyField, Page: recordPage,
	Methods: itemMethods("crm.quote.update"),
	Codes:   Codes{Short: "Q", Binding: "QUOTE", Object: "CRM_QUOTE"},
	Stages:  Stages{Directory: "QUOTE_STATUS"},
	Titles:  [][]string{{"title"}},
	Alike:   []Likeness{sameTitle},
	Names:   recordNames, Review: recordReview,
	Older: map[string]string{"NAME": "title"},
	Parts: ProductRows(""),
	Fields: fields(ofEveryRecord, ofCampaigns, ofAmounts, ofClients, ofPeriods, []Rule{
		{Name: "title", Type: TypeString, Length: 255, Doc: "Title"},
		{Name: "stageId", Type: TypeStatus, NoClear: true, Doc: "Stage: id, short code or exact title"},
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		{Name: "webformId", Type: TypeInteger, Doc: "CRM form, its id"},
		readOnly("taxValue", TypeDouble, "Tax amount", "computed-from-rows"),
		readOnly("closed", TypeBoolean, "Is closed", "follows-stage"),
		{Name: "leadId", Type: TypeLead, Doc: "Lead that it came from"},
		{Name: "locationId", Type: TypeLocation, Doc: "Location, its id or code on the portal"},
		{Name: "quoteNumber", Type: TypeString, Unique: true, Length: 255, Doc: "Number, unique; the portal numbers by itself"},
		{Name: "content", Type: TypeMarkup, Doc: "Content"},
		{Name: "terms", Type: TypeMarkup, Doc: "Terms"},
		{Name: "dealId", Type: TypeDeal, Doc: "Deal that it belongs to"},
		instead("storageTypeId", TypeInteger, "Kind of file storage", "files-of-the-drive"),
		instead("storageElementIds", TypeInteger, "Files on the drive", "files-of-the-drive"),
		readOnly("personTypeId", TypeInteger, "Payer type"),
		{Name: "actualDate", Type: TypeDate, NoClear: true, Doc: "Valid until"},
		{Name: "mycompanyId", Type: TypeCompany, Doc: "Your company, which must be one of your own"},
	}),
}
