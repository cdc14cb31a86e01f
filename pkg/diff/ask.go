package diff

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// ask answers queries: by phones and e-mails through the search for duplicates, by
// other fields through searches, 49 values each.
func (f *fetcher) ask(ctx context.Context, queries []*query) error {
	var contacts []*query
	shapes := make(map[string][]*query)
	var parts [][]*query
	for _, q := range queries {
		if _, ok := q.contact(); ok {
			contacts = append(contacts, q)
		} else if shape := q.shape(); shape != "" {
			one := []*query{q}
			shape += fmt.Sprint(" ", f.asker.Alone(asGroup(one).searchOf(whereOf(one))))
			shapes[shape] = append(shapes[shape], q)
		} else {
			parts = append(parts, []*query{q})
		}
	}
	for _, shape := range slices.Sorted(maps.Keys(shapes)) {
		parts = slices.AppendSeq(parts, slices.Chunk(shapes[shape], ask.Keys))
	}
	if err := f.askSearches(ctx, parts); err != nil {
		return err
	}
	return f.askContacts(ctx, contacts)
}

// askSearches answers queries by one search for each part.
func (f *fetcher) askSearches(ctx context.Context, parts [][]*query) error {
	var searches []kind.Search
	var groups []*group
	var asked [][]*query
	for _, part := range parts {
		for _, g := range spread(&f.View, asGroup(part)) {
			searches, groups, asked = append(searches, g.searchOf(whereOf(part))), append(groups, g), append(asked, part)
		}
	}
	return f.readRows(ctx, searches, groups, func(i int, row kind.Row) {
		takeAnswer(asked[i], row)
	}, func(i int, _ kind.Row, no *kind.Refusal) { refuseAll(asked[i], no) })
}

// refuseAll notes why the portal does not answer queries.
func refuseAll(queries []*query, no *kind.Refusal) {
	for _, q := range queries {
		q.refused = no
	}
}

// takeAnswer gives a row to the queries that it meets, and notes it for those of which the
// portal takes it for an answer while we see a difference.
func takeAnswer(asked []*query, row kind.Row) {
	told := false
	for _, q := range asked {
		switch {
		case q.meets(row):
			q.rows, told = append(q.rows, row), true
		case q.almost(row):
			told = true
			q.name(row)
		}
	}
	if told || len(asked[0].conditions) > 1 { // several conditions also bring what one query has of each
		return
	}
	if q := nearest(asked, row); q != nil {
		q.name(row)
	}
}

// name notes a row that the portal names, unless a project has marked its record.
func (q *query) name(row kind.Row) {
	if q.slot.Facts != nil && q.slot.Holder(row).Owner == "" {
		q.named = append(q.named, row)
	}
}

// nearest gives the query without an answer that a row is most like: the portal has some
// reason to show it.
func nearest(asked []*query, row kind.Row) (out *query) {
	least := 0
	for _, q := range asked {
		c := q.conditions[0]
		if far := value.Distance(value.Folded(c.Want.Text), value.Folded(row.Text(c.Wire))); len(q.rows) == 0 && (out == nil || far < least) {
			out, least = q, far
		}
	}
	return out
}

// readRows asks searches and hands each row over that shows whose it is; or why one is not
// shown, or none of a search is.
func (f *fetcher) readRows(ctx context.Context, searches []kind.Search, groups []*group, take func(int, kind.Row), refused func(int, kind.Row, *kind.Refusal)) error {
	return f.asker.Rows(ctx, searches, "looking-records-up", func(i int, rows []kind.Row) error {
		for _, row := range rows {
			if no := cmp.Or(kind.RefusalIn(row), groups[i].slot.Hides(row)); no != nil {
				refused(i, row, no)
				continue
			}
			take(i, row)
		}
		return nil
	}, func(i int, no *kind.Refusal) { refused(i, nil, no) })
}

// readIDs reads records by their ids, 49 to a search, and tells which are not shown.
func (f *fetcher) readIDs(ctx context.Context, g *group, ids []int, take func(kind.Row), refused func([]int, *kind.Refusal)) error {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var searches []kind.Search
	var groups []*group
	var asked [][]int
	for part := range slices.Chunk(ids, ask.Keys) {
		for _, one := range spread(&f.View, g) {
			searches = append(searches, one.searchOf([]kind.Condition{{Field: "id", Test: kind.AnyOf, Values: kind.AnyID(part)}}))
			groups, asked = append(groups, one), append(asked, part)
		}
	}
	return f.readRows(ctx, searches, groups, func(_ int, row kind.Row) { take(row) }, func(i int, row kind.Row, no *kind.Refusal) {
		if row != nil {
			refused([]int{row.Int("id")}, no)
		} else {
			refused(asked[i], no)
		}
	})
}
