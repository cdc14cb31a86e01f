package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// productRungs are the product rows and amounts of one record, in turn.
var productRungs = []struct{ name, fields, products string }{
	{"none", "", "null"},
	{"created with rows", "", `[{name: Bolt, price: "1.01", quantity: 3}, {name: Nut, price: "0.99"}]`},
	{"an amount that follows", `, opportunity: "4.02"`, `[{name: Bolt, price: "1.01", quantity: 3}, {name: Nut, price: "0.99"}]`},
	{"changed, and the amount with it", `, opportunity: "6.00"`, `[{name: Bolt, price: "1.01", quantity: 3}, {name: Nut, price: "0.99", quantity: 3}]`},
	{"in another order", `, opportunity: "6.00"`, `[{name: Nut, price: "0.99", quantity: 3}, {name: Bolt, price: "1.01", quantity: 3}]`},
	{"an amount by hand", `, isManualOpportunity: Y, opportunity: 500`, `[{name: Nut, price: "0.99", quantity: 3}]`},
	{"still by hand, without saying so", `, opportunity: 500`, `[{name: Nut, price: "0.99", quantity: 4}]`},
	{"the same row twice", "", `[{name: Nut, price: "0.99", quantity: 3}, {name: Nut, price: "0.99", quantity: 3}]`},
	{"back to the sum", `, isManualOpportunity: N, opportunity: "200"`, `[{product: 9, name: A, price: 100, discountRate: 20, taxRate: 7, taxIncluded: N}, {product: 9, name: B, price: 100, discountSum: 25, taxRate: null}]`},
	{"other discounts and taxes", `, opportunity: "200"`, `[{product: 9, name: A, price: 100, discountSum: 20, taxRate: 0, taxIncluded: Y}, {product: 9, name: B, price: 100, discountRate: 0, taxRate: 19, measureCode: 166}]`},
	{"no rows, but an amount", `, opportunity: "200"`, "[]"},
	{"rows once more", `, opportunity: "0"`, "[{name: Gift, price: 0, quantity: 1}]"},
	{"cleared", "", "null"},
}

// Product rows converge on every kind that has amounts, on portals with other ids and
// zones. After every rung, and after people have put rows of their own there, an apply
// is followed by an empty plan.
func TestProductRowsConverge(t *testing.T) {
	for name, cfg := range map[string]portal.Config{
		"an empty portal in the east": {Zone: time.FixedZone("", 3*3600)},
		"a used portal in the west":   {Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := portal.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			l := ladderOf(serveWorld(t, p))
			l.recorded()
			for i, rung := range productRungs {
				l.write("tested", productDocuments(rung.fields, rung.products)...)
				l.climbProducts(rung.name)
				if i%3 == 1 {
					l.addForeignRows()
					l.climbProducts(rung.name + ", with foreign rows")
				}
			}
		})
	}
}

// productDocuments declares a record of every kind that takes products.
func productDocuments(fields, products string) []string {
	out := []string{"kind: SPA\nmetadata: {name: order}\nspec: {title: Orders, isLinkWithProductsEnabled: Y}"}
	for _, k := range kind.BuiltIn().Records() {
		if _, ok := k.Part(kind.ProductsPart); !ok || k.Key == kind.KeyNone {
			continue
		}
		typ := ""
		if k.Space == "" {
			typ = "type: order, "
		}
		out = append(out, fmt.Sprintf("kind: %s\nmetadata: {name: rows}\nspec: {%sfields: {title: Rows, currencyId: EUR%s}, products: %s}", k.Name, typ, fields, products))
	}
	return out
}

// climbProducts applies what is declared and plans once more.
func (l *fieldLadder) climbProducts(rung string) {
	l.t.Helper()
	var report struct {
		Items []struct {
			Resource string
			ID       int `json:",string"`
		}
	}
	if err := json.Unmarshal([]byte(l.run(exitDone, "apply", "-f", l.dir, "--yes", "-o", "json")), &report); err != nil {
		l.t.Fatal(err)
	}
	for _, item := range report.Items {
		l.ids[item.Resource] = item.ID
	}
	l.portal.ResetStats()
	if out := l.anyExit("plan", "-f", l.dir); !strings.Contains(out, "No changes.") {
		l.t.Errorf("%s: a second plan is not empty:\n%s", rung, out)
	}
	if n := l.portal.Stats().Writes; n != 0 {
		l.t.Errorf("%s: the plan wrote %d times", rung, n)
	}
}

// addForeignRows puts a row of somebody else before those of the deal and the lead.
func (l *fieldLadder) addForeignRows() {
	for owner, address := range map[string]string{"D": "deal/rows", "L": "lead/rows"} {
		l.call("crm.item.productrow.add", fmt.Sprintf(`{"fields":{"ownerType":%q,"ownerId":%d,"productName":"Foreign","price":3,"sort":1}}`, owner, l.ids[address]))
	}
}
