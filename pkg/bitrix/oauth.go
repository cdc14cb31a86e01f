package bitrix

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// DefaultServer is Bitrix24's authorization server, which issues and renews the
// tokens of all portals, those on premises included.
// Source: https://apidocs.bitrix24.com/settings/oauth/index.html
const DefaultServer = "https://oauth.bitrix.info"

// An Application is registered on a portal, and lets users authorize programs
// through OAuth 2.
type Application struct {
	// Portal is where it is installed.
	Portal Address
	// ClientID and ClientSecret are what the portal shows for it.
	ClientID, ClientSecret string
	// Server is the authorization server; "" means DefaultServer. The secret
	// goes there and to nobody else.
	Server string
	// Transport sends the requests; nil means an http.Transport of its own. It
	// must not follow redirects, nor send a request twice.
	Transport http.RoundTripper
	// Logger gets every request at debug level, without secrets; nil is silent.
	Logger *slog.Logger
}

// String tells the application without its secret.
func (a Application) String() string {
	return fmt.Sprintf("bitrix.Application(%s on %s)", a.ClientID, a.Portal.Host())
}

// LogValue is String, so that no log handler prints the secret.
func (a Application) LogValue() slog.Value { return slog.StringValue(a.String()) }

// AuthorizeURL is the page on which a user authorizes the application. The
// portal returns the user to the address that the application was registered
// with, and adds a code and the state, which the caller must compare.
//
// Bitrix24 documents no code challenge (PKCE), so there is none: a code is good
// for nothing without the client secret.
// Source: https://apidocs.bitrix24.com/settings/oauth/index.html
func (a Application) AuthorizeURL(state string) string {
	query := url.Values{"client_id": {a.ClientID}, "state": {state}}
	return a.Portal.String() + "/oauth/authorize/?" + query.Encode()
}

// Exchange gets the first pair of tokens for a code, which is good for 30
// seconds and once. The error is an *Error if the authorization server refuses.
func (a Application) Exchange(ctx context.Context, code string) (Tokens, error) {
	t := Tokens{
		Portal: a.Portal.Host(), Endpoint: a.Portal.Endpoint(), Server: cmp.Or(a.Server, DefaultServer),
		ClientID: a.ClientID, ClientSecret: a.ClientSecret,
	}
	return a.request(ctx, t, code, func(ctx context.Context, cfg *oauth2.Config) (*oauth2.Token, error) {
		return cfg.Exchange(ctx, code)
	})
}

// renew exchanges a refresh token for a new pair.
func (a Application) renew(ctx context.Context, t Tokens) (Tokens, error) {
	return a.request(ctx, t, t.RefreshToken, func(ctx context.Context, cfg *oauth2.Config) (*oauth2.Token, error) {
		return cfg.TokenSource(ctx, &oauth2.Token{RefreshToken: t.RefreshToken}).Token()
	})
}

// tokenTimeout bounds a request to the authorization server.
const tokenTimeout = 30 * time.Second

// tokenMethod is how errors and logs call a request for tokens.
const tokenMethod = "oauth/token"

// request asks the authorization server for a pair of tokens that follows t.
func (a Application) request(ctx context.Context, t Tokens, grant string, ask func(context.Context, *oauth2.Config) (*oauth2.Token, error)) (Tokens, error) {
	server, err := NewAddress(t.Server)
	if err != nil {
		return Tokens{}, fmt.Errorf("the authorization server: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, tokenTimeout, fmt.Errorf("no answer within %s", tokenTimeout))
	defer cancel()
	var link link
	start := time.Now()
	client := &http.Client{
		Transport:     queryTransport{a.transport()},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	token, err := ask(context.WithValue(link.trace(ctx), oauth2.HTTPClient, client), &oauth2.Config{
		ClientID: t.ClientID, ClientSecret: t.ClientSecret,
		Endpoint: oauth2.Endpoint{TokenURL: server.String() + "/oauth/token/", AuthStyle: oauth2.AuthStyleInParams},
	})
	if err != nil {
		err = tokenError(ctx, err, t, server, grant, link.failed())
		a.debug(ctx, "token request failed", "server", server.Host(), "took", time.Since(start), "reason", err)
		return Tokens{}, err
	}
	a.debug(ctx, "token request", "server", server.Host(), "took", time.Since(start))
	return t.follow(token)
}

func (a Application) debug(ctx context.Context, text string, args ...any) {
	if a.Logger != nil {
		a.Logger.DebugContext(ctx, text, args...)
	}
}

// transport is the one given, or one that uses a connection for one request:
// net/http sends a GET again by itself when a kept connection turns out to be
// closed, and a refresh token is good for one request.
func (a Application) transport() http.RoundTripper {
	if a.Transport != nil {
		return a.Transport
	}
	t := newTransport()
	t.DisableKeepAlives = true
	return t
}

// tokenError makes an error of the authorization server one of ours, without
// any secret.
func tokenError(ctx context.Context, err error, t Tokens, server Address, grant string, unsent bool) error {
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response != nil {
		hide := func(s string) string { return hideSecrets(s, t.ClientSecret, t.RefreshToken, t.AccessToken, grant) }
		e := &Error{
			Method: tokenMethod, Portal: t.Portal, Status: refused.Response.StatusCode, Credential: Login, Code: hide(refused.ErrorCode),
		}
		said := hide(refused.ErrorDescription)
		if e.Code == "" {
			said = fmt.Sprintf("HTTP %d: %v; check that this is Bitrix24's authorization server", e.Status, errNotJSON(refused.Body))
		}
		e.Description = "the authorization server " + server.Host() + " refused: " + cmp.Or(said, "no reason was given")
		return e
	}
	var (
		op        *net.OpError
		dns       *net.DNSError
		untrusted *tls.CertificateVerificationError
		web       *url.Error
	)
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if !errors.As(err, &web) {
		return &Unreachable{Portal: server.Host(), Cause: errors.New("the answer holds no tokens; check that this is Bitrix24's authorization server")}
	}
	unsent = unsent || errors.As(err, &untrusted) || errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
	err = (&endpoint{secret: t.ClientSecret}).plain(err)
	if unsent {
		return &Unreachable{Portal: server.Host(), Cause: err}
	}
	return &Unreachable{Portal: server.Host(), Cause: fmt.Errorf("the answer to the request for tokens is lost: %w", err)}
}

// A queryTransport sends the token requests of x/oauth2, which posts a form, as
// the GET that Bitrix24 documents, and documents alone.
// Source: https://apidocs.bitrix24.com/settings/oauth/auto-renewal.html
type queryTransport struct{ next http.RoundTripper }

func (t queryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	form, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	get := req.Clone(req.Context())
	get.Method, get.Body, get.GetBody, get.ContentLength = http.MethodGet, nil, nil, 0
	get.Header.Del("Content-Type")
	get.Header.Set("Accept", "application/json")
	get.Header.Set("User-Agent", "b24apply")
	get.URL.RawQuery = string(form)
	res, err := t.next.RoundTrip(get)
	if err == nil {
		res.Header.Set("Content-Type", "application/json") // x/oauth2 reads other types as forms
	}
	return res, err
}

// follow is the pair of tokens that an answer holds, with what it says about the
// portal: one that was renamed has another endpoint and the same member_id.
func (t Tokens) follow(answer *oauth2.Token) (Tokens, error) {
	said := func(name string) string {
		text, _ := answer.Extra(name).(string)
		return strings.TrimSpace(text)
	}
	if answer.AccessToken == "" || answer.RefreshToken == "" {
		return Tokens{}, fmt.Errorf("%s: the answer holds no pair of tokens", tokenMethod)
	}
	member := said("member_id")
	if t.MemberID != "" && member != "" && member != t.MemberID {
		return Tokens{}, fmt.Errorf("%w: the authorization server answered for member_id %s, and not %s; log in again", ErrOtherPortal, member, t.MemberID)
	}
	t.AccessToken, t.RefreshToken = answer.AccessToken, answer.RefreshToken
	t.MemberID, t.Scope = cmp.Or(member, t.MemberID), cmp.Or(said("scope"), t.Scope)
	if portal, err := NewAddress(said("client_endpoint")); err == nil {
		t.Endpoint = portal.Endpoint()
	}
	if server, err := NewAddress(said("server_endpoint")); err == nil {
		t.Server = server.Endpoint()
	}
	if id, ok := answer.Extra("user_id").(float64); ok {
		t.UserID = int(id)
	}
	return t, nil
}
