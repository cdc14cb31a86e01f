package bitrix

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/b24apply/b24apply/internal/ui/words"
	said "github.com/b24apply/b24apply/pkg/value"
)

// A tokenList is a source that goes through some tokens; the renewal after the
// last fails with err.
type tokenList struct {
	kind   CredentialKind
	tokens []Token
	err    error

	mu       sync.Mutex
	at       int
	renewals []string // the tokens that were said to be expired
}

func (l *tokenList) Kind() CredentialKind { return l.kind }
func (l *tokenList) Token() Token         { return l.tokens[0] }

func (l *tokenList) Renew(_ context.Context, expired Token) (Token, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.renewals = append(l.renewals, expired.Access)
	if l.at++; l.at >= len(l.tokens) {
		return Token{}, l.err
	}
	return l.tokens[l.at], nil
}

const acme = "https://acme.example/rest/"

// token is one of a list; a trailing ! makes it fresh.
func token(name string) Token {
	access, fresh := strings.CutSuffix(name, "!")
	return Token{Access: access, Endpoint: acme, Fresh: fresh}
}

// aged answers requests by their token: one that begins with old is expired.
func aged(t *testing.T) *wire {
	return &wire{answer: func(_ int, method string, p Params) (*http.Response, error) {
		access, _ := p["auth"].(string)
		switch {
		case access == "":
			t.Errorf("%s was sent without a token", method)
		case strings.HasPrefix(access, "old"):
			return refuse(401, "expired_token"), nil
		}
		if method == "batch" {
			return reply(200, `{"result":{"result":{"c00":1},"result_error":[]}}`), nil
		}
		return reply(200, `{"result":1}`), nil
	}}
}

func tokensOf(calls []sentCall) []string {
	var out []string
	for _, c := range calls {
		out = append(out, fmt.Sprint(c.Params["auth"]))
	}
	return out
}

func TestExpiredTokenIsRenewedAndTheRequestSentAgain(t *testing.T) {
	refused := &Error{Status: 400, Code: "invalid_grant", Portal: "acme.example"}
	for _, tc := range []struct {
		name   string
		tokens []string
		err    error // of the renewal after the last
		want   string
		sent   []string
	}{
		{"good token", []string{"good"}, nil, "ok", []string{"good"}},
		{"renewed", []string{"old", "new!"}, nil, "ok", []string{"old", "new"}},
		{"taken over from another process", []string{"old", "new"}, nil, "ok", []string{"old", "new"}},
		{"what was taken over has run out too", []string{"old", "old2", "new!"}, nil, "ok", []string{"old", "old2", "new"}},
		{"run out twice", []string{"old", "old2!", "new!"}, nil, "ok", []string{"old", "old2", "new"}},
		{"fresh tokens refused", []string{"old", "old2!", "old3!", "new!"}, nil, "refused", []string{"old", "old2", "old3"}},
		{"cannot be renewed", []string{"old"}, ErrNoRenewal, "refused", []string{"old"}},
		{"renewal refused", []string{"old"}, refused, "refused", []string{"old"}},
		{"token file unusable", []string{"old"}, &FileError{Path: "f", Cause: errReset}, "other", []string{"old"}},
		{"for ever", []string{"old", "old2", "old3", "old4", "old5"}, nil, "refused", []string{"old", "old2", "old3", "old4"}},
	} {
		for _, call := range []string{"Call", "Batch"} {
			t.Run(tc.name+" "+call, func(t *testing.T) {
				source := &tokenList{kind: Login, err: tc.err}
				for _, name := range tc.tokens {
					source.tokens = append(source.tokens, token(name))
				}
				w := aged(t)
				// One attempt: what met an expired token is no lost try.
				c := newClient(t, w, func(cfg *Config) { cfg.Webhook, cfg.Tokens, cfg.Attempts = "", source, 1 })
				err := callOrBatch(t.Context(), c, call)
				if kind(err) != tc.want || tc.want == "refused" && !IsAuth(err) {
					t.Errorf("got %v, want %s", err, tc.want)
				}
				if diff := cmp.Diff(tc.sent, tokensOf(w.sent())); diff != "" {
					t.Errorf("tokens sent (-want +got):\n%s", diff)
				}
				if tc.want == "ok" {
					if err := callOrBatch(t.Context(), c, call); err != nil || len(w.sent()) != len(tc.sent)+1 {
						t.Errorf("the next call: %v, %d requests in all", err, len(w.sent()))
					}
				}
			})
		}
	}
}

// callOrBatch sends an add, alone or in a batch.
func callOrBatch(ctx context.Context, c *Client, how string) error {
	if how == "Batch" {
		_, err := c.Batch(ctx, []Command{{Method: "crm.item.add", Params: Params{"entityTypeId": 4}}})
		return err
	}
	_, err := c.Call(ctx, "crm.item.add", Params{"entityTypeId": 4})
	return err
}

// An authorization server that is away for a moment is asked again, and no write
// is in doubt.
func TestRenewalIsTriedAgainWhileTheServerIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, away := range []error{&Unreachable{Portal: "oauth.example", Cause: errReset}, &Error{Status: 502}} {
			source := &awayOnce{tokenList: tokenList{tokens: []Token{token("old"), token("new!")}}, err: away}
			w := aged(t)
			c := newClient(t, w, func(cfg *Config) { cfg.Webhook, cfg.Tokens = "", source })
			if _, err := c.Call(t.Context(), "crm.item.add", nil); err != nil {
				t.Errorf("%v: %v", away, err)
			}
			if diff := cmp.Diff([]string{"old", "old", "new"}, tokensOf(w.sent())); diff != "" {
				t.Errorf("%v: tokens sent (-want +got):\n%s", away, diff)
			}
		}
	})
}

// awayOnce fails the first renewal.
type awayOnce struct {
	tokenList
	err error
}

func (a *awayOnce) Renew(ctx context.Context, expired Token) (Token, error) {
	if err := a.err; err != nil {
		a.err = nil
		return Token{}, err
	}
	return a.tokenList.Renew(ctx, expired)
}

// The token is a parameter in the body: never a part of the address, where
// proxies and logs keep it.
func TestTokenTravelsInTheBodyAlone(t *testing.T) {
	odd := `c4n4ry"\<é/+`
	var got []string
	rt := roundTrip(func(req *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(req.Body)
		got = append(got, req.URL.String(), string(body))
		if len(body) != int(req.ContentLength) || len(req.Header["Authorization"]) > 0 {
			t.Errorf("length %d of %d, headers %v", req.ContentLength, len(body), req.Header)
		}
		return reply(200, `{"result":1}`), err
	})
	source, err := NewAccessToken("acme.example", odd)
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, rt, func(cfg *Config) { cfg.Webhook, cfg.Tokens = "", source })
	for _, p := range []Params{nil, {"id": 1}, {"auth": "another"}} {
		if _, err := c.Call(t.Context(), "crm.item.get", p); err != nil {
			t.Fatal(err)
		}
	}
	const address, auth = "https://acme.example/rest/crm.item.get", `"auth":"c4n4ry\"\\\u003cé/+"}` + "\n"
	want := []string{address, "{" + auth, address, `{"id":1,` + auth, address, `{"auth":"another",` + auth}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A portal that repeats what it was sent does not make us show it.
func TestTokenIsHiddenInEveryForm(t *testing.T) {
	const odd = `c4n4ry"/<+ &é`
	e := &endpoint{host: "acme.example", secret: odd}
	said := `c4n4ry"/<+ &é c4n4ry\"/\u003c+ \u0026é c4n4ry\"\/\u003c+ \u0026é c4n4ry%22%2F%3C%2B+%26%C3%A9 c4n4ry%22%2F%3C%2B%20%26%C3%A9`
	got := e.refused("profile", 400, &refusal{code: "X " + said, description: said, argument: said})
	if text := fmt.Sprintf("%+v", *got); strings.Contains(text, "c4n4ry") {
		t.Errorf("shown: %s", text)
	}
	if got := e.plain(errors.New(said)); strings.Contains(got.Error(), "c4n4ry") {
		t.Errorf("shown: %v", got)
	}
}

func TestNothingPrintsATokenOrSecret(t *testing.T) {
	tokens := Tokens{Portal: "acme.example", Endpoint: acme, AccessToken: canary, RefreshToken: canary, ClientSecret: canary}
	path := t.TempDir() + "/t.json"
	if err := StoreTokens(t.Context(), path, tokens); err != nil {
		t.Fatal(err)
	}
	file, err := OpenTokenFile(path, TokenFileConfig{})
	if err != nil {
		t.Fatal(err)
	}
	fixed, err := NewAccessToken("acme.example", canary)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	log := slog.New(slog.NewTextHandler(&b, nil))
	for _, v := range []any{tokens, file, fixed, fixed.Token(), Application{ClientSecret: canary}, Config{Tokens: file}, newClient(t, nil, func(c *Config) { c.Webhook, c.Tokens = "", file })} {
		fmt.Fprintf(&b, "%v %+v %s\n", v, v, v)
		log.Info("value", "v", v)
	}
	if strings.Contains(b.String(), canary) {
		t.Errorf("shown:\n%s", b.String())
	}
}

func TestAddressOfAPortalIsReadAsPeopleWriteIt(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"acme.bitrix24.com", acme24}, {" https://ACME.bitrix24.com/ ", acme24}, {"https://acme.bitrix24.com/rest/", acme24},
		{"acme.example:8443", "https://acme.example:8443/rest/"},
		{"127.0.0.1:8024", "http://127.0.0.1:8024/rest/"}, {"https://localhost", "https://localhost/rest/"}, {"http://[::1]:80", "http://[::1]:80/rest/"},
		{"", ""}, {"http://acme.example", ""}, {"ftp://acme.example", ""}, {"https://u:p@acme.example", ""}, {"https://acme.example/crm/", ""},
		{"https://acme.example/rest/1/" + canary, ""}, {"acme.example?auth=" + canary, ""}, {"https://", ""}, {"https://%zz" + canary, ""},
	} {
		address, err := NewAddress(tc.in)
		switch {
		case tc.want == "" && (err == nil || strings.Contains(err.Error(), canary)):
			t.Errorf("%q: got %v, %v", tc.in, address, err)
		case tc.want != "" && (err != nil || address.Endpoint() != tc.want):
			t.Errorf("%q: got %s, %v; want %s", tc.in, address.Endpoint(), err, tc.want)
		}
	}
}

const acme24 = "https://acme.bitrix24.com/rest/"

func TestConfigTakesOneCredential(t *testing.T) {
	good, err := NewAccessToken("acme.example", canary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Config{Webhook: webhook, Tokens: good}); err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("both: %v", err)
	}
	for _, access := range []string{"", "two words", canary + "\nB"} {
		if _, err := NewAccessToken("acme.example", access); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%q: %v", access, err)
		}
	}
}

// A hint fits what the call was made with.
func TestHintsFitTheCredential(t *testing.T) {
	for code := range tokenHints {
		if _, known := codes[code]; !known {
			t.Errorf("%s has a hint for tokens and none for webhooks", code)
		}
	}
	for code, row := range codes {
		for _, kind := range []CredentialKind{AccessToken, Login} {
			hint := words.Text(said.RemedyOf(&Error{Code: code, Portal: "acme.example", Credential: kind}))
			if row.hint != "" && hint == "" || strings.Contains(hint, "webhook") || strings.Contains(hint, "{") || hint != "" && !strings.Contains(hint, " ") {
				t.Errorf("%s, kind %d: %q", code, kind, hint)
			}
		}
	}
	got := words.Text(said.RemedyOf(&Error{Code: "expired_token", Portal: "acme.example", Credential: Login}))
	if want := "log in again: b24apply login acme.example"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Nothing is sent to another host before the caller has agreed, be it a redirect or a
// renewal that names it.
func TestCaseA5NothingIsSentToAHostThatIsRefused(t *testing.T) {
	elsewhere := "https://new.example/rest/"
	for name, answer := range map[string]func(int, string, Params) (*http.Response, error){
		"redirect": func(_ int, method string, _ Params) (*http.Response, error) {
			res := reply(302, "")
			res.Header.Set("Location", elsewhere+method)
			return res, nil
		},
		"renewal": func(int, string, Params) (*http.Response, error) { return refuse(401, "expired_token"), nil },
	} {
		w := &wire{answer: answer}
		source := &tokenList{kind: Login, tokens: []Token{token("old"), {Access: "new", Endpoint: elsewhere, Fresh: true}}}
		var asked []string
		c := newClient(t, w, func(cfg *Config) {
			cfg.Webhook, cfg.Tokens = "", source
			cfg.Moved = func(from, to string) error {
				asked = append(asked, from+" "+to)
				return errors.New("not there")
			}
		})
		if _, err := c.Call(t.Context(), "crm.item.add", nil); err == nil || !strings.Contains(err.Error(), "not there") {
			t.Errorf("%s: got %v", name, err)
		}
		if diff := cmp.Diff([]string{"acme.example new.example"}, asked); diff != "" {
			t.Errorf("%s: asked (-want +got):\n%s", name, diff)
		}
		if n := len(w.sent()); n != 1 || c.Portal() != "acme.example" {
			t.Errorf("%s: %d requests, the portal is %s", name, n, c.Portal())
		}
	}
}
