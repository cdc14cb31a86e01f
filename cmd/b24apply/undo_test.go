package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/portal"
)

const fileType = kind.TypeFile

// What undoing leaves out: stamps, who made them, what follows the stage, and ids of rows that
// are made again.
var notUndone = []string{
	"updatedTime", "updatedBy", "movedTime", "movedBy", "previousStageId", "lastActivityTime", "lastActivityBy", "dateClosed", "isNew",
	"DATE_MODIFY", "MODIFY_BY_ID", "timestampX", "modifiedBy",
	"utmCampaign", "utmContent", "utmMedium", "utmSource", "utmTerm",
}

// dump is what a portal holds, by what it is of: records with their fields and links, smart
// processes, the catalogue, product rows, requisites, bank details, addresses and prices.
func (w *world) dump() map[string]string {
	w.t.Helper()
	out := make(map[string]string)
	entities := []int{1, 2, 3, 4, 7, 31}
	for _, t := range w.rows("crm.type.list", `{}`, "types") {
		out["type "+kind.Text(t["id"])] = stable(t)
		entities = append(entities, t.Int("entityTypeId"))
	}
	for _, entity := range entities {
		for _, row := range w.rows("crm.item.list", fmt.Sprintf(`{"entityTypeId":%d,"select":["*","uf*","fm","contactIds","observers","companyIds","parentId140"]}`, entity), "items") {
			at := fmt.Sprintf("%d/%s", entity, row.Text("id"))
			out[at] = stable(row)
			if code := kind.BuiltIn().ShortCode(entity); code != "" {
				for i, product := range w.rows("crm.item.productrow.list", fmt.Sprintf(`{"filter":{"=ownerType":%q,"=ownerId":%d}}`, code, row.Int("id")), "productRows") {
					delete(product, "id")
					out[fmt.Sprintf("%s row %d", at, i)] = stable(product)
				}
			}
		}
	}
	for method, key := range map[string]string{"catalog.product.list": "products", "catalog.section.list": "sections", "catalog.price.list": "prices"} {
		params := `{}`
		if of := map[string]*kind.Kind{"products": kind.BuiltIn().ByName("Product"), "sections": kind.BuiltIn().ByName("ProductSection")}[key]; of != nil {
			columns := []string{"id", "iblockId"}
			for _, rule := range of.Fields {
				if rule.Type != kind.TypePrice && rule.Name != "sectionId" {
					columns = append(columns, rule.Name)
				}
			}
			text, _ := json.Marshal(map[string]any{"select": slices.Compact(columns), "filter": map[string]any{"iblockId": 14}})
			params = string(text)
		}
		for _, row := range w.rows(method, params, key) {
			id := row.Text("id")
			if key == "prices" {
				id = row.Text("productId") + " " + row.Text("catalogGroupId")
				delete(row, "id")
			}
			out[key+" "+id] = stable(row)
		}
	}
	for _, method := range []string{"crm.requisite.list", "crm.requisite.bankdetail.list", "crm.address.list"} {
		for i, row := range w.rows(method, `{"select":["*"]}`, "") {
			out[fmt.Sprintf("%s %s %s %d", method, row.Text("ENTITY_ID"), row.Text("XML_ID"), i)] = stable(row)
		}
	}
	return out
}

// stable is a row as text without what undoing leaves out.
func stable(row kind.Row) string {
	row = row.Clone()
	for _, name := range notUndone {
		delete(row, name)
	}
	maps.DeleteFunc(row, func(name string, raw json.RawMessage) bool {
		empty := string(raw) == "null"
		return empty && strings.HasSuffix(name, "B24APPLY_KEY") // the field for marks stays
	})
	if raw, ok := row["fm"]; ok {
		rows, _ := kind.DecodeRows(raw)
		var texts []string
		for _, r := range rows {
			texts = append(texts, r.Text("typeId")+" "+r.Text("valueType")+" "+r.Text("value"))
		}
		slices.Sort(texts)
		row["fm"], _ = json.Marshal(texts)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(row)) {
		fmt.Fprintf(&b, "%s: %s\n", name, row[name])
	}
	return b.String()
}

// rows lists rows of the portal, all pages.
func (w *world) rows(method, params, key string) (out []kind.Row) {
	w.t.Helper()
	for start := 0; ; start += 50 {
		var p map[string]any
		if err := json.Unmarshal([]byte(params), &p); err != nil {
			w.t.Fatal(err)
		}
		p["start"] = start
		body, _ := json.Marshal(p)
		response, err := http.Post(w.url+method, "application/json", bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			w.t.Fatalf("%s: HTTP %d %s", method, response.StatusCode, text)
		}
		var answer struct {
			Result json.RawMessage
			Next   *int
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			w.t.Fatal(err)
		}
		result := answer.Result
		if key != "" {
			all, err := kind.DecodeRow(result)
			if err != nil {
				w.t.Fatalf("%s: %v", method, err)
			}
			result = all[key]
		}
		rows, err := kind.DecodeRows(result)
		if err != nil {
			w.t.Fatalf("%s: %v", method, err)
		}
		out = append(out, rows...)
		if answer.Next == nil {
			return out
		}
	}
}

// undone undoes the last run, after which the portal holds what it held before.
func (w *world) undone(what string, before map[string]string, args ...string) {
	w.t.Helper()
	w.run(exitDone, append([]string{"undo", "last", "--yes"}, args...)...)
	w.same(what, before)
}

func (w *world) same(what string, before map[string]string) {
	w.t.Helper()
	if d := cmp.Diff(before, w.dump()); d != "" {
		w.t.Errorf("%s: undone, the portal differs from before (-before +undone):\n%s", what, d)
	}
}

// Every field that can be declared is undone: after each rung of the ladder the portal holds
// what it held before, and undoing that makes it as it is declared again.
func TestEveryFieldOfEveryKindIsUndone(t *testing.T) {
	t.Parallel()
	l := newLadder(t, portal.Config{Zone: time.FixedZone("+03:00", 3*3600)})
	l.tape = nil
	for _, kind := range kind.All() {
		for _, rule := range kind.Fields {
			if l.climbable(kind, rule) && rule.Type != fileType { // what a file held is not kept
				l.add(kind, rule)
			}
		}
	}
	state := t.TempDir()
	for rung := range rungs {
		documents := make([]string, len(l.tested))
		for i, r := range l.tested {
			documents[i] = r.document(rung)
		}
		l.write("tested", documents...)
		if rung == rungAgain {
			continue
		}
		before := l.dump()
		l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json", "--state-dir", state)
		l.undone(rungNames[rung], before, "--state-dir", state)
		if rung == rungEmpty {
			l.anyExit("apply", "-f", l.dir, "--yes", "-o", "json", "--state-dir", state)
			continue
		}
		l.run(exitDone, "undo", "last", "--yes", "--state-dir", state)
		l.holds(rung)
	}
}

// A case is what was there, and what a run made of it.
type undoCase struct {
	posts    []string // what other programs do first: a method, a blank and its parameters
	before   string   // manifests that are applied first; "" for none
	after    string
	recreate bool // records come back with new ids
	final    bool // what is undone cannot be made again
}

var undoCases = map[string]undoCase{
	"product rows, their amount and a final stage": {
		before: `
kind: Deal
metadata: {name: a}
spec: {fields: {title: A, stageId: NEW}, products: [{name: Work, price: "100", quantity: 2}, {name: Travel, price: "50"}]}
---
kind: Deal
metadata: {name: b}
spec: {fields: {title: B, opportunity: "750"}}
---
kind: Deal
metadata: {name: c}
spec: {fields: {title: C, opportunity: "200", isManualOpportunity: Y}, products: [{name: Work, price: "100"}]}`,
		after: `
kind: Deal
metadata: {name: a}
spec: {fields: {title: A2, stageId: WON}, products: [{name: Work, price: "120", quantity: 2, taxRate: "20"}]}
---
kind: Deal
metadata: {name: b}
spec: {fields: {title: B, stageId: LOSE}, products: [{name: Work, price: "99.50", quantity: 3}]}
---
kind: Deal
metadata: {name: c}
spec: {fields: {title: C, isManualOpportunity: N}, products: []}`,
	},
	"requisites, bank details and addresses": {
		recreate: true,
		before: `
kind: Company
metadata: {name: a}
spec:
  fields: {title: A, phones: ["+49 30 1234567"]}
  requisites:
    - {key: main, preset: "1", name: Main, fields: {RQ_INN: "7701234567"}, addresses: {legal: {city: Berlin, address1: Allee 1}}, bankDetails: [{key: giro, fields: {RQ_ACC_NUM: "1"}}]}
    - {key: gone, preset: "1", name: Gone, fields: {RQ_INN: "7701234568", RQ_KPP: "770101001"}, addresses: {physical: {city: Bonn}}, bankDetails: [{key: old, fields: {RQ_ACC_NUM: "2"}}]}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L}, addresses: {physical: {city: Kiel}}}`,
		after: `
kind: Company
metadata: {name: a}
spec:
  fields: {title: A, phones: ["+49 30 7654321", "+49 30 1111111"]}
  requisites:
    - {key: main, preset: "1", name: Mainly, fields: {RQ_INN: "7701234569"}, addresses: {physical: {city: Hamburg}}, bankDetails: [{key: giro, fields: {RQ_ACC_NUM: "11"}}, {key: more, fields: {RQ_ACC_NUM: "3"}}]}
    - {key: new, preset: "1", fields: {RQ_INN: "5501234567"}, addresses: {legal: {city: Omsk}}, bankDetails: [{key: x, fields: {RQ_ACC_NUM: "4"}}]}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L}, addresses: {physical: {city: Kiel, address1: Am Hafen}, legal: {city: Bremen}}}`,
	},
	"the catalogue": {
		before: `
kind: Product
metadata: {name: a}
spec: {fields: {name: A, price: {amount: "10", currency: EUR}}}
---
kind: Product
metadata: {name: b}
spec: {fields: {name: B}}`,
		after: `
kind: ProductSection
metadata: {name: s}
spec: {fields: {name: S}}
---
kind: Product
metadata: {name: a}
spec: {fields: {name: A2, price: {amount: "12.50", currency: EUR}, iblockSectionId: {ref: productsection/s}}}
---
kind: Product
metadata: {name: b}
spec: {fields: {name: B, price: {amount: "7", currency: EUR}}}
---
kind: Product
metadata: {name: c}
spec: {fields: {name: C, price: {amount: "1", currency: EUR}, iblockSectionId: {ref: productsection/s}}}`,
	},
	"a new smart process with its items, and references in a circle": {
		final: true,
		after: `
kind: SPA
metadata: {name: gear}
spec: {title: Gear, isStagesEnabled: Y, isClientEnabled: Y, relations: {child: [deal]}}
---
kind: Company
metadata: {name: a}
spec: {fields: {title: A}}
---
kind: SPAItem
metadata: {name: g}
spec: {type: gear, fields: {title: G, companyId: {ref: company/a}}}
---
kind: Contact
metadata: {name: c}
spec: {fields: {name: C, companyIds: [{ref: company/a}]}}
---
kind: Lead
metadata: {name: l}
spec: {fields: {title: L, companyId: {ref: company/a}}}
---
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, companyId: {ref: company/a}, contactIds: [{ref: contact/c}], leadId: {ref: lead/l}, parents: {gear: {ref: gear/g}}}, products: [{name: Work, price: "5"}]}`,
	},
	"records of others that were adopted": {
		posts: []string{
			`crm.item.add {"entityTypeId":4,"fields":{"title":"Globex","industry":"IT"}}`,
			`crm.item.add {"entityTypeId":2,"fields":{"title":"Old","originatorId":"erp","originId":"77"}}`,
			`crm.requisite.add {"fields":{"ENTITY_TYPE_ID":4,"ENTITY_ID":1,"PRESET_ID":1,"NAME":"Theirs","RQ_INN":"7701234567"}}`,
		},
		after: `
kind: Company
metadata: {name: globex}
spec: {match: [[title]], fields: {title: Globex, industry: MANUFACTURING}, requisites: [{key: main, preset: "1", name: Ours, fields: {RQ_INN: "7701234567"}}]}
---
kind: Deal
metadata: {name: old}
spec: {match: [[title]], adopt: force, fields: {title: Old, comments: new}}`,
	},
	"deletions": {
		recreate: true,
		before: `
kind: Company
metadata: {name: a}
spec:
  fields: {title: A, phones: ["+49 30 1234567"], emails: [{value: a@acme.example, type: HOME}]}
  requisites:
    - {key: main, preset: "1", name: Main, fields: {RQ_INN: "7701234567"}, addresses: {legal: {city: Berlin}}, bankDetails: [{key: giro, fields: {RQ_ACC_NUM: "1"}}]}
---
kind: Contact
metadata: {name: c}
spec: {fields: {name: C, companyIds: [{ref: company/a}]}}
---
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, stageId: WON, closedate: "2025-01-31", companyId: {ref: company/a}, contactIds: [{ref: contact/c}], comments: keep}, products: [{name: Work, price: "5", quantity: "3"}, {product: {ref: product/p}, price: "2"}]}
---
kind: ProductSection
metadata: {name: s}
spec: {fields: {name: S}}
---
kind: Product
metadata: {name: p}
spec: {fields: {name: P, iblockSectionId: {ref: productsection/s}, price: {amount: "2.50", currency: EUR}}}`,
		after: `
kind: Absent
metadata: {name: gone}
spec: {resources: [company/a, contact/c, deal/d, product/p, productsection/s]}`,
	},
}

// What a run did to all that stands beside fields is undone, and that is undone again.
func TestWhatARunDidIsUndone(t *testing.T) {
	for name, tc := range undoCases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := ladderOf(newWorld(t))
			l.tape = nil
			state := t.TempDir()
			for _, post := range tc.posts {
				method, params, _ := strings.Cut(post, " ")
				l.call(method, params)
			}
			apply := func(manifests string) {
				l.write("m", strings.TrimPrefix(manifests, "\n"))
				l.run(exitDone, "apply", "-f", l.dir, "--yes", "--state-dir", state)
			}
			if tc.before != "" {
				apply(tc.before)
			}
			look := func() map[string]string {
				if tc.recreate {
					return nameless(l.dump())
				}
				return l.dump()
			}
			before := look()
			apply(tc.after)
			after := look()
			if cmp.Equal(before, after) {
				t.Fatal("the run did nothing")
			}
			l.run(exitDone, "undo", "last", "--yes", "--state-dir", state)
			if d := cmp.Diff(before, look()); d != "" {
				t.Errorf("undone (-before +undone):\n%s", d)
			}
			if tc.final {
				return
			}
			l.run(exitDone, "undo", "last", "--yes", "--state-dir", state)
			if d := cmp.Diff(nameless(after), nameless(look())); d != "" {
				t.Errorf("the undo is undone (-after +again):\n%s", d)
			}
		})
	}
}

// nameless is a dump without ids: those of records that are created again are others.
func nameless(dump map[string]string) map[string]string {
	out := make(map[string]string)
	for at, text := range dump {
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			name, _, _ := strings.Cut(line, ":")
			if !strings.HasSuffix(name, "Id") && !strings.HasSuffix(name, "Ids") && !slices.Contains([]string{"id", "ID", "ENTITY_ID", "createdTime", "DATE_CREATE", "ANCHOR_ID", "LOC_ADDR_ID", "dateCreate"}, name) {
				lines = append(lines, line)
			}
		}
		what, _, _ := strings.Cut(at, " ")
		kindOf, _, _ := strings.Cut(what, "/")
		key := kindOf + "\n" + strings.Join(lines, "\n")
		out[key] += "+"
	}
	return out
}

const oneOfEach = `
kind: Company
metadata: {name: a}
spec: {fields: {title: A}, requisites: [{key: main, preset: "1", fields: {RQ_INN: "7701234567"}}]}
---
kind: Deal
metadata: {name: b}
spec: {fields: {title: B, companyId: {ref: company/a}, stageId: WON}, products: [{name: Work, price: "5"}]}`

// A wreck is a run whose journal a test alters after it.
type wreck struct {
	*fieldLadder
	state string
}

func newWreck(t *testing.T) *wreck {
	w := &wreck{ladderOf(newWorld(t)), t.TempDir()}
	w.tape = nil
	return w
}

// lastJournal finds the journal of the last run.
func (w *wreck) lastJournal() (path string) {
	w.t.Helper()
	all, err := filepath.Glob(filepath.Join(w.state, runsFolder, "*", journalFile))
	if err != nil || len(all) == 0 {
		w.t.Fatalf("no journals: %v", err)
	}
	return slices.MaxFunc(all, func(a, b string) int { return w.changed(a).Compare(w.changed(b)) })
}

func (w *wreck) changed(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		w.t.Fatal(err)
	}
	return info.ModTime()
}

// A run that died before it had compared what it wrote is undone like one that came to its end,
// at whichever line behind its last answer its journal ends.
func TestAKilledRunIsUndone(t *testing.T) {
	t.Parallel()
	w := newWreck(t)
	before := w.dump()
	w.write("m", oneOfEach)
	for more := 0; ; more++ {
		w.run(exitDone, "apply", "-f", w.dir, "--yes", "--state-dir", w.state)
		path := w.lastJournal()
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.SplitAfter(text, []byte("\n"))
		last := len(lines) - 1
		for !bytes.Contains(lines[last], []byte(`"k":"result"`)) {
			last--
		}
		if last+1+more >= len(lines)-2 {
			break
		}
		if err := os.WriteFile(path, bytes.Join(lines[:last+1+more], nil), 0o600); err != nil {
			t.Fatal(err)
		}
		w.undone(fmt.Sprintf("the journal ends %d lines behind the last answer", more), before, "--state-dir", w.state)
	}
}

// What was found by its mark after a lost answer may be another run's: it is deleted on demand only.
func TestWhatWasClaimedIsUndoneOnDemand(t *testing.T) {
	t.Parallel()
	w := newWreck(t)
	before := w.dump()
	w.write("m", oneOfEach)
	w.run(exitDone, "apply", "-f", w.dir, "--yes", "--state-dir", w.state)
	path := w.lastJournal()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	state, err := journal.ReadState(f)
	if err != nil {
		t.Fatal(err)
	}
	j := journal.NewWriter(f, state.Extent.Records)
	if err := j.Append(true, journal.Record{Kind: journal.Settled, Of: []journal.Entry{{Item: 0, Is: journal.Claimed}}}, journal.Record{Kind: journal.End, Is: journal.EndWhole}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	out := w.run(exitItems, "undo", "last", "--yes", "--state-dir", w.state)
	if !strings.Contains(out, "conflict   company/a  UNDO_CLAIMED") || !strings.Contains(out, "2 planned: 1 succeeded, 1 conflict") {
		t.Errorf("got\n%s", out)
	}
	first := filepath.Base(filepath.Dir(path))
	w.run(exitDone, "undo", first, "--yes", "--claimed", "--state-dir", w.state)
	w.same("claimed", before)
}
