package portal

import (
	"time"
)

// zoneOf is a zone this many hours from UTC.
func zoneOf(hours int) Config { return Config{Zone: time.FixedZone("", hours*60*60)} }

func silentClaims() []claim {
	const (
		one     = `"entityTypeId":2,"id":1`
		contact = `"entityTypeId":3,"id":1`
	)
	return []claim{
		{name: "15: unknown fields are dropped", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"title":"A","titel":"B","ufCrmNope":1}}`,
				want: `{"result":{"item":{"title":"A","titel":"(absent)","ufCrmNope":"(absent)"}}}`},
		}},
		{name: "16: fields that are only read are dropped", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":4,"fields":{"createdBy":5,"isMyCompany":"Y","hasPhone":"Y"}}`,
				want: `{"result":{"item":{"id":1,"createdBy":1,"isMyCompany":"Y","hasPhone":"N"}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":4,"id":1,"fields":{"isMyCompany":"N","id":99}}`, want: `{"result":{"item":{"id":1,"isMyCompany":"Y"}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"webformId":5}}`, want: `{"result":{"item":{"webformId":null}}}`},
		}},
		{name: "17: dates that cannot be read keep the old value", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{"birthdate":"1990-05-01"}}`, want: `{"result":{"item":{"birthdate":"1990-05-01T03:00:00+03:00"}}}`},
			{send: "crm.item.update", body: `{` + contact + `,"fields":{"birthdate":"formatDate(monthAgo)"}}`, want: `{"result":{"item":{"birthdate":"1990-05-01T03:00:00+03:00"}}}`},
		}},
		{name: "18: a foreign stage becomes the first, or stays the old one", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"stageId":"C9:NOPE"}}`, want: `{"result":{"item":{"stageId":"NEW"}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"stageId":"EXECUTING"}}`, want: `{"result":{"item":{"stageId":"EXECUTING"}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"stageId":"Propsal"}}`, want: `{"result":{"item":{"stageId":"EXECUTING"}}}`},
		}},
		{name: "25: 1 and yes are no", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"isManualOpportunity":1}}`, want: `{"result":{"item":{"isManualOpportunity":"N"}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"isManualOpportunity":"Yes"}}`, want: `{"result":{"item":{"isManualOpportunity":"N"}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"isManualOpportunity":true}}`, want: `{"result":{"item":{"isManualOpportunity":"Y"}}}`},
		}},
		{name: "26: flags of relations and linked fields need the text true", turns: []turn{
			{send: "crm.type.add", body: `{"fields":{"title":"E","isUseInUserfieldEnabled":"Y","linkedUserFields":{"TASKS_TASK|UF_CRM_TASK":"Y","CALENDAR_EVENT|UF_CRM_CAL_EVENT":"true"},
				"relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":true}],"child":[{"entityTypeId":31,"isChildrenListEnabled":"true"}]}}}`,
				want: `{"result":{"type":{"linkedUserFields":{"TASKS_TASK|UF_CRM_TASK":"N","CALENDAR_EVENT|UF_CRM_CAL_EVENT":"Y"},
				"relations":{"parent":[{"isChildrenListEnabled":"N"}],"child":[{"isChildrenListEnabled":"Y"}]}}}}`},
		}},
		{name: "27: other labels and showInList of a custom field are ignored", turns: []turn{
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X","userTypeId":"string","showInList":"N",
				"editFormLabel":{"en":"X"},"listColumnLabel":{"en":"no"},"listFilterLabel":{"en":"no"},"helpMessage":"no"}}`,
				want: `{"result":{"field":{"showInList":"Y","editFormLabel":{"en":"X"},"listColumnLabel":{"en":null},"listFilterLabel":{"en":null},"helpMessage":{"en":null}}}}`},
			{send: "userfieldconfig.update", body: `{"moduleId":"crm","id":1,"field":{"editFormLabel":"text","showInList":"N"}}`,
				want: `{"result":{"field":{"showInList":"Y","editFormLabel":{"en":"X"}}}}`},
		}},
		{name: "28: what cannot change is ignored", turns: []turn{
			{send: "crm.type.add", body: `{"fields":{"title":"E"}}`, want: `{"result":{"type":{"entityTypeId":128}}}`},
			{send: "crm.type.update", body: `{"id":1,"fields":{"entityTypeId":190}}`, want: `{"result":{"type":{"entityTypeId":128}}}`},
			{send: "batch", body: `{"halt":1,"cmd":{"a":"crm.status.add?fields[ENTITY_ID]=SOURCE&fields[STATUS_ID]=FAIR&fields[NAME]=Fair",` +
				`"u":"crm.status.update?id=$result[a]&fields[ENTITY_ID]=INDUSTRY&fields[STATUS_ID]=X&fields[SEMANTICS]=S&fields[CATEGORY_ID]=5","g":"crm.status.get?id=$result[a]"}}`,
				want: `{"result":{"result":{"u":true,"g":{"ENTITY_ID":"SOURCE","STATUS_ID":"FAIR","SEMANTICS":null,"CATEGORY_ID":null}}}}`},
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X","userTypeId":"string"}}`, want: `{"result":{"field":{"id":"1"}}}`},
			{send: "userfieldconfig.update", body: `{"moduleId":"crm","id":1,"field":{"entityId":"CRM_LEAD","fieldName":"UF_CRM_LEAD_X","userTypeId":"integer","multiple":"Y"}}`,
				want: `{"result":{"field":{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X","userTypeId":"string","multiple":"N"}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":4,"fields":{}}`, want: `{"result":{"item":{"id":1}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":4,"fields":{}}`, want: `{"result":{"item":{"id":2}}}`},
			{send: "crm.requisite.add", body: `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"M"}}`, want: `{"result":1}`},
			{send: "crm.requisite.update", body: `{"id":1,"fields":{"ENTITY_ID":2,"PRESET_ID":2,"NAME":"N"}}`, want: `{"result":true}`},
			{send: "crm.requisite.get", body: `{"id":1}`, want: `{"result":{"ENTITY_ID":"1","PRESET_ID":"1","NAME":"N"}}`},
		}},
	}
}

func crmClaims() []claim {
	const one = `"entityTypeId":2,"id":1`
	const field = `"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_X"`
	return []claim{
		{name: "typed ids or strings by family", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"opportunity":"5"}}`, want: `{"result":{"item":{"id":1,"assignedById":1,"opportunity":5}}}`},
			{send: "crm.deal.get", body: `{"id":1}`, want: `{"result":{"ID":"1","ASSIGNED_BY_ID":"1","OPPORTUNITY":"5.00"}}`},
			{send: "crm.deal.add", body: `{"fields":{"TITLE":"A"}}`, want: `{"result":2}`},
			{send: "crm.item.productrow.add", body: `{"fields":{"ownerType":"D","ownerId":1,"price":"5"}}`, want: `{"result":{"productRow":{"id":1,"ownerId":1,"price":5}}}`},
			{send: "crm.category.list", body: `{"entityTypeId":2}`, want: `{"result":{"categories":[{"id":0,"sort":300}]}}`},
			{send: "crm.status.get", body: `{"id":1}`, want: `{"result":{"ID":"1","SORT":"10"}}`},
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{` + field + `,"userTypeId":"string"}}`, want: `{"result":{"field":{"id":"1","sort":"100"}}}`},
			{send: "user.get", body: `{"ID":1}`, want: `{"result":[{"ID":"1"}]}`},
		}},
		{name: "BBCode conversion of comments", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"comments":"<b>Bold</b><br>A & B [user=1]Ann[/user]"}}`,
				want: `{"result":{"item":{"comments":"[B]Bold[/B]\nA &amp; B Ann"}}}`},
			{send: "crm.item.get", body: `{` + one + `}`, want: `{"result":{"item":{"comments":"[B]Bold[/B]\nA &amp; B Ann"}}}`},
		}},
		{name: "days as UTC midnight in the server's zone, +03:00", cfg: zoneOf(3), turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{"birthdate":"2024-06-18"}}`, want: `{"result":{"item":{"birthdate":"2024-06-18T03:00:00+03:00"}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":3,"id":1,"fields":{"birthdate":"2024-06-18T03:00:00+03:00"}}`,
				want: `{"result":{"item":{"birthdate":"2024-06-18T03:00:00+03:00"}}}`},
		}},
		{name: "days as UTC midnight in the server's zone, −05:00", cfg: zoneOf(-5), turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{"birthdate":"2024-06-18"}}`, want: `{"result":{"item":{"birthdate":"2024-06-17T19:00:00-05:00"}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":3,"id":1,"fields":{"birthdate":"2024-06-17T19:00:00-05:00"}}`,
				want: `{"result":{"item":{"birthdate":"2024-06-16T19:00:00-05:00"}}}`},
		}},
		{name: "fm by keyed rows", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{"fm":[{"typeId":"PHONE","value":" 1 "},{"typeId":"EMAIL","value":"a@b.example"}]}}`,
				want: `{"result":{"item":{"fm":[{"id":1,"valueType":"WORK","value":"1"},{"id":2}]}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":3,"id":1,"fields":{"fm":{"1":{"typeId":"PHONE","valueType":"MOBILE","value":"2"},"n0":{"typeId":"WEB","value":"w"}}}}`,
				want: `{"result":{"item":{"fm":[{"id":1,"valueType":"MOBILE","value":"2"},{"id":2},{"id":3,"typeId":"WEB"}]}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":3,"id":1,"fields":{"fm":{"2":{"typeId":"EMAIL","value":""}}}}`, want: `{"result":{"item":{"fm":[{"id":1},{"id":3}]}}}`},
			{send: "crm.item.update", body: `{"entityTypeId":3,"id":1,"fields":{"fm":[{"typeId":"IM","value":"a"},{"typeId":"IM","value":"b"}]}}`,
				want: `{"result":{"item":{"fm":[{"id":1,"typeId":"IM","value":"b"},{"id":3},{"id":4,"value":"a"}]}}}`},
		}},
		{name: "contactId replaces", turns: []turn{
			{n: 3, send: "crm.item.add", body: `{"entityTypeId":3,"fields":{}}`, want: `{"result":{"item":{}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"contactIds":[3,1]}}`, want: `{"result":{"item":{"contactIds":[3,1],"contactId":3}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"contactId":1}}`, want: `{"result":{"item":{"contactIds":[3,1],"contactId":3}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"contactId":2}}`, want: `{"result":{"item":{"contactIds":[2],"contactId":2}}}`},
		}},
		{name: "opportunity and taxValue from rows", turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"opportunity":5,"taxValue":9}}`, want: `{"result":{"item":{"opportunity":5,"taxValue":0}}}`},
			{send: "crm.item.productrow.add", body: `{"fields":{"ownerType":"D","ownerId":1,"price":120,"taxRate":20,"quantity":2}}`, want: `{"result":{"productRow":{}}}`},
			{send: "crm.item.get", body: `{` + one + `}`, want: `{"result":{"item":{"opportunity":240,"taxValue":40}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"opportunity":1,"taxValue":9}}`, want: `{"result":{"item":{"opportunity":240,"taxValue":40}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"opportunity":1,"isManualOpportunity":"Y"}}`, want: `{"result":{"item":{"opportunity":1,"taxValue":40}}}`},
		}},
		{name: "bare keys are LIKE", turns: []turn{
			{send: "crm.item.batchImport", body: `{"entityTypeId":2,"data":[{"title":"AB_c"},{"title":"abXc"},{"title":"ab"}]}`, want: `{"result":{"items":[{},{},{}]}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"filter":{"title":"ab_C"}}`, want: `{"result":{"items":[{"id":1},{"id":2}]}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"filter":{"title":"ab%"}}`, want: `{"total":3}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"filter":{"title":"b"}}`, want: `{"result":{"items":[]}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"filter":{"=title":"ab_c"}}`, want: `{"result":{"items":[{"id":1}]}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"filter":{"%title":"b_"}}`, want: `{"result":{"items":[{"id":1}]}}`},
		}},
		{name: "offsets are rounded to pages", turns: []turn{
			{n: 3, send: "crm.item.batchImport", body: `{"entityTypeId":2,"data":[` + many(1, 20, `{"title":"T%d"}`) + `]}`, want: `{"result":{}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"start":20}`, want: `{"result":{"items":[` + many(1, 50, `{"id":%d}`) + `]},"next":50,"total":60}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"start":59}`, want: `{"result":{"items":[` + many(51, 60, `{"id":%d}`) + `]},"next":"(absent)","total":60}`},
		}},
		{name: "start=-1 counts nothing", turns: []turn{
			{n: 3, send: "crm.item.batchImport", body: `{"entityTypeId":2,"data":[` + many(1, 20, `{"title":"T%d"}`) + `]}`, want: `{"result":{}}`},
			{send: "crm.item.list", body: `{"entityTypeId":2,"select":["id"],"start":-1}`,
				want: `{"result":{"items":[` + many(1, 50, `{"id":%d}`) + `]},"next":"(absent)","total":"(absent)"}`},
		}},
		{name: "stages are made with the type and prefixed", turns: []turn{
			{send: "crm.type.add", body: `{"fields":{"title":"E","isStagesEnabled":"N"}}`, want: `{"result":{"type":{"entityTypeId":128}}}`},
			{send: "crm.status.list", body: `{"filter":{"ENTITY_ID":"DYNAMIC_128_STAGE_2"},"order":{"SORT":"ASC"}}`,
				want: `{"result":[{"STATUS_ID":"DT128_2:NEW","SYSTEM":"Y"},{"STATUS_ID":"DT128_2:PREPARATION"},{"STATUS_ID":"DT128_2:CLIENT"},
				{"STATUS_ID":"DT128_2:SUCCESS","SEMANTICS":"S"},{"STATUS_ID":"DT128_2:FAIL","SEMANTICS":"F"}],"total":5}`},
			{send: "batch", body: `{"cmd":{"a":"crm.status.add?fields[ENTITY_ID]=DYNAMIC_128_STAGE_2&fields[STATUS_ID]=my&fields[NAME]=My&fields[SORT]=35","g":"crm.status.get?id=$result[a]"}}`,
				want: `{"result":{"result":{"g":{"STATUS_ID":"DT128_2:MY","CATEGORY_ID":"2"}}}}`},
			{send: "crm.category.add", body: `{"entityTypeId":2,"fields":{"name":"Second"}}`, want: `{"result":{"category":{"id":1}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"categoryId":1}}`, want: `{"result":{"item":{"stageId":"C1:NEW"}}}`},
		}},
		{name: "enum is replaced", turns: []turn{
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{` + field + `,"userTypeId":"enumeration","enum":[{"value":"A","xmlId":"a"},{"value":"B","xmlId":"b"}]}}`,
				want: `{"result":{"field":{"enum":[{"id":"1"},{"id":"2"}]}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"ufCrmDealX":2}}`, want: `{"result":{"item":{"ufCrmDealX":2}}}`},
			{send: "userfieldconfig.update", body: `{"moduleId":"crm","id":1,"field":{"userTypeId":"enumeration","enum":[{"id":1,"value":"A2"},{"value":"B","xmlId":"b"}]}}`,
				want: `{"result":{"field":{"enum":[{"id":"1","value":"A2"},{"id":"3","value":"B"}]}}}`},
			{send: "crm.item.get", body: `{` + one + `}`, want: `{"result":{"item":{"ufCrmDealX":null}}}`},
			{send: "userfieldconfig.update", body: `{"moduleId":"crm","id":1,"field":{"userTypeId":"enumeration"}}`, want: `{"result":{"field":{"enum":[]}}}`},
		}},
		{name: "labels are wiped", turns: []turn{
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{` + field + `,"userTypeId":"string","editFormLabel":{"en":"One","de":"Eins"},"helpMessage":{"en":"Help"}}}`,
				want: `{"result":{"field":{"editFormLabel":{"en":"One","de":"Eins"},"helpMessage":{"en":"Help"}}}}`},
			{send: "userfieldconfig.update", body: `{"moduleId":"crm","id":1,"field":{"editFormLabel":{"en":"Two"}}}`,
				want: `{"result":{"field":{"editFormLabel":{"en":"Two","de":"(absent)"},"helpMessage":{"en":null}}}}`},
		}},
		{name: "user fields are always dirty", turns: []turn{
			{send: "userfieldconfig.add", body: `{"moduleId":"crm","field":{` + field + `,"userTypeId":"string"}}`, want: `{"result":{"field":{}}}`},
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"title":"A","ufCrmDealX":"x"}}`, want: `{"result":{"item":{"updatedTime":"2000-01-01T03:00:00+03:00"}}}`},
			{wait: time.Hour, send: "crm.item.update", body: `{` + one + `,"fields":{"title":"A"}}`, want: `{"result":{"item":{"updatedTime":"2000-01-01T03:00:00+03:00"}}}`},
			{send: "crm.item.update", body: `{` + one + `,"fields":{"ufCrmDealX":"x"}}`, want: `{"result":{"item":{"updatedTime":"2000-01-01T04:00:00+03:00"}}}`},
		}},
		{name: "crm.type.update without id is null", turns: []turn{
			{send: "crm.type.add", body: `{"fields":{"title":"E"}}`, want: `{"result":{"type":{"id":1}}}`},
			{send: "crm.type.update", body: `{"ID":1,"fields":{"title":"F"}}`, want: `{"result":null}`},
			{send: "crm.type.get", body: `{"id":1}`, want: `{"result":{"type":{"title":"E"}}}`},
		}},
	}
}
