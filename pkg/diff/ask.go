package diff

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// ask answers queries: by phones and e-mails through the search for duplicates, by
// other fields through lists, 49 values a list and 50 lists a request.
func (f *fetcher) ask(ctx context.Context, queries []*query) error {
	var contacts []*query
	shapes := make(map[string][]*query)
	var parts [][]*query
	for _, q := range queries {
		if _, ok := q.contact(); ok {
			contacts = append(contacts, q)
		} else if shape := q.shape(); shape != "" {
			// What a batch cannot carry would take its whole list out of the batch.
			shape += fmt.Sprint(" ", bitrix.Carries(bitrix.Params{"filter": filterOf([]*query{q})}))
			shapes[shape] = append(shapes[shape], q)
		} else {
			parts = append(parts, []*query{q})
		}
	}
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		parts = slices.AppendSeq(parts, slices.Chunk(shapes[shape], lookupSize))
	}
	if err := f.askLists(ctx, parts); err != nil {
		return err
	}
	return f.askContacts(ctx, contacts)
}

// askLists answers queries by one list for each part.
func (f *fetcher) askLists(ctx context.Context, parts [][]*query) error {
	var lists []bitrix.List
	var groups []*group
	var asked [][]*query
	for _, part := range parts {
		for _, g := range f.spread(asGroup(part)) {
			lists, groups, asked = append(lists, g.listOf(filterOf(part))), append(groups, g), append(asked, part)
		}
	}
	return f.readLists(ctx, lists, groups, func(i int, row Row) {
		for _, q := range asked[i] {
			q.take(groups[i], row)
		}
	})
}

// take keeps a row that meets the query.
func (q *query) take(g *group, row Row) {
	if q.meets(row) {
		q.rows = append(q.rows, g.trim(row))
	}
}

// readLists reads lists and hands each row over, whole where a list left a column
// out.
func (f *fetcher) readLists(ctx context.Context, lists []bitrix.List, groups []*group, take func(int, Row)) error {
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return fmt.Errorf("look records up: %w", err)
	}
	for i, answer := range answers {
		hits := make([]hit, 0, len(answer))
		for _, raw := range answer {
			row, err := decodeRow(raw)
			if err != nil {
				return fmt.Errorf("look %s up: %w", groups[i].kind.Plural, err)
			}
			hits = append(hits, hit{groups[i], row})
		}
		if err := f.complete(ctx, hits); err != nil {
			return err
		}
		for _, h := range hits {
			if err := groups[i].slot.shows(h.row); err != nil {
				return fmt.Errorf("look %s up: %w", groups[i].kind.Plural, err)
			}
			take(i, h.row)
		}
	}
	return nil
}

// readIDs reads records by their ids, 49 to a list.
func (f *fetcher) readIDs(ctx context.Context, g *group, ids []int, take func(Row)) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var lists []bitrix.List
	var groups []*group
	for part := range slices.Chunk(ids, lookupSize) {
		keys := make([]any, len(part))
		for i, id := range part {
			keys[i] = id
		}
		for _, one := range f.spread(g) {
			lists, groups = append(lists, one.listOf(map[string]any{g.among("id"): keys})), append(groups, one)
		}
	}
	return f.readLists(ctx, lists, groups, func(_ int, row Row) { take(row) })
}
