package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// faultTries bounds how many random runs there are.
const faultTries = 25

// Whatever is declared, goes wrong and is interrupted: every planned item has one
// outcome, nothing on the portal has the mark of another, and once the portal behaves,
// applying again leaves there what is declared, each once, and an empty plan.
func TestAnyRunUnderAnyFaultsConverges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		round := 0
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) { // a bubble has no deadline to ask for
			if round++; round > faultTries {
				return
			}
			manifests, want := drawMixed(rt)
			faults := drawRules(rt)
			var stop chan struct{}
			if !strings.Contains(faults, "lose-mark") {
				stop = make(chan struct{})
			}
			b.tamper = cutAndStop(rapid.IntRange(1, 60).Draw(rt, "stop at"), stop)
			plan := b.prunedHonestly(manifests)
			b.faults(faults)
			report := Run(context.Background(), plan, Config{Client: b.client, Stop: stop, Concurrency: rapid.IntRange(1, 3).Draw(rt, "concurrency")})
			b.behave()
			b.tamper = nil
			checkComplete(rt, report, plan.Size())
			time.Sleep(5 * time.Minute) // what was late is there, and every method has time again
			for range 2 {
				report = Run(context.Background(), b.prune(manifests), Config{Client: b.client})
			}
			if report.ExitCode != ExitDone {
				rt.Errorf("applied again: exit code %d: %v", report.ExitCode, failures(report))
			}
			for entityTypeID, n := range want {
				if got := b.records(entityTypeID); got != n {
					rt.Errorf("%d records of type %d, want %d", got, entityTypeID, n)
				}
			}
			for _, c := range pendingIn(b.prune(manifests)) {
				rt.Errorf("then the plan would %s %s: %+v", c.Action, c.Address, c.Fields)
			}
			if rt.Failed() {
				rt.Logf("faults %s\nmanifests:\n%s", faults, manifests)
			}
		})
	})
}

func (b *bench) prunedHonestly(manifests string) *plan.Plan {
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	return b.prune(manifests)
}

// behave ends all faults.
func (b *bench) behave() {
	rec := httptest.NewRecorder()
	b.portal.ServeHTTP(rec, httptest.NewRequest(http.MethodDelete, "http://127.0.0.1:1/__portal/faults", nil))
	if rec.Code/100 != 2 {
		b.t.Fatal("the faults do not end: HTTP ", rec.Code)
	}
}

func failures(r *Report) (out []string) {
	for _, o := range r.Items.List() {
		if !o.Error.IsZero() {
			out = append(out, fmt.Sprintf("%s %s: %s %s", o.Action, o.Resource, o.Code, words.Text(o.Error)))
		}
	}
	return out
}

// cutAndStop makes cut connections out of the portal's hanging up, and interrupts the
// run at the nth request.
func cutAndStop(n int, stop chan struct{}) func(string, func(string) *http.Response) (*http.Response, error) {
	var requests atomic.Int32
	return func(body string, pass func(string) *http.Response) (res *http.Response, err error) {
		if stop != nil && int(requests.Add(1)) == n {
			close(stop)
		}
		defer func() {
			if recover() != nil {
				res, err = nil, errCut
			}
		}()
		return pass(body), nil
	}
}

// drawMixed declares companies with requisites, deals with product rows that refer to
// them, by name and by a look-up, and invoices that pass their numbers on.
func drawMixed(rt *rapid.T) (manifests string, records map[int]int) {
	text := rapid.SampledFrom([]string{"A", "B", `"a <b>bold</b>"`, `"select x from y"`, "null"})
	title := rapid.SampledFrom([]string{"A", "B", `"a <i>c</i>"`})
	var s strings.Builder
	companies := rapid.IntRange(1, 6).Draw(rt, "companies")
	for i := range companies {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c%d}\nspec:\n  fields: {title: %s, comments: %s}\n", i, title.Draw(rt, "title"), text.Draw(rt, "comments"))
		if rapid.Bool().Draw(rt, "requisites") {
			fmt.Fprintf(&s, "  requisites: [{key: k, preset: 1, fields: {RQ_INN: %s}, bankDetails: [{key: b, fields: {RQ_ACC_NUM: %s}}]}]\n", title.Draw(rt, "inn"), title.Draw(rt, "account"))
		}
	}
	deals := rapid.IntRange(1, 6).Draw(rt, "deals")
	for i := range deals {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d%d}\nspec:\n  fields: {title: %s, additionalInfo: %s, companyId: {ref: company/c%d}}\n", i, title.Draw(rt, "title"), text.Draw(rt, "info"), i%companies)
		s.WriteString(rapid.SampledFrom([]string{"", "  products: []\n", "  products: [{name: Bolt, price: 3, quantity: 2}]\n", "  products: [{name: a < b, price: 1}, {name: Nut, price: 2}]\n"}).Draw(rt, "rows"))
	}
	numbers := rapid.Permutation([]string{"N-1", "N-2", "N-3"}).Draw(rt, "numbers")
	invoices := rapid.IntRange(1, 3).Draw(rt, "invoices")
	for i := range invoices {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Invoice\nmetadata: {name: i%d}\nspec: {fields: {title: %s, accountNumber: %s, companyId: {ref: company/c0}}}\n", i, title.Draw(rt, "title"), numbers[i])
	}
	return s.String(), map[int]int{4: companies, 2: deals, 31: invoices}
}

// drawRules lets the portal do wrong in up to three ways. Marks that are dropped come
// without lost answers: what was created so leaves no trace that could be found.
func drawRules(rt *rapid.T) string {
	kinds := []string{"drop-before", "drop-after", "late", "502", "504", "truncated", "wrong-type", "503", "429", "late-visible", "keep-list", "fail"}
	if rapid.IntRange(0, 4).Draw(rt, "marks") == 0 {
		kinds = []string{"lose-mark", "keep-list", "503"}
	}
	methods := []string{"*.add", "crm.item.update", "crm.item.*", "crm.item.add", "crm.item.productrow.set", "crm.item.delete", "crm.requisite.*", "crm.item.list", "crm.item.get"}
	rules := make([]map[string]any, rapid.IntRange(1, 3).Draw(rt, "rules"))
	for i := range rules {
		kind := rapid.SampledFrom(kinds).Draw(rt, "kind")
		rule := map[string]any{"kind": kind, "method": rapid.SampledFrom(methods).Draw(rt, "method"), "p": rapid.SampledFrom([]float64{0.1, 0.3, 0.6}).Draw(rt, "p"), "seed": i + 1}
		switch kind {
		case "502", "504":
			if rapid.Bool().Draw(rt, "after") {
				rule["when"] = "after"
			}
		case "late", "late-visible":
			rule["for"] = rapid.SampledFrom([]string{"500ms", "3s", "20s"}).Draw(rt, "for")
		case "429":
			rule["for"] = "30s"
		case "keep-list":
			rule["field"] = rapid.SampledFrom([]string{"comments", "additionalInfo"}).Draw(rt, "field")
		case "fail":
			rule["code"] = rapid.SampledFrom([]string{"ACCESS_DENIED", "CRM_FIELD_ERROR_VALUE_NOT_VALID"}).Draw(rt, "code")
		}
		rules[i] = rule
	}
	text, err := json.Marshal(rules)
	if err != nil {
		rt.Fatal(err)
	}
	return string(text)
}
