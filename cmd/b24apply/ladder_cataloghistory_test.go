package main

import (
	"fmt"
	"testing"
)

// A life of the catalogue, from adoption to deletion, reaches the same states on portals
// that mean the same; after every rung a second plan is empty and writes nothing, and what
// is not ours is as it was.
func TestTheHistoryOfTheCatalogueIsPortable(t *testing.T) {
	section := func(name, title string) string {
		return fmt.Sprintf("kind: ProductSection\nmetadata: {name: %s}\nspec: {match: [[name]], fields: {name: %s}}", name, title)
	}
	product := func(name, match, fields string) string {
		return fmt.Sprintf("kind: Product\nmetadata: {name: %s}\nspec: {match: %s, fields: {name: Teapot, %s}}", name, match, fields)
	}
	row := "kind: Deal\nmetadata: {name: order}\nspec: {fields: {title: Order}, products: [{product: {lookup: {product: {code: pot}}}, price: 5}]}"
	rungs := []struct {
		name      string
		documents []string
		action    string
		n         int
	}{
		{"adopted", []string{section("pots", "Pots"), product("pot", "[[code], [name, iblockSectionId]]", `code: pot, iblockSectionId: {ref: productsection/pots}, price: "5|EUR"`)}, "adopt", 2},
		{"renamed", []string{section("ware", "Pots"), product("teapot", "[[code], [name, iblockSectionId]]", `code: pot, iblockSectionId: {lookup: {productsection: {name: Pots}}}, price: "5|EUR"`),
			"kind: Moved\nspec: {moves: [{from: product/pot, to: product/teapot}, {from: productsection/pots, to: productsection/ware}]}"}, "update", 2},
		{"moved out, and its section deleted", []string{product("teapot", "[[code]]", "code: pot, iblockSectionId: null"), row, "kind: Absent\nspec: {resources: [productsection/ware]}"}, "delete", 1},
		{"detached", []string{"kind: Absent\nspec: {onRemove: detach, resources: [product/teapot]}"}, "update", 1},
		{"adopted again", []string{product("kettle", "[[code]]", "code: pot")}, "adopt", 1},
		{"deleted", []string{"kind: Absent\nspec: {resources: [product/kettle]}"}, "delete", 1},
	}
	for name, cfg := range unlike() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := serveLadder(t, cfg)
			l.recorded()
			iblock := l.answer("catalog.catalog.list", `{"filter":{"productIblockId":null}}`)["catalogs"].([]any)[0].(map[string]any)["id"]
			pots := l.answer("catalog.section.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":"Pots"}}`, iblock))["section"].(map[string]any)["id"]
			l.call("catalog.product.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":"Teapot","iblockSectionId":%v}}`, iblock, pots))
			l.call("catalog.product.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":"Teapot","xmlId":"erp-1"}}`, iblock))
			for i, rung := range rungs {
				l.write("catalogue", rung.documents...)
				report := l.report(exitDone, "apply", "-f", l.dir, "--yes")
				n := 0
				for _, item := range report.Items {
					if item.Action == rung.action && item.Status == "succeeded" {
						n++
					}
				}
				if n != rung.n {
					t.Errorf("%s: %d items to %s, want %d", rung.name, n, rung.action, rung.n)
				}
				l.portal.ResetStats()
				l.run(exitDone, "plan", "-f", l.dir, "--detailed-exitcode")
				l.run(exitDone, "apply", "-f", l.dir, "--yes")
				if writes := l.portal.Stats().Writes; writes != 0 {
					t.Errorf("rung %d, %s: a second apply wrote %d times", i, rung.name, writes)
				}
			}
			left := l.answer("catalog.product.list", fmt.Sprintf(`{"select":["id","iblockId","xmlId"],"filter":{"iblockId":%v,"name":"Teapot"}}`, iblock))["products"].([]any)
			if len(left) != 1 || left[0].(map[string]any)["xmlId"] != "erp-1" {
				t.Errorf("left are %v, want the product of the ERP alone", left)
			}
		})
	}
}
