package bitrix

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	said "github.com/b24apply/b24apply/pkg/value"
)

func TestExchangeGivesWhatTheServerSays(t *testing.T) {
	b := newBox(t, nil)
	got, err := ReadTokens(b.file)
	if err != nil {
		t.Fatal(err)
	}
	if got.AccessToken == "" || got.RefreshToken == "" || len(got.MemberID) != 32 || !strings.Contains(got.Scope, "crm") {
		t.Errorf("got %+v", got)
	}
	got.AccessToken, got.RefreshToken, got.MemberID, got.Scope = "", "", "", ""
	want := Tokens{
		Portal: strings.TrimPrefix(b.url, "http://"), Endpoint: b.url + "/rest/", Server: b.url + "/rest/", ClientID: "local.1", ClientSecret: canary,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestUserIsToldByTheFirstRenewal(t *testing.T) {
	b := newBox(t, nil)
	b.expire(t)
	c, err := fileClient(b.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadTokens(b.file); err != nil || got.UserID != 1 {
		t.Errorf("user %d, %v", got.UserID, err)
	}
}

// The request is the one that the documentation shows: a GET, with these names.
func TestTokenRequestIsTheDocumentedOne(t *testing.T) {
	var got []string
	answer := `{"access_token":"a","refresh_token":"r","expires_in":3600}`
	f := serverFile(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.Method+" "+r.URL.Path, r.URL.Query().Encode())
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer))
	})
	if _, err := f.Renew(t.Context(), f.Token()); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /oauth/token/", url.Values{
		"grant_type": {"refresh_token"}, "client_id": {"local.1"}, "client_secret": {canary}, "refresh_token": {"refresh-" + canary},
	}.Encode()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// serverFile is a token file whose authorization server is h.
func serverFile(t *testing.T, h http.HandlerFunc) *TokenFile {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	path := filepath.Join(t.TempDir(), "t.json")
	err := StoreTokens(t.Context(), path, Tokens{
		Portal: "acme.example", Endpoint: acme, Server: server.URL, MemberID: "m1",
		ClientID: "local.1", ClientSecret: canary, AccessToken: "access-" + canary, RefreshToken: "refresh-" + canary,
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := OpenTokenFile(path, TokenFileConfig{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A portal that was renamed is followed; one that is another is not.
func TestRenewalFollowsThePortal(t *testing.T) {
	const pair = `"access_token":"a2","refresh_token":"r2"`
	for _, tc := range []struct{ name, body, endpoint, failed string }{
		{"renamed", `{` + pair + `,"member_id":"m1","client_endpoint":"https://new.example/rest/"}`, "https://new.example/rest/", ""},
		{"nothing said", `{` + pair + `}`, acme, ""},
		{"plain address", `{` + pair + `,"client_endpoint":"http://new.example/rest/"}`, acme, ""},
		{"odd types", `{` + pair + `,"member_id":7,"client_endpoint":[],"user_id":"x","expires_in":"3600"}`, acme, ""},
		{"another portal", `{` + pair + `,"member_id":"m2"}`, "", "for another portal"},
		{"no refresh token", `{"access_token":"a2"}`, "", ""},
		{"no tokens", `{}`, "", "no tokens"},
		{"no JSON", `<html>`, "", "no tokens"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := serverFile(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(tc.body))
			})
			got, err := f.Renew(t.Context(), f.Token())
			if tc.failed != "" {
				if err == nil || !strings.Contains(err.Error(), tc.failed) {
					t.Errorf("got %v, want %q", err, tc.failed)
				}
				return
			}
			stored, readErr := ReadTokens(f.path)
			if tc.name == "no refresh token" {
				// x/oauth2 keeps the old one, and so do we: it has not been replaced.
				tc.endpoint, stored.RefreshToken = acme, strings.Replace(stored.RefreshToken, "refresh-"+canary, "r2", 1)
			}
			want := Token{Access: "a2", Endpoint: tc.endpoint, Fresh: true}
			if diff := cmp.Diff(want, got); diff != "" || err != nil || readErr != nil || stored.Endpoint != tc.endpoint || stored.AccessToken != "a2" || stored.RefreshToken != "r2" {
				t.Errorf("%v, %v: %s", err, readErr, diff)
			}
		})
	}
}

// Errors of the authorization server are told without a secret, say whether it
// helps to log in, and are not asked for again.
func TestRefusedRenewalIsTold(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		auth       bool
		want       string
		asked      int // by two renewals
	}{
		{"used", `{"error":"invalid_grant","error_description":"refresh-` + canary + ` is used"}`, 400, true, "*** is used (invalid_grant)", 1},
		{"unpaid", `{"error":"PAYMENT_REQUIRED","error_description":"Payment required"}`, 401, true, "Payment required (PAYMENT_REQUIRED)", 1},
		{"error with status 200", `{"error":"invalid_client"}`, 200, true, "(invalid_client)", 1},
		{"away", "<html>" + canary, 502, false, "HTTP 502: the answer is a web page", 2},
		{"redirected", "", 302, false, "HTTP 302", 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			asked := 0
			f := serverFile(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Location", "/elsewhere/?"+r.URL.RawQuery)
				w.WriteHeader(tc.status)
				_, _ = w.Write([]byte(tc.body))
			})
			for range 2 {
				_, err := f.Renew(t.Context(), f.Token())
				var refused *Error
				if !errors.As(err, &refused) || IsAuth(err) != tc.auth || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), canary) {
					t.Errorf("got %v, auth %t; want %q", err, IsAuth(err), tc.want)
				}
				if tc.auth && said.RemedyOf(refused).IsZero() {
					t.Error("no hint")
				}
			}
			if asked != tc.asked {
				t.Errorf("asked %d times, want %d", asked, tc.asked)
			}
			if stored, err := ReadTokens(f.path); err != nil || stored.AccessToken != "access-"+canary {
				t.Errorf("the file has changed: %v", err)
			}
		})
	}
}

func TestServerThatIsAwayIsUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	dropped := serverFile(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	gone := serverFile(t, nil)
	gone.tokens.Server = server.URL
	if err := StoreTokens(t.Context(), gone.path, gone.tokens); err != nil {
		t.Fatal(err)
	}
	damaged := serverFile(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"access_token":"` + canary)) })
	empty := serverFile(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) })
	for _, f := range []*TokenFile{dropped, gone, damaged, empty} {
		_, err := f.Renew(t.Context(), f.Token())
		if kind(err) != "unreachable" || strings.Contains(err.Error(), canary) {
			t.Errorf("got %v", err)
		}
	}
}

// The answer is JSON, whatever its header says: a proxy or a server in between may
// give it another type.
func TestTokensAreReadFromAnAnswerOfAnyType(t *testing.T) {
	for _, header := range []string{"application/json", "text/plain; charset=utf-8", "text/html", ""} {
		f := serverFile(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{header}
			_, _ = w.Write([]byte(`{"access_token":"a","refresh_token":"r"}`))
		})
		if got, err := f.Renew(t.Context(), f.Token()); err != nil || got.Access != "a" {
			t.Errorf("%q: %v, %v", header, got, err)
		}
	}
}

// Tokens that were given in another way are kept from the first renewal on, and
// found by whoever is given the same.
func TestGivenTokensAreKeptWhenTheyAreRenewed(t *testing.T) {
	b := newBox(t, nil)
	given, err := ReadTokens(b.file)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "renewed", "x.json")
	for i := range 2 {
		f, err := NewTokenFile(path, given, TokenFileConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			b.expire(t)
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a file before there is a renewal: %v", err)
			}
		}
		c, err := New(Config{Tokens: f, Plan: "box"})
		if err != nil {
			t.Fatal(err)
		}
		if err := callAtOnce(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	if got := b.portal.Stats().Tokens; got != 2 {
		t.Errorf("%d pairs of tokens were issued, want 2", got)
	}
}

// Who logs in again while a program runs saves it: a refused refresh token is
// not the last word.
func TestNewLoginIsTakenOver(t *testing.T) {
	b := newBox(t, nil)
	c, err := fileClient(b.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.expire(t)
	tokens, err := b.application(t).Exchange(t.Context(), b.code(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := StoreTokens(t.Context(), b.file, tokens); err != nil {
		t.Fatal(err)
	}
	if err := callAtOnce(t.Context(), c); err != nil {
		t.Error(err)
	}
	if got := b.portal.Stats().Tokens; got != 2 {
		t.Errorf("%d pairs of tokens were issued, want the two logins'", got)
	}
}

// A redirect is followed with the token, and so is what the next renewal says.
func TestTokenFollowsARedirect(t *testing.T) {
	b := newBox(t, nil)
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", b.url+r.URL.Path)
		w.WriteHeader(http.StatusFound)
	}))
	t.Cleanup(old.Close)
	tokens, err := ReadTokens(b.file)
	if err != nil {
		t.Fatal(err)
	}
	tokens.Endpoint = old.URL + "/rest/"
	if err := StoreTokens(t.Context(), b.file, tokens); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		c, err := fileClient(b.file, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Call(t.Context(), "server.time", nil); err != nil || "http://"+c.Portal() != b.url {
			t.Errorf("portal %s: %v", c.Portal(), err)
		}
		b.expire(t)
	}
	if stored, err := ReadTokens(b.file); err != nil || stored.Endpoint != b.url+"/rest/" {
		t.Errorf("stored %s, %v", stored.Endpoint, err)
	}
}

// A file that vanishes under a running program is a matter of the credential.
func TestLogoutEndsWhatRuns(t *testing.T) {
	b := newBox(t, nil)
	c, err := fileClient(b.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.expire(t)
	if err := RemoveTokens(t.Context(), b.file); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Call(t.Context(), "server.time", nil); !IsAuth(err) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestTransportAndLoggerAreUsedForTokenRequests(t *testing.T) {
	f := serverFile(t, nil)
	var b strings.Builder
	var asked []string
	f, err := OpenTokenFile(f.path, TokenFileConfig{
		Logger: slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
			asked = append(asked, req.URL.Path)
			res := reply(200, `{"access_token":"a2","refresh_token":"r2"}`)
			res.Header.Set("Content-Type", "application/json")
			return res, nil
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Renew(t.Context(), f.Token()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/oauth/token/"}, asked); diff != "" || !strings.Contains(b.String(), "token request") || strings.Contains(b.String(), canary) {
		t.Errorf("%s log:\n%s", diff, b.String())
	}
}

func TestTokenFileThatIsNotWellIsRefused(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"empty": "", "cut": `{"access_token":"` + canary, "half": `{"access_token":"` + canary + `"}`, "large": strings.Repeat(canary, maxTokenFile),
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OpenTokenFile(path, TokenFileConfig{})
		var file *FileError
		if !errors.As(err, &file) || said.RemedyOf(file).IsZero() || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := OpenTokenFile(filepath.Join(dir, "none"), TokenFileConfig{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
	if err := RemoveTokens(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("remove no file: got %v", err)
	}
}
