package bitrix_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/portal"
)

const (
	boxSecret  = "c4n4ryS3cr3t"
	boxWebhook = "https://acme.example/rest/1/" + boxSecret + "/"
)

// A box is a portal without sockets, under the name acme.example and any other.
// It ends with the context of a request as a real connection does, while the
// portal goes on with what it has begun.
type box struct {
	*portal.Portal

	mu   sync.Mutex
	sent []exchange
}

// An exchange is a request and the time that it took.
type exchange struct {
	text       string // its path without the secret, and its body
	start, end time.Time
}

func openBox(ctx context.Context, cfg portal.Config) (*box, error) {
	cfg.Secret = boxSecret
	p, err := portal.Open(ctx, cfg)
	return &box{Portal: p}, err
}

func newBox(t testing.TB, cfg portal.Config) *box {
	t.Helper()
	b, err := openBox(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func (b *box) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.sent = append(b.sent, exchange{req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:] + "\n" + string(body), start, time.Now()})
	}()
	served := req.Clone(context.WithoutCancel(req.Context()))
	served.Body, served.RemoteAddr = io.NopCloser(bytes.NewReader(body)), "192.0.2.1:1234"
	served.TLS = &tls.ConnectionState{}
	answer := make(chan *http.Response, 1)
	go func() {
		rec := httptest.NewRecorder()
		defer func() {
			switch p := recover(); p {
			case nil:
				answer <- rec.Result()
			case http.ErrAbortHandler:
				close(answer)
			default:
				panic(p)
			}
		}()
		b.ServeHTTP(rec, served)
	}()
	select {
	case <-req.Context().Done():
		return nil, req.Context().Err()
	case res := <-answer:
		if res == nil {
			return nil, errHungUp
		}
		return res, nil
	}
}

// errHungUp is what a transport says when the portal closes the connection.
var errHungUp = errors.New("EOF")

// forget returns what was sent so far, and starts anew.
func (b *box) forget() []exchange {
	b.mu.Lock()
	defer b.mu.Unlock()
	sent := b.sent
	b.sent = nil
	return sent
}

// faults replaces the faults in force by those of a spec.
func (b *box) faults(t testing.TB, spec string) {
	t.Helper()
	rules, err := portal.ParseFaults(spec)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	b.control(t, http.MethodDelete, nil)
	if len(rules) > 0 {
		b.control(t, http.MethodPost, data)
	}
}

func (b *box) control(t testing.TB, method string, body []byte) {
	t.Helper()
	rec := httptest.NewRecorder()
	b.ServeHTTP(rec, httptest.NewRequest(method, "http://127.0.0.1/__portal/faults", bytes.NewReader(body)))
	if rec.Code != http.StatusNoContent {
		t.Fatalf("%s of faults: %d %s", method, rec.Code, rec.Body)
	}
}

// client is a client of the portal; fix changes its configuration.
func (b *box) client(t testing.TB, fix ...func(*bitrix.Config)) *bitrix.Client {
	t.Helper()
	cfg := bitrix.Config{Webhook: boxWebhook, Transport: b}
	for _, f := range fix {
		f(&cfg)
	}
	c, err := bitrix.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func decode(t testing.TB, raw json.RawMessage, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}
