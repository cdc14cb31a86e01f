package kind

// spa are the types of smart processes. A new one gets a pipeline with the first stages of its items.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
var spa = &Kind{
	Name: "SPA", Plural: "smart processes", Schema: "spa.json", Class: ClassType, Rank: 10, Space: "spa",
	Methods: Methods{
		Add: "crm.type.add", Update: "crm.type.update", Get: "crm.type.get", List: "crm.type.list", Delete: "crm.type.delete",
		Item: "type", Items: "types", Alone: true,
	},
	Titles: [][]string{{"title"}},
	Fields: fields([]Rule{
		{Name: "code", Type: TypeString, Length: 255, Doc: "Code: the same on every portal, so that the type is found again"},
		{Name: "entityTypeId", Type: TypeInteger, Immutable: true, NoClear: true, Doc: "Entity type id to create it with: 128 to 192, or an even number from 1030"},
		readOnly("id", TypeInteger, "", "pin-entity-type-id"),
		{Name: "isAutomationEnabled", Type: TypeBoolean, Doc: "Robots and triggers"},
		{Name: "isBeginCloseDatesEnabled", Type: TypeBoolean, Doc: "Fields begindate and closedate"},
		{Name: "isBizProcEnabled", Type: TypeBoolean, Doc: "Business process designer"},
		{Name: "isCategoriesEnabled", Type: TypeBoolean, Doc: "Several pipelines"},
		{Name: "isClientEnabled", Type: TypeBoolean, Doc: "Fields companyId and contactIds"},
		{Name: "isCountersEnabled", Type: TypeBoolean, Doc: "Counters"},
		{Name: "isDocumentsEnabled", Type: TypeBoolean, Doc: "Printed documents"},
		{Name: "isLinkWithProductsEnabled", Type: TypeBoolean, Doc: "Products and amounts"},
		{Name: "isMycompanyEnabled", Type: TypeBoolean, Doc: "Field mycompanyId"},
		{Name: "isObserversEnabled", Type: TypeBoolean, Doc: "Field observers"},
		{Name: "isPaymentsEnabled", Type: TypeBoolean, Doc: "Payments"},
		{Name: "isRecyclebinEnabled", Type: TypeBoolean, Doc: "Recycle bin"},
		{Name: "isSetOpenPermissions", Type: TypeBoolean, Doc: "New pipelines are open to everyone"},
		{Name: "isSourceEnabled", Type: TypeBoolean, Doc: "Fields sourceId and sourceDescription"},
		{Name: "isStagesEnabled", Type: TypeBoolean, Doc: "Stages and the kanban board"},
		{Name: "isUseInUserfieldEnabled", Type: TypeBoolean, Doc: "Can be chosen in user fields"},
		{Name: "name", Type: TypeString, Refuse: "is-made-from-title", Hint: "use-title"},
		{Name: "relations", Type: TypeRelations, NoClear: true, Doc: "Kinds and smart processes that it is bound to"},
		{Name: "title", Type: TypeString, NoClear: true, Length: 255, Doc: "Title of the smart process"},
	}),
}
