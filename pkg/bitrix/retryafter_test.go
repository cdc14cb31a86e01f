package bitrix

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A front end may say when to come back. Every request from here waits for that, but
// not for hours on the word of a header.
func TestRetryAfterIsWaitedFor(t *testing.T) {
	for _, tc := range []struct {
		header string
		status int
		code   string
		least  time.Duration
		most   time.Duration
	}{
		{"40", 503, "QUERY_LIMIT_EXCEEDED", 40 * time.Second, 51 * time.Second},
		{"40", 429, "", 40 * time.Second, 51 * time.Second},
		{"Sat, 01 Jan 2000 00:00:40 GMT", 503, "QUERY_LIMIT_EXCEEDED", 40 * time.Second, 51 * time.Second},
		{"86400", 503, "QUERY_LIMIT_EXCEEDED", maxRetryAfter, maxRetryAfter * 5 / 4},
		{"soon", 503, "QUERY_LIMIT_EXCEEDED", time.Second, 3 * time.Second},
		{"-5", 503, "QUERY_LIMIT_EXCEEDED", time.Second, 3 * time.Second},
		{"", 503, "QUERY_LIMIT_EXCEEDED", time.Second, 3 * time.Second},
	} {
		t.Run(tc.header, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // it begins on that day of 2000
				w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
					if n > 1 {
						return reply(200, `{"result":1}`), nil
					}
					res := refuse(tc.status, tc.code)
					res.Header = http.Header{"Retry-After": {tc.header}}
					return res, nil
				}}
				c := newClient(t, w)
				start := time.Now()
				if _, err := c.Call(t.Context(), "crm.item.add", nil); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < tc.least || took > tc.most {
					t.Errorf("it took %s, want %s to %s", took, tc.least, tc.most)
				}
			})
		})
	}
}
