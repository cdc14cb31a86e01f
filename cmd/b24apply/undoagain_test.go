package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/portal"
)

const withRequisites = `
kind: Company
metadata: {name: a}
spec:
  fields: {title: A}
  requisites:
    - {key: main, preset: "1", name: Main, fields: {RQ_INN: "7701234567"}, addresses: {legal: {city: Berlin}}, bankDetails: [{key: giro, fields: {RQ_ACC_NUM: "1"}}, {key: old, fields: {RQ_ACC_NUM: "2"}}]}
    - {key: more, preset: "1", name: Main, fields: {RQ_INN: "7701234568"}, addresses: {legal: {city: Bonn}}}`

const nothingDeclared = `
kind: Absent
metadata: {name: gone}
spec: {resources: [%s]}`

// What an undo has not come to is done by the next one, at whichever write the first one fails;
// what it has come to is not done twice.
func TestWhatAnUndoDidNotComeToIsDoneByTheNext(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after string
		refused       []string // rules of faults, by which some write of each undo is refused
	}{
		"product rows and their amount": {
			before: `
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, stageId: WON}, products: [{name: Work, price: "5", quantity: "3"}, {name: Travel, price: "7"}]}`,
			after:   strings.Replace(nothingDeclared, "%s", "deal/d", 1),
			refused: []string{"fail:crm.item.productrow.set,code=ERROR_ARGUMENT,n=1"},
		},
		"requisites with all that belongs to them": {
			before:  withRequisites,
			after:   strings.Replace(nothingDeclared, "%s", "company/a", 1),
			refused: []string{"fail:crm.requisite.add,code=ERROR_ARGUMENT,n=1", "fail:crm.requisite.bankdetail.add,code=ERROR_ARGUMENT,n=1;fail:crm.address.add,code=ERROR_ARGUMENT,n=1"},
		},
		"requisites of a record that stayed": {
			before: withRequisites,
			after: `
kind: Company
metadata: {name: a}
spec: {fields: {title: B}, requisites: []}`,
			refused: []string{"fail:crm.requisite.add,code=ERROR_ARGUMENT,n=1", "fail:crm.requisite.bankdetail.add,code=ERROR_ARGUMENT,n=1;fail:crm.address.add,code=ERROR_ARGUMENT,n=1"},
		},
		"addresses of a lead": {
			before: `
kind: Lead
metadata: {name: l}
spec: {fields: {title: L}, addresses: {physical: {city: Kiel}, legal: {city: Bremen}}}`,
			after:   strings.Replace(nothingDeclared, "%s", "lead/l", 1),
			refused: []string{"fail:crm.address.add,code=ERROR_ARGUMENT,n=1", "fail:crm.address.add,code=ERROR_ARGUMENT,n=1"},
		},
		"prices": {
			before: `
kind: Product
metadata: {name: p}
spec: {fields: {name: P, price: {amount: "10", currency: EUR}}}`,
			after:   strings.Replace(nothingDeclared, "%s", "product/p", 1),
			refused: []string{"fail:catalog.price.add,code=ERROR_ARGUMENT,n=1"},
		},
		"links to what was created again": {
			before: `
kind: Company
metadata: {name: a}
spec: {fields: {title: A}}
---
kind: Contact
metadata: {name: c}
spec: {fields: {name: C, companyIds: [{ref: company/a}]}}
---
kind: Product
metadata: {name: p}
spec: {fields: {name: P}}
---
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, companyId: {ref: company/a}, contactIds: [{ref: contact/c}]}, products: [{product: {ref: product/p}, price: "2"}]}`,
			after:   strings.Replace(nothingDeclared, "%s", "company/a, contact/c, deal/d, product/p", 1),
			refused: []string{"fail:crm.item.add,every=2,code=ERROR_ARGUMENT,n=1", "fail:crm.item.add,code=ERROR_ARGUMENT,n=1", "fail:crm.item.productrow.set,code=ERROR_ARGUMENT,n=1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWreck(t)
			apply := func(manifests string) {
				w.write("m", strings.TrimPrefix(manifests, "\n"))
				w.run(exitDone, "apply", "-f", w.dir, "--yes", "--state-dir", w.state)
			}
			apply(tc.before)
			before := linked(w.dump())
			apply(tc.after)
			run := filepath.Base(filepath.Dir(w.lastJournal()))
			for _, rule := range tc.refused {
				w.faults(rule)
				w.run(exitItems, "undo", run, "--yes", "--state-dir", w.state)
				if cmp.Equal(before, linked(w.dump())) {
					t.Errorf("%s: nothing is left to do", rule)
				}
			}
			w.faults("")
			w.run(exitDone, "undo", run, "--yes", "--state-dir", w.state)
			if d := cmp.Diff(before, linked(w.dump())); d != "" {
				t.Errorf("undone (-before +undone):\n%s", d)
			}
			if out := w.run(exitDone, "undo", run, "--yes", "--state-dir", w.state); !strings.Contains(out, "No changes. Nothing is left to take back.") {
				t.Errorf("once more:\n%s", out)
			}
		})
	}
}

// idDigits are the ids in a dump, which are others of records that are created again.
var idDigits = regexp.MustCompile(`[0-9]+`)

// linked is a dump without ids, in which links are there or not.
func linked(dump map[string]string) map[string]string {
	out := make(map[string]string)
	for line, n := range nameless(dump) {
		out[line] = n
	}
	for at, text := range dump {
		for line := range strings.SplitSeq(text, "\n") {
			if name, value, _ := strings.Cut(line, ": "); strings.HasPrefix(name, "companyId") || strings.HasPrefix(name, "contactId") || name == "productId" {
				kindOf, _, _ := strings.Cut(strings.ReplaceAll(at, " ", "/"), "/")
				out[kindOf+" "+name+" "+idDigits.ReplaceAllStringFunc(value, func(id string) string { return strings.Repeat("#", min(len(strings.TrimLeft(id, "0")), 1)) })] += "+"
			}
		}
	}
	return out
}

// faults says what goes wrong from now on.
func (w *world) faults(rules string) {
	w.t.Helper()
	list, err := portal.ParseFaults(rules)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := json.Marshal(list)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, method := range []string{http.MethodDelete, http.MethodPost} {
		req, err := http.NewRequestWithContext(w.t.Context(), method, w.url[:strings.Index(w.url, "/rest/")]+"/__portal/faults", bytes.NewReader(body))
		if err != nil {
			w.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		response, err := http.DefaultClient.Do(req)
		if err != nil {
			w.t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode >= 300 {
			w.t.Fatalf("faults %q: HTTP %d", rules, response.StatusCode)
		}
	}
}
