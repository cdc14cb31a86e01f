package kind

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// The names of the parts that hold requisites and what belongs to them.
const (
	RequisitesPart  = "requisites"
	BankDetailsPart = "bankDetails"
	AddressesPart   = "addresses"
	// ColumnsPart holds the columns of a requisite or of bank details by their
	// official names.
	ColumnsPart = "fields"
)

// RequisiteEntity is the entity type of requisites, where something belongs to them.
// Source: api-reference/crm/data-types.md#object_type.
const RequisiteEntity = 8

// requisiteRows keep the requisites of contacts and companies. Branches of one company
// share a tax id, and their KPP tells them apart.
// Source: api-reference/crm/requisites/universal/index.md.
var requisiteRows = Rows{
	Method:    "crm.requisite",
	CarryMark: "requisites-carry-mark", BothFit: "both-fit-requisite", SeveralFit: "several-requisites-fit", HalfMarked: "requisites-are-half-marked",
	Twins: TaxIDs,
	Apart: []string{"RQ_KPP"},
}

// bankRows keep the bank details of requisites.
// Source: api-reference/crm/requisites/bank-detail/index.md.
var bankRows = Rows{
	Method:    "crm.requisite.bankdetail",
	CarryMark: "bank-details-carry-mark", BothFit: "both-fit-bank-details", SeveralFit: "several-bank-details-fit", HalfMarked: "bank-details-are-half-marked",
	Twins: []string{"RQ_IBAN", "RQ_ACC_NUM", "RQ_IIK"}, Named: "RQ_BANK_NAME",
}

// Requisites are the requisites of companies and contacts. An entry is found again
// by its key, of which the portal keeps an external code.
// Source: api-reference/crm/requisites/universal/crm-requisite-add.md.
func Requisites() []Part {
	return []Part{{
		Name: RequisitesPart, Doc: "Requisites: all that this project owns; those of others stay", Key: "key",
		Required: []string{"preset"}, Rows: requisiteRows,
		Columns: fields([]Rule{
			{Name: "key", Type: TypeString, NoClear: true, Doc: "Names the requisite for ever; a single one without it is main"},
			{Name: "preset", Type: TypeString, NoClear: true, Doc: "Template: its exact name, external code or id; it cannot be changed later"},
			{Name: "name", Wire: "NAME", Type: TypeString, NoClear: true, Length: 255, Doc: "Name; without it a new requisite gets the template's"},
			{Name: "code", Wire: "CODE", Type: TypeString, Doc: "Symbolic code"},
			{Name: "active", Wire: "ACTIVE", Type: TypeBoolean, NoClear: true, Doc: "Whether it is active"},
			{Name: "addressOnly", Wire: "ADDRESS_ONLY", Type: TypeBoolean, NoClear: true, Doc: "Whether it only carries addresses, so that people do not see it"},
			{Name: "sort", Wire: "SORT", Type: TypeInteger, NoClear: true, Doc: "Order among the requisites of the record"},
		}),
		Parts: []Part{
			columnsPart("Details by their official names, such as RQ_INN; user fields by their codes", requisiteColumns),
			addressPart(),
			{
				Name: BankDetailsPart, Doc: "Bank details: all that this project owns; those of others stay", Key: "key", Rows: bankRows,
				Columns: fields([]Rule{
					{Name: "key", Type: TypeString, NoClear: true, Doc: "Names the bank details for ever; single ones without it are main"},
					{Name: "name", Wire: "NAME", Type: TypeString, NoClear: true, Length: 255, Doc: "Name; without it new bank details get the bank's, else their key"},
					{Name: "code", Wire: "CODE", Type: TypeString, Doc: "Symbolic code"},
					{Name: "active", Wire: "ACTIVE", Type: TypeBoolean, NoClear: true, Doc: "Whether they are active"},
					{Name: "sort", Wire: "SORT", Type: TypeInteger, NoClear: true, Doc: "Order among the bank details of the requisite"},
					{Name: "countryId", Wire: "COUNTRY_ID", Type: TypeInteger, NoClear: true, Doc: "Country, an id of crm.requisite.preset.countries; without it the template's"},
				}),
				Parts: []Part{columnsPart("Details by their official names, such as RQ_IBAN", bankColumns)},
			},
		},
	}}
}

// addressPart are the addresses of a requisite or a lead, by their type.
// Source: api-reference/crm/requisites/addresses/crm-address-add.md.
func addressPart() Part {
	var rules []Rule
	for _, c := range AddressColumns() {
		rules = append(rules, Rule{Name: c.Name, Type: TypeString, Doc: c.Doc})
	}
	return Part{
		Name: AddressesPart, Doc: "Addresses by type (legal, physical, registered, mailing, beneficiary, shipping, or as the portal names it): the whole set",
		Shape: ShapeMap, Filled: true, Columns: fields(rules),
	}
}

// An AddressColumn is one line of an address, by its names in manifests and on the wire.
type AddressColumn struct{ Name, Wire, Doc string }

// AddressColumns lists the lines of an address in the order in which they are read.
// Source: api-reference/crm/requisites/addresses/index.md.
func AddressColumns() []AddressColumn {
	return []AddressColumn{
		{"address1", "ADDRESS_1", "Street, house, building"},
		{"address2", "ADDRESS_2", "Apartment or office"},
		{"city", "CITY", "City"},
		{"postalCode", "POSTAL_CODE", "Postal code"},
		{"region", "REGION", "District"},
		{"province", "PROVINCE", "State or province"},
		{"country", "COUNTRY", "Country"},
		{"countryCode", "COUNTRY_CODE", "Country code, which the portal itself does not use"},
	}
}

// AddressLine is an address for people.
func AddressLine(row Row) string {
	var parts []string
	for _, c := range AddressColumns() {
		if t := row.Text(c.Wire); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, ", ")
}

func columnsPart(doc string, columns []column) Part {
	part := Part{Name: ColumnsPart, Doc: doc, Shape: ShapeOne, Open: true}
	for _, c := range columns {
		part.Columns = append(part.Columns, c.rule())
	}
	part.Columns = fields(part.Columns)
	return part
}

// A column is one official field of a requisite or of bank details; a type other than
// text is named.
type column struct {
	name, doc string
	typ       FieldType
}

func (c column) rule() Rule {
	if c.typ == "" {
		c.typ = TypeString
	}
	return Rule{Name: c.name, Type: c.typ, Doc: c.doc, NoClear: c.typ == TypeBoolean}
}

// requisiteColumns lists the fields of requisites that the documentation names; which
// of them a portal has depends on its countries.
var requisiteColumns = []column{
	{name: "RQ_NAME", doc: "Full name"},
	{name: "RQ_FIRST_NAME", doc: "First name"},
	{name: "RQ_LAST_NAME", doc: "Last name"},
	{name: "RQ_SECOND_NAME", doc: "Middle name"},
	{name: "RQ_COMPANY_ID", doc: "Id of the organization"},
	{name: "RQ_COMPANY_NAME", doc: "Short name of the organization"},
	{name: "RQ_COMPANY_FULL_NAME", doc: "Full name of the organization"},
	{name: "RQ_COMPANY_REG_DATE", doc: "Date of registration, as text"},
	{name: "RQ_DIRECTOR", doc: "Director"},
	{name: "RQ_ACCOUNTANT", doc: "Chief accountant"},
	{name: "RQ_CEO_NAME", doc: "Full name of the head"},
	{name: "RQ_CEO_WORK_POS", doc: "Position of the head"},
	{name: "RQ_CONTACT", doc: "Contact person"},
	{name: "RQ_EMAIL", doc: "E-mail"},
	{name: "RQ_PHONE", doc: "Phone"},
	{name: "RQ_FAX", doc: "Fax"},
	{name: "RQ_IDENT_TYPE", doc: "Method of identification, from a list", typ: TypeStatus},
	{name: "RQ_IDENT_DOC", doc: "Identity document"},
	{name: "RQ_IDENT_DOC_SER", doc: "Identity document: series"},
	{name: "RQ_IDENT_DOC_NUM", doc: "Identity document: number"},
	{name: "RQ_IDENT_DOC_PERS_NUM", doc: "Identity document: personal number"},
	{name: "RQ_IDENT_DOC_DATE", doc: "Identity document: date of issue, as text"},
	{name: "RQ_IDENT_DOC_ISSUED_BY", doc: "Identity document: issued by"},
	{name: "RQ_IDENT_DOC_DEP_CODE", doc: "Identity document: department code"},
	{name: "RQ_INN", doc: "Tax id (INN)"},
	{name: "RQ_KPP", doc: "KPP"},
	{name: "RQ_USRLE", doc: "Handelsregisternummer (DE)"},
	{name: "RQ_IFNS", doc: "Tax office"},
	{name: "RQ_OGRN", doc: "OGRN"},
	{name: "RQ_OGRNIP", doc: "OGRNIP"},
	{name: "RQ_OKPO", doc: "OKPO"},
	{name: "RQ_OKTMO", doc: "OKTMO"},
	{name: "RQ_OKVED", doc: "OKVED"},
	{name: "RQ_EDRPOU", doc: "EDRPOU"},
	{name: "RQ_DRFO", doc: "DRFO"},
	{name: "RQ_KBE", doc: "KBE"},
	{name: "RQ_IIN", doc: "IIN"},
	{name: "RQ_BIN", doc: "BIN"},
	{name: "RQ_ST_CERT_SER", doc: "Registration certificate: series"},
	{name: "RQ_ST_CERT_NUM", doc: "Registration certificate: number"},
	{name: "RQ_ST_CERT_DATE", doc: "Registration certificate: date, as text"},
	{name: "RQ_VAT_PAYER", doc: "Whether it pays VAT (UA)", typ: TypeBoolean},
	{name: "RQ_VAT_ID", doc: "VAT id"},
	{name: "RQ_VAT_CERT_SER", doc: "VAT certificate: series"},
	{name: "RQ_VAT_CERT_NUM", doc: "VAT certificate: number"},
	{name: "RQ_VAT_CERT_DATE", doc: "VAT certificate: date, as text"},
	{name: "RQ_RESIDENCE_COUNTRY", doc: "Country of residence"},
	{name: "RQ_BASE_DOC", doc: "Basis for action"},
	{name: "RQ_REGON", doc: "REGON (PL)"},
	{name: "RQ_KRS", doc: "KRS (PL)"},
	{name: "RQ_PESEL", doc: "PESEL (PL)"},
	{name: "RQ_LEGAL_FORM", doc: "Legal form (FR)"},
	{name: "RQ_SIRET", doc: "SIRET (FR)"},
	{name: "RQ_SIREN", doc: "SIREN (FR)"},
	{name: "RQ_CAPITAL", doc: "Share capital (FR)"},
	{name: "RQ_RCS", doc: "RCS (FR)"},
	{name: "RQ_CNPJ", doc: "CNPJ (BR)"},
	{name: "RQ_STATE_REG", doc: "State registration (BR)"},
	{name: "RQ_MNPL_REG", doc: "Municipal registration (BR)"},
	{name: "RQ_CPF", doc: "CPF (BR)"},
}

// bankColumns lists the fields of bank details that the documentation names.
// Source: api-reference/crm/requisites/bank-detail/crm-requisite-bank-detail-add.md.
var bankColumns = []column{
	{name: "RQ_BANK_NAME", doc: "Name of the bank"},
	{name: "RQ_BANK_ADDR", doc: "Address of the bank"},
	{name: "RQ_BANK_CODE", doc: "Bank code (BR)"},
	{name: "RQ_BANK_ROUTE_NUM", doc: "Bank routing number"},
	{name: "RQ_BIK", doc: "BIK"},
	{name: "RQ_CODEB", doc: "Bank code (FR)"},
	{name: "RQ_CODEG", doc: "Branch code (FR)"},
	{name: "RQ_RIB", doc: "RIB key (FR)"},
	{name: "RQ_MFO", doc: "MFO"},
	{name: "RQ_ACC_NAME", doc: "Holder of the account"},
	{name: "RQ_ACC_NUM", doc: "Account number"},
	{name: "RQ_ACC_TYPE", doc: "Type of the account (BR)"},
	{name: "RQ_AGENCY_NAME", doc: "Agency (BR)"},
	{name: "RQ_IIK", doc: "IIK"},
	{name: "RQ_ACC_CURRENCY", doc: "Currency of the account"},
	{name: "RQ_COR_ACC_NUM", doc: "Correspondent account"},
	{name: "RQ_IBAN", doc: "IBAN"},
	{name: "RQ_SWIFT", doc: "SWIFT"},
	{name: "RQ_BIC", doc: "BIC"},
	{name: "COMMENTS", doc: "Comment"},
}

// Rows gives what belongs to a row, such as the bank details of a requisite, as it was read with
// it; none if that is no list of rows.
func (r Row) Rows(part string) []Row {
	rows, err := DecodeRows(r[part])
	if err != nil {
		return nil
	}
	return rows
}

// Image is a requisite, bank details or an address as they were read, with what belongs to them,
// as a value: texts, and lists of images.
func (r Row) Image() value.Value {
	var out []value.Part
	for name, raw := range r {
		if name == BankDetailsPart || name == AddressesPart {
			var rows []value.Value
			for _, inner := range r.Rows(name) {
				rows = append(rows, inner.Image())
			}
			out = append(out, value.Part{Name: name, Value: value.Listed(rows...)})
		} else if text := Text(raw); text != "" {
			out = append(out, value.Part{Name: name, Value: value.Text(text)})
		}
	}
	return value.Mapped(out...)
}
