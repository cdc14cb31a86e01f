package kind

// A Catalog is what the portal's product catalogues have in common and what they are.
type Catalog struct {
	Iblocks    []Iblock
	Variations []int // the catalogues of variations
	BasePrice  int   // id of the price type that price is of; 0 if the portal has none
	Measures   []Named
	VATs       []Named
	Properties []Property
}

// An Iblock is a catalogue of products. Those of variations are left out.
// Source: api-reference/catalog/catalog/catalog-catalog-list.md.
type Iblock struct {
	ID   int
	Name string
	CRM  bool // it is the CRM's own
}

// A Named is an entry of a directory that is written by one of its portable names.
type Named struct {
	ID    int
	Key   string   // a number that means the same everywhere, such as 796 for pieces
	Codes []string // other short names
	Name  string
}

// A Property is a property that the products of a catalogue have.
// Source: api-reference/catalog/product-property/catalog-product-property-list.md.
type Property struct {
	ID, Iblock     int
	Code, Name     string
	Type, UserType string
	Multiple       bool
	Options        []Named
}
