package portal

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plantedPortal is a portal with one of everything that can be planted.
func plantedPortal(t *testing.T) *crm {
	t.Helper()
	c := &crm{t: t, user: 1, p: openPortal(t, Config{Seed: "demo", IDBase: 700, Zone: time.FixedZone("", -5*60*60), Country: "DE"})}
	spa := c.smart(`{"title":"Equipment","isStagesEnabled":"Y","isCategoriesEnabled":"Y","isClientEnabled":"Y","relations":{"parent":[{"entityTypeId":2,"isChildrenListEnabled":"true"}]}}`)
	etid := int(spa["entityTypeId"].(float64))
	for _, field := range []string{
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_COLOR","userTypeId":"enumeration","multiple":"Y","editFormLabel":{"en":"Color"},"enum":[{"value":"Red","xmlId":"red","def":"Y","sort":10},{"value":"Blue","xmlId":"blue","sort":20}]}`,
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_DAY","userTypeId":"date","editFormLabel":{"en":"Day","de":"Tag"}}`,
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_NUMBERS","userTypeId":"double","multiple":"Y","settings":{"PRECISION":3}}`,
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_YES","userTypeId":"boolean","settings":{"DEFAULT_VALUE":1}}`,
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_AT","userTypeId":"datetime"}`,
		`{"entityId":"CRM_DEAL","fieldName":"UF_CRM_DEAL_SUM","userTypeId":"money"}`,
		`{"entityId":"CRM_REQUISITE","fieldName":"UF_CRM_REQUISITE_SEAL","userTypeId":"boolean"}`,
	} {
		c.ask("userfieldconfig.add", `{"moduleId":"crm","field":`+field+`}`)
	}
	c.ask("crm.category.add", `{"entityTypeId":2,"fields":{"name":"P"}}`)
	c.ask("crm.status.add", `{"fields":{"ENTITY_ID":"SOURCE","STATUS_ID":"FAIR","NAME":"Fair"}}`)
	c.ask("crm.currency.add", `{"fields":{"CURRENCY":"CHF","AMOUNT":"1.05","AMOUNT_CNT":1}}`)
	deal := c.add(2, `{"title":"Big <b>deal</b>","closedate":"2025-01-31","ufCrmDealColor":[701],"ufCrmDealDay":"2024-02-29","ufCrmDealNumbers":[1.25,2],"ufCrmDealAt":"2025-03-01T10:00:00+01:00","ufCrmDealSum":"5|EUR","opportunity":12.5,"companyId":700,"contactIds":[701,700]}`)
	c.add(etid, fmt.Sprintf(`{"title":"Drill","parentId2":%v,"companyId":701}`, deal["id"]))
	c.ask("crm.item.productrow.add", fmt.Sprintf(`{"fields":{"ownerType":"D","ownerId":%v,"productName":"Screw","price":3,"quantity":4,"taxRate":19}}`, deal["id"]))
	requisite := c.ask("crm.requisite.add", `{"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":700,"PRESET_ID":700,"NAME":"R","RQ_INN":"123","UF_CRM_REQUISITE_SEAL":1}}`)
	c.ask("crm.requisite.bankdetail.add", fmt.Sprintf(`{"fields":{"ENTITY_ID":%v,"NAME":"B","RQ_IBAN":"DE1"}}`, requisite))
	c.ask("crm.address.add", fmt.Sprintf(`{"fields":{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":%v,"CITY":"Bonn"}}`, requisite))
	c.ask("catalog.section.add", `{"fields":{"iblockId":700,"name":"S"}}`)
	c.ask("catalog.productProperty.add", `{"fields":{"iblockId":700,"name":"Weight","code":"WEIGHT","propertyType":"N"}}`)
	product := c.under("catalog.product.add", "element", `{"fields":{"iblockId":700,"name":"Pen","iblockSectionId":700,"property700":{"value":"7"}}}`)
	c.ask("catalog.price.add", fmt.Sprintf(`{"fields":{"productId":%v,"catalogGroupId":700,"price":1.5,"currency":"EUR"}}`, product["id"]))
	return c
}

// plantedReads are the questions by which a portal is copied, in the order of planting, each with
// the key of its rows.
func plantedReads(etid any) [][3]string {
	reads := [][3]string{
		{"user.get", `{}`, ""}, {"crm.currency.list", `{}`, ""}, {"crm.type.get", `{"id":700}`, "type"},
		{"crm.category.list", `{"entityTypeId":2}`, "categories"}, {"crm.category.list", fmt.Sprintf(`{"entityTypeId":%v}`, etid), "categories"},
		{"crm.status.list", `{"order":{"ID":"ASC"}}`, ""},
	}
	for id := 700; id < 707; id++ {
		reads = append(reads, [3]string{"userfieldconfig.get", fmt.Sprintf(`{"moduleId":"crm","id":%d}`, id), "field"})
	}
	for _, method := range []string{"catalog.catalog", "catalog.priceType", "catalog.measure", "catalog.vat", "catalog.productProperty"} {
		_, family, _ := strings.Cut(method, ".")
		reads = append(reads, [3]string{method + ".list", `{"order":{"id":"asc"}}`, family + "s"})
	}
	reads[len(reads)-1][2] = "productProperties"
	reads = append(reads, [3]string{"crm.requisite.preset.list", `{}`, ""}, [3]string{"catalog.section.list", `{"filter":{"iblockId":700}}`, "sections"})
	for _, items := range []any{4, 3, 2, etid} {
		reads = append(reads, [3]string{"crm.item.list", fmt.Sprintf(`{"entityTypeId":%v,"select":["*","uf*","contactIds","companyIds","fm"],"order":{"id":"ASC"}}`, items), "items"})
	}
	return append(reads,
		[3]string{"catalog.product.list", `{"select":["*","id","iblockId","property700"],"filter":{"iblockId":700}}`, "products"}, [3]string{"catalog.price.list", `{}`, "prices"},
		[3]string{"crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":708}}`, "productRows"},
		[3]string{"crm.requisite.list", `{"select":["*","UF_CRM_REQUISITE_SEAL"]}`, ""}, [3]string{"crm.requisite.bankdetail.list", `{}`, ""}, [3]string{"crm.address.list", `{}`, ""})
}

// A portal shows what was planted as the one shows it that it comes from, and goes on counting
// behind it.
func TestAPlantedPortalAnswersAsItsModel(t *testing.T) {
	model := plantedPortal(t)
	etid := model.under("crm.type.get", "type", `{"id":700}`)["entityTypeId"]
	copied := &crm{t: t, user: 1, p: openPortal(t, Config{Zone: time.FixedZone("", -5*60*60)})}
	answer := func(c *crm, q [3]string) any {
		result := c.ask(q[0], q[1])
		if q[2] != "" {
			result = result.(map[string]any)[q[2]]
		}
		return result
	}
	for _, q := range plantedReads(etid) {
		result := answer(model, q)
		rows, ok := result.([]any)
		if !ok {
			rows = []any{result}
		}
		if len(rows) == 0 || rows[0] == nil {
			t.Fatalf("%s %s shows nothing", q[0], q[1])
		}
		shown := Shown{Method: q[0]}
		if q[0] == "crm.item.list" || q[0] == "crm.category.list" {
			if _, err := fmt.Sscanf(q[1], `{"entityTypeId":%d`, &shown.EntityTypeID); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range rows {
			raw, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			shown.Rows = append(shown.Rows, raw)
		}
		if err := copied.p.Plant(t.Context(), shown); err != nil {
			t.Fatal(err)
		}
	}
	for _, q := range plantedReads(etid) {
		if diff := cmp.Diff(answer(model, q), answer(copied, q)); diff != "" {
			t.Errorf("%s %s (-model +copy):\n%s", q[0], q[1], diff)
		}
	}
	for _, q := range []string{"2", fmt.Sprint(etid)} {
		fields := fmt.Sprintf(`{"entityTypeId":%s}`, q)
		if diff := cmp.Diff(model.ask("crm.item.fields", fields), copied.ask("crm.item.fields", fields)); diff != "" {
			t.Errorf("crm.item.fields %s:\n%s", q, diff)
		}
		if x, y := model.add(2, `{"title":"n"}`)["id"], copied.add(2, `{"title":"n"}`)["id"]; x != y {
			t.Errorf("the next item is %v, and %v in the copy", x, y)
		}
	}
}

func TestWhatCannotBePlantedIsAnError(t *testing.T) {
	p := openPortal(t, Config{})
	for _, shown := range []Shown{
		{Method: "crm.item.add"}, {Method: "crm.status.list", Rows: []json.RawMessage{json.RawMessage(`[]`)}}, {Method: "crm.status.list", Rows: []json.RawMessage{json.RawMessage(`{`)}},
		{Method: "crm.item.list", EntityTypeID: 999, Rows: []json.RawMessage{json.RawMessage(`{"id":1}`)}},
	} {
		if err := p.Plant(t.Context(), shown); err == nil {
			t.Errorf("%s %s was planted", shown.Method, shown.Rows)
		}
	}
	c := &crm{t: t, user: 1, p: p}
	if rows := c.ask("crm.status.list", `{}`).([]any); len(rows) == 0 {
		t.Error("a refused planting has emptied the list")
	}
}

// The credential of a planted caller acts as that user, who may do everything.
func TestAPlantedCallerMayDoEverything(t *testing.T) {
	p := openPortal(t, Config{})
	for _, id := range []int{1, 3, 4711} {
		path, err := p.PlantCaller(t.Context(), id)
		if err != nil || !strings.HasPrefix(path, fmt.Sprintf("/rest/%d/", id)) {
			t.Fatal(path, err)
		}
		c := &crm{t: t, user: id, p: p}
		if c.ask("user.admin", `{}`) != true {
			t.Errorf("user %d may not do everything", id)
		}
	}
}
