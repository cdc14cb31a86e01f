package bitrix

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
)

// A TokenFile is a source of tokens that are kept in a file and renewed when the
// portal refuses them as expired, never before. Any number of goroutines and
// processes may share the file: one of them renews, the others take over what it
// has stored. A rotated pair is on the disk before it is used, so that a process
// that is killed loses nothing.
// Source: https://apidocs.bitrix24.com/settings/oauth/auto-renewal.html
type TokenFile struct {
	path string
	kind CredentialKind
	app  Application

	turn    chan struct{} // held while one goroutine renews
	refused *Error        // of the authorization server, for the pair in tokens; guarded by turn

	mu     sync.Mutex
	tokens Tokens
	fresh  bool // tokens were issued to this process
}

// TokenFileConfig says how a TokenFile reaches the authorization server.
type TokenFileConfig struct {
	// Transport and Logger are as those of an Application.
	Transport http.RoundTripper
	Logger    *slog.Logger
}

// OpenTokenFile opens the file of a login. Its errors are those of ReadTokens.
func OpenTokenFile(path string, cfg TokenFileConfig) (*TokenFile, error) {
	t, err := ReadTokens(path)
	if err != nil {
		return nil, err
	}
	return newTokenFile(path, Login, t, cfg), nil
}

// NewTokenFile is for a pair of tokens that is given in another way. The file
// comes into being with the first renewal, and is then used in place of what was
// given: a refresh token is good for one renewal.
func NewTokenFile(path string, given Tokens, cfg TokenFileConfig) (*TokenFile, error) {
	given.Server = cmp.Or(given.Server, DefaultServer)
	stored, err := ReadTokens(path)
	switch {
	case err == nil:
		given = stored
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	return newTokenFile(path, AccessToken, given, cfg), nil
}

func newTokenFile(path string, kind CredentialKind, t Tokens, cfg TokenFileConfig) *TokenFile {
	return &TokenFile{
		path: path, kind: kind, tokens: t, turn: make(chan struct{}, 1),
		app: Application{Transport: cfg.Transport, Logger: cfg.Logger},
	}
}

// Kind says whether the tokens come from a login.
func (f *TokenFile) Kind() CredentialKind { return f.kind }

// Token is the token to use now.
func (f *TokenFile) Token() Token {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Token{Access: f.tokens.AccessToken, Endpoint: f.tokens.Endpoint, Fresh: f.fresh}
}

// MemberID is the portal's identity, which no renaming changes; "" if it is not
// known.
func (f *TokenFile) MemberID() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokens.MemberID
}

// String names the portal alone.
func (f *TokenFile) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "bitrix.TokenFile(" + f.tokens.Portal + ")"
}

// LogValue is String, so that no log handler prints the tokens.
func (f *TokenFile) LogValue() slog.Value { return slog.StringValue(f.String()) }

// Renew takes a newer token from the file, or has the pair renewed and stores it.
func (f *TokenFile) Renew(ctx context.Context, expired Token) (Token, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		return Token{}, context.Cause(ctx)
	}
	if t := f.Token(); t.Access != expired.Access {
		return t, nil // another goroutine was faster
	}
	unlock, err := lockTokens(ctx, f.path)
	if err != nil {
		return Token{}, err
	}
	defer unlock()
	t, err := f.newest()
	if err != nil {
		return Token{}, err
	}
	if t.AccessToken != expired.Access {
		return f.set(t, false), nil // another process was faster
	}
	if f.refused != nil {
		return Token{}, copyOf(f.refused)
	}
	// A disk that is full or read-only is found here, while the old pair is good.
	if err := writeTokens(f.path, t); err != nil {
		return Token{}, err
	}
	next, err := f.app.renew(ctx, t)
	if err != nil {
		return Token{}, f.refusal(err)
	}
	if err := writeTokens(f.path, next); err != nil {
		return Token{}, err
	}
	return f.set(next, true), nil
}

// set puts other tokens into use.
func (f *TokenFile) set(t Tokens, fresh bool) Token {
	f.refused = nil
	f.mu.Lock()
	f.tokens, f.fresh = t, fresh
	f.mu.Unlock()
	return f.Token()
}

// refusal keeps an error that another request with the same refresh token would
// get again.
func (f *TokenFile) refusal(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	refused.Credential = f.kind
	refused.Description = "the access token has expired and was not renewed; " + refused.Description
	if refused.verdict() == final {
		f.refused = refused
	}
	return copyOf(refused)
}

// copyOf lets every caller have an error of its own, which the client completes.
func copyOf(e *Error) *Error {
	c := *e
	return &c
}

// newest is what the file holds, or what was given while there is no file.
func (f *TokenFile) newest() (Tokens, error) {
	t, err := ReadTokens(f.path)
	if f.kind != Login && errors.Is(err, fs.ErrNotExist) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.tokens, nil
	}
	return t, err
}
