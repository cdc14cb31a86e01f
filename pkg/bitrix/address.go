package bitrix

import (
	"errors"
	"net/url"
	"strings"
)

// An Address is where a portal is. Make it with NewAddress.
type Address struct {
	scheme, host string
}

var errAddress = errors.New("the portal's address must look like acme.bitrix24.com, or https://acme.bitrix24.com")

// NewAddress reads the address of a portal: its host, or an https URL that ends
// with the host or with /rest/. Plain http is accepted for this machine only,
// and is what a bare loopback host means. Errors do not repeat the address: it
// may be a webhook's URL by mistake.
func NewAddress(text string) (Address, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Address{}, errors.New("the portal's address is missing")
	}
	if !strings.Contains(text, "://") {
		scheme := "https://"
		if u, err := url.Parse("//" + text); err == nil && isLoopback(u.Hostname()) {
			scheme = "http://"
		}
		text = scheme + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Address{}, errAddress
	}
	if path := strings.Trim(u.Path, "/"); path != "" && path != "rest" {
		return Address{}, errAddress
	}
	if err := checkScheme(u); err != nil {
		return Address{}, err
	}
	return Address{u.Scheme, strings.ToLower(u.Host)}, nil
}

// checkScheme refuses addresses to which a token would go in the clear.
func checkScheme(u *url.URL) error {
	switch {
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return errors.New("the address must use https; plain http would send the access token readable, and is allowed for this machine only")
	}
	return errAddress
}

// Host is the portal's host, with its port if the address has one.
func (a Address) Host() string { return a.host }

// Endpoint is the address below which the portal's methods are.
// Source: client_endpoint of https://apidocs.bitrix24.com/settings/oauth/index.html
func (a Address) Endpoint() string { return a.String() + "/rest/" }

// String is the address as a URL without a path.
func (a Address) String() string { return a.scheme + "://" + a.host }
