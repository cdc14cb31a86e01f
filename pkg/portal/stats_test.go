package portal

import (
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStatsCountRequestsCommandsAndWrites(t *testing.T) {
	w := newWire(t)
	w.send("GET", "/rest/1/s3cret/test.echo", "", "")
	w.send("GET", "/rest/1/s3cret/Test.Fail", "", "")
	w.send("GET", "/rest/1/s3cret/nope", "", "")
	w.send("GET", "/rest/1/guess/test.echo", "", "")
	w.batch(`{"cmd":{"a":"test.echo","b":"test.nothing","c":"nope","d":"test.echo"}}`)
	want := Stats{Requests: 5, Commands: map[string]int{"test.echo": 3, "test.fail": 1, "test.nothing": 1}, Writes: 3}
	if diff := cmp.Diff(want, w.p.Stats()); diff != "" {
		t.Error(diff)
	}
	status, body := w.send("GET", "/__portal/stats", "", "")
	if want := `{"requests":5,"commands":{"test.echo":3,"test.fail":1,"test.nothing":1},"writes":3}` + "\n"; status != http.StatusOK || body != want {
		t.Errorf("got %d %s, want %s", status, body, want)
	}
}

func TestStatsCanBeReset(t *testing.T) {
	w := newWire(t)
	w.result("test.echo", `{}`)
	if status, body := w.send("GET", "/__portal/stats/reset", "", ""); status != http.StatusMethodNotAllowed {
		t.Errorf("GET reset: %d %s", status, body)
	}
	if got := w.p.Stats().Requests; got != 1 {
		t.Errorf("%d requests after a refused reset", got)
	}
	if status, body := w.send("POST", "/__portal/stats/reset", "", ""); status != http.StatusNoContent {
		t.Errorf("POST reset: %d %s", status, body)
	}
	if diff := cmp.Diff(Stats{Commands: map[string]int{}}, w.p.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestConcurrentRequestsAreAllCounted(t *testing.T) {
	w := newWire(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 5 {
				w.send("POST", "/rest/1/s3cret/batch", "application/json", `{"cmd":["user.current","test.echo"]}`)
			}
		})
	}
	group.Wait()
	want := Stats{Requests: 40, Commands: map[string]int{"user.current": 40, "test.echo": 40}, Writes: 40}
	if diff := cmp.Diff(want, w.p.Stats()); diff != "" {
		t.Error(diff)
	}
}
