package diff

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// askContacts answers queries by phone or e-mail: the records that have any of the
// values are found, read, and matched with the queries here.
// Source: api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
func (f *fetcher) askContacts(ctx context.Context, queries []*query) error {
	byEntity := make(map[int][]*query)
	for _, q := range queries {
		byEntity[q.entityTypeID] = append(byEntity[q.entityTypeID], q)
	}
	for _, entity := range slices.Sorted(maps.Keys(byEntity)) {
		err := f.askContactsOf(ctx, byEntity[entity])
		var no *kind.Refusal
		switch {
		case errors.As(err, &no) && no.Scope != kind.ScopeCredential:
			refuseAll(byEntity[entity], no)
		case err != nil:
			return err
		}
	}
	return nil
}

// askContactsOf answers queries of one entity type.
func (f *fetcher) askContactsOf(ctx context.Context, queries []*query) error {
	answers, err := f.searchContacts(ctx, contactSearches(queries))
	if err != nil {
		return err
	}
	rows, err := f.readNamed(ctx, queries, answers)
	if err != nil {
		return err
	}
	return f.noteNear(ctx, queries, answers, rows)
}

// readNamed reads the records that were named, and hands each to the queries whose phone
// or e-mail it has.
func (f *fetcher) readNamed(ctx context.Context, queries []*query, answers []kind.ContactAnswer) (map[int]kind.Row, error) {
	var ids []int
	for _, a := range answers {
		ids = append(ids, a.IDs...)
	}
	slices.Sort(ids)
	g, index := asGroup(queries), f.indexContacts(queries)
	rows := make(map[int]kind.Row)
	return rows, f.readIDs(ctx, g, slices.Compact(ids), func(row kind.Row) {
		rows[row.Int("id")] = row
		for _, q := range index.candidates(row) {
			if q.meets(row) {
				q.rows = append(q.rows, row)
			} else if q.slot.Facts != nil && slices.Contains(f.Owners(), q.slot.Holder(row).Owner) {
				q.held = append(q.held, row)
			} else if q.almost(row) {
				q.name(row)
			}
		}
	}, func(_ []int, no *kind.Refusal) { refuseAll(queries, no) })
}

// contactSearches lists the searches that queries of one entity type need.
func contactSearches(queries []*query) []kind.ContactSearch {
	values := make(map[string][]string)
	for _, q := range queries {
		c, _ := q.contact()
		values[c.Multi] = append(values[c.Multi], q.spellings()...)
	}
	var out []kind.ContactSearch
	for _, typeID := range slices.Sorted(maps.Keys(values)) {
		slices.Sort(values[typeID])
		out = append(out, kind.ContactSearch{Kind: queries[0].kind, TypeID: typeID, Values: slices.Compact(values[typeID]), All: true})
	}
	return out
}

// spellings and normals are what is searched for by the query's phones or e-mails, and
// what is compared, each in their order; both are worked out once.
func (q *query) spellings() []string {
	return slices.Concat(q.spelledEach()...)
}

func (q *query) spelledEach() [][]string {
	if c, ok := q.contact(); ok && q.spelled == nil {
		q.spelled = c.Spellings()
	}
	return q.spelled
}

func (q *query) normals() []string {
	if c, ok := q.contact(); ok && q.normal == nil {
		q.normal = c.Values()
	}
	return q.normal
}

// searchContacts asks which records have phones or e-mails.
func (f *fetcher) searchContacts(ctx context.Context, searches []kind.ContactSearch) ([]kind.ContactAnswer, error) {
	answers, err := f.asker.Contacts(ctx, searches)
	if err != nil {
		return nil, value.While(err, "looking-up-by-phone-and-email")
	}
	return answers, nil
}

// A contactIndex finds queries by the phones and e-mails that they ask for.
type contactIndex struct {
	queries map[string][]*query
	types   []value.Type
}

func (f *fetcher) indexContacts(queries []*query) contactIndex {
	index := contactIndex{queries: make(map[string][]*query), types: []value.Type{f.Multifield("PHONE"), f.Multifield("EMAIL")}}
	for _, q := range queries {
		c, _ := q.contact()
		for _, value := range q.normals() {
			index.queries[c.Multi+" "+value] = append(index.queries[c.Multi+" "+value], q)
		}
	}
	return index
}

// candidates gives the queries that one of a row's phones or e-mails is asked for
// by, each once.
func (x contactIndex) candidates(row kind.Row) []*query {
	var out []*query
	for _, t := range x.types {
		for _, r := range declared.ContactsIn(t, row) {
			for _, q := range x.queries[t.Multi+" "+t.Normal(r.Text)] {
				if !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}
