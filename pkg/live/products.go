package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// A productOwner is a record whose product rows are to be read.
type productOwner struct {
	code string // of its entity type, such as D
	id   int
	rows []kind.Row
}

// products reads the product rows of the owners of searches.
func (r *Reader) products(ctx context.Context, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	var all []*productOwner
	for _, s := range searches {
		for _, id := range s.Owners {
			all = append(all, &productOwner{code: s.Kind.ShortCode(s.EntityTypeID), id: id})
		}
	}
	if err := (&rowReader{client: r.client, probed: &r.rows}).read(ctx, all); err != nil {
		return nil, withScope(err)
	}
	found := make([]map[int][]kind.Row, len(searches))
	for i, s := range searches {
		found[i] = make(map[int][]kind.Row)
		for _, o := range all[:len(s.Owners)] {
			if len(o.rows) > 0 {
				found[i][o.id] = o.rows
			}
		}
		all = all[len(s.Owners):]
	}
	return found, nil
}

// A rowReader reads product rows. More owners than one request can ask for one by one
// are asked for by 49 in one list, which the method's page allows and no example shows.
// So that is tried beside lists of one owner each, until a list has shown the rows of
// several owners as theirs do; where it does not, every owner is asked for alone.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-list.md.
type rowReader struct {
	client *bitrix.Client
	probed *ownersProbe
}

// An ownersProbe remembers what was seen of lists of several owners.
type ownersProbe struct {
	mu   sync.Mutex // held while nobody knows
	seen rowsProbe
}

// read reads the rows of all owners.
func (r *rowReader) read(ctx context.Context, all []*productOwner) error {
	if len(all) <= bitrix.MaxBatch {
		return r.alone(ctx, all)
	}
	groups := ownerGroups(all)
	verdict, groups, err := r.decide(ctx, groups)
	switch {
	case err != nil:
		return err
	case verdict == seen:
		return r.together(ctx, groups)
	}
	return r.alone(ctx, slices.Concat(groups...))
}

// decide reads groups until it shows whether a list gives the rows of several owners, and
// gives those that are left. It is found out once.
func (r *rowReader) decide(ctx context.Context, groups [][]*productOwner) (rowsProbe, [][]*productOwner, error) {
	r.probed.mu.Lock()
	defer r.probed.mu.Unlock()
	for len(groups) > 0 && r.probed.seen == unseen {
		verdict, err := r.probe(ctx, groups[0])
		if err != nil {
			return verdict, nil, err
		}
		r.probed.seen, groups = verdict, groups[1:]
	}
	return r.probed.seen, groups, nil
}

// ownerGroups cuts owners into those of one list, which has one type.
func ownerGroups(all []*productOwner) (groups [][]*productOwner) {
	byCode := make(map[string][]*productOwner)
	for _, o := range all {
		byCode[o.code] = append(byCode[o.code], o)
	}
	for _, code := range slices.Sorted(maps.Keys(byCode)) {
		groups = slices.AppendSeq(groups, slices.Chunk(byCode[code], bitrix.KeysPerList))
	}
	return groups
}

// A rowsProbe says whether a list gives the rows of several owners.
type rowsProbe int

const (
	unseen  rowsProbe = iota // too few of the owners have rows
	seen                     // it does
	refuted                  // it does not
)

// probe reads the owners of a group one by one and, in the same request, together.
func (r *rowReader) probe(ctx context.Context, group []*productOwner) (rowsProbe, error) {
	lists := []bitrix.List{groupList(group)}
	for _, o := range group {
		lists = append(lists, productList(o.code, o.id))
	}
	listings := r.client.ListRows(ctx, lists)
	together := byOwner(listings[0].Rows)
	verdict := unseen
	for i, o := range group {
		l := listings[i+1]
		if l.Err != nil {
			return refuted, l.Err
		}
		if err := o.keep(l.Rows); err != nil {
			return refuted, err
		}
		if !slices.EqualFunc(l.Rows, together[o.id], sameRowID) {
			verdict = refuted
		}
	}
	switch {
	case listings[0].Err != nil || verdict == refuted:
		return refuted, nil
	case len(together) > 1:
		return seen, nil
	}
	return unseen, nil
}

// together reads groups of owners, a list each. Of a group whose list fails the owners
// are asked for one by one, so that it shows whose rows cannot be read.
func (r *rowReader) together(ctx context.Context, groups [][]*productOwner) error {
	size := max(bitrix.MaxBatch, (len(groups)+readers-1)/readers)
	chunks := slices.Collect(slices.Chunk(groups, size))
	return parallel(ctx, len(chunks), func(ctx context.Context, i int) error {
		var lists []bitrix.List
		for _, group := range chunks[i] {
			lists = append(lists, groupList(group))
		}
		var failed []*productOwner
		for k, l := range r.client.ListRows(ctx, lists) {
			group := chunks[i][k]
			switch {
			case l.Err == nil:
				l.Err = keepRows(group, l.Rows)
			case ctx.Err() == nil && isOfList(l.Err):
				failed, l.Err = append(failed, group...), nil
			}
			if l.Err != nil {
				return l.Err
			}
		}
		return r.alone(ctx, failed)
	})
}

// isOfList reports whether a list failed that may succeed if it asks for less, as opposed
// to every further call.
func isOfList(err error) bool {
	var (
		unreachable *bitrix.Unreachable
		away        *bitrix.Away
	)
	return !errors.As(err, &unreachable) && !errors.As(err, &away) && !bitrix.IsAuth(err)
}

// alone reads the rows of each owner by a list of its own, 50 lists a request.
func (r *rowReader) alone(ctx context.Context, owners []*productOwner) error {
	chunks := slices.Collect(slices.Chunk(owners, bitrix.MaxBatch))
	return parallel(ctx, len(chunks), func(ctx context.Context, i int) error {
		var lists []bitrix.List
		for _, o := range chunks[i] {
			lists = append(lists, productList(o.code, o.id))
		}
		for k, l := range r.client.ListRows(ctx, lists) {
			if l.Err != nil {
				return l.Err
			}
			if err := chunks[i][k].keep(l.Rows); err != nil {
				return err
			}
		}
		return nil
	})
}

// groupList lists the product rows of several owners.
func groupList(group []*productOwner) bitrix.List {
	ids := make([]int, len(group))
	for i, o := range group {
		ids[i] = o.id
	}
	l := productList(group[0].code, 0)
	l.Params["filter"].(map[string]any)["=ownerId"] = ids
	return l
}

func byOwner(rows []bitrix.Row) map[int][]bitrix.Row {
	owners := make(map[int][]bitrix.Row)
	for _, row := range rows {
		id, _ := row.Int("ownerId")
		owners[id] = append(owners[id], row)
	}
	return owners
}

func sameRowID(a, b bitrix.Row) bool {
	x, okX := a.Int("id")
	y, okY := b.Int("id")
	return okX && okY && x == y
}

// keepRows gives the rows of a list to its owners.
func keepRows(group []*productOwner, rows []bitrix.Row) error {
	owners := byOwner(rows)
	for _, o := range group {
		if err := o.keep(owners[o.id]); err != nil {
			return err
		}
	}
	return nil
}

// keep takes the rows of an owner.
func (o *productOwner) keep(rows []bitrix.Row) error {
	o.rows = nil
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw.Raw())
		if err != nil {
			return err
		}
		o.rows = append(o.rows, row)
	}
	return nil
}

// productList lists the product rows of one record: the filter has to name it.
func productList(code string, id int) bitrix.List {
	return bitrix.List{Method: kind.ProductRowList, Items: kind.ProductRowsKey, Params: bitrix.Params{"filter": kind.ProductRowsOf(code, id)}}
}
