package diff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// liveRow is a row as crm.item.productrow.list shows it, with some values replaced.
func liveRow(id int, values string) string {
	row := map[string]any{"id": id, "productId": 0, "productName": "Bolt", "price": 10, "quantity": 1, "discountTypeId": 2, "discountRate": 0,
		"discountSum": 0, "taxRate": nil, "taxIncluded": "N", "customized": "Y", "measureCode": 796, "measureName": "pcs", "sort": id * 10}
	if err := json.Unmarshal([]byte("{"+values+"}"), &row); err != nil {
		panic(err)
	}
	raw, err := json.Marshal(row)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// productsChange declares rows on a deal that has live ones, and gives its change.
func productsChange(t *testing.T, rows string, live ...string) *plan.Change {
	t.Helper()
	set := load(t, "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D, currencyId: EUR}, products: "+rows+"}\n")
	deal := row(t, `{"id":7,"title":"D","currencyId":"EUR"}`)
	deal["products"] = json.RawMessage("[" + strings.Join(live, ",") + "]")
	state := dealState(map[value.Address][]kind.Row{"deal/d": {deal}})
	state.Meta.Fields[2] = fields("id", "title", "currencyId", "opportunity", "isManualOpportunity")
	plan, problems := Compute(set, state)
	if problems != nil {
		t.Fatal(problems)
	}
	return &changesIn(plan)[0]
}

// Only what a row declares is compared; what it leaves out is sent as it is on the
// portal, since the whole set is replaced.
func TestProductRowsAreComparedByWhatTheyDeclare(t *testing.T) {
	const free = `{"discountRate":0,"discountTypeId":2,"measureCode":796,"price":%s,"productName":"%s","quantity":1,"sort":%d,"taxIncluded":"N","taxRate":""}`
	for name, tc := range map[string]struct {
		declared string
		live     []string
		sends    string // "" for no difference
	}{
		"nothing else declared": {`[{name: Bolt, price: "10.00"}]`, []string{liveRow(1, `"price":10.001,"taxRate":19,"discountRate":5,"measureCode":166`)}, ""},
		"no tax is not a tax of 0": {`[{name: Bolt, price: 10, taxRate: null}]`, []string{liveRow(1, `"taxRate":0`)},
			`[{"discountRate":0,"discountTypeId":2,"measureCode":796,"price":10,"productName":"Bolt","quantity":1,"sort":10,"taxIncluded":"N","taxRate":""}]`},
		"a discount in the other form": {`[{name: Bolt, price: 10, discountSum: 1}]`, []string{liveRow(1, `"discountRate":9.09,"discountSum":1`)},
			`[{"discountSum":1,"discountTypeId":1,"measureCode":796,"price":10,"productName":"Bolt","quantity":1,"sort":10,"taxIncluded":"N","taxRate":""}]`},
		"no discount in either form":       {`[{name: Bolt, price: 10, discountSum: 0}]`, []string{liveRow(1, ``)}, ""},
		"a product found again by its id":  {`[{product: 5, price: 11}]`, []string{liveRow(1, `"productId":5,"productName":"Oak","quantity":3,"taxRate":7,"discountTypeId":1,"discountSum":2,"discountRate":16.67`)}, `[{"discountSum":2,"discountTypeId":1,"measureCode":796,"price":11,"productId":5,"productName":"Oak","quantity":3,"sort":10,"taxIncluded":"N","taxRate":7}]`},
		"a free row is no product's":       {`[{name: Bolt, price: 10}]`, []string{liveRow(1, `"productId":5`)}, `[{"price":10,"productName":"Bolt","sort":10}]`},
		"the portal's order is sort, id":   {`[{name: A, price: 1}, {name: B, price: 2}]`, []string{liveRow(3, `"productName":"B","price":2,"sort":5`), liveRow(2, `"productName":"A","price":1,"sort":5`)}, ""},
		"another order":                    {`[{name: B, price: 2}, {name: A, price: 1}]`, []string{liveRow(1, `"productName":"A","price":1`), liveRow(2, `"productName":"B","price":2`)}, "[" + fmt.Sprintf(free, "2", "B", 20) + "," + fmt.Sprintf(free, "1", "A", 30) + "]"},
		"rows that stay keep their sort":   {`[{name: A, price: 1}, {name: New, price: 3}]`, []string{liveRow(7, `"productName":"A","price":1`)}, "[" + fmt.Sprintf(free, "1", "A", 70) + `,{"price":3,"productName":"New","sort":80}]`},
		"of several alike the next":        {`[{name: A, price: 2}, {name: A, price: 1}]`, []string{liveRow(1, `"productName":"A","price":1`)}, `[{"price":2,"productName":"A","sort":10},` + fmt.Sprintf(free, "1", "A", 20) + `]`},
		"none declared and none there":     {`[]`, nil, ""},
		"null removes rows that are there": {`null`, []string{liveRow(1, ``)}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			c := productsChange(t, tc.declared, tc.live...)
			if tc.sends == "" {
				if c.Action != plan.NoOp {
					t.Fatalf("action %s: %v", c.Action, c.Fields)
				}
				return
			}
			if c.Saves() || len(c.Steps) != 1 {
				t.Fatalf("the record is saved: %t; steps %v", c.Saves(), c.Steps)
			}
			call, err := wire.SettleStep(c, &wire.Known{}, 0)
			if err != nil {
				t.Fatal(err)
			}
			params := call.Request().Params
			if params["ownerType"] != "D" || params["ownerId"] != 7 {
				t.Errorf("owner %v %v, want D 7", params["ownerType"], params["ownerId"])
			}
			want, got := parsed(t, tc.sends), parsed(t, mustJSON(t, params["productRows"]))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

func mustJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// rowLines is what is said of rows.
func rowLines(rows value.Shown) (lines []string) {
	for _, row := range rows.Items() {
		lines = append(lines, words.Text(row.Says()))
	}
	return lines
}

// A row reads as a sales manager would write it.
func TestProductRowsReadAsLines(t *testing.T) {
	c := productsChange(t, `[{name: Support, price: 95, quantity: 12, discountRate: 5, taxRate: 20}, {product: 5, price: "1.5", discountSum: 2, taxIncluded: Y, measureCode: 166}]`,
		liveRow(1, `"productName":"Support"`))
	f := c.Fields[0]
	want := []string{"12 × Support à 95.00 EUR, 5 % discount, 20 % tax", "1 × product 5 à 1.50 EUR, 2.00 EUR discount, shown with tax, unit 166"}
	if d := cmp.Diff(want, rowLines(f.After)); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"1 × Support à 10.00 EUR"}, rowLines(f.Before)); d != "" {
		t.Error(d)
	}
}

// A row that cannot be read is that record's problem, not the end.
func TestAnUnreadableRowRefusesItsRecord(t *testing.T) {
	if c := productsChange(t, `[{name: A, price: 1}]`, liveRow(1, `"price":"cheap"`)); c.Action != plan.Refuse || c.Reason.Code != "UNREADABLE_VALUE" {
		t.Errorf("action %s, code %s", c.Action, c.Reason.Code)
	}
}
