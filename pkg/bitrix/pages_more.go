package bitrix

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// refusePosition refuses parameters that say where to begin, which would make the
// whole list begin there.
func (p *pager) refusePosition() error {
	if !p.v3 {
		if name := paramName(p.params, "start"); has(p.params, name) {
			return fmt.Errorf("%s chooses one page, and all were asked for; leave it out", name)
		}
		return nil
	}
	pagination, ok := p.params["pagination"]
	if !ok {
		return nil
	}
	m, ok := pagination.(map[string]any)
	if !ok {
		return errors.New("pagination must be an object")
	}
	for _, name := range []string{"page", "offset", "afterCursor"} {
		if has(m, name) {
			return fmt.Errorf("pagination.%s chooses one page, and all were asked for; leave it out", name)
		}
	}
	return nil
}

func has(m map[string]any, name string) bool { _, ok := m[name]; return ok }

// paramName is how a parameter is written by the caller; legacy methods take any case.
func paramName(p Params, name string) string {
	if has(p, name) {
		return name
	}
	for _, k := range sortedKeys(p) {
		if strings.EqualFold(k, name) {
			return k
		}
	}
	return name
}

func sortedKeys(p Params) []string {
	keys := make([]string, 0, len(p))
	for k := range p {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// noMore ends a list that is given at once.
func (p *pager) noMore(a *pageAnswer) error {
	p.done = true
	if a.claimsMore() {
		return p.incomplete("the portal says that it left rows out; %s", adviceNarrow)
	}
	return nil
}

// moreByStart goes on where the portal says. Where it says nothing, a full page may
// still not be all, so the next is asked for.
func (p *pager) moreByStart(a *pageAnswer) error {
	seen := p.seen + len(a.rows)
	if err := p.checkShift(a.rows); err != nil {
		return err
	}
	rows := len(a.rows) > 0 // where there are none, nothing can follow
	switch {
	case rows && a.Next != nil && *a.Next > p.seen:
		p.params[paramName(p.params, "start")] = *a.Next
		return nil
	case rows && a.Next != nil:
		return p.incomplete("the portal goes back to row %d after row %d", *a.Next, seen)
	case a.Total != nil && *a.Total > seen && (!rows || seen%PageSize != 0):
		return p.incomplete("the portal counts %d rows and gave %d; the list may have changed while it was read: read it again", *a.Total, seen)
	case !rows, a.Total != nil && *a.Total <= seen, seen%PageSize != 0:
		p.done = true
		return nil
	}
	p.params[paramName(p.params, "start")] = seen
	return nil
}

// checkShift refuses a page that begins with a row of the page before: rows were
// added meanwhile, and others may have been skipped likewise.
func (p *pager) checkShift(rows []Row) error {
	if len(p.before) == 0 {
		return nil
	}
	known := make(map[string]bool, len(p.before))
	for _, row := range p.before {
		if id := rowIDText(row); id != "" {
			known[id] = true
		}
	}
	for _, row := range rows {
		if id := rowIDText(row); known[id] {
			return p.incomplete("row %s came twice, so the list changed while it was read: read it again", id)
		}
	}
	return nil
}

// rowIDText is the id of a row as text, "" if it has none.
func rowIDText(row Row) string { return text(row.v.member("id").raw()) }

// moreByWindow moves pagination.offset by the rows that came, until none come: a
// portal may give fewer than were asked for.
func (p *pager) moreByWindow(a *pageAnswer) error {
	if err := p.checkShift(a.rows); err != nil {
		return err
	}
	if len(a.rows) == 0 || string(a.members.Get("hasMore")) == "false" {
		p.done = true
		return nil
	}
	p.setPagination("offset", p.seen+len(a.rows))
	return nil
}

// moreByCursor hands the portal's own bookmark back.
func (p *pager) moreByCursor(a *pageAnswer) error {
	next := a.members.Get(p.cursor)
	if !isSet(next) || string(a.members.Get("hasMore")) == "false" {
		p.done = true
		if a.claimsMore() {
			return p.incomplete("the portal says that there is more, and does not say where")
		}
		return nil
	}
	p.setPagination("afterCursor", next)
	return nil
}

func (p *pager) setPagination(name string, value any) {
	pagination, ok := p.params["pagination"].(map[string]any)
	if !ok {
		pagination = map[string]any{}
		p.params["pagination"] = pagination
	}
	pagination[name] = value
}

// readByID reads in the order of the ids. Where the parameters ask for another
// order, or filter in a form that no condition can be added to, offsets are all
// there is.
func (p *pager) readByID() error {
	order := paramName(p.params, "order")
	if given, ok := p.params[order]; ok && !p.isAscending(given) {
		p.more = (*pager).moreByStart
		if p.v3 {
			p.more = (*pager).moreByWindow
		}
		return nil
	}
	p.more, p.byID = (*pager).moreByID, true
	if err := p.selectID(); err != nil {
		return err
	}
	if p.tail != "" {
		return p.beginTail()
	}
	p.params[order] = map[string]any{p.id: "ASC"}
	if !p.v3 {
		p.limit = PageSize
		p.params[paramName(p.params, "start")] = -1
		return p.beginFilter()
	}
	if err := p.beginLimit(); err != nil {
		return err
	}
	return p.beginTriples()
}

// isAscending reports whether an order is by the id alone, from the smallest.
func (p *pager) isAscending(order any) bool {
	m, ok := order.(map[string]any)
	if !ok || len(m) != 1 {
		return ok && len(m) == 0
	}
	for k, v := range m {
		return strings.EqualFold(k, p.id) && strings.EqualFold(fmt.Sprint(v), "ASC")
	}
	return false
}

// selectID adds the id to a selection of fields.
func (p *pager) selectID() error {
	name := paramName(p.params, "select")
	given, ok := p.params[name]
	if !ok {
		return nil
	}
	names, ok := given.([]any)
	if texts, isTexts := given.([]string); isTexts {
		ok = true
		for _, s := range texts {
			names = append(names, s)
		}
	}
	if !ok {
		return fmt.Errorf("%s must be a list of names, such as select[]=id", name)
	}
	isID := func(v any) bool { s := fmt.Sprint(v); return s == "*" || strings.EqualFold(s, p.id) }
	if len(names) > 0 && !slices.ContainsFunc(names, isID) {
		p.params[name] = append(slices.Clone(names), p.id)
	}
	return nil
}

// beginFilter takes over a filter of the classic methods. A lower bound of the id
// is where reading begins; conditions that are joined by OR become a group.
func (p *pager) beginFilter() error {
	name := paramName(p.params, "filter")
	filter, ok := p.params[name].(map[string]any)
	if given := p.params[name]; !ok && given != nil && !isEmptyList(given) {
		return fmt.Errorf("%s must be an object, such as filter[>opportunity]=100", name)
	}
	if has(filter, "logic") {
		filter = map[string]any{"0": filter}
	}
	if filter == nil {
		filter = map[string]any{}
	}
	p.params[name] = filter
	for _, k := range sortedKeys(filter) {
		if strings.EqualFold(k, ">"+p.id) {
			bound, err := strconv.Atoi(fmt.Sprint(filter[k]))
			if err != nil {
				return fmt.Errorf("%s[%s] must be a whole number", name, k)
			}
			p.last = max(p.last, bound)
			delete(filter, k)
		}
	}
	filter[">"+p.id] = p.last
	return nil
}

func isEmptyList(v any) bool { l, ok := v.([]any); return ok && len(l) == 0 }

// beginTriples adds a condition to a filter of REST 3.0, which it moves on.
func (p *pager) beginTriples() error {
	filter, ok := p.params["filter"].([]any)
	if p.params["filter"] != nil && !ok {
		return errors.New(`filter must be a list of conditions, such as filter:='[["id",">",5]]'`)
	}
	p.params["filter"] = append(slices.Clone(filter), []any{p.id, ">", p.last})
	return nil
}

// beginLimit settles how long a full page is: no longer than what every method
// gives, so that a shorter one is the last.
func (p *pager) beginLimit() error {
	pagination, _ := p.params["pagination"].(map[string]any)
	p.limit = PageSize
	if given, ok := pagination["limit"]; ok {
		n, err := strconv.Atoi(fmt.Sprint(given))
		if err != nil || n < 1 {
			return errors.New("pagination.limit must be a whole number of 1 or more")
		}
		p.limit = min(n, PageSize)
		return nil
	}
	p.setPagination("limit", PageSize)
	return nil
}

// beginTail takes over the bookmark of a method that follows a list.
func (p *pager) beginTail() error {
	given, ok := p.params[p.tail].(map[string]any)
	if p.params[p.tail] != nil && !ok {
		return fmt.Errorf("%s must be an object", p.tail)
	}
	for name, want := range map[string]string{"field": p.id, "order": "ASC"} {
		if v, ok := given[name]; ok && fmt.Sprint(v) != want {
			return fmt.Errorf("%s.%s must be %s to read everything", p.tail, name, want)
		}
	}
	if v, ok := given["value"]; ok {
		last, err := strconv.Atoi(fmt.Sprint(v))
		if err != nil {
			return fmt.Errorf("%s.value must be a whole number", p.tail)
		}
		p.last = last
	}
	p.limit = PageSize
	p.params[p.tail] = map[string]any{"field": p.id, "order": "ASC", "limit": PageSize, "value": p.last}
	return nil
}

// moreByID goes on after the last id. Ids that do not rise would make reading go
// round in circles, or skip rows.
func (p *pager) moreByID(a *pageAnswer) error {
	for _, row := range a.rows {
		id, err := strconv.Atoi(rowIDText(row))
		if err != nil {
			return p.incomplete("a row after id %d has no id", p.last)
		}
		if id <= p.last {
			return p.incomplete("its ids do not rise: %d follows %d", id, p.last)
		}
		p.last = id
	}
	p.done = len(a.rows) < p.limit
	switch {
	case p.tail != "":
		p.params[p.tail].(map[string]any)["value"] = p.last
	case p.v3:
		filter := p.params["filter"].([]any)
		filter[len(filter)-1] = []any{p.id, ">", p.last}
	default:
		p.params[paramName(p.params, "filter")].(map[string]any)[">"+p.id] = p.last
	}
	return nil
}
