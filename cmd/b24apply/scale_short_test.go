package main

import (
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

const (
	shortScale = 2000
	shortRows  = 300
	ofEachKind = 10 // so few records that there is one of each kind, whose schemas are compiled once
)

// shortBounds are what the short form may cost at shortScale records, whose changes lie in a file
// as those of many do, and with Go's own setting of GOGC: a little above what it does. Work that lowers a
// figure lowers its bound here, so that it stays low.
var shortBounds = []struct {
	step, what string
	most       float64
}{
	{"validate", "KB a record", 2.05},
	{"validate", "GC cycles", 6},
	{"apply", "requests", 55},
	{"apply", "wire KB", 4700},
	{"apply", "KB a record", 31},
	{"apply", "GC cycles", 14},
	{"apply", "live MiB", 21},
	{"plan", "requests", 2},
	{"plan", "wire KB", 1330},
	{"plan", "KB a record", 7},
	{"plan", "GC cycles", 8},
}

// shortRowRequests are the requests of a plan of shortRows deals with product rows.
const shortRowRequests = 8

// What a few thousand records cost does not creep up.
func TestShortScale(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector allocates")
	}
	least := make([]float64, len(shortBounds))
	for attempt := range 3 {
		if attempt > 0 && withinBounds(least) {
			break
		}
		costs, empty := shortCosts(t, shortScale), shortCosts(t, ofEachKind)
		for i, b := range shortBounds {
			got := costs[b.step].less(empty[b.step]).measured(b.what, shortScale)
			t.Logf("%-8s %-12s %10.2f, at most %.2f", b.step, b.what, got, b.most)
			if least[i] = min(least[i], got); attempt == 0 {
				least[i] = got
			}
		}
	}
	for i, b := range shortBounds {
		if least[i] > b.most {
			t.Errorf("%d records: %s: %s: %.2f, at most %.2f", shortScale, b.step, b.what, least[i], b.most)
		}
	}
}

// withinBounds tells whether nothing costs too much. A busy machine can make a run cost more, and
// nothing makes it cost less than it does.
func withinBounds(costs []float64) bool {
	for i, b := range shortBounds {
		if costs[i] > b.most {
			return false
		}
	}
	return true
}

func TestShortScaleOfProductRows(t *testing.T) {
	got, wanted := rowRequests(t, shortRows)
	t.Logf("%v requests, at most %v; the aim is %v", got, shortRowRequests, wanted)
	if got > shortRowRequests {
		t.Errorf("%d deals with product rows: %v requests, at most %v", shortRows, got, shortRowRequests)
	}
}

// shortCosts measures every step against a portal in this process, where the wire is seen.
func shortCosts(t *testing.T, n int) map[string]cost {
	t.Helper()
	dir := scaleMix(t, n)
	webhook, wire := meteredPortal(t)
	costs := make(map[string]cost)
	for _, step := range scaleSteps {
		before := wire.Load()
		c := measureWith(t, []string{"GOGC=100", spoolVariable + "=1"}, dir, webhook, step.args...) // so few records never come to the heap's floor
		c.wire = float64(wire.Load() - before)
		costs[step.name] = c
	}
	return costs
}

// meteredPortal serves a portal and counts the bytes to it and from it.
func meteredPortal(t *testing.T) (webhook string, wire *atomic.Int64) {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(p)
	meter := &meteredListener{Listener: server.Listener}
	server.Listener = meter
	server.Start()
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	return server.URL + p.WebhookPath(), &meter.bytes
}

type meteredListener struct {
	net.Listener
	bytes atomic.Int64
}

func (l *meteredListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return meteredConn{c, &l.bytes}, err
}

type meteredConn struct {
	net.Conn
	bytes *atomic.Int64
}

func (c meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}

func (c meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}
