package apply

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/b24apply/b24apply/internal/ui/words"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
)

const adoptable = `apiVersion: b24apply/v1
kind: Company
metadata: {name: acme}
spec: {match: [[title]], fields: {title: Acme, comments: Ours}}
---
apiVersion: b24apply/v1
kind: Deal
metadata: {name: d}
spec: {fields: {title: D, companyId: {ref: company/acme}}}
`

func (b *bench) call(method string, params bitrix.Params) {
	b.t.Helper()
	tamper := b.tamper
	b.tamper = nil
	defer func() { b.tamper = tamper }()
	if _, err := b.client.Call(b.t.Context(), method, params); err != nil {
		b.t.Fatal(err)
	}
}

// Between plan and apply somebody else may claim a record, or delete it: it is left
// alone, and what depends on it waits.
func TestARecordThatWasClaimedSinceThePlanIsLeftAlone(t *testing.T) {
	for _, tc := range []struct {
		name, method string
		fields       map[string]any
		status       Status
		says         string
	}{
		{"by another project", "crm.item.update", map[string]any{"originatorId": "b24apply:shop", "originId": "theirs"}, Conflict, `"shop"`},
		{"by another system", "crm.item.update", map[string]any{"originId": "77"}, Conflict, `"77"`},
		{"deleted", "crm.item.delete", nil, Conflict, "deleted"},
		{"changed otherwise", "crm.item.update", map[string]any{"comments": "Theirs"}, Succeeded, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t)
			b.call("crm.item.add", bitrix.Params{"entityTypeId": 4, "fields": map[string]any{"title": "Acme"}})
			planned := b.plan(b.load(adoptable))
			if changesIn(planned)[0].Action != plan.Adopt {
				t.Fatalf("the plan would %s the company", changesIn(planned)[0].Action)
			}
			b.call(tc.method, bitrix.Params{"entityTypeId": 4, "id": 1, "fields": tc.fields})
			writes := b.portal.Stats().Writes
			report := Run(t.Context(), planned, Config{Client: b.client})
			company, deal := report.Items.List()[0], report.Items.List()[1]
			if company.Status != tc.status || !strings.Contains(words.Text(company.Error), tc.says) {
				t.Errorf("the company is %s: %s", company.Status, company.Error)
			}
			wrote := b.portal.Stats().Writes - writes
			if tc.status == Conflict && (deal.Status != Blocked || wrote != 0) || tc.status == Succeeded && wrote != 2 {
				t.Errorf("the deal is %s; %d writes", deal.Status, wrote)
			}
		})
	}
}

// An adoption whose answer was lost is sent again: the mark that it then finds is
// its own.
func TestALostAdoptionIsRepeated(t *testing.T) {
	b := newBench(t)
	b.call("crm.item.add", bitrix.Params{"entityTypeId": 4, "fields": map[string]any{"title": "Acme"}})
	var lost onceFlag
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		response := pass(body)
		if isWrite(body) && lost.first() {
			return html(502), nil
		}
		return response, nil
	}
	report := b.apply(adoptable, Config{})
	if report.ExitCode != ExitDone || b.records(4) != 1 {
		t.Errorf("exit code %d, %d companies: %+v", report.ExitCode, b.records(4), report.Items.List())
	}
	if plan := b.planHonestly(adoptable); plan.Pending() != 0 {
		t.Errorf("a second plan would change %+v", plan.Pending())
	}
}

const oneQuote = `apiVersion: b24apply/v1
kind: Quote
metadata: {name: q}
spec: {fields: {title: Offer}}
`

// A user field whose creation lost its answer is looked for before it is created
// again, and the records that wait for it use it in the same run.
func TestALostKeyFieldIsFoundAgain(t *testing.T) {
	for name, executed := range map[string]bool{"executed": true, "not executed": false} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var lost onceFlag
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, `"userTypeId"`) && lost.first() {
					if executed {
						pass(body)
					}
					return html(504), nil
				}
				return pass(body), nil
			}
			report := b.apply(oneQuote, Config{Settle: 50 * time.Millisecond})
			if report.ExitCode != ExitDone {
				t.Fatalf("%+v", report.Items.List())
			}
			if n := b.records(7); n != 1 {
				t.Errorf("%d quotes", n)
			}
			if plan := b.planHonestly(oneQuote); plan.Pending() != 0 || plan.Size() != 1 {
				t.Errorf("a second plan would change %+v", plan.Changes)
			}
		})
	}
}

// Where the user field cannot be created, its quotes wait and everything else goes
// on.
func TestAMissingRightForFieldsConcernsTheirRecordsOnly(t *testing.T) {
	b := newBench(t)
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, `"userTypeId"`) {
			const refusal = `{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token"}`
			return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(refusal))}, nil
		}
		return pass(body), nil
	}
	report := b.apply(oneQuote+"---\n"+companies(2), Config{})
	got := make(map[Status]int)
	for _, o := range report.Items.List() {
		got[o.Status]++
		if o.Status == Failed && !strings.Contains(words.Text(o.Hint), "userfieldconfig") {
			t.Errorf("the hint does not name the right: %s", o.Hint)
		}
	}
	if got[Failed] != 1 || got[Blocked] != 1 || got[Succeeded] != 2 {
		t.Errorf("%v", got)
	}
}
