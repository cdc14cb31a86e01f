package apply

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// lawTime bounds how long random records are tried; the first few always are.
const lawTime = 5 * time.Second

// enoughTries tells, asked once for each try, when lawTime is over.
func enoughTries() func() bool {
	started, tries := time.Now(), 0
	return func() bool {
		tries++
		return tries > 10 && time.Since(started) > lawTime
	}
}

// Whatever is declared, and whatever was there before: after an apply everything has
// succeeded, and the next plan is empty. Records come and go, fields are set, changed,
// emptied and left out, and references may lead in circles.
func TestAPlanOfRandomRecordsIsEmptyOnceItIsApplied(t *testing.T) {
	b := newLawBench(t)
	enough := enoughTries()
	rapid.Check(t, func(rt *rapid.T) {
		if enough() {
			return
		}
		manifests := randomManifests(rt)
		report := Run(b.t.Context(), b.prune(manifests), Config{Client: b.client})
		for _, o := range report.Items.List() {
			if o.Status != Succeeded && o.Status != Unchanged {
				rt.Errorf("%s %s %s: %s %s", o.Action, o.Resource, o.Status, o.Code, o.Error)
			}
		}
		for _, c := range pendingIn(b.prune(manifests)) {
			rt.Errorf("then the plan would %s %s: %+v", c.Action, c.Address, c.Fields)
		}
		if rt.Failed() {
			rt.Logf("manifests:\n%s", manifests)
		}
	})
}

// lawTypes are the types of the user fields that companies, deals and items have, one
// single and one multiple of each.
var lawTypes = map[string]map[string]any{
	"string": nil, "integer": nil, "double": {"PRECISION": 2}, "date": nil, "datetime": nil, "money": nil,
	"url": nil, "employee": nil, "enumeration": nil, "boolean": nil, "crm": nil,
}

// newLawBench is a bench whose portal lies west of UTC and has the user fields.
func newLawBench(t *testing.T) *bench {
	p, err := portal.Open(t.Context(), portal.Config{Zone: time.FixedZone("", -5*3600), IDBase: 500})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	b := &bench{t: t, portal: p}
	if b.client, err = bitrix.New(bitrix.Config{Webhook: "http://127.0.0.1:1" + p.WebhookPath(), Plan: "box", Transport: b}); err != nil {
		t.Fatal(err)
	}
	response, err := b.client.Call(t.Context(), "crm.type.add", bitrix.Params{"fields": map[string]any{"title": "Sites", "code": "site", "isClientEnabled": "Y", "isLinkWithProductsEnabled": "Y"}})
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		Type struct{ ID, EntityTypeID int }
	}
	if err := json.Unmarshal(response.Result, &made); err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"COMPANY", "DEAL", fmt.Sprint(made.Type.ID)} {
		for typ, settings := range lawTypes {
			if typ == "crm" {
				settings = map[string]any{"COMPANY": "Y", "CONTACT": "Y", "DEAL": "Y", fmt.Sprint("DYNAMIC_", made.Type.EntityTypeID): "Y"}
			}
			for code, multiple := range map[string]string{"ONE": "N", "ALL": "Y"} {
				if typ == "boolean" && multiple == "Y" {
					continue
				}
				field := map[string]any{"entityId": "CRM_" + object, "fieldName": "UF_CRM_" + object + "_" + code + "_" + strings.ToUpper(typ), "userTypeId": typ, "multiple": multiple}
				if settings != nil {
					field["settings"] = settings
				}
				if typ == "enumeration" {
					field["enum"] = []any{map[string]any{"value": "Red"}, map[string]any{"value": "Größe"}, map[string]any{"value": "7"}}
				}
				b.call("userfieldconfig.add", bitrix.Params{"moduleId": "crm", "field": field})
			}
		}
	}
	return b
}

// A lawKind is a kind of record with the values that its fields can have. A name that
// ends in ! cannot be emptied.
type lawKind struct {
	kind, space string
	fields      map[string]*rapid.Generator[any]
	links       map[string]string // single links, to the space
	lists       map[string]string // lists of links
	user, rows  bool              // it has the user fields; it has product rows
	legal       bool              // it has requisites
}

func anyOf(values ...any) *rapid.Generator[any] { return rapid.SampledFrom(values) }

func textValue() *rapid.Generator[any] {
	return anyOf("Plain", "007", "no", "1e3", "$result[x]", "two\nlines", `"quoted" & <b>`, "Größe 🙂", "null", "a|b;c", "  padded", "-0")
}

func dateValue() *rapid.Generator[any] {
	return rapid.Map(rapid.StringMatching(`20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])`), func(s string) any { return s })
}

// some gives a list of up to three different values.
func some(one *rapid.Generator[any]) *rapid.Generator[any] {
	return rapid.Map(rapid.SliceOfNDistinct(one, 0, 3, func(v any) string { return fmt.Sprint(v) }), func(list []any) any { return list })
}

var (
	phoneValues = some(anyOf("+49 30 1234567", "+7 495 123-45-67", map[string]any{"value": "+1 415 555 2671", "type": "MOBILE"}, map[string]any{"value": "+44 20 7946 0958", "type": "FAX"}))
	mailValues  = some(anyOf("jane@acme.example", "Bob@Acme.Example", map[string]any{"value": "info@acme.example", "type": "HOME"}))
	yesNo       = anyOf("Y", "N")
	amount      = anyOf("0", "12.50", "1000000", "0.01")
	source      = anyOf("CALL", "WEB")
)

var lawKinds = []lawKind{
	{kind: "Company", space: "company", user: true, legal: true, fields: map[string]*rapid.Generator[any]{"title!": textValue(), "comments": anyOf("One", "Two\nlines", "[b]bold[/b]"),
		"phones": phoneValues, "emails": mailValues, "revenue": amount, "opened!": yesNo}, links: map[string]string{"leadId": "lead"}},
	{kind: "Contact", space: "contact", legal: true, fields: map[string]*rapid.Generator[any]{"name": textValue(), "lastName": textValue(), "phones": phoneValues, "emails": mailValues,
		"birthdate": dateValue(), "sourceId": source}, links: map[string]string{"leadId": "lead"}, lists: map[string]string{"companyIds": "company"}},
	{kind: "Lead", space: "lead", rows: true, fields: map[string]*rapid.Generator[any]{"title!": textValue(), "name": textValue(), "phones": phoneValues, "statusDescription": textValue()},
		links: map[string]string{"companyId": "company"}, lists: map[string]string{"contactIds": "contact"}},
	{kind: "Deal", space: "deal", user: true, rows: true, fields: map[string]*rapid.Generator[any]{"title!": textValue(), "stageId!": anyOf("NEW", "PREPARATION", "WON", "LOSE"),
		"closedate!": dateValue(), "begindate!": dateValue(), "additionalInfo": textValue(), "probability": anyOf("0", "50"), "currencyId!": anyOf("EUR", "USD")},
		links: map[string]string{"companyId": "company", "quoteId": "quote", "leadId": "lead"}, lists: map[string]string{"contactIds": "contact"}},
	{kind: "Quote", space: "quote", rows: true, fields: map[string]*rapid.Generator[any]{"title": textValue(), "actualDate!": dateValue()},
		links: map[string]string{"dealId": "deal", "companyId": "company"}, lists: map[string]string{"contactIds": "contact"}},
	{kind: "Invoice", space: "invoice", rows: true, fields: map[string]*rapid.Generator[any]{"title!": textValue(), "comments": anyOf("One", "")},
		links: map[string]string{"companyId": "company"}, lists: map[string]string{"contactIds": "contact"}},
	{kind: "SPAItem", space: "site", user: true, rows: true, fields: map[string]*rapid.Generator[any]{"title!": textValue(), "opened!": yesNo},
		links: map[string]string{"companyId": "company"}, lists: map[string]string{"contactIds": "contact"}},
}

// userValue gives values of a user field of a type.
func userValue(typ string, links []any) *rapid.Generator[any] {
	switch typ {
	case "integer":
		return anyOf("0", "-7", "2147483647")
	case "double", "money":
		if typ == "money" {
			return anyOf("12.50|EUR", "0|USD", map[string]any{"amount": "7", "currency": "EUR"})
		}
		return amount
	case "date":
		return dateValue()
	case "datetime":
		return anyOf("2025-03-30T02:30:00+03:00", "2024-12-31T23:59:59Z", "2025-07-01T00:00:00-05:00")
	case "url":
		return anyOf("https://acme.example/?a=1&b=2", "https://b.example/")
	case "employee":
		return anyOf("1")
	case "enumeration":
		return anyOf("Red", "Größe", "7")
	case "boolean":
		return yesNo
	case "crm":
		if len(links) == 0 {
			return nil
		}
		return anyOf(links...)
	}
	return textValue()
}

// A law is one random set of records.
type law struct {
	*rapid.T
	names map[string][]any // references by space
}

func randomManifests(rt *rapid.T) string {
	l := law{rt, make(map[string][]any)}
	counts := make([]int, len(lawKinds))
	for i, k := range lawKinds {
		counts[i] = rapid.IntRange(1, 3).Draw(rt, "number of "+k.kind)
		for n := range counts[i] {
			l.names[k.space] = append(l.names[k.space], map[string]any{"ref": fmt.Sprintf("%s/r%d", k.space, n)})
		}
	}
	docs := []string{`{"apiVersion":"b24apply/v1","kind":"SPA","metadata":{"name":"site"},"spec":{"title":"Sites","isClientEnabled":"Y","isLinkWithProductsEnabled":"Y"}}`}
	for i, k := range lawKinds {
		for n := range counts[i] {
			docs = append(docs, l.record(k, n))
		}
	}
	return strings.Join(docs, "\n---\n") + "\n"
}

func (l law) record(k lawKind, n int) string {
	fields := make(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(k.fields)) {
		plain, firm := strings.CutSuffix(name, "!")
		l.choose(fields, plain, k.fields[name], !firm)
	}
	for _, name := range slices.Sorted(maps.Keys(k.links)) {
		l.choose(fields, name, anyOf(l.names[k.links[name]]...), true)
	}
	for _, name := range slices.Sorted(maps.Keys(k.lists)) {
		l.choose(fields, name, l.membership(some(anyOf(l.names[k.lists[name]]...))), true)
	}
	if k.user {
		l.userFields(fields)
	}
	body := map[string]any{"fields": fields}
	if k.kind == "SPAItem" {
		body["type"] = k.space
	}
	if k.rows && rapid.Bool().Draw(l.T, "has products") {
		body["products"] = l.products()
	}
	if k.legal && rapid.Bool().Draw(l.T, "has requisites") {
		body["requisites"] = l.requisites()
	}
	if fields["title"] == nil && k.kind != "Contact" {
		fields["title"] = "T"
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "b24apply/v1", "kind": k.kind, "metadata": map[string]any{"name": fmt.Sprint("r", n)}, "spec": body})
	if err != nil {
		l.Fatal(err)
	}
	return string(text)
}

func (l law) userFields(fields map[string]any) {
	links := slices.Concat(l.names["company"], l.names["contact"], l.names["deal"], l.names["site"])
	for _, typ := range slices.Sorted(maps.Keys(lawTypes)) {
		one := userValue(typ, links)
		if one == nil {
			continue
		}
		l.choose(fields, "ONE_"+strings.ToUpper(typ), one, typ != "boolean")
		if typ != "boolean" {
			l.choose(fields, "ALL_"+strings.ToUpper(typ), l.membership(some(one)), true)
		}
	}
}

// membership sometimes declares a list as what it must have.
func (l law) membership(list *rapid.Generator[any]) *rapid.Generator[any] {
	if rapid.IntRange(0, 3).Draw(l.T, "form") > 0 {
		return list
	}
	return rapid.Map(list.Filter(func(v any) bool { return len(v.([]any)) > 0 }), func(v any) any {
		all := v.([]any)
		if len(all) < 2 {
			return map[string]any{"add": all}
		}
		return map[string]any{"add": all[:1], "remove": all[1:]}
	})
}

// choose leaves a field out, empties it or gives it a value.
func (l law) choose(fields map[string]any, name string, value *rapid.Generator[any], clear bool) {
	switch n := rapid.IntRange(0, 5).Draw(l.T, name); {
	case n < 2:
	case n == 2 && clear:
		fields[name] = nil
	default:
		fields[name] = value.Draw(l.T, name)
	}
}

// requisites are up to two, each with a key of its own.
func (l law) requisites() []any {
	out := make([]any, rapid.IntRange(0, 2).Draw(l.T, "requisites"))
	for i := range out {
		fields, address := make(map[string]any), make(map[string]any)
		l.choose(fields, "RQ_COMPANY_NAME", textValue(), true)
		l.choose(fields, "RQ_INN", anyOf("7707083893", "500100732259"), true)
		address["city"] = rapid.SampledFrom([]string{"Leeds", "Größe"}).Draw(l.T, "city")
		l.choose(address, "address1", textValue(), true)
		entry := map[string]any{"key": fmt.Sprint("k", i), "preset": "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", "fields": fields}
		if rapid.Bool().Draw(l.T, "has an address") {
			entry["addresses"] = map[string]any{"legal": address}
		}
		if rapid.Bool().Draw(l.T, "has a bank") {
			entry["bankDetails"] = []any{map[string]any{"fields": map[string]any{"RQ_BANK_NAME": textValue().Draw(l.T, "bank")}}}
		}
		out[i] = entry
	}
	return out
}

func (l law) products() []any {
	rows := make([]any, rapid.IntRange(0, 3).Draw(l.T, "rows"))
	for i := range rows {
		row := map[string]any{"name": rapid.SampledFrom([]string{"Support", "Licence", "Größe & <b>"}).Draw(l.T, "product"), "price": amount.Draw(l.T, "price")}
		l.choose(row, "quantity", anyOf("1", "2.5", "12"), false)
		l.choose(row, "discountRate", anyOf("0", "5", "12.5"), false)
		l.choose(row, "taxRate", anyOf("0", "19"), true)
		l.choose(row, "taxIncluded", yesNo, false)
		rows[i] = row
	}
	return rows
}
