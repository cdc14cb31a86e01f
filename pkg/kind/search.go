package kind

// A Search asks for the rows of one store that meet all conditions.
type Search struct {
	Store   Store
	Where   []Condition
	Columns []string // what a row has to show
	// Whole rows show every column: what a list leaves out is read again by its id. They
	// also show what names a record, and the rows hold nothing else.
	Whole bool
	// Contacts asks for phones, e-mails and their like, which stand in ContactsField.
	Contacts bool
	// Variations are looked for in the place of products.
	Variations bool
	// Newest is the field by which the rows are sorted downwards, instead of upwards by their ids. Only
	// First can do so.
	Newest string
	// Part is RequisitesPart if the rows of that part are looked for which the store's records
	// have, in the place of the records. Only First can do so.
	Part string
}

// SearchSize is how many values one search asks for at most. The portal shows 50 rows at
// once, so that an answer to as many keys has room for one more, and is known to be whole.
const SearchSize = 49

// A Condition wants a field to have a value.
type Condition struct {
	Field  string
	Test   Test
	Values []any // texts, numbers and flags as a filter takes them
}

// Test says how a field is compared with the values of a condition. The portal's
// comparison ignores case and blanks at the end.
type Test uint8

// The tests. Only AnyOf, Has and Lacks take several values.
const (
	Is       Test = iota // the field is the value
	AnyOf                // the field is one of the values
	Has                  // one of the several values that the field may hold is among them
	Contains             // the value is a part of the text
	Lacks                // none of the values is a part of the text
)

// An Answer is what a search has found.
type Answer struct {
	Rows    []Row
	Total   int      // how many there are, where only the first were asked for
	Refused *Refusal // the store is not shown; Rows are what was read before
}

// A Block holds the answers to some consecutive searches, which one request has brought.
// It is valid until the next one is asked for.
type Block struct {
	First   int // the index of the first of them
	Answers []Answer
}

// A ContactSearch asks which records of one kind have any of some phones or
// e-mails, as the portal compares them.
// Source: api-reference/crm/duplicates/crm-duplicate-find-by-comm.md.
type ContactSearch struct {
	Kind   *Kind
	TypeID string // PHONE or EMAIL
	Values []string
	// All asks again, in halves, where an answer may have left records out.
	All bool
}

// ContactsShown is how many records an answer to a ContactSearch names at most.
const ContactsShown = 20

// A ContactAnswer names the records that have any of some values. What names none is left
// out. There may be more of them if it is full.
type ContactAnswer struct {
	ContactSearch // with the values of one call
	IDs           []int
	Full          bool
}

// A PartSearch asks for the rows of one part that belong to some records. Searches that
// are asked together are for one part.
type PartSearch struct {
	Part         string   // ProductsPart, RequisitesPart, BankDetailsPart, AddressesPart or PricePart
	Kind         *Kind    // ProductsPart: that of the owners
	EntityTypeID int      // of the owners, where they can be of several
	Owners       []int    // their ids
	Columns      []string // user fields that are wanted beside all others
	PriceType    int      // PricePart: the type of the prices; 0 for all of them
	Most         int      // AddressesPart: how many an owner may have
}

// PricePart names the price of a product, which is a row of its own.
const PricePart = "price"

// AnyID is what a condition asks for by ids.
func AnyID(ids []int) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// PriceColumns are what a price is read by.
// Source: api-reference/catalog/price/catalog-price-list.md.
func PriceColumns() []any {
	return []any{"id", "productId", "catalogGroupId", "price", "currency"}
}
