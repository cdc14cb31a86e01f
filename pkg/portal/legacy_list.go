package portal

import (
	"context"
	"slices"
	"strings"
)

// list answers crm.{name}.list. Keys of the filter and the order that are no
// field are dropped without a word, so that a typing error lists everything.
func (l *legacySet) list(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := l.entity(ctx, s)
	if err != nil {
		return reply{}, err
	}
	if s.grant.level(e.id, actionRead) == LevelNone {
		return reply{}, legacyFault("Access denied.")
	}
	rows, err := l.listing(e, c)
	if err != nil {
		return reply{}, err
	}
	rows = s.readable(e, rows)
	shown, comms := l.selection(e, c)
	offset, counting := c.page()
	recs, err := s.query(ctx, e, e.columns(), rows.page(offset), rows.args...)
	if err != nil {
		return reply{}, err
	}
	if err := s.fill(ctx, e, selection{all: true}, recs); err != nil {
		return reply{}, err
	}
	total, err := s.countOf(ctx, e.table, rows, counting)
	if err != nil {
		return reply{}, err
	}
	items := make([]any, len(recs))
	for i, rec := range recs {
		m := l.answer(e, rec, shown)
		for _, typeID := range comms {
			if found := legacyComms(rec, typeID); len(found) > 0 {
				m.Set(typeID, found)
			}
		}
		items[i] = m
	}
	return listReply(items, offset, total, counting), nil
}

// selection reads the parameter select: masks, names, and the types of
// communications, which no mask covers. The id always comes.
func (l *legacySet) selection(e *entity, c *call) (shown []legacyField, comms []string) {
	v, _ := c.fold("select")
	list, _ := asList(v)
	var names []string
	for _, item := range list {
		name, _ := asString(item)
		names = append(names, name)
	}
	if len(names) == 0 {
		names = []string{"*", "UF_*"}
	}
	all, custom := slices.Contains(names, "*"), slices.Contains(names, "UF_*")
	for _, f := range l.whole(e) {
		if f.name == "ID" || slices.Contains(names, f.name) || all && !isCustom(f.name) || custom && isCustom(f.name) {
			shown = append(shown, f)
		}
	}
	if e.hasComms() {
		comms = slices.DeleteFunc(slices.Clone(commTypes), func(typeID string) bool { return !slices.Contains(names, typeID) })
	}
	return shown, comms
}

// listing reads the parameters filter and order.
func (l *legacySet) listing(e *entity, c *call) (listing, error) {
	filter, err := legacyMap(c, "filter")
	if err != nil {
		return listing{}, err
	}
	order, err := legacyMap(c, "order")
	if err != nil {
		return listing{}, err
	}
	translated := *c
	translated.params = wrap("filter", l.filter(e, filter))
	translated.params.Set("order", l.order(e, order))
	rows, err := newListing(&translated, e.id, e.find)
	if err != nil {
		return rows, withoutCode(err)
	}
	if e.hasComms() {
		return commFilter(e, filter, rows)
	}
	return rows, nil
}

// filter translates the keys of a filter. A key without a prefix asks for
// equality here, not for a pattern.
func (l *legacySet) filter(e *entity, sent *Map) *Map {
	filter := new(Map)
	for _, key := range sent.Keys() {
		prefix, name := splitPrefix(key)
		f := l.find(e, name)
		if f == nil || !f.filterable(prefix) || f.multiple {
			continue
		}
		switch prefix {
		case "":
			prefix = "="
		case "!":
			prefix = "!="
		}
		v, _ := sent.Get(key)
		filter.Set(prefix+f.name, v)
	}
	return filter
}

// splitPrefix cuts a key of a filter into its prefix and its name.
func splitPrefix(key string) (prefix, name string) {
	for _, prefix := range filterPrefixes {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			return prefix, rest
		}
	}
	return "", key
}

// order translates the keys of an order. What is no direction sorts upwards.
func (l *legacySet) order(e *entity, sent *Map) *Map {
	order := new(Map)
	for _, key := range sent.Keys() {
		f := l.find(e, key)
		if f == nil || !f.stored() {
			continue
		}
		direction := "ASC"
		if strings.EqualFold(legacyText(sent, key), "DESC") {
			direction = "DESC"
		}
		order.Set(f.name, direction)
	}
	return order
}

// commFilter narrows a list by the keys that are types of communications: equal
// to one of the values, or with % containing it; ! negates.
func commFilter(e *entity, sent *Map, rows listing) (listing, error) {
	for _, key := range sent.Keys() {
		prefix, name := splitPrefix(key)
		if !slices.Contains(commTypes, name) {
			continue
		}
		v, _ := sent.Get(key)
		values, isList := asList(v)
		if !isList {
			values = []any{v}
		}
		if len(values)+len(rows.args) > maxOperands {
			return rows, legacyFault("Failed to get list. General error.")
		}
		args := []any{e.id, name}
		var tests []string
		for _, value := range values {
			text, _ := asString(value)
			if strings.Contains(prefix, "%") {
				tests = append(tests, "instr(lower(value), lower(?)) > 0")
			} else {
				tests = append(tests, "value = ? COLLATE NOCASE")
			}
			args = append(args, strings.TrimSpace(strings.ToValidUTF8(text, "")))
		}
		in := "IN"
		if strings.HasPrefix(prefix, "!") {
			in = "NOT IN"
		}
		rows = rows.and(`"id" `+in+` (SELECT item FROM crm_fm WHERE etid = ? AND type_id = ? AND (`+
			orNever(join(tests, " OR "))+"))", args...)
	}
	return rows, nil
}

// orNever is a condition, or one that never holds for an empty one.
func orNever(condition string) string {
	if condition == "" {
		return "0"
	}
	return condition
}
