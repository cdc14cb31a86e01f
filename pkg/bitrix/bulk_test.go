package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A bench takes the place of a portal: each request takes a moment, and one decides
// what becomes of each call.
type bench struct {
	one    func(p Params) (json.RawMessage, error)
	whole  func() error // of a batch
	moment func() time.Duration

	mu       sync.Mutex
	batches  []int // their sizes
	singles  int
	keys     []string
	inFlight atomic.Int64
	most     int64
}

func (b *bench) spend() {
	n := b.inFlight.Add(1)
	b.mu.Lock()
	b.most = max(b.most, n)
	b.mu.Unlock()
	if b.moment != nil {
		time.Sleep(b.moment())
	}
	b.inFlight.Add(-1)
}

func (b *bench) Do(_ context.Context, r Request) (*Response, error) {
	b.spend()
	b.mu.Lock()
	b.singles++
	b.keys = append(b.keys, r.IdempotencyKey)
	b.mu.Unlock()
	result, err := b.one(r.Params.(Params))
	return &Response{Result: result}, err
}

func (b *bench) Batch(_ context.Context, commands []Command) ([]Outcome, error) {
	b.spend()
	b.mu.Lock()
	b.batches = append(b.batches, len(commands))
	b.mu.Unlock()
	if b.whole != nil {
		if err := b.whole(); err != nil {
			return nil, err
		}
	}
	outcomes := make([]Outcome, len(commands))
	for i, c := range commands {
		outcomes[i].Result, outcomes[i].Err = b.one(c.Params)
	}
	return outcomes, nil
}

func echo(p Params) (json.RawMessage, error) { return fmt.Appendf(nil, "%v", p["n"]), nil }

// numberedItems makes n items; fix changes them.
func numberedItems(n int, fix func(i int, item *Item)) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		for i := range n {
			item := Item{Resource: fmt.Sprint(i), Params: Params{"n": i}}
			if fix != nil {
				fix(i, &item)
			}
			if !yield(item) {
				return
			}
		}
	}
}

func TestItemsAreReportedInTheirOrderWhateverBecomesOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused := &Error{Method: "m", Status: 200, Code: "NO"}
		b := &bench{
			moment: func() time.Duration { return rand.N(time.Second) },
			one: func(p Params) (json.RawMessage, error) {
				if p["n"].(int)%10 == 3 {
					return nil, refused
				}
				return echo(p)
			},
		}
		items := numberedItems(1000, func(i int, item *Item) {
			switch i % 10 {
			case 5:
				item.Err = errors.New("no item")
			case 7:
				item.Params["flag"] = true // no batch carries it
			}
		})
		var got []string
		Bulk{Method: "crm.item.add", Concurrency: 4}.Run(t.Context(), b, items, func(o ItemOutcome) {
			got = append(got, fmt.Sprintf("%s %s %v", o.Resource, o.Result, o.Err))
		})
		var want []string
		for i := range 1000 {
			switch i % 10 {
			case 3:
				want = append(want, fmt.Sprintf("%d  %v", i, refused))
			case 5:
				want = append(want, fmt.Sprintf("%d  no item", i))
			default:
				want = append(want, fmt.Sprintf("%d %d <nil>", i, i))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if b.singles != 100 || b.most != 4 {
			t.Errorf("%d single calls, %d in flight; want 100 and 4", b.singles, b.most)
		}
		if len(b.batches) != 16 { // for 800 items
			t.Errorf("batches of %v commands", b.batches)
		}
	})
}

func TestWhatABatchCannotRunGoesAlone(t *testing.T) {
	for name, tt := range map[string]struct {
		bulk    Bulk
		whole   string // code that every command of a batch gets
		batches int
	}{
		"refused inside a batch": {Bulk{Method: "disk.folder.uploadfile"}, "ERROR_BATCH_METHOD_NOT_ALLOWED", 1},
		"REST 3.0":               {Bulk{Method: "tasks.task.add", V3: true}, "", 0},
		"a batch itself":         {Bulk{Method: "batch"}, "", 0},
	} {
		b := &bench{}
		b.one = func(p Params) (json.RawMessage, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			if tt.whole != "" && b.singles == 0 {
				return nil, &Error{Code: tt.whole}
			}
			return echo(p)
		}
		var got []string
		tt.bulk.Concurrency = 1
		tt.bulk.Run(t.Context(), b, numberedItems(3, func(i int, item *Item) { item.IdempotencyKey = fmt.Sprint("k", i) }), func(o ItemOutcome) {
			got = append(got, fmt.Sprint(string(o.Result), o.Err))
		})
		if diff := cmp.Diff([]string{"0<nil>", "1<nil>", "2<nil>"}, got); diff != "" || b.singles != 3 || len(b.batches) != tt.batches {
			t.Errorf("%s: %d alone, %d batches (-want +got):\n%s", name, b.singles, len(b.batches), diff)
		}
		if diff := cmp.Diff([]string{"k0", "k1", "k2"}, b.keys); diff != "" {
			t.Errorf("%s: keys (-want +got):\n%s", name, diff)
		}
	}
}

// count sorts outcomes by what became of them.
func count(outcomes map[string]int) func(ItemOutcome) {
	return func(o ItemOutcome) {
		switch {
		case errors.Is(o.Err, ErrNotAttempted):
			outcomes["not attempted"]++
		default:
			outcomes[kind(o.Err)]++
		}
	}
}

func TestAnErrorThatEveryCallWouldGetEndsTheRun(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want map[string]int
	}{
		"credential":  {&Error{Status: 401, Code: "NO_AUTH_FOUND"}, map[string]int{"refused": 50, "not attempted": 450}},
		"unreachable": {&Unreachable{Cause: errReset}, map[string]int{"unreachable": 50, "not attempted": 450}},
		"lost answer": {&UnknownOutcome{Cause: errReset}, map[string]int{"unknown": 500}},
		"too fast":    {&Error{Status: 503, Code: "QUERY_LIMIT_EXCEEDED"}, map[string]int{"refused": 500}},
	} {
		b := &bench{one: echo, whole: func() error { return tt.err }}
		got := map[string]int{}
		Bulk{Method: "crm.item.add", Concurrency: 1}.Run(t.Context(), b, numberedItems(500, nil), count(got))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The first interrupt sends nothing more, waits for what is in flight, and reports
// every item.
func TestStopWaitsForWhatIsInFlightAndReportsTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		b := &bench{one: echo, moment: func() time.Duration { return time.Second }}
		go func() {
			time.Sleep(2500 * time.Millisecond)
			close(stop)
		}()
		got := map[string]int{}
		Bulk{Method: "crm.item.add", Concurrency: 2, Stop: stop}.Run(t.Context(), b, numberedItems(5000, nil), count(got))
		if diff := cmp.Diff(map[string]int{"ok": 300, "not attempted": 4700}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// The second interrupt ends at once, even while more items are waited for.
func TestTheEndOfTheContextEndsARunThatWaitsForItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		b := &bench{one: echo}
		never := make(chan struct{})
		items := func(yield func(Item) bool) {
			for item := range numberedItems(70, nil) {
				if !yield(item) {
					return
				}
			}
			<-never
		}
		go func() {
			time.Sleep(time.Minute)
			cancel(errors.New("received interrupt twice"))
		}()
		got := map[string]int{}
		Bulk{Method: "crm.item.add"}.Run(ctx, b, items, count(got))
		if diff := cmp.Diff(map[string]int{"ok": 50, "not attempted": 20}, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		close(never)
	})
}

// Twenty thousand items of 4 kB are never in memory together.
func TestMemoryDoesNotGrowWithTheItems(t *testing.T) {
	const items, size, concurrency = 20000, 4096, 2
	var read, reported atomic.Int64
	b := &bench{one: func(p Params) (json.RawMessage, error) { return json.RawMessage(`"` + p["text"].(string) + `"`), nil }}
	var peak uint64
	most := int64(0)
	source := numberedItems(items, func(i int, item *Item) {
		item.Params["text"] = strings.Repeat("x", size)
		most = max(most, read.Add(1)-reported.Load())
		if i%2000 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	})
	next := 0
	Bulk{Method: "crm.item.add", Concurrency: concurrency}.Run(t.Context(), b, source, func(o ItemOutcome) {
		reported.Add(1)
		if o.Resource != fmt.Sprint(next) || o.Err != nil {
			t.Fatalf("item %d: %s, %v", next, o.Resource, o.Err)
		}
		next++
	})
	if next != items || len(b.batches) != items/MaxBatch {
		t.Errorf("%d items in %d batches", next, len(b.batches))
	}
	if limit := int64(3 * concurrency * MaxBatch); most > limit {
		t.Errorf("%d items were held at once, want at most %d", most, limit)
	}
	if peak > 32<<20 { // all of them would be 80 MB and more
		t.Errorf("the heap grew to %d MB", peak>>20)
	}
}

// Items that go alone or not at all leave a batch waiting to be filled; the run goes
// on all the same.
func TestABatchThatDoesNotFillIsSentBeforeItHoldsUpTheRest(t *testing.T) {
	b := &bench{one: echo}
	got := map[string]int{}
	items := numberedItems(1000, func(i int, item *Item) {
		if i%30 != 0 {
			item.Err = errors.New("no item")
		}
	})
	Bulk{Method: "crm.item.add", Concurrency: 1}.Run(t.Context(), b, items, count(got))
	if diff := cmp.Diff(map[string]int{"ok": 34, "other": 966}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
