package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/live"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A Record is one record with what belongs to it.
type Record struct {
	Store kind.Store // its Iblock is 0
	ID    int
	Row   kind.Row
	Parts map[string][]kind.Row // by the names of parts
	Links map[string][]Link     // what its fields name, by the field
}

// A Link names a record that another one names.
type Link struct {
	Store kind.Store
	ID    int
}

// addressesOfOne is how many addresses an owner has at most.
const addressesOfOne = 16

// Records reads the records of a scope whole, and those that they name, which are added to it.
// What those name in turn is not read. Records that are not there are left out.
func (r *Reader) Records(ctx context.Context, s Scope) ([]*Record, error) {
	all, err := r.Again(ctx, s)
	if err != nil {
		return nil, err
	}
	more := r.refer(s, all)
	if len(more) == 0 {
		return all, nil
	}
	named, err := r.Again(ctx, more)
	return append(all, named...), err
}

// Again reads the records of a scope whole, and nothing else.
func (r *Reader) Again(ctx context.Context, s Scope) (all []*Record, err error) {
	for _, at := range s.stores() {
		ids := slices.Sorted(maps.Keys(s[at]))
		var found []*Record
		if at.Kind.Methods.Typed {
			found, err = r.listed(ctx, at, ids)
		} else {
			found, err = r.got(ctx, at, ids)
		}
		if err != nil {
			return nil, err
		}
		if err := r.parts(ctx, at, found); err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, r.link(ctx, all)
}

// listed reads records by lists.
func (r *Reader) listed(ctx context.Context, at kind.Store, ids []int) (out []*Record, err error) {
	for rows, err := range r.Client.StreamLists(ctx, slices.Values(wire.WholeLists(at, ids))) {
		if err != nil {
			return nil, r.lack(at.Kind.Methods.List, err)
		}
		for _, raw := range rows {
			row, err := kind.DecodeRow(slices.Clone(raw.Raw()))
			if err != nil {
				return nil, err
			}
			out = append(out, &Record{Store: at, ID: row.Int("id"), Row: row, Parts: make(map[string][]kind.Row)})
		}
	}
	return out, nil
}

// got reads records one by one, 50 to a request.
func (r *Reader) got(ctx context.Context, at kind.Store, ids []int) (out []*Record, err error) {
	params := make([]bitrix.Params, len(ids))
	for i, id := range ids {
		read := wire.ReadCommand(&plan.Change{Kind: at.Kind.Name, Facts: at.Kind, ID: value.ID(id), EntityTypeID: at.EntityTypeID})
		params[i] = read.Params
	}
	t, err := r.each(ctx, at.Kind.Methods.Get, at.Kind.Methods.Item, params)
	for _, raw := range t.Rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, &Record{Store: at, ID: row.Int("id"), Row: row, Parts: make(map[string][]kind.Row)})
	}
	return out, err
}

// parts reads what belongs to records of one store and has methods of its own.
func (r *Reader) parts(ctx context.Context, at kind.Store, of []*Record) error {
	if len(of) == 0 {
		return nil
	}
	byID := make(map[int]*Record, len(of))
	for _, rec := range of {
		byID[rec.ID] = rec
	}
	ids := slices.Sorted(maps.Keys(byID))
	_, products := at.Kind.Part(kind.ProductsPart)
	_, requisites := at.Kind.Part(kind.RequisitesPart)
	_, addresses := at.Kind.Part(kind.AddressesPart)
	hasPrice := slices.ContainsFunc(at.Kind.Fields, func(rule kind.Rule) bool { return rule.Type == kind.TypePrice })
	for _, part := range []struct {
		has    bool
		search kind.PartSearch
	}{
		{products, kind.PartSearch{Part: kind.ProductsPart, Kind: at.Kind, EntityTypeID: at.EntityTypeID, Owners: ids}},
		{hasPrice, kind.PartSearch{Part: kind.PricePart, Owners: ids}},
		{addresses, kind.PartSearch{Part: kind.AddressesPart, EntityTypeID: at.EntityTypeID, Owners: ids, Most: addressesOfOne}},
	} {
		if !part.has {
			continue
		}
		rows, err := r.part(ctx, part.search)
		if err != nil {
			return err
		}
		for id, rows := range rows {
			byID[id].Parts[part.search.Part] = rows
		}
	}
	if requisites {
		return r.requisites(ctx, at, byID, ids)
	}
	return nil
}

// part reads the rows of one part by their owners. What is refused is noted.
func (r *Reader) part(ctx context.Context, s kind.PartSearch) (map[int][]kind.Row, error) {
	found, err := live.New(r.Client).Parts(ctx, []kind.PartSearch{s})
	if refused := (*kind.PartRefusals)(nil); errors.As(err, &refused) {
		for _, one := range refused.ByOwner {
			for _, why := range one {
				if err := r.lack(s.Part, why.Err); err != nil {
					return nil, err
				}
			}
		}
		err = nil
	}
	if err != nil || len(found) == 0 {
		return nil, r.lack(s.Part, err)
	}
	return found[0], nil
}

// requisites reads the requisites of records, with their bank details and addresses.
func (r *Reader) requisites(ctx context.Context, at kind.Store, byID map[int]*Record, ids []int) error {
	columns, err := r.requisiteColumns(ctx)
	if err != nil {
		return err
	}
	found, err := r.part(ctx, kind.PartSearch{Part: kind.RequisitesPart, EntityTypeID: at.EntityTypeID, Owners: ids, Columns: columns})
	if err != nil {
		return err
	}
	owner := make(map[int]*Record)
	for id, rows := range found {
		byID[id].Parts[kind.RequisitesPart] = rows
		for _, row := range rows {
			owner[row.Int("ID")] = byID[id]
		}
	}
	if len(owner) == 0 {
		return nil
	}
	all := slices.Sorted(maps.Keys(owner))
	for _, s := range []kind.PartSearch{
		{Part: kind.BankDetailsPart, Owners: all},
		{Part: kind.AddressesPart, EntityTypeID: kind.RequisiteEntity, Owners: all, Most: addressesOfOne},
	} {
		rows, err := r.part(ctx, s)
		if err != nil {
			return err
		}
		for _, id := range all {
			owner[id].Parts[s.Part] = append(owner[id].Parts[s.Part], rows[id]...)
		}
	}
	return nil
}

// requisiteColumns are the user fields of requisites, which lists show only where they are named.
func (r *Reader) requisiteColumns(ctx context.Context) (out []string, err error) {
	names, err := live.New(r.Client).Names(ctx, kind.Wanted{Kinds: r.Kinds, Requisites: true})
	for name, f := range names.Requisites.Fields.ByName {
		if f.Dynamic {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out, err
}

// partTables are the methods that show the rows of parts, in the order in which they are planted.
var partTables = []struct{ part, method string }{
	{kind.ProductsPart, "crm.item.productrow.list"}, {kind.PricePart, "catalog.price.list"}, {kind.RequisitesPart, "crm.requisite.list"},
	{kind.BankDetailsPart, "crm.requisite.bankdetail.list"}, {kind.AddressesPart, "crm.address.list"},
}

// Tables gives records as the methods show them, in the order in which they can be planted.
func Tables(records []*Record) ([]Table, error) {
	var out []Table
	at := make(map[kind.Store]int)
	parts := make([]Table, len(partTables))
	for _, rec := range records {
		if rec.Store.Kind.Methods.List == "catalog.section.list" {
			continue // the settings hold all of them
		}
		i, known := at[rec.Store]
		if !known {
			i = len(out)
			at[rec.Store] = i
			out = append(out, Table{Method: rec.Store.Kind.Methods.List, EntityTypeID: rec.Store.EntityTypeID})
		}
		raw, err := json.Marshal(rec.Row)
		if err != nil {
			return nil, err
		}
		out[i].Rows = append(out[i].Rows, raw)
		for k, part := range partTables {
			parts[k].Method = part.method
			for _, row := range rec.Parts[part.part] {
				raw, err := json.Marshal(row)
				if err != nil {
					return nil, err
				}
				parts[k].Rows = append(parts[k].Rows, raw)
			}
		}
	}
	for i := range out {
		out[i].Rows = sortedRows(out[i].Rows)
	}
	for _, t := range parts {
		if len(t.Rows) > 0 {
			out = append(out, Table{Method: t.Method, Rows: sortedRows(t.Rows)})
		}
	}
	return out, nil
}
