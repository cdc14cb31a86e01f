package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
)

// requisiteOwner is the entity type of requisites, which carry the addresses of contacts
// and companies. Leads own theirs themselves.
// Source: api-reference/crm/requisites/addresses/index.md.
const requisiteOwner = kind.RequisiteEntity

// An owned is a set of rows by their ids, for which what belongs to them is read. One
// record may stand in several rows, if it was found in several ways.
type owned map[int][]Row

func (o owned) add(id int, row Row) { o[id] = append(o[id], row) }

// readRequisites reads the requisites of the live records that declare some, with their
// bank details and addresses, and the addresses of leads that declare some, and puts
// them into the rows of the records.
func (f *fetcher) readRequisites(ctx context.Context) error {
	records := make(map[int]owned) // by entity type
	direct := make(map[int]owned)  // those with addresses of their own
	for _, r := range f.set.Resources {
		for _, row := range f.liveRows(r) {
			if _, ok := r.Part(spec.RequisitesPart); ok {
				addOwner(records, f.recordType(r).entityTypeID, row)
			}
			if _, ok := r.Part(spec.AddressesPart); ok {
				addOwner(direct, f.recordType(r).entityTypeID, row)
			}
		}
	}
	requisites, err := f.requisitesOf(ctx, records)
	if err != nil {
		return err
	}
	if err := f.attachBankDetails(ctx, requisites); err != nil {
		return err
	}
	if err := f.attachAddresses(ctx, requisiteOwner, requisites); err != nil {
		return err
	}
	for _, entity := range slices.Sorted(maps.Keys(direct)) {
		if err := f.attachAddresses(ctx, entity, direct[entity]); err != nil {
			return err
		}
	}
	for entity, owners := range records {
		own := slices.DeleteFunc(requisites.sorted(), func(row Row) bool { return row.Int("ENTITY_TYPE_ID") != entity })
		if err := owners.attach(spec.RequisitesPart, own); err != nil {
			return fmt.Errorf("read requisites: %w", err)
		}
	}
	return nil
}

func addOwner(all map[int]owned, entity int, row Row) {
	if all[entity] == nil {
		all[entity] = make(owned)
	}
	all[entity].add(row.Int("id"), row)
}

// requisitesOf reads the requisites of some records, those of others too: what means the
// same is not made beside them.
func (f *fetcher) requisitesOf(ctx context.Context, records map[int]owned) (owned, error) {
	requisites := make(owned)
	for _, entity := range slices.Sorted(maps.Keys(records)) {
		filter := map[string]any{"ENTITY_TYPE_ID": entity}
		rows, err := f.belongings(ctx, requisiteRows, filter, records[entity], f.requisiteColumns())
		if err != nil {
			return nil, fmt.Errorf("read requisites: %w", err)
		}
		for _, row := range rows {
			requisites.add(row.Int("ID"), row)
		}
	}
	return requisites, nil
}

// requisiteColumns selects all fields of requisites. User fields are not among them
// unless they are named.
func (f *fetcher) requisiteColumns() []any {
	columns := []any{"*"}
	fields := f.meta.Requisites.Fields.ByName
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name].Dynamic {
			columns = append(columns, name)
		}
	}
	return columns
}

func (f *fetcher) attachBankDetails(ctx context.Context, requisites owned) error {
	rows, err := f.belongings(ctx, bankRows, nil, requisites, []any{"*"})
	if err == nil {
		err = requisites.attach(spec.BankDetailsPart, rows)
	}
	if err != nil {
		return fmt.Errorf("read bank details: %w", err)
	}
	return nil
}

// belongings reads the rows that belong to some owners, 49 owners a list and 50 lists a
// request.
func (f *fetcher) belongings(ctx context.Context, family rowFamily, filter map[string]any, owners owned, columns []any) ([]Row, error) {
	var lists []bitrix.List
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(owners)), lookupSize) {
		condition := map[string]any{"@ENTITY_ID": anyOf(ids)}
		maps.Copy(condition, filter)
		lists = append(lists, bitrix.List{Method: family.method + ".list", ID: "ID", Params: bitrix.Params{"filter": condition, "select": columns}})
	}
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, answer := range answers {
		for _, raw := range answer {
			row, err := decodeRow(raw)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func anyOf(ids []int) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// attach puts rows into those that they belong to, as a list; who has none gets an
// empty one.
func (o owned) attach(key string, rows []Row) error {
	lists := make(map[int][]Row, len(o))
	for _, row := range rows {
		owner := row.Int("ENTITY_ID")
		lists[owner] = append(lists[owner], row)
	}
	for id, owners := range o {
		raw, err := json.Marshal(append([]Row{}, lists[id]...))
		if err != nil {
			return err
		}
		for _, owner := range owners {
			owner[key] = raw
		}
	}
	return nil
}

// sorted gives the rows by id.
func (o owned) sorted() []Row {
	var out []Row
	for _, id := range slices.Sorted(maps.Keys(o)) {
		out = append(out, o[id]...)
	}
	return out
}

// attachAddresses reads the addresses of owners of one entity type. Addresses have no
// id by which a long list could be read, so that each list asks for as many owners as
// a page has room for, were all of their addresses there.
// Source: api-reference/crm/requisites/addresses/crm-address-list.md.
func (f *fetcher) attachAddresses(ctx context.Context, entity int, owners owned) error {
	size := max(1, lookupSize/max(1, len(f.meta.Requisites.AddressTypes)))
	var commands []bitrix.Command
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(owners)), size) {
		commands = append(commands, bitrix.Command{Method: "crm.address.list", Params: bitrix.Params{
			"filter": map[string]any{"ENTITY_TYPE_ID": entity, "@ENTITY_ID": anyOf(ids)},
		}})
	}
	var found []Row
	err := f.each(ctx, "read addresses", commands, func(i int, r bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		rows, err := f.wholeAddresses(ctx, commands[i], r)
		for _, row := range rows {
			if owners[row.Int("ENTITY_ID")] == nil || row.Int("ENTITY_TYPE_ID") != entity {
				return fmt.Errorf("the portal gave an address of entity type %s and id %s, which was not asked for", row.Text("ENTITY_TYPE_ID"), row.Text("ENTITY_ID"))
			}
		}
		found = append(found, rows...)
		return err
	})
	if err != nil {
		return err
	}
	return owners.attach(spec.AddressesPart, found)
}

// wholeAddresses gives the rows of a list of addresses; one that is longer than a page
// after all is read again page by page.
func (f *fetcher) wholeAddresses(ctx context.Context, c bitrix.Command, r bitrix.Response) ([]Row, error) {
	rows, err := decodeRows(r.Result)
	if err != nil || len(rows) < bitrix.PageSize && r.Next == nil {
		return rows, err
	}
	rows = nil
	for raw, err := range f.client.Pages(ctx, bitrix.Request{Method: c.Method, Params: c.Params}) {
		if err != nil {
			return nil, err
		}
		row, err := decodeRow(raw)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
