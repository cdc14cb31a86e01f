package bitrix

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestWordsALongWaitIsTold(t *testing.T) {
	for delay, told := range map[time.Duration]bool{time.Second: false, longWait: true, 90 * time.Second: true} {
		var out bytes.Buffer
		c := &Client{log: slog.New(slog.NewTextHandler(&out, nil))}
		c.logRetry(t.Context(), "crm.item.add", 1, delay, &failure{err: errors.New("busy")})
		if got := strings.Count(out.String(), "\n"); (got == 1) != told {
			t.Errorf("a wait of %s is told in %d lines: %s", delay, got, out.String())
		}
	}
}

// An answer that is late is told in one line that names the method and no secret; one that is
// not is not told, and many at once are told once.
func TestWordsASlowAnswerIsTold(t *testing.T) {
	for _, tc := range []struct {
		name   string
		took   time.Duration
		calls  int
		method string
		told   int
	}{
		{"fast", 14 * time.Second, 3, "crm.item.list", 0},
		{"late", 25 * time.Second, 1, "crm.item.list", 1},
		{"very late", 55 * time.Second, 1, "batch", 1},
		{"many at once", 40 * time.Second, 3, "user.get", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				w := &wire{answer: func(int, string, Params) (*http.Response, error) {
					time.Sleep(tc.took)
					return reply(200, `{"result":[]}`), nil
				}}
				c := newClient(t, w, func(cfg *Config) { cfg.Logger = slog.New(slog.NewTextHandler(&out, nil)) })
				var all sync.WaitGroup
				for range tc.calls {
					all.Go(func() {
						if _, err := c.Call(t.Context(), tc.method, Params{"filter": Params{"x": "personal"}}); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				synctest.Wait() // until what tells of it has ended too
				told := out.String()
				if strings.Count(told, "\n") != tc.told || tc.told == 1 && !strings.Contains(told, "still waiting for the portal since 20 s: "+tc.method) {
					t.Errorf("told, want %d lines:\n%s", tc.told, told)
				}
				if strings.Contains(told, canary) || strings.Contains(told, "personal") {
					t.Errorf("it tells too much: %s", told)
				}
			})
		})
	}
}
