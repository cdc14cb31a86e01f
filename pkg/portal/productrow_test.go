package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// row adds a product row to deal 1.
func (c *crm) row(fields string) map[string]any {
	c.t.Helper()
	return c.under("crm.item.productrow.add", "productRow", `{"fields":{"ownerType":"D","ownerId":1,`+fields+`}}`)
}

// rows returns the rows of the answer of a method.
func (c *crm) rows(name, params string) []map[string]any {
	c.t.Helper()
	list, ok := c.ask(name, params).(map[string]any)["productRows"].([]any)
	if !ok {
		c.t.Fatalf("%s %s: no productRows", name, params)
	}
	rows := make([]map[string]any, len(list))
	for i, row := range list {
		rows[i] = row.(map[string]any)
	}
	return rows
}

// column lists the values of a key.
func column(rows []map[string]any, key string) []any {
	values := []any{}
	for _, row := range rows {
		values = append(values, row[key])
	}
	return values
}

func TestARowsPricesFollowFromTheFinalOne(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	for name, tt := range map[string]struct {
		sent                                string
		exclusive, netto, brutto, rate, sum float64
	}{
		"the documented add":          {`"price":80000,"discountRate":20,"taxRate":20,"taxIncluded":"Y"`, 66666.67, 83333.34, 100000.01, 20, 16666.67},
		"the documented update":       {`"price":90000,"discountRate":10,"taxRate":10`, 81818.18, 90909.09, 100000, 10, 9090.91},
		"neither discount nor tax":    {`"price":99999.994`, 99999.99, 99999.99, 99999.99, 0, 0},
		"an absolute discount":        {`"price":75,"discountTypeId":1,"discountSum":25,"discountRate":3`, 75, 100, 100, 25, 25},
		"a sum under a rate":          {`"price":75,"discountSum":25`, 75, 75, 75, 0, 0},
		"tax that is not in the text": {`"price":"120","taxRate":"20","taxIncluded":"N"`, 100, 100, 120, 0, 0},
		"everything off":              {`"price":0,"discountRate":100,"discountSum":50`, 0, 50, 50, 100, 50},
		"more than a column holds":    {`"price":1e307,"quantity":1e308,"taxRate":1e307`, 0, 0, 0, 0, 0},
		"derived prices are ignored":  {`"price":10,"priceNetto":99,"priceExclusive":98,"priceBrutto":97,"priceAccount":96,"type":3`, 10, 10, 10, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			row := c.row(tt.sent)
			want := map[string]any{
				"priceExclusive": tt.exclusive, "priceNetto": tt.netto, "priceBrutto": tt.brutto, "discountRate": tt.rate, "discountSum": tt.sum,
				"priceAccount": row["price"], "type": 1.0,
			}
			c.has(row, want)
			c.has(c.under("crm.item.productrow.get", "productRow", fmt.Sprintf(`{"id":%v}`, row["id"])), row)
		})
	}
}

func TestANewRowHasTheDocumentedShape(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	want := map[string]any{
		"id": 1.0, "ownerId": 1.0, "ownerType": "D", "productId": 0.0, "productName": "Advice", "price": 0.0, "priceAccount": 0.0,
		"priceExclusive": 0.0, "priceNetto": 0.0, "priceBrutto": 0.0, "quantity": 1.0, "discountTypeId": 2.0, "discountRate": 0.0,
		"discountSum": 0.0, "taxRate": nil, "taxIncluded": "N", "customized": "Y", "measureCode": 796.0, "measureName": "pcs",
		"sort": 0.0, "xmlId": "", "type": 1.0,
	}
	if diff := cmp.Diff(want, c.row(`"productName":"Advice"`)); diff != "" {
		t.Errorf("row differs (-want +got):\n%s", diff)
	}
	c.has(c.row(`"taxRate":0,"quantity":"1.23456","price":"1.005"`), map[string]any{"taxRate": 0.0, "quantity": 1.2346})
	c.has(c.row(`"taxRate":"","measureCode":166`), map[string]any{"taxRate": nil, "measureCode": 166.0, "measureName": "kg"})
	fields := c.under("crm.item.productrow.fields", "fields", `{}`)
	if len(fields) != 21 || fields["storeId"] == nil || fields["xmlId"] != nil {
		t.Errorf("%d fields: %v", len(fields), fields)
	}
}

func TestARowTakesWhatItLacksFromTheProduct(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.ask("catalog.product.add", `{"fields":{"iblockId":23,"name":"Oak board","measure":1}}`)
	c.ask("catalog.product.service.add", `{"fields":{"iblockId":23,"name":"Delivery"}}`)
	c.has(c.row(`"productId":1`), map[string]any{"productName": "Oak board", "measureCode": 6.0, "measureName": "m", "type": 1.0})
	c.has(c.row(`"productId":2,"productName":"Express"`), map[string]any{"productName": "Express", "measureCode": 796.0, "type": 7.0})
	c.ask("catalog.product.update", `{"id":1,"fields":{"name":"Ash board"}}`)
	updated := c.under("crm.item.productrow.update", "productRow", `{"id":1,"fields":{"quantity":4,"measureCode":112}}`)
	c.has(updated, map[string]any{"productName": "Oak board", "measureCode": 112.0, "measureName": "l", "quantity": 4.0})
}

func TestRowsMakeTheAmountAndTheTaxOfTheirOwner(t *testing.T) {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	deal := c.add(2, `{"opportunity":5}`)
	c.has(c.update(2, 1, `{"title":"No rows yet"}`), map[string]any{"opportunity": 5.0, "taxValue": 0.0})
	c.now = c.now.Add(time.Hour)
	c.user = 2
	c.row(`"price":120,"taxRate":20,"quantity":2`)
	c.has(c.get(2, 1), map[string]any{"opportunity": 240.0, "taxValue": 40.0, "updatedTime": "2026-08-21T11:00:00+03:00", "updatedBy": 2.0})
	c.row(`"price":10.01,"quantity":3`)
	c.has(c.get(2, 1), map[string]any{"opportunity": 270.03, "taxValue": 40.0})
	c.has(c.update(2, 1, `{"opportunity":1,"taxValue":9}`), map[string]any{"opportunity": 270.03, "taxValue": 40.0})
	c.has(c.update(2, 1, `{"opportunity":1,"isManualOpportunity":"Y"}`), map[string]any{"opportunity": 1.0, "taxValue": 40.0})
	c.ask("crm.item.productrow.update", `{"id":1,"fields":{"quantity":1}}`)
	c.has(c.get(2, 1), map[string]any{"opportunity": 1.0, "taxValue": 20.0})
	c.has(c.update(2, 1, `{"isManualOpportunity":"N"}`), map[string]any{"opportunity": 150.03})
	for _, id := range []int{1, 2} {
		if got := c.ask("crm.item.productrow.delete", fmt.Sprintf(`{"id":%d}`, id)); got != nil {
			t.Errorf("delete answers %v", got)
		}
	}
	c.has(c.get(2, 1), map[string]any{"opportunity": 0.0, "taxValue": 0.0, "id": deal["id"]})
	lead := c.add(1, `{"opportunity":7}`)
	c.ask("crm.item.productrow.set", `{"ownerType":"L","ownerId":1,"productRows":[{"price":3}]}`)
	c.has(c.get(1, lead["id"]), map[string]any{"opportunity": 3.0, "taxValue": nil})
}

func TestThePriceInTheBaseCurrencyFollowsTheOwnersCurrency(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{"currencyId":"USD"}`)
	c.has(c.row(`"price":100`), map[string]any{"price": 100.0, "priceAccount": 92.0})
}

func TestSetReplacesRowsAndKeepsTheEqualOnes(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	set := func(rows string) []map[string]any {
		t.Helper()
		return c.rows("crm.item.productrow.set", `{"ownerType":"D","ownerId":1,"productRows":`+rows+`}`)
	}
	ids := func(rows []map[string]any, want ...any) {
		t.Helper()
		if diff := cmp.Diff(append([]any{}, want...), column(rows, "id")); diff != "" {
			t.Errorf("ids differ (-want +got):\n%s", diff)
		}
	}
	first := `{"productName":"a","price":10,"taxRate":20,"discountRate":5,"sort":10}`
	ids(set(`[`+first+`,{"productName":"b","price":2,"sort":20}]`), 1.0, 2.0)
	ids(set(`[`+first+`,{"id":2,"productName":"b","price":3,"sort":20}]`), 1.0, 3.0)
	ids(set(`[`+first+`,`+first+`]`), 1.0, 4.0)
	c.now = c.p.now().Add(time.Hour)
	before := c.get(2, 1)
	ids(set(`[`+first+`,`+first+`]`), 1.0, 4.0)
	c.has(c.get(2, 1), map[string]any{"updatedTime": before["updatedTime"]})
	ids(set(`[{"productName":"a","price":10,"taxRate":null,"discountRate":5,"sort":10}]`), 5.0)
	ids(set(`[{"productName":"a","price":10,"taxRate":0,"discountRate":5,"sort":10}]`), 6.0)
	ids(set(`[]`))
	c.has(c.get(2, 1), map[string]any{"opportunity": 0.0})
}

func TestRowsAreListedByOwner(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.add(2, `{}`)
	for i := range 60 {
		c.row(fmt.Sprintf(`"price":%d`, i))
	}
	c.ask("crm.item.productrow.add", `{"fields":{"ownerType":"D","ownerId":2,"price":1}}`)
	r, err := c.try("crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":"1",">price":5},"order":{"price":"desc"},"start":0}`)
	if err != nil || r.total != 54 || r.next != 50 {
		t.Errorf("total %d, next %d, %v", r.total, r.next, err)
	}
	got := c.rows("crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":1},"order":{"price":"desc"},"start":50}`)
	if want := []any{9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0}; cmp.Diff(want, column(got, "price")) != "" {
		t.Errorf("second page %v", column(got, "price"))
	}
	if got := c.rows("crm.item.productrow.getAvailableForPayment", `{"ownerType":"D","ownerId":2}`); len(got) != 1 {
		t.Errorf("%d rows due", len(got))
	}
}

func TestRowsGoWithTheirOwner(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.row(`"price":1`)
	c.ask("crm.item.delete", `{"entityTypeId":2,"id":1}`)
	if code, _ := c.refused("crm.item.productrow.get", `{"id":1}`); code != "NOT_FOUND" {
		t.Errorf("code %q", code)
	}
}

func TestASmartProcessHasRowsIfItsSettingsSaySo(t *testing.T) {
	c := openCRM(t, 3)
	for i, enabled := range []string{"N", "Y"} {
		spa := c.smart(`{"title":"Order","isLinkWithProductsEnabled":"` + enabled + `"}`)
		etid := int(spa["entityTypeId"].(float64))
		c.add(etid, `{}`)
		params := fmt.Sprintf(`{"ownerType":"T%x","ownerId":1,"productRows":[{"price":3,"quantity":2}]}`, etid)
		if i == 0 {
			if code, _ := c.refused("crm.item.productrow.set", params); code != "ENTITY_TYPE_NOT_SUPPORTED" {
				t.Errorf("code %q", code)
			}
			continue
		}
		c.has(c.rows("crm.item.productrow.set", params)[0], map[string]any{"ownerType": fmt.Sprintf("T%x", etid)})
		c.has(c.get(etid, 1), map[string]any{"opportunity": 6.0})
	}
}

func TestRowsRefuseWhatTheDocumentationSays(t *testing.T) {
	c := openCRM(t, 3)
	c.add(2, `{}`)
	c.add(4, `{}`)
	c.row(`"price":1`)
	for _, tt := range []struct{ method, params, code string }{
		{"add", `{}`, "100"},
		{"add", `{"fields":{"ownerId":1}}`, "100"},
		{"add", `{"fields":{"ownerType":"D"}}`, "100"},
		{"add", `{"fields":{"ownerType":"D","ownerId":9}}`, "OWNER_NOT_FOUND"},
		{"add", `{"fields":{"ownerType":"CO","ownerId":1}}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"add", `{"fields":{"ownerType":"Tzz","ownerId":1}}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"add", `{"fields":{"ownerType":"T02","ownerId":1}}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"add", `{"fields":{"ownerType":"T80","ownerId":1}}`, "ENTITY_TYPE_NOT_SUPPORTED"},
		{"set", `{"ownerType":"D","ownerId":1}`, "100"},
		{"set", `{"ownerType":"D","ownerId":1,"productRows":["x"]}`, "100"},
		{"update", `{"id":9,"fields":{"price":1}}`, "NOT_FOUND"},
		{"update", `{"id":1,"fields":{"prize":1}}`, "INVALID_ARG_VALUE"},
		{"update", `{"id":1,"fields":{"ownerId":2}}`, "INVALID_ARG_VALUE"},
		{"update", `{"id":1,"fields":{"priceNetto":2}}`, "INVALID_ARG_VALUE"},
		{"delete", `{"id":9}`, "NOT_FOUND"},
		{"list", `{}`, "100"},
		{"list", `{"filter":{"=ownerType":"D"}}`, "REQUIRED_ARG_MISSING"},
		{"list", `{"filter":{"ownerType":"D","=ownerId":1}}`, "REQUIRED_ARG_MISSING"},
		{"list", `{"filter":{"=ownerType":"D","=ownerId":1,"nope":1}}`, "INVALID_ARG_VALUE"},
		{"getAvailableForPayment", `{"ownerType":"D","ownerId":9}`, "OWNER_NOT_FOUND"},
	} {
		if code, text := c.refused("crm.item.productrow."+tt.method, tt.params); code != tt.code {
			t.Errorf("%s %s: %s %s, want %s", tt.method, tt.params, code, text, tt.code)
		}
	}
	if got := c.rows("crm.item.productrow.list", `{"filter":{"=ownerType":"D","=ownerId":1}}`); len(got) != 1 {
		t.Errorf("%d rows after the refusals", len(got))
	}
}
