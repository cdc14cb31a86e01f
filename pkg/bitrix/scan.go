package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
)

// PageSize is how many rows the portal returns at once; it cannot be changed.
const PageSize = 50

// A List is a list to be read whole, in the order of its ids.
type List struct {
	Method string // such as crm.item.list
	// Params are the method's; order, start and the lower bound of the id are
	// set by the reader, and "id" is added to a select. A lower bound given
	// as filter ">id" is where reading begins.
	Params Params
	// Items is where the rows are in the result, such as "items"; "" if the
	// result itself is the list.
	Items string
}

// Scan reads a list page by page, in the order of the ids, without counting. It
// stops after the first error, which it yields with a nil row. Rows that
// appear or vanish meanwhile never make it skip or repeat others.
// Source: https://apidocs.bitrix24.com/settings/performance/huge-data.html
func (c *Client) Scan(ctx context.Context, l List) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		cur, err := newCursor(l)
		for err == nil && !cur.done {
			var rows []json.RawMessage
			if rows, err = c.page(ctx, cur); err != nil {
				break
			}
			for _, row := range rows {
				if !yield(row, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// page reads the next page of a list by a call of its own.
func (c *Client) page(ctx context.Context, cur *cursor) ([]json.RawMessage, error) {
	res, err := c.Call(ctx, cur.list.Method, cur.params())
	if err != nil {
		return nil, err
	}
	return cur.take(res.Result)
}

// Lists reads many lists whole, packing 50 pages into a batch request. The
// results are in the order of the lists. A list that a batch cannot carry is
// read by calls of its own. The first list that fails ends it.
func (c *Client) Lists(ctx context.Context, ls []List) ([][]json.RawMessage, error) {
	out := make([][]json.RawMessage, len(ls))
	open := make([]*cursor, 0, len(ls))
	for i, l := range ls {
		cur, err := newCursor(l)
		if err != nil {
			return nil, err
		}
		cur.sink = &out[i]
		if Carries(cur.params()) {
			open = append(open, cur)
			continue
		}
		for row, err := range c.Scan(ctx, l) {
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], row)
		}
	}
	for len(open) > 0 {
		round := open[:min(len(open), MaxBatch)]
		if err := c.pages(ctx, round); err != nil {
			return nil, err
		}
		open = slices.DeleteFunc(open, func(cur *cursor) bool { return cur.done })
	}
	return out, nil
}

// pages reads the next page of each list in one batch.
func (c *Client) pages(ctx context.Context, round []*cursor) error {
	commands := make([]Command, len(round))
	for i, cur := range round {
		commands[i] = Command{Method: cur.list.Method, Params: cur.params()}
	}
	outcomes, err := c.Batch(ctx, commands)
	if err != nil {
		return err
	}
	for i, cur := range round {
		switch err := outcomes[i].Err; {
		case errors.Is(err, ErrNotRun):
			return cur.failed(err)
		case err != nil:
			return err // it names the method
		}
		rows, err := cur.take(outcomes[i].Result)
		if err != nil {
			return err
		}
		*cur.sink = append(*cur.sink, rows...)
	}
	return nil
}

// A cursor is a list that is being read: everything up to id last is done.
type cursor struct {
	list   List
	filter map[string]any
	last   int
	done   bool
	sink   *[]json.RawMessage // where Lists collects the rows
}

const afterID = ">id"

func newCursor(l List) (*cursor, error) {
	params := Params{}
	maps.Copy(params, l.Params)
	l.Params = params
	cur := &cursor{list: l, filter: map[string]any{}}
	if err := cur.setFilter(); err != nil {
		return nil, err
	}
	if err := cur.setSelect(); err != nil {
		return nil, err
	}
	params["order"] = map[string]any{"id": "ASC"}
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
	if bound, ok := filter[afterID]; ok {
		last, err := strconv.Atoi(fmt.Sprint(bound))
		if err != nil {
			return cur.failed(fmt.Errorf("the filter's %s must be a whole number", afterID))
		}
		cur.last = last
	}
	return nil
}

// setSelect adds the id to a given selection: the portal returns only what is
// selected, and reading goes on from the last id.
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
	if !slices.Contains(names, any("id")) && !slices.Contains(names, any("*")) {
		names = append(names, "id")
	}
	cur.list.Params["select"] = names
	return nil
}

// params are the parameters that read the next page.
func (cur *cursor) params() Params {
	p := maps.Clone(cur.list.Params)
	filter := maps.Clone(cur.filter)
	filter[afterID] = cur.last
	p["filter"] = filter
	return p
}

// take reads a page and moves on. Ids that do not rise would make reading go
// round in circles, or skip rows.
func (cur *cursor) take(result json.RawMessage) ([]json.RawMessage, error) {
	rows, err := cur.rows(result)
	if err != nil {
		return nil, cur.failed(err)
	}
	for _, row := range rows {
		var r struct {
			ID number `json:"id"`
		}
		if err := json.Unmarshal(row, &r); err != nil || r.ID.int() == nil {
			return nil, cur.failed(fmt.Errorf("a row after id %d has no id", cur.last))
		}
		id := *r.ID.int()
		if id <= cur.last {
			return nil, cur.failed(fmt.Errorf("its ids do not rise: %d follows %d", id, cur.last))
		}
		cur.last = id
	}
	cur.done = len(rows) < PageSize
	return rows, nil
}

// rows finds the rows in a result. An empty result is [] whatever its type.
func (cur *cursor) rows(result json.RawMessage) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if cur.list.Items == "" {
		if err := json.Unmarshal(result, &rows); err != nil {
			return nil, errors.New("the result is no list of rows")
		}
		return rows, nil
	}
	var named map[string]json.RawMessage
	if json.Unmarshal(result, &named) != nil {
		if json.Unmarshal(result, &rows) == nil && len(rows) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("the result is no object with %q", cur.list.Items)
	}
	if raw, ok := named[cur.list.Items]; !ok || json.Unmarshal(raw, &rows) != nil {
		return nil, fmt.Errorf("the result has no list of rows in %q", cur.list.Items)
	}
	return rows, nil
}

func (cur *cursor) failed(err error) error {
	return fmt.Errorf("%s: %w", cur.list.Method, err)
}
