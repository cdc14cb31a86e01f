package bitrix

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PageSize is how many rows the portal returns at once; it cannot be changed.
const PageSize = 50

// A List is a list to be read whole, in the order of its ids. What comes back
// is checked and never taken on trust: ids must rise, and every row must fit the
// filter, since many methods ignore a condition that they do not know and
// answer with other rows. A row that does not fit ends the reading with an error.
type List struct {
	Method string // such as crm.item.list
	// Params are the method's; order, start and the lower bound of the id are
	// set by the reader, and the id and the fields of the filter are added to a
	// select. A lower bound given as filter ">id" is where reading begins.
	Params Params
	// Items is where the rows are in the result, such as "items"; "" if the
	// result itself is the list.
	Items string
	// ID is how the method spells the id in a filter and an order: "id", which
	// "" means too, or "ID" as the older methods do.
	ID string
	// Unshown names fields of the filter that the method's rows may lack, so
	// that such rows are taken unchecked. A row that lacks another field of
	// the filter is an error.
	Unshown []string
}

// A cursor is a list that is being read: everything up to id last is done.
type cursor struct {
	list   List
	filter map[string]any
	last   int
	done   bool
	check  *check // nil if the filter has no conditions
	rows   []Row  // what was read of a list that is not handed over page by page
	err    error  // why it could not be read to the end
}

// openCursor is a cursor; one of a list that cannot be read says so.
func openCursor(l List) *cursor {
	cur, err := newCursor(l)
	if err != nil {
		return &cursor{err: err}
	}
	return cur
}

// ended reports whether nothing more is to be read.
func (cur *cursor) ended() bool { return cur.done || cur.err != nil }

// add keeps a page, or why there is none.
func (cur *cursor) add(rows []Row, err error) {
	if cur.err = err; cur.rows == nil {
		cur.rows = rows
		return
	}
	cur.rows = append(cur.rows, rows...)
}

func newCursor(l List) (*cursor, error) {
	params := Params{}
	maps.Copy(params, l.Params)
	l.Params = params
	l.ID = cmp.Or(l.ID, "id")
	cur := &cursor{list: l, filter: map[string]any{}}
	if !strings.EqualFold(l.ID, "id") {
		return nil, cur.failed(fmt.Errorf("the id is spelled id or ID, not %q", l.ID))
	}
	if err := cur.setFilter(); err != nil {
		return nil, err
	}
	cur.check = newCheck(cur.filter, l.Unshown)
	if err := cur.setSelect(); err != nil {
		return nil, err
	}
	params["order"] = map[string]any{l.ID: "ASC"}
	params["start"] = -1
	return cur, nil
}

// setFilter takes over the given filter. One whose conditions are joined by OR
// becomes a group, since the bound on the id must hold as well.
func (cur *cursor) setFilter() error {
	given, ok := cur.list.Params["filter"]
	if !ok || given == nil {
		return nil
	}
	filter, ok := given.(map[string]any)
	if !ok {
		return cur.failed(fmt.Errorf("the filter must be a map, not a %T", given))
	}
	if _, grouped := filter["logic"]; grouped {
		cur.filter["0"] = filter
		return nil
	}
	cur.filter = maps.Clone(filter)
	for key, bound := range filter {
		if !strings.EqualFold(key, cur.after()) {
			continue
		}
		last, err := strconv.Atoi(fmt.Sprint(bound))
		if err != nil {
			return cur.failed(fmt.Errorf("the filter's %s must be a whole number", key))
		}
		// The portal takes both spellings for one condition, so that only the
		// reader's own may stay.
		cur.last = max(cur.last, last)
		delete(cur.filter, key)
	}
	return nil
}

// after is the condition for the rows behind an id.
func (cur *cursor) after() string { return ">" + cur.list.ID }

// setSelect adds the id and the fields of the filter to a given selection: the
// portal returns only what is selected, reading goes on from the last id, and
// the rows are checked against the filter.
func (cur *cursor) setSelect() error {
	var names []any
	switch given := cur.list.Params["select"].(type) {
	case nil:
	case []string:
		for _, name := range given {
			names = append(names, name)
		}
	case []any:
		names = slices.Clone(given)
	default:
		return cur.failed(fmt.Errorf("the select must be a list of names, not a %T", given))
	}
	if len(names) == 0 {
		delete(cur.list.Params, "select")
		return nil
	}
	for _, name := range append([]string{cur.list.ID}, cur.check.names()...) {
		if !slices.Contains(names, any(name)) && (!slices.Contains(names, any("*")) || isCustom(name)) {
			names = append(names, name)
		}
	}
	cur.list.Params["select"] = names
	return nil
}

// params are the parameters that read the next page.
func (cur *cursor) params() Params {
	p := maps.Clone(cur.list.Params)
	filter := maps.Clone(cur.filter)
	filter[cur.after()] = cur.last
	p["filter"] = filter
	return p
}

// take reads a page and moves on. Ids that do not rise would make reading go
// round in circles, or skip rows. A page that is not full is the last one,
// unless the portal itself says that there is more.
func (cur *cursor) take(r *Response) ([]Row, error) {
	found, err := rowsIn(r.opened(), cur.list.Items)
	if err != nil {
		return nil, cur.failed(err)
	}
	rows := make([]Row, len(found))
	last := cur.last
	for i, v := range found {
		row := Row{v.open()}
		rows[i] = row
		id, ok := row.id()
		if !ok {
			return nil, cur.failed(fmt.Errorf("%w: a row after id %d has no id", ErrIncomplete, last))
		}
		if id <= last {
			return nil, cur.failed(fmt.Errorf("%w: its ids do not rise: %d follows %d", ErrIncomplete, id, last))
		}
		if err := cur.check.row(row); err != nil {
			return nil, cur.failed(fmt.Errorf("row %d: %w", id, err))
		}
		last = id
	}
	cur.last = last
	more := r.Next != nil || r.Total != nil && *r.Total > len(rows)
	cur.done = len(rows) == 0 || len(rows) < PageSize && !more
	return rows, nil
}

func (cur *cursor) failed(err error) error {
	return fmt.Errorf("%s: %w", cur.list.Method, err)
}
