package portal

import (
	"context"
	"slices"
	"strings"
)

// searchKeys are the keys of user.search that match the beginning of a text.
var searchKeys = []string{"NAME", "LAST_NAME", "SECOND_NAME", "WORK_POSITION", "UF_DEPARTMENT_NAME"}

// runUserSearch lists users by the beginnings of their personal data, or of any
// of it with FIND. All other parameters are those of user.get.
// Source: https://apidocs.bitrix24.com/api-reference/user/user-search.html.
func runUserSearch(ctx context.Context, c *call) (reply, error) {
	filter, _ := c.fold("FILTER")
	given, _ := asMap(filter)
	rest := new(Map)
	var searches []func(user) bool
	for _, key := range given.Keys() {
		v, _ := given.Get(key)
		text, ok := asString(v)
		upper := strings.ToUpper(key)
		switch {
		case ok && upper == "FIND":
			searches = append(searches, func(u user) bool { return u.finds(text, searchKeys) })
		case ok && slices.Contains(searchKeys, upper):
			searches = append(searches, func(u user) bool { return u.finds(text, []string{upper}) })
		default:
			rest.Set(key, v)
		}
	}
	inner := *c
	inner.params = new(Map)
	for _, key := range c.params.Keys() {
		if v, _ := c.params.Get(key); !strings.EqualFold(key, "FILTER") {
			inner.params.Set(key, v)
		}
	}
	inner.params.Set("FILTER", rest)
	return listUsers(ctx, &inner, func(u user) bool {
		return !slices.ContainsFunc(searches, func(search func(user) bool) bool { return !search(u) })
	})
}

// finds reports whether every word of a text begins one of the user's data.
func (u user) finds(text string, keys []string) bool {
	words := strings.Fields(strings.ToLower(text))
	return !slices.ContainsFunc(words, func(word string) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return beginsWord(u.searched(key), word) })
	})
}

func beginsWord(text, word string) bool {
	text = strings.ToLower(text)
	return strings.HasPrefix(text, word) || slices.ContainsFunc(strings.Fields(text), func(part string) bool {
		return strings.HasPrefix(part, word)
	})
}

func (u user) searched(key string) string {
	if key == "UF_DEPARTMENT_NAME" {
		for _, d := range departments() {
			if d.id == u.department {
				return d.name
			}
		}
		return ""
	}
	v, _ := u.record().Get(key)
	text, _ := asString(v)
	return text
}
