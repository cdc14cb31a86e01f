package portal

import "fmt"

func otherScenarios() map[string]scenario {
	return map[string]scenario{
		"crm.automatedsolution.add":    {params: `{"fields":{"title":"Workplace","typeIds":[$type.type.id]}}`},
		"crm.automatedsolution.update": {params: `{"id":$solution.automatedSolution.id,"fields":{"title":"Office"}}`},
		"crm.automatedsolution.get":    {params: `{"id":$solution.automatedSolution.id}`},
		"crm.automatedsolution.list":   {needs: "solution"},
		"crm.automatedsolution.delete": {params: `{"id":$unbound.automatedSolution.id}`},
		"crm.automatedsolution.fields": {},
		"crm.duplicate.findbycomm":     {needs: "person", params: `{"type":"EMAIL","values":["ada@example.com"]}`},
		"crm.timeline.comment.add":     {params: `{"fields":{"ENTITY_ID":$deal.item.id,"ENTITY_TYPE":"deal","COMMENT":"Called"}}`},
		"crm.timeline.comment.update":  {params: `{"id":$comment,"fields":{"COMMENT":"Wrote"},"ownerTypeId":2,"ownerId":$deal.item.id}`},
		"crm.timeline.comment.get":     {params: `{"id":$comment}`},
		"crm.timeline.comment.list":    {needs: "comment", params: `{"filter":{"ENTITY_ID":$deal.item.id,"ENTITY_TYPE":"deal"}}`},
		"crm.timeline.comment.delete":  {params: `{"id":$comment,"ownerTypeId":2,"ownerId":$deal.item.id}`},
		"crm.timeline.comment.fields":  {},
		"userfieldconfig.add": {params: `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_COLOUR","userTypeId":"enumeration",
			"editFormLabel":{"en":"Colour"},"enum":[{"value":"Red","def":"Y"}]}}`},
		"userfieldconfig.update":   {params: `{"moduleId":"crm","id":$config.field.id,"field":{"sort":200}}`},
		"userfieldconfig.get":      {params: `{"moduleId":"crm","id":$config.field.id}`},
		"userfieldconfig.list":     {needs: "config", params: `{"moduleId":"crm","select":{"0":"*"},"filter":{"entityId":"CRM_DEAL"}}`},
		"userfieldconfig.delete":   {params: `{"moduleId":"crm","id":$config.field.id}`},
		"userfieldconfig.getTypes": {params: `{"moduleId":"crm"}`},
	}
}

// oldRecords are what scenarios give a record of the older families.
func oldRecords() map[string]string {
	const (
		phone = `,"PHONE":[{"VALUE":"+123","VALUE_TYPE":"WORK"}]`
		email = `,"EMAIL":[{"VALUE":"ada@example.com","VALUE_TYPE":"WORK"}]`
		im    = `,"IM":[{"VALUE":"ada","VALUE_TYPE":"TELEGRAM"}]`
	)
	return map[string]string{
		"lead":    `"TITLE":"Inquiry","NAME":"Ada"` + phone + im,
		"deal":    `"TITLE":"Renewal","OPPORTUNITY":99.5`,
		"contact": `"NAME":"Ada"` + phone + email,
		"company": `"TITLE":"Acme"` + phone,
		"quote":   `"TITLE":"Offer"`,
	}
}

const oldUserField = `{"fields":{"FIELD_NAME":"COLOUR","USER_TYPE_ID":"string","EDIT_FORM_LABEL":{"en":"Colour","de":"Farbe"}}}`

// oldColumns are what the examples of the older lists select.
func oldColumns() map[string]string {
	return map[string]string{
		"lead":    `"*"`,
		"deal":    `"ID","TITLE","TYPE_ID","CATEGORY_ID","STAGE_ID","OPPORTUNITY","IS_MANUAL_OPPORTUNITY","ASSIGNED_BY_ID","DATE_CREATE"`,
		"contact": `"ID","NAME","LAST_NAME","EMAIL","EXPORT","ASSIGNED_BY_ID","DATE_CREATE"`,
		"company": `"ID","TITLE","PHONE","ASSIGNED_BY_ID"`,
		"quote":   `"ID","TITLE","STATUS_ID","OPPORTUNITY","CURRENCY_ID","ASSIGNED_BY_ID"`,
	}
}

// customised lists the older families whose records have custom fields.
func customised() []string {
	return []string{"lead", "deal", "contact", "company", "quote", "requisite"}
}

// oldSteps make a record and a custom field of each of the older families.
func oldSteps() map[string]scenarioStep {
	steps := make(map[string]scenarioStep)
	for name, fields := range oldRecords() {
		steps["old"+name] = scenarioStep{"crm." + name + ".add", fmt.Sprintf(`{"fields":{%s}}`, fields)}
	}
	for _, name := range customised() {
		steps["custom"+name] = scenarioStep{"crm." + name + ".userfield.add", oldUserField}
		steps["choice"+name] = scenarioStep{"crm." + name + ".userfield.add",
			`{"fields":{"FIELD_NAME":"SIZE","USER_TYPE_ID":"enumeration","LIST":[{"VALUE":"Small","DEF":"Y"},{"VALUE":"Large"}]}}`}
	}
	return steps
}

// oldScenarios are the same calls for each of the older families.
func oldScenarios() map[string]scenario {
	all := make(map[string]scenario)
	for name, fields := range oldRecords() {
		records, byID := "crm."+name+".", fmt.Sprintf(`{"id":$old%s}`, name)
		all[records+"add"] = scenario{params: fmt.Sprintf(`{"fields":{%s}}`, fields)}
		all[records+"update"] = scenario{params: fmt.Sprintf(`{"id":$old%s,"fields":{"COMMENTS":"c"}}`, name)}
		all[records+"get"] = scenario{params: byID}
		all[records+"list"] = scenario{needs: "old" + name, params: fmt.Sprintf(`{"select":[%s]}`, oldColumns()[name])}
		all[records+"delete"] = scenario{params: byID}
		all[records+"fields"] = scenario{}
	}
	for _, name := range customised() {
		custom, byID := "crm."+name+".userfield.", fmt.Sprintf(`{"id":$custom%s}`, name)
		all[custom+"add"] = scenario{params: oldUserField}
		all[custom+"update"] = scenario{params: fmt.Sprintf(`{"id":$custom%s,"fields":{"SORT":200}}`, name)}
		all[custom+"get"] = scenario{params: byID}
		all[custom+"list"] = scenario{needs: "custom" + name + " choice" + name, params: `{"filter":{"LANG":"en"}}`}
		all[custom+"delete"] = scenario{params: byID}
	}
	return all
}
