package portal

import (
	"context"
	"slices"
)

// userFieldListing reads filter and order of a list of custom fields. Without
// an order they come by sort index and id.
func userFieldListing(c *call, filter, order *Map) (listing, error) {
	if order.Len() == 0 {
		order = wrap("sort", "ASC")
	}
	b := &filterBuilder{find: findUserTrait, now: c.now.In(c.portal.zone)}
	where, err := b.where(filter, 0)
	if err != nil {
		return listing{}, err
	}
	l := listing{args: b.args}
	if where != "" {
		l.where = "WHERE " + where
	}
	l.order, err = orderSQL(order, findUserTrait)
	return l, err
}

// findUserTrait returns what lists of custom fields are filtered and sorted by.
func findUserTrait(name string) *field {
	if f := userFieldSet().byName[name]; f != nil && f.name != "settings" {
		return f
	}
	return nil
}

// listUserFieldConfigs answers userfieldconfig.list, whose rows have no options,
// and labels of one language only, if select names it.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/userfieldconfig/userfieldconfig-list.html.
func listUserFieldConfigs(ctx context.Context, s *store, c *call) (reply, error) {
	if err := checkModule(c); err != nil {
		return reply{}, err
	}
	filter, err := c.optMap("filter")
	if err != nil {
		return reply{}, err
	}
	order, err := c.optMap("order")
	if err != nil {
		return reply{}, err
	}
	sel, err := c.optMap("select")
	if err != nil {
		return reply{}, err
	}
	l, err := userFieldListing(c, filter, order)
	if err != nil {
		return reply{}, err
	}
	offset, counting := c.page()
	list, err := s.userFields(ctx, l.page(offset), l.args...)
	if err != nil {
		return reply{}, err
	}
	total := 0
	if counting {
		if total, err = s.total(ctx, userFieldTable, l); err != nil {
			return reply{}, err
		}
	}
	rows, err := s.userFieldConfigRows(ctx, list, sel)
	if err != nil {
		return reply{}, err
	}
	return listReply(wrap("fields", rows), offset, total, counting), nil
}

// userFieldConfigRows renders the rows of a list with the selected keys.
func (s *store) userFieldConfigRows(ctx context.Context, list []*userField, sel *Map) ([]any, error) {
	language, names := readUserSelect(sel)
	all, err := s.labelsOf(ctx, list)
	if err != nil {
		return nil, err
	}
	rows := make([]any, len(list))
	for i, u := range list {
		m := u.answer(func(f *field) string { return f.name })
		l := all[u.id]
		l.setLanguage(m, language)
		rows[i] = keep(m, names)
	}
	return rows, nil
}

// setLanguage adds the labels of one language; there are none without one.
func (l *labels) setLanguage(m *Map, language string) {
	var languages any
	if language != "" {
		languages = wrap(language, language)
	}
	m.Set("languageId", languages)
	for _, kind := range labelKinds {
		var text any
		if label := l.get(kind.name, language); label != nil {
			text = wrap(language, label)
		}
		m.Set(kind.name, text)
	}
}

// readUserSelect reads the parameter select: names, "*" and, under the key
// language or languageId, the language of labels.
func readUserSelect(sel *Map) (language string, names []string) {
	for _, key := range sel.Keys() {
		v, _ := sel.Get(key)
		text, _ := asString(v)
		if key == "language" || key == "languageId" {
			language = text
			continue
		}
		names = append(names, text)
	}
	if slices.Contains(names, "*") {
		names = nil
	}
	return language, names
}

// keep returns the map with only some of its keys, or all if none are named.
func keep(m *Map, names []string) *Map {
	if len(names) == 0 {
		return m
	}
	kept := new(Map)
	for _, key := range m.Keys() {
		if slices.Contains(names, key) {
			v, _ := m.Get(key)
			kept.Set(key, v)
		}
	}
	return kept
}
