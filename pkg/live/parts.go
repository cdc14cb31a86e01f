package live

import (
	"context"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// partReaders read each sort of part.
var partReaders = map[string]partReader{
	kind.ProductsPart:    (*Reader).products,
	kind.PricePart:       listed{priceLists, "productId"}.read,
	kind.RequisitesPart:  listed{requisiteLists, "ENTITY_ID"}.read,
	kind.BankDetailsPart: listed{bankLists, "ENTITY_ID"}.read,
	kind.AddressesPart:   (*Reader).addresses,
}

// Parts reads the rows of one part that belong to records: for each search, by the ids of
// their owners, in the order of their ids. An owner without any is left out. Owners whose
// part the portal does not show come in a *kind.PartRefusals, beside the rows of the others.
func (r *Reader) Parts(ctx context.Context, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	if len(searches) == 0 {
		return nil, nil
	}
	read := partReaders[searches[0].Part]
	found, err := read(r, ctx, searches)
	if err != nil {
		return r.narrowed(ctx, read, searches, err)
	}
	return found, nil
}

// listed are parts that are read by lists.
type listed struct {
	lists func(kind.PartSearch) []bitrix.List
	owner string // the column that names the owner of a row
}

func (p listed) read(r *Reader, ctx context.Context, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	found := make([]map[int][]kind.Row, len(searches))
	var lists []bitrix.List
	var at []int // the search of each list
	for i, s := range searches {
		found[i] = make(map[int][]kind.Row)
		for _, l := range p.lists(s) {
			lists, at = append(lists, l), append(at, i)
		}
	}
	for rows, err := range r.client.StreamLists(ctx, slices.Values(lists)) {
		if err != nil {
			return nil, withScope(err)
		}
		byOwner := found[at[0]]
		at = at[1:]
		for _, raw := range rows {
			row, err := kind.DecodeRow(raw.Raw())
			if err != nil {
				return nil, err
			}
			byOwner[row.Int(p.owner)] = append(byOwner[row.Int(p.owner)], row)
		}
	}
	return found, nil
}

// priceLists list the prices of one type, or of all.
// Source: api-reference/catalog/price/catalog-price-list.md.
func priceLists(s kind.PartSearch) []bitrix.List {
	var out []bitrix.List
	for ids := range slices.Chunk(anys(s.Owners), kind.SearchSize) {
		filter := map[string]any{"@productId": ids}
		if s.PriceType != 0 {
			filter["=catalogGroupId"] = s.PriceType
		}
		out = append(out, bitrix.List{Method: "catalog.price.list", Items: "prices", Params: bitrix.Params{"filter": filter, "select": kind.PriceColumns()}})
	}
	return out
}

// requisiteLists list requisites of owners of one entity type.
// Source: api-reference/crm/requisites/universal/crm-requisite-list.md.
func requisiteLists(s kind.PartSearch) []bitrix.List {
	return belongings("crm.requisite.list", s, map[string]any{"ENTITY_TYPE_ID": s.EntityTypeID})
}

// bankLists list bank details of requisites.
// Source: api-reference/crm/requisites/bank-detail/crm-requisite-bank-detail-list.md.
func bankLists(s kind.PartSearch) []bitrix.List {
	return belongings("crm.requisite.bankdetail.list", s, nil)
}

// belongings list rows of the older methods by their owners. User fields are shown only
// where they are named.
func belongings(method string, s kind.PartSearch, filter map[string]any) []bitrix.List {
	var out []bitrix.List
	for ids := range slices.Chunk(anys(s.Owners), kind.SearchSize) {
		condition := map[string]any{"@ENTITY_ID": ids}
		maps.Copy(condition, filter)
		columns := append([]any{"*"}, anys(s.Columns)...)
		out = append(out, bitrix.List{Method: method, ID: "ID", Params: bitrix.Params{"filter": condition, "select": columns}})
	}
	return out
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, x := range list {
		out[i] = x
	}
	return out
}

// addresses reads the addresses of owners of one entity type a search.
func (r *Reader) addresses(ctx context.Context, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	found := make([]map[int][]kind.Row, len(searches))
	for i, s := range searches {
		found[i] = make(map[int][]kind.Row)
		if err := r.addressesOf(ctx, s, found[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// addressesOf reads the addresses of some owners. They have no id by which a long list
// could be read, so that each list asks for as many owners as a page has room for, were
// all of their addresses there.
// Source: api-reference/crm/requisites/addresses/crm-address-list.md.
func (r *Reader) addressesOf(ctx context.Context, s kind.PartSearch, found map[int][]kind.Row) error {
	size := max(1, kind.SearchSize/max(1, s.Most))
	asked := make(map[int]bool, len(s.Owners))
	for _, id := range s.Owners {
		asked[id] = true
	}
	var commands []bitrix.Command
	for ids := range slices.Chunk(anys(s.Owners), size) {
		commands = append(commands, bitrix.Command{Method: "crm.address.list", Params: bitrix.Params{
			"filter": map[string]any{"ENTITY_TYPE_ID": s.EntityTypeID, "@ENTITY_ID": ids},
		}})
	}
	return r.each(ctx, commands, func(i int, answer bitrix.Response, err error) error {
		if err != nil {
			return err
		}
		rows, err := r.wholeAddresses(ctx, commands[i], answer)
		for _, row := range rows {
			id := row.Int("ENTITY_ID")
			if !asked[id] || row.Int("ENTITY_TYPE_ID") != s.EntityTypeID {
				return value.Err("address-was-not-asked-for", value.T("type", row.Text("ENTITY_TYPE_ID")), value.T("id", row.Text("ENTITY_ID")))
			}
			found[id] = append(found[id], row)
		}
		return err
	})
}

// wholeAddresses gives the rows of a list of addresses; one that is longer than a page
// after all is read again page by page.
func (r *Reader) wholeAddresses(ctx context.Context, c bitrix.Command, answer bitrix.Response) ([]kind.Row, error) {
	rows, err := kind.DecodeRows(answer.Result)
	if err != nil || len(rows) < bitrix.PageSize && answer.Next == nil {
		return rows, err
	}
	rows = nil
	for raw, err := range r.client.Pages(ctx, bitrix.Request{Method: c.Method, Params: c.Params}) {
		if err != nil {
			return nil, err
		}
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
