package portal

import "slices"

// hiddenUserFields are the fields that the smaller versions of the scope user
// hide, of those that the portal has.
// Source: https://apidocs.bitrix24.com/api-reference/user/user-scope.html.
var hiddenUserFields = map[string][]string{
	"user_basic": {"LAST_LOGIN", "UF_EMPLOYMENT_DATE", "USER_TYPE"},
	"user_brief": {"EMAIL", "LAST_LOGIN", "USER_TYPE"},
}

// hidesUserField reports whether a request's scopes hide a field of users.
// Filters by such a field are dropped without a word, as on a real portal.
func (g *grant) hidesUserField(name string) bool {
	if g == nil || g.scopes == nil || slices.Contains(g.scopes, "user") {
		return false
	}
	for _, scope := range scopeFamilies["user"] {
		if slices.Contains(g.scopes, scope) {
			return slices.Contains(hiddenUserFields[scope], name)
		}
	}
	return false
}

// shown is a user as a request's scopes let it be seen.
func (g *grant) shown(record *Map) *Map {
	m := new(Map)
	for _, key := range record.Keys() {
		if v, _ := record.Get(key); !g.hidesUserField(key) {
			m.Set(key, v)
		}
	}
	return m
}
