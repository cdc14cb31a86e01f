package portal

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Application is a local application that is installed on the portal. The
// portal plays the authorization server too: authorization begins at
// /oauth/authorize/ and tokens come from /oauth/token/, see settings/oauth/ of
// the documentation. Whoever opens the authorization page counts as user 1, who
// is logged in already, so no form is shown.
type Application struct {
	ClientID     string   // "" is no application
	ClientSecret string   // required with a ClientID
	RedirectURL  string   // where the user returns to with a code; "" shows the code on a page
	Scopes       []string // granted permissions; empty grants all
}

// installed reports whether there is an application.
func (a *Application) installed() bool { return a.ClientID != "" }

// check tells what is wrong with the configuration, without its secret.
func (a *Application) check() error {
	if !a.installed() {
		if a.ClientSecret != "" || a.RedirectURL != "" || len(a.Scopes) > 0 {
			return errors.New("an application needs a client id")
		}
		return nil
	}
	if a.ClientSecret == "" {
		return fmt.Errorf("application %q needs a client secret", a.ClientID)
	}
	u, err := url.Parse(a.RedirectURL)
	if err != nil || a.RedirectURL != "" && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("application %q: the redirect URL is no http or https address", a.ClientID)
	}
	return nil
}

// applicationUser is the user whom the authorization page takes for logged in.
const applicationUser = 1

// serveAuthorize sends the user back to the application with a code. Errors are
// shown to the user alone: the application learns nothing of them.
func (p *Portal) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet) {
		return
	}
	query := r.URL.Query()
	if !p.application.installed() || query.Get("client_id") != p.application.ClientID {
		writePage(w, http.StatusBadRequest, "Application not found", "No application with this client_id is installed on this portal.")
		return
	}
	code, err := p.issue(context.WithoutCancel(r.Context()), tokenCode, applicationUser)
	if err != nil {
		writePage(w, http.StatusInternalServerError, "Internal error", err.Error())
		return
	}
	if p.application.RedirectURL == "" {
		writePage(w, http.StatusOK, "Authorization code", code)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, p.returnURL(r, code, query.Get("state")), http.StatusFound)
}

// returnURL is the application's address with what it has to know.
func (p *Portal) returnURL(r *http.Request, code, state string) string {
	u, err := url.Parse(p.application.RedirectURL)
	if err != nil {
		return p.application.RedirectURL // cannot be: Open checked it
	}
	q := u.Query()
	q.Set("code", code)
	q.Set("state", state)
	q.Set("domain", r.Host)
	q.Set("member_id", p.memberID)
	q.Set("scope", strings.Join(p.grantedScopes(), ","))
	q.Set("server_domain", r.Host)
	u.RawQuery = q.Encode()
	return u.String()
}

// grant is what the application may do: its scopes, with the rights of the user.
func (a *Application) grant() *grant {
	if len(a.Scopes) == 0 {
		return new(grant)
	}
	return &grant{scopes: a.Scopes}
}

// grantedScopes lists the application's permissions.
func (p *Portal) grantedScopes() []string { return p.application.grant().granted(p.scopes()) }

// writePage shows a page with one paragraph.
func writePage(w http.ResponseWriter, status int, title, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<title>%s</title>\n<h1>%[1]s</h1>\n<p>%s</p>\n", html.EscapeString(title), html.EscapeString(text))
}

// tokenEndpoint is the name of the token endpoint in the rules of faults. The
// pattern * does not cover a slash, so only rules that mean it fit.
const tokenEndpoint = "/oauth/token"

// serveToken exchanges a code or a refresh token for a pair of tokens, as far
// as the faults allow.
func (p *Portal) serveToken(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r, http.MethodGet, http.MethodPost) {
		return
	}
	params, err := readParams(w, r)
	if err != nil {
		refuseBody(w, err)
		return
	}
	p.answer(w, r, []string{tokenEndpoint}, func(w http.ResponseWriter) {
		w.Header().Set("Cache-Control", "no-store")
		answer, err := p.grant(r, params)
		if err != nil {
			p.writeError(w, err)
			return
		}
		p.writeJSON(w, http.StatusOK, answer)
	})
}

// A grantType names the parameter and the kind of token that it consumes.
type grantType struct {
	param string
	kind  tokenKind
}

func grantTypes() map[string]grantType {
	return map[string]grantType{
		"authorization_code": {"code", tokenCode},
		"refresh_token":      {"refresh_token", tokenRefresh},
	}
}

// grant checks the client and what it presents, and issues new tokens. The
// documentation says nothing of the status of errors: 400, and 401 for a wrong
// client, as RFC 6749 has it.
func (p *Portal) grant(r *http.Request, params *Map) (*Map, error) {
	value := func(name string) string {
		v, _ := params.Get(name)
		text, _ := asString(v)
		return text
	}
	g, ok := grantTypes()[value("grant_type")]
	if !ok || value("client_id") == "" || value(g.param) == "" {
		return nil, &fault{code: "invalid_request", text: "The request is missing a required parameter or its value is not supported"}
	}
	known := subtle.ConstantTimeCompare([]byte(value("client_secret")), []byte(p.application.ClientSecret)) == 1
	if !p.application.installed() || value("client_id") != p.application.ClientID || !known {
		return nil, &fault{status: http.StatusUnauthorized, code: "invalid_client", text: "The client credentials are invalid"}
	}
	pair, err := p.exchange(context.WithoutCancel(r.Context()), g.kind, value(g.param))
	if err != nil {
		return nil, err
	}
	p.counts.token()
	return p.tokenAnswer(r, pair, g.kind == tokenRefresh), nil
}

// tokenAnswer is the answer of the token endpoint. The documentation shows the
// user and the end of the access token only for a renewal.
func (p *Portal) tokenAnswer(r *http.Request, pair tokenPair, renewal bool) *Map {
	endpoint := scheme(r) + "://" + cmp.Or(r.Host, p.host) + "/rest/"
	m := new(Map)
	m.Set("access_token", pair.access)
	m.Set("client_endpoint", endpoint)
	m.Set("domain", cmp.Or(r.Host, p.host))
	if renewal {
		m.Set("expires", pair.expires.Unix())
	}
	m.Set("expires_in", int(tokenAccess.life()/time.Second))
	m.Set("member_id", p.memberID)
	m.Set("refresh_token", pair.refresh)
	m.Set("scope", strings.Join(p.grantedScopes(), ","))
	m.Set("server_endpoint", endpoint)
	m.Set("status", "L")
	if renewal {
		m.Set("user_id", pair.user)
	}
	return m
}

// newToken returns a secret that cannot be guessed.
func newToken() string { return strings.ToLower(rand.Text() + rand.Text()) }

// info is what app.info tells the application, see
// api-reference/common/system/app-info.md.
func (a *Application) info(family, tariff string) *Map {
	m := new(Map)
	m.Set("ID", 1)
	m.Set("CODE", a.ClientID)
	m.Set("VERSION", 1)
	m.Set("STATUS", "L")
	m.Set("INSTALLED", true)
	m.Set("PAYMENT_EXPIRED", "N")
	m.Set("DAYS", nil)
	m.Set("LANGUAGE_ID", "en")
	m.Set("LICENSE", "de_"+tariff)
	m.Set("LICENSE_TYPE", tariff)
	m.Set("LICENSE_FAMILY", family)
	return m
}
