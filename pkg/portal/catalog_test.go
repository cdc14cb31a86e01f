package portal

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// openCatalog opens a portal with a section, a product and a service.
func openCatalog(t *testing.T) *crm {
	c := openCRM(t, 3)
	c.now = time.Date(2026, 8, 21, 10, 0, 0, 0, c.p.zone)
	c.under("catalog.section.add", "section", `{"fields":{"iblockId":23,"name":"Wood","code":"wood"}}`)
	c.under("catalog.product.add", "element", `{"fields":{"iblockId":23,"name":"Oak","code":"oak","iblockSectionId":1,"purchasingPrice":1000,"purchasingCurrency":"EUR"}}`)
	c.under("catalog.product.service.add", "service", `{"fields":{"iblockId":23,"name":"Delivery","xmlId":"dlv","quantity":5}}`)
	return c
}

func TestTheCRMCatalogIsTheOneWithoutAParent(t *testing.T) {
	c := openCRM(t, 3)
	c.same(map[string]any{"catalogs": []any{map[string]any{
		"iblockId": 23.0, "iblockTypeId": 0.0, "id": 23.0, "lid": "s1", "name": "CRM Product Catalog", "productIblockId": nil,
		"skuPropertyId": nil, "subscription": "N", "vatId": nil,
	}}}, "catalog.catalog.list", `{"filter":{"productIblockId":null}}`)
	c.same(map[string]any{"catalogs": []any{map[string]any{"id": 24.0, "productIblockId": 23.0}}}, "catalog.catalog.list",
		`{"select":["id","productIblockId"],"filter":{"!productIblockId":""}}`)
	c.same(map[string]any{"priceTypes": []any{map[string]any{"id": 1.0, "name": "BASE", "xmlId": "BASE", "base": "Y"}}}, "catalog.priceType.list",
		`{"select":["id","name","xmlId","base"]}`)
	c.same(map[string]any{"measures": []any{map[string]any{"code": 166.0, "id": 4.0, "symbolIntl": "kg"}}}, "catalog.measure.list",
		`{"select":["code","id","symbolIntl"],"filter":{"symbolIntl":"kg"}}`)
	if got := c.under("catalog.measure.get", "measure", `{"id":5}`); got["isDefault"] != "Y" || got["code"] != 796.0 {
		t.Errorf("measure 5 is %v", got)
	}
}

func TestAProductHasTheDocumentedShape(t *testing.T) {
	c := openCatalog(t)
	got := c.under("catalog.product.get", "product", `{"id":1}`)
	c.has(got, map[string]any{
		"id": 1.0, "iblockId": 23.0, "name": "Oak", "xmlId": "1", "active": "Y", "available": "Y", "bundle": "N", "code": "oak",
		"purchasingPrice": "1000.000000", "purchasingCurrency": "EUR", "type": 1.0, "measure": 5.0, "createdBy": 1.0, "modifiedBy": 1.0,
		"dateCreate": "2026-08-21T10:00:00+03:00", "timestampX": "2026-08-21T10:00:00+03:00", "dateActiveFrom": nil, "iblockSectionId": 1.0,
		"sort": 500.0, "subscribe": "D", "quantityTrace": "D", "canBuyZero": "N", "vatIncluded": "N", "previewTextType": "text", "vatId": nil,
	})
	c.same(map[string]any{"products": []any{map[string]any{"id": 1.0, "iblockId": 23.0, "purchasingPrice": 1000.0}}}, "catalog.product.list",
		`{"select":["id","iblockId","purchasingPrice"],"filter":{"iblockId":23,"=xmlId":"1"}}`)
	c.now, c.user = c.now.Add(time.Hour), 2
	c.has(c.under("catalog.product.update", "element", `{"id":1,"fields":{"xmlId":"sku-1","sort":"","quantity":"2.5","quantityTrace":"Y","nope":1}}`), map[string]any{
		"xmlId": "sku-1", "sort": 500.0, "name": "Oak", "available": "Y", "modifiedBy": 2.0, "createdBy": 1.0, "timestampX": "2026-08-21T11:00:00+03:00",
	})
	c.has(c.under("catalog.product.update", "element", `{"id":1,"fields":{"quantity":0}}`), map[string]any{"available": "N", "xmlId": "sku-1"})
}

func TestServicesAreProductsOfTheirOwnKind(t *testing.T) {
	c := openCatalog(t)
	service := c.under("catalog.product.service.get", "service", `{"id":2}`)
	c.has(service, map[string]any{"type": 7.0, "available": "N", "xmlId": "dlv", "name": "Delivery"})
	if _, stocked := service["quantity"]; stocked {
		t.Error("a service has a quantity")
	}
	c.same(map[string]any{"services": []any{map[string]any{"id": 2.0, "iblockId": 23.0}}}, "catalog.product.service.list",
		`{"select":["id","iblockId"],"filter":{"iblockId":23}}`)
	for _, name := range []string{"get", "delete"} {
		if code, _ := c.refused("catalog.product.service."+name, `{"id":1}`); code != "0" {
			t.Errorf("%s of a product: %q", name, code)
		}
	}
	c.has(c.under("catalog.product.service.update", "service", `{"id":2,"fields":{"name":"Express"}}`), map[string]any{"name": "Express", "xmlId": "dlv"})
	c.same(true, "catalog.product.service.delete", `{"id":2}`)
	c.same(map[string]any{"services": []any{}}, "catalog.product.service.list", `{"select":["id","iblockId"],"filter":{"iblockId":23}}`)
}

func TestProductListsTakeTheDocumentedFilters(t *testing.T) {
	c := openCatalog(t)
	for filter, want := range map[string][]any{
		`"id":[1,2]`:       {1.0, 2.0},
		`"!id":[2,9]`:      {1.0},
		`"!id":1`:          {2.0},
		`">id":1`:          {2.0},
		`"%name":"eli"`:    {2.0},
		`"=name":"oak"`:    {1.0},
		`"!=%name":"Del%"`: {1.0},
		`"type":7`:         {2.0},
	} {
		got := c.object("catalog.product.list", `{"select":["id","iblockId"],"filter":{"iblockId":23,`+filter+`},"order":{"id":"asc"}}`)
		ids := []any{}
		for _, row := range got["products"].([]any) {
			ids = append(ids, row.(map[string]any)["id"])
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", filter, diff)
		}
	}
}

func TestADeletedSectionTakesItsProductsAndTheirPrices(t *testing.T) {
	c := openCatalog(t)
	c.under("catalog.section.add", "section", `{"fields":{"iblockId":23,"name":"Boards","iblockSectionId":1}}`)
	c.ask("catalog.product.update", `{"id":1,"fields":{"iblockSectionId":2}}`)
	c.ask("catalog.price.add", `{"fields":{"productId":1,"catalogGroupId":1,"price":100.5,"currency":"USD"}}`)
	c.same(true, "catalog.section.delete", `{"id":1}`)
	c.same(map[string]any{"sections": []any{}}, "catalog.section.list", `{"filter":{"iblockId":23}}`)
	c.same(map[string]any{"products": []any{map[string]any{"id": 2.0, "iblockId": 23.0}}}, "catalog.product.list",
		`{"select":["id","iblockId"],"filter":{"iblockId":23}}`)
	c.same(map[string]any{"prices": []any{}}, "catalog.price.list", `{}`)
}

func TestAPriceHasTheDocumentedShape(t *testing.T) {
	c := openCatalog(t)
	want := map[string]any{
		"catalogGroupId": 1.0, "currency": "USD", "extraId": nil, "id": 1.0, "price": 100.5, "productId": 1.0, "quantityFrom": nil,
		"quantityTo": nil, "timestampX": "2026-08-21T10:00:00+03:00",
	}
	c.same(map[string]any{"price": want}, "catalog.price.add", `{"fields":{"productId":1,"catalogGroupId":1,"price":"100.50","currency":"usd"}}`)
	c.same(map[string]any{"price": want}, "catalog.price.get", `{"id":1}`)
	want["price"] = 120.75
	c.same(map[string]any{"price": want}, "catalog.price.update", `{"id":1,"fields":{"price":120.75,"currency":"USD","productId":2}}`)
	c.same(map[string]any{"prices": []any{map[string]any{"id": 1.0, "price": 120.75}}}, "catalog.price.list",
		`{"select":["id","price"],"filter":{"productId":1}}`)
	c.same(true, "catalog.price.delete", `{"id":1}`)
}

func TestModifyGivesAProductThesePricesAndNoOthers(t *testing.T) {
	c := openCatalog(t)
	modify := func(prices string) []any {
		t.Helper()
		return c.object("catalog.price.modify", `{"fields":{"product":{"id":1,"prices":`+prices+`}}}`)["prices"].([]any)
	}
	first := modify(`[{"catalogGroupId":1,"price":10,"currency":"USD"}]`)
	c.has(first[0].(map[string]any), map[string]any{"id": 1.0, "price": 10.0, "priceScale": 9.2})
	c.has(modify(`[{"id":1,"catalogGroupId":1,"price":20,"currency":"EUR"}]`)[0].(map[string]any), map[string]any{"id": 1.0, "price": 20.0, "priceScale": 20.0})
	c.has(modify(`[{"catalogGroupId":1,"price":30,"currency":"EUR"}]`)[0].(map[string]any), map[string]any{"id": 2.0, "price": 30.0})
	if got := modify(`[]`); len(got) != 0 {
		t.Errorf("prices %v", got)
	}
	if _, err := c.try("catalog.price.modify", `{"fields":{"product":{"id":1,"prices":[{"catalogGroupId":1,"price":1,"currency":"EUR"},{"catalogGroupId":1,"price":2,"currency":"EUR"}]}}}`); err == nil {
		t.Error("two prices of one type were taken")
	}
	c.same(map[string]any{"prices": []any{}}, "catalog.price.list", `{}`)
}

func TestTheCatalogRefusesWhatTheDocumentationSays(t *testing.T) {
	c := openCatalog(t)
	c.ask("catalog.price.add", `{"fields":{"productId":1,"catalogGroupId":1,"price":1,"currency":"EUR"}}`)
	const needsFields = "Could not find value for parameter {fields}"
	c.refusals("catalog.", []refusal{
		{"section.add", `{"fields":{}}`, "100", needsFields},
		{"section.add", `{"fields":{"sort":1}}`, "0", "Required fields: iblockId, name"},
		{"section.add", `{"fields":{"iblockId":9,"name":"x"}}`, "200700300050", "The information block does not exist"},
		{"section.add", `{"fields":{"iblockId":24,"name":"x","iblockSectionId":1}}`, "200700300000", "The parent section is not one of this information block"},
		{"section.add", `{"fields":{"iblockId":23,"name":"x","code":"wood"}}`, "200700300040", "A section with this symbolic code already exists"},
		{"section.update", `{"id":1,"fields":{"iblockId":23}}`, "0", "Required fields: name"},
		{"section.update", `{"id":1,"fields":{"iblockId":23,"name":"x","iblockSectionId":1}}`, "200700300010", "The parent section is not one of this information block"},
		{"section.get", `{"id":9}`, "200700300030", "The section does not exist"},
		{"section.get", `{}`, "100", "Could not find value for parameter {id}"},
		{"section.list", `{}`, "0", "Required filter fields: iblockId"},
		{"product.add", `{"fields":{"iblockId":23}}`, "0", "Required fields: name"},
		{"product.add", `{"fields":{"iblockId":9,"name":"x"}}`, "200040300000", "The specified iblock is not a product catalog"},
		{"product.add", `{"fields":{"iblockId":23,"name":"x","iblockSectionId":9}}`, "0", "The specified section does not exist"},
		{"product.add", `{"fields":{"iblockId":23,"name":"x","purchasingCurrency":"XXX"}}`, "0", "The specified purchasing currency does not exist"},
		{"product.add", `{"fields":{"iblockId":23,"name":"x","createdBy":99}}`, "0", "The user who created the product does not exist"},
		{"product.add", `{"fields":{"iblockId":23,"name":"x","code":"oak"}}`, "0", "Product with this symbolic code already exists"},
		{"product.update", `{"id":1}`, "100", needsFields},
		{"product.update", `{"id":1,"fields":{"name":""}}`, "0", "Required fields: name"},
		{"product.get", `{"id":9}`, "0", "Product does not exist"},
		{"product.list", `{"select":["id"],"filter":{"iblockId":23}}`, "0", "Required select fields: id, iblockId"},
		{"product.list", `{"select":["id","iblockId"]}`, "0", "Required filter fields: iblockId"},
		{"product.list", `{"select":["id","iblockId"],"filter":{"iblockId":23,"!":[1]}}`, "INVALID_ARG_VALUE", "Invalid filter: field '' is not allowed in filter"},
		{"price.add", `{"fields":{"productId":1,"catalogGroupId":1,"price":2,"currency":"EUR"}}`, "0", "Validate price error. Catalog product is allowed has only single price without ranges in price group"},
		{"price.add", `{"fields":{"productId":2,"catalogGroupId":9,"price":2,"currency":"EUR"}}`, "0", "Validate price error. Catalog price group is wrong"},
		{"price.add", `{"fields":{"productId":1}}`, "0", "Required fields: catalogGroupId, currency, price"},
		{"price.update", `{"id":1,"fields":{"productId":1}}`, "0", "Required fields: currency, price"},
		{"price.get", `{"id":9}`, "0", "Price does not exist"},
		{"price.modify", `{"fields":{"product":{"id":1}}}`, "0", "Required fields: product.id, product.prices"},
		{"price.modify", `{"fields":{"product":{"id":2,"prices":[{"id":1,"catalogGroupId":1,"price":1,"currency":"EUR"}]}}}`, "0", "Price does not exist"},
	})
}

func TestFieldsOfControllersAreDescribedShortly(t *testing.T) {
	c := openCRM(t, 3)
	for method, want := range map[string]string{
		"catalog.section.getFields": "section", "catalog.price.getFields": "price", "catalog.priceType.getFields": "priceType",
		"catalog.measure.getFields": "measure", "catalog.catalog.getFields": "catalog",
	} {
		fields := c.under(method, want, `{}`)
		if diff := cmp.Diff(map[string]any{"isImmutable": false, "isReadOnly": true, "isRequired": false, "type": "integer"}, fields["id"]); diff != "" {
			t.Errorf("%s: id differs (-want +got):\n%s", method, diff)
		}
	}
}

func TestIdsOfACatalogAreNeverReused(t *testing.T) {
	c := openCatalog(t)
	c.ask("catalog.product.delete", `{"id":2}`)
	c.has(c.under("catalog.product.add", "element", `{"fields":{"iblockId":23,"name":"New"}}`), map[string]any{"id": 3.0, "xmlId": fmt.Sprint(3)})
}
