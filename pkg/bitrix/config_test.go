package bitrix

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWebhookIsCheckedWithoutShowingIt(t *testing.T) {
	for _, tc := range []struct {
		webhook string
		want    string // part of the error; "" for none
	}{
		{webhook, ""},
		{strings.TrimSuffix(webhook, "/"), ""},
		{"  " + webhook + "\n", ""},
		{"http://localhost:8024/rest/1/" + canary + "/", ""},
		{"http://127.0.0.1/rest/1/" + canary, ""},
		{"http://[::1]:80/rest/1/" + canary, ""},
		{"", "missing"},
		{"acme.example/rest/1/" + canary, "begin with https://"},
		{"ftp://acme.example/rest/1/" + canary, "begin with https://"},
		{"http://acme.example/rest/1/" + canary, "must use https"},
		{"http://127.0.0.1.evil.example/rest/1/" + canary, "must use https"},
		{"https:///rest/1/" + canary, "no host"},
		{"https://u:" + canary + "@acme.example/rest/1/x/", "user name or password"},
		{"https://acme.example/" + canary, "/rest/USER-ID/SECRET/"},
		{"https://acme.example/rest/me/" + canary, "/rest/USER-ID/SECRET/"},
		{webhook + "crm.item.list.json", "no method name"},
		{webhook + "?auth=1", "no method name"},
		{"https://acme.example:" + canary + "/rest/1/x/", "no valid URL"},
		{"https://acme.example/rest/1/%zz" + canary, "no valid URL"},
	} {
		cfg := Config{Webhook: tc.webhook}
		c, err := New(cfg)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%q: %v", tc.webhook, err)
		case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%q: got error %v, want %q in it", tc.webhook, err, tc.want)
		case strings.Contains(fmt.Sprintf("%v %v %+v", err, c, cfg), canary):
			t.Errorf("%q: the secret is shown: %v %v", tc.webhook, err, c)
		}
	}
}

func TestConfigIsChecked(t *testing.T) {
	for _, cfg := range []Config{
		{Webhook: webhook, Plan: "gold"},
		{Webhook: webhook, Timeout: -1},
		{Webhook: webhook, MaxBody: -1},
		{Webhook: webhook, Attempts: -1},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%v was accepted", cfg)
		}
	}
}

func TestAddressesForPeopleHoldNoSecret(t *testing.T) {
	c := newClient(t, nil, func(cfg *Config) { cfg.Webhook = "http://localhost:8024/rest/1/" + canary })
	got := []string{c.Portal(), c.URL("crm/type/2/details/17/")}
	want := []string{"localhost:8024", "http://localhost:8024/crm/type/2/details/17/"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// serve starts a portal on loopback and gives the webhook of it.
func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s, s.URL + "/rest/1/" + canary + "/"
}

func TestRenamedPortalIsPostedToAgainAndRemembered(t *testing.T) {
	for _, status := range []int{301, 302, 307, 308} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var got []string
			renamed, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, r.Method+" "+string(bytes.TrimSpace(body)))
				_, _ = io.WriteString(w, `{"result":1}`)
			})
			var old atomic.Int32
			_, hook := serve(t, func(w http.ResponseWriter, r *http.Request) {
				old.Add(1)
				w.Header().Set("Location", renamed.URL+r.URL.Path)
				w.WriteHeader(status)
			})
			c := newClient(t, nil, func(cfg *Config) { cfg.Webhook = hook })
			for i := range 2 {
				if _, err := c.Call(t.Context(), "crm.item.add", Params{"i": i}); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{`POST {"i":0}`, `POST {"i":1}`}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if old.Load() != 1 || c.Requests() != 3 || "http://"+c.Portal() != renamed.URL {
				t.Errorf("old address asked %d times, %d requests, now %s", old.Load(), c.Requests(), c.Portal())
			}
		})
	}
}

func TestRedirectThatIsNoRenamedPortalIsRefused(t *testing.T) {
	for _, tc := range []struct{ name, location, want string }{
		{"plain http", "http://evil.example/rest/1/" + canary + "/crm.item.add", "plain http"},
		{"log-in page", "https://acme.example/login/?back=" + canary, "another page on acme.example"},
		{"nowhere", "", "does not say where"},
		{"other scheme", "file:///rest/1/" + canary + "/crm.item.add", "does not say where"},
		{"mail", "ftp://acme.example/rest/1/" + canary + "/crm.item.add", "no web page"},
		{"for ever", "https://acme.example/rest/1/" + canary + "/crm.item.add", "more than 3 times"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := &wire{answer: func(int, string, Params) (*http.Response, error) {
				res := reply(302, html)
				res.Header.Set("Location", tc.location)
				return res, nil
			}}
			c := newClient(t, w)
			_, err := c.Call(t.Context(), "crm.item.add", nil)
			if kind(err) != "refused" || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), canary) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if c.Portal() != "acme.example" {
				t.Errorf("remembered %s", c.Portal())
			}
		})
	}
}

func TestSecretIsSentToNoPlainAddress(t *testing.T) {
	from := &endpoint{scheme: "https", host: "acme.example", path: "/rest/1/s/"}
	if _, err := from.moved(&job{method: "profile"}, "http://127.0.0.1/rest/1/s/profile"); err == nil {
		t.Error("followed from https to plain http")
	}
}

func TestAnswerBeyondTheBoundIsCut(t *testing.T) {
	for method, want := range map[string]string{"crm.item.list": "other", "crm.item.add": "unknown"} {
		_, hook := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"result":"`+strings.Repeat("x", 5000)+`"}`)
		})
		c := newClient(t, nil, func(cfg *Config) { cfg.Webhook, cfg.MaxBody = hook, 4096 })
		_, err := c.Call(t.Context(), method, nil)
		if kind(err) != want || !strings.Contains(err.Error(), "larger than 4096 bytes") || c.Requests() != 1 {
			t.Errorf("%s: got %v after %d requests", method, err, c.Requests())
		}
	}
}

func TestAnswerOfExactlyTheBoundIsRead(t *testing.T) {
	body := `{"result":"` + strings.Repeat("x", 100) + `"}`
	w := &wire{answer: func(int, string, Params) (*http.Response, error) { return reply(200, body), nil }}
	c := newClient(t, w, func(cfg *Config) { cfg.MaxBody = int64(len(body)) })
	if _, err := c.Call(t.Context(), "profile", nil); err != nil {
		t.Error(err)
	}
}

func TestDeadPortalIsNamedWithoutItsAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	_ = l.Close()
	c := newClient(t, nil, func(cfg *Config) {
		cfg.Webhook, cfg.WaitForPortal = "http://"+host+"/rest/1/"+canary, -1
	})
	_, err = c.Call(t.Context(), "crm.item.add", nil)
	if got, want := fmt.Sprint(err), "portal "+host+" has not answered since "; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, ": connection refused") {
		t.Errorf("got %q, want %q", got, want)
	}
	if c.Requests() != 0 {
		t.Errorf("%d requests counted", c.Requests())
	}
}

// A certificate does not become valid by trying again, and nothing was sent.
func TestUntrustedPortalIsNotTriedAgain(t *testing.T) {
	var dials atomic.Int32
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			dials.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	c := newClient(t, nil, func(cfg *Config) { cfg.Webhook = s.URL + "/rest/1/" + canary })
	_, err := c.Call(t.Context(), "crm.item.add", nil)
	if kind(err) != "unreachable" || dials.Load() != 1 {
		t.Errorf("got %v after %d connections", err, dials.Load())
	}
}

// The portal executes the request and drops the connection: an add is sent
// exactly once, by the client as by net/http underneath it.
func TestDroppedConnectionSendsAnAddOnce(t *testing.T) {
	var executed atomic.Int32
	_, hook := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if executed.Add(1) == 1 {
			_, _ = io.WriteString(w, `{"result":1}`) // the next request reuses this connection
			return
		}
		panic(http.ErrAbortHandler)
	})
	c := newClient(t, nil, func(cfg *Config) { cfg.Webhook = hook })
	if _, err := c.Call(t.Context(), "profile", nil); err != nil {
		t.Fatal(err)
	}
	_, err := c.Call(t.Context(), "crm.item.add", nil)
	if kind(err) != "unknown" || executed.Load() != 2 || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v after %d executions", err, executed.Load())
	}
}

func TestCancelledBeforeAConnectionIsNoDoubt(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	transport := newTransport()
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		cancel(cause)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c := newClient(t, transport)
	_, err := c.Call(ctx, "crm.item.add", nil)
	if kind(err) != "other" || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func TestSilentPortalIsLeftAfterTheTimeout(t *testing.T) {
	release := make(chan struct{})
	_, hook := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-release
	})
	t.Cleanup(func() { close(release) })
	c := newClient(t, nil, func(cfg *Config) { cfg.Webhook, cfg.Timeout = hook, 50*time.Millisecond })
	_, err := c.Call(t.Context(), "crm.item.add", nil)
	if kind(err) != "unknown" || !strings.Contains(err.Error(), "no answer within 50ms") {
		t.Errorf("got %v", err)
	}
}
