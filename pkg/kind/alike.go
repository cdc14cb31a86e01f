package kind

// A Likeness is what two records have alike that people would take for one.
type Likeness struct {
	// Fields are texts that are all the same, or one field of contact data of which a value
	// is the same; of a part, columns of which one is the same.
	Fields []string
	Part   string // RequisitesPart if it is that which has the columns; "" for the record itself
	// Within is a link that both have alike too, or both do without; "" for none.
	Within string
}

// The likenesses of CRM records.
var (
	sameTitle  = Likeness{Fields: []string{"title"}}
	samePerson = Likeness{Fields: []string{"name", "lastName"}}
	samePhone  = Likeness{Fields: []string{"phones"}}
	sameEmail  = Likeness{Fields: []string{"emails"}}
	sameTaxID  = Likeness{Part: RequisitesPart, Fields: TaxIDs}
)

// TaxIDs are the columns of requisites of which one equal value tells that two are those of
// one organisation or person.
// Source: api-reference/crm/requisites/universal/index.md.
var TaxIDs = []string{"RQ_INN", "RQ_VAT_ID", "RQ_OGRN", "RQ_OGRNIP", "RQ_EDRPOU", "RQ_DRFO", "RQ_IIN", "RQ_BIN", "RQ_REGON", "RQ_PESEL", "RQ_SIRET", "RQ_CNPJ", "RQ_CPF"}
