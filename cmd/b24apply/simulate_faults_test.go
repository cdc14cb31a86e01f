package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A mishap is one way in which requests go wrong between a process and the portal. It stands
// outside of the portal, so that what the portal has executed is known.
type mishap struct {
	kind   string // see mishapKinds
	method string // a pattern; a batch is meant by each of its commands
	p      float64
	wait   time.Duration // of late, slow and outage
}

func (m mishap) String() string { return fmt.Sprintf("%s:%s,p=%g,%s", m.kind, m.method, m.p, m.wait) }

// mishapKinds are what a mishap may do: lose a request or its answer, execute it later than
// its client waits, answer with a page of a proxy before or after it was executed, with half of the JSON, with the
// JSON as a page, or that there are too many requests; let it take long; be away for a time; or reset the connection.
var mishapKinds = []string{"lose-request", "lose-answer", "late", "page-before", "page-after", "half", "mistyped", "busy", "slow", "outage", "reset"}

// mishaps are those of one process at a time.
type mishaps struct {
	mu    sync.Mutex
	list  []mishap
	draws *rand.Rand
	until time.Time // when an outage ends
}

// drawMishaps draws up to two; a minute is what 60 seconds are.
func drawMishaps(draws *rand.Rand, minute time.Duration) *mishaps {
	m := &mishaps{draws: rand.New(rand.NewPCG(draws.Uint64(), 3))}
	for range draws.IntN(3) {
		m.list = append(m.list, mishap{
			kind:   mishapKinds[draws.IntN(len(mishapKinds))],
			method: []string{"*.add", "crm.item.update", "crm.item.*", "*.add", "crm.item.productrow.set", "crm.item.delete", "crm.requisite.*", "*"}[draws.IntN(8)],
			p:      []float64{0.1, 0.3, 0.6}[draws.IntN(3)],
			wait:   time.Duration(1+draws.IntN(55)) * minute / 60,
		})
		if minute < time.Minute {
			m.list[len(m.list)-1].shorten()
		}
	}
	return m
}

// shorten fits a mishap to a short minute, in which the client's waits before another try and
// the work of the portal are as long as ever.
func (m *mishap) shorten() {
	if m.method == "*" || m.kind == "busy" {
		m.p = 0.1
	}
	m.wait /= 2
}

// means tells whether a method is meant. What imports adds.
func (m mishap) means(method string) bool {
	ok, _ := path.Match(m.method, method)
	return ok || m.method == "*.add" && strings.HasSuffix(strings.ToLower(method), "import")
}

// meets draws what a request meets, if anything.
func (m *mishaps) meets(methods []string) (mishap, bool) {
	if m == nil {
		return mishap{}, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if time.Now().Before(m.until) {
		return mishap{kind: "lose-request"}, true
	}
	for i, h := range m.list {
		fits := slices.ContainsFunc(methods, h.means)
		if !fits || m.draws.Float64() >= h.p {
			continue
		}
		if h.kind == "outage" {
			m.list[i].p = 0 // once is enough
			m.until, h.kind = time.Now().Add(h.wait), "lose-request"
		}
		return h, true
	}
	return mishap{}, false
}

// suffer passes a request on, by do, as far as the mishap allows.
func (h mishap) suffer(do func() (*http.Response, error)) (*http.Response, error) {
	switch h.kind {
	case "lose-request":
		return nil, io.ErrUnexpectedEOF
	case "reset":
		return nil, syscall.ECONNRESET
	case "late":
		time.AfterFunc(h.wait, func() { _, _ = do() })
		return nil, io.ErrUnexpectedEOF
	case "page-before":
		return proxyPage(http.StatusBadGateway), nil
	case "busy":
		res := proxyPage(http.StatusServiceUnavailable)
		res.Header.Set("Content-Type", "application/json")
		res.Body = io.NopCloser(strings.NewReader(`{"error":"QUERY_LIMIT_EXCEEDED","error_description":"Too many requests"}`))
		return res, nil
	case "slow":
		time.Sleep(h.wait)
	}
	res, err := do()
	if err != nil {
		return nil, err
	}
	switch h.kind {
	case "lose-answer":
		return nil, io.ErrUnexpectedEOF
	case "page-after":
		return proxyPage(http.StatusGatewayTimeout), nil
	case "mistyped":
		res.Header.Set("Content-Type", "text/html")
	case "half":
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return nil, err
		}
		res.Body, res.ContentLength = io.NopCloser(strings.NewReader(string(text[:len(text)/2]))), int64(len(text)/2)
	}
	return res, nil
}

// proxyPage is the answer of something in front of the portal.
func proxyPage(status int) *http.Response {
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(strings.NewReader("<html>" + http.StatusText(status) + "</html>"))}
}
