package kind

// deal are sales.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var deal = &Kind{
	Name: "Deal", Plural: "deals", Schema: "deal.json", Class: ClassRecord, Rank: 50, Space: "deal",
	EntityTypeID: 2, Link: TypeDeal, Key: KeyOrigin, Page: recordPage,
	Methods: itemMethods("crm.deal.update"),
	Codes:   Codes{Short: "D", Binding: "DEAL", Object: "CRM_DEAL"},
	Stages:  Stages{Directory: "DEAL_STAGE_{category}", First: "DEAL_STAGE", Prefix: "C{category}:", Pipelines: true},
	Titles:  [][]string{{"title"}},
	Alike:   []Likeness{sameTitle},
	Names:   recordNames, Review: recordReview,
	Older: map[string]string{"NAME": "title"},
	Parts: ProductRows(""),
	Fields: fields(ofEveryRecord, ofOrigin, ofCampaigns, ofAmounts, ofMoves, ofSources, ofClients, ofPeriods, []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "stageId", Type: TypeStatus, NoClear: true, Follows: []string{PipelineField}, Doc: "Stage: id, short code or exact title"},
		readOnly("stageSemanticId", TypeString, "Group of the stage", "follows-stage"),
		{Name: "comments", Type: TypeMarkup, Doc: "Comment"},
		readOnly("isReturnCustomer", TypeBoolean, "Is a returning customer"),
		readOnly("webformId", TypeInteger, "CRM form, its id"),
		{Name: "observers", Type: TypeUser, Multiple: true, Doc: "Observers: users by id, e-mail or exact full name"},
		{Name: "typeId", Type: TypeStatus, Dictionary: "DEAL_TYPE", Doc: "Type, from the DEAL_TYPE, CONTACT_TYPE or COMPANY_TYPE list"},
		{Name: "categoryId", Type: TypeCategory, NoClear: true, Doc: "Pipeline: id, code or exact title"},
		readOnly("previousStageId", TypeStatus, "Previous stage"),
		readOnly("isNew", TypeBoolean, "Is new", "follows-stage"),
		{Name: "isRecurring", Type: TypeBoolean, Doc: "Whether it is a template of a recurring one"},
		readOnly("isRepeatedApproach", TypeBoolean, "Is a repeated approach"),
		{Name: "probability", Type: TypeInteger, Max: 100, Follows: movesStage, Doc: "Probability in percent"},
		readOnly("taxValue", TypeDouble, "Tax amount", "computed-from-rows"),
		{Name: "quoteId", Type: TypeQuote, Doc: "Quote that it came from"},
		readOnly("closed", TypeBoolean, "Is closed", "follows-stage"),
		{Name: "leadId", Type: TypeLead, Doc: "Lead that it came from"},
		{Name: "additionalInfo", Type: TypeString, Doc: "Additional information"},
		readOnly("repeatSaleSegmentId", TypeString, "Repeat sale segment"),
		{Name: "locationId", Type: TypeLocation, Doc: "Location, its id or code on the portal"},
	}),
}
