package apply

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// customers declares n companies with a requisite, bank details and two addresses each.
func customers(n int, city string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, `---
apiVersion: b24apply/v1
kind: Company
metadata: {name: c%03d}
spec:
  fields: {title: Customer %d}
  requisites:
    - preset: Organization
      fields: {RQ_INN: "%05d", RQ_COMPANY_NAME: "A & B"}
      addresses: {legal: {city: %s}, mailing: {city: Leeds, postalCode: "007"}}
      bankDetails: [{fields: {RQ_IBAN: GB%d}}]
`, i, i, i, city, i)
	}
	return s.String()
}

// belongings counts what belongs to the records of a portal: requisites, bank details
// and addresses.
func (b *bench) belongings() [3]int {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	var out [3]int
	for i, method := range []string{"crm.requisite.list", "crm.requisite.bankdetail.list", "crm.address.list"} {
		r, err := b.client.Call(b.t.Context(), method, bitrix.Params{"filter": map[string]any{}})
		if err != nil || r.Total == nil {
			b.t.Fatal(method, err)
		}
		out[i] = *r.Total
	}
	return out
}

// Requisites are packed like everything else: each sort of what belongs to a record
// costs a request for 50 of them, and another one to read them again.
func TestRequisitesFillTheirBatches(t *testing.T) {
	const n = 100
	b := newBench(t)
	report := b.apply(customers(n, "York"), Config{})
	if most := n/50 + 10 + 2*4*n/50; report.Counts[Succeeded] != n || report.Requests > most {
		t.Errorf("counts %v, %d requests, want at most %d", report.Counts, report.Requests, most)
	}
	if got := b.belongings(); got != [3]int{n, n, 2 * n} {
		t.Errorf("requisites, bank details and addresses: %v", got)
	}
	before := b.client.Requests()
	if left := pendingIn(b.planHonestly(customers(n, "York"))); len(left) != 0 {
		t.Errorf("%s is still to be changed: %v", left[0].Address, left[0].Fields)
	}
	// The settings, the records, and one request each for what belongs to them.
	if used := b.client.Requests() - before; used > 6 {
		t.Errorf("planned with %d requests", used)
	}
	report = b.apply(customers(n, "Hull"), Config{})
	if most := 2*n/50 + 2; report.Counts[Succeeded] != n || report.Requests > most {
		t.Errorf("an update of addresses: counts %v, %d requests, want at most %d", report.Counts, report.Requests, most)
	}
}

// Whatever the request of which the answer is lost, nothing is made twice, and nothing
// that vanished from the manifests is left.
func TestLostAnswersMakeNoRequisiteTwice(t *testing.T) {
	for _, method := range []string{"crm.requisite.add", "crm.requisite.bankdetail.add", "crm.address.add", "crm.requisite.update",
		"crm.address.update", "crm.address.delete", "crm.requisite.bankdetail.delete", "crm.requisite.delete"} {
		t.Run(method, func(t *testing.T) {
			b := newBench(t)
			var lost atomic.Int32
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, method+"?") && lost.Add(1) <= 2 {
					pass(body)
					return nil, errCut
				}
				return pass(body), nil
			}
			full := customers(2, "York")
			bare := strings.NewReplacer(", mailing: {city: Leeds, postalCode: \"007\"}", "", "[{fields: {RQ_IBAN: GB0}}]", "null", "RQ_INN: \"00000\"", "RQ_INN: null").Replace(customers(2, "Hull"))
			gone := "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c000}\nspec: {fields: {title: Customer 0}, requisites: []}\n"
			for _, step := range []struct {
				manifests string
				want      [3]int
			}{{full, [3]int{2, 2, 4}}, {bare, [3]int{2, 1, 2}}, {gone, [3]int{1, 1, 1}}} {
				report := b.apply(step.manifests, Config{Settle: 20 * time.Millisecond})
				if report.ExitCode != ExitDone {
					t.Fatal(report.Items.List())
				}
				if got := b.belongings(); got != step.want {
					t.Errorf("requisites, bank details and addresses: %v, want %v", got, step.want)
				}
				if n := b.planHonestly(step.manifests).Pending(); n != 0 {
					t.Errorf("the second plan has %d changes", n)
				}
			}
			if lost.Load() == 0 {
				t.Errorf("%s was never sent", method)
			}
		})
	}
}

// A requisite that the portal refuses leaves its company partial, and what would
// belong to it is not sent.
func TestARefusedRequisiteIsTold(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.ReplaceAll(body, "PRESET_ID%5D=1", "PRESET_ID%5D=99")), nil
	}
	report := b.apply(customers(1, "York"), Config{})
	checkComplete(t, report, 1)
	o := report.Items.List()[0]
	if o.Status != Partial || o.Field != "requisites.main" || !strings.Contains(words.Text(o.Error), "PRESET_ID is not defined") {
		t.Errorf("status %s, field %q, error %q", o.Status, o.Field, o.Error)
	}
	if got := b.belongings(); got != [3]int{} {
		t.Errorf("requisites, bank details and addresses: %v", got)
	}
}

// A deletion that is refused has not done what it should.
func TestARefusedDeletionIsTold(t *testing.T) {
	b := newBench(t)
	b.apply(customers(1, "York"), Config{})
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.ReplaceAll(body, "crm.requisite.delete", "crm.requisite.dalete")), nil
	}
	gone := "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c000}\nspec: {fields: {title: Customer 0}, requisites: null}\n"
	report := b.apply(gone, Config{})
	if o := report.Items.List()[0]; o.Status != Failed || o.Code == "" {
		t.Errorf("status %s, code %q, error %q", o.Status, o.Code, o.Error)
	}
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.ReplaceAll(body, "crm.requisite.delete?id=1", "crm.requisite.update?id=1&fields%5BSORT%5D=7")), nil
	}
	report = b.apply(gone, Config{})
	if o := report.Items.List()[0]; o.Status == Succeeded || !strings.Contains(words.Text(o.Error), "requisites.main") {
		t.Errorf("status %s, error %q", o.Status, o.Error)
	}
}

// What could not be read again after it was saved is unknown, and not said to be wrong.
func TestARequisiteThatCannotBeReadAgainIsUnknown(t *testing.T) {
	b := newBench(t)
	var added atomic.Bool
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		added.Store(added.Load() || strings.Contains(body, "crm.requisite.add?"))
		if added.Load() {
			body = strings.ReplaceAll(body, "crm.requisite.list", "crm.requisite.last")
		}
		return pass(body), nil
	}
	report := b.apply(customers(1, "York"), Config{})
	if o := report.Items.List()[0]; o.Status != Unknown || o.ID == "" || !strings.Contains(words.Text(o.Error), words.Text(value.SaidBy(errNotRead))) {
		t.Errorf("status %s, id %q, error %q", o.Status, o.ID, o.Error)
	}
	b.tamper = nil
	if report = b.apply(customers(1, "York"), Config{}); report.ExitCode != ExitDone || b.belongings() != [3]int{1, 1, 2} {
		t.Errorf("exit code %d, requisites, bank details and addresses: %v", report.ExitCode, b.belongings())
	}
}

// Whatever requisites are declared one after the other, under whatever faults: nothing
// is made twice, what people own stays, and once the wire is honest the next apply is
// followed by an empty plan.
func TestAnyRequisitesConverge(t *testing.T) {
	b := newBench(t)
	b.apply(companies(1), Config{})
	if _, err := b.client.Call(t.Context(), "crm.requisite.add", bitrix.Params{"fields": map[string]any{
		"ENTITY_TYPE_ID": 4, "ENTITY_ID": 1, "PRESET_ID": 2, "NAME": "Of others", "XML_ID": "1c-17", "RQ_INN": "7"}}); err != nil {
		t.Fatal(err)
	}
	enough := enoughTries()
	rapid.Check(t, func(rt *rapid.T) {
		if enough() {
			return
		}
		manifests, want := drawRequisites(rt)
		stop := make(chan struct{})
		b.tamper = drawLosses(rt, stop)
		plan := b.planHonestly(manifests)
		checkComplete(rt, Run(context.Background(), plan, Config{Client: b.client, Settle: 5 * time.Millisecond, Stop: stop}), plan.Size())
		b.tamper = nil
		again := b.plan(b.load(manifests))
		if report := Run(context.Background(), again, Config{Client: b.client}); report.ExitCode != ExitDone {
			rt.Fatal(report.Items.List())
		}
		if d := cmp.Diff(want, b.belongings()); d != "" {
			rt.Errorf("requisites, bank details and addresses (-want +got):\n%s", d)
		}
		for _, c := range pendingIn(b.plan(b.load(manifests))) {
			rt.Errorf("%s is still to be changed: %v", c.Address, c.Fields)
		}
	})
}

// drawRequisites declares the requisites of one company, and tells how many rows of
// each sort there are then, the one of others included.
func drawRequisites(rt *rapid.T) (manifests string, rows [3]int) {
	text := rapid.SampledFrom([]string{"null", "A", `"x & <script>alert(1)</script>"`, `"$result[a][b]"`, `"00"`, `"Ω 🙂 \u202ex"`, `"two\nlines"`})
	var s strings.Builder
	s.WriteString("---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: c000}\nspec:\n  fields: {title: Company 0}\n  requisites:\n")
	rows[0] = 1
	n := rapid.IntRange(0, 3).Draw(rt, "requisites")
	for i := range n {
		rows[0]++
		fmt.Fprintf(&s, "    - key: k%d\n      preset: %d\n", i, i%3+1)
		fmt.Fprintf(&s, "      fields: {RQ_INN: %s, RQ_NAME: %s, RQ_VAT_PAYER: %t}\n", text.Draw(rt, "inn"), text.Draw(rt, "name"), rapid.Bool().Draw(rt, "payer"))
		if i == 0 {
			banks := rapid.IntRange(0, 2).Draw(rt, "bank details")
			s.WriteString(map[bool]string{true: "      bankDetails: []\n", false: "      bankDetails:\n"}[banks == 0])
			for k := range banks {
				rows[1]++
				fmt.Fprintf(&s, "        - {key: b%d, sort: %d, fields: {RQ_ACC_NUM: %s}}\n", k, rapid.IntRange(0, 2).Draw(rt, "sort"), text.Draw(rt, "account"))
			}
			var addresses []string
			for _, typ := range []string{"legal", "physical", "shipping"} {
				if rapid.Bool().Draw(rt, typ) {
					rows[2]++
					addresses = append(addresses, fmt.Sprintf("%s: {city: York, address1: %s}", typ, text.Draw(rt, "line")))
				}
			}
			fmt.Fprintf(&s, "      addresses: {%s}\n", strings.Join(addresses, ", "))
		}
	}
	if n == 0 {
		s.WriteString("    []\n")
	}
	return s.String(), rows
}

// drawLosses loses answers to requests that save or delete what belongs to a record,
// before or after they are executed, and may stop the run.
func drawLosses(rt *rapid.T, stop chan struct{}) func(string, func(string) *http.Response) (*http.Response, error) {
	faults := rapid.SliceOfN(rapid.IntRange(0, 9), 8, 8).Draw(rt, "faults")
	stopAt := rapid.IntRange(1, 12).Draw(rt, "stop at")
	var writes atomic.Int32
	return func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if !saves.MatchString(body) {
			return pass(body), nil
		}
		n := int(writes.Add(1))
		if n == stopAt {
			close(stop)
		}
		switch faults[n%len(faults)] {
		case 0:
			return nil, errCut
		case 1:
			pass(body)
			return html(http.StatusBadGateway), nil
		}
		return pass(body), nil
	}
}

// saves matches requests that save or delete; one that goes alone is known by its fields.
var saves = regexp.MustCompile(`crm\.(requisite|requisite\.bankdetail|address)\.(add|update|delete)|"fields":`)
