package portal

import (
	"fmt"
	"testing"
)

// withProperties opens a catalogue whose products have a property of each kind.
func withProperties(t *testing.T) *crm {
	c := openCatalog(t)
	for i, kind := range []string{
		`"propertyType":"S","code":"TEXT"`, `"propertyType":"S","multiple":"Y","code":"TEXTS"`, `"propertyType":"L","code":"COLOUR"`,
		`"propertyType":"L","userType":"BoolEnum","code":"BOX"`, `"propertyType":"N","code":"NUMBER"`, `"propertyType":"S","userType":"DateTime","code":"WHEN"`,
	} {
		c.has(c.under("catalog.productProperty.add", "productProperty", `{"fields":{"iblockId":23,"name":"P",`+kind+`}}`), map[string]any{"id": float64(i + 1), "active": "Y"})
	}
	c.ask("catalog.productPropertyEnum.add", `{"fields":{"propertyId":3,"value":"Red","xmlId":"red"}}`)
	return c
}

func value(v any, id int) map[string]any {
	return map[string]any{"value": v, "valueId": fmt.Sprint(id)}
}

func TestPropertiesOfProductsHaveTheDocumentedShape(t *testing.T) {
	c := withProperties(t)
	const red = 3 // after the two options of the check box
	got := c.under("catalog.product.update", "element", `{"id":1,"fields":{"property1":"a","property2":["x",{"value":"y"}],"property3":3,"property4":{"value":"Y"},"property5":"2.50","property6":"2026-08-21T09:00:00+02:00","property99":"?"}}`)
	c.has(got, map[string]any{
		"property1": value("a", 1), "property2": []any{value("x", 2), value("y", 3)}, "property3": value(fmt.Sprint(red), 4),
		"property4": value("Y", 5), "property5": value("2.5", 6), "property6": value("2026-08-21T10:00:00+03:00", 7),
	})
	if _, unknown := got["property99"]; unknown {
		t.Error("a property that does not exist is answered")
	}
	c.same(map[string]any{"products": []any{map[string]any{"id": 1.0, "iblockId": 23.0, "property1": value("a", 1)}, map[string]any{"id": 2.0, "iblockId": 23.0, "property1": nil}}},
		"catalog.product.list", `{"select":["id","iblockId","property1"],"filter":{"iblockId":23}}`)
	c.same(map[string]any{"products": []any{map[string]any{"id": 1.0, "iblockId": 23.0}}}, "catalog.product.list", `{"select":["id","iblockId"],"filter":{"iblockId":23,"id":1}}`)
}

// A value that is sent with its id is changed; those that are not sent go.
func TestValuesOfPropertiesAreReplacedByTheirIds(t *testing.T) {
	c := withProperties(t)
	update := func(fields string) map[string]any {
		t.Helper()
		return c.under("catalog.product.update", "element", `{"id":1,"fields":`+fields+`}`)
	}
	update(`{"property2":["x","y"]}`)
	c.has(update(`{"property2":[{"value":"z","valueId":2},{"value":"w"}]}`), map[string]any{"property2": []any{value("z", 2), value("w", 3)}})
	c.has(update(`{"property2":{"value":"only"}}`), map[string]any{"property2": []any{value("only", 4)}})
	c.has(update(`{"property2":[{"value":""}]}`), map[string]any{"property2": nil})
	c.has(update(`{"property1":["a","b"],"property3":99,"property6":"never"}`), map[string]any{"property1": value("a", 5), "property3": nil, "property6": nil})
}

func TestOptionsAndPropertiesTakeTheirValuesWithThem(t *testing.T) {
	c := withProperties(t)
	c.ask("catalog.product.update", `{"id":1,"fields":{"property3":3,"property4":"N","property1":"a"}}`)
	c.same(true, "catalog.productPropertyEnum.delete", `{"id":3}`)
	c.same(true, "catalog.productProperty.delete", `{"id":4}`)
	got := c.under("catalog.product.get", "product", `{"id":1}`)
	c.has(got, map[string]any{"property1": value("a", 3), "property3": nil})
	if _, there := got["property4"]; there {
		t.Error("a property that was deleted is answered")
	}
	c.same(map[string]any{"productPropertyEnums": []any{}}, "catalog.productPropertyEnum.list", `{"filter":{"propertyId":4}}`)
}

func TestPropertiesAreRefusedAsTheDocumentationSays(t *testing.T) {
	c := withProperties(t)
	c.refusals("catalog.", []refusal{
		{"productProperty.add", `{"fields":{"iblockId":23}}`, "0", "Required fields: name, propertyType"},
		{"productProperty.add", `{"fields":{"iblockId":9,"name":"x","propertyType":"S"}}`, "0", "The specified iblock is not a product catalog"},
		{"productProperty.add", `{"fields":{"iblockId":23,"name":"x","propertyType":"Z"}}`, "0", "Invalid property type specified"},
		{"productProperty.add", `{"fields":{"iblockId":23,"name":"x","propertyType":"S","userType":"BoolEnum"}}`, "0", "Invalid property type specified"},
		{"productProperty.add", `{"fields":{"iblockId":23,"name":"x","propertyType":"S","code":"1A"}}`, "0", "Property code cannot start with a digit"},
		{"productPropertyEnum.add", `{"fields":{"propertyId":3,"value":"x"}}`, "0", "Required fields: xmlId"},
		{"productPropertyEnum.add", `{"fields":{"propertyId":1,"value":"x","xmlId":"x"}}`, "0", "Only list properties are supported"},
		{"productPropertyEnum.add", `{"fields":{"propertyId":99,"value":"x","xmlId":"x"}}`, "0", "productPropertyEnum does not exist."},
		{"productPropertyEnum.add", `{"fields":{"propertyId":3,"value":"x","xmlId":"red"}}`, "0", "A value with xmlId 'red' already exists."},
		{"vat.add", `{"fields":{"name":"x"}}`, "0", "Required fields: rate"},
	})
}

func TestNumbersOfGoodsKeepSixDecimals(t *testing.T) {
	c := openCatalog(t)
	got := c.under("catalog.product.update", "element", `{"id":1,"fields":{"weight":"0.1234567","purchasingPrice":1.005}}`)
	c.has(got, map[string]any{"weight": 0.123457, "purchasingPrice": "1.005000"})
	c.same(map[string]any{"vats": []any{map[string]any{"id": 2.0, "name": "VAT 20%", "rate": 20.0, "active": "Y"}}}, "catalog.vat.list",
		`{"select":["id","name","rate","active"],"filter":{"rate":20}}`)
}
