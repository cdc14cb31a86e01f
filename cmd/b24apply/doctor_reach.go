package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
)

// checkConfiguration tells where the credential comes from.
func (d *doctor) checkConfiguration(context.Context) []finding {
	if d.unconfigured != nil {
		return one(ui.CheckFail, hintOf(d.unconfigured, ""), "%s", textOf(d.unconfigured))
	}
	return fine("%s", d.source())
}

// source says in words where the credential was found.
func (d *doctor) source() string {
	switch {
	case d.embedded:
		return "the portal in a box, inside this process"
	case d.app.portal != "":
		return "the " + d.holder() + " given by --portal"
	case d.set.Env == nil && d.holder() == "webhook":
		return "the webhook in " + webhookVariable
	case d.set.Env == nil && d.holder() == "access token":
		return "the access token in " + accessVariable
	case d.set.Env == nil:
		return "the login to " + d.first
	case d.holder() == "login":
		return fmt.Sprintf("environment %s: the login to %s", d.set.Env.Name, d.first)
	}
	s := d.set.Env.Webhook
	if s.IsZero() {
		s = d.set.Env.Token.Access
	}
	where := ""
	switch {
	case s.Env != "":
		where = "in " + s.Env
	case s.File != "":
		where = "in the file " + s.File
	default:
		where = "that " + s.Exec[0] + " prints"
	}
	return fmt.Sprintf("environment %s: the %s %s", d.set.Env.Name, d.holder(), where)
}

// holder says what the credential is: a webhook, an access token or a login.
func (d *doctor) holder() string {
	switch {
	case d.credential.tokens == nil:
		return "webhook"
	case d.credential.tokens.Kind() == bitrix.Login:
		return "login"
	}
	return "access token"
}

// addScope says where a missing permission is added.
func (d *doctor) addScope(scope string) string {
	if d.holder() == "webhook" {
		return "on the webhook's page in the portal (Developer resources), add the permission " + scope
	}
	return "on the application's page in the portal, add the permission " + scope + ", and authorize it again"
}

// checkAddress finds out whether something answers at the portal's address. It asks
// without the credential, which a stranger at that address must not get; every
// portal refuses that, so only whether an answer comes counts.
func (d *doctor) checkAddress(ctx context.Context) []finding {
	if d.embedded {
		return fine("inside this process; no network is used")
	}
	d.visit = visitPortal(ctx, http.MethodGet, d.base().JoinPath("rest", "server.time"))
	v := d.visit
	goal, to := d.first, v.peer
	if host, _, err := net.SplitHostPort(v.peer); err == nil {
		to = host
	}
	if v.proxy != "" {
		goal, to = "the proxy "+v.proxy, "the proxy "+v.proxy
	}
	text, hint := "", ""
	if v.err != nil {
		text, hint = plainly(v.err)
	}
	switch {
	case v.peer == "":
		return one(ui.CheckFail, hint, "cannot reach %s: %s", goal, text)
	case v.handshook && v.tls == nil:
		return fine("connected to %s", to)
	case v.err != nil:
		return one(ui.CheckFail, hint, "connected to %s, but then: %s", to, text)
	case v.status >= http.StatusInternalServerError:
		return one(ui.CheckWarn, "try again later; if it stays, the portal has a disturbance", "connected to %s, which answers with HTTP %d %s", to, v.status, http.StatusText(v.status))
	}
	return fine("connected to %s, which answers", to)
}

// soonExpired is how long before its end a certificate is worth a warning.
const soonExpired = 21 * 24 * time.Hour

// checkTLS looks at the certificate that the visit met.
func (d *doctor) checkTLS(context.Context) []finding {
	v := d.visit
	switch {
	case d.embedded:
		return fine("not needed inside this process")
	case d.base().Scheme == "http":
		return fine("not used: plain http, which does not leave this machine")
	case v.tls == nil || len(v.tls.PeerCertificates) == 0:
		text, hint := distrust(d.base().Hostname(), v.err)
		return one(ui.CheckFail, hint, "%s", text)
	}
	end := v.tls.PeerCertificates[0].NotAfter
	left := time.Until(end)
	text := fmt.Sprintf("%s; the certificate is valid until %s, %s from now", tls.VersionName(v.tls.Version), day(end), plural(int(left/(24*time.Hour)), "day"))
	if left < soonExpired {
		return one(ui.CheckWarn, "have the portal's certificate renewed before that day", "%s", text)
	}
	return fine("%s", text)
}

// checkName tells whether the portal was renamed. The client follows a redirect to
// the same path on another host, and keeps that host.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/change-domen.html
func (d *doctor) checkName(context.Context) []finding {
	if now := d.client.Portal(); now != d.first {
		return one(ui.CheckWarn, "put "+now+" in place of the old address: that name can be given to somebody else",
			"the portal was renamed: %s redirects to %s", d.first, now)
	}
	return fine("%s, which does not redirect", d.first)
}

// checkV3 finds out whether there is a REST 3.0. It asks without the credential: the
// new interface refuses that with an object as the error, the old one with text.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html
func (d *doctor) checkV3(ctx context.Context) []finding {
	if d.embedded {
		return note("not asked for inside this process; the CRM does not need it")
	}
	v := visitPortal(ctx, http.MethodPost, d.base().JoinPath("rest", "api", "rest.scope.list"))
	var answer struct{ Error json.RawMessage }
	if v.err == nil && json.Unmarshal(v.body, &answer) == nil && bytes.HasPrefix(answer.Error, []byte("{")) {
		return note("the portal has it; it has no methods for the CRM, which is done by the older REST")
	}
	return note("not seen on this portal; the CRM does not need it")
}
