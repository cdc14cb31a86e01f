package apply

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/wire"
)

// emptied are companies of which the comment is emptied, and one that is only renamed.
func emptied(n int, comment string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: e%d}\nspec: {fields: {title: E%d, comments: %s}}\n", i, i, comment)
	}
	fmt.Fprintf(&s, "---\napiVersion: b24apply/v1\nkind: Company\nmetadata: {name: other}\nspec: {fields: {title: Was %s}}\n", comment)
	return s.String()
}

// What was saved and not read again when the scheduler met a bug is unknown: it was sent.
func TestCaseB12WhatWasSavedBeforeACrashIsUnknown(t *testing.T) {
	for name, stops := range map[string]bool{"while others go on": false, "after an interrupt": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.apply(emptied(3, "Old"), Config{})
			stop := make(chan struct{})
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				res := pass(body)
				if stops && strings.Contains(body, "crm.item.update") {
					close(stop)
				}
				return res, nil
			}
			report := b.apply(emptied(3, "null"), Config{Stop: stop, Progress: crashAt(1)})
			checkComplete(t, report, 4)
			if report.Counts[NotAttempted] > 0 || report.ExitCode != ExitError {
				t.Errorf("exit code %d, counts %v, and all was sent", report.ExitCode, report.Counts)
			}
		})
	}
}

// A mark that an update has written is not looked for in what was read before it: what
// carries its mark is never deleted again.
func TestCaseB9WhatCannotBeReadAgainIsNotDeleted(t *testing.T) {
	for name, tc := range map[string]struct{ faults, manifests, update, get string }{
		"a company": {`[{"kind": "lose-mark", "method": "crm.item.add", "n": 1}]`, companies(1), "crm.item.update", "crm.item.get"},
		"a deal": {`[{"kind": "lose-mark", "method": "crm.item.add", "n": 1}]`,
			"apiVersion: b24apply/v1\nkind: Deal\nmetadata: {name: d}\nspec: {fields: {title: D}}\n", "crm.item.update", "crm.item.get"},
		"a requisite": {`[{"kind": "lose-field", "method": "crm.requisite.add", "field": "XML_ID", "n": 1}]`, customers(1, "Berlin"), "crm.requisite.update", "crm.requisite.list"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.faults(tc.faults)
			var repaired atomic.Bool
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if repaired.Load() && strings.Contains(body, tc.get) && !strings.Contains(body, tc.update) {
					return html(http.StatusBadGateway), nil
				}
				repaired.Store(repaired.Load() || strings.Contains(body, tc.update))
				return pass(body), nil
			}
			report := b.apply(tc.manifests, Config{Settle: 50 * time.Millisecond})
			checkComplete(t, report, 1)
			if !repaired.Load() {
				t.Fatal("the mark was not written by an update")
			}
			stats := b.portal.Stats().Commands
			if n := stats["crm.item.delete"] + stats["crm.requisite.delete"]; n != 0 {
				t.Errorf("%d deletions; %+v", n, report.Items.List()[0])
			}
		})
	}
}

// What rests when marks turn out not to be kept is not sent either.
func TestCaseB9AKindIsStoppedWhileItsMethodRests(t *testing.T) {
	b := newBench(t)
	r := newRunner(b.planHonestly(companies(3)), Config{Client: b.client, Concurrency: 1})
	for i := range 2 {
		held, err := r.task(i)
		if err != nil {
			t.Fatal(err)
		}
		held.store, _ = wire.ProofStore(held.saves)
		r.rests[[]string{"crm.item.add", "batch"}[i]] = &rest{tasks: []*task{held}, items: []int{2}[:i]}
	}
	r.settleProof(map[string]proofState{r.rests["batch"].tasks[0].store: {broken: errHiddenMark}})
	if len(r.rests) != 0 || !r.done[0] || !r.done[1] || len(r.ready.items) != 1 {
		t.Errorf("%d methods rest, done %v, ready %v", len(r.rests), r.done, r.ready.items)
	}
}

// A look-up of marks that fails for a passing reason is made again: what another run has
// made meanwhile is named.
func TestCaseB1ALookUpThatFailsIsMadeAgain(t *testing.T) {
	away := func() (*http.Response, error) { return html(http.StatusBadGateway), nil }
	for name, tc := range map[string]struct {
		manifests string
		fail      func() (*http.Response, error)
		times     int32
	}{
		"a bad gateway":            {companies(3), away, 5},
		"a cut connection":         {companies(3), func() (*http.Response, error) { return nil, errCut }, 4},
		"a limit":                  {companies(3), func() (*http.Response, error) { return busyAnswer(), nil }, 3},
		"what others wait for too": {companies(3) + deals(3), away, 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t)
			b.proveCompanies()
			other := b.rival()
			plan, theirs := b.planHonestly(tc.manifests), other.planHonestly(companies(3))
			if report := Run(t.Context(), theirs, Config{Client: other.client}); report.ExitCode != ExitDone {
				t.Fatal(report.Items.List())
			}
			var added atomic.Bool
			var failed atomic.Int32
			b.tamper = func(body string, pass func(string) *http.Response) (*http.Response, error) {
				if added.Load() && strings.Contains(body, "crm.item.list") && failed.Add(1) <= tc.times {
					return tc.fail()
				}
				added.Store(added.Load() || strings.Contains(body, "crm.item.add"))
				return pass(body), nil
			}
			report := Run(t.Context(), plan, Config{Client: b.client, Settle: 30 * time.Second})
			checkComplete(t, report, plan.Size())
			if d := cmp.Diff([]string{"company/c001", "company/c002"}, named(report)); d != "" || report.ExitCode != ExitRival {
				t.Errorf("exit code %d; double (-want +got):\n%s", report.ExitCode, d)
			}
		})
	}
}

func html(status int) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("<html>Bad Gateway</html>"))}
}

// busyAnswer is that of a portal that gets too many requests.
func busyAnswer() *http.Response {
	res := html(http.StatusServiceUnavailable)
	res.Body = http.NoBody
	return res
}

// The first of a class of text is not sent for a while, or not at all: others of the
// class, by other methods, do not wait for it.
func TestCaseC19AFirstRecordThatRestsHoldsNobodyUp(t *testing.T) {
	for name, leave := range map[string]func(*runner, *task){
		"its method has no time left": func(r *runner, t *task) {
			r.park([]parkedTask{{task: t, rest: &bitrix.Parked{Method: "crm.item.add", Until: time.Now().Add(time.Hour)}}})
		},
		"another of its method found that": func(r *runner, t *task) {
			r.enqueue(t)
			other := &task{index: 2, command: t.command}
			r.park([]parkedTask{{task: other, rest: &bitrix.Parked{Method: "crm.item.add", Until: time.Now().Add(time.Hour)}}})
		},
		"another run was met": func(r *runner, t *task) {
			r.enqueue(t)
			r.stopCreates()
		},
		"its kind is stopped": func(r *runner, t *task) {
			t.store = "store 4"
			r.enqueue(t)
			r.settleProof(map[string]proofState{"store 4": {broken: errHiddenMark}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			r := newRunner(b.planHonestly(strings.ReplaceAll(companies(3), "title: ", "title: <b> ")), Config{Client: b.client, Concurrency: 1})
			first, err := r.task(0)
			if err != nil {
				t.Fatal(err)
			}
			first.command = first.ready.Request()
			classes, _ := doubts(first)
			r.texts.choose(first, classes)
			if !r.texts.hold(1, classes) {
				t.Fatal("nobody waits for the first one")
			}
			leave(r, first)
			if d := cmp.Diff([]int{1}, r.ready.items); d != "" {
				t.Errorf("ready (-want +got):\n%s", d)
			}
		})
	}
}
