package bitrix

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// A box is a portal in a box with an application, and a token file for it.
type box struct {
	portal *portal.Portal
	url    string
	file   string
}

// newBox opens a portal and logs in to it. wrap stands between server and portal;
// nil is nothing.
func newBox(t *testing.T, wrap func(http.Handler) http.Handler) *box {
	t.Helper()
	p, err := portal.Open(t.Context(), portal.Config{Application: portal.Application{
		ClientID: "local.1", ClientSecret: canary, RedirectURL: "http://127.0.0.1:8025/",
	}})
	if err != nil {
		t.Fatal(err)
	}
	var h http.Handler = p
	if wrap != nil {
		h = wrap(p)
	}
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.Close(); _ = p.Close() })
	b := &box{portal: p, url: server.URL, file: filepath.Join(t.TempDir(), "logins", "box.json")}
	tokens, err := b.application(t).Exchange(t.Context(), b.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := StoreTokens(t.Context(), b.file, tokens); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *box) application(t *testing.T) Application {
	t.Helper()
	address, err := NewAddress(b.url)
	if err != nil {
		t.Fatal(err)
	}
	return Application{Portal: address, ClientID: "local.1", ClientSecret: canary, Server: b.url}
}

// code opens the authorization page as a browser does.
func (b *box) code(t *testing.T) string {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(b.application(t).AuthorizeURL("s"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil || back.Query().Get("state") != "s" {
		t.Fatalf("%v: %v", back, err)
	}
	return back.Query().Get("code")
}

// expire makes the access tokens run out.
func (b *box) expire(t *testing.T) {
	t.Helper()
	if err := b.portal.ExpireTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// fileClient is a client with the tokens of a file.
func fileClient(path string, rt http.RoundTripper) (*Client, error) {
	file, err := OpenTokenFile(path, TokenFileConfig{})
	if err != nil {
		return nil, err
	}
	return New(Config{Tokens: file, Plan: "box", Transport: rt})
}

const crowd = 50

// callAtOnce calls the portal from many goroutines.
func callAtOnce(ctx context.Context, c *Client) error {
	errs := make([]error, crowd)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = c.Call(ctx, "server.time", nil) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

const (
	helperFile = "B24_TEST_TOKEN_FILE"
	helperKill = "B24_TEST_KILL"
)

// TestHelperProcess is the other process of the tests below: it calls the portal
// once, waits for a line, and calls it again from many goroutines.
func TestHelperProcess(t *testing.T) {
	path := os.Getenv(helperFile)
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	var rt http.RoundTripper
	if os.Getenv(helperKill) != "" {
		rt = &killer{next: newTransport()}
	}
	c, err := fileClient(path, rt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(t.Context(), "server.time", nil); err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// A killer kills its own process as it is about to use a second token.
type killer struct {
	next  http.RoundTripper
	mu    sync.Mutex
	first []byte
}

func (k *killer) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	k.mu.Lock()
	if k.first == nil {
		k.first = body
	}
	if !bytes.Equal(body, k.first) { // the parameters are the same, so it is the token
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		panic(fmt.Sprint("still alive: ", err))
	}
	k.mu.Unlock()
	req.Body = io.NopCloser(bytes.NewReader(body))
	return k.next.RoundTrip(req)
}

// A helper is a process that runs TestHelperProcess.
type helper struct {
	cmd    *exec.Cmd
	stdin  io.Writer
	stdout *bufio.Reader
	stderr bytes.Buffer
}

func startHelper(t *testing.T, path string, env ...string) *helper {
	t.Helper()
	h := &helper{cmd: exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHelperProcess$")}
	h.cmd.Env = append(append(os.Environ(), helperFile+"="+path), env...)
	h.cmd.Stderr = &h.stderr
	stdin, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := h.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.stdin, h.stdout = stdin, bufio.NewReader(stdout)
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := h.stdout.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the helper is not ready: %q %v %s", line, err, h.stderr.String())
	}
	return h
}

// proceed lets the helper go on.
func (h *helper) proceed(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(h.stdin, "go\n"); err != nil {
		t.Fatal(err)
	}
}

// wait gives what else the helper printed, and how it ended.
func (h *helper) wait() (string, error) {
	rest, _ := io.ReadAll(h.stdout) // it is only shown
	err := h.cmd.Wait()
	return string(rest) + h.stderr.String(), err
}

// Many goroutines of three processes meet an expired token at once: the tokens are
// renewed once, and every call succeeds.
func TestCrowdOfProcessesRenewsOnce(t *testing.T) {
	b := newBox(t, nil)
	helpers := []*helper{startHelper(t, b.file), startHelper(t, b.file)}
	c, err := fileClient(b.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.expire(t)
	for _, h := range helpers {
		h.proceed(t)
	}
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Error(err)
	}
	for _, h := range helpers {
		if out, err := h.wait(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	if got := b.portal.Stats().Tokens; got != 2 {
		t.Errorf("%d pairs of tokens were issued: the login's, and %d by renewals; want 1", got, got-1)
	}
}

// A process is killed between the renewal and the first use of the new token: the
// next one finds it on the disk, and need not renew.
func TestKilledProcessLosesNoToken(t *testing.T) {
	b := newBox(t, nil)
	before, err := ReadTokens(b.file)
	if err != nil {
		t.Fatal(err)
	}
	h := startHelper(t, b.file, helperKill+"=1")
	b.expire(t)
	h.proceed(t)
	if out, err := h.wait(); err == nil || strings.Contains(out, "alive") || runtime.GOOS != "windows" && !strings.Contains(err.Error(), "killed") {
		t.Fatalf("the helper was not killed: %v\n%s", err, out)
	}
	after, err := ReadTokens(b.file)
	if err != nil || after.AccessToken == before.AccessToken || after.RefreshToken == before.RefreshToken {
		t.Fatalf("the new pair is not on the disk: %v", err)
	}
	c, err := fileClient(b.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Error(err)
	}
	if got := b.portal.Stats().Tokens; got != 2 {
		t.Errorf("%d pairs of tokens were issued, want 2", got)
	}
	b.expire(t)
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Errorf("the refresh token on the disk renews no more: %v", err)
	}
}
