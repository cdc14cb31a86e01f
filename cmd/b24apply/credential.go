package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// The variables that say how to get into a portal where no project file does.
const (
	// webhookVariable holds a webhook's URL.
	webhookVariable = "B24_WEBHOOK_URL"
	// portalVariable holds a portal's address, for an access token or a login.
	portalVariable = "B24_PORTAL"
	// accessVariable holds an access token, and the next three what renews it.
	accessVariable  = "B24_ACCESS_TOKEN"
	refreshVariable = "B24_REFRESH_TOKEN"
	clientVariable  = "B24_CLIENT_ID"
	secretVariable  = "B24_CLIENT_SECRET"
	// serverVariable holds the address of another authorization server.
	serverVariable = "B24_OAUTH_SERVER"
	// planVariable tells the portal's limits where no environment does.
	planVariable = "B24_PLAN"
)

// secretVariables hold what no command line may hold.
var secretVariables = []string{webhookVariable, accessVariable, refreshVariable, secretVariable, identityVariable, planKeyVariable}

// A credential is one of two: a webhook's URL, or a source of access tokens.
type credential struct {
	webhook string
	tokens  bitrix.TokenSource
	env     *spec.Environment // that pins the portal; nil: none
}

// variable is the trimmed value of an environment variable, "" if it is not set.
func (a *app) variable(name string) string {
	v, _ := a.getenv(name)
	return strings.TrimSpace(v)
}

// credential finds out how to get into the portal: --portal wins over the
// project's environment, which wins over variables, which win over a login.
func (a *app) credential(ctx context.Context, set *spec.Set) (credential, error) {
	switch {
	case a.portal != "":
		return a.flagCredential(set.Env)
	case set.Env != nil:
		c, err := a.projectCredential(ctx, set.Env)
		c.env = set.Env
		return c, err
	case len(set.Project.Environments) > 0:
		names := make([]string, len(set.Project.Environments))
		for i, e := range set.Project.Environments {
			names[i] = e.Name
		}
		return credential{}, &failure{err: value.Err("project-has-several-environments"), hint: value.Say("choose-environment-by-flag", value.L("names", names))}
	}
	return a.variableCredential()
}

// flagCredential is what --portal names, which is no secret: a portal on this
// machine, or one that the user has logged in to. A login has to be for the portal that
// the environment pins; a portal on this machine is there to try things.
func (a *app) flagCredential(env *spec.Environment) (credential, error) {
	if isLoopbackURL(a.portal) && webhookPath.MatchString(a.portal) {
		return credential{webhook: a.portal}, nil
	}
	address, err := bitrix.NewAddress(a.portal)
	if err != nil || !strings.ContainsAny(a.portal, ".:/") && a.portal != "localhost" {
		return credential{}, &failure{
			err:  value.Err("portal-takes-address"),
			hint: value.Say("put-webhook-into-variable", value.T("variable", webhookVariable)),
		}
	}
	c, err := a.loginCredential(address)
	if c.env = env; err == nil && env != nil {
		err = sameMember(env, c.tokens)
	}
	return c, err
}

// projectCredential is what the environment of the project declares.
func (a *app) projectCredential(ctx context.Context, env *spec.Environment) (c credential, err error) {
	switch {
	case !env.Webhook.IsZero():
		return a.projectWebhook(ctx, env)
	case !env.Token.IsZero():
		return a.projectToken(ctx, env)
	case env.OAuth == "":
		return c, &failure{
			code: exitError, err: value.Err("environment-names-no-portal", value.Q("env", env.Name)),
			hint: value.Say("write-portal-of-environment", value.T("variable", webhookVariable)),
		}
	}
	address, err := a.projectAddress(env, "oauth", env.OAuth)
	if err != nil {
		return c, err
	}
	if c, err = a.loginCredential(address); err != nil {
		return c, err
	}
	return c, sameMember(env, c.tokens)
}

// projectWebhook is the webhook that an environment declares.
func (a *app) projectWebhook(ctx context.Context, env *spec.Environment) (c credential, err error) {
	if env.Host != "" { // a program need not run for a contradiction
		if err := a.contradicts(env, env.Host); err != nil {
			return c, err
		}
	}
	if c.webhook, err = a.secret(ctx, env.Webhook); err != nil {
		return c, err
	}
	return c, a.contradicts(env, hostOf(c.webhook))
}

// projectAddress is the address that an environment has for a token or a login, which are
// bound to no host by themselves.
func (a *app) projectAddress(env *spec.Environment, key, text string) (bitrix.Address, error) {
	address, err := bitrix.NewAddress(text)
	if err != nil {
		return address, fmt.Errorf("environment %q: %w", env.Name, err)
	}
	if err := a.trusted(address.Host(), env.Show(key, address.Host())); err != nil {
		return address, err
	}
	if err := pinned(env, address.Host(), env.Show(key, address.Host())); err != nil {
		return address, err
	}
	return address, a.contradicts(env, address.Host())
}

// sameMember refuses tokens of another portal than the environment is for.
func sameMember(env *spec.Environment, tokens bitrix.TokenSource) error {
	file, ok := tokens.(*bitrix.TokenFile)
	if !ok || env.MemberID == "" || strings.EqualFold(env.MemberID, file.MemberID()) {
		return nil
	}
	if file.MemberID() == "" {
		if file.Kind() != bitrix.Login {
			return nil // portal.host pins it
		}
		return &failure{
			code: exitError, err: value.Err("login-tells-no-member-id", value.Q("env", env.Name)),
			hint: value.Say("log-in-again-or-pin-host"),
		}
	}
	return &failure{
		code: exitError, err: value.Err("tokens-are-for-other-portal", value.Q("env", env.Name), value.T("pinned", env.Show("memberId", env.MemberID)), value.T("member", file.MemberID())),
		hint: value.Say("correct-member-id"),
	}
}

// projectToken is the access token that an environment declares.
func (a *app) projectToken(ctx context.Context, env *spec.Environment) (c credential, err error) {
	if _, err = a.projectAddress(env, "address", env.Token.Address); err != nil {
		return c, err
	}
	t := accessToken{portal: env.Token.Address, client: env.Token.ClientID}
	for _, s := range []struct {
		from spec.Secret
		to   *string
	}{{env.Token.Access, &t.access}, {env.Token.Refresh, &t.refresh}, {env.Token.ClientSecret, &t.secret}} {
		if s.from.IsZero() {
			continue
		}
		if *s.to, err = a.secret(ctx, s.from); err != nil {
			return c, err
		}
	}
	if c, err = a.tokenCredential(t); err != nil {
		return c, fmt.Errorf("environment %q: %w", env.Name, err)
	}
	return c, sameMember(env, c.tokens)
}

// variableCredential is what the variables say, or else the only login.
func (a *app) variableCredential() (credential, error) {
	hook, portal := a.variable(webhookVariable), a.variable(portalVariable)
	for _, token := range []string{accessVariable, refreshVariable} {
		if hook != "" && a.variable(token) != "" {
			return credential{}, contradiction("two-ways-into-portal", webhookVariable, token)
		}
	}
	switch {
	case hook != "":
		if host := hostOf(hook); portal != "" && host != "" && !sameHost(portal, host) {
			return credential{}, contradiction("two-portals-are-named", webhookVariable, portalVariable)
		}
		return credential{webhook: hook}, nil
	case a.variable(accessVariable) != "" || a.variable(refreshVariable) != "":
		return a.variableToken(portal)
	case portal != "":
		address, err := bitrix.NewAddress(portal)
		if err != nil {
			return credential{}, fmt.Errorf("%s: %w", portalVariable, err)
		}
		return a.loginCredential(address)
	}
	return a.onlyLogin()
}

// variableToken is the access token in the variables.
func (a *app) variableToken(portal string) (credential, error) {
	t := accessToken{
		portal: portal, access: a.variable(accessVariable), refresh: a.variable(refreshVariable),
		client: a.variable(clientVariable), secret: a.variable(secretVariable),
	}
	for _, needed := range []struct{ name, text, code string }{
		{portalVariable, t.portal, "portal-is-not-set"},
		{accessVariable, t.access, "access-token-is-not-set"},
	} {
		if needed.text == "" {
			return credential{}, &failure{err: value.Err(needed.code, value.T("name", needed.name)),
				hint: value.Say("set-variable-or-unset", value.T("name", needed.name), value.T("variable", accessVariable), value.T("other", refreshVariable))}
		}
	}
	if t.refresh != "" && (t.client == "" || t.secret == "") {
		return credential{}, &failure{err: value.Err("renewing-takes-application", value.T("variable", refreshVariable), value.T("other", clientVariable), value.T("third", secretVariable)),
			hint: value.Say("set-them-or-unset-refresh", value.T("variable", refreshVariable))}
	}
	return a.tokenCredential(t)
}

func contradiction(code, one, other string) error {
	return &failure{err: value.Err(code, value.T("one", one), value.T("other", other)), hint: value.Say("unset-one", value.T("one", one), value.T("other", other))}
}

// An accessToken is one that the user has got from elsewhere.
type accessToken struct {
	portal, access          string
	refresh, client, secret string // what renews it, if anything
}

// tokenCredential is an access token, which is renewed if there is what renews it.
func (a *app) tokenCredential(t accessToken) (c credential, err error) {
	address, err := bitrix.NewAddress(t.portal)
	if err != nil {
		return c, err
	}
	if t.refresh == "" {
		c.tokens, err = bitrix.NewAccessToken(t.portal, t.access)
		return c, err
	}
	path, err := a.renewedPath(address, t.client, t.refresh)
	if err != nil {
		return c, err
	}
	server, err := a.server("")
	if err != nil {
		return c, err
	}
	c.tokens, err = bitrix.NewTokenFile(path, bitrix.Tokens{
		Portal: address.Host(), Endpoint: address.Endpoint(), Server: server,
		ClientID: t.client, ClientSecret: t.secret, AccessToken: t.access, RefreshToken: t.refresh,
	}, bitrix.TokenFileConfig{Logger: a.logger()})
	return c, err
}

// server is the authorization server: what a flag says, else B24_OAUTH_SERVER,
// else Bitrix24's.
func (a *app) server(flag string) (string, error) {
	name := "--server"
	if flag == "" {
		name, flag = serverVariable, a.variable(serverVariable)
	}
	if flag == "" {
		return bitrix.DefaultServer, nil
	}
	address, err := bitrix.NewAddress(flag)
	if err != nil {
		return "", &failure{code: exitError, err: fmt.Errorf("%s: %w", name, err), hint: value.Say("leave-server-out", value.T("server", bitrix.DefaultServer))}
	}
	return address.String(), nil
}

// hostOf is the host of a URL, "" if it has none.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Host
}

// sameHost tells whether a portal's address names a host.
func sameHost(portal, host string) bool {
	address, err := bitrix.NewAddress(portal)
	return err == nil && strings.EqualFold(address.Host(), host)
}
