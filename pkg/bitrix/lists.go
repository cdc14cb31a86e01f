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
	out := make([][]json.RawMessage, len(ls))
	for i, cur := range c.readLists(ctx, ls, true) {
		if cur.err != nil {
			return nil, cur.err
		}
		out[i] = rawRows(cur.rows)
	}
	return out, nil
}

// ListEach reads many lists as Lists does, but a list that fails stops no
// other: each has an outcome of its own, in the order of the lists.
func (c *Client) ListEach(ctx context.Context, ls []List) []Listing {
	out := make([]Listing, len(ls))
	for i, cur := range c.readLists(ctx, ls, false) {
		out[i] = Listing{Rows: rawRows(cur.rows), Err: cur.err}
	}
	return out
}

// A RowListing is what became of one list of ListRows.
type RowListing struct {
	Rows []Row // what was read, also before Err
	Err  error // nil if the list was read whole
}

// ListRows is ListEach with rows that are found already and need no decoding.
func (c *Client) ListRows(ctx context.Context, ls []List) []RowListing {
	out := make([]RowListing, len(ls))
	for i, cur := range c.readLists(ctx, ls, false) {
		out[i] = RowListing{Rows: cur.rows, Err: cur.err}
	}
	return out
}

// rawRows gives rows as they came, nil for none.
func rawRows(rows []Row) []json.RawMessage {
	if len(rows) == 0 {
		return nil
	}
	raws := make([]json.RawMessage, len(rows))
	for i, row := range rows {
		raws[i] = row.Raw()
	}
	return raws
}

// readLists reads lists in rounds of at most 50 pages; with stop until one fails. The
// cursors are in the order of the lists.
func (c *Client) readLists(ctx context.Context, ls []List, stop bool) []*cursor {
	all := make([]*cursor, len(ls))
	for i, l := range ls {
		all[i] = openCursor(l)
	}
	fails := func(cur *cursor) bool { return cur.err != nil }
	open := slices.DeleteFunc(slices.Clone(all), fails)
	for len(open) > 0 && !(stop && slices.ContainsFunc(all, fails)) {
		c.advance(ctx, open[:min(len(open), MaxBatch)], false)
		open = slices.DeleteFunc(open, (*cursor).ended)
	}
	return all
}

// advance reads the next page of each list, in one batch as far as that can
// carry them. The rows and the errors are in the cursors. reuse says that the rows will
// be released.
func (c *Client) advance(ctx context.Context, round []*cursor, reuse bool) {
	var packed []*cursor
	var commands []Command
	var queries []string
	for _, cur := range round {
		command := Command{Method: cur.list.Method, Params: cur.params()}
		query, err := encode(command)
		if err != nil {
			cur.add(c.page(ctx, cur, reuse))
			continue
		}
		packed, commands, queries = append(packed, cur), append(commands, command), append(queries, query)
	}
	if len(packed) == 0 {
		return
	}
	outcomes, err := c.batchOf(ctx, commands, queries, batching{patient: true, rows: true, reuse: reuse})
	for i, cur := range packed {
		switch {
		case err != nil:
			cur.err = err
		case errors.Is(outcomes[i].Err, ErrNotRun):
			cur.err = cur.failed(outcomes[i].Err)
		case outcomes[i].Err != nil:
			cur.err = outcomes[i].Err // it names the method
		default:
			cur.add(cur.take(&outcomes[i].Response))
		}
	}
}

// page reads the next page of a list by a call of its own.
func (c *Client) page(ctx context.Context, cur *cursor, reuse bool) ([]Row, error) {
	res, err := c.listCall(ctx, cur.list.Method, cur.params(), reuse)
	if err != nil {
		return nil, err
	}
	return cur.take(res)
}
