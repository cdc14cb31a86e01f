package kind

// invoice are bills.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var invoice = &Kind{
	Name: "Invoice", Plural: "invoices", Schema: "invoice.json", Class: ClassRecord, Rank: 70, Space: "invoice",
	EntityTypeID: 31, Key: KeyXMLID, Page: recordPage,
	Methods: itemMethods(""),
	Codes:   Codes{Short: "SI", Binding: "SMART_INVOICE", Object: "CRM_SMART_INVOICE"},
	Stages:  Stages{Directory: "SMART_INVOICE_STAGE_{category}", Prefix: "DT31_{category}:", Pipelines: true},
	Titles:  [][]string{{"title"}},
	Alike:   []Likeness{sameTitle},
	Names:   recordNames, Review: recordReview,
	Parts: ProductRows(""),
	Fields: fields(ofEveryRecord, ofAmounts, ofMoves, ofSources, ofClients, ofPeriods, []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "stageId", Type: TypeStatus, NoClear: true, Follows: []string{PipelineField}, Doc: "Stage: id, short code or exact title"},
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		{Name: "webformId", Type: TypeInteger, Doc: "CRM form, its id"},
		{Name: "observers", Type: TypeUser, Multiple: true, Doc: "Observers: users by id, e-mail or exact full name"},
		{Name: "categoryId", Type: TypeCategory, NoClear: true, Doc: "Pipeline: id, code or exact title"},
		readOnly("previousStageId", TypeStatus, "Previous stage"),
		{Name: "isRecurring", Type: TypeBoolean, Doc: "Whether it is a template of a recurring one"},
		readOnly("taxValue", TypeDouble, "Tax amount", "computed-from-rows"),
		{Name: "locationId", Type: TypeLocation, Doc: "Location, its id or code on the portal"},
		{Name: "mycompanyId", Type: TypeCompany, Doc: "Your company, which must be one of your own"},
		forMark("xmlId", "External id"),
		{Name: "accountNumber", Type: TypeString, Unique: true, Length: 255, Doc: "Number, unique; the portal numbers by itself"},
	}),
}
