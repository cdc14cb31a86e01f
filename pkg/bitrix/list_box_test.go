package bitrix_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// deals is the list of all deals.
func deals() bitrix.List {
	return bitrix.List{Method: "crm.item.list", Items: "items", Params: bitrix.Params{"entityTypeId": 2, "select": []string{"title"}}}
}

// importDeals creates n deals, deal-0 and so on, and returns their ids.
func importDeals(t testing.TB, b *box, n int) []int {
	t.Helper()
	c := b.client(t)
	for first := 0; first < n; first += 1000 {
		var commands []bitrix.Command
		for at := first; at < min(n, first+1000); at += 20 {
			var data []any
			for i := at; i < min(n, at+20); i++ {
				data = append(data, map[string]any{"title": fmt.Sprintf("deal-%d", i), "originatorId": "test", "originId": fmt.Sprintf("k-%d", i)})
			}
			commands = append(commands, bitrix.Command{Method: "crm.item.batchImport", Params: bitrix.Params{"entityTypeId": 2, "data": data}})
		}
		outcomes, err := c.Batch(t.Context(), commands)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
		}
	}
	var ids []int
	for id := range n {
		ids = append(ids, id+1)
	}
	return ids
}

// drop deletes deals, so that the ids have holes, and returns the ids that are left.
func drop(t testing.TB, b *box, ids []int, gone func(id int) bool) []int {
	t.Helper()
	c := b.client(t)
	var doomed []int
	for _, id := range ids {
		if gone(id) {
			doomed = append(doomed, id)
		}
	}
	for part := range slices.Chunk(doomed, bitrix.MaxBatch) {
		var commands []bitrix.Command
		for _, id := range part {
			commands = append(commands, bitrix.Command{Method: "crm.item.delete", Params: bitrix.Params{"entityTypeId": 2, "id": id}})
		}
		if _, err := c.Batch(t.Context(), commands); err != nil {
			t.Fatal(err)
		}
	}
	b.forget()
	return slices.DeleteFunc(slices.Clone(ids), gone)
}

// collect reads rows to their end.
func collect(t testing.TB, rows iter.Seq2[json.RawMessage, error]) (ids []int, err error) {
	t.Helper()
	for row, err := range rows {
		if err != nil {
			return ids, err
		}
		var r struct {
			ID json.Number `json:"id"`
		}
		decode(t, row, &r)
		id, err := r.ID.Int64()
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, int(id))
	}
	return ids, nil
}

// found gives the rows of blocks as they came.
func found(blocks iter.Seq2[bitrix.Block, error]) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		for b, err := range blocks {
			if err != nil {
				yield(nil, err)
				return
			}
			for _, row := range b.Rows {
				if !yield(row.Raw(), nil) {
					return
				}
			}
		}
	}
}

func mustCollect(t testing.TB, rows iter.Seq2[json.RawMessage, error]) []int {
	t.Helper()
	ids, err := collect(t, rows)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// 1,300 ids with holes of every size, one of them of 400.
func TestScanTakesFiftyPagesARequestWhateverTheGaps(t *testing.T) {
	b := newBox(t, portal.Config{})
	want := drop(t, b, importDeals(t, b, 1300), func(id int) bool { return id%7 == 0 || id > 500 && id < 900 })
	got := mustCollect(t, b.client(t).Scan(t.Context(), deals()))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// The first page, the rest in one batch, and the look for the end.
	if sent := b.forget(); len(sent) != 3 {
		t.Errorf("%d requests for %d rows", len(sent), len(want))
	}
}

func TestScanReadsOlderMethods(t *testing.T) {
	b := newBox(t, portal.Config{})
	want := importDeals(t, b, 260)
	list := bitrix.List{Method: "crm.deal.list", ID: "ID", Params: bitrix.Params{"select": []string{"TITLE"}, "filter": map[string]any{"ORIGINATOR_ID": "test"}}}
	b.forget()
	if diff := cmp.Diff(want, mustCollect(t, b.client(t).Scan(t.Context(), list))); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if sent := b.forget(); len(sent) != 3 {
		t.Errorf("%d requests", len(sent))
	}
}

// crm.deal.list drops what it does not know from a filter, and answers with all
// deals.
func TestIgnoredFilterIsAnErrorAndGivesNoRow(t *testing.T) {
	b := newBox(t, portal.Config{})
	importDeals(t, b, 60)
	for name, filter := range map[string]map[string]any{
		"unknown field":               {"=TITEL": "deal-1"},
		"wrong spelling in a look-up": {"@ORIGINID_": []any{"k-1"}},
	} {
		list := bitrix.List{Method: "crm.deal.list", ID: "ID", Params: bitrix.Params{"select": []string{"TITLE"}, "filter": filter}}
		rows, err := collect(t, b.client(t).Scan(t.Context(), list))
		if err == nil || len(rows) > 0 || !strings.Contains(err.Error(), "may have ignored the filter") {
			t.Errorf("%s: %d rows, error %v", name, len(rows), err)
		}
		if _, err := b.client(t).Lists(t.Context(), []bitrix.List{list}); err == nil {
			t.Errorf("%s: Lists took it", name)
		}
	}
}

// A meddler does something on the portal before each request.
type meddler struct {
	http.RoundTripper
	before func(n int)
	n      int
}

func (m *meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	m.n++
	m.before(m.n)
	return m.RoundTripper.RoundTrip(req)
}

// The list grows before every request, also while its end is looked for.
func TestScanOfAGrowingListEndsAndHasAllThatWasThere(t *testing.T) {
	b := newBox(t, portal.Config{})
	want := importDeals(t, b, 330)
	m := &meddler{b, func(int) { addDealAs(t, b, "grown") }, 0}
	c := b.client(t, func(cfg *bitrix.Config) { cfg.Transport = m })
	got := mustCollect(t, c.Scan(t.Context(), deals()))
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("ids do not rise: %v", got)
	}
	if len(got) < len(want) || cmp.Diff(want, got[:len(want)]) != "" {
		t.Errorf("%d rows, want the %d that were there first", len(got), len(want))
	}
	if m.n > 6 {
		t.Errorf("%d requests", m.n)
	}
}

// Rows vanish before every request, among them the last one of the page before.
func TestScanOfAShrinkingListSkipsNothingThatStays(t *testing.T) {
	b := newBox(t, portal.Config{})
	all := importDeals(t, b, 700)
	stays := func(id int) bool { return id%10 != 0 }
	m := &meddler{b, func(n int) {
		drop(t, b, all[:], func(id int) bool { return !stays(id) && id <= n*300 })
	}, 0}
	c := b.client(t, func(cfg *bitrix.Config) { cfg.Transport = m })
	got := mustCollect(t, c.Scan(t.Context(), deals()))
	want := slices.DeleteFunc(slices.Clone(all), func(id int) bool { return !stays(id) })
	if diff := cmp.Diff(want, slices.DeleteFunc(got, func(id int) bool { return !stays(id) })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Every fault that passes is ridden out, at every third request or command.
func TestScanAndLookUpReadEveryRowOnceThroughEveryFault(t *testing.T) {
	for _, fault := range faultRows {
		if strings.Contains(fault, "expired") || strings.Contains(fault, "ACCESS_DENIED") {
			continue // refused for good
		}
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, err := openBox(t.Context(), portal.Config{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = b.Close() }()
				want := importDeals(t, b, 170)
				b.faults(t, fault+",every=3")
				got := mustCollect(t, b.client(t).Scan(t.Context(), deals()))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("Scan -want +got:\n%s", diff)
				}
				got = mustCollect(t, found(b.client(t).LookUp(t.Context(), deals(), "originId", keys(170))))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("LookUp -want +got:\n%s", diff)
				}
				time.Sleep(time.Hour) // lets what was given up end
			})
		})
	}
}

// At 2 s a page, 50 pages would take the portal longer than the 60 s after which
// it gives up.
func TestSlowPortalGetsShorterChains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := openBox(t.Context(), portal.Config{
			Limits: portal.Limits{Request: time.Minute},
			Costs:  []portal.Cost{{Method: "crm.item.list", Time: 2 * time.Second}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		want := importDeals(t, b, 1200)
		b.forget()
		if diff := cmp.Diff(want, mustCollect(t, b.client(t).Scan(t.Context(), deals()))); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if refused := b.Stats().Refused; len(refused) > 0 {
			t.Errorf("the portal refused %v", refused)
		}
		for _, x := range b.forget() {
			if took := x.end.Sub(x.start); took > 25*time.Second {
				t.Errorf("a request took the portal %s", took)
			}
		}
	})
}

// Readers that stop, and contexts that end, leave no goroutine behind: synctest
// would not return.
func TestReadersMayStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := openBox(t.Context(), portal.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		importDeals(t, b, 300)
		for _, stop := range []int{0, 30, 49, 50, 51, 120, 230, 299} {
			for _, rows := range []iter.Seq2[json.RawMessage, error]{
				b.client(t).Scan(t.Context(), deals()), found(b.client(t).LookUp(t.Context(), deals(), "originId", keys(300))),
			} {
				n := 0
				for _, err := range rows {
					if err != nil {
						t.Fatal(err)
					}
					if n++; n > stop {
						break
					}
				}
			}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		n := 0
		for _, err := range b.client(t).Scan(ctx, deals()) {
			if n++; n == 60 {
				cancel(errHungUp)
			}
			if err != nil && !strings.Contains(err.Error(), errHungUp.Error()) {
				t.Errorf("got %v, want the cause of the context's end", err)
			}
		}
	})
}

func TestListThatFailsStopsNoOtherOfListEach(t *testing.T) {
	b := newBox(t, portal.Config{})
	want := importDeals(t, b, 70)
	wrong := deals()
	wrong.Params["filter"] = map[string]any{"=noSuchField": "x"}
	odd := deals()
	odd.Params["filter"] = "x"
	got := b.client(t).ListEach(t.Context(), []bitrix.List{wrong, deals(), odd})
	if got[0].Err == nil || got[2].Err == nil || got[1].Err != nil || len(got[1].Rows) != len(want) {
		t.Errorf("got %v, %v with %d rows, %v", got[0].Err, got[1].Err, len(got[1].Rows), got[2].Err)
	}
}

// addDealAs adds a deal with a title and other fields, given as names and values,
// past every fault and count.
func addDealAs(t testing.TB, b *box, title string, fields ...string) int {
	t.Helper()
	set := map[string]any{"title": title}
	for i := 0; i+1 < len(fields); i += 2 {
		set[fields[i]] = fields[i+1]
	}
	res, err := b.client(t).Call(context.WithoutCancel(t.Context()), "crm.item.add", bitrix.Params{"entityTypeId": 2, "fields": set})
	if err != nil {
		t.Error(err)
		return 0
	}
	var added struct{ Item struct{ ID int } }
	decode(t, res.Result, &added)
	return added.Item.ID
}
