package bitrix_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// A droppingServer answers the first request of each connection, and reads the
// second one whole and closes without an answer: as a portal does that drops an idle
// connection, or dies, after it has executed what came on it.
type droppingServer struct {
	listener net.Listener
	requests atomic.Int32
	dropped  atomic.Int32
}

func newDroppingServer(t *testing.T) *droppingServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &droppingServer{listener: l}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	return s
}

func (s *droppingServer) serve(conn net.Conn) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	for n := 1; n <= 2; n++ {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return
		}
		s.requests.Add(1)
		if n == 2 {
			s.dropped.Add(1)
			return
		}
		const body = `{"result":{"item":{"id":1}}}`
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
}

// net/http sends a request again by itself when a kept connection fails, if it
// takes it for repeatable. That must not happen to an add, nor behind the back of
// our own retries.
func TestARequestOnAKeptConnectionIsSentOnce(t *testing.T) {
	for _, tc := range []struct {
		method   string
		received int32 // by the server, the first call included
		unknown  bool
	}{
		{"crm.item.add", 2, true},
		{"crm.item.update", 2, true},
		{"crm.item.delete", 3, false}, // repeated by us, on a new connection
		{"crm.item.get", 3, false},
	} {
		t.Run(tc.method, func(t *testing.T) {
			s := newDroppingServer(t)
			c, err := bitrix.New(bitrix.Config{Webhook: "http://" + s.listener.Addr().String() + "/rest/1/s3cret/"})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Call(t.Context(), "profile", nil); err != nil {
				t.Fatal(err)
			}
			_, err = c.Call(t.Context(), tc.method, bitrix.Params{"id": 1})
			var unknown *bitrix.UnknownOutcome
			if errors.As(err, &unknown) != tc.unknown || err != nil && !tc.unknown {
				t.Errorf("got %v", err)
			}
			if s.dropped.Load() != 1 {
				t.Errorf("%d requests were dropped on a kept connection, want 1: nothing is proved", s.dropped.Load())
			}
			if got := s.requests.Load(); got != tc.received || c.Requests() != int(tc.received) {
				t.Errorf("the server received %d requests, the client counts %d, want %d", got, c.Requests(), tc.received)
			}
		})
	}
}
