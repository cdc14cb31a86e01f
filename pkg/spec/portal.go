package spec

import (
	"slices"
	"strings"
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
func (e *Environment) readPortal(portal Value, dir string) {
	webhook, _ := portal.Get("webhook")
	e.Webhook = readSecret(webhook, dir)
	login, _ := portal.Get("oauth")
	member, _ := portal.Get("memberId")
	e.OAuth, e.MemberID = login.Text, strings.ToLower(member.Text)
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
		if !ok || portal.Kind != Map {
			continue
		}
		given := present(portal, "webhook", "oauth", "token")
		switch {
		case len(given) > 1:
			d.add(portal.Pos, "", "portal", "keep the one that is meant, and remove the other",
				"environments.%s.portal: %s contradict each other", env.Key, strings.Join(given, " and "))
		case len(given) == 0:
			d.add(portal.Pos, "", "portal", "add one of webhook, oauth, token", "environments.%s.portal says no way in", env.Key)
		}
		token, _ := portal.Get("token")
		renewal := present(token, "refresh", "clientId", "clientSecret")
		if len(renewal) == 1 || len(renewal) == 2 {
			d.add(token.Pos, "", "portal", "give refresh, clientId and clientSecret, or none of them",
				"environments.%s.portal.token: %s alone cannot renew the token", env.Key, strings.Join(renewal, " and "))
		}
	}
}

// present lists the keys that a map has.
func present(v Value, keys ...string) []string {
	return slices.DeleteFunc(slices.Clone(keys), func(key string) bool {
		_, ok := v.Get(key)
		return !ok
	})
}

// isTrue tells whether a value is one of the words for yes.
func isTrue(v Value) bool {
	switch strings.ToLower(v.Text) {
	case "y", "yes", "true":
		return v.Kind == Scalar
	}
	return false
}
