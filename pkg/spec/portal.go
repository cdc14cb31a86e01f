package spec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A TokenPortal is a portal that is reached with an access token. Refresh,
// ClientID and ClientSecret are given together or not at all; with them the
// token is renewed when it has expired.
type TokenPortal struct {
	Address      string // of the portal
	Access       Secret
	Refresh      Secret
	ClientID     string
	ClientSecret Secret
}

// IsZero tells whether no access token was declared.
func (t TokenPortal) IsZero() bool { return t.Address == "" && t.Access.IsZero() }

// readPortal reads where an environment's portal is and how to get in.
func (e *Environment) readPortal(portal value.Node, dir string) {
	webhook, _ := portal.Get("webhook")
	e.Webhook = readSecret(webhook, dir)
	login, _ := portal.Get("oauth")
	member, _ := portal.Get("memberId")
	host, _ := portal.Get("host")
	e.OAuth, e.MemberID, e.Host = login.Text, strings.ToLower(member.Text), strings.ToLower(host.Text)
	sees, _ := portal.Get("seesAll")
	e.SeesAll = isTrue(sees)
	token, ok := portal.Get("token")
	if !ok {
		return
	}
	secret := func(name string) Secret {
		v, _ := token.Get(name)
		return readSecret(v, dir)
	}
	address, _ := token.Get("address")
	client, _ := token.Get("clientId")
	e.Token = TokenPortal{
		Address: address.Text, Access: secret("access"), Refresh: secret("refresh"),
		ClientID: client.Text, ClientSecret: secret("clientSecret"),
	}
}

// checkPortals reports environments whose portal has several credentials, none,
// or half of what renews a token.
func (d *document) checkPortals() {
	body, _ := d.root.Get("spec")
	environments, _ := body.Get("environments")
	for _, env := range environments.Pairs {
		portal, ok := env.Value.Get("portal")
		if !ok || portal.Kind != value.Map {
			continue
		}
		given := present(portal, "webhook", "oauth", "token")
		switch {
		case len(given) > 1:
			d.problem(portal.Pos, "", "portal", value.Say("keep-the-meant-one"), value.Say("portal-ways-contradict", value.T("environment", env.Key), value.L("ways", given)))
		case len(given) == 0:
			d.problem(portal.Pos, "", "portal", value.Say("add-way-in"), value.Say("portal-no-way-in", value.T("environment", env.Key)))
		}
		d.checkSecretNames(env.Key, portal)
		d.checkPins(env.Key, portal)
		token, _ := portal.Get("token")
		renewal := present(token, "refresh", "clientId", "clientSecret")
		if len(renewal) == 1 || len(renewal) == 2 {
			d.problem(token.Pos, "", "portal", value.Say("give-all-three"), value.Say("token-cannot-be-renewed", value.T("environment", env.Key), value.L("keys", renewal)))
		}
	}
}

// checkSecretNames reports variables that a portal block cannot name. A project is not
// trusted to send just any variable of the process to a portal.
func (d *document) checkSecretNames(env string, portal value.Node) {
	for _, p := range portal.Pairs {
		if p.Key == "token" {
			d.checkSecretNames(env, p.Value)
		}
		name, ok := p.Value.Get("env")
		if !ok || name.Kind != value.Scalar || isCredentialVariable(name.Text) || !envName.MatchString(name.Text) {
			continue
		}
		d.problem(name.Pos, name.Text, "portal",
			value.Say("portal-names-variables", value.T("own", ownVariables), value.T("manifests", ManifestVariables)),
			value.Say("portal-variable-out-of-bounds", value.T("environment", env), value.T("key", p.Key), d.shown("name", name)))
	}
}

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkPins reports a memberId that nothing can be compared with: no method tells a
// webhook or a fixed token the identity of its portal.
func (d *document) checkPins(env string, portal value.Node) {
	member, pinned := portal.Get("memberId")
	if !pinned || len(present(portal, "host")) > 0 || len(present(portal, "webhook", "token")) == 0 {
		return
	}
	d.problem(member.Pos, member.Text, "portal", value.Say("write-host-instead"), value.Say("member-id-pins-nothing", value.T("environment", env)))
}

// present lists the keys that a map has.
func present(v value.Node, keys ...string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, ok := v.Get(key)
		return !ok
	})
}

// isTrue tells whether a value is one of the words for yes.
func isTrue(v value.Node) bool {
	switch strings.ToLower(v.Text) {
	case "y", "yes", "true":
		return v.Kind == value.Scalar
	}
	return false
}
