package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"time"

	"github.com/b24apply/b24apply/internal/ui"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
)

// checkConfiguration tells where the credential comes from.
func (d *doctor) checkConfiguration(context.Context) []finding {
	if d.unconfigured != nil {
		return one(ui.CheckFail, value.RemedyOf(d.unconfigured), value.SaidBy(d.unconfigured))
	}
	return one(ui.CheckOK, value.Message{}, d.source())
}

// source says in words where the credential was found.
func (d *doctor) source() value.Message {
	holder := value.M("holder", d.holder())
	switch {
	case d.embedded:
		return value.Say("source-is-box")
	case d.app.portal != "":
		return value.Say("source-is-flag", holder)
	case d.set.Env == nil:
		return d.sourceOfOperator()
	}
	env := value.T("env", d.set.Env.Name)
	if d.isLogin() {
		return value.Say("source-is-login-of-environment", env, value.T("host", d.first))
	}
	s := d.set.Env.Webhook
	if s.IsZero() {
		s = d.set.Env.Token.Access
	}
	switch {
	case s.Env != "":
		return value.Say("source-is-variable-of-environment", env, holder, value.T("variable", s.Env))
	case s.File != "":
		return value.Say("source-is-file-of-environment", env, holder, value.T("file", s.File))
	}
	return value.Say("source-is-program-of-environment", env, holder, value.T("program", s.Exec[0]))
}

// sourceOfOperator is source where no project names an environment.
func (d *doctor) sourceOfOperator() value.Message {
	switch {
	case d.credential.tokens == nil:
		return value.Say("source-is-variable", value.M("holder", d.holder()), value.T("variable", webhookVariable))
	case !d.isLogin():
		return value.Say("source-is-variable", value.M("holder", d.holder()), value.T("variable", accessVariable))
	}
	return value.Say("source-is-login", value.T("host", d.first))
}

func (d *doctor) isLogin() bool {
	return d.credential.tokens != nil && d.credential.tokens.Kind() == bitrix.Login
}

// holder says what the credential is: a webhook, an access token or a login.
func (d *doctor) holder() value.Message {
	switch {
	case d.credential.tokens == nil:
		return value.Say("holder-webhook")
	case d.isLogin():
		return value.Say("holder-login")
	}
	return value.Say("holder-access-token")
}

// addScope says where a missing permission is added.
func (d *doctor) addScope(scope string) value.Message {
	if d.credential.tokens == nil {
		return value.Say("add-scope-to-webhook", value.T("scope", scope))
	}
	return value.Say("add-scope-to-application", value.T("scope", scope))
}

// checkAddress finds out whether something answers at the portal's address. It asks
// without the credential, which a stranger at that address must not get; every
// portal refuses that, so only whether an answer comes counts.
func (d *doctor) checkAddress(ctx context.Context) []finding {
	if d.embedded {
		return fine("no-network-is-used")
	}
	d.visit = visitPortal(ctx, http.MethodGet, d.base().JoinPath("rest", "server.time"))
	v := d.visit
	goal, to := value.Verbatim(d.first), value.Verbatim(v.peer)
	if host, _, err := net.SplitHostPort(v.peer); err == nil {
		to = value.Verbatim(host)
	}
	if v.proxy != "" {
		goal = value.Say("proxy-of-host", value.T("host", v.proxy))
		to = goal
	}
	var text, hint value.Message
	if v.err != nil {
		text, hint = plainly(v.err)
	}
	switch {
	case v.peer == "":
		return one(ui.CheckFail, hint, value.Say("cannot-reach", value.M("goal", goal), value.M("text", text)))
	case v.handshook && v.tls == nil:
		return fine("connected", value.M("to", to))
	case v.err != nil:
		return one(ui.CheckFail, hint, value.Say("connected-but-then", value.M("to", to), value.M("text", text)))
	case v.status >= http.StatusInternalServerError:
		return one(ui.CheckWarn, value.Say("try-later-or-disturbed"), value.Say("connected-and-disturbed", value.M("to", to), value.N("status", v.status), value.T("text", http.StatusText(v.status))))
	}
	return fine("connected-and-answered", value.M("to", to))
}

// soonExpired is how long before its end a certificate is worth a warning.
const soonExpired = 21 * 24 * time.Hour

// checkTLS looks at the certificate that the visit met.
func (d *doctor) checkTLS(context.Context) []finding {
	v := d.visit
	switch {
	case d.embedded:
		return fine("tls-is-not-needed")
	case d.base().Scheme == "http":
		return fine("tls-is-not-used")
	case v.tls == nil || len(v.tls.PeerCertificates) == 0:
		text, hint := distrust(d.base().Hostname(), v.err)
		return one(ui.CheckFail, hint, text)
	}
	end := v.tls.PeerCertificates[0].NotAfter
	left := time.Until(end)
	text := value.Say("certificate-is-valid", value.T("version", tls.VersionName(v.tls.Version)), value.T("day", day(end)), value.N("n", int(left/(24*time.Hour))))
	if left < soonExpired {
		return one(ui.CheckWarn, value.Say("have-certificate-renewed"), text)
	}
	return one(ui.CheckOK, value.Message{}, text)
}

// checkName tells whether the portal was renamed. The client follows a redirect to
// the same path on another host, and keeps that host.
// Source: https://apidocs.bitrix24.com/settings/how-to-call-rest-api/change-domen.html
func (d *doctor) checkName(context.Context) []finding {
	if now := d.client.Portal(); now != d.first {
		return one(ui.CheckWarn, value.Say("put-new-address", value.T("now", now)),
			value.Say("portal-was-renamed-redirects", value.T("first", d.first), value.T("now", now)))
	}
	return fine("name-does-not-redirect", value.T("first", d.first))
}

// checkV3 finds out whether there is a REST 3.0. It asks without the credential: the
// new interface refuses that with an object as the error, the old one with text.
// Source: https://apidocs.bitrix24.com/api-reference/rest-v3.html
func (d *doctor) checkV3(ctx context.Context) []finding {
	if d.embedded {
		return note("rest-3-is-not-asked-for")
	}
	v := visitPortal(ctx, http.MethodPost, d.base().JoinPath("rest", "api", "rest.scope.list"))
	var answer struct{ Error json.RawMessage }
	if v.err == nil && json.Unmarshal(v.body, &answer) == nil && bytes.HasPrefix(answer.Error, []byte("{")) {
		return note("rest-3-is-there")
	}
	return note("rest-3-is-not-seen")
}
