package value

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// rowsType is that of product rows with a few columns.
var rowsType = Type{Name: "products", Currency: "EUR", Columns: []Column{
	{"product", "productId", Type{Name: "product"}}, {"name", "productName", Type{Name: "string"}},
	{"price", "price", Type{Name: "double", Places: 2}}, {"quantity", "quantity", Type{Name: "double", Places: 4}},
	{"discountRate", "discountRate", Type{Name: "double", Places: 2}}, {"discountSum", "discountSum", Type{Name: "double", Places: 2}},
	{"taxRate", "taxRate", Type{Name: "double", Places: 2, Nullable: true}}, {"sort", "sort", Type{Name: "integer"}},
}}

func entryOf(pairs ...string) Node {
	d := Node{Kind: Map}
	for i := 0; i < len(pairs); i += 2 {
		d.Pairs = append(d.Pairs, Pair{Key: pairs[i], Value: node(pairs[i+1])})
	}
	return d
}

// Product rows that are sent come back as what was declared, and once they are there
// nothing differs; they survive being written down.
func TestProductRowsComeBack(t *testing.T) {
	amount := rapid.StringMatching(`[1-9][0-9]{0,5}(\.[0-9]{1,2})?`)
	row := rapid.Custom(func(t *rapid.T) Node {
		pairs := []string{"price", amount.Draw(t, "price")}
		if rapid.Bool().Draw(t, "of the catalogue") {
			pairs = append(pairs, "product", rapid.StringMatching(`[1-9][0-9]{0,3}`).Draw(t, "product"))
		} else {
			pairs = append(pairs, "name", rapid.StringMatching(`[A-C]{1,2}`).Draw(t, "name"))
		}
		for _, name := range []string{"quantity", rapid.SampledFrom([]string{"discountRate", "discountSum"}).Draw(t, "discount"), "taxRate"} {
			if rapid.Bool().Draw(t, name) {
				pairs = append(pairs, name, amount.Draw(t, name))
			}
		}
		return entryOf(pairs...)
	})
	c := MustCodecOf(rowsType)
	rapid.Check(t, func(rt *rapid.T) {
		d := Node{Kind: List, Items: rapid.SliceOfN(row, 1, 5).Draw(rt, "rows")}
		want, err := c.Parse(portalNames{}, d)
		if err != nil {
			rt.Fatal(err)
		}
		raw, err := json.Marshal(c.Wire(want, Value{}))
		if err != nil {
			rt.Fatal(err)
		}
		live, err := c.Read(raw)
		if err != nil || !c.Same(want, live) {
			rt.Fatalf("%v is sent as %s and read as %v: %v", want, raw, live, err)
		}
		again, err := c.Parse(portalNames{}, c.Declare(portalNames{}, live))
		if err != nil || !c.Same(again, live) {
			rt.Fatalf("%v is declared as %v: %v", live, again, err)
		}
		if after := c.After(want, live); !c.Same(after, live) || !RowsSum(after).Equal(RowsSum(want)) {
			rt.Fatalf("%v becomes %v", want, after)
		}
		text, err := json.Marshal(want)
		var loaded Value
		if err != nil || json.Unmarshal(text, &loaded) != nil || !loaded.Equal(want) {
			rt.Fatalf("%v is saved as %s and loaded as %v", want, text, loaded)
		}
	})
}

// What contradicts the order of the rows, and a column that rows do not have, is a fault at
// its place.
func TestProductRowsThatContradictTheirOrderAreRefused(t *testing.T) {
	c := MustCodecOf(rowsType)
	at := func(line int, d Node) Node {
		d.Pos.Line = line
		for i := range d.Pairs {
			d.Pairs[i].Pos.Line, d.Pairs[i].Value.Pos.Line = line, line
		}
		return d
	}
	for code, rows := range map[string][]Node{
		"some-have-no-sort":  {at(1, entryOf("name", "a", "sort", "1")), at(2, entryOf("name", "b"))},
		"sort-does-not-rise": {at(1, entryOf("name", "a", "sort", "2")), at(2, entryOf("name", "b", "sort", "2"))},
		"not-a-number":       {at(1, entryOf("name", "a")), at(2, entryOf("name", "b", "price", "x"))},
		"no-column":          {at(1, entryOf("name", "a")), at(2, entryOf("colour", "b"))},
	} {
		_, err := c.Parse(nil, Node{Kind: List, Items: rows})
		if f, ok := err.(*Fault); !ok || f.Message.Code != code || f.Pos.Line != 2 {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// Rows that read alike are told apart by what differs in them.
func TestRowsThatReadAlikeAreToldApart(t *testing.T) {
	c := MustCodecOf(rowsType)
	want, err := c.Parse(nil, Node{Kind: List, Items: []Node{entryOf("name", "A", "price", "1", "sort", "10")}})
	if err != nil {
		t.Fatal(err)
	}
	live, err := c.Read([]byte(`[{"id":1,"productName":"A","price":1,"quantity":1,"sort":20}]`))
	if err != nil {
		t.Fatal(err)
	}
	sorted := func(by string) Message {
		return Say("row-line", Ms("parts", []Message{Say("so-many-at", T("n", "1"), M("product", Verbatim("A")), T("sum", "1.00 EUR")),
			Say("column-and-value", T("column", "sort"), T("value", by))}))
	}
	after, before := TellRowsApart(c, want, live, c.Show(nil, want), c.Show(nil, live))
	if d := cmp.Diff([]any{sorted("10"), sorted("20")}, []any{after.Items()[0].Says(), before.Items()[0].Says()}); d != "" {
		t.Error(d)
	}
}

// A price is compared as a number, and there is one of each type.
func TestPricesAreAmountsOfOneType(t *testing.T) {
	c := MustCodecOf(Type{Name: "price", Field: "4"})
	rapid.Check(t, func(rt *rapid.T) {
		amount := rapid.StringMatching(`[0-9]{1,6}(\.[0-9]{1,2})?`).Draw(rt, "amount")
		want, err := c.Parse(portalNames{}, node(amount+"|eur"))
		if err != nil {
			rt.Fatal(err)
		}
		pair, err := c.Parse(portalNames{}, entryOf("amount", amount, "currency", "EUR"))
		live, errLive := c.Read([]byte(fmt.Sprintf(`[{"id":3,"price":%q,"currency":"EUR"}]`, amount+strings.Repeat("0", 2*strings.Count(amount, ".")))))
		if err != nil || errLive != nil || !pair.Equal(want) || !c.Same(want, live) || live.Get("id").Text != "3" {
			rt.Fatalf("%v, %v and %v: %v %v", want, pair, live, err, errLive)
		}
		if again, err := c.Parse(nil, c.Declare(nil, live)); err != nil || !c.Same(again, live) || c.Key(again) != c.Key(live) {
			rt.Fatalf("%v is declared as %v: %v", live, again, err)
		}
	})
	if _, err := c.Read([]byte(`[{"id":1,"price":1},{"id":2,"price":2}]`)); err == nil {
		t.Error("one of two prices was chosen")
	}
	if _, err := MustCodecOf(Type{Name: "price"}).Parse(portalNames{}, node("1|EUR")); err == nil {
		t.Error("a price of no type")
	}
	if none, err := c.Read([]byte(`[]`)); err != nil || !none.IsEmpty() || c.Same(Text("0", Part{"currency", Text("EUR")}), none) {
		t.Errorf("no price is %v, %v", none, err)
	}
}

// Relations are a set by the types at their other end; one to a type that does not exist
// yet is open.
func TestRelationsAreASetOfTypes(t *testing.T) {
	c := MustCodecOf(Type{Name: "relations"})
	flagged := Node{Kind: Map, Pairs: []Pair{{Key: "entity", Value: node("deal")}, {Key: "isChildrenListEnabled", Value: node("Y")}}}
	want, err := c.Parse(portalNames{}, Node{Kind: List, Items: []Node{flagged, node("spa")}})
	if err != nil || want.Entries()[1].RelatedTo() != "spa/spa" || want.Entries()[1].Text != "" {
		t.Fatalf("%v, %v", want, err)
	}
	if d := cmp.Diff([]string{"2 (listed in its card)", "spa"}, MustCodecOf(Type{Name: "relations"}).Show(nil, want).Plain()); d != "" {
		t.Error(d)
	}
	live, err := c.Read([]byte(`[{"entityTypeId":2,"isChildrenListEnabled":true},{"entityTypeId":3,"isChildrenListEnabled":"N"}]`))
	if err != nil || c.Same(want, live) {
		t.Errorf("%v has what does not exist: %v", live, err)
	}
	if want = Listed(want.Entries()[0]); !c.Same(want, live) || c.Same(Value{}, live) || c.Same(Listed(Text("2", Part{"list", Text("N")})), live) {
		t.Errorf("%v and %v", want, live)
	}
	if again, err := c.Parse(nil, c.Declare(nil, live)); err != nil || !c.Same(again, live) {
		t.Errorf("%v is declared as %v: %v", live, again, err)
	}
	_, err = c.Parse(portalNames{}, nodes("none"))
	if f, ok := err.(*Fault); !ok || f.Rule != "relation" {
		t.Errorf("an unknown type: %v", err)
	}
}
