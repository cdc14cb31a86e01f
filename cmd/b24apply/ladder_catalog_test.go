package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

// unlike are two portals that mean the same and have other ids, zones and records.
func unlike() map[string]portal.Config {
	return map[string]portal.Config{
		"an empty portal in the east": {Zone: time.FixedZone("", 3*3600)},
		"a used portal in the west":   {Zone: time.FixedZone("", -5*3600), IDBase: 7000, Seed: "demo"},
	}
}

// serveLadder opens a portal with nothing declared.
func serveLadder(t *testing.T, cfg portal.Config) *fieldLadder {
	t.Helper()
	p, err := portal.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return ladderOf(serveWorld(t, p))
}

// catalogSamples holds the fields whose values depend on more than their type. A unit
// of measure and a tax go by what is the same on every portal.
var catalogSamples = map[string]sample{
	"Product.code":               {"CODE-RECORD", "code2-RECORD", `"code2-RECORD"`},
	"ProductSection.code":        {"CODE-RECORD", "code2-RECORD", `"code2-RECORD"`},
	"Product.iblockId":           {"CRM Product Catalog", "CRM Product Catalog", `"CRM Product Catalog"`},
	"ProductSection.iblockId":    {"CRM Product Catalog", "CRM Product Catalog", `"CRM Product Catalog"`},
	"Product.measure":            {"166", "pcs", "796"},
	"Product.active":             {"N", "Y", "true"},
	"ProductSection.active":      {"N", "Y", "true"},
	"Product.vatId":              {"0", "20", "VAT 20%"},
	"Product.price":              {`{amount: "18.00", currency: EUR}`, `{amount: 19.5, currency: USD}`, `"19.50|usd"`},
	"Product.quantityTrace":      {"Y", "N", `"N"`},
	"Product.subscribe":          {"Y", "N", `"N"`},
	"Product.purchasingPrice":    {`"1.005"`, "0.000001", `"0.0000010"`},
	"Product.purchasingCurrency": {"GBP", "USD", "usd"},
}

var catalogSamplesByType = map[kind.FieldType]sample{
	kind.TypeChoice:   {"html", "text", `"text"`},
	kind.TypeDatetime: {`"2026-01-31T23:30:00+01:00"`, `"1999-12-31T00:00:01Z"`, `"1999-12-30T19:00:01-05:00"`},
	kind.TypeDouble:   {`"0.125"`, "1250.5", `"1250.500"`},
	kind.TypeSection:  {"{ref: productsection/left}", "{ref: productsection/right}", ""},
}

// catalogProperties are the properties under test: their type, and whether they are multiple.
var catalogProperties = map[string]struct {
	kind   string
	values sample
}{
	"TEXT":    {`"propertyType":"S"`, sample{"007", "Größe “two” 🙂", `"Größe “two” 🙂"`}},
	"Texts":   {`"propertyType":"S","multiple":"Y"`, sample{"[a, b]", "[b, c, d]", "[d, c, b]"}},
	"NUMBER":  {`"propertyType":"N"`, sample{"5", "0.25", `"0.2500"`}},
	"COLOUR":  {`"propertyType":"L"`, sample{"red", "Blue", "blue"}},
	"COLOURS": {`"propertyType":"L","multiple":"Y"`, sample{"[red]", "[Blue, red]", "[Red, blue]"}},
	"FRAGILE": {`"propertyType":"L","userType":"BoolEnum"`, sample{"Y", "N", "no"}},
	"DAY":     {`"propertyType":"S","userType":"Date"`, sample{"2024-02-29", "1969-12-31", `"1969-12-31"`}},
	"MOMENT":  {`"propertyType":"S","userType":"DateTime"`, sample{`"2026-01-31T23:30:00+01:00"`, `"1999-12-31T00:00:01Z"`, `"1999-12-30T19:00:01-05:00"`}},
}

// Every field of products and sections, and every kind of property, converges: created
// empty, set, changed, spelled in another way and cleared, on portals with other ids.
func TestTheCatalogueConverges(t *testing.T) {
	for name, cfg := range unlike() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := serveLadder(t, cfg)
			l.recorded()
			l.write("stock", "kind: ProductSection\nmetadata: {name: left}\nspec: {fields: {name: Left}}", "kind: ProductSection\nmetadata: {name: right}\nspec: {fields: {name: Right}}")
			l.climbProducts("stock")
			for _, kind := range kind.BuiltIn().Catalogs() {
				for _, rule := range kind.Fields {
					if rule.Refuse == "" {
						l.addCatalog(kind, rule)
					}
				}
			}
			l.addProperties()
			l.climb()
		})
	}
}

func (l *fieldLadder) addCatalog(of *kind.Kind, rule kind.Rule) {
	s, ok := catalogSamples[of.Name+"."+rule.Name]
	if !ok {
		s, ok = catalogSamplesByType[rule.Type]
	}
	if rule.Type == kind.TypeSection {
		s.again = fmt.Sprint(l.ids["productsection/right"])
	}
	if !ok {
		s, ok = samplesByType[rule.Type]
	}
	if !ok {
		l.t.Errorf("no samples for %s of %s, which is of type %s", rule.Name, of.Name, rule.Type)
		return
	}
	null := "null"
	if rule.NoClear {
		null = ""
	}
	l.declareCatalog(of, rule.Name, s, null)
	if rule.Required { // it is there on every rung
		values := [rungs]string{s.first, s.first, s.second, s.again, s.second}
		l.declare(of, "only-"+rule.Name, rule.Name, values)
		l.declare(of, "everything", rule.Name, values)
	}
}

func (l *fieldLadder) declareCatalog(kind *kind.Kind, field string, s sample, null string) {
	values := [rungs]string{null, s.first, s.second, s.again, null}
	if s.first == s.second { // it cannot be changed
		values[rungEmpty], values[rungCleared] = s.first, ""
	}
	l.declare(kind, "only-"+field, field, values)
	l.declare(kind, "everything", field, values)
}

// addProperties creates the properties on the portal, on a used one in another order and so with other ids.
func (l *fieldLadder) addProperties() {
	iblock := l.answer("catalog.catalog.list", `{"filter":{"productIblockId":null}}`)["catalogs"].([]any)[0].(map[string]any)["id"]
	codes := slices.Sorted(maps.Keys(catalogProperties))
	if strings.Contains(l.t.Name(), "used") {
		slices.Reverse(codes)
	}
	for _, code := range codes {
		p := catalogProperties[code]
		made := l.answer("catalog.productProperty.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":%q,"code":%q,%s}}`, iblock, code, code, p.kind))
		if strings.HasPrefix(code, "COLOUR") {
			for _, colour := range []string{"Green", "Blue", "Red"} {
				l.call("catalog.productPropertyEnum.add", fmt.Sprintf(`{"fields":{"propertyId":%v,"value":%q,"xmlId":%q}}`,
					made["productProperty"].(map[string]any)["id"], colour, strings.ToLower(colour)))
			}
		}
		null := "null"
		if code == "FRAGILE" {
			null = "N"
		}
		l.declareCatalog(kind.BuiltIn().ByName("Product"), strings.ToUpper(code), p.values, null)
	}
}

// answer makes one call and gives the object that it returns.
func (l *fieldLadder) answer(method, params string) map[string]any {
	l.t.Helper()
	response, err := foreignPost(l.url+method, params)
	if err != nil {
		l.t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Result map[string]any
		Text   string `json:"error_description"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || response.StatusCode != http.StatusOK {
		l.t.Fatalf("%s: HTTP %d: %v: %s", method, response.StatusCode, err, body.Text)
	}
	return body.Result
}

// Products are packed like records, prices and look-ups as well; a product of people
// with the same name stays as it is.
func TestProductsArePacked(t *testing.T) {
	const n = 200
	for name, cfg := range unlike() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := serveLadder(t, cfg)
			iblock := l.answer("catalog.catalog.list", `{"filter":{"productIblockId":null}}`)["catalogs"].([]any)[0].(map[string]any)["id"]
			foreign := l.answer("catalog.product.add", fmt.Sprintf(`{"fields":{"iblockId":%v,"name":"Product 7"}}`, iblock))["element"].(map[string]any)["id"]
			for round, price := range []string{"1.50", "2.50"} {
				documents := []string{"kind: ProductSection\nmetadata: {name: s}\nspec: {fields: {name: S}}"}
				for i := range n {
					documents = append(documents, fmt.Sprintf("kind: Product\nmetadata: {name: p%d}\nspec: {fields: {name: Product %d, sort: %d, iblockSectionId: {ref: productsection/s}, price: {amount: %q, currency: EUR}}}", i, i, i+round, price))
				}
				l.write("products", documents...)
				l.portal.ResetStats()
				l.climbed(n+1, round)
				// Products and prices are two requests for 50 of them, after a section.
				if got, most := l.portal.Stats().Requests, 2*n/50+20; got > most {
					t.Errorf("round %d: %d requests, want at most %d", round, got, most)
				}
				l.portal.ResetStats()
				l.holds(round)
				if got := l.portal.Stats().Requests; got > 8 {
					t.Errorf("round %d: an empty plan took %d requests", round, got)
				}
			}
			products := l.answer("catalog.product.list", fmt.Sprintf(`{"select":["id","iblockId","xmlId","name"],"filter":{"iblockId":%v,"name":"Product 7"}}`, iblock))["products"].([]any)
			i := slices.IndexFunc(products, func(p any) bool { return p.(map[string]any)["id"] == foreign })
			if len(products) != 2 || i < 0 || products[i].(map[string]any)["xmlId"] != fmt.Sprint(foreign) {
				t.Errorf("products of one name: %v, want ours and that of people, %v", products, foreign)
			}
		})
	}
}

// climbed applies what is declared: everything in the first round, all but the section
// in the next.
func (l *fieldLadder) climbed(resources, round int) {
	l.t.Helper()
	report := l.report(exitDone, "apply", "-f", l.dir, "--yes")
	if want := resources - min(round, 1); report.Counts["succeeded"] != want {
		l.t.Errorf("round %d: counts %v, want %d succeeded", round, report.Counts, want)
	}
}
