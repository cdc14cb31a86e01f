package apply

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// withoutGoods wants some of the goods gone, and their section with them.
func withoutGoods(names ...string) string {
	return "---\napiVersion: b24apply/v1\nkind: Absent\nspec: {resources: [productsection/s, " + strings.Join(names, ", ") + "]}\n"
}

// lostAnswers are the ways in which an answer gets lost.
var lostAnswers = map[string]func(body string, pass func(string) *http.Response) (*http.Response, error){
	"before": func(string, func(string) *http.Response) (*http.Response, error) { return nil, errCut },
	"after": func(body string, pass func(string) *http.Response) (*http.Response, error) {
		pass(body)
		return nil, errCut
	},
	"page": func(body string, pass func(string) *http.Response) (*http.Response, error) {
		pass(body)
		return html(http.StatusBadGateway), nil
	},
}

// However the answers to deletions get lost, what must be gone is gone, each is reported
// as done, and a price as well: it is gone whoever has deleted it.
func TestLostAnswersToDeletionsInTheCatalogueAreSettled(t *testing.T) {
	names := []string{"product/p000", "product/p001", "product/p002"}
	for name, lose := range lostAnswers {
		for method, manifests := range map[string]string{
			"catalog.product.delete": withoutGoods(names...),
			"catalog.section.delete": withoutGoods(names...),
			"catalog.price.delete":   strings.ReplaceAll(goods(3, "1.50"), `{amount: "1.50", currency: EUR}`, "null"),
		} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				b := newBench(t)
				b.apply(goods(3, "1.50"), Config{})
				var seen atomic.Int32
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					if strings.Contains(body, method) && seen.Add(1)%2 == 1 {
						return lose(body, pass)
					}
					return pass(body), nil
				}
				report := b.apply(manifests, Config{Settle: 50 * time.Millisecond})
				if report.ExitCode != ExitDone || seen.Load() == 0 {
					t.Errorf("exit code %d after %d sendings: %v", report.ExitCode, seen.Load(), report.Items.List())
				}
				want := map[string]int{"sections": 0, "products": 0, "prices": 0}
				if method == "catalog.price.delete" {
					want = map[string]int{"sections": 1, "products": 3, "prices": 0}
				}
				if d := cmp.Diff(want, b.stock()); d != "" {
					t.Errorf("the catalogue (-want +got):\n%s", d)
				}
				if pending := b.planHonestly(manifests).Pending(); pending != 0 {
					t.Errorf("a second plan has %d changes", pending)
				}
			})
		}
	}
}

// A product that somebody puts into a section after the plan keeps the section, and one
// that somebody claims stays.
func TestWhatChangedInTheCatalogueSinceThePlanIsNotDeleted(t *testing.T) {
	for name, tc := range map[string]struct {
		method string
		params bitrix.Params
		counts map[Status]int
		stock  map[string]int
	}{
		"put into the section": {
			"catalog.product.add", bitrix.Params{"fields": map[string]any{"iblockId": 23, "name": "Guest", "iblockSectionId": 1}},
			map[Status]int{Succeeded: 2, Conflict: 1}, map[string]int{"sections": 1, "products": 1, "prices": 0},
		},
		"a section put into it": {
			"catalog.section.add", bitrix.Params{"fields": map[string]any{"iblockId": 23, "name": "Guest", "iblockSectionId": 1}},
			map[Status]int{Succeeded: 2, Conflict: 1}, map[string]int{"sections": 2, "products": 0, "prices": 0},
		},
		"claimed": {
			"catalog.product.update", bitrix.Params{"id": 1, "fields": map[string]any{"xmlId": "b24apply:other:p"}},
			map[Status]int{Succeeded: 1, Conflict: 1, Blocked: 1}, map[string]int{"sections": 1, "products": 1, "prices": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.apply(goods(2, "1.50"), Config{})
			plan := b.planHonestly(withoutGoods("product/p000", "product/p001"))
			b.call(tc.method, tc.params)
			report := Run(t.Context(), plan, Config{Client: b.client})
			if d := cmp.Diff(tc.counts, report.Counts); d != "" {
				t.Errorf("counts (-want +got):\n%s\n%v", d, report.Items.List())
			}
			if d := cmp.Diff(tc.stock, b.stock()); d != "" {
				t.Errorf("the catalogue (-want +got):\n%s", d)
			}
		})
	}
}

// A product that somebody claims between the plan and its adoption is left alone.
func TestAProductThatWasClaimedSinceThePlanIsNotAdopted(t *testing.T) {
	const manifest = "---\napiVersion: b24apply/v1\nkind: Product\nmetadata: {name: p}\nspec: {match: [[name]], fields: {name: Tea, sort: 7}}\n"
	b := newBench(t)
	b.call("catalog.product.add", bitrix.Params{"fields": map[string]any{"iblockId": 23, "name": "Tea"}})
	plan := b.planHonestly(manifest)
	b.call("catalog.product.update", bitrix.Params{"id": 1, "fields": map[string]any{"xmlId": "b24apply:other:p"}})
	report := Run(t.Context(), plan, Config{Client: b.client})
	if o := report.Items.List()[0]; o.Status != Conflict || o.Code != "CLAIMED" {
		t.Errorf("status %s, code %s: %s", o.Status, o.Code, o.Error)
	}
}

// Deletions are packed, and what they would touch is read so too: a section is counted by
// two lists of a batch.
func TestDeletionsInTheCatalogueArePacked(t *testing.T) {
	const n = 120
	b := newBench(t)
	b.apply(goods(n, "1.50"), Config{})
	plan := b.prune("---\napiVersion: b24apply/v1\nkind: Product\nmetadata: {name: other}\nspec: {fields: {name: Other}}\n" +
		"---\napiVersion: b24apply/v1\nkind: ProductSection\nmetadata: {name: other}\nspec: {fields: {name: Other}}\n")
	report := Run(t.Context(), plan, Config{Client: b.client})
	if report.Counts[Succeeded] != n+3 {
		t.Fatalf("counts %v", report.Counts)
	}
	if most := int64(n/50 + 10); int64(report.Requests) > most {
		t.Errorf("%d requests, want at most %d", report.Requests, most)
	}
	if d := cmp.Diff(map[string]int{"sections": 1, "products": 1, "prices": 0}, b.stock()); d != "" {
		t.Errorf("the catalogue (-want +got):\n%s", d)
	}
}
