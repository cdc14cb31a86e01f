package main

import (
	"context"
	"fmt"
	"html"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/value"
)

// waitForBrowser serves the address to which the portal sends the browser with
// the code, and takes the code that comes with the right state, once. What else
// arrives there is told off and ends nothing: any web page can send a browser to
// this address.
func (a *app) waitForBrowser(ctx context.Context, listen, page, state string, take func(context.Context, string) error) error {
	if err := checkListen(listen); err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return &failure{code: exitError, err: value.While(err, "listening-on", value.T("address", listen)),
			hint: value.Say("end-listener-or-choose-other")}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, loginPatience, &failure{
		code: exitError, err: value.Err("browser-did-not-return", value.T("time", loginPatience.String())), hint: value.Say("start-again-or-paste"),
	})
	defer cancel()
	back := &returning{state: state, take: func(code string) error { return take(ctx, code) }, done: make(chan error, 1)}
	server := &http.Server{Handler: back, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends by Shutdown
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = server.Shutdown(closing)
	}()
	a.tell("open-in-browser")
	fmt.Fprintf(a.stderr, "\n  %s\n\n", page)
	a.tell("waiting-for-browser", value.T("address", listener.Addr().String()))
	select {
	case err := <-back.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// errDenied ends a login that the portal sent back without a code.
var errDenied error = &failure{code: exitAuth, err: value.Err("application-was-not-let-in"),
	hint: value.Say("let-other-user-agree")}

// A returning answers a browser that comes back from the portal.
type returning struct {
	state string
	take  func(code string) error
	once  sync.Once
	done  chan error
}

func (b *returning) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	code, denied := query.Get("code"), query.Get("error")
	switch {
	case r.Method != http.MethodGet || code == "" && denied == "":
		loginPage(w, http.StatusNotFound, value.Say("page-not-found"), value.Say("page-not-found-text"))
		return
	case query.Get("state") != b.state:
		loginPage(w, http.StatusBadRequest, value.Say("page-other-login"), value.Say("page-other-login-text"))
		return
	}
	first := false
	b.once.Do(func() {
		first = true
		err := errDenied
		if code != "" {
			err = b.take(code)
		}
		if err != nil {
			loginPage(w, http.StatusBadGateway, value.Say("page-not-logged-in"), value.Say("page-not-logged-in-text"))
		} else {
			loginPage(w, http.StatusOK, value.Say("page-logged-in"), value.Say("page-logged-in-text"))
		}
		b.done <- err
	})
	if !first {
		loginPage(w, http.StatusConflict, value.Say("page-done-already"), value.Say("page-done-already-text"))
	}
}

// loginPage shows a page with one paragraph. It tells nobody the address that the
// browser came to, which holds the code.
func loginPage(w http.ResponseWriter, status int, title, text value.Message) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'")
	w.WriteHeader(status)
	// A browser that is gone needs no page.
	_, _ = fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<title>%s</title>\n<h1>%[1]s</h1>\n<p>%s</p>\n", html.EscapeString(ui.Text(title)), html.EscapeString(ui.Text(text)))
}
