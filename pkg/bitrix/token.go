package bitrix

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// tokenEndpoint is where methods are called with a token.
func tokenEndpoint(t Token, kind CredentialKind) (*endpoint, error) {
	address, err := NewAddress(t.Endpoint)
	if err != nil {
		return nil, err
	}
	if t.Access == "" || strings.ContainsAny(t.Access, " \t\r\n") {
		return nil, errors.New("the access token is empty or holds blanks; copy it whole")
	}
	return &endpoint{scheme: address.scheme, host: address.host, path: "/rest/", secret: t.Access, token: t.Access, kind: kind}, nil
}

// sign adds the token to the parameters of a request, as the documentation
// recommends; a webhook's requests need none. It comes last, since of two equal
// names the last counts. A batch of REST 3.0 is a list, which takes none: authorize
// gives its token.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/authorization.html
func (e *endpoint) sign(body []byte) []byte {
	object, ok := bytes.CutSuffix(bytes.TrimSpace(body), []byte("}"))
	if e.token == "" || !ok {
		return body
	}
	separator := `,"auth":`
	if bytes.Equal(object, []byte("{")) {
		separator = `"auth":`
	}
	token, err := json.Marshal(e.token)
	if err != nil {
		return body // cannot be: a text has a JSON form
	}
	signed := make([]byte, 0, len(object)+len(separator)+len(token)+2)
	signed = append(append(append(signed, object...), separator...), token...)
	return append(signed, '}', '\n')
}

// authorize adds the token of a request that has no parameters to hold it.
func (e *endpoint) authorize(h http.Header, body []byte) {
	if e.token != "" && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		h.Set("Authorization", "Bearer "+e.token)
	}
}

// hide takes the credential out of a text, in the forms that an answer may
// repeat it in.
func (e *endpoint) hide(text string) string {
	return hideSecrets(text, e.secret)
}

// hideIn takes the credential out of an answer. Links to files hold the one that asked for
// them; a file is fetched with the client's own, so that nobody needs it there.
// Source: https://apidocs.bitrix24.com/api-reference/files/how-to-update-files.html (urlMachine).
func (e *endpoint) hideIn(body []byte) []byte {
	for _, form := range secretForms(e.secret) {
		if bytes.Contains(body, []byte(form)) {
			body = bytes.ReplaceAll(body, []byte(form), []byte("***"))
		}
	}
	return body
}

// minSecret is the length below which a credential is none: it is a mistake, and
// hiding it would make ordinary words unreadable.
const minSecret = 6

// hideSecrets replaces secrets by stars, as they are and as URLs and JSON write
// them.
func hideSecrets(text string, secrets ...string) string {
	for _, secret := range secrets {
		for _, form := range secretForms(secret) {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	return text
}

// secretForms lists how a secret may be written; none if it is too short to be one.
func secretForms(secret string) []string {
	if len(secret) < minSecret {
		return nil
	}
	quoted, _ := json.Marshal(secret) // a text has a JSON form
	inJSON := strings.Trim(string(quoted), `"`)
	slashes := strings.ReplaceAll(inJSON, "/", `\/`)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), escape(secret), inJSON, slashes}
	slices.Sort(forms)
	return slices.Compact(forms)
}

// expiredToken is the code of a token that has to be renewed.
// Source: https://apidocs.bitrix24.com/settings/oauth/auto-renewal.html
const expiredToken = "expired_token"

// isExpired tells whether a try failed only because the token had run out, so
// that nothing was executed.
func (f *failure) isExpired() bool {
	var refused *Error
	return f != nil && f.verdict == final && errors.As(f.err, &refused) && refused.Code == expiredToken
}

// maxAdoptions bounds how many tokens of other processes one try looks at: each
// may have run out as well since it was stored.
const maxAdoptions = 3

// maxRenewals bounds how often one try renews: a token that was issued just now may
// run out while the request waits, but not again and again.
const maxRenewals = 2

// try sends a job once. A request that met an expired token was not executed:
// the token is renewed and the request sent again, which is no further try.
// Should the portal refuse a second token that was issued just now, that is final.
func (c *Client) try(ctx context.Context, j *job) (*Response, *failure) {
	for adoptions, renewals := 0, 0; ; {
		res, used, f := c.attempt(ctx, j)
		if c.tokens == nil || !f.isExpired() || adoptions == maxAdoptions || renewals == maxRenewals {
			return res, f
		}
		fresh, renewal := c.renew(ctx, used, f)
		if renewal != nil {
			return nil, renewal
		}
		if fresh {
			renewals++
		} else {
			adoptions++
		}
	}
}

// renew puts another token in the place of the one that used was refused with
// by f, and reports whether it was issued just now.
func (c *Client) renew(ctx context.Context, used *endpoint, f *failure) (fresh bool, _ *failure) {
	c.log.DebugContext(ctx, "access token has expired", "portal", used.host)
	token, err := c.tokens.Renew(ctx, Token{Access: used.token, Endpoint: used.scheme + "://" + used.host + used.path})
	var (
		refused     *Error
		unreachable *Unreachable
	)
	switch {
	case errors.Is(err, ErrNoRenewal):
		return false, f
	case errors.As(err, &refused) && refused.verdict() != final, errors.As(err, &unreachable), err != nil && ctx.Err() != nil:
		return false, &failure{verdict: unreached, err: err}
	case err != nil:
		return false, &failure{verdict: final, err: err}
	}
	next, err := tokenEndpoint(token, used.kind)
	if err == nil {
		err = c.mayMove(used, next)
	}
	if err != nil {
		return false, &failure{verdict: final, err: fmt.Errorf("renew the access token: %w", err)}
	}
	for old := c.endpoint.Load(); old.token == used.token; old = c.endpoint.Load() {
		if c.endpoint.CompareAndSwap(old, next) {
			c.log.DebugContext(ctx, "access token renewed", "portal", next.host)
			break
		}
	}
	return token.Fresh, nil
}
