package portal

import (
	"context"
	"slices"
)

// A binding is a family of methods that link items of one type to an item of
// another: crm.{owner}.{target}.*.
type binding struct {
	owner, target string
	etid          int
	list          string // the field that holds the links
	key           string // the name of a linked id
}

// bindings lists the families of links.
// Source: https://apidocs.bitrix24.com/api-reference/crm/deals/contacts/index.html
// and its siblings.
var bindings = []binding{
	{owner: "lead", target: "contact", etid: 1, list: "contactIds", key: "CONTACT_ID"},
	{owner: "deal", target: "contact", etid: 2, list: "contactIds", key: "CONTACT_ID"},
	{owner: "contact", target: "company", etid: 3, list: "companyIds", key: "COMPANY_ID"},
	{owner: "company", target: "contact", etid: 4, list: "contactIds", key: "CONTACT_ID"},
	{owner: "quote", target: "contact", etid: 7, list: "contactIds", key: "CONTACT_ID"},
}

func bindingMethods() []method {
	var methods []method
	for _, b := range bindings {
		prefix := "crm." + b.owner + "." + b.target + "."
		methods = append(methods,
			crmMethod(prefix+"add", true, b.add),
			crmMethod(prefix+"delete", true, b.delete),
			crmMethod(prefix+"fields", false, b.describe),
			crmMethod(prefix+"items.get", false, b.get),
			crmMethod(prefix+"items.set", true, b.set),
			crmMethod(prefix+"items.delete", true, b.clear),
		)
	}
	return methods
}

// load returns the item that the parameter id names, if the request may do the
// action on it.
func (b binding) load(ctx context.Context, s *store, c *call, action string) (*entity, *record, error) {
	v, _ := c.fold("id")
	if !positiveID(v) {
		return nil, nil, legacyFault("The parameter 'ownerEntityID' is invalid or not defined.")
	}
	id, _ := asInt(v)
	e, err := s.entity(ctx, int64(b.etid))
	if err != nil {
		return nil, nil, err
	}
	rec, err := s.load(ctx, e, id)
	if isFault(err) {
		return nil, nil, legacyFault("Not found.")
	}
	if err != nil {
		return nil, nil, err
	}
	return e, rec, withoutCode(s.allow(e, action, rec))
}

// get answers items.get. The first link is the primary one; sorts are counted
// in tens, whatever was sent.
func (b binding) get(ctx context.Context, s *store, c *call) (reply, error) {
	_, rec, err := b.load(ctx, s, c, actionRead)
	if err != nil {
		return reply{}, err
	}
	rows := []any{}
	for i, id := range rec.links[b.list] {
		m := wrap(b.key, id)
		m.Set("SORT", 10*(i+1))
		m.Set("ROLE_ID", 0)
		m.Set("IS_PRIMARY", yesNo(i == 0))
		rows = append(rows, m)
	}
	return reply{value: rows}, nil
}

// save stores a new list of links through the same code as crm.item.update.
func (b binding) save(ctx context.Context, s *store, e *entity, rec *record, ids []int64) (reply, error) {
	list := make([]any, len(ids))
	for i, id := range ids {
		list[i] = formatID(id)
	}
	_, err := s.update(ctx, e, rec.id, wrap(b.list, list))
	return reply{value: true}, withoutCode(err)
}

// A boundItem is one entry of items.set.
type boundItem struct {
	id, sort int64
	primary  bool
}

// set answers items.set, which replaces all links.
func (b binding) set(ctx context.Context, s *store, c *call) (reply, error) {
	e, rec, err := b.load(ctx, s, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	v, _ := c.fold("items")
	items, ok := asList(v)
	if !ok {
		return reply{}, legacyFault("The parameter items must be array.")
	}
	var links []boundItem
	last := int64(0)
	for _, item := range items {
		l, ok := b.read(item)
		if !ok {
			continue
		}
		if l.sort == 0 {
			l.sort = last + 10
		}
		last = max(last, l.sort)
		links = append(links, l)
	}
	return b.save(ctx, s, e, rec, inOrderOfLinks(links))
}

// inOrderOfLinks returns the ids in order: the first primary one, then the others by
// their sorts.
func inOrderOfLinks(links []boundItem) []int64 {
	primary := slices.IndexFunc(links, func(l boundItem) bool { return l.primary })
	var first []int64
	if primary >= 0 {
		first = []int64{links[primary].id}
		links = slices.Delete(links, primary, primary+1)
	}
	slices.SortStableFunc(links, func(a, b boundItem) int { return int(a.sort - b.sort) })
	for _, l := range links {
		first = append(first, l.id)
	}
	return first
}

// read reads one link; without a positiveID id it is none.
func (b binding) read(v any) (boundItem, bool) {
	m, _ := v.(*Map)
	id, _ := m.Get(b.key)
	n, ok := asInt(id)
	sort, _ := m.Get("SORT")
	position, _ := asInt(sort)
	primary, _ := m.Get("IS_PRIMARY")
	return boundItem{id: n, sort: position, primary: flagValue(primary) == "Y"}, ok && n > 0
}

// clear answers items.delete, which takes all links away.
func (b binding) clear(ctx context.Context, s *store, c *call) (reply, error) {
	e, rec, err := b.load(ctx, s, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	return b.save(ctx, s, e, rec, nil)
}

// one reads the parameter fields of add and delete: a single link.
func (b binding) one(c *call) (boundItem, error) {
	v, _ := c.fold("fields")
	m, ok := asMap(v)
	if !ok {
		return boundItem{}, legacyFault("The parameter 'fields' must be array.")
	}
	l, ok := b.read(m)
	if !ok {
		return boundItem{}, legacyFault("The parameter 'fields' is not valid.")
	}
	return l, nil
}

// add answers crm.{owner}.{target}.add with false for a link that is there.
func (b binding) add(ctx context.Context, s *store, c *call) (reply, error) {
	e, rec, err := b.load(ctx, s, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	l, err := b.one(c)
	if err != nil {
		return reply{}, err
	}
	ids := rec.links[b.list]
	if slices.Contains(ids, l.id) {
		return reply{value: false}, nil
	}
	if l.primary {
		return b.save(ctx, s, e, rec, slices.Insert(slices.Clone(ids), 0, l.id))
	}
	return b.save(ctx, s, e, rec, append(slices.Clone(ids), l.id))
}

// delete answers crm.{owner}.{target}.delete with false for a link that is not
// there.
func (b binding) delete(ctx context.Context, s *store, c *call) (reply, error) {
	e, rec, err := b.load(ctx, s, c, actionUpdate)
	if err != nil {
		return reply{}, err
	}
	l, err := b.one(c)
	if err != nil {
		return reply{}, err
	}
	ids := rec.links[b.list]
	i := slices.Index(ids, l.id)
	if i < 0 {
		return reply{value: false}, nil
	}
	return b.save(ctx, s, e, rec, slices.Delete(slices.Clone(ids), i, i+1))
}

func (b binding) describe(context.Context, *store, *call) (reply, error) {
	return reply{value: describeRows([]fieldRow{
		{name: b.key, typ: typeInteger, title: b.key, cells: "Q"},
		{name: "SORT", typ: typeInteger, title: "Sorting", cells: "w"},
		{name: "IS_PRIMARY", typ: "char", title: "Primary", cells: "w"},
	})}, nil
}
