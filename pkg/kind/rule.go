package kind

// FieldType is the type of a field: the "type" of crm.item.fields, or the name
// of a pseudo-field's codec.
// Source: api-reference/crm/universal/crm-item-fields.md, api-reference/crm/data-types.md.
type FieldType string

// The field types that system fields have.
const (
	TypeString     FieldType = "string"
	TypeText       FieldType = "text"
	TypeMarkup     FieldType = "markup" // a text that the portal rewrites as BBCode: comments, content, terms
	TypeInteger    FieldType = "integer"
	TypeDouble     FieldType = "double"
	TypeBoolean    FieldType = "boolean"
	TypeDate       FieldType = "date"
	TypeDatetime   FieldType = "datetime"
	TypeUser       FieldType = "user"
	TypeStatus     FieldType = "crm_status"
	TypeCategory   FieldType = "crm_category"
	TypeCurrency   FieldType = "crm_currency"
	TypeCompany    FieldType = "crm_company"
	TypeContact    FieldType = "crm_contact"
	TypeLead       FieldType = "crm_lead"
	TypeDeal       FieldType = "crm_deal"
	TypeQuote      FieldType = "crm_quote"
	TypeEntity     FieldType = "crm_entity"     // parentId{N}
	TypeMultifield FieldType = "crm_multifield" // one typeId of fm: phones, emails, websites, messengers
	TypeParents    FieldType = "parents"        // the parents pseudo-field: a map of space to link
	TypeRelations  FieldType = "relations"      // an SPA's relations: a map of parent and child to lists of spaces
	TypeProduct    FieldType = "product"        // productId of a product row
	TypeProducts   FieldType = "products"       // the product rows of a record
	TypeFile       FieldType = "file"
	TypeLocation   FieldType = "location"
)

// The field types of the product catalogue.
const (
	TypeSection FieldType = "section" // iblockSectionId: a section of the catalogue
	TypeCatalog FieldType = "catalog" // iblockId: a catalogue by its id or exact name
	TypeMeasure FieldType = "measure" // a unit of measure by its code, symbol or title
	TypeVAT     FieldType = "vat"     // a rate of value added tax by its percentage or name
	TypePrice   FieldType = "price"   // the price of the base type, {amount, currency}
	TypeChoice  FieldType = "choice"  // one of Rule.Choices
)

// A Rule is what is known offline about one field of one kind.
// Source: api-reference/crm/universal/object-fields.md.
type Rule struct {
	Name     string
	Wire     string // a column's name in the methods, if it is another one
	Type     FieldType
	Multiple bool
	// Refuse, when not empty, is the code of the message that says why the field cannot
	// be declared, and Hint that of what to do instead: the field is read-only,
	// deprecated, or kept for the owner's mark.
	Refuse, Hint string
	// Stamp is set of a field that is refused, and that a record may declare which an import
	// creates: a time or an author. It says what happened when, and is not looked at afterwards.
	Stamp bool
	// Immutable fields can be set when the record is created and never after.
	Immutable bool
	// NoClear fields silently keep their value when they are emptied.
	NoClear bool
	// Unique fields hold a value on one record of the kind at a time.
	Unique bool
	// Follows are the fields and parts of the record whose saves may move the field by
	// themselves, declared or not.
	Follows []string
	// Flag is the property of the SPA type that must be Y for the field to exist.
	Flag string
	// Dictionary is the crm.status list of a crm_status field other than a stage,
	// for a type that does not exist yet; of a live one, crm.item.fields tells it.
	Dictionary string
	// Unlisted fields can be written although crm.item.fields does not name them.
	Unlisted bool
	// Multi is the typeId of a crm_multifield pseudo-field: PHONE, EMAIL, WEB, IM.
	Multi string
	// Max, when not 0, bounds an integer field to 0…Max.
	Max int
	// Length, when not 0, bounds a text of one line, in characters (code points).
	Length int
	// Places, when not 0, is how many decimals are kept of a number, where it is not two.
	Places int
	// Choices are the values of a choice.
	Choices []string
	// Required fields are always declared: nothing is created without them.
	Required bool
	// Firm fields refer to what must exist first: such a cycle cannot be split.
	Firm bool
	// Paired links have another end: the portal shows them at the records that they name too.
	Paired bool
	// Doc is what people call the field: its title in the schema.
	Doc string
}
