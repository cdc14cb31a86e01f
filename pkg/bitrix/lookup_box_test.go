package bitrix_test

import (
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

// keys are those of the first n imported deals.
func keys(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(fmt.Sprintf("k-%d", i)) {
				return
			}
		}
	}
}

// A crowd counts the requests in flight.
type crowd struct {
	http.RoundTripper
	now, most atomic.Int32
}

func (c *crowd) RoundTrip(req *http.Request) (*http.Response, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	return c.RoundTripper.RoundTrip(req)
}

// 5,000 keys, most of them of no record, one of two, and one that a batch cannot
// carry.
func TestLookUpPacksItsKeysAndFindsDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, err := openBox(t.Context(), portal.Config{Costs: []portal.Cost{{Method: "crm.item.list", Time: 10 * time.Millisecond}}})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = b.Close() }()
		want := importDeals(t, b, 300)
		double := addDealAs(t, b, "double", "originId", "k-7")
		odd := addDealAs(t, b, "odd", "originId", "<k>")
		b.forget()
		crowd := &crowd{RoundTripper: b}
		c := b.client(t, func(cfg *bitrix.Config) { cfg.Transport = crowd })
		asked := func(yield func(string) bool) {
			if !yield("<k>") {
				return
			}
			keys(5000)(yield)
		}
		got := mustCollect(t, found(c.LookUp(t.Context(), deals(), "originId", asked)))
		want = slices.Insert(want, 49, double) // with the list that holds its key
		if diff := cmp.Diff(append(want, odd), got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		// The first request tells what a list costs; then they go side by side.
		if most := crowd.most.Load(); most < 2 {
			t.Errorf("%d requests at once", most)
		}
		// ⌈5000/49⌉ lists in 3 batches, one more page behind the double's, and the odd key's call.
		if sent := b.forget(); len(sent) != 5 {
			t.Errorf("%d requests", len(sent))
		}
	})
}

func TestLookUpRefusesWhatWouldMatchTooMuch(t *testing.T) {
	b := newBox(t, portal.Config{})
	importDeals(t, b, 3)
	b.forget()
	taken := deals()
	taken.Params["filter"] = map[string]any{"@originId": []string{"k-1"}}
	for name, tc := range map[string]struct {
		list bitrix.List
		keys []string
		want string
	}{
		"empty key":       {deals(), []string{"k-1", ""}, "a key is empty"},
		"filtered by key": {taken, []string{"k-1"}, `has "@originId" already`},
	} {
		_, err := collect(t, found(b.client(t).LookUp(t.Context(), tc.list, "originId", slices.Values(tc.keys))))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if sent := b.forget(); len(sent) != 0 {
		t.Errorf("sent %v", sent)
	}
}
