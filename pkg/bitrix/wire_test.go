package bitrix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
)

const (
	canary  = "c4n4ryS3cr3t"
	webhook = "https://acme.example/rest/1/" + canary + "/"
)

// A wire is a portal without sockets: it answers the n-th request, counted
// from 1. What it is asked is kept. A probe is answered and not counted, unless
// the wire is dead.
type wire struct {
	answer func(n int, method string, params Params) (*http.Response, error)
	dead   bool

	mu    sync.Mutex
	calls []sentCall
}

type sentCall struct {
	Method string
	Params Params
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var params Params
	if err := json.Unmarshal(body, &params); err != nil {
		return nil, err
	}
	method := req.URL.Path[strings.LastIndexByte(req.URL.Path, '/')+1:]
	if method == probeMethod && !w.dead {
		return reply(http.StatusOK, `{"result":"2026-11-30T04:31:00+00:00"}`), nil
	}
	w.mu.Lock()
	w.calls = append(w.calls, sentCall{method, params})
	n := len(w.calls)
	w.mu.Unlock()
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	res, err := w.answer(n, method, params)
	if res != nil {
		res.Request = req
	}
	return res, err
}

func (w *wire) sent() []sentCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls
}

// reply is an HTTP answer.
func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(body))),
	}
}

func refuse(status int, code string) *http.Response {
	return reply(status, fmt.Sprintf(`{"error":%q,"error_description":"said the portal"}`, code))
}

const html = "<html><head><title>502 Bad Gateway</title></head></html>"

// dialRefused is what a transport answers where nobody listens.
var dialRefused = &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("connect: %w", syscall.ECONNREFUSED)}

var errReset = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// newClient is a client on a wire; fix changes its configuration.
func newClient(t *testing.T, rt http.RoundTripper, fix ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{Webhook: webhook, Transport: rt}
	for _, f := range fix {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// kind names the type of an error, so that tables can compare it.
func kind(err error) string {
	var (
		unknown     *UnknownOutcome
		unreachable *Unreachable
		refused     *Error
	)
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &unknown):
		return "unknown"
	case errors.As(err, &unreachable):
		return "unreachable"
	case errors.As(err, &refused):
		return "refused"
	}
	return "other"
}
