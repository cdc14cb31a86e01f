package apply

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// goOn settles what a journal leaves open, and goes on with its run.
func (b *bench) goOn(p *plan.Plan, d *disk) *Report {
	b.t.Helper()
	s := d.state(b.t)
	if s.End == "" && s.Extent.Records > 0 {
		if _, err := Settle(context.Background(), p, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)}); err != nil {
			b.t.Fatal(err)
		}
	}
	chain := &resume.Chain{}
	chain.Add("dead", d.state(b.t))
	next := &disk{}
	return Run(context.Background(), p, Config{Client: b.client, Journal: next.begin(b.t), Older: true, Resume: &Resumed{Runs: chain}})
}

// Wherever a run dies, and whenever the portal executes what was on its way: the one that goes
// on from it makes what is left, and each item is told once.
func TestADeathAtAnyRecordIsGoneOnFrom(t *testing.T) {
	for _, late := range []time.Duration{0, 20 * time.Second} { // 0: what was on its way is lost
		t.Run(fmt.Sprint("late by ", late), func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				ended := false
				synctest.Test(t, func(t *testing.T) { ended = dieAndGoOn(t, at, late) })
				if ended || t.Failed() {
					break
				}
			}
		})
	}
}

// dieAndGoOn lets a run die at a record, and another one go on from it.
func dieAndGoOn(t *testing.T, at int, late time.Duration) (ended bool) {
	b := newLimitedBench(t, portal.Limits{})
	manifests, companies, deals := customersAndDeals()
	planned := b.planHonestly(manifests)
	ctx, die := context.WithCancel(context.Background())
	defer die()
	d := &disk{}
	m := &mortal{Writer: d.begin(t), left: at, die: die}
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if !m.isDead() {
			return pass(body), nil
		}
		if writesAnything(body) && late > 0 {
			time.AfterFunc(late, func() { pass(body) })
		}
		die()
		return nil, errCut
	}
	Run(ctx, planned, Config{Client: b.client, Journal: m, Concurrency: 1})
	b.tamper = nil
	if !m.isDead() {
		return true
	}
	report := b.goOn(planned, d)
	time.Sleep(5 * time.Minute) // nothing is left that could come
	checkComplete(t, report, companies+deals)
	if got := [2]int{b.records(4), b.records(2)}; got != [2]int{companies, deals} || b.belongings() != [3]int{2, 2, 4} || report.ExitCode != ExitDone {
		t.Errorf("died at record %d: %v records, %v, exit code %d: %v", at, got, b.belongings(), report.ExitCode, failures(report))
	}
	if left := pendingIn(b.planHonestly(manifests)); len(left) > 0 {
		t.Errorf("died at record %d: then the plan would %s %s", at, left[0].Action, left[0].Address)
	}
	for i, o := range report.Items.List() {
		k := d.state(t).Nodes[journal.Node{Item: i}]
		if done := k != nil && k.Saved; done != (o.Run == "dead") || o.Resource != planned.Changes.Entry(i).Address {
			t.Errorf("died at record %d: %s by run %q, and that has saved it: %t", at, o.Resource, o.Run, done)
		}
	}
	return false
}

// A journal that is cut anywhere, be it far before what was done: going on from it makes
// nothing twice, since what would be created is looked for by its mark.
func TestAJournalThatIsCutAnywhereMakesNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		manifests, companies, deals := customersAndDeals()
		planned := b.planHonestly(manifests)
		d := &disk{}
		w := d.begin(t)
		if r := Run(context.Background(), planned, Config{Client: b.client, Journal: w, Concurrency: 2}); r.ExitCode != ExitDone {
			t.Fatal(failures(r))
		}
		before := int64(-1)
		for size := range len(d.text) + 1 {
			s, err := journal.ReadState(bytes.NewReader(d.text[:size]))
			if err != nil {
				t.Fatalf("cut at byte %d: %v", size, err)
			}
			if s.Extent.Records == before {
				continue // it is torn, and tells the same
			}
			before = s.Extent.Records
			whole := int(s.Extent.Size)
			report := b.goOn(planned, &disk{text: append([]byte(nil), d.text[:whole]...), safe: whole})
			checkComplete(t, report, companies+deals)
			if got := [2]int{b.records(4), b.records(2)}; got != [2]int{companies, deals} || b.belongings() != [3]int{2, 2, 4} || report.ExitCode != ExitDone {
				t.Fatalf("cut at byte %d, record %d: %v records, %v, exit code %d: %v", size, before, got, b.belongings(), report.ExitCode, failures(report))
			}
		}
	})
}

// What somebody has changed since a run has written it stays, and is a conflict.
func TestWhatWasChangedSinceItWasWrittenStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		b.proveCompanies()
		planned := b.planHonestly(companies(3))
		ctx, die := context.WithCancel(context.Background())
		defer die()
		d := &disk{}
		m := &mortal{Writer: d.begin(t), left: 3, die: die} // intent, sent, result
		Run(ctx, planned, Config{Client: b.client, Journal: m, Concurrency: 1})
		s := d.state(t)
		if len(s.Unended()) == 0 {
			t.Fatal("nothing was written and not compared")
		}
		time.Sleep(10 * time.Minute)
		id := s.Nodes[s.Unended()[0]].ID
		if _, err := b.client.Call(context.Background(), "crm.item.update", map[string]any{"entityTypeId": 4, "id": id, "fields": map[string]any{"title": "By hand"}}); err != nil {
			t.Fatal(err)
		}
		report := b.goOn(planned, d)
		if report.Counts[Conflict] != 1 || report.ExitCode != ExitItems || !strings.Contains(strings.Join(failures(report), ""), "CHANGED_SINCE_PLAN") {
			t.Errorf("%v, exit code %d: %v", report.Counts, report.ExitCode, failures(report))
		}
		response, err := b.client.Call(context.Background(), "crm.item.get", map[string]any{"entityTypeId": 4, "id": id})
		if err != nil || !strings.Contains(string(response.Result), "By hand") {
			t.Errorf("%s, %v", response.Result, err)
		}
	})
}
