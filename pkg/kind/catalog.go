package kind

import "strings"

// The field types of the product catalogue.
const (
	TypeSection FieldType = "section" // iblockSectionId: a section of the catalogue
	TypeCatalog FieldType = "catalog" // iblockId: a catalogue by its id or exact name
	TypeMeasure FieldType = "measure" // a unit of measure by its code, symbol or title
	TypeVAT     FieldType = "vat"     // a rate of value added tax by its percentage or name
	TypePrice   FieldType = "price"   // the price of the base type, {amount, currency}
	TypeChoice  FieldType = "choice"  // one of Rule.Choices
)

// catalogKinds are the kinds of the product catalogue, methods catalog.*. Sections
// come before the products in them.
func catalogKinds() []*Kind {
	return []*Kind{
		{Name: "ProductSection", Plural: "product sections", Schema: "productsection.json", Class: ClassCatalog, Rank: 16, Space: "productsection", Key: KeyXMLID, Fields: catalogRules(sectionRows)},
		{Name: "Product", Plural: "products", Schema: "product.json", Class: ClassCatalog, Rank: 18, Space: "product", Key: KeyXMLID, Properties: true, Fields: catalogRules(productRows)},
	}
}

// A catalogRow is one field of catalog.product.* or catalog.section.*. Its mark has the
// letters of row: w, e, I, R, x and k.
type catalogRow struct {
	name    string
	typ     FieldType
	mark    string
	doc     string
	choices string // of a choice, with blanks between them
	hint    string // x and R: the remedy
	firm    bool   // Rule.Firm
	length  int    // Rule.Length
}

// productRows are the fields of a simple product.
// Source: api-reference/catalog/product/catalog-product-add.md, api-reference/catalog/data-types.md#catalog_product.
var productRows = []catalogRow{
	{name: "active", typ: TypeBoolean, mark: "w", doc: "Whether it is offered"},
	{name: "available", typ: TypeBoolean, mark: "R", doc: "Whether it can be bought", hint: "it follows the quantity"},
	{name: "barcodeMulti", typ: TypeBoolean, mark: "w", doc: "Whether each piece has a barcode of its own"},
	{name: "bundle", typ: TypeBoolean, mark: "R", doc: "Whether it is a set"},
	{name: "canBuyZero", typ: TypeBoolean, mark: "w", doc: "Whether it can be bought while there is none"},
	{name: "code", typ: TypeString, mark: "w", doc: "Symbolic code, unique in the catalogue", length: 255},
	{name: "createdBy", typ: TypeUser, mark: "R", doc: "Created by"},
	{name: "dateActiveFrom", typ: TypeDatetime, mark: "w", doc: "Offered from"},
	{name: "dateActiveTo", typ: TypeDatetime, mark: "w", doc: "Offered until"},
	{name: "dateCreate", typ: TypeDatetime, mark: "R", doc: "Created at"},
	{name: "detailPicture", typ: TypeFile, mark: "x", doc: "Picture", hint: "manifests carry no pictures of products: add them on the portal"},
	{name: "detailText", typ: TypeText, mark: "w", doc: "Description"},
	{name: "detailTextType", typ: TypeChoice, mark: "e", doc: "How the description is written: text or html", choices: "text html"},
	{name: "height", typ: TypeDouble, mark: "w", doc: "Height"},
	{name: "iblockId", typ: TypeCatalog, mark: "eI", doc: "Catalogue: id or exact name; needed only if the portal has several"},
	{name: "iblockSectionId", typ: TypeSection, mark: "w", doc: "Section of the catalogue"},
	{name: "id", typ: TypeInteger, mark: "R", doc: "Id", hint: "products are found by their metadata.name; remove this line"},
	{name: "length", typ: TypeDouble, mark: "w", doc: "Length"},
	{name: "measure", typ: TypeMeasure, mark: "e", doc: "Unit of measure: code, symbol or exact title, such as 796 or pcs"},
	{name: "modifiedBy", typ: TypeUser, mark: "R", doc: "Changed by"},
	{name: "name", typ: TypeString, mark: "Qe", doc: "Name", length: 255},
	{name: "previewPicture", typ: TypeFile, mark: "x", doc: "Small picture", hint: "manifests carry no pictures of products: add them on the portal"},
	{name: "previewText", typ: TypeText, mark: "w", doc: "Short description"},
	{name: "previewTextType", typ: TypeChoice, mark: "e", doc: "How the short description is written: text or html", choices: "text html"},
	{name: "price", typ: TypePrice, mark: "w", doc: "Price of the base type: {amount, currency}"},
	{name: "purchasingCurrency", typ: TypeCurrency, mark: "w", doc: "Currency of the purchasing price, an ISO 4217 code"},
	{name: "purchasingPrice", typ: TypeDouble, mark: "w", doc: "Purchasing price; not with inventory management"},
	{name: "quantity", typ: TypeDouble, mark: "w", doc: "Quantity in stock; not with inventory management"},
	{name: "quantityReserved", typ: TypeDouble, mark: "R", doc: "Reserved quantity", hint: "it follows orders and deals"},
	{name: "quantityTrace", typ: TypeChoice, mark: "e", doc: "Whether the quantity is counted: Y, N or D for the portal's default", choices: "Y N D"},
	{name: "sectionId", typ: TypeSection, mark: "x", doc: "Section", hint: "use iblockSectionId, as the API names it"},
	{name: "sort", typ: TypeInteger, mark: "e", doc: "Sorting"},
	{name: "subscribe", typ: TypeChoice, mark: "e", doc: "Whether customers may subscribe to it: Y, N or D for the portal's default", choices: "Y N D"},
	{name: "timestampX", typ: TypeDatetime, mark: "R", doc: "Changed at"},
	{name: "type", typ: TypeInteger, mark: "R", doc: "Kind of product"},
	{name: "vatId", typ: TypeVAT, mark: "w", doc: "Value added tax: percentage or exact name, such as 20"},
	{name: "vatIncluded", typ: TypeBoolean, mark: "w", doc: "Whether the price includes the tax"},
	{name: "weight", typ: TypeDouble, mark: "w", doc: "Weight"},
	{name: "width", typ: TypeDouble, mark: "w", doc: "Width"},
	{name: "xmlId", typ: TypeString, mark: "k", doc: "External code"},
}

// sectionRows are the fields of a section.
// Source: api-reference/catalog/section/catalog-section-add.md.
var sectionRows = []catalogRow{
	{name: "active", typ: TypeBoolean, mark: "w", doc: "Whether it is shown"},
	{name: "code", typ: TypeString, mark: "w", doc: "Symbolic code, unique in the catalogue", length: 255},
	{name: "description", typ: TypeText, mark: "w", doc: "Description"},
	{name: "descriptionType", typ: TypeChoice, mark: "e", doc: "How the description is written: text or html", choices: "text html"},
	{name: "iblockId", typ: TypeCatalog, mark: "eI", doc: "Catalogue: id or exact name; needed only if the portal has several"},
	{name: "iblockSectionId", typ: TypeSection, mark: "w", doc: "Section that it lies in; null for the top", firm: true},
	{name: "id", typ: TypeInteger, mark: "R", doc: "Id", hint: "sections are found by their metadata.name; remove this line"},
	{name: "name", typ: TypeString, mark: "Qe", doc: "Name", length: 255},
	{name: "sort", typ: TypeInteger, mark: "e", doc: "Sorting"},
	{name: "xmlId", typ: TypeString, mark: "k", doc: "External code"},
}

func catalogRules(rows []catalogRow) []Rule {
	rules := make([]Rule, len(rows))
	for i, r := range rows {
		mark := strings.TrimPrefix(r.mark, "Q")
		rules[i] = row{name: r.name, typ: r.typ, doc: r.doc, hint: r.hint, length: r.length}.forMark(mark, "")
		rules[i].Choices, rules[i].Firm, rules[i].Required = strings.Fields(r.choices), r.firm, mark != r.mark
		if mark == "k" {
			rules[i].Hint = "remove this line; to keep a foreign code, use code or a property"
		}
	}
	return sortedRules(rules)
}
