package portal

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// license is the tariff that app.info names: the region, and what the limits belong to.
func (p *Portal) license() (family, tariff string) {
	if enterprise, _ := NamedLimits("enterprise"); p.limits.Burst >= enterprise.Burst {
		return "ent", "ent250"
	}
	return "pro", "pro100"
}

// serviceMethods lists the methods about the portal itself, see
// api-reference/common/.
func serviceMethods() []method {
	return []method{
		{name: batchMethod, run: runBatch},
		{name: "profile", run: runProfile},
		{name: "scope", run: runScope},
		{name: "server.time", run: runServerTime},
		{name: "methods", run: runMethods},
		{name: "method.get", run: runMethodGet},
		{name: "app.info", run: runAppInfo},
	}
}

// runProfile answers with the basic data of the webhook's user.
func runProfile(ctx context.Context, c *call) (reply, error) {
	u, err := c.portal.userByID(ctx, c.user)
	if err != nil {
		return reply{}, err
	}
	m := new(Map)
	m.Set("ID", strconv.Itoa(u.id))
	m.Set("ADMIN", u.admin)
	m.Set("NAME", u.name)
	m.Set("LAST_NAME", u.lastName)
	m.Set("PERSONAL_GENDER", u.gender)
	m.Set("TIME_ZONE", "")
	return reply{value: m}, nil
}

// runScope lists the scopes of the webhook or the application, or with full all
// there are.
func runScope(_ context.Context, c *call) (reply, error) {
	if full, _ := c.fold("full"); truthy(full) {
		return reply{value: c.portal.scopes()}, nil
	}
	return reply{value: c.grant.granted(c.portal.scopes())}, nil
}

func runServerTime(_ context.Context, c *call) (reply, error) {
	return reply{value: c.now}, nil
}

// runMethods lists method names: all, or those of one scope. An empty scope
// stands for the methods that need none.
func runMethods(_ context.Context, c *call) (reply, error) {
	scope, limited := c.fold("scope")
	wanted, _ := asString(scope)
	names := []string{}
	for _, m := range c.portal.methods {
		if !limited || m.scope == wanted {
			names = append(names, m.name)
		}
	}
	slices.Sort(names)
	return reply{value: names}, nil
}

// runMethodGet tells whether a method exists and may be called. The name must
// be in lower case.
func runMethodGet(ctx context.Context, c *call) (reply, error) {
	v, _ := c.fold("name")
	name, _ := asString(v)
	found, known := c.portal.methods[name]
	m := new(Map)
	m.Set("isExisting", known)
	m.Set("isAvailable", known && c.grant.grants(found.scope))
	return reply{value: m}, nil
}

// runAppInfo tells an application about itself. A webhook is none: it learns
// only its scopes and the portal's plan.
func runAppInfo(ctx context.Context, c *call) (reply, error) {
	if app := requestOf(ctx).application; app != nil {
		return reply{value: app.info(c.portal.license())}, nil
	}
	_, tariff := c.portal.license()
	m := new(Map)
	m.Set("SCOPE", c.grant.granted(c.portal.scopes()))
	m.Set("LICENSE", "de_"+tariff)
	return reply{value: m}, nil
}

// scopes lists the scopes that methods of this portal need, sorted.
func (p *Portal) scopes() []string {
	var scopes []string
	for _, m := range p.methods {
		if m.scope != "" {
			scopes = append(scopes, strings.ToLower(m.scope))
		}
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
