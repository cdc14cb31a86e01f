package diff

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// twoCatalogues is a portal on which codes repeat and mean different ids.
func twoCatalogues() kind.Catalog {
	return kind.Catalog{
		Iblocks:   []kind.Iblock{{ID: 23, Name: "CRM", CRM: true}, {ID: 25, Name: "Shop"}},
		BasePrice: 4,
		Measures:  []kind.Named{{ID: 5, Key: "796", Codes: []string{"pcs"}, Name: "Piece"}, {ID: 796, Key: "6", Codes: []string{"m"}, Name: "Meter"}},
		VATs:      []kind.Named{{ID: 2, Key: "20", Name: "VAT 20%"}, {ID: 20, Key: "7", Name: "Reduced"}, {ID: 9, Key: "7", Name: "Books"}},
		Properties: []kind.Property{
			{ID: 1, Iblock: 23, Code: "Colour", Name: "Colour", Type: "S"}, {ID: 2, Iblock: 25, Code: "COLOUR", Name: "Shop colour", Type: "S"},
			{ID: 3, Iblock: 23, Code: "size", Name: "Size", Type: "N"}, {ID: 4, Iblock: 23, Code: "SIZE", Name: "Size again", Type: "N"},
			{ID: 6, Iblock: 23, Code: "PAGE", Name: "Page", Type: "S", UserType: "HTML"}, {ID: 7, Iblock: 23, Name: "Without a code", Type: "S"},
		},
	}
}

func product(fields string) string {
	return "apiVersion: b24apply/v1\nkind: Product\nmetadata: {name: p}\nspec: {fields: {name: P, " + fields + "}}\n"
}

// A product goes to the catalogue that it names, else to the CRM's own, and its values
// are resolved there.
func TestNamesOfTheCatalogueAreResolved(t *testing.T) {
	const xmlID = "b24apply:default:p"
	for _, tc := range []struct {
		name, fields string
		iblocks      []kind.Iblock
		want         map[string]any // of the create
		problem      string
	}{
		{name: "the CRM's own", fields: "measure: 796, vatId: 20, COLOUR: red", want: map[string]any{"iblockId": 23, "measure": 5, "vatId": 2, "property1": map[string]any{"value": "red"}}},
		{name: "another one", fields: "iblockId: Shop, measure: m, vatId: Books, COLOUR: red", want: map[string]any{"iblockId": 25, "measure": 796, "vatId": 9, "property2": map[string]any{"value": "red"}}},
		{name: "by its id", fields: "iblockId: 25", want: map[string]any{"iblockId": 25}},
		{name: "a percentage in another form", fields: `vatId: "20.0 %"`, want: map[string]any{"iblockId": 23, "vatId": 2}},
		{name: "an id of a unit", fields: "measure: 5", problem: `"5" is no unit`},
		{name: "two rates", fields: "vatId: 7", problem: `"7" names 2 VATs`},
		{name: "two properties", fields: "SIZE: 5", problem: "2 properties have this code"},
		{name: "a type without values", fields: "PAGE: x", problem: "PAGE: properties of type S:HTML cannot be declared"},
		{name: "no such property", fields: "COLOURS: x", problem: "no such property"},
		{name: "no catalogue", fields: "sort: 1", iblocks: []kind.Iblock{}, problem: "shows no product catalogue"},
		{name: "none is the CRM's", fields: "sort: 1", iblocks: []kind.Iblock{{ID: 1, Name: "A"}, {ID: 2, Name: "B"}}, problem: "2 product catalogues"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			state := &State{Meta: meta.Data{Catalog: twoCatalogues()}}
			if tc.iblocks != nil {
				state.Meta.Catalog.Iblocks = tc.iblocks
			}
			made, problems := Compute(load(t, product(tc.fields)), state)
			if tc.problem != "" {
				if len(problems) != 0 || made == nil {
					t.Fatalf("problems %+v", problems)
				}
				why := changesIn(made)[0].Reason
				if changesIn(made)[0].Action != plan.Refuse || !strings.Contains(words.Text(why.Message), tc.problem) || words.Hint(why.Code, why.Hint) == "" {
					t.Fatalf("refused for %+v, want: %s", why, tc.problem)
				}
				return
			}
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			ready, err := wire.Settle(&changesIn(made)[0], &wire.Known{})
			if err != nil {
				t.Fatal(err)
			}
			tc.want["name"], tc.want["xmlId"] = "P", xmlID
			if d := cmp.Diff(tc.want, ready.Request().Params["fields"]); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			filter := map[string]any{"=xmlId": xmlID, "iblockId": tc.want["iblockId"]}
			if d := cmp.Diff(filter, ready.Find().Params["filter"]); d != "" {
				t.Errorf("the look-up: -want +got:\n%s", d)
			}
		})
	}
}

// liveProduct is the product of a manifest as the portal holds it.
func liveProduct(t *testing.T, object string) *State {
	t.Helper()
	return &State{Meta: meta.Data{Catalog: twoCatalogues()}, Records: map[value.Address][]kind.Row{"product/p": {row(t, object)}}}
}

// One price is changed by its id; a product with prices for ranges of quantities is
// refused, and the others go on.
func TestThePriceOfOneTypeIsChanged(t *testing.T) {
	const stored = `{"id":7,"iblockId":23,"name":"P","xmlId":"b24apply:default:p","price":`
	for _, tc := range []struct {
		live, declared, method string
		want                   map[string]any
	}{
		{`[]}`, `"5|EUR"`, "catalog.price.add", map[string]any{"fields": map[string]any{"price": json.Number("5"), "currency": "EUR", "productId": 7, "catalogGroupId": 4}}},
		{`[{"id":3,"price":5,"currency":"EUR"}]}`, `{amount: "5.50", currency: eur}`, "catalog.price.update", map[string]any{"id": 3, "fields": map[string]any{"price": json.Number("5.5"), "currency": "EUR"}}},
		{`[{"id":3,"price":"5.0000","currency":"EUR"}]}`, `{amount: 5, currency: USD}`, "catalog.price.update", map[string]any{"id": 3, "fields": map[string]any{"price": json.Number("5"), "currency": "USD"}}},
		{`[{"id":3,"price":5,"currency":"EUR"}]}`, "null", "catalog.price.delete", map[string]any{"id": 3}},
		{`[{"id":3,"price":"5.000","currency":"EUR"}]}`, `"5.00|eur"`, "", nil},
		{`[]}`, "null", "", nil},
	} {
		made, problems := Compute(load(t, product("price: "+tc.declared)), liveProduct(t, stored+tc.live))
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		c := &changesIn(made)[0]
		if tc.method == "" {
			if c.Action != plan.NoOp {
				t.Errorf("%s → %s: %s %+v", tc.live, tc.declared, c.Action, c.Fields)
			}
			continue
		}
		if c.Saves() || len(c.Steps) != 1 {
			t.Fatalf("%s → %s: %d steps, saves %t", tc.live, tc.declared, len(c.Steps), c.Saves())
		}
		call, err := wire.SettleStep(c, &wire.Known{}, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := call.Request()
		if d := cmp.Diff(tc.want, map[string]any(got.Params)); d != "" || got.Method != tc.method || call.Once() != (tc.method == "catalog.price.add") {
			t.Errorf("%s: %s, once %t; -want +got:\n%s", tc.method, got.Method, call.Once(), d)
		}
	}
	made, _ := Compute(load(t, product(`price: "5|EUR"`)), liveProduct(t, stored+`[{"id":3,"price":5,"currency":"EUR"},{"id":4,"price":4,"currency":"EUR"}]}`))
	if c := changesIn(made)[0]; c.Action != plan.Refuse || c.Reason.Code != "UNREADABLE_VALUE" || !strings.Contains(words.Text(c.Reason.Message), "ranges") {
		t.Errorf("%s %s: %s", c.Action, c.Reason.Code, words.Text(c.Reason.Message))
	}
}

// An update of a section names its catalogue and sends its name again: as declared, else
// as it is, also when it is sent once more.
func TestASectionIsSavedWithItsName(t *testing.T) {
	live := liveProduct(t, `{"id":7,"iblockId":23,"name":"Old","xmlId":"b24apply:default:p","sort":500}`)
	live.Records = map[value.Address][]kind.Row{"productsection/p": live.Records["product/p"]}
	for name, want := range map[string]string{"Old": "Old", "New": "New"} {
		text := strings.ReplaceAll(product("sort: 1"), "kind: Product", "kind: ProductSection")
		plan, problems := Compute(load(t, strings.ReplaceAll(text, "name: P,", "name: "+name+",")), live)
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		ready, err := wire.Settle(&changesIn(plan)[0], &wire.Known{})
		if err != nil {
			t.Fatal(err)
		}
		for _, command := range []wire.Mismatch{{}, {Field: "sort"}} {
			params := ready.Request().Params
			if command.Field != "" {
				params = ready.Repair(7, []wire.Mismatch{command}).Params
			}
			fields := params["fields"].(map[string]any)
			if fields["name"] != want || fields["iblockId"] != 23 || fields["sort"] != int64(1) {
				t.Errorf("%s: fields %v", name, fields)
			}
		}
	}
}

// What is sent for a property comes back equal, single or multiple, wrapped as the
// documentation shows it or bare.
func TestPropertiesComeBackEqual(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.SliceOfNDistinct(rapid.StringN(1, 8, -1), 0, 4, rapid.ID[string]).Draw(rt, "texts")
		multiple := rapid.Bool().Draw(rt, "multiple")
		if !multiple && len(texts) > 1 {
			texts = texts[:1]
		}
		typ, _ := kind.Property{Type: "S", Multiple: multiple}.ValueType()
		c := value.MustCodecOf(typ)
		var want value.Value
		var list []value.Value
		for _, text := range texts {
			want, list = value.Text(text), append(list, value.Text(text))
		}
		if multiple {
			want = value.Listed(list...)
		}
		sent, err := json.Marshal(c.Wire(want, value.Value{}))
		if err != nil {
			rt.Fatal(err)
		}
		got, err := c.Read(sent)
		if err != nil || !c.Same(want, got) {
			rt.Errorf("%v is sent as %s and read as %v, %v", want, sent, got, err)
		}
	})
	typ, _ := kind.Property{Type: "L", UserType: "BoolEnum", Options: []kind.Named{{ID: 8, Codes: []string{"Y"}}, {ID: 9, Codes: []string{"N"}}}}.ValueType()
	box := value.MustCodecOf(typ)
	for raw, want := range map[string]string{`{"value":"Y","valueId":"1"}`: "Y", `{"value":"8"}`: "Y", `{"value":9}`: "N", `null`: "N"} {
		if got, err := box.Read(json.RawMessage(raw)); got.Text != want || err != nil {
			t.Errorf("a check box %s is read as %v, %v", raw, got, err)
		}
	}
}
