package portal

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// Lengths count characters, not bytes: what is too long is cut under a success answer.
// Source: https://apidocs.bitrix24.com/api-reference/crm/quote/crm-quote-add.html.
func TestCaseETextsAreCutByCharacters(t *testing.T) {
	for name, letter := range map[string]string{"Latin": "a", "Cyrillic": "ж", "an emoji": "🙂", "combined": "é"} {
		long := strings.Repeat(letter, 300)
		cut := func(n int) string { return strconv.Quote(string([]rune(long)[:n])) }
		add := func(etid, field, want string) turn {
			return turn{send: "crm.item.add", body: `{"entityTypeId":` + etid + `,"fields":{"` + field + `":"` + long + `"}}`, want: `{"result":{"item":{"` + field + `":` + want + `}}}`}
		}
		prove(t, claim{name: name, turns: []turn{
			add("7", "title", cut(255)), add("2", "title", cut(255)), add("3", "name", cut(50)), add("3", "lastName", cut(50)), add("3", "post", cut(255)),
			add("4", "originId", cut(255)), add("2", "comments", strconv.Quote(long)),
			{send: "crm.quote.add", body: `{"fields":{"TITLE":"` + long + `"}}`, want: `{"result":2}`},
			{send: "crm.quote.get", body: `{"id":2}`, want: `{"result":{"TITLE":` + cut(255) + `}}`},
			{send: "crm.item.update", body: `{"entityTypeId":7,"id":1,"fields":{"title":"` + long + `!"}}`, want: `{"result":{"item":{"title":` + cut(255) + `}}}`},
		}})
	}
}

// A portal of another country has no Russian templates of requisites.
func TestCaseETemplatesOfRequisitesDifferByCountry(t *testing.T) {
	list := func(want string) turn {
		return turn{send: "crm.requisite.preset.list", body: `{"select":["ID","COUNTRY_ID","NAME","XML_ID"],"order":{"ID":"ASC"}}`, want: want}
	}
	prove(t,
		claim{name: "Germany", cfg: Config{Country: "DE"}, turns: []turn{
			list(`{"result":[{"ID":"1","COUNTRY_ID":"46","NAME":"Juristische Person","XML_ID":"#CRM_REQUISITE_PRESET_DEF_DE_LEGALENTITY#"},
				{"ID":"2","COUNTRY_ID":"46","NAME":"Natürliche Person"}],"total":2}`),
			{send: "crm.requisite.preset.list", body: `{"filter":{"%XML_ID":"DEF_RU"}}`, want: `{"result":[],"total":0}`},
			{send: "app.info", want: `{"result":{"LICENSE":"de_pro100"}}`},
		}},
		claim{name: "the United States", cfg: Config{Country: "US", Seed: "demo"}, turns: []turn{list(`{"result":[{"COUNTRY_ID":"122","NAME":"Legal entity"},{"COUNTRY_ID":"122"}]}`)}},
		claim{name: "Russia, as in the examples", turns: []turn{list(`{"result":[{"COUNTRY_ID":"1","NAME":"Organization"},{},{}]}`)}},
	)
	for _, code := range []string{"XX", "de", "DEU"} {
		if _, err := Open(t.Context(), Config{Country: code}); err == nil || !strings.Contains(err.Error(), "BY, KZ") {
			t.Errorf("country %q: %v", code, err)
		}
	}
}

// One list holds the rows of many owners, and one the phones of many clients.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-list.html
// and https://apidocs.bitrix24.com/api-reference/crm/contacts/crm-contact-list.html.
func TestCaseEOneListHoldsTheRowsOfManyOwners(t *testing.T) {
	row := func(owner, name string) turn {
		return turn{send: "crm.item.productrow.add", want: `{"result":{"productRow":{"productName":"` + name + `"}}}`,
			body: `{"fields":{"ownerType":"D","ownerId":` + owner + `,"productName":"` + name + `","price":1}}`}
	}
	const deal = `{"entityTypeId":2,"fields":{"title":"A"}}`
	deals := turn{n: 3, send: "crm.item.add", body: deal, want: `{"result":{"item":{"title":"A"}}}`}
	list := func(filter, want string) turn {
		return turn{send: "crm.item.productrow.list", body: `{"filter":` + filter + `,"order":{"id":"ASC"}}`, want: want}
	}
	narrow := Config{Webhooks: []Webhook{{User: 2, Secret: "own", Rights: Rights{"read": LevelOwn}}}}
	prove(t,
		claim{name: "product rows", turns: []turn{deals, row("1", "A"), row("2", "B"), row("3", "C"), row("1", "D"),
			list(`{"=ownerType":"D","=ownerId":[1,2]}`, `{"result":{"productRows":[{"ownerId":1,"productName":"A"},{"ownerId":2},{"ownerId":1,"productName":"D"}]},"total":3}`),
			list(`{"=ownerType":"D","=ownerId":["3"]}`, `{"result":{"productRows":[{"productName":"C"}]},"total":1}`),
			list(`{"=ownerType":"D","=ownerId":3}`, `{"result":{"productRows":[{"productName":"C"}]},"total":1}`),
			list(`{"=ownerType":"D","=ownerId":[]}`, `400 {"error":"REQUIRED_ARG_MISSING"}`),
			{send: "crm.item.productrow.list", body: `=`, want: `400 {"error":"100"}`},
		}},
		claim{name: "rows of owners that the caller may not read", cfg: narrow, turns: []turn{deals, row("1", "A"), row("2", "B"),
			{send: "crm.item.update", body: `{"entityTypeId":2,"id":2,"fields":{"assignedById":2}}`, want: `{"result":{"item":{"assignedById":2}}}`},
			{send: "/rest/2/own/crm.item.productrow.list", body: `{"filter":{"=ownerType":"D","=ownerId":[1,2]}}`, want: `400 {"error":"ACCESS_DENIED"}`},
			{send: "/rest/2/own/crm.item.productrow.list", body: `{"filter":{"=ownerType":"D","=ownerId":[2]}}`, want: `{"total":1}`},
		}},
		claim{name: "fifty rows, not owners, a page", turns: []turn{deals, {n: 60, send: "crm.item.productrow.add", want: `{"result":{"productRow":{"ownerId":1}}}`,
			body: `{"fields":{"ownerType":"D","ownerId":1,"productName":"A","price":1}}`}, row("2", "B"),
			list(`{"=ownerType":"D","=ownerId":[1,2]}`, `{"total":61,"next":50}`)}},
	)
	person := func(name, fm string) turn {
		return turn{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{"name":"` + name + `","fm":[` + fm + `]}}`, want: `{"result":{"item":{"name":"` + name + `"}}}`}
	}
	const phone, email = `{"typeId":"PHONE","valueType":"WORK","value":"+1"}`, `{"typeId":"EMAIL","valueType":"HOME","value":"a@b.example"}`
	prove(t, claim{name: "phones of many contacts", turns: []turn{person("A", phone+","+email), person("B", phone), person("C", ""),
		{send: "crm.contact.list", body: `{"select":["PHONE","EMAIL"],"order":{"ID":"ASC"}}`, want: `{"result":[
			{"ID":"1","PHONE":[{"ID":"1","VALUE_TYPE":"WORK","VALUE":"+1","TYPE_ID":"PHONE"}],"EMAIL":[{"VALUE":"a@b.example"}]},
			{"ID":"2","PHONE":[{"ID":"3"}],"EMAIL":"(absent)"},{"ID":"3","PHONE":"(absent)"}],"total":3}`},
		{send: "crm.contact.list", body: `{"select":["*","UF_*"]}`, want: `{"result":[{"PHONE":"(absent)","NAME":"A"},{},{}]}`},
	}})
}

// Who sees only their own records is no administrator, and finds nothing of others.
func TestCaseB8AUserWhoSeesOnlyTheirOwn(t *testing.T) {
	cfg := Config{Webhooks: []Webhook{{User: 2, Secret: "own", Rights: Rights{"read": LevelOwn}}}}
	ask := func(method, body, want string) turn {
		return turn{send: "/rest/2/own/" + method, body: body, want: want}
	}
	prove(t, claim{name: "by every list", cfg: cfg, turns: []turn{
		{send: "profile", want: `{"result":{"ID":"1","ADMIN":true}}`}, ask("profile", "", `{"result":{"ID":"2","ADMIN":false}}`),
		ask("user.admin", "", `{"result":false}`),
		{send: "crm.item.add", body: `{"entityTypeId":4,"fields":{"title":"A","originId":"a"}}`, want: `{"result":{"item":{"id":1}}}`},
		ask("crm.item.list", `{"entityTypeId":4,"filter":{"=originId":"a"}}`, `{"result":{"items":[]},"total":0}`),
		ask("crm.company.list", `{}`, `{"result":[],"total":0}`),
		ask("crm.item.get", `{"entityTypeId":4,"id":1}`, `400 {"error":"ACCESS_DENIED"}`),
		ask("crm.item.add", `{"entityTypeId":4,"fields":{"title":"B"}}`, `{"result":{"item":{"id":2,"assignedById":2}}}`),
		{wait: time.Second, send: "/rest/2/own/crm.item.list", body: `{"entityTypeId":4}`, want: `{"result":{"items":[{"id":2}]},"total":1}`},
	}})
}
