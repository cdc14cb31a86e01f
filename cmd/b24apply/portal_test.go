package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/b24apply/b24apply/pkg/portal"
)

// servedPortal runs the portal command and returns the URL of its webhook.
func servedPortal(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	done := make(chan int, 1)
	go func() {
		none := func(string) (string, bool) { return "", false }
		e := env{stdin: strings.NewReader(""), stdout: writer, stderr: io.Discard, getenv: none}
		done <- run(ctx, e, append([]string{"portal", "--addr", "127.0.0.1:0"}, args...))
		writer.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != exitDone {
			t.Errorf("the portal ended with %d", code)
		}
	})
	line, err := bufio.NewReader(reader).ReadString('\n')
	if err != nil {
		t.Fatalf("no first line: %v", err)
	}
	return strings.TrimSpace(line)
}

// statusOf asks for a URL without following redirects.
func statusOf(t *testing.T, address string) (int, http.Header) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	response, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func TestThePortalCommandBehavesAsItsFlagsSay(t *testing.T) {
	webhook := servedPortal(t, "--limits", "standard", "--cost", "profile=0.3", "--faults", "502:server.time,n=1",
		"--client-id", "local.1", "--client-secret", "hush", "--redirect-url", "https://app.example/", "--scope", "crm,user")
	base, err := url.Parse(webhook)
	if err != nil {
		t.Fatal(err)
	}
	if status, _ := statusOf(t, webhook+"server.time"); status != http.StatusBadGateway {
		t.Errorf("the fault answered %d", status)
	}
	_, header := statusOf(t, base.ResolveReference(&url.URL{Path: "/oauth/authorize/", RawQuery: "client_id=local.1"}).String())
	back, err := url.Parse(header.Get("Location"))
	if err != nil || back.Host != "app.example" || back.Query().Get("scope") != "crm,user" {
		t.Errorf("authorization leads to %q", back)
	}
	response, err := http.Get(webhook + "profile")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), `"operating":0.3}`) {
		t.Errorf("the cost is not in %s, %v", body, err)
	}
	refused := 0
	for range 120 {
		if status, _ := statusOf(t, webhook+"scope"); status == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused == 0 {
		t.Error("120 requests at once were not too many")
	}
}

func TestAnAbortedHandlerIsALostAnswer(t *testing.T) {
	p, err := portal.Open(t.Context(), portal.Config{Faults: "drop-after:profile"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	client := &http.Client{Transport: portal.Transport(p)}
	if _, err := client.Get("http://127.0.0.1" + p.WebhookPath() + "profile"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v", err)
	}
	if got := p.Stats().Commands["profile"]; got != 1 {
		t.Errorf("the command ran %d times", got)
	}
	response, err := client.Get("http://127.0.0.1" + p.WebhookPath() + "scope")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
}

func TestAnotherPanicOfAHandlerIsNotHidden(t *testing.T) {
	defer func() {
		if got := recover(); got != "a bug" {
			t.Errorf("recovered %v", got)
		}
	}()
	broken := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })
	_, _ = (&http.Client{Transport: portal.Transport(broken)}).Get("http://127.0.0.1/")
}
