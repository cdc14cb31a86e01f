package kind

// spaItem are the records of all smart processes. Which one decides the portal, by an entityTypeId
// that placeholders in codes stand for.
// Source: api-reference/crm/universal/object-fields.md; codes: api-reference/crm/data-types.md#object_type.
var spaItem = &Kind{
	Name: "SPAItem", Plural: "smart process items", Schema: "spaitem.json", Class: ClassRecord, Rank: 80,
	Key: KeyXMLID, Page: recordPage,
	Methods: itemMethods(""),
	Codes:   Codes{Short: "T{hex}", Binding: "DYNAMIC_{entityTypeId}", Object: "CRM_{typeId}"},
	Stages: Stages{
		Directory: "DYNAMIC_{entityTypeId}_STAGE_{category}", Prefix: "DT{entityTypeId}_{category}:", Pipelines: true,
		New: []string{"NEW", "PREPARATION", "CLIENT", "SUCCESS", "FAIL"},
	},
	Titles: [][]string{{"title"}},
	Alike:  []Likeness{sameTitle},
	Names:  recordNames, Review: recordReview,
	Parts: ProductRows("isLinkWithProductsEnabled"),
	Fields: fields(ofEveryRecord, where("isLinkWithProductsEnabled", ofAmounts), ofMoves, where("isSourceEnabled", ofSources), where("isClientEnabled", ofClients), where("isBeginCloseDatesEnabled", ofPeriods), []Rule{
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title"},
		{Name: "stageId", Type: TypeStatus, NoClear: true, Flag: "isStagesEnabled", Follows: []string{PipelineField}, Doc: "Stage: id, short code or exact title"},
		{Name: "webformId", Type: TypeInteger, Doc: "CRM form, its id"},
		{Name: "observers", Type: TypeUser, Multiple: true, Flag: "isObserversEnabled", Doc: "Observers: users by id, e-mail or exact full name"},
		{Name: "categoryId", Type: TypeCategory, NoClear: true, Doc: "Pipeline: id, code or exact title"},
		readOnly("previousStageId", TypeStatus, "Previous stage"),
		{Name: "isRecurring", Type: TypeBoolean, Doc: "Whether it is a template of a recurring one"},
		readOnly("taxValue", TypeDouble, "Tax amount", "computed-from-rows"),
		{Name: "mycompanyId", Type: TypeCompany, Flag: "isMycompanyEnabled", Doc: "Your company, which must be one of your own"},
		forMark("xmlId", "External id"),
	}),
}
