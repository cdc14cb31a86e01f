package bitrix

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
)

// A Listing is what became of one list of ListEach.
type Listing struct {
	Rows []json.RawMessage // what was read, also before Err
	Err  error             // nil if the list was read whole
}

// Lists reads many lists whole, packing 50 pages into a batch request. The
// results are in the order of the lists. A list that a batch cannot carry is
// read by calls of its own. The first list that fails ends it.
//
// A page that is not full counts as a list's last one, so that a list of fewer
// than PageSize rows costs no second look; Scan looks twice.
func (c *Client) Lists(ctx context.Context, ls []List) ([][]json.RawMessage, error) {
	listings := c.readLists(ctx, ls, true)
	out := make([][]json.RawMessage, len(ls))
	for i, l := range listings {
		if l.Err != nil {
			return nil, l.Err
		}
		out[i] = l.Rows
	}
	return out, nil
}

// ListEach reads many lists as Lists does, but a list that fails stops no
// other: each has an outcome of its own, in the order of the lists.
func (c *Client) ListEach(ctx context.Context, ls []List) []Listing {
	return c.readLists(ctx, ls, false)
}

// readLists reads lists in rounds of at most 50 pages.
func (c *Client) readLists(ctx context.Context, ls []List, stop bool) []Listing {
	out := make([]Listing, len(ls))
	at := make(map[*cursor]*Listing, len(ls))
	var open []*cursor
	for i, l := range ls {
		cur, err := newCursor(l)
		if err != nil {
			out[i].Err = err
			if stop {
				return out
			}
			continue
		}
		at[cur] = &out[i]
		open = append(open, cur)
	}
	for len(open) > 0 {
		round := open[:min(len(open), MaxBatch)]
		c.advance(ctx, round)
		for _, cur := range round {
			l := at[cur]
			l.Rows, l.Err = append(l.Rows, cur.page...), cur.err
			if l.Err != nil && stop {
				return out
			}
		}
		open = slices.DeleteFunc(open, func(cur *cursor) bool { return cur.done || cur.err != nil })
	}
	return out
}

// advance reads the next page of each list, in one batch as far as that can
// carry them. The pages and the errors are in the cursors.
func (c *Client) advance(ctx context.Context, round []*cursor) {
	var packed []*cursor
	for _, cur := range round {
		if Carries(cur.params()) {
			packed = append(packed, cur)
			continue
		}
		cur.page, cur.err = c.page(ctx, cur)
	}
	if len(packed) == 0 {
		return
	}
	commands := make([]Command, len(packed))
	for i, cur := range packed {
		commands[i] = Command{Method: cur.list.Method, Params: cur.params()}
	}
	outcomes, err := c.Batch(ctx, commands)
	for i, cur := range packed {
		cur.page, cur.err = nil, err
		if err != nil {
			continue
		}
		switch o := &outcomes[i]; {
		case errors.Is(o.Err, ErrNotRun):
			cur.err = cur.failed(o.Err)
		case o.Err != nil:
			cur.err = o.Err // it names the method
		default:
			cur.page, cur.err = cur.take(&o.Response)
		}
	}
}

// page reads the next page of a list by a call of its own.
func (c *Client) page(ctx context.Context, cur *cursor) ([]json.RawMessage, error) {
	res, err := c.Call(ctx, cur.list.Method, cur.params())
	if err != nil {
		return nil, err
	}
	return cur.take(res)
}
