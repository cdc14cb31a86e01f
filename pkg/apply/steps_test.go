package apply

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// orders declares n deals with two product rows each.
func orders(n int, price string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: o%03d}\nspec: {fields: {title: Order %d}, products: [{name: Bolt, price: %s, quantity: 3}, {name: Nut, price: 1}]}\n", i, i, price)
	}
	return s.String()
}

const setRows = "crm.item.productrow.set"

// refuseRows makes the portal refuse to save product rows.
func refuseRows(body string, pass func(string) *http.Response) (*http.Response, error) {
	return pass(strings.ReplaceAll(body, setRows, "crm.item.productrow.sat")), nil
}

// A record whose rows are refused is there: it is partial, what depends on it goes on,
// and the next plan shows just the rows.
func TestARecordWithoutItsRowsIsPartial(t *testing.T) {
	b := newBench(t)
	b.tamper = refuseRows
	manifests := orders(1, "5") + companies(1) +
		"---\napiVersion: b24apply/v1\nkind: Invoice\nmetadata: {name: i}\nspec: {fields: {title: I, parentId2: {ref: deal/o000}}}\n"
	report := b.apply(manifests, Config{})
	checkComplete(t, report, 3)
	if d := cmp.Diff(map[Status]int{Partial: 1, Succeeded: 2}, report.Counts); d != "" {
		t.Fatalf("%s\n%v", d, report.Items.List())
	}
	for _, o := range report.Items.List() {
		if o.Resource == "deal/o000" && (o.Field != "products" || o.Code == "" || o.ID == "" || !strings.HasPrefix(words.Text(o.Error), "it was created, but not all of it: products: ")) {
			t.Errorf("field %q, code %q, id %q, error %q", o.Field, o.Code, o.ID, o.Error)
		}
	}
	pending := pendingIn(b.planHonestly(manifests))
	if len(pending) != 1 || len(pending[0].Fields) != 1 || pending[0].Fields[0].Name != "products" {
		t.Errorf("the next plan has %d changes", len(pending))
	}
	if report := b.apply(manifests, Config{}); report.Counts[Failed] != 1 || report.Counts[Unchanged] != 2 {
		t.Errorf("an update of which nothing was saved: counts %v", report.Counts)
	}
}

// An interrupt between the record and its rows is told, and counts as one.
func TestAnInterruptBetweenStepsIsTold(t *testing.T) {
	b := newBench(t)
	stop := make(chan struct{})
	var once onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if isWrite(body) && once.first() {
			close(stop)
		}
		return pass(body), nil
	}
	report := b.apply(orders(1, "5"), Config{Stop: stop})
	checkComplete(t, report, 1)
	if o := report.Items.List()[0]; o.Status != Partial || o.Code != codeInterrupted || o.Hint.IsZero() {
		t.Errorf("status %s, code %s, hint %q", o.Status, o.Code, words.Text(o.Hint))
	}
	if !report.Interrupted || report.ExitCode != ExitInterrupted {
		t.Errorf("interrupted %v, exit code %d", report.Interrupted, report.ExitCode)
	}
	if n := b.portal.Stats().Commands[setRows]; n != 0 {
		t.Errorf("rows were sent %d times after the interrupt", n)
	}
}

// Rows whose answer was lost are read: what was saved is not saved again, and what was
// not is.
func TestLostRowsAreReadBeforeTheyAreSentAgain(t *testing.T) {
	for _, executed := range []bool{true, false} {
		t.Run(fmt.Sprintf("executed %t", executed), func(t *testing.T) {
			b := newBench(t)
			var lost onceFlag
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, setRows) && lost.first() {
					if executed {
						pass(body)
					}
					return nil, errCut
				}
				return pass(body), nil
			}
			report := b.apply(orders(3, "5"), Config{Settle: 300 * time.Millisecond})
			if n := b.portal.Stats().Commands[setRows]; report.Counts[Succeeded] != 3 || n != 3 {
				t.Errorf("counts %v, rows saved %d times", report.Counts, n)
			}
			if n := b.planHonestly(orders(3, "5")).Pending(); n != 0 {
				t.Errorf("the second plan has %d changes", n)
			}
		})
	}
}

// Rows that may have been saved make the item unknown, although the record is there.
func TestRowsThatMayHaveBeenSavedAreUnknown(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, setRows) {
			pass(body)
			cancel(errors.New("enough"))
			return nil, errCut
		}
		return pass(body), nil
	}
	report := Run(ctx, b.planHonestly(orders(1, "5")), Config{Client: b.client})
	checkComplete(t, report, 1)
	if o := report.Items.List()[0]; o.Status != Unknown || o.ID == "" || o.Field != "products" {
		t.Errorf("status %s, id %q, field %q: %s", o.Status, o.ID, o.Field, o.Error)
	}
}

// Rows that the portal does not keep as sent are named; they are tried once more.
func TestRowsThatAreNotKeptMakeTheItemPartial(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		return pass(strings.NewReplacer("Bolt", "Bold").Replace(body)), nil
	}
	report := b.apply(orders(1, "5"), Config{})
	if o := report.Items.List()[0]; o.Status != Partial || o.Code != "NOT_STORED" || !strings.Contains(words.Text(o.Error), "Bold") {
		t.Errorf("status %s, code %s, error %q", o.Status, o.Code, o.Error)
	}
	if n := b.portal.Stats().Commands[setRows]; n != 2 {
		t.Errorf("the rows were sent %d times, want twice", n)
	}
}

// Steps are packed like everything else.
func TestStepsFillTheirBatches(t *testing.T) {
	const n = 150
	b := newBench(t)
	report := b.apply(orders(n, "5"), Config{})
	if most := 2*n/50 + 10; report.Counts[Succeeded] != n || report.Requests > most {
		t.Errorf("counts %v, %d requests, want at most %d", report.Counts, report.Requests, most)
	}
	before := b.client.Requests()
	plan := b.planHonestly(orders(n, "6"))
	if used := b.client.Requests() - before; plan.Pending() != n || used > n/50+4 {
		t.Errorf("%d changes, planned with %d requests", plan.Pending(), used)
	}
	report = Run(t.Context(), plan, Config{Client: b.client})
	if most := n/50 + 2; report.Counts[Succeeded] != n || report.Requests > most {
		t.Errorf("counts %v, %d requests, want at most %d", report.Counts, report.Requests, most)
	}
}

// More rows than a page are read, compared and repaired whole.
func TestALongListOfRowsConverges(t *testing.T) {
	b := newBench(t)
	var s strings.Builder
	for i := range 120 {
		fmt.Fprintf(&s, "{name: Item %d, price: %d},", i, i)
	}
	manifests := "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: long}\nspec: {fields: {title: Long}, products: [" + s.String() + "]}\n"
	var altered onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		r := pass(body)
		if !strings.Contains(body, setRows) || !altered.first() {
			return r, nil
		}
		raw, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(strings.Replace(string(raw), "Item 7", "Item seven", 1)))
		return r, err
	}
	if report := b.apply(manifests, Config{}); report.ExitCode != ExitDone {
		t.Fatal(report.Items.List())
	}
	if n := b.planHonestly(manifests).Pending(); n != 0 {
		t.Errorf("the second plan has %d changes", n)
	}
}

// A world of records that refer to each other in every way, with rows, under random
// faults and interrupts: every change has one outcome, nothing is created twice, and
// once the wire is honest everything is as declared.
func TestAnyGraphWithStepsConverges(t *testing.T) {
	b := newBench(t)
	round, enough := 0, enoughTries()
	rapid.Check(t, func(rt *rapid.T) {
		if enough() {
			return
		}
		round++
		manifests, records := drawGraph(rt, round)
		plan := b.planHonestly(manifests)
		stop := make(chan struct{})
		b.tamper = drawFaults(rt, stop)
		cfg := Config{Client: b.client, Settle: 20 * time.Millisecond, Stop: stop, Concurrency: rapid.IntRange(1, 3).Draw(rt, "concurrency")}
		before := b.allRecords()
		report := Run(context.Background(), plan, cfg)
		b.tamper = nil
		checkComplete(rt, report, plan.Size())
		again := b.plan(b.load(manifests))
		checkComplete(rt, Run(context.Background(), again, Config{Client: b.client}), again.Size())
		if made := b.allRecords() - before; made != records {
			rt.Errorf("%d records were created, want %d", made, records)
		}
		for _, c := range pendingIn(b.plan(b.load(manifests))) {
			rt.Errorf("%s is still to be changed: %v", c.Address, c.Fields)
		}
	})
}

func (b *bench) allRecords() (n int) {
	for _, entity := range []int{1, 2, 3, 4} {
		n += b.records(entity)
	}
	return n
}

// drawGraph declares companies, contacts, leads and deals that refer to each other.
func drawGraph(rt *rapid.T, round int) (manifests string, records int) {
	n := rapid.IntRange(1, 3).Draw(rt, "records of a kind")
	ref := func(space string) string {
		return fmt.Sprintf("{ref: %s/r%d-%d}", space, round, rapid.IntRange(0, n-1).Draw(rt, space))
	}
	var s strings.Builder
	add := func(kind string, i int, fields, rows string) {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: %s\nmetadata: {name: r%d-%d}\nspec:\n  fields: {%s}\n%s", kind, round, i, fields, rows)
		records++
	}
	for i := range n {
		add("Company", i, "title: C, leadId: "+ref("lead"), "")
		add("Contact", i, "name: P, leadId: "+ref("lead")+", companyIds: ["+ref("company")+"]", "")
		add("Lead", i, "title: L, companyId: "+ref("company")+", contactIds: ["+ref("contact")+"]", drawRows(rt))
		add("Deal", i, "title: D, companyId: "+ref("company")+", leadId: "+ref("lead"), drawRows(rt))
	}
	return s.String(), records
}

func drawRows(rt *rapid.T) string {
	if !rapid.Bool().Draw(rt, "rows") {
		return ""
	}
	return fmt.Sprintf("  products: [{name: Bolt, price: %d, quantity: 2}, {name: a < b, price: 3, taxRate: null}]\n", rapid.IntRange(0, 3).Draw(rt, "price"))
}

// drawFaults loses some answers, before or after their requests are executed, refuses
// rows and may stop the run.
func drawFaults(rt *rapid.T, stop chan struct{}) func(string, func(string) *http.Response) (*http.Response, error) {
	faults := rapid.SliceOfN(rapid.IntRange(0, 11), 12, 12).Draw(rt, "faults")
	stopAt := rapid.IntRange(1, 20).Draw(rt, "stop at")
	var writes atomic.Int32
	var once sync.Once
	return func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if !isWrite(body) && !strings.Contains(body, setRows) {
			return pass(body), nil
		}
		n := int(writes.Add(1))
		if n == stopAt {
			once.Do(func() { close(stop) })
		}
		switch faults[n%len(faults)] {
		case 0:
			return nil, errCut
		case 1:
			pass(body)
			return html(http.StatusBadGateway), nil
		case 2:
			return refuseRows(body, pass)
		}
		return pass(body), nil
	}
}

// Whatever rows are declared one after the other, and whatever people do to them in
// between, an apply is followed by an empty plan.
func TestAnyRowsConverge(t *testing.T) {
	b := newBench(t)
	b.call("catalog.product.add", bitrix.Params{"fields": map[string]any{"iblockId": 23, "name": "Support"}})
	rapid.Check(t, func(rt *rapid.T) {
		row := rapid.Custom(func(rt *rapid.T) string {
			s := "{price: " + rapid.SampledFrom([]string{"0", "1", `"99.99"`, `"0.05"`, "12345"}).Draw(rt, "price")
			s += rapid.SampledFrom([]string{", name: A", ", name: B", ", product: 1", ", product: 17, name: B", `, name: "x & <y> [z]"`}).Draw(rt, "what")
			s += rapid.SampledFrom([]string{"", ", quantity: 2", `, quantity: "0.3333"`}).Draw(rt, "quantity")
			s += rapid.SampledFrom([]string{"", ", discountRate: 5", `, discountRate: "33.33"`, ", discountSum: 1", ", discountSum: 0", ", discountRate: 0"}).Draw(rt, "discount")
			s += rapid.SampledFrom([]string{"", ", taxRate: 20", ", taxRate: 0", ", taxRate: null"}).Draw(rt, "tax")
			s += rapid.SampledFrom([]string{"", ", taxIncluded: Y", ", taxIncluded: N"}).Draw(rt, "included")
			return s + rapid.SampledFrom([]string{"", ", measureCode: 796", ", measureCode: 166"}).Draw(rt, "measure") + "}"
		})
		rows := rapid.SliceOfN(row, 0, 4).Draw(rt, "rows")
		if rapid.Bool().Draw(rt, "turned round") {
			slices.Reverse(rows)
		}
		manifests := "apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: any}\nspec: {fields: {title: Any}, products: [" + strings.Join(rows, ", ") + "]}\n"
		report := b.apply(manifests, Config{})
		if report.ExitCode != ExitDone {
			rt.Fatal(report.Items.List())
		}
		for _, c := range pendingIn(b.planHonestly(manifests)) {
			rt.Errorf("a second plan would change %v → %v", c.Fields[0].Before.Plain(), c.Fields[0].After.Plain())
		}
	})
}

// A portal that keeps a column as it likes: the report names it, and what was not
// declared is not sent.
func TestCaseC18TheReportNamesTheColumnThatThePortalKept(t *testing.T) {
	for column, kept := range map[string][2]string{
		"customized":  {"N", "Y"},
		"taxIncluded": {"Y", "N"},
		"sort":        {"30", "10"},
	} {
		t.Run(column, func(t *testing.T) {
			b := newBench(t)
			b.apply(orders(1, "5"), Config{})
			sent := ""
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, setRows) {
					sent = body
				}
				body = strings.ReplaceAll(body, column+"%5D="+kept[0], column+"%5D="+kept[1])
				body = strings.ReplaceAll(body, `"`+column+`":"`+kept[0]+`"`, `"`+column+`":"`+kept[1]+`"`)
				return pass(strings.ReplaceAll(body, `"`+column+`":`+kept[0], `"`+column+`":`+kept[1])), nil
			}
			manifests := strings.ReplaceAll(orders(1, "5"), "price: 5", "price: 5, "+column+": "+kept[0])
			if column == "sort" { // all or none
				manifests = strings.ReplaceAll(manifests, "price: 1}", "price: 1, sort: 40}")
			}
			o := b.apply(manifests, Config{}).Items.List()[0]
			named := strings.Contains(words.Text(o.Error), column+" "+kept[0]) && strings.Contains(words.Text(o.Error), column+" "+kept[1])
			if column == "taxIncluded" { // the line of a row has words for it
				named = strings.Contains(words.Text(o.Error), "shown with tax")
			}
			if o.Status != Partial || !named {
				t.Errorf("status %s, error %q", o.Status, o.Error)
			}
			if column != "customized" && strings.Contains(sent, "customized") {
				t.Errorf("an undeclared column was sent: %s", sent)
			}
		})
	}
}
