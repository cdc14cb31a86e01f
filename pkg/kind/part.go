package kind

import (
	"cmp"
	"slices"
	"sync"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Part is what a record has beside its fields and the portal keeps in rows of their
// own, such as its product rows. Every entry is a map.
type Part struct {
	Name  string // the key in the spec
	Doc   string // its title in the schema
	Shape Shape  // how its entries are written
	Key   string // the column that names an entry; "" if none does
	Parts []Part // what an entry holds beside its columns
	// Open parts take further columns, in capital letters, that only the portal knows.
	Open bool
	// Filled entries hold at least one value that is not null.
	Filled bool
	// Columns are what an entry may hold, sorted by name.
	Columns []Rule
	// Required columns stand in every entry. Of each group in OneOf it has at least
	// one, and of each in NotBoth one at most.
	Required       []string
	OneOf, NotBoth [][]string
	OneOfHint      string // the code of the message that tells what to write
	Flag           string // the property of the SPA type that must be Y
	Rows           Rows   // how its rows are kept, where each is saved by itself and carries a mark
}

// Rows are the older methods that keep the rows of a part, and what tells the rows apart.
// They belong to another row and carry an external code: requisites belong to records, bank
// details to requisites.
type Rows struct {
	Method string // how the names of its methods begin: "crm.requisite"; "" for parts without
	// Twins are the columns of which one equal value, and no other one, tells that an
	// unowned row is what a declared entry means; those of Apart must not differ.
	Twins, Apart []string
	Named        string // the column whose value names a new row; "" if none does

	// The codes of what is said about rows that cannot be told apart.
	CarryMark, BothFit, SeveralFit, HalfMarked string
}

// Column finds the rule for a column of the part.
func (p Part) Column(name string) (Rule, bool) {
	i, ok := slices.BinarySearchFunc(p.Columns, name, func(r Rule, n string) int { return cmp.Compare(r.Name, n) })
	if !ok {
		return Rule{}, false
	}
	return p.Columns[i], true
}

// Part finds what an entry holds beside its columns, by its name.
func (p Part) Part(name string) (Part, bool) {
	i := slices.IndexFunc(p.Parts, func(q Part) bool { return q.Name == name })
	if i < 0 {
		return Part{}, false
	}
	return p.Parts[i], true
}

// Part finds a part of the kind by its name.
func (k *Kind) Part(name string) (Part, bool) {
	i := slices.IndexFunc(k.Parts, func(p Part) bool { return p.Name == name })
	if i < 0 {
		return Part{}, false
	}
	return k.Parts[i], true
}

// AnyPart is Part, also among the parts of parts.
func (k *Kind) AnyPart(name string) (Part, bool) { return partNamed(k.Parts, name) }

func partNamed(parts []Part, name string) (Part, bool) {
	for _, p := range parts {
		if p.Name == name {
			return p, true
		}
		if inner, ok := partNamed(p.Parts, name); ok {
			return inner, true
		}
	}
	return Part{}, false
}

// A Shape is how the entries of a part are written.
type Shape uint8

// The shapes. The zero value is a list.
const (
	ShapeList Shape = iota // a list of entries
	ShapeMap               // a map of names to entries
	ShapeOne               // one entry, without anything around it
)

// ProductsPart is the name of the part that holds product rows.
const ProductsPart = "products"

// The list of product rows: the method, and the key of the rows in its answers.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-list.md.
const (
	ProductRowList = "crm.item.productrow.list"
	ProductRowsKey = "productRows"
)

// ProductRowsOf is the filter of that list: it has to name the one owner, by the short code
// of its entity type.
func ProductRowsOf(shortCode string, id int) map[string]any {
	return map[string]any{"=ownerType": shortCode, "=ownerId": id}
}

// productColumns are the columns of crm.item.productrow.set, in the order in which they are
// compared. Prices have two decimals on the portal, quantities four.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
var productColumns = []Rule{
	{Name: "product", Wire: "productId", Type: TypeProduct, NoClear: true, Doc: "Product of the catalogue; without it the row is a free text"},
	{Name: "name", Wire: "productName", Type: TypeString, NoClear: true, Length: 255, Doc: "Name in the row; without it the product's"},
	{Name: "price", Type: TypeDouble, NoClear: true, Doc: "Price of one, after discount and with tax, as the API has it"},
	{Name: "quantity", Type: TypeDouble, Places: 4, NoClear: true, Doc: "How many; a new row has 1"},
	{Name: "discountRate", Type: TypeDouble, NoClear: true, Doc: "Discount in percent, already in the price"},
	{Name: "discountSum", Type: TypeDouble, NoClear: true, Doc: "Discount as an amount for one, already in the price"},
	{Name: "taxRate", Type: TypeDouble, Doc: "Tax in percent, already in the price; null for none, which is not 0"},
	{Name: "taxIncluded", Type: TypeBoolean, NoClear: true, Doc: "Whether the price is shown with the tax in it"},
	{Name: "measureCode", Type: TypeInteger, NoClear: true, Doc: "Code of the unit of measure, such as 796 for pieces"},
	{Name: "customized", Type: TypeBoolean, NoClear: true, Doc: "Whether the price was changed by hand"},
	{Name: "sort", Type: TypeInteger, NoClear: true, Doc: "Sorting; it rises from row to row, and is counted by itself if left out"},
}

// ProductRows are the parts of the kinds that have amounts.
func ProductRows(flag string) []Part {
	return []Part{{
		Name: ProductsPart, Doc: "Product rows, in their order: the whole set", Flag: flag,
		Required: []string{"price"},
		OneOf:    [][]string{{"product", "name"}}, OneOfHint: "write-product-or-name",
		NotBoth: [][]string{{"discountRate", "discountSum"}},
		Columns: fields(slices.Clone(productColumns)),
	}}
}

// ProductsType says how product rows are meant whose prices are shown in a currency.
func ProductsType(currency string) value.Type {
	return value.Type{Name: string(TypeProducts), Currency: currency, Columns: productColumnTypes()}
}

// productColumnTypes says how the columns of product rows are meant. All types have the same list.
var productColumnTypes = sync.OnceValue(func() (columns []value.Column) {
	for _, rule := range productColumns {
		column := value.Column{Name: rule.Name, Wire: cmp.Or(rule.Wire, rule.Name), Type: rule.ValueType()}
		column.Type.Nullable = !rule.NoClear
		columns = append(columns, column)
	}
	return columns
})
