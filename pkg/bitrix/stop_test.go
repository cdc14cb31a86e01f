package bitrix

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A method that has used up its time may rest for ten minutes: who stops a run does
// not wait for that, and nothing that rests is said to have failed.
func TestStopDoesNotWaitForWhatIsNotSent(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer func() (*http.Response, error)
		params Params // of all items
	}{
		{"batch refused for its time", func() (*http.Response, error) { return refuse(429, "OPERATION_TIME_LIMIT"), nil }, Params{"id": 1}},
		{"calls refused for their time", func() (*http.Response, error) { return refuse(429, "OPERATION_TIME_LIMIT"), nil }, Params{"id": nil}},
		{"commands refused for their time", func() (*http.Response, error) {
			return reply(200, `{"result":{"result":[],"result_error":{"c00":{"error":"OPERATION_TIME_LIMIT"},"c01":{"error":"OPERATION_TIME_LIMIT"}}}}`), nil
		}, Params{"id": 1}},
		{"too many requests", func() (*http.Response, error) { return refuse(503, "QUERY_LIMIT_EXCEEDED"), nil }, Params{"id": nil}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClient(t, &wire{answer: func(int, string, Params) (*http.Response, error) { return tc.answer() }})
				stop := make(chan struct{})
				time.AfterFunc(5*time.Second, func() { close(stop) })
				start := time.Now()
				var outcomes []ItemOutcome
				Bulk{Method: "crm.item.add", Stop: stop}.Run(t.Context(), c, slices.Values([]Item{{Params: tc.params}, {Params: tc.params}}),
					func(o ItemOutcome) { outcomes = append(outcomes, o) })
				if took := time.Since(start); took > 6*time.Second {
					t.Errorf("the run went on for %s", took)
				}
				for _, o := range outcomes {
					if !errors.Is(o.Err, ErrNotAttempted) {
						t.Errorf("got %v", o.Err)
					}
				}
				if len(outcomes) != 2 {
					t.Errorf("%d outcomes", len(outcomes))
				}
			})
		})
	}
}

// A stop changes nothing about what was sent before.
func TestStopLeavesALostWriteInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		w := &wire{answer: func(int, string, Params) (*http.Response, error) { return nil, errReset }}
		time.AfterFunc(time.Second, func() { close(stop) })
		_, err := newClient(t, w).Call(WithStop(t.Context(), stop), "crm.item.delete", nil)
		if kind(err) != "unknown" || !errors.Is(err, ErrStopped) {
			t.Errorf("got %v", err)
		}
	})
}
