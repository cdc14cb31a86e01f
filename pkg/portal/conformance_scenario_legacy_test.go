package portal

import "fmt"

func otherScenarios() map[string]scenario {
	return map[string]scenario{
		"crm.automatedsolution.add":    {params: `{"fields":{"title":"Workplace","typeIds":[$type.type.id]}}`},
		"crm.automatedsolution.update": {params: `{"id":$solution.automatedSolution.id,"fields":{"title":"Office"}}`},
		"crm.automatedsolution.get":    {params: `{"id":$solution.automatedSolution.id}`},
		"crm.automatedsolution.list":   {needs: "solution"},
		"crm.automatedsolution.delete": {needs: "solution", params: `{"id":$solution.automatedSolution.id}`},
		"crm.automatedsolution.fields": {},
		"crm.duplicate.findbycomm":     {needs: "lead", params: `{"type":"EMAIL","values":["ada@example.com"]}`},
		"crm.timeline.comment.add":     {params: `{"fields":{"ENTITY_ID":$deal.item.id,"ENTITY_TYPE":"deal","COMMENT":"Called"}}`},
		"crm.timeline.comment.update":  {params: `{"id":$comment,"fields":{"COMMENT":"Wrote"}}`},
		"crm.timeline.comment.get":     {params: `{"id":$comment}`},
		"crm.timeline.comment.list":    {needs: "comment", params: `{"filter":{"ENTITY_ID":$deal.item.id,"ENTITY_TYPE":"deal"}}`},
		"crm.timeline.comment.delete":  {params: `{"id":$comment}`},
		"crm.timeline.comment.fields":  {},
		"userfieldconfig.add": {params: `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_COLOUR","userTypeId":"enumeration",
			"editFormLabel":{"en":"Colour"},"enum":[{"value":"Red","def":"Y"}]}}`},
		"userfieldconfig.update":   {params: `{"moduleId":"crm","id":$config.field.id,"field":{"sort":200}}`},
		"userfieldconfig.get":      {params: `{"moduleId":"crm","id":$config.field.id}`},
		"userfieldconfig.list":     {needs: "config", params: `{"moduleId":"crm","select":{"0":"*"},"filter":{"entityId":"CRM_DEAL"}}`},
		"userfieldconfig.delete":   {params: `{"moduleId":"crm","id":$config.field.id}`},
		"userfieldconfig.getTypes": {params: `{"moduleId":"crm"}`},
	}
}

// legacyScenarios are the same calls for each of the older families.
func legacyScenarios() map[string]scenario {
	all := make(map[string]scenario)
	for name, fields := range map[string]string{
		"lead":    `"TITLE":"Inquiry","NAME":"Ada","EMAIL":[{"VALUE":"ada@example.com","VALUE_TYPE":"WORK"}],"PHONE":[{"VALUE":"+123","VALUE_TYPE":"WORK"}]`,
		"deal":    `"TITLE":"Renewal","OPPORTUNITY":99.5`,
		"contact": `"NAME":"Ada","EMAIL":[{"VALUE":"ada@example.com","VALUE_TYPE":"WORK"}],"PHONE":[{"VALUE":"+123","VALUE_TYPE":"WORK"}]`,
		"company": `"TITLE":"Acme","EMAIL":[{"VALUE":"ada@example.com","VALUE_TYPE":"WORK"}],"PHONE":[{"VALUE":"+123","VALUE_TYPE":"WORK"}]`,
		"quote":   `"TITLE":"Offer"`,
	} {
		family, id := "crm."+name+".", "$old"+name
		all[family+"add"] = scenario{params: fmt.Sprintf(`{"fields":{%s}}`, fields)}
		all[family+"update"] = scenario{params: fmt.Sprintf(`{"id":%s,"fields":{"COMMENTS":"c"}}`, id)}
		all[family+"get"] = scenario{params: fmt.Sprintf(`{"id":%s}`, id)}
		all[family+"list"] = scenario{needs: "old" + name}
		all[family+"delete"] = scenario{params: fmt.Sprintf(`{"id":%s}`, id)}
		all[family+"fields"] = scenario{}
	}
	return all
}
