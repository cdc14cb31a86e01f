package portal

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// A listing is a list request: rows of a table, filtered, sorted and cut into
// pages.
type listing struct {
	where string // "" or "WHERE …"
	order string
	args  []any
}

// newListing reads the parameters filter and order of a list method.
func newListing(c *call, etid int, find func(string) *field) (listing, error) {
	filter, err := c.optMap("filter")
	if err != nil {
		return listing{}, err
	}
	b := &filterBuilder{find: find, etid: etid, now: c.now.In(c.portal.zone)}
	where, err := b.where(filter, 0)
	if err != nil {
		return listing{}, err
	}
	l := listing{args: b.args}
	if where != "" {
		l.where = "WHERE " + where
	}
	order, err := c.optMap("order")
	if err != nil {
		return listing{}, err
	}
	l.order, err = orderSQL(order, find)
	return l, err
}

// orderSQL returns the ORDER BY of a list; rows that are equal otherwise come
// by id.
func orderSQL(order *Map, find func(string) *field) (string, error) {
	var terms []string
	for _, key := range order.Keys() {
		f := find(key)
		if f == nil || !f.stored() || f.multiple {
			return "", invalidArg("Invalid order: field '%s' is not allowed in order", upperKey(key))
		}
		v, _ := order.Get(key)
		direction, _ := asString(v)
		direction = strings.ToUpper(direction)
		if direction != "ASC" && direction != "DESC" {
			return "", invalidArg("Invalid order: allowed sort directions are `ASC, DESC`. But got '%s' for field '%s'",
				direction, f.upper)
		}
		terms = append(terms, indexed(f)+" "+direction)
		if f.name == "id" { // ids are unique: what follows sorts nothing
			return "ORDER BY " + strings.Join(terms, ", "), nil
		}
	}
	return "ORDER BY " + strings.Join(append(terms, `"id" ASC`), ", "), nil
}

// total counts the rows of all pages.
func (s *store) total(ctx context.Context, table string, l listing) (int, error) {
	n, _, err := s.number(ctx, "SELECT count(*) FROM "+quoteName(table)+" "+l.where, l.args...)
	return int(n), err
}

// page is the rest of the statement that reads one page.
func (l listing) page(offset int) string {
	return fmt.Sprintf("%s %s LIMIT %d OFFSET %d", l.where, l.order, pageSize, offset)
}

// listItems answers crm.item.list.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html.
func listItems(ctx context.Context, s *store, c *call) (reply, error) {
	e, err := s.entityParam(ctx, c)
	if err != nil {
		return reply{}, err
	}
	l, err := newListing(c, e.id, e.find)
	if err != nil {
		return reply{}, err
	}
	l = s.readable(e, l)
	sel, err := newSelection(c, e)
	if err != nil {
		return reply{}, err
	}
	offset, counting := c.page()
	recs, err := s.query(ctx, e, sel.columns(e), l.page(offset), l.args...)
	if err != nil {
		return reply{}, err
	}
	if err := s.fill(ctx, e, sel, recs); err != nil {
		return reply{}, err
	}
	total := 0
	if counting {
		if total, err = s.total(ctx, e.table, l); err != nil {
			return reply{}, err
		}
	}
	items := make([]any, len(recs))
	for i, rec := range recs {
		items[i] = sel.answer(e, rec)
	}
	return listReply(wrap("items", items), offset, total, counting), nil
}

// wrap puts a value under a single key.
func wrap(key string, v any) *Map {
	m := new(Map)
	m.Set(key, v)
	return m
}

// A selection is what a list shall return of each item.
type selection struct {
	all    bool
	fields []*field
}

// newSelection reads the parameter select. Unknown names are dropped without a
// word, and so is fm, which comes with "*" only. With useOriginalUfNames the
// names of system fields match nothing, so that only "*" brings them.
func newSelection(c *call, e *entity) (selection, error) {
	names, err := c.optMap("select")
	if err != nil {
		return selection{}, err
	}
	list, _ := asList(names)
	if len(list) == 0 || slices.Contains(list, any("*")) {
		return selection{all: true}, nil
	}
	var sel selection
	if slices.Contains(list, any("uf*")) || slices.Contains(list, any("UF_*")) {
		sel.fields = slices.Clone(e.custom)
	}
	for _, item := range list {
		name, _ := asString(item)
		f := e.find(strings.ReplaceAll(name, ".", ""))
		if f != nil && !f.alias && f.typ != typeMultifield && (f.custom != nil || !e.original) && !slices.Contains(sel.fields, f) {
			sel.fields = append(sel.fields, f)
		}
	}
	return sel, nil
}

// columns lists the columns to read for the selection.
func (sel selection) columns(e *entity) []*field {
	if sel.all {
		return e.columns()
	}
	return slices.DeleteFunc(slices.Clone(sel.fields), func(f *field) bool { return !f.stored() })
}

// fill reads the multiple fields of a page's items.
func (s *store) fill(ctx context.Context, e *entity, sel selection, recs []*record) error {
	for _, f := range e.lists() {
		if sel.all || slices.Contains(sel.fields, f) {
			if err := s.loadLinks(ctx, e, f, recs); err != nil {
				return err
			}
		}
	}
	if sel.all && e.hasComms() {
		return s.loadComms(ctx, e, recs)
	}
	return nil
}

// answer renders an item with the selected keys only: even the id is there only
// if it was asked for.
func (sel selection) answer(e *entity, rec *record) *Map {
	if sel.all {
		return e.answer(rec)
	}
	m := new(Map)
	for _, f := range sel.fields {
		m.Set(e.key(f), e.value(rec, f))
	}
	return m
}
