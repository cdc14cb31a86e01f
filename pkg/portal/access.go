package portal

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// A Level says which items an action is allowed on.
type Level string

// The levels of rights.
const (
	LevelAll  Level = "all"
	LevelOwn  Level = "own" // items whose responsible person is the user
	LevelNone Level = "none"
)

// Rights say what the user of a webhook may do in the CRM. A key is an action
// ("read", "add", "update", "delete", "import", "config") or an entityTypeId and
// an action ("2.read"); the key with the type counts if both are there. What no
// key names is allowed, except for config, which then takes an administrator:
// it covers types, pipelines, dictionaries, currencies, custom fields and
// digital workplaces, and has no levels between all and none.
type Rights map[string]Level

// Actions of rights and of the history.
const (
	actionRead   = "read"
	actionAdd    = "add"
	actionUpdate = "update"
	actionDelete = "delete"
	actionImport = "import"
	actionConfig = "config"
)

// check reports keys and levels that do not exist.
func (r Rights) check() error {
	actions := []string{actionRead, actionAdd, actionUpdate, actionDelete, actionImport, actionConfig}
	for key, level := range r {
		etid, action, typed := strings.Cut(key, ".")
		if !typed {
			action = key
		}
		if _, err := strconv.Atoi(etid); typed && (err != nil || action == actionConfig) || !slices.Contains(actions, action) {
			return fmt.Errorf("unknown right %q: rights are %s, or an entityTypeId before one, like 2.read", key, strings.Join(actions, ", "))
		}
		if level != LevelAll && level != LevelNone && (level != LevelOwn || action == actionConfig) {
			return fmt.Errorf("right %q has the level %q: levels are all, own and none, those of config all and none", key, level)
		}
	}
	return nil
}

// level returns how far an action on items of a type is allowed.
func (r Rights) level(etid int, action string) Level {
	for _, key := range []string{strconv.Itoa(etid) + "." + action, action} {
		if level, ok := r[key]; ok {
			return level
		}
	}
	return LevelAll
}

// A grant is what the credential of a request allows. The nil grant allows
// everything that the user's own role does.
type grant struct {
	scopes []string // nil: all there are
	rights Rights
}

type grantKey struct{}

// withGrant carries a grant from the request to its commands, those of a batch
// included.
func withGrant(ctx context.Context, g *grant) context.Context {
	return context.WithValue(ctx, grantKey{}, g)
}

// grantOf returns the grant of a request, nil if it carries none.
func grantOf(ctx context.Context) *grant {
	g, _ := ctx.Value(grantKey{}).(*grant)
	return g
}

// scopeFamilies lists for a scope the smaller ones that open its methods too.
// Source: https://apidocs.bitrix24.com/api-reference/user/user-get.html.
var scopeFamilies = map[string][]string{"user": {"user_basic", "user_brief"}}

// grants reports whether methods of a scope may be called.
func (g *grant) grants(scope string) bool {
	if scope == "" || g == nil || g.scopes == nil {
		return true
	}
	return slices.Contains(g.scopes, scope) || slices.ContainsFunc(scopeFamilies[scope], func(smaller string) bool {
		return slices.Contains(g.scopes, smaller)
	})
}

// granted lists the scopes of the request.
func (g *grant) granted(all []string) []string {
	if g == nil || g.scopes == nil {
		return all
	}
	return g.scopes
}

// level returns how far an action on items of a type is allowed.
func (g *grant) level(etid int, action string) Level {
	if g == nil {
		return LevelAll
	}
	return g.rights.level(etid, action)
}

// readsAll refuses a request that may not read every item.
func (g *grant) readsAll() error {
	if g == nil {
		return nil
	}
	for key, level := range g.rights {
		if level != LevelAll && strings.HasSuffix(key, actionRead) {
			return noAccess()
		}
	}
	return nil
}

// configMethods are the patterns of methods that need administrative access to
// the CRM. Those of custom fields check it themselves, after their parameters.
// Source: the line "Who can execute the method" of each page.
var configMethods = []string{
	"crm.type.add", "crm.type.update", "crm.type.delete", "crm.type.list", "crm.type.fields",
	"crm.category.add", "crm.category.update", "crm.category.delete",
	"crm.status.add", "crm.status.update", "crm.status.delete",
	"crm.currency.add", "crm.currency.update", "crm.currency.delete", "crm.currency.base.set", "crm.currency.localizations.set",
	"crm.automatedsolution.*",
}

// permit refuses a method that the credential's scopes or rights do not cover.
func (p *Portal) permit(ctx context.Context, m method, c *call) error {
	g := c.grant
	if !g.grants(m.scope) {
		return outOfScope(requestOf(ctx))
	}
	name := strings.ToLower(m.name)
	if g == nil || !slices.ContainsFunc(configMethods, func(pattern string) bool {
		matched, _ := path.Match(pattern, name)
		return matched
	}) {
		return nil
	}
	allowed, err := p.configures(ctx, g, c.user)
	if err != nil || allowed {
		return err
	}
	return withoutRight(name)
}

// outOfScope refuses a method whose scope a request was not given.
// See _includes/system-errors.md.
func outOfScope(rq *request) *fault {
	credential := "webhook"
	if rq.application != nil {
		credential = "access"
	}
	return &fault{
		status: http.StatusForbidden, code: "insufficient_scope",
		text: "The request requires higher privileges than provided by the " + credential + " token",
	}
}

// configures reports whether a request may administer the CRM.
func (p *Portal) configures(ctx context.Context, g *grant, user int) (bool, error) {
	if allowed, said := g.config(); said {
		return allowed, nil
	}
	u, err := p.userByID(ctx, user)
	return u.admin, err
}

// config reports whether the CRM may be administered, as far as the rights say
// so; otherwise the user's role does.
func (g *grant) config() (allowed, said bool) {
	if g == nil {
		return false, false
	}
	level, said := g.rights[actionConfig]
	return level == LevelAll, said
}

// withoutRight is the fault for a missing right: dictionaries and currencies
// answer the legacy way.
func withoutRight(name string) *fault {
	for _, family := range []string{"crm.status.", "crm.currency."} {
		if strings.HasPrefix(name, family) {
			return legacyFault("Access denied.")
		}
	}
	return noAccess()
}

func noAccess() *fault { return &fault{code: "ACCESS_DENIED", text: "Access denied"} }

// allow refuses an action on an item that the request's rights do not cover.
func (s *store) allow(e *entity, action string, rec *record) error {
	level := s.grant.level(e.id, action)
	if level == LevelAll || level == LevelOwn && rec.int("assignedById") == s.user {
		return nil
	}
	if action == actionRead {
		return unreadable()
	}
	return noAccess()
}

func unreadable() *fault {
	return &fault{code: "ACCESS_DENIED", text: "You do not have permission to view this item"}
}

// added names the action of a new item.
func (m mode) added() string {
	if m.imported {
		return actionImport
	}
	return actionAdd
}

// readable leaves only the items in a list that the request may read: rows that
// it may not are absent, not refused.
func (s *store) readable(e *entity, l listing) listing {
	switch s.grant.level(e.id, actionRead) {
	case LevelAll:
		return l
	case LevelOwn:
		return l.and(`"assignedById" = ?`, s.user)
	}
	return l.and("0")
}

// and narrows a list by one more condition.
func (l listing) and(condition string, args ...any) listing {
	if rest, ok := strings.CutPrefix(l.where, "WHERE "); ok {
		condition = "(" + rest + ") AND " + condition
	}
	l.where = "WHERE " + condition
	l.args = append(slices.Clip(l.args), args...)
	return l
}
