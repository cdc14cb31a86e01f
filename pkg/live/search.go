package live

import (
	"fmt"
	"maps"
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

// firstPage reads the first page, with how many rows there are.
func (s search) firstPage() bitrix.Command {
	l := s.list()
	l.Params["order"], l.Params["start"] = map[string]any{"id": "ASC"}, 0
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

// columns are those that rows are to show.
func (s search) columns() []string {
	if !s.Whole {
		return s.Columns
	}
	return slices.Concat(s.Columns, s.Store.Kind.Names)
}

// lacks tells whether a row lacks anything that it has to show.
func (s search) lacks(row kind.Row) bool {
	if _, ok := row["fm"]; s.Contacts && !ok {
		return true
	}
	return slices.ContainsFunc(s.Columns, func(c string) bool { _, ok := row[c]; return !ok })
}

// trim keeps the columns that were asked for, in a map and a text of just their size: the
// rows of many records are held at the same time.
func (s search) trim(row kind.Row) kind.Row {
	var names []string
	size := 0
	for _, c := range append(s.columns(), "fm") {
		if raw, ok := row[c]; ok && (c != "fm" || s.Contacts) && !slices.Contains(names, c) {
			names, size = append(names, c), size+len(raw)
		}
	}
	out, text := make(kind.Row, len(names)), make([]byte, 0, size)
	for _, c := range names {
		from := len(text)
		text = append(text, row[c]...)
		out[c] = text[from:len(text):len(text)]
	}
	return out
}

// fill adds what a row lacks from the record that was read whole.
func (s search) fill(row, full kind.Row) { maps.Copy(row, s.trim(full)) }
