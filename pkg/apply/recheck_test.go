package apply

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// All product rows of records are deleted, and read again 50 records to a request: the
// answer may say so where the portal did not do it.
func TestCaseC5ClearedProductRowsAreReadAgain(t *testing.T) {
	for name, tc := range map[string]struct {
		ignored int32 // how many calls the portal answers and does not carry out
		want    map[Status]int
		most    int
	}{
		"carried out":         {0, map[Status]int{Succeeded: 60}, 60 + 2 + 2},
		"not the first time":  {60, map[Status]int{Succeeded: 60}, 2*60 + 4 + 2},
		"a few never":         {1 << 20, map[Status]int{Partial: 60}, 2*60 + 4 + 2},
		"one not, first time": {1, map[Status]int{Succeeded: 60}, 60 + 1 + 3 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			manifests := textDeals(60, func(int) string { return "additionalInfo: A" })
			rows := func(list string) string {
				return strings.ReplaceAll(manifests, "additionalInfo: A}", "additionalInfo: A}, products: "+list)
			}
			if report := b.apply(rows("[{name: Bolt, price: 3, quantity: 2}, {name: Nut, price: 1}]"), Config{}); report.ExitCode != ExitDone {
				t.Fatal(failures(report))
			}
			var calls atomic.Int32
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if strings.Contains(body, `"productRows":[]`) && calls.Add(1) <= tc.ignored {
					res := html(http.StatusOK)
					res.Header.Set("Content-Type", "application/json")
					res.Body = io.NopCloser(strings.NewReader(`{"result":{"productRows":[]},"time":{"start":1,"finish":1,"duration":0,"processing":0}}`))
					return res, nil
				}
				return pass(body), nil
			}
			report := b.apply(rows("[]"), Config{})
			if d := cmp.Diff(tc.want, report.Counts); d != "" {
				t.Errorf("%s %v", d, failures(report)[:min(1, len(failures(report)))])
			}
			if report.Requests > tc.most {
				t.Errorf("%d requests, want at most %d", report.Requests, tc.most)
			}
			if left := b.planHonestly(rows("[]")).Pending(); left != tc.want[Partial] {
				t.Errorf("the next plan has %d changes, want %d", left, tc.want[Partial])
			}
		})
	}
}
