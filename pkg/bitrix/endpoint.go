package bitrix

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
)

// An endpoint is where methods are called, and the credential for it.
type endpoint struct {
	scheme string
	host   string // with port, if any
	path   string // /rest/{user}/{secret}/, or /rest/ for a token
	secret string // what no text may hold: the webhook's, or the token
	token  string // sent with the parameters; "" for a webhook
	kind   CredentialKind
}

var webhookPath = regexp.MustCompile(`^/rest/([0-9]+)/([A-Za-z0-9._~-]+)/?$`)

// isMethod tells whether a text can be the name of a method: words of letters, digits and low
// lines, with dots between them.
func isMethod(name string) bool {
	dot := true // a word is to begin
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '.' && dot:
			return false
		case c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z'):
			return false
		}
		dot = c == '.'
	}
	return !dot
}

// parseWebhook checks a webhook URL. Its errors never repeat the URL; url.Parse
// does, hence its error is dropped.
func parseWebhook(raw string) (*endpoint, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("the webhook URL is missing; create an inbound webhook in the portal (Developer resources) and give its URL, https://PORTAL/rest/1/SECRET/")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("the webhook is no valid URL; it must look like https://PORTAL/rest/1/SECRET/")
	}
	if err := checkAddress(u); err != nil {
		return nil, err
	}
	m := webhookPath.FindStringSubmatch(u.EscapedPath())
	if m == nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the webhook URL must end with /rest/USER-ID/SECRET/ and no method name; copy it from the webhook's page in the portal")
	}
	return &endpoint{
		scheme: u.Scheme,
		host:   u.Host,
		path:   strings.TrimSuffix(u.EscapedPath(), "/") + "/",
		secret: m[2],
	}, nil
}

// checkAddress refuses addresses that would send the secret in the clear.
func checkAddress(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return errors.New("the webhook URL must begin with https://")
	case u.Hostname() == "":
		return errors.New("the webhook URL has no host; it must look like https://PORTAL/rest/1/SECRET/")
	case u.User != nil:
		return errors.New("the webhook URL must not hold a user name or password before the host")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("the webhook URL must use https; plain http would send its secret readable, and is allowed for this machine only")
	}
	return nil
}

// url is the address of a method.
func (e *endpoint) url(method string) *url.URL {
	return &url.URL{Scheme: e.scheme, Host: e.host, Path: e.path + method}
}

// moved is the endpoint that a redirect points to. Only the host may change: a
// portal that was renamed keeps its paths, so anything else, such as a log-in
// page, is no answer of REST.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/change-domen.html
func (e *endpoint) moved(j *job, location string) (*endpoint, error) {
	from := e.address(j)
	to, err := from.Parse(location)
	switch {
	case location == "" || err != nil || to.Hostname() == "":
		return nil, errors.New("the portal redirects, but does not say where to")
	case to.Scheme == "http" && (!isLoopback(to.Hostname()) || !isLoopback(from.Hostname())):
		return nil, errors.New("the portal redirects to plain http, which would send the credential readable; it was not followed")
	case to.Scheme != "https" && to.Scheme != "http" || to.User != nil:
		return nil, errors.New("the portal redirects to an address that is no web page; it was not followed")
	case strings.TrimSuffix(to.EscapedPath(), "/") != from.EscapedPath():
		return nil, errors.New("the portal redirects to another page on " + to.Host + " instead of answering; check that the address is a Bitrix24 portal")
	}
	next := *e
	next.scheme, next.host = to.Scheme, to.Host
	return &next, nil
}

// isLoopback reports whether a host name is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
