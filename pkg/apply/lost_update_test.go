package apply

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// renamed gives companies with other titles.
func renamed(n int) string {
	return strings.ReplaceAll(companies(n), "title: Company", "title: Firm")
}

func updates(b *bench) int { return b.portal.Stats().Commands["crm.item.update"] }

// An update whose answer was lost is read before it is sent again: what was executed
// is not executed twice, and a whole batch costs one read.
func TestCaseC6AnExecutedUpdateIsNotSentAgain(t *testing.T) {
	for name, answer := range map[string]func() (*http.Response, error){
		"cut": func() (*http.Response, error) { return nil, errCut },
		"502": func() (*http.Response, error) { return html(http.StatusBadGateway), nil },
		"504": func() (*http.Response, error) { return html(http.StatusGatewayTimeout), nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(companies(60), Config{})
			var lost sentOnce
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, "crm.item.update") && lost.first(body) {
					pass(body)
					return answer()
				}
				return pass(body), nil
			}
			report := b.apply(renamed(60), Config{})
			if d := cmp.Diff(map[Status]int{Succeeded: 60}, report.Counts); d != "" {
				t.Error(d)
			}
			if n := updates(b); n != 60 {
				t.Errorf("%d updates were executed, want 60", n)
			}
			if report.Requests > 4 {
				t.Errorf("%d requests, want two batches and a read of each", report.Requests)
			}
		})
	}
}

// The first update may still execute while it is looked for: its old value counts only
// when that time is over.
func TestCaseC6ALateUpdateIsWaitedFor(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	const late, settle = 300 * time.Millisecond, 2 * time.Second
	var lost atomic.Bool
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, "crm.item.update") && !lost.Swap(true) {
			time.AfterFunc(late, func() { pass(body) })
			return nil, errCut
		}
		return pass(body), nil
	}
	started := time.Now()
	report := b.apply(renamed(3), Config{Settle: settle})
	if d := cmp.Diff(map[Status]int{Succeeded: 3}, report.Counts); d != "" {
		t.Error(d)
	}
	if n := updates(b); n != 3 {
		t.Errorf("%d updates were executed, want 3", n)
	}
	if took := time.Since(started); took < late || took > settle {
		t.Errorf("it took %s: the run ends once the update is found", took)
	}
}

// An update that was not executed is sent again when the time is over in which it
// could have been.
func TestCaseC6AnUpdateThatDidNotHappenIsSentAgainLater(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	const settle = 400 * time.Millisecond
	var sent []time.Time
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, "crm.item.update") {
			sent = append(sent, time.Now())
			if len(sent) == 1 {
				return nil, errCut
			}
		}
		return pass(body), nil
	}
	report := b.apply(renamed(3), Config{Settle: settle})
	if d := cmp.Diff(map[Status]int{Succeeded: 3}, report.Counts); d != "" {
		t.Error(d)
	}
	if len(sent) != 2 || sent[1].Sub(sent[0]) < settle {
		t.Errorf("sent at %v, want twice, %s apart", sent, settle)
	}
}

// An old value under a later save is somebody else's, or what automation made of ours.
func TestCaseC6AnOldValueUnderALaterSaveIsAConflict(t *testing.T) {
	for name, foreign := range map[string]map[string]any{
		"another field was changed": {"comments": "by hand"},
		"the value was put back":    {"title": "Company 1", "comments": "robot"},
		"a third value":             {"title": "Company One"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(companies(3), Config{})
			time.Sleep(1100 * time.Millisecond) // the portal's times have seconds
			var sent atomic.Int32
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, "crm.item.update") && sent.Add(1) == 1 {
					return nil, errCut
				}
				return pass(body), nil
			}
			plan := b.planHonestly(renamed(3))
			id := changesIn(plan)[1].ID
			honest := b.tamper
			b.tamper = nil
			if _, err := b.client.Call(t.Context(), "crm.item.update", bitrix.Params{"entityTypeId": 4, "id": id, "fields": foreign}); err != nil {
				t.Fatal(err)
			}
			b.tamper = honest
			report := Run(t.Context(), plan, Config{Client: b.client, Settle: 300 * time.Millisecond})
			if d := cmp.Diff(map[Status]int{Succeeded: 2, Conflict: 1}, report.Counts); d != "" {
				t.Error(d)
			}
			if o := report.Items.List()[1]; o.Status != Conflict || o.Code != "CHANGED_SINCE_PLAN" || o.Hint.IsZero() || !strings.Contains(words.Text(o.Error), "title") {
				t.Errorf("status %s, code %s, error %q", o.Status, o.Code, o.Error)
			}
			if report.ExitCode != ExitItems {
				t.Errorf("exit code %d", report.ExitCode)
			}
		})
	}
}

// An interrupt ends the wait too, and what is not known is said to be.
func TestCaseC6AnInterruptEndsTheWaitForALostUpdate(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	stop := make(chan struct{})
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, "crm.item.update") {
			time.AfterFunc(200*time.Millisecond, func() { close(stop) })
			return nil, errCut
		}
		return pass(body), nil
	}
	start := time.Now()
	report := b.apply(renamed(3), Config{Stop: stop})
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if d := cmp.Diff(map[Status]int{Unknown: 3}, report.Counts); d != "" {
		t.Error(d)
	}
	if report.ExitCode != ExitInterrupted {
		t.Errorf("exit code %d", report.ExitCode)
	}
}

// A lost save of what has methods of its own is settled by one read where it shows the
// save: requisites, addresses, product rows, prices.
func TestCaseC6LostPartsAreReadBack(t *testing.T) {
	const firm = `---
apiVersion: b24apply/v1
kind: Company
metadata: {name: c}
spec:
  fields: {title: C}
  requisites:
  - {key: main, preset: "#CRM_REQUISITE_PRESET_DEF_RU_COMPANY#", fields: {RQ_COMPANY_NAME: %[1]s}, addresses: {legal: {city: %[1]s}}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec: {fields: {title: D}, products: [{name: Support, price: %[2]d}]}
---
apiVersion: b24apply/v1
kind: Product
metadata: {name: p}
spec: {fields: {name: P, price: %[2]d|EUR}}
`
	for _, method := range []string{"crm.address.add", "crm.address.update", "crm.requisite.update", "crm.item.productrow.set", "catalog.price.update"} {
		t.Run(method, func(t *testing.T) {
			b := newBench(t)
			if method != "crm.address.add" {
				b.apply(fmt.Sprintf(firm, "Leeds", 5), Config{})
			}
			before := b.portal.Stats().Commands[method]
			var lost onceFlag
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, method+"?") && lost.first() {
					pass(body)
					return html(http.StatusBadGateway), nil
				}
				return pass(body), nil
			}
			report := b.apply(fmt.Sprintf(firm, "York", 7), Config{})
			if d := cmp.Diff(map[Status]int{Succeeded: 3}, report.Counts); d != "" {
				t.Errorf("%s\n%+v", d, report.Items.List())
			}
			if n := b.portal.Stats().Commands[method] - before; n != 1 {
				t.Errorf("%s was executed %d times, want once", method, n)
			}
		})
	}
}

// A lost update takes no worker while it is waited for.
func TestCaseC6OthersGoOnWhileALostUpdateIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock no busy machine moves
		b := newBench(t)
		b.apply(companies(120), Config{})
		const settle = 2 * time.Second
		var lost, last atomic.Int64
		b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if strings.Contains(body, "crm.item.update") {
				if lost.CompareAndSwap(0, time.Now().UnixNano()) {
					return nil, errCut
				}
				if strings.Contains(body, "Firm%20119") {
					last.Store(time.Now().UnixNano())
				}
			}
			return pass(body), nil
		}
		report := b.apply(renamed(120), Config{Settle: settle, Concurrency: 1})
		if d := cmp.Diff(map[Status]int{Succeeded: 120}, report.Counts); d != "" {
			t.Error(d)
		}
		if wait := time.Duration(last.Load() - lost.Load()); wait > settle/2 {
			t.Errorf("the last record waited %s", wait)
		}
	})
}

// An update verifies the mark that its answer shows: a record that somebody else has
// claimed since the plan, or taken the mark from, is no success.
func TestCaseC4AnUpdateVerifiesTheMarkThatItsAnswerShows(t *testing.T) {
	const invoice = "---\napiVersion: b24apply/v1\nkind: Invoice\nmetadata: {name: i}\nspec: {fields: {title: Company 1}}\n"
	for name, tc := range map[string]struct {
		entityTypeID int
		manifests    string
		foreign      map[string]any
		says         string
	}{
		"another project":      {4, companies(1), map[string]any{"originatorId": "b24apply:shop"}, "b24apply:shop"},
		"another resource":     {4, companies(1), map[string]any{"originId": "c999"}, "c999"},
		"the mark was cleared": {4, companies(1), map[string]any{"originId": "", "originatorId": ""}, "no mark"},
		"another system":       {31, invoice, map[string]any{"xmlId": "erp-77"}, "erp-77"},
		"case counts":          {4, companies(1), map[string]any{"originId": "C000"}, "C000"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(tc.manifests, Config{})
			plan := b.planHonestly(strings.ReplaceAll(tc.manifests, "title: Company", "title: Firm"))
			b.call("crm.item.update", bitrix.Params{"entityTypeId": tc.entityTypeID, "id": changesIn(plan)[0].ID, "fields": tc.foreign})
			o := Run(t.Context(), plan, Config{Client: b.client}).Items.List()[0]
			if o.Status != Conflict || o.Code != "CLAIMED" || o.Hint.IsZero() || !strings.Contains(words.Text(o.Error), tc.says) {
				t.Errorf("status %s, code %s, error %q, hint %q", o.Status, o.Code, o.Error, o.Hint)
			}
		})
	}
}

// Lost updates of types, products and sections are read back as those of records are.
func TestCaseC6LostUpdatesOfEveryFamilyAreReadBack(t *testing.T) {
	const all = `---
apiVersion: b24apply/v1
kind: SPA
metadata: {name: site}
spec: {title: %[1]s}
---
apiVersion: b24apply/v1
kind: Product
metadata: {name: p}
spec: {fields: {name: %[1]s}}
---
apiVersion: b24apply/v1
kind: ProductSection
metadata: {name: s}
spec: {fields: {name: %[1]s}}
`
	for _, method := range []string{"crm.type.update", "catalog.product.update", "catalog.section.update"} {
		for _, executed := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s executed %t", method, executed), func(t *testing.T) {
				b := newBench(t)
				b.apply(fmt.Sprintf(all, "Old"), Config{})
				var lost onceFlag
				b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
					alone := method == "crm.type.update" && strings.Contains(body, `"title":"New"`)
					if !alone && !strings.Contains(body, method+"?") || !lost.first() {
						return pass(body), nil
					}
					if executed {
						pass(body)
					}
					return nil, errCut
				}
				report := b.apply(fmt.Sprintf(all, "New"), Config{Settle: 300 * time.Millisecond})
				if d := cmp.Diff(map[Status]int{Succeeded: 3}, report.Counts); d != "" {
					t.Errorf("%s\n%+v", d, report.Items.List())
				}
				if n := b.portal.Stats().Commands[method]; n != 1 {
					t.Errorf("%s was executed %d times, want once", method, n)
				}
				if n := b.planHonestly(fmt.Sprintf(all, "New")).Pending(); n != 0 {
					t.Errorf("the second plan has %d changes", n)
				}
			})
		}
	}
}
