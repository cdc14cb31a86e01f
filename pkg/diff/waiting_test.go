package diff

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// partlyPortal draws manifests of companies with requisites and policies and of deals with
// product rows, and a portal that has most of them as declared. Parts of some it does not show.
func partlyPortal(rt *rapid.T, t *testing.T) (manifest string, p *tablePortal) {
	var b strings.Builder
	b.WriteString("apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: []}\n")
	p = companyPortal()
	p.names.Fields[4] = fields("id", "title", "updatedBy", "updatedTime")
	p.names.Fields[2] = fields("id", "title", "currencyId", "opportunity", "isManualOpportunity")
	p.names.Fields[2].ByName["companyId"] = kind.LiveField{Name: "companyId", Type: kind.TypeCompany}
	p.names.Requisites = kind.RequisiteMeta{Presets: []kind.Preset{{ID: 1, Name: "Firm"}}, Fields: fields("RQ_INN"), BankFields: fields("RQ_ACC_NUM")}
	p.parts = map[string]map[int][]kind.Row{kind.ProductsPart: {}, kind.RequisitesPart: {}, kind.BankDetailsPart: {}, kind.AddressesPart: {}}
	p.hidden = map[string]map[int]*kind.Refusal{kind.ProductsPart: {}, kind.RequisitesPart: {}, kind.BankDetailsPart: {}}
	n := rapid.IntRange(1, 7).Draw(rt, "companies")
	for i := range n {
		drawCompany(rt, t, &b, p, i)
	}
	for i := range rapid.IntRange(0, 7).Draw(rt, "deals") {
		drawDeal(rt, t, &b, p, i, n)
	}
	return b.String(), p
}

func drawCompany(rt *rapid.T, t *testing.T, b *strings.Builder, p *tablePortal, i int) {
	name := fmt.Sprintf("c%d", i)
	policy := rapid.SampledFrom([]string{"", "policy: {title: createOnly}, ", "policy: {title: keepHuman}, ", "policy: {title: ignore}, "}).Draw(rt, "policy")
	parts := rapid.SampledFrom([]string{"", ", requisites: [{key: main, preset: Firm, fields: {RQ_INN: \"7\"}}]",
		", requisites: [{key: main, preset: Firm, fields: {RQ_INN: \"7\"}, bankDetails: [{key: acc, fields: {RQ_ACC_NUM: \"5\"}}]}]"}).Draw(rt, "parts")
	fmt.Fprintf(b, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: %s}\nspec: {%sfields: {title: %s}%s}\n", name, policy, name, parts)
	live := rapid.SampledFrom([]string{name, name, name, "other", "missing"}).Draw(rt, "live "+name)
	if live == "missing" {
		return
	}
	id := i + 1
	p.rows[4] = append(p.rows[4], row(t, fmt.Sprintf(`{"originatorId":"b24apply:o","originId":%q,"title":%q,"updatedBy":%d,"updatedTime":"2026-01-02T03:04:05+03:00","id":%d}`,
		name, live, rapid.SampledFrom([]int{1, 5}).Draw(rt, "by"), id)))
	inn := rapid.SampledFrom([]string{"7", "7", "8", "none"}).Draw(rt, "inn")
	if inn == "none" {
		return
	}
	p.parts[kind.RequisitesPart][id] = []kind.Row{rqRow(100+id, ours("main", "RQ_INN", inn)...)}
	p.parts[kind.BankDetailsPart][100+id] = []kind.Row{rqRow(200+id, ours("acc", "RQ_ACC_NUM", rapid.SampledFrom([]string{"5", "5", "6"}).Draw(rt, "account"))...)}
	drawHidden(rt, p, kind.RequisitesPart, id)
	drawHidden(rt, p, kind.BankDetailsPart, 100+id)
}

func drawDeal(rt *rapid.T, t *testing.T, b *strings.Builder, p *tablePortal, i, companies int) {
	name, to := fmt.Sprintf("d%d", i), rapid.IntRange(0, companies-1).Draw(rt, "company")
	amount := rapid.SampledFrom([]string{"", ", opportunity: \"10.00\""}).Draw(rt, "amount")
	link := rapid.SampledFrom([]string{"", fmt.Sprintf(", companyId: {ref: company/c%d}", to)}).Draw(rt, "link")
	policy := "" // what nobody looks at nobody waits for either
	if link != "" {
		policy = rapid.SampledFrom([]string{"", "policy: {companyId: ignore}, "}).Draw(rt, "policy")
	}
	products := rapid.SampledFrom([]string{"", ", products: []", ", products: [{name: Bolt, price: \"10.00\"}]"}).Draw(rt, "products")
	fmt.Fprintf(b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: %s}\nspec: {%sfields: {title: %s, currencyId: EUR%s%s}%s}\n", name, policy, name, amount, link, products)
	id := 50 + i
	p.rows[2] = append(p.rows[2], row(t, fmt.Sprintf(`{"originatorId":"b24apply:o","originId":%q,"title":%q,"currencyId":"EUR","companyId":%d,"opportunity":"10.00","isManualOpportunity":%q,"id":%d}`,
		name, rapid.SampledFrom([]string{name, name, name, "other"}).Draw(rt, "live "+name), to+1, rapid.SampledFrom([]string{"N", "Y"}).Draw(rt, "manual"), id)))
	for range rapid.SampledFrom([]int{1, 1, 0, 2}).Draw(rt, "rows") {
		values := rapid.SampledFrom([]string{"", "", `"price":11`, `"quantity":3`}).Draw(rt, "row")
		p.parts[kind.ProductsPart][id] = append(p.parts[kind.ProductsPart][id], row(t, liveRow(len(p.parts[kind.ProductsPart][id])+1, values)))
	}
	drawHidden(rt, p, kind.ProductsPart, id)
}

func drawHidden(rt *rapid.T, p *tablePortal, part string, id int) {
	if rapid.IntRange(0, 9).Draw(rt, "hidden") == 0 {
		p.hidden[part][id] = &kind.Refusal{Code: "ACCESS_DENIED", Text: "Access denied"}
	}
}

// However few records wait for their parts, the plan and what is wrong are the same, byte for
// byte, and no part is asked for twice.
func TestPartsInBlocksOfEverySizeGiveOnePlan(t *testing.T) {
	var settled [2]int
	rapid.Check(t, func(rt *rapid.T) {
		manifest, p := partlyPortal(rt, t)
		set := load(t, manifest)
		applied := plan.NewApplied()
		applied.Add("x.example", []plan.Trace{{EntityTypeID: 4, ID: "1", Field: "title", Value: rapid.SampledFrom([]string{"c0", "Before"}).Draw(rt, "applied")}})
		var first string
		for _, hold := range []int{partsHeld, 1, 3} {
			p.asked, p.block = nil, 7
			f := newFetcher(p, set, Options{Applied: applied})
			f.most, f.hold = 2, hold
			state, err := f.fetch(t.Context())
			if err != nil {
				rt.Fatal(err)
			}
			wantOnce(rt, p.asked)
			settled[min(partsHeld-hold, 1)] += state.settled.len()
			planned, problems := Compute(set, state)
			text := saidOf(rt, planned, problems) + fmt.Sprint(planned.RowsByMark)
			if first == "" {
				first = text
			}
			if d := cmp.Diff(first, text); d != "" {
				rt.Fatalf("%d records wait: %s", hold, d)
			}
		}
	})
	if settled[1] <= 2*settled[0] {
		t.Errorf("%d records were settled by their rows, and %d in two runs with parts", settled[0], settled[1])
	}
}

// wantOnce wants each owner to be asked for a part once.
func wantOnce(rt *rapid.T, asked []string) {
	seen := make(map[string]bool)
	for _, question := range asked {
		of, owners, ok := strings.Cut(question, " [")
		for owner := range strings.FieldsSeq(strings.TrimSuffix(owners, "]")) {
			if ok && seen[of+" "+owner] {
				rt.Fatalf("%s %s is asked for again: %q", of, owner, asked)
			}
			seen[of+" "+owner] = true
		}
	}
}

func isSettled(state *State, r *spec.Resource) bool {
	_, settled := state.settled.id(r)
	return settled
}

// manyDeals are n deals with a product row each, and their portal. Every tenth differs.
func manyDeals(t *testing.T, n int) (*spec.Set, *tablePortal) {
	var b strings.Builder
	b.WriteString("apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: []}\n")
	p := companyPortal()
	p.names.Fields[2] = fields("id", "title", "currencyId", "opportunity", "isManualOpportunity")
	p.parts = map[string]map[int][]kind.Row{kind.ProductsPart: {}}
	p.names.Fields[2].ByName["companyId"] = kind.LiveField{Name: "companyId", Type: kind.TypeCompany}
	p.rows[4] = []kind.Row{row(t, `{"id":5}`)}
	for i := range n {
		spec := "fields: {title: D, currencyId: EUR}"
		if i == 1 { // a deletion would ask for the link
			spec = "policy: {title: createOnly}, fields: {title: D, currencyId: EUR, companyId: 5}"
		}
		fmt.Fprintf(&b, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec: {%s, products: [{name: Bolt, price: 10}]}\n", i, spec)
		p.rows[2] = append(p.rows[2], row(t, fmt.Sprintf(`{"originatorId":"b24apply:o","originId":"d%d","title":"D","currencyId":"EUR","companyId":5,"opportunity":"10.00","isManualOpportunity":"N","id":%d}`, i, i+1)))
		values := ""
		if i%10 == 0 {
			values = `"price":11`
		}
		p.parts[kind.ProductsPart][i+1] = []kind.Row{row(t, liveRow(1, values))}
	}
	return load(t, b.String()), p
}

// What is as declared waits no longer than for its block: then no row of it is kept, nor
// a part.
func TestWhatWaitsForItsPartsIsSettledByTheBlock(t *testing.T) {
	const n, hold = 5*ask.Keys + 3, 2 * ask.Keys
	set, p := manyDeals(t, n)
	f := newFetcher(p, set, Options{})
	f.hold = hold
	state, err := f.fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	questions := slices.DeleteFunc(slices.Clone(p.asked), func(q string) bool { return !strings.HasPrefix(q, "products of 2 ") })
	if len(questions) != 3 {
		t.Errorf("%d requests for parts", len(questions))
	}
	equal := 0
	for _, rows := range state.Records {
		if rows[0].Int("id")%10 != 1 {
			equal++
		}
	}
	if most := n - 2*hold + 1; equal > most || isSettled(state, set.Lookup("deal/d1")) || state.settled.len()+len(state.Records) != n {
		t.Errorf("%d settled, %d rows kept, of which %d are as declared; at most %d", state.settled.len(), len(state.Records), equal, most)
	}
	planned, problems := Compute(set, state)
	if c := planned.Counts(); problems != nil || c[plan.Update] != n/10+1 || c[plan.NoOp] != n-n/10-1 {
		t.Errorf("%v, %v", problems, c)
	}
}

// A record of the catalogue may lie in any of its stores: none is settled before all of them
// were looked at.
func TestWhatLiesInACatalogueWaitsForAllOfThem(t *testing.T) {
	manifest := "apiVersion: b24apply/v1\nkind: Project\nmetadata: {name: o}\nspec: {manifests: []}\n---\napiVersion: b24apply/v1\nkind: Product\nmetadata: {name: p}\nspec: {fields: {name: P, iblockId: CRM}}\n"
	for _, tc := range []struct {
		copies int
		want   plan.Action
	}{{1, plan.NoOp}, {2, plan.Refuse}} {
		p := companyPortal()
		p.names.Catalog = kind.Catalog{Iblocks: []kind.Iblock{{ID: 14, Name: "CRM", CRM: true}, {ID: 20, Name: "Shop"}}}
		p.stores = make(map[int][]kind.Row)
		for i := range tc.copies {
			iblock := p.names.Catalog.Iblocks[i].ID
			p.stores[iblock] = []kind.Row{row(t, fmt.Sprintf(`{"id":%d,"xmlId":"b24apply:o:p","name":"P","iblockId":%d}`, iblock, iblock))}
		}
		set := load(t, manifest)
		f := newFetcher(p, set, Options{})
		f.hold = 1
		state, err := f.fetch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		planned, problems := Compute(set, state)
		if problems != nil || planned.Counts()[tc.want] != 1 || (state.settled.len() == 1) != (tc.copies == 1) {
			text, _ := json.Marshal(planned)
			t.Errorf("%d copies: %d settled, %v, %s", tc.copies, state.settled.len(), problems, text)
		}
	}
}
