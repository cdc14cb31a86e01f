package live

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// A search is a kind.Search with the methods of its kind.
type search struct {
	kind.Search
	methods kind.Methods
}

func newSearch(s kind.Search) search { return search{Search: s, methods: s.Store.Kind.Methods} }

// filter gives the conditions in the portal's spelling: the prefix of a field says how it
// is compared. What is excluded stands in groups of its own.
// Source: api-reference/crm/universal/crm-item-list.md.
func (s search) filter() map[string]any {
	filter := make(map[string]any)
	for _, c := range s.Where {
		switch c.Test {
		case kind.AnyOf:
			filter[s.methods.Among(c.Field)] = c.Values
		case kind.Has:
			filter[c.Field] = c.Values
		case kind.Contains:
			filter["%"+c.Field] = c.Values[0]
		case kind.Lacks:
			for i, v := range c.Values {
				filter[fmt.Sprint(i)] = map[string]any{"!%" + c.Field: v}
			}
		default:
			filter["="+c.Field] = c.Values[0]
		}
	}
	return filter
}

// list reads all rows of the search.
func (s search) list() bitrix.List {
	if s.Part != "" {
		return s.partList()
	}
	filter, columns := s.filter(), s.selected()
	l := bitrix.List{Method: s.methods.List, Items: s.methods.Items, Params: bitrix.Params{"select": columns}}
	if s.Variations {
		l.Method, l.Items = variationList, "offers"
	}
	if s.methods.Typed {
		l.Params["entityTypeId"] = s.Store.EntityTypeID
	}
	if s.methods.Placed {
		filter[kind.CatalogueField] = s.Store.Iblock
		l.Params["select"] = append(columns, kind.CatalogueField)
	}
	if len(filter) > 0 {
		l.Params["filter"] = filter
	}
	if s.Whole { // what a row lacks is read again, and whoever takes it sees to the rest
		for _, c := range s.Where {
			l.Unshown = append(l.Unshown, c.Field)
		}
		slices.Sort(l.Unshown)
	}
	return l
}

// variationList lists variations of products.
// Source: api-reference/catalog/product/offer/catalog-product-offer-list.md.
const variationList = "catalog.product.offer.list"

// partList lists requisites of the records of one entity type.
// Source: api-reference/crm/requisites/universal/crm-requisite-list.md.
func (s search) partList() bitrix.List {
	filter := s.filter()
	filter["ENTITY_TYPE_ID"] = s.Store.EntityTypeID
	return bitrix.List{Method: "crm.requisite.list", ID: "ID", Params: bitrix.Params{"filter": filter, "select": anys(s.Columns)}}
}

// firstPage reads the first page, with how many rows there are.
func (s search) firstPage() bitrix.Command {
	l := s.list()
	l.Params["order"], l.Params["start"] = map[string]any{cmp.Or(l.ID, "id"): "ASC"}, 0
	if s.Newest != "" {
		l.Params["order"] = map[string]any{s.Newest: "DESC"}
	}
	return bitrix.Command{Method: l.Method, Params: l.Params}
}

// get reads one record whole.
func (s search) get(id int) bitrix.Command {
	p := bitrix.Params{"id": id}
	if s.methods.Typed {
		p["entityTypeId"] = s.Store.EntityTypeID
	}
	return bitrix.Command{Method: s.methods.Get, Params: p}
}

// selected names the columns that a list asks for. Phones and their like are shown only
// where everything is.
func (s search) selected() []any {
	selected := []any{}
	if s.Contacts {
		selected = append(selected, "*")
	}
	for _, c := range s.columns() {
		if !s.Contacts || kind.IsUserField(c) {
			selected = append(selected, c)
		}
	}
	return selected
}

// columns are those that a list asks for.
func (s search) columns() []string {
	if !s.Whole {
		return s.Columns
	}
	return slices.Concat(s.Columns, s.Store.Kind.Names)
}

// names are the columns that rows hold, each once.
func (s search) names() []string {
	names := slices.Clone(s.columns())
	if s.methods.Placed {
		names = append(names, kind.CatalogueField)
	}
	if s.Contacts {
		names = append(names, "fm")
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// lacks tells whether a row lacks anything that it has to show.
func (s search) lacks(row kind.Row) bool {
	if _, ok := row["fm"]; s.Contacts && !ok {
		return true
	}
	return slices.ContainsFunc(s.Columns, func(c string) bool { _, ok := row[c]; return !ok })
}

// fill adds what a row lacks from the record that was read whole.
func (s search) fill(row, full kind.Row) {
	for _, name := range s.names() {
		if raw, ok := full[name]; ok {
			row[name] = raw
		}
	}
}

// A picker copies columns out of rows. Those of one search after the other are mostly the
// same.
type picker struct {
	names   []string
	columns *bitrix.Columns
	values  []json.RawMessage

	rows []kind.Row // made so far; those of a block are used again for the next one
	used int
	text []byte // of the rows of a block
}

func (p *picker) use(names []string) {
	if p.columns == nil || !slices.Equal(p.names, names) {
		p.names, p.columns = names, bitrix.NewColumns(names...)
	}
}

// reuse takes the memory of all rows back.
func (p *picker) reuse() { p.used, p.text = 0, p.text[:0] }

// row copies a row. It is valid until reuse.
func (p *picker) row(r bitrix.Row) kind.Row {
	p.values = p.columns.Pick(r, p.values)
	out := p.empty()
	for i, raw := range p.values {
		if raw != nil {
			from := len(p.text)
			p.text = append(p.text, raw...)
			out[p.names[i]] = p.text[from:len(p.text):len(p.text)]
		}
	}
	return out
}

func (p *picker) empty() kind.Row {
	if p.used == len(p.rows) {
		p.rows = append(p.rows, make(kind.Row, len(p.names)))
	}
	out := p.rows[p.used]
	p.used++
	clear(out)
	return out
}
