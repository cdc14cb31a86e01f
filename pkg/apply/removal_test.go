package apply

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
)

// prune plans the removal of everything that the manifests do not declare.
func (b *bench) prune(manifests string) *plan.Plan {
	b.t.Helper()
	set := b.load(manifests)
	state, err := diff.Fetch(b.t.Context(), live.New(b.client), set)
	if err == nil {
		err = diff.FetchUndeclared(b.t.Context(), live.New(b.client), set, state)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	plan, problems := diff.Compute(set, state)
	if problems.HasErrors() {
		b.t.Fatal(problems)
	}
	return plan
}

// A prune that is interrupted reports every item, and running it again finishes it.
func TestAnInterruptedPruneIsFinishedByTheNext(t *testing.T) {
	b := newBench(t)
	b.apply(companies(180), Config{})
	stop := make(chan struct{})
	var once sync.Once
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if strings.Contains(body, "crm.item.delete") {
			once.Do(func() { close(stop) })
		}
		return pass(body), nil
	}
	plan := b.prune(companies(10))
	report := Run(t.Context(), plan, Config{Client: b.client, Concurrency: 1, Stop: stop})
	if report.ExitCode != ExitInterrupted || report.Counts[Succeeded] != 50 || report.Counts[NotAttempted] != 120 || len(report.Items.List()) != 180 {
		t.Errorf("exit code %d, counts %v of %d", report.ExitCode, report.Counts, len(report.Items.List()))
	}
	b.tamper = nil
	report = Run(t.Context(), b.prune(companies(10)), Config{Client: b.client})
	if report.ExitCode != ExitDone || report.Counts[Succeeded] != 120 || b.records(4) != 10 {
		t.Errorf("exit code %d, counts %v, %d companies", report.ExitCode, report.Counts, b.records(4))
	}
	if again := b.prune(companies(10)); again.Pending() != 0 {
		t.Errorf("the second plan has %d changes", again.Pending())
	}
}

// What changed hands between the plan and the deletion is left alone.
func TestARecordThatWasClaimedSinceThePlanIsNotDeleted(t *testing.T) {
	b := newBench(t)
	b.apply(companies(3), Config{})
	plan := b.prune(companies(1))
	b.call("crm.item.update", bitrix.Params{"entityTypeId": 4, "id": 2, "fields": map[string]any{"originatorId": "b24apply:other"}})
	b.call("crm.item.delete", bitrix.Params{"entityTypeId": 4, "id": 3})
	report := Run(t.Context(), plan, Config{Client: b.client})
	if report.Counts[Conflict] != 1 || report.Counts[Succeeded] != 1 || b.records(4) != 2 {
		t.Errorf("counts %v, %d companies", report.Counts, b.records(4))
	}
}

// Deletions come last, and of two records the one that points at the other goes
// first. What could not be deleted keeps the record that it points at.
func TestDeletionsFollowTheReferencesBackwards(t *testing.T) {
	b := newBench(t)
	contact := "---\napiVersion: b24apply/v1\nkind: Contact\nmetadata: {name: jane}\nspec: {fields: {name: Jane, companyIds: [{ref: company/c000}]}}\n"
	b.apply(companies(4)+deals(3)+contact, Config{})
	kept := strings.NewReplacer("c000", "c003", "d000", "d003").Replace(companies(1) + deals(1) + contact)
	var sent []string
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		sent = append(sent, regexp.MustCompile(`crm\.item\.(?:add|update|delete\?entityTypeId=\d)`).FindAllString(body, -1)...)
		return pass(strings.Replace(body, "crm.item.delete?entityTypeId=2&id=2", "crm.item.delete?entityTypeId=2&id=", 1)), nil
	}
	report := Run(t.Context(), b.prune(kept), Config{Client: b.client, Concurrency: 1})
	want := []string{"crm.item.update", "crm.item.update", "crm.item.add",
		"crm.item.delete?entityTypeId=2", "crm.item.delete?entityTypeId=2", "crm.item.delete?entityTypeId=2",
		"crm.item.delete?entityTypeId=4", "crm.item.delete?entityTypeId=4"}
	if d := cmp.Diff(want, sent); d != "" {
		t.Errorf("sent (-want +got):\n%s", d)
	}
	got := make(map[string]Status)
	for _, o := range report.Items.List() {
		got[string(o.Resource)] = o.Status
	}
	statuses := map[string]Status{"company/c000": Succeeded, "company/c001": Blocked, "company/c002": Succeeded, "company/c003": Succeeded,
		"contact/jane": Succeeded, "deal/d000": Succeeded, "deal/d001": Failed, "deal/d002": Succeeded, "deal/d003": Succeeded}
	if d := cmp.Diff(statuses, got); d != "" {
		t.Errorf("statuses (-want +got):\n%s", d)
	}
}
