package bitrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A fault is what goes wrong with every request, or with the first only.
var faults = map[string]func() (*http.Response, error){
	"refused pace":    func() (*http.Response, error) { return refuse(503, "QUERY_LIMIT_EXCEEDED"), nil },
	"pace, no code":   func() (*http.Response, error) { return reply(429, html), nil },
	"refused budget":  func() (*http.Response, error) { return refuse(429, "OPERATION_TIME_LIMIT"), nil },
	"not connected":   func() (*http.Response, error) { return nil, dialRefused },
	"server error":    func() (*http.Response, error) { return refuse(500, "INTERNAL_SERVER_ERROR"), nil },
	"database error":  func() (*http.Response, error) { return refuse(500, "ERROR_CORE"), nil },
	"gateway page":    func() (*http.Response, error) { return reply(502, html), nil },
	"page as success": func() (*http.Response, error) { return reply(200, html), nil },
	"empty success":   func() (*http.Response, error) { return reply(200, ""), nil },
	"cut answer":      func() (*http.Response, error) { return reply(200, `{"result":{"item":{"id":1`), nil },
	"foreign answer":  func() (*http.Response, error) { return reply(200, `{"hello":"world"}`), nil },
	"reset":           func() (*http.Response, error) { return nil, errReset },
	"reset in answer": func() (*http.Response, error) {
		res := reply(200, "")
		res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"result":`), failingReader{errReset}))
		return res, nil
	},
	"silence": func() (*http.Response, error) {
		time.Sleep(time.Hour)
		return nil, errors.New("nobody waits that long")
	},
	"item refused":   func() (*http.Response, error) { return refuse(400, "CRM_FIELD_ERROR_REQUIRED"), nil },
	"plain refusal":  func() (*http.Response, error) { return refuse(400, "ERROR_CORE"), nil },
	"wrong webhook":  func() (*http.Response, error) { return refuse(401, "INVALID_CREDENTIALS"), nil },
	"vendor's block": func() (*http.Response, error) { return refuse(503, "OVERLOAD_LIMIT"), nil },
	"no such page":   func() (*http.Response, error) { return reply(404, html), nil },
	"refused in 200": func() (*http.Response, error) { return refuse(200, "NOT_FOUND"), nil },
	"no code, no text": func() (*http.Response, error) {
		return reply(400, `{"error":"","error_description":""}`), nil
	},
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

// impatient makes a wire end with the context, as a real transport does.
type impatient struct{ http.RoundTripper }

func (i impatient) RoundTrip(req *http.Request) (*http.Response, error) {
	type result struct {
		res *http.Response
		err error
	}
	done := make(chan result, 1)
	go func() {
		res, err := i.RoundTripper.RoundTrip(req)
		done <- result{res, err}
	}()
	select {
	case r := <-done:
		return r.res, r.err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// What did not happen is sent again for every effect; what may have happened
// only where that is harmless; a refusal never.
func TestFaultThatStaysIsTriedAsOftenAsItsEffectAllows(t *testing.T) {
	const read, repeatable, once = "crm.item.list", "crm.item.delete", "crm.item.add"
	type want struct {
		Sends int
		Kind  string
	}
	for _, row := range []struct {
		fault                  string
		read, repeatable, once want
	}{
		{"refused pace", want{6, "refused"}, want{6, "refused"}, want{6, "refused"}},
		{"pace, no code", want{6, "refused"}, want{6, "refused"}, want{6, "refused"}},
		{"refused budget", want{12, "refused"}, want{12, "refused"}, want{12, "refused"}},
		{"not connected", want{6, "unreachable"}, want{6, "unreachable"}, want{6, "unreachable"}},
		{"server error", want{6, "refused"}, want{6, "unknown"}, want{1, "unknown"}},
		{"database error", want{6, "refused"}, want{6, "unknown"}, want{1, "unknown"}},
		{"gateway page", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"page as success", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"empty success", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"cut answer", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"foreign answer", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"reset", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"reset in answer", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"silence", want{6, "other"}, want{6, "unknown"}, want{1, "unknown"}},
		{"item refused", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"plain refusal", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"wrong webhook", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"vendor's block", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"no such page", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"refused in 200", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
		{"no code, no text", want{1, "refused"}, want{1, "refused"}, want{1, "refused"}},
	} {
		for method, want := range map[string]want{read: row.read, repeatable: row.repeatable, once: row.once} {
			t.Run(row.fault+"/"+method, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &wire{answer: func(int, string, Params) (*http.Response, error) { return faults[row.fault]() }}
					_, err := newClient(t, impatient{w}).Call(t.Context(), method, nil)
					got := want
					got.Sends, got.Kind = len(w.sent()), kind(err)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("-want +got:\n%s\n%v", diff, err)
					}
					if strings.Contains(err.Error(), canary) {
						t.Errorf("the error shows the secret: %v", err)
					}
					time.Sleep(2 * time.Hour) // lets the silent portal's goroutines end
				})
			})
		}
	}
}

func TestPassingFaultIsRiddenOut(t *testing.T) {
	for fault, method := range map[string]string{
		"refused pace":   "crm.item.add",
		"refused budget": "crm.item.add",
		"not connected":  "crm.item.add",
		"gateway page":   "crm.item.delete",
		"cut answer":     "crm.item.list",
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
					if n == 1 {
						return faults[fault]()
					}
					return reply(200, `{"result":{"item":{"id":7}}}`), nil
				}}
				res, err := newClient(t, w).Call(t.Context(), method, nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := string(res.Result); got != `{"item":{"id":7}}` || len(w.sent()) != 2 {
					t.Errorf("got %s after %d requests", got, len(w.sent()))
				}
			})
		})
	}
}

// A delete whose first answer was lost finds nothing on the second try: the
// caller must be able to tell that from a record that never was.
func TestRefusalAfterALostAnswerSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			if n == 1 {
				return nil, errReset
			}
			return refuse(400, "NOT_FOUND"), nil
		}}
		_, err := newClient(t, w).Call(t.Context(), "crm.item.delete", Params{"id": 1})
		var e *Error
		if !errors.As(err, &e) || !e.Repeated || !IsNotFound(err) {
			t.Errorf("got %#v", err)
		}
	})
}

// A deletion that may have been executed stays in doubt if the portal then
// cannot be reached any more.
func TestDoubtOutlivesALaterFailureToConnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			if n == 1 {
				return nil, errReset
			}
			return nil, dialRefused
		}}
		_, err := newClient(t, w).Call(t.Context(), "crm.item.delete", nil)
		if kind(err) != "unknown" || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v", err)
		}
	})
}

func TestPortalThatAnsweredBeforeIsTriedLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			if n == 1 {
				return reply(200, `{"result":true}`), nil
			}
			return nil, dialRefused
		}}
		c := newClient(t, w)
		if _, err := c.Call(t.Context(), "profile", nil); err != nil {
			t.Fatal(err)
		}
		_, err := c.Call(t.Context(), "profile", nil)
		if got, want := err.Error(), "cannot reach portal acme.example: connection refused"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(w.sent()) != 1+6 || c.Requests() != 1+2 { // and the probes, which were answered
			t.Errorf("%d tries, %d counted", len(w.sent()), c.Requests())
		}
	})
}

func TestUsedUpBudgetIsWaitedForUntilItsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			if n == 1 {
				// The portal's clock is years off, which must not matter.
				return reply(200, `{"result":1,"time":{"finish":1000000.5,"operating":481,"operating_reset_at":1000240.5}}`), nil
			}
			return reply(200, `{"result":2}`), nil
		}}
		c := newClient(t, w)
		start := time.Now()
		for range 2 {
			if _, err := c.Call(t.Context(), "crm.item.add", nil); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took < 240*time.Second || took > 245*time.Second {
			t.Errorf("waited %s, want until the reset after 240 s", took)
		}
	})
}

func TestEndOfContextIsReportedWithItsCause(t *testing.T) {
	cause := errors.New("interrupted by the user")
	for _, tc := range []struct {
		name, method, fault, want string
	}{
		{"read in flight", "crm.item.list", "silence", "other"},
		{"add in flight", "crm.item.add", "silence", "unknown"},
		{"update in flight", "crm.item.update", "silence", "unknown"},
		{"add not executed, waiting", "crm.item.add", "refused budget", "other"},
		{"deletion in doubt, waiting", "crm.item.delete", "gateway page", "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(100*time.Millisecond, func() { cancel(cause) })
				w := &wire{answer: func(int, string, Params) (*http.Response, error) { return faults[tc.fault]() }}
				_, err := newClient(t, impatient{w}).Call(ctx, tc.method, nil)
				if kind(err) != tc.want || !errors.Is(err, cause) {
					t.Errorf("got %s: %v; want %s with the cause", kind(err), err, tc.want)
				}
				if len(w.sent()) != 1 {
					t.Errorf("%d requests sent", len(w.sent()))
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestNothingIsSentOnceTheContextHasEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &wire{}
	_, err := newClient(t, w).Call(ctx, "crm.item.add", nil)
	if !errors.Is(err, context.Canceled) || kind(err) != "other" || len(w.sent()) != 0 {
		t.Errorf("got %v after %d requests", err, len(w.sent()))
	}
}

func TestParametersKeepTheirTypes(t *testing.T) {
	var got []byte
	var header http.Header
	rt := roundTrip(func(req *http.Request) (*http.Response, error) {
		got, _ = io.ReadAll(req.Body)
		header = req.Header
		if req.GetBody != nil || req.Method != http.MethodPost {
			t.Errorf("%s, GetBody %t: net/http could send it twice", req.Method, req.GetBody != nil)
		}
		return reply(200, `{"result":null}`), nil
	})
	_, err := newClient(t, rt).Call(t.Context(), "crm.item.add", Params{"fields": map[string]any{"title": "Ä & <b>", "n": nil, "list": []any{}, "x": 1.50}})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"fields":{"list":[],"n":null,"title":"Ä & <b>","x":1.5}}` + "\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("body -want +got:\n%s", diff)
	}
	if got := header.Get("Content-Type"); got != "application/json; charset=utf-8" {
		t.Errorf("Content-Type %q", got)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

func TestMethodNameCannotLeaveItsPlaceInTheAddress(t *testing.T) {
	for _, method := range []string{"", "../profile", "crm.item.add?x=1", "a/b", "a b", ".", "a..b"} {
		w := &wire{}
		if _, err := newClient(t, w).Call(t.Context(), method, nil); err == nil || len(w.sent()) != 0 {
			t.Errorf("method %q was sent", method)
		}
	}
}

func TestEnvelopesAreReadWhateverTheirTypes(t *testing.T) {
	fifty, hundred := 50, 100
	for _, tc := range []struct {
		name, body string
		want       Response
	}{
		{"list", `{"result":{"items":[]},"total":100,"next":50}`, Response{Result: json.RawMessage(`{"items":[]}`), Total: &hundred, Next: &fifty}},
		{"numbers as text", `{"result":true,"total":"100","next":"50"}`, Response{Result: json.RawMessage(`true`), Total: &hundred, Next: &fifty}},
		{"byte order mark", "\ufeff{\"result\":true}", Response{Result: json.RawMessage(`true`)}},
		{"null result", `{"result":null}`, Response{Result: json.RawMessage(`null`)}},
		{"time as empty map", `{"result":1,"time":[]}`, Response{Result: json.RawMessage(`1`)}},
		{"time of integers", `{"result":1,"time":{"start":1774356026,"finish":1774356027,"duration":1,"processing":0,"operating":"2.5","operating_reset_at":1774356627}}`,
			Response{Result: json.RawMessage(`1`), Time: Time{
				Finish: time.Unix(1774356027, 0).UTC(), Duration: time.Second,
				Operating: 2500 * time.Millisecond, OperatingReset: time.Unix(1774356627, 0).UTC(),
			}}},
		{"nonsense in time", `{"result":1,"time":{"finish":1e300,"duration":-5,"operating":{}}}`, Response{Result: json.RawMessage(`1`)}},
		{"fraction as total", `{"result":1,"total":1.5}`, Response{Result: json.RawMessage(`1`)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, tc.body), nil }}
			got, err := newClient(t, w).Call(t.Context(), "profile", nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tc.want, got, cmpopts.IgnoreUnexported(Response{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestRetriesAreLoggedWithoutTheSecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		handler := slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})
		w := &wire{answer: func(n int, _ string, _ Params) (*http.Response, error) {
			switch n {
			case 1:
				return nil, &leakyError{}
			case 2:
				return refuse(429, "OPERATION_TIME_LIMIT"), nil
			}
			return reply(200, `{"result":1}`), nil
		}}
		cfg := Config{Webhook: webhook, Transport: w, Logger: slog.New(handler)}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Call(t.Context(), "crm.item.get", nil); err != nil {
			t.Fatal(err)
		}
		slog.New(handler).Info("configuration", "cfg", cfg, "client", c)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("configuration", "cfg", cfg)
		if strings.Contains(log.String(), canary) {
			t.Errorf("the log shows the secret:\n%s", log.String())
		}
		for _, want := range []string{"crm.item.get", "acme.example", "OPERATION_TIME_LIMIT", "status=200"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log does not tell %q:\n%s", want, log.String())
			}
		}
	})
}

// leakyError is a transport's error that quotes the address, as *url.Error does.
type leakyError struct{}

func (*leakyError) Error() string { return `Post "` + webhook + `crm.item.get": broken pipe` }
