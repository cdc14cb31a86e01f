package portal

import "maps"

// A scenarioStep is a call that scenarios build on; $name.path in parameters is a part of
// its result.
type scenarioStep struct{ method, params string }

// scenarioSteps lists what scenarios may need on their portal.
func scenarioSteps() map[string]scenarioStep {
	steps := map[string]scenarioStep{
		"company": {"crm.item.add", `{"entityTypeId":4,"fields":{"title":"Acme"}}`},
		"contact": {"crm.item.add", `{"entityTypeId":3,"fields":{"name":"Ada","lastName":"Lovelace","companyId":$company.item.id}}`},
		"deal": {"crm.item.add", `{"entityTypeId":2,"fields":{"title":"Renewal","opportunity":99.5,"comments":"c","sourceDescription":"s",
			"companyId":$company.item.id,"contactIds":[$contact.item.id],"observers":[1],"typeId":"SALE","additionalInfo":"a","utmSource":"google"}}`},
		"lead": {"crm.item.add", `{"entityTypeId":1,"fields":{"title":"Inquiry","name":"Ada","lastName":"Lovelace","companyTitle":"Acme","comments":"c",
			"sourceDescription":"s","statusDescription":"d","post":"p","observers":[1],"companyId":$company.item.id,"contactIds":[$contact.item.id],
			"fm":[{"typeId":"EMAIL","valueType":"WORK","value":"ada@example.com"},{"typeId":"PHONE","valueType":"WORK","value":"+1234567"}]}}`},
		"deals": {"crm.item.batchImport", `{"entityTypeId":2,"data":[{"title":"1"},{"title":"2"},{"title":"3"},{"title":"4"},{"title":"5"}]}`},
		"type": {"crm.type.add", `{"fields":{"title":"Project","isCategoriesEnabled":"Y","isStagesEnabled":"Y","isBeginCloseDatesEnabled":"Y",
			"isClientEnabled":"Y","isObserversEnabled":"Y","isLinkWithProductsEnabled":"Y","isMycompanyEnabled":"Y","isSourceEnabled":"Y","relations":{"parent":[{"entityTypeId":4,"isChildrenListEnabled":"Y"}]}}}`},
		"pipeline":  {"crm.category.add", `{"entityTypeId":2,"fields":{"name":"Wholesale","sort":400}}`},
		"section":   {"catalog.section.add", `{"fields":{"iblockId":23,"name":"Wood","code":"wood","xmlId":"w","description":"d","sort":10}}`},
		"product":   {"catalog.product.add", `{"fields":{"iblockId":23,"name":"Oak","code":"oak","xmlId":"o","iblockSectionId":$section.section.id,"purchasingPrice":10,"purchasingCurrency":"EUR"}}`},
		"vat":       {"catalog.vat.add", `{"fields":{"name":"Reduced","rate":7}}`},
		"property":  {"catalog.productProperty.add", `{"fields":{"iblockId":23,"name":"Colour","propertyType":"L","code":"COLOUR","xmlId":"colour"}}`},
		"option":    {"catalog.productPropertyEnum.add", `{"fields":{"propertyId":$property.productProperty.id,"value":"Red","xmlId":"red"}}`},
		"price":     {"catalog.price.add", `{"fields":{"productId":$product.element.id,"catalogGroupId":1,"price":100.5,"currency":"USD"}}`},
		"row":       {"crm.item.productrow.add", `{"fields":{"ownerType":"D","ownerId":$deal.item.id,"productName":"Oak","price":10,"quantity":2,"measureCode":796}}`},
		"requisite": {"crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":$company.item.id,"PRESET_ID":1,"NAME":"Main","RQ_INN":"7717586110"}}`},
		"bank":      {"crm.requisite.bankdetail.add", `{"fields":{"ENTITY_ID":$requisite,"COUNTRY_ID":1,"NAME":"Account","RQ_BANK_NAME":"Bank"}}`},
		"address":   {"crm.address.add", `{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":$requisite,"ADDRESS_1":"1 Main St","CITY":"Berlin","COUNTRY":"Germany"}}`},
		"link":      {"crm.requisite.link.register", `{"fields":{"ENTITY_TYPE_ID":2,"ENTITY_ID":$deal.item.id,"REQUISITE_ID":$requisite,"BANK_DETAIL_ID":$bank,"MC_REQUISITE_ID":0,"MC_BANK_DETAIL_ID":0}}`},
		"currency":  {"crm.currency.add", `{"fields":{"CURRENCY":"CHF","AMOUNT_CNT":1,"AMOUNT":1.1,"SORT":900,"LANG":{"en":{"DECIMALS":2,"FULL_NAME":"Franc","FORMAT_STRING":"# Fr."},"de":{"DECIMALS":2,"FULL_NAME":"Franken"}}}}`},
		"comment":   {"crm.timeline.comment.add", `{"fields":{"ENTITY_ID":$deal.item.id,"ENTITY_TYPE":"deal","COMMENT":"Called","FILES":[["a.png","iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="]]}}`},
		"solution":  {"crm.automatedsolution.add", `{"fields":{"title":"Workplace","typeIds":[$type.type.id]}}`},
		"unbound":   {"crm.automatedsolution.add", `{"fields":{"title":"Empty"}}`},
		"one":       {"crm.item.add", `{"entityTypeId":3,"fields":{"name":"Ada"}}`},
		"twin":      {"crm.item.add", `{"entityTypeId":3,"fields":{"name":"Ada"}}`},
		"person":    {"crm.item.add", `{"entityTypeId":3,"fields":{"name":"Ada","fm":[{"typeId":"EMAIL","valueType":"WORK","value":"ada@example.com"}]}}`},
		"config": {"userfieldconfig.add", `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_COLOUR","userTypeId":"enumeration",
			"editFormLabel":{"en":"Colour"},"enum":[{"value":"Red","def":"Y"},{"value":"Blue"}]}}`},
		"status": {"crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"FAIR","NAME":"Trade fair","SORT":70}}`},
	}
	maps.Copy(steps, oldSteps())
	return steps
}

// A scenario is a call that shows as much of a method's answer as its documented
// example does. The parameters may hold results of steps.
type scenario struct {
	needs  string // steps that no parameter names
	params string // JSON; "" is {}
}

// scenarios lists the calls by method.
func scenarios() map[string]scenario {
	all := make(map[string]scenario)
	for _, part := range []map[string]scenario{serviceScenarios(), itemScenarios(), settingScenarios(),
		catalogScenarios(), requisiteScenarios(), otherScenarios(), oldScenarios()} {
		maps.Copy(all, part)
	}
	return all
}

func serviceScenarios() map[string]scenario {
	return map[string]scenario{
		"app.info":       {},
		"scope":          {},
		"methods":        {},
		"method.get":     {params: `{"name":"crm.item.add"}`},
		"profile":        {},
		"server.time":    {},
		"user.current":   {},
		"user.fields":    {},
		"user.get":       {params: `{"FILTER":{"ID":1}}`},
		"user.search":    {params: `{"FILTER":{"NAME":"a"}}`},
		"department.get": {},
	}
}

func itemScenarios() map[string]scenario {
	return map[string]scenario{
		"crm.item.add": {params: `{"entityTypeId":2,"fields":{"title":"Renewal","opportunity":99.5,"comments":"c","sourceDescription":"s",
			"companyId":$company.item.id,"contactIds":[$contact.item.id],"observers":[1],"typeId":"SALE","additionalInfo":"a","utmSource":"google"}}`},
		"crm.item.update": {params: `{"entityTypeId":2,"id":$deal.item.id,"fields":{"title":"Renewed"}}`},
		"crm.item.get":    {params: `{"entityTypeId":1,"id":$lead.item.id}`},
		"crm.item.list": {needs: "lead", params: `{"entityTypeId":1,"order":{"id":"ASC"},
			"select":["id","title","name","lastName","stageId","sourceId","assignedById","opportunity","isManualOpportunity"]}`},
		"crm.item.delete":      {params: `{"entityTypeId":2,"id":$deal.item.id}`},
		"crm.item.fields":      {params: `{"entityTypeId":$type.type.entityTypeId}`},
		"crm.item.import":      {params: `{"entityTypeId":2,"fields":{"title":"Renewal"}}`},
		"crm.item.batchImport": {params: `{"entityTypeId":2,"data":[{"title":"Renewal"},{"title":"Repair","contactIds":5}]}`},
	}
}

func settingScenarios() map[string]scenario {
	return map[string]scenario{
		"crm.type.add":               {params: `{"fields":{"title":"Project","isCategoriesEnabled":"Y","isStagesEnabled":"Y"}}`},
		"crm.type.update":            {params: `{"id":$type.type.id,"fields":{"title":"Projects"}}`},
		"crm.type.get":               {params: `{"id":$type.type.id}`},
		"crm.type.getByEntityTypeId": {params: `{"entityTypeId":$type.type.entityTypeId}`},
		"crm.type.list":              {needs: "type"},
		"crm.type.delete":            {params: `{"id":$type.type.id}`},
		"crm.type.fields":            {},
		"crm.category.add":           {params: `{"entityTypeId":$type.type.entityTypeId,"fields":{"name":"Wholesale","sort":50,"isDefault":"Y"}}`},
		"crm.category.update":        {params: `{"entityTypeId":2,"id":$pipeline.category.id,"fields":{"name":"Retail"}}`},
		"crm.category.get":           {params: `{"entityTypeId":2,"id":$pipeline.category.id}`},
		"crm.category.list":          {needs: "pipeline", params: `{"entityTypeId":2}`},
		"crm.category.delete":        {params: `{"entityTypeId":2,"id":$pipeline.category.id}`},
		"crm.category.fields":        {params: `{"entityTypeId":2}`},
		"crm.status.add":             {params: `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"FAIR","NAME":"Trade fair"}}`},
		"crm.status.update":          {params: `{"id":$status,"fields":{"NAME":"Exhibition"}}`},
		"crm.status.get":             {params: `{"id":$status}`},
		"crm.status.list":            {params: `{"filter":{"ENTITY_ID":"DEAL_STAGE"}}`},
		"crm.status.delete":          {params: `{"id":$status}`},
		"crm.status.fields":          {},
		"crm.status.entity.items":    {params: `{"entityId":"DEAL_STAGE"}`},
		"crm.status.entity.types":    {},
		"crm.settings.mode.get":      {},
		"crm.entity.mergeBatch":      {params: `{"params":{"entityTypeId":3,"entityIds":[$one.item.id,$twin.item.id]}}`},
	}
}
