package portal

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// prove runs claims of one test.
func prove(t *testing.T, claims ...claim) {
	t.Helper()
	for _, c := range claims {
		c.run(t)
	}
}

func TestCaseECostsGrowWithTheRows(t *testing.T) {
	cost := func(text string) Config {
		c, err := ParseCost(text)
		if err != nil {
			t.Fatal(err)
		}
		return Config{Costs: []Cost{c}}
	}
	spent := func(seconds string) string { return `{"time":{"processing":` + seconds + `}}` }
	const row = `{"title":"A"}`
	prove(t,
		claim{name: "an import by its records", cfg: cost("crm.item.batchImport=0.3+0.05"), turns: []turn{
			{send: "crm.item.batchImport", body: `{"entityTypeId":2,"data":[` + row + `]}`, want: spent("0.35")},
			{send: "crm.item.batchImport", body: `{"entityTypeId":2,"data":[` + strings.Repeat(row+",", 19) + row + `]}`, want: spent("1.3")},
			{send: "batch", body: `{"cmd":{"a":"crm.item.batchImport?entityTypeId=2&data[0][title]=A&data[1][title]=B"}}`,
				want: `{"result":{"result_time":{"a":{"processing":0.4}}}}`},
		}},
		claim{name: "product rows", cfg: cost("crm.item.productrow.set=0.2+0.1"), turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{}}`, want: `{"result":{"item":{"id":1}}}`},
			{send: "crm.item.productrow.set", body: `{"ownerType":"D","ownerId":1,"productRows":[{"productName":"A","price":1},{"productName":"B","price":1}]}`, want: spent("0.4")},
		}},
		claim{name: "a list by what it answers", cfg: cost("crm.item.list=0.1+0.01"), turns: []turn{
			{send: "crm.item.list", body: `{"entityTypeId":4}`, want: spent("0.1")},
			{n: 60, send: "crm.item.add", body: `{"entityTypeId":4,"fields":{"title":"A"}}`, want: `{"result":{"item":{"title":"A"}}}`},
			{send: "crm.item.list", body: `{"entityTypeId":4}`, want: spent("0.6")},
			{send: "crm.item.list", body: `{"entityTypeId":4,"start":50}`, want: spent("0.2")},
		}},
		claim{name: "a call without rows by itself", cfg: cost("crm.item.add=0.25+9"), turns: []turn{
			{send: "crm.item.add", body: `{"entityTypeId":4,"fields":{"title":"A"}}`, want: spent("0.25")},
		}},
	)
}

func TestCaseE429HasNoTime(t *testing.T) {
	limits := Limits{Operating: time.Second}
	cfg := Config{Limits: limits, Costs: []Cost{{Method: "crm.item.list", Time: 2 * time.Second}, {Method: "tasks.*", Time: 2 * time.Second}}}
	const none = `"time":"(absent)"`
	list := turn{send: "crm.item.list", body: `{"entityTypeId":2}`}
	first, second := list, list
	first.want, second.want = `{"time":{"operating":2}}`, `429 {"error":"OPERATION_TIME_LIMIT",`+none+`}`
	prove(t,
		claim{name: "alone", cfg: cfg, turns: []turn{first, second}},
		claim{name: "in a batch", cfg: cfg, turns: []turn{first, {send: "batch", body: `{"cmd":{"a":"crm.item.list?entityTypeId=2"}}`,
			want: `{"result":{"result_error":{"a":{"error":"OPERATION_TIME_LIMIT",` + none + `}},"result_time":[]}}`}}},
		claim{name: "as a fault", cfg: Config{Faults: "429:crm.*"}, turns: []turn{second}},
	)
}

// The page's example, and what its text and its table of errors say.
func TestCaseEMergingKeepsTheFirstRecord(t *testing.T) {
	const (
		phone = `,"fm":[{"typeId":"PHONE","valueType":"WORK","value":"+1"}]`
		two   = `{"params":{"entityTypeId":3,"entityIds":[1,2]}}`
	)
	contact := func(fields string) turn {
		return turn{send: "crm.item.add", body: `{"entityTypeId":3,"fields":{` + fields + `}}`, want: `{"result":{"item":{"entityTypeId":3}}}`}
	}
	merge := func(params, want string) turn { return turn{send: "crm.entity.mergeBatch", body: params, want: want} }
	get := func(id, want string) turn {
		return turn{send: "crm.item.get", body: `{"entityTypeId":3,"id":` + id + `}`, want: want}
	}
	refused := func(params, text string) turn {
		return merge(`{"params":`+params+`}`, `400 {"error":"0","error_description":"`+text+`"}`)
	}
	prove(t,
		claim{name: "empty fields are filled, the others are gone", turns: []turn{
			contact(`"name":"Ada"`), contact(`"name":"Ada","post":"CEO"` + phone), contact(`"lastName":"Byron","name":"Ada"` + phone),
			merge(`{"params":{"entityTypeId":3,"entityIds":[1,2,3]}}`, `{"result":{"STATUS":"SUCCESS","ENTITY_IDS":[2,3]}}`),
			get("1", `{"result":{"item":{"name":"Ada","post":"CEO","lastName":"Byron","hasPhone":"Y","fm":[{"value":"+1"}]}}}`),
			get("2", `400 {"error":"NOT_FOUND"}`), get("3", `400 {"error":"NOT_FOUND"}`),
		}},
		claim{name: "what differs is a conflict, and nothing happens", turns: []turn{
			contact(`"name":"Ada"`), contact(`"name":"Bob","post":"CEO"`),
			merge(two, `{"result":{"STATUS":"CONFLICT","ENTITY_IDS":[]}}`),
			get("1", `{"result":{"item":{"name":"Ada","post":null}}}`), get("2", `{"result":{"item":{"name":"Bob"}}}`),
		}},
		claim{name: "what pointed at the others points at the first", turns: []turn{
			contact(`"name":"Ada"`), contact(`"name":"Ada"`),
			{send: "crm.item.add", body: `{"entityTypeId":2,"fields":{"contactIds":[2]}}`, want: `{"result":{"item":{"contactId":2}}}`},
			{send: "crm.requisite.add", body: `{"fields":{"ENTITY_TYPE_ID":3,"ENTITY_ID":2,"PRESET_ID":1,"NAME":"R"}}`, want: `{"result":1}`},
			merge(two, `{"result":{"STATUS":"SUCCESS","ENTITY_IDS":[2]}}`),
			{send: "crm.item.get", body: `{"entityTypeId":2,"id":1}`, want: `{"result":{"item":{"contactId":1,"contactIds":[1]}}}`},
			{send: "crm.requisite.list", body: `{"filter":{"ENTITY_TYPE_ID":3,"ENTITY_ID":1},"select":["ID"]}`, want: `{"total":1}`},
		}},
		claim{name: "refusals", turns: []turn{
			contact(`"name":"Ada"`),
			refused(`{"entityIds":[1,2]}`, "The parameter entityTypeId is required."),
			refused(`{"entityTypeId":3,"entityIds":[]}`, "The parameter entityIds does not contains valid elements."),
			refused(`{"entityTypeId":3,"entityIds":[1]}`, "The parameter entityIds must contains at least two elements."),
			refused(`{"entityTypeId":3,"entityIds":[1,1]}`, "The parameter entityIds must contains at least two elements."),
			refused(`{"entityTypeId":3,"entityIds":[1,9]}`, "Owner was not found"),
		}},
		claim{name: "it needs the right to delete the others",
			cfg: Config{Webhooks: []Webhook{{User: 2, Secret: "keeper", Rights: Rights{"delete": LevelNone}}}}, turns: []turn{
				contact(`"name":"Ada"`), contact(`"name":"Ada"`),
				{send: "/rest/2/keeper/crm.entity.mergeBatch", body: two, want: `403 {"error_description":"Access denied"}`},
				get("2", `{"result":{"item":{"id":2}}}`),
			}},
	)
}

func TestCaseEABatchOfREST3MayBeAnObject(t *testing.T) {
	w := newWire(t)
	const (
		scopes = `{"method":"rest.scope.list"}`
		add    = `{"method":"tasks.task.add","query":{"fields":{"title":"T","creatorId":1,"responsibleId":1}}}`
	)
	for body, want := range map[string]int{
		`[` + scopes + `,` + add + `]`:         200,
		`{"0":` + scopes + `,"1":` + add + `}`: 200,
		`{"0":` + add + `}`:                    200,
		`{"1":` + add + `}`:                    400,
		`{"a":` + add + `}`:                    400,
		`{"cmd":{"0":"rest.scope.list"}}`:      400,
	} {
		rec := w.v3("1/s3cret/batch", "application/json", "", body)
		if rec.Code != want {
			t.Errorf("%s: HTTP %d %s", body, rec.Code, rec.Body)
		}
		if want == 200 && !strings.HasPrefix(jsonField(t, rec.Body.String(), "result"), "[") {
			t.Errorf("%s: no list of results: %s", body, rec.Body)
		}
	}
}

func TestCaseETwoSlashesAreOne(t *testing.T) {
	w := newWire(t)
	for path, want := range map[string]int{
		"/rest/1/s3cret//user.current/": 200, "/rest/1/s3cret//user.current": 200, "/rest/1/s3cret///user.current.json": 200,
		"/rest/1//s3cret/user.current": 200, "/rest/1/s3cret//nope": 404, "/rest/1/wrong//user.current/": 401, "/rest/api/1/s3cret//rest.scope.list": 200,
	} {
		if status, body := w.send("POST", path, "application/json", "{}"); status != want {
			t.Errorf("%s: HTTP %d %s", path, status, body)
		}
	}
}

func TestCaseENoStageComesAfterTheFinalOne(t *testing.T) {
	const full = `400 {"error":"","error_description":"Cannot create more stages after the final stage because the final successful stage already exists. ` +
		`Try using sort order values less than that of the final stage."}`
	stage := func(directory, sort, semantics, want string) turn {
		return turn{send: "crm.status.add", want: want, body: `{"fields":{"ENTITY_ID":"` + directory + `","STATUS_ID":"X` + sort + `","NAME":"X","SORT":` + sort + semantics + `}}`}
	}
	prove(t, claim{name: "by the sort of the success", turns: []turn{
		stage("DEAL_STAGE", "1000", "", full), stage("DEAL_STAGE", "75", "", full), stage("DEAL_STAGE", "9999", `,"SEMANTICS":""`, full),
		stage("STATUS", "1000", "", full),
		{send: "crm.category.add", body: `{"entityTypeId":2,"fields":{"name":"Own"}}`, want: `{"result":{"category":{"id":1}}}`},
		stage("DEAL_STAGE_1", "500", "", full), stage("DEAL_STAGE_1", "15", "", `{"error":"(absent)"}`),
		stage("DEAL_STAGE", "15", "", `{"error":"(absent)"}`), stage("SOURCE", "1000", "", `{"error":"(absent)"}`),
		stage("DEAL_STAGE", "2000", `,"SEMANTICS":"F"`, `{"error":"(absent)"}`),
	}})
}

// The tutorial's own example: pipelines 9 and 10.
func TestCaseEStockStagesAreCutToTheirColumn(t *testing.T) {
	for base, want := range map[int]string{9: "C9:PREPAYMENT_INVOICE", 10: "C10:PREPAYMENT_INVOIC", 1000: "C1000:PREPAYMENT_INVO"} {
		w := newWireOf(t, Config{IDBase: base})
		id := jsonField(t, jsonField(t, w.result("crm.category.add", `{"entityTypeId":2,"fields":{"name":"Own"}}`), "category"), "id")
		found := false
		for _, st := range jsonList(t, w.result("crm.status.list", `{"filter":{"ENTITY_ID":"DEAL_STAGE_`+id+`"}}`)) {
			found = found || jsonField(t, st, "STATUS_ID") == `"`+want+`"`
		}
		if !found {
			t.Errorf("pipeline %s has no stage %s", id, want)
		}
		if _, body := w.send("POST", "/rest/1/s3cret/crm.status.add", "application/json",
			`{"fields":{"ENTITY_ID":"DEAL_STAGE_`+id+`","STATUS_ID":"ABCDEFGHIJKLMNOPQRS","NAME":"X","SORT":15}}`); !strings.Contains(body, "longer than 21") {
			t.Errorf("a code beyond the column: %s", body)
		}
	}
}

func TestCaseEFieldsOfACatalogue(t *testing.T) {
	const described = `"isImmutable":false,"isReadOnly":false,"isRequired":false`
	prove(t, claim{name: "with its properties", turns: []turn{
		{send: "catalog.productProperty.add", body: `{"fields":{"iblockId":23,"name":"Colour","propertyType":"S","multiple":"Y"}}`, want: `{"result":{"productProperty":{"id":1}}}`},
		{send: "catalog.product.getFieldsByFilter", body: `{"filter":{"iblockId":23}}`, want: `{"result":{"product":{
			"name":{"isRequired":true,"type":"string"},"priceType":{` + described + `,"type":"char"},
			"property1":{"isDynamic":true,"isMultiple":true,` + described + `,"name":"Colour","propertyType":"S","type":"productproperty","userType":""}}}}`},
		{send: "catalog.product.getFieldsByFilter", body: `{"filter":{"iblockId":24}}`, want: `{"result":{"product":{"property1":"(absent)"}}}`},
		{send: "catalog.product.service.getFieldsByFilter", body: `{"filter":{"iblockId":23}}`, want: `{"result":{"service":{"quantity":"(absent)","property1":{"name":"Colour"}}}}`},
		{send: "catalog.product.getFieldsByFilter", body: `{}`, want: `400 {"error":"100"}`},
		{send: "catalog.product.getFieldsByFilter", body: `{"filter":{"active":"Y"}}`, want: `400 {"error":"0"}`},
	}})
}

func TestCaseEUsersHaveAnExternalCode(t *testing.T) {
	hooks := []Webhook{{User: 2, Secret: "brief", Scopes: []string{"user_brief"}}}
	prove(t, claim{name: "in every scope", cfg: Config{Webhooks: hooks}, turns: []turn{
		{send: "user.current", want: `{"result":{"ID":"1","XML_ID":"26100701"}}`},
		{send: "/rest/2/brief/user.current", want: `{"result":{"ID":"2","XML_ID":"26100702","EMAIL":"(absent)"}}`},
		{send: "user.get", body: `{"filter":{"XML_ID":"26100702"},"select":["ID","XML_ID"]}`, want: `{"result":[{"ID":"2","XML_ID":"26100702"}],"total":1}`},
	}})
}

func TestCaseESettingsMode(t *testing.T) {
	prove(t, claim{name: "any user may ask", cfg: Config{Webhooks: []Webhook{{User: 2, Secret: "b"}}}, turns: []turn{
		{send: "crm.settings.mode.get", want: `{"result":1}`}, {send: "/rest/2/b/crm.settings.mode.get", want: `{"result":1}`},
	}})
}

// A link to a file is what the documentation shows: an address, the credential of who asked
// and a signed token; it fetches the file by GET, as it stands.
func TestCaseA9LinksToFilesHoldTheCredential(t *testing.T) {
	app := testApplication
	app.Scopes = nil
	w := newWireOf(t, Config{Application: app, Webhooks: []Webhook{{User: 2, Secret: "blind", Rights: Rights{"read": LevelNone}}}})
	access, _ := w.pair()
	fields, _ := json.Marshal(map[string]any{"entityTypeId": 4, "fields": map[string]any{"title": "A", "logo": []string{"logo.png", "UE5H"}}})
	w.result("crm.item.add", string(fields))
	for target, secret := range map[string]string{"/rest/1/s3cret/crm.item.get": "s3cret", "/rest/crm.item.get?auth=" + access: access} {
		r := httptest.NewRequest("POST", "http://acme.example"+target, strings.NewReader(`{"entityTypeId":4,"id":1}`))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.p.ServeHTTP(rec, r)
		var answer struct {
			Result struct {
				Item struct{ Logo struct{ URLMachine string } }
			}
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		link := answer.Result.Item.Logo.URLMachine
		if want := "http://acme.example/rest/crm.controller.item.getFile.json?auth=" + secret + "&token=crm%7C"; !strings.HasPrefix(link, want) {
			t.Fatalf("link %s, want %s…", link, want)
		}
		forged := strings.Replace(link, "token=crm%7C", "token=crm%7CA", 1)
		blind := strings.Replace(link, "auth="+secret, "auth=blind", 1)
		none := strings.Replace(link, "auth="+secret, "auth=", 1)
		got := []string{fetched(w, link), fetched(w, forged), fetched(w, blind), fetched(w, none), fetched(w, strings.Replace(link, "getFile", "get", 1))}
		want := []string{"PNG", "ACCESS_DENIED", "ACCESS_DENIED", "NO_AUTH_FOUND", "invalid_token"}
		if secret == access {
			want[4] = "ERROR_METHOD_NOT_FOUND" // a token of the application is good for every method
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// fetched is the content that a link leads to, or the code of its refusal.
func fetched(w wire, link string) string {
	rec := httptest.NewRecorder()
	w.p.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, link, nil))
	if rec.Code == http.StatusOK {
		return rec.Body.String()
	}
	return strings.Trim(jsonField(w.t, rec.Body.String(), "error"), `"`)
}
