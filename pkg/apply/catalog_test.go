package apply

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// goods declares a section and n products in it, each with a price and a description
// that a batch cannot carry for every seventh.
func goods(n int, price string) string {
	var s strings.Builder
	s.WriteString("---\napiVersion: b24apply/v1\nkind: ProductSection\nmetadata: {name: s}\nspec: {fields: {name: S}}\n")
	for i := range n {
		text := "Plain"
		if i%7 == 0 {
			text = "<b>Bold</b>"
		}
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Product\nmetadata: {name: p%03d}\nspec: {fields: {name: P %d, detailText: %q, iblockSectionId: {ref: productsection/s}, price: {amount: %q, currency: EUR}}}\n", i, i, text, price)
	}
	return s.String()
}

// stock counts what the catalogue holds.
func (b *bench) stock() map[string]int {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	lists := []bitrix.List{
		{Method: "catalog.section.list", Items: "sections", Params: bitrix.Params{"filter": map[string]any{"iblockId": 23}}},
		{Method: "catalog.product.list", Items: "products", Params: bitrix.Params{"filter": map[string]any{"iblockId": 23}, "select": []any{"id", "iblockId"}}},
		{Method: "catalog.price.list", Items: "prices"},
	}
	answers, err := b.client.Lists(b.t.Context(), lists)
	if err != nil {
		b.t.Fatal(err)
	}
	out := make(map[string]int)
	for i, rows := range answers {
		out[lists[i].Items] = len(rows)
	}
	return out
}

// However answers get lost, before or after the portal has executed the request, each
// section, product and price is made exactly once.
func TestLostAnswersNeverDoubleProductsOrPrices(t *testing.T) {
	for name, lose := range lostAnswers {
		for _, method := range []string{"catalog.section.add", "catalog.product.add", "catalog.price.add"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				const n = 20
				b := newBench(t)
				var seen atomic.Int32
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if strings.Contains(body, method) && seen.Add(1)%2 == 1 {
						return lose(body, pass)
					}
					return pass(body), nil
				}
				report := b.apply(goods(n, "1.50"), Config{Settle: 50 * time.Millisecond})
				if d := cmp.Diff(map[Status]int{Succeeded: n + 1}, report.Counts); d != "" {
					t.Errorf("counts: %s", d)
				}
				if d := cmp.Diff(map[string]int{"sections": 1, "products": n, "prices": n}, b.stock()); d != "" {
					t.Errorf("the catalogue: %s", d)
				}
				if pending := b.planHonestly(goods(n, "1.50")).Pending(); pending != 0 {
					t.Errorf("a second plan has %d changes", pending)
				}
			})
		}
	}
}

// A product whose price is refused is there: it is partial, and the next plan shows just
// the price.
func TestAProductWithoutItsPriceIsPartial(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.ReplaceAll(body, "catalog.price.add", "catalog.price.ad")), nil
	}
	report := b.apply(goods(1, "1.50"), Config{})
	if d := cmp.Diff(map[Status]int{Succeeded: 1, Partial: 1}, report.Counts); d != "" {
		t.Fatalf("%s\n%v", d, report.Items.List())
	}
	if o := report.Items.List()[1]; o.Field != "price" || o.ID == "" || !strings.HasPrefix(words.Text(o.Error), "it was created, but not all of it: price: ") {
		t.Errorf("field %q, id %q, error %q", o.Field, o.ID, o.Error)
	}
	pending := pendingIn(b.planHonestly(goods(1, "1.50")))
	if len(pending) != 1 || len(pending[0].Fields) != 1 || pending[0].Fields[0].Name != "price" {
		t.Errorf("the next plan has %d changes", len(pending))
	}
}

// What the portal drops under an answer of success is named, and a price that it keeps
// otherwise as well.
func TestDroppedFieldsOfProductsAreNamed(t *testing.T) {
	for _, tc := range []struct{ field, drop, with string }{
		{"detailText", "detailText", "detailTexX"},
		{"price", "fields%5Bprice%5D=1.5", "fields%5Bprice%5D=1.25"},
		{"xmlId", "xmlId%5D=b24apply", "xmlIx%5D=b24apply"},
	} {
		t.Run(tc.field, func(t *testing.T) {
			b := newBench(t)
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				return pass(strings.ReplaceAll(body, tc.drop, tc.with)), nil
			}
			manifest := strings.ReplaceAll(goods(1, "1.50"), "<b>Bold</b>", "Plain")
			_, product, _ := strings.Cut(manifest, "kind: ProductSection")
			_, product, _ = strings.Cut(product, "---\n")
			product = strings.ReplaceAll(product, "iblockSectionId: {ref: productsection/s}, ", "")
			report := b.apply(product, Config{})
			if o := report.Items.List()[0]; o.Status != Partial || !strings.Contains(words.Text(o.Error), tc.field) {
				t.Errorf("status %s, field %q, error %q", o.Status, o.Field, o.Error)
			}
		})
	}
}
