package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A v3Wire answers requests of REST 3.0 in turn and keeps what it was sent.
type v3Wire struct {
	answers []func() (*http.Response, error)
	sent    []v3Sent
}

type v3Sent struct {
	Path, Key, Body string
	At              time.Duration // since the first
}

func (w *v3Wire) client(t *testing.T) *Client {
	start := time.Now()
	return newClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(req.URL.Path, "/"+probeMethod) {
			return reply(http.StatusOK, `{"result":""}`), nil
		}
		w.sent = append(w.sent, v3Sent{req.URL.Path, req.Header.Get("Idempotency-Key"), strings.TrimSpace(string(body)), time.Since(start)})
		return w.answers[min(len(w.sent), len(w.answers))-1]()
	}))
}

func says(status int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return reply(status, body), nil }
}

func loses() (*http.Response, error) { return nil, errReset }

const taskAdded = `{"result":{"item":{"id":7}}}`

func TestAV3CallHasItsOwnPathAndAKeyOnlyWhereItWrites(t *testing.T) {
	for _, tt := range []struct {
		request   Request
		want      v3Sent
		randomKey bool
	}{
		{Request{Method: "tasks.task.get", Params: Params{"id": 1}, V3: true}, v3Sent{Path: "/rest/api/1/" + canary + "/tasks.task.get", Body: `{"id":1}`}, false},
		{Request{Method: "main.eventlog.tail", V3: true}, v3Sent{Path: "/rest/api/1/" + canary + "/main.eventlog.tail", Body: `{}`}, false},
		{Request{Method: "tasks.task.add", V3: true, IdempotencyKey: "k 1"}, v3Sent{Path: "/rest/api/1/" + canary + "/tasks.task.add", Key: "k 1", Body: `{}`}, false},
		{Request{Method: "tasks.task.update", V3: true}, v3Sent{Path: "/rest/api/1/" + canary + "/tasks.task.update", Body: `{}`}, true},
		{Request{Method: "batch", V3: true, Params: []any{map[string]any{"method": "m"}}}, v3Sent{Path: "/rest/api/1/" + canary + "/batch", Body: `[{"method":"m"}]`}, false},
		{Request{Method: "tasks.task.add"}, v3Sent{Path: "/rest/1/" + canary + "/tasks.task.add", Body: `{}`}, false},
	} {
		w := &v3Wire{answers: []func() (*http.Response, error){says(200, taskAdded)}}
		if _, err := w.client(t).Do(t.Context(), tt.request); err != nil {
			t.Errorf("%+v: %v", tt.request, err)
			continue
		}
		got := w.sent[0]
		if tt.randomKey {
			if len(got.Key) < 20 {
				t.Errorf("%+v: the key %q is not random", tt.request, got.Key)
			}
			got.Key = ""
		}
		got.At = 0
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", tt.request, diff)
		}
	}
}

func TestARequestIsRefusedBeforeItIsSent(t *testing.T) {
	for _, tt := range []struct {
		request Request
		want    string
	}{
		{Request{Method: "crm.item.add", IdempotencyKey: "k"}, "works only for methods of REST 3.0 that write"},
		{Request{Method: "tasks.task.get", V3: true, IdempotencyKey: "k"}, "works only for methods of REST 3.0 that write"},
		{Request{Method: "tasks.task.add", V3: true, IdempotencyKey: strings.Repeat("k", 256)}, "1 to 255 printable ASCII"},
		{Request{Method: "tasks.task.add", V3: true, IdempotencyKey: "ключ"}, "1 to 255 printable ASCII"},
		{Request{Method: "a/b"}, "no method name"},
	} {
		w := &v3Wire{answers: []func() (*http.Response, error){says(200, taskAdded)}}
		_, err := w.client(t).Do(t.Context(), tt.request)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(w.sent) > 0 {
			t.Errorf("%+v: %v after %d requests, want %q", tt.request, err, len(w.sent), tt.want)
		}
	}
}

// A lost answer of a keyed write is fetched with the same key and body, but not
// before the portal has given the first request up.
func TestALostV3WriteIsRepeatedUnderItsKeyOnceThePortalHasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &v3Wire{answers: []func() (*http.Response, error){loses, says(502, html), says(200, taskAdded)}}
		res, err := w.client(t).Do(t.Context(), Request{Method: "tasks.task.add", Params: Params{"a": "b"}, V3: true})
		if err != nil || string(res.Result) != `{"item":{"id":7}}` {
			t.Fatalf("%v, %v", res, err)
		}
		if len(w.sent) != 3 {
			t.Fatalf("sent %d times", len(w.sent))
		}
		for i, s := range w.sent {
			if s.Key != w.sent[0].Key || s.Body != w.sent[0].Body {
				t.Errorf("request %d differs: %+v and %+v", i, w.sent[0], s)
			}
			if i > 0 && s.At-w.sent[i-1].At < v3Settles {
				t.Errorf("request %d came %s after the one before", i, s.At-w.sent[i-1].At)
			}
		}
	})
}

func TestALostV3WriteThatStaysLostIsAnUnknownOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &v3Wire{answers: []func() (*http.Response, error){loses}}
		_, err := w.client(t).Do(t.Context(), Request{Method: "tasks.task.add", V3: true})
		if kind(err) != "unknown" || len(w.sent) != defaultAttempts {
			t.Errorf("%v after %d requests", err, len(w.sent))
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, errors.New("the caller left"))
		defer cancel()
		if _, err = w.client(t).Do(ctx, Request{Method: "tasks.task.add", V3: true}); kind(err) != "unknown" || !strings.Contains(err.Error(), "the caller left") {
			t.Errorf("a caller that does not wait gets %v", err)
		}
	})
}

// A batch of REST 3.0 has no key, so that it is not repeated.
func TestALostV3BatchIsNotRepeated(t *testing.T) {
	w := &v3Wire{answers: []func() (*http.Response, error){loses}}
	_, err := w.client(t).Do(t.Context(), Request{Method: "batch", Params: []any{}, V3: true})
	if kind(err) != "unknown" || len(w.sent) != 1 {
		t.Errorf("%v after %d requests", err, len(w.sent))
	}
}

func TestV3ErrorsAreTyped(t *testing.T) {
	for _, tt := range []struct {
		status        int
		code, text    string
		auth, missing bool
	}{
		{403, "INSUFFICIENTSCOPEEXCEPTION", "scope", true, false},
		{403, "ACCESSDENIEDEXCEPTION", "denied", false, false},
		{400, "ENTITYNOTFOUNDEXCEPTION", "gone", false, true},
		{400, "VALIDATION_REQUESTVALIDATIONEXCEPTION", "bad", false, false},
	} {
		code := "BITRIX_REST_V3_EXCEPTION_" + tt.code
		w := &v3Wire{answers: []func() (*http.Response, error){says(tt.status,
			`{"error":{"code":"`+code+`","message":"`+tt.text+`","validation":[{"field":"id","message":"is missing"}]}}`)}}
		_, err := w.client(t).Do(t.Context(), Request{Method: "tasks.task.get", V3: true})
		var e *Error
		if !errors.As(err, &e) || e.Code != code || e.Text() != tt.text+"; id: is missing" || IsAuth(err) != tt.auth || IsNotFound(err) != tt.missing {
			t.Errorf("%s: %#v, auth %v, missing %v", tt.code, err, IsAuth(err), IsNotFound(err))
		}
	}
}

func TestOnlyTheDocumentationAnswersWithoutAResult(t *testing.T) {
	w := &v3Wire{answers: []func() (*http.Response, error){says(200, `{"openapi":"3.0.0"}`)}}
	res, err := w.client(t).Do(t.Context(), Request{Method: "documentation", V3: true})
	if err != nil || string(res.Result) != `{"openapi":"3.0.0"}` {
		t.Errorf("%v, %v", res, err)
	}
	if _, err := w.client(t).Do(t.Context(), Request{Method: "batch", V3: true}); kind(err) != "unknown" {
		t.Errorf("another method: %v", err)
	}
}

func TestTheEnvelopeIsKeptOnRequest(t *testing.T) {
	const body = `{"result":[],"total":0,"extra":1}`
	w := &v3Wire{answers: []func() (*http.Response, error){says(200, body)}}
	for _, whole := range []bool{true, false} {
		res, err := w.client(t).Do(t.Context(), Request{Method: "user.get", Whole: whole})
		want := json.RawMessage(nil)
		if whole {
			want = json.RawMessage(body)
		}
		if err != nil || !cmp.Equal(want, res.Envelope) {
			t.Errorf("whole %v: %s, %v", whole, res.Envelope, err)
		}
	}
}

func TestARenamedPortalKeepsBothInterfaces(t *testing.T) {
	var paths []string
	c := newClient(t, roundTrip(func(req *http.Request) (*http.Response, error) {
		paths = append(paths, req.URL.Host+req.URL.Path)
		if req.URL.Host == "acme.example" {
			res := reply(302, "")
			res.Header.Set("Location", "https://new.example"+req.URL.Path)
			return res, nil
		}
		return reply(200, taskAdded), nil
	}))
	for _, v3 := range []bool{true, false} {
		if _, err := c.Do(t.Context(), Request{Method: "tasks.task.get", V3: v3}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"acme.example/rest/api/1/" + canary + "/tasks.task.get",
		"new.example/rest/api/1/" + canary + "/tasks.task.get",
		"new.example/rest/1/" + canary + "/tasks.task.get",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
