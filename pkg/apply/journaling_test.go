package apply

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24apply/b24apply/internal/safefile"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/memory"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/portal"
)

// A disk is the file of a journal: what was written to it, and how much of that is safe.
type disk struct {
	mu      sync.Mutex
	text    []byte
	safe    int
	syncs   int
	full    int // writes after which it takes nothing more; 0 means never
	written int
}

var errFull = errors.New("no space left on device")

func (d *disk) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.written++; d.full > 0 && d.written > d.full {
		return 0, errFull
	}
	d.text = append(d.text, b...)
	return len(b), nil
}

func (d *disk) Sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.safe, d.syncs = len(d.text), d.syncs+1
	return nil
}

func (*disk) Close() error { return nil }

// begin opens a journal on it.
func (d *disk) begin(t testing.TB) *journal.Writer {
	t.Helper()
	w := journal.NewWriter(d, 0)
	if err := w.Append(true, journal.Record{Kind: journal.Open, Header: &journal.Header{Format: journal.Format, Run: "dead"}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// state reads what would be left after a death of the machine.
func (d *disk) state(t testing.TB) *journal.State {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := journal.ReadState(bytes.NewReader(d.text[:d.safe]))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func writesAnything(body string) bool {
	return strings.Contains(body, ".add") || strings.Contains(body, ".update") || strings.Contains(body, ".delete")
}

// What goes out is on disk before it goes, and what came back is not there before it came.
func TestEveryWriteIsOnDiskBeforeItGoesOut(t *testing.T) {
	b := newBench(t)
	d := &disk{}
	w := d.begin(t)
	var mu sync.Mutex
	writes := 0
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if writesAnything(body) {
			mu.Lock()
			defer mu.Unlock()
			s := d.state(t)
			flying := 0
			for _, n := range s.InFlight() {
				flying = max(flying, s.Nodes[n].Flights[0].Request)
			}
			if writes++; s.Requests < writes || flying == 0 {
				t.Errorf("request %d goes out, and the disk knows of %d, %d in flight", writes, s.Requests, len(s.InFlight()))
			}
		}
		return pass(body), nil
	}
	report := b.apply(companies(120)+deals(60), Config{Journal: w, Concurrency: 1})
	if report.ExitCode != ExitDone || writes < 4 {
		t.Fatalf("exit code %d after %d writes: %v", report.ExitCode, writes, report.Counts)
	}
	s := d.state(t)
	if s.End != journal.EndWhole || len(s.InFlight()) > 0 || len(s.Unended()) > 0 || s.Requests != writes {
		t.Errorf("at the end %q, %d in flight, %d without an outcome, %d requests of %d", s.End, len(s.InFlight()), len(s.Unended()), s.Requests, writes)
	}
}

// The bound of the journal: two syncs a request and 600 bytes an update.
func TestTheJournalIsSmall(t *testing.T) {
	b := newBench(t)
	if r := b.apply(companies(500), Config{}); r.ExitCode != ExitDone {
		t.Fatal(r.Counts)
	}
	d := &disk{}
	w := d.begin(t)
	report := b.apply(strings.ReplaceAll(companies(500), "title: ", "title: New "), Config{Journal: w})
	if err := w.Close(); err != nil || report.Counts[Succeeded] != 500 {
		t.Fatal(err, report.Counts)
	}
	requests := d.state(t).Requests
	if most := 2*requests + 3; d.syncs > most || len(d.text) > 500*600 { // its header, its end and what was left to write
		t.Errorf("%d syncs for %d requests, %d bytes for 500 updates", d.syncs, requests, len(d.text))
	}
	t.Logf("%d syncs for %d requests, %d bytes an update", d.syncs, requests, len(d.text)/500)
}

// A full disk ends the run before its next request, and the report says the truth.
func TestNothingIsSentThatTheDiskDoesNotTake(t *testing.T) {
	for full := 1; full <= 6; full++ {
		b := newBench(t)
		d := &disk{full: full}
		sent := 0
		w := d.begin(t)
		b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
			if writesAnything(body) {
				sent++
			}
			return pass(body), nil
		}
		report := b.apply(companies(3)+deals(3), Config{Journal: w, Concurrency: 1})
		s := d.state(t)
		checkComplete(t, report, 6)
		want := ExitError
		switch {
		case report.Counts[NotAttempted]+report.Counts[Blocked] == 0:
			want = ExitDone
		case sent > 0:
			want = ExitItems
		}
		if sent > s.Requests || report.Counts[Succeeded] != b.records(4)+b.records(2) || report.ExitCode != want {
			t.Errorf("full after %d writes: %d sent, the journal knows %d; %v, %d records, exit code %d, want %d", full, sent, s.Requests, report.Counts, b.records(4)+b.records(2), report.ExitCode, want)
		}
		if full == 1 && (sent > 0 || report.Counts[NotAttempted]+report.Counts[Blocked] != 6) {
			t.Errorf("%d requests without an intent", sent)
		}
	}
}

// A mortal writes a journal until its run dies, at a record of a number.
type mortal struct {
	*journal.Writer
	mu   sync.Mutex
	left int
	dead bool
	die  func()
}

var errDead = errors.New("the process is dead")

func (m *mortal) Append(sync bool, records ...journal.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errDead
	}
	m.left -= len(records)
	m.dead = m.left <= 0
	err := m.Writer.Append(true, records...)
	if m.dead && records[len(records)-1].Kind != journal.Sent {
		m.die() // else the request is just going out
	}
	return err
}

func (m *mortal) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

// customersAndDeals are records that depend on each other, with rows of two sorts.
func customersAndDeals() (manifests string, companies, deals int) {
	return customers(2, "Berlin") + "---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: late}\nspec:\n  fields: {title: Late}\n  products: [{name: Work, price: \"5\", quantity: 2}]\n", 2, 1
}

// Wherever a run dies, and whenever the portal executes what was on its way: the next one
// waits for that, and leaves everything there once.
func TestADeathAtAnyRecordLeavesNothingDouble(t *testing.T) {
	for _, late := range []time.Duration{0, 20 * time.Second} { // 0: what was on its way is lost
		t.Run(fmt.Sprint("late by ", late), func(t *testing.T) {
			for at := 1; ; at++ {
				ended := false
				synctest.Test(t, func(t *testing.T) { ended = dieAt(t, at, late) })
				if ended || t.Failed() {
					break
				}
			}
		})
	}
}

// dieAt lets a run die at a record, and the next one begin at once. It tells whether the
// run came to its end before.
func dieAt(t *testing.T, at int, late time.Duration) (ended bool) {
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
	start := time.Now()
	s := d.state(t)
	if _, err := Settle(context.Background(), planned, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)}); err != nil {
		t.Fatalf("died at record %d: %v", at, err)
	}
	if took := time.Since(start); took > defaultSettle+time.Second || d.state(t).End != journal.EndSettled || len(d.state(t).InFlight()) > 0 {
		t.Errorf("died at record %d: settled after %s, the end is %q", at, took, d.state(t).End)
	}
	report := Run(context.Background(), b.planHonestly(manifests), Config{Client: b.client})
	time.Sleep(5 * time.Minute) // nothing is left that could come
	if got := [2]int{b.records(4), b.records(2)}; got != [2]int{companies, deals} || b.belongings() != [3]int{2, 2, 4} || report.ExitCode != ExitDone {
		t.Errorf("died at record %d: %v records, %v, exit code %d: %v", at, got, b.belongings(), report.ExitCode, failures(report))
	}
	if left := pendingIn(b.planHonestly(manifests)); len(left) > 0 {
		t.Errorf("died at record %d: then the plan would %s %s", at, left[0].Action, left[0].Address)
	}
	return false
}

// A run that dies between a create whose mark the portal dropped and the update that would
// write it: the next run writes it.
func TestAMarkThatADeadRunDidNotWriteIsMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newLimitedBench(t, portal.Limits{})
		b.proveCompanies()
		b.faults(`[{"kind": "lose-mark", "method": "*.add"}]`)
		manifests := companies(5)
		planned := b.planHonestly(manifests)
		ctx, die := context.WithCancel(context.Background())
		defer die()
		d := &disk{}
		m := &mortal{Writer: d.begin(t), left: 3, die: die} // intent, sent, result
		Run(ctx, planned, Config{Client: b.client, Journal: m, Concurrency: 1})
		if got := b.records(4); got != 5 {
			t.Fatalf("%d records after the death", got)
		}
		b.behave()
		s := d.state(t)
		a, err := Settle(context.Background(), planned, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)})
		if err != nil || a.Mended != 4 {
			t.Fatalf("%+v, error %v", a, err)
		}
		if left := pendingIn(b.planHonestly(manifests)); len(left) > 0 {
			t.Errorf("then the plan would %s %s", left[0].Action, left[0].Address)
		}
	})
}

// What a dead run was seen to hold is known to the next one by its digests.
func TestDigestsOfADeadRunAreReplayed(t *testing.T) {
	folder := t.TempDir()
	dir := func(create bool) (*os.Root, error) { return safefile.State(folder, create) }
	traces := []plan.Trace{{EntityTypeID: 4, ID: "7", Field: "title", Value: "A"}}
	dead := plan.NewApplied()
	news := dead.News("x.example", traces)
	if again := dead.News("x.example", traces); len(news) != 1 || len(again) != 0 {
		t.Fatalf("news %v, then %v", news, again)
	}
	if err := memory.Replay(dir, "x.example", dead.Salt(), news); err != nil {
		t.Fatal(err)
	}
	got, err := memory.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if digest, known := got.Find("x.example", traces[0]); !known || digest != got.Digest("x.example", traces[0]) {
		t.Errorf("digest %q, known %t", digest, known)
	}
	if err := memory.Replay(dir, "x.example", []byte("another"), []plan.Digest{{EntityTypeID: 4, ID: 8, Field: "title", Digest: "d"}}); err != nil {
		t.Fatal(err)
	}
	if got, _ = memory.Load(dir); got.IDs()[kind.RecordID{EntityTypeID: 4, ID: 8}] {
		t.Error("a digest with another salt was taken")
	}
}

// A deletion leaves in the journal what it takes from the portal: the record with its links,
// rows, requisites, bank details and addresses.
func TestWhatIsDeletedIsKeptWhole(t *testing.T) {
	b := newBench(t)
	manifests, _, _ := customersAndDeals()
	if r := b.apply(manifests, Config{}); r.ExitCode != ExitDone {
		t.Fatal(r.Counts)
	}
	d := &disk{}
	w := d.begin(t)
	p := b.prune("---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: other}\nspec: {fields: {title: Other}}\n---\napiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: other}\nspec: {fields: {title: Other}}\n")
	if r := Run(t.Context(), p, Config{Client: b.client, Journal: w}); r.ExitCode != ExitDone || b.records(2) != 1 {
		t.Fatal(r.Counts, failures(r))
	}
	images := 0
	for n, text := range d.state(t).Images {
		images++
		e := p.Changes.Entry(n.Item)
		wants := []string{`"record":{"item":{`, `"id":` + e.ID, `"title":`}
		if e.Kind == "Deal" {
			wants = append(wants, `"products":[{`, `"productName":"Work"`)
		} else {
			wants = append(wants, `"requisites":[{`, `"bankDetails":[{`, `"addresses":[{`, `Berlin`)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: the image lacks %s: %s", e.Address, want, text)
			}
		}
	}
	if images != 3 {
		t.Errorf("%d images of 3 deletions", images)
	}
}

// A run that dies while it takes a record back, whose mark the portal drops: who settles it
// knows what was taken back, and so does the next one as long as no report has named it.
func TestWhatADeadRunHasTakenBackIsKnownUntilItIsTold(t *testing.T) {
	for at := 1; ; at++ {
		ended := false
		synctest.Test(t, func(t *testing.T) { ended = dieTakingBack(t, at) })
		if ended || t.Failed() {
			if at < 8 {
				t.Errorf("it came to its end at record %d", at)
			}
			break
		}
	}
}

func dieTakingBack(t *testing.T, at int) (ended bool) {
	b := newLimitedBench(t, portal.Limits{})
	b.proveCompanies()
	b.faults(`[{"kind": "lose-field", "method": "crm.item.*", "field": "originId"}]`)
	planned := b.planHonestly(companies(2))
	ctx, die := context.WithCancel(context.Background())
	defer die()
	d := &disk{}
	m := &mortal{Writer: d.begin(t), left: at, die: die}
	removed := 0
	b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
		if m.isDead() {
			if writesAnything(body) {
				pass(body) // it is executed, and nobody hears of it
			}
			die()
			return nil, errCut
		}
		return pass(body), nil
	}
	Run(ctx, planned, Config{Client: b.client, Journal: m, Concurrency: 1})
	b.tamper = nil
	if !m.isDead() {
		return true
	}
	removed = b.portal.Stats().Commands["crm.item.delete"]
	for again := range 2 { // who settles it first is killed before its report
		s := d.state(t)
		if _, err := Settle(context.Background(), planned, s, Config{Client: b.client, Journal: journal.NewWriter(d, s.Extent.Records)}); err != nil {
			t.Fatalf("died at record %d: %v", at, err)
		}
		removed = max(removed, b.portal.Stats().Commands["crm.item.delete"])
		told, err := Untold(planned, d.state(t))
		if err != nil || len(told) != removed || removed > 1 || removed == 1 && (told[0].Resource != "company/c001" || told[0].ID == "") {
			t.Fatalf("died at record %d: %d records were deleted again; after %d settlings it is known of %+v, error %v", at, removed, again+1, told, err)
		}
	}
	return false
}
