package portal

// propertyTable is what catalog.productProperty.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/data-types.html#catalog_product_property.
var propertyTable = []fieldRow{
	{name: "active", typ: typeChar, cells: "w"},
	{name: "code", typ: typeString, cells: "w"},
	{name: "colCount", typ: typeInteger, cells: "w"},
	{name: "defaultValue", typ: typeText, cells: "w"},
	{name: "fileType", typ: typeString, cells: "w"},
	{name: "filtrable", typ: typeChar, cells: "w"},
	{name: "hint", typ: typeString, cells: "w"},
	{name: "iblockId", typ: typeInteger, cells: "QI"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "isRequired", typ: typeChar, cells: "w"},
	{name: "linkIblockId", typ: typeInteger, cells: "w"},
	{name: "listType", typ: typeString, cells: "w"},
	{name: "multiple", typ: typeChar, cells: "w"},
	{name: "multipleCnt", typ: typeInteger, cells: "w"},
	{name: "name", typ: typeString, cells: "Q"},
	{name: "propertyType", typ: typeString, cells: "Q"},
	{name: "rowCount", typ: typeInteger, cells: "w"},
	{name: "searchable", typ: typeChar, cells: "w"},
	{name: "sort", typ: typeInteger, cells: "w"},
	{name: "timestampX", typ: typeDatetime, cells: "R"},
	{name: "userType", typ: typeString, cells: "w"},
	{name: "withDescription", typ: typeChar, cells: "w"},
	{name: "xmlId", typ: typeString, cells: "w"},
}

// propertyEnumTable is what catalog.productPropertyEnum.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product-property-enum/catalog-product-property-enum-get-fields.html.
var propertyEnumTable = []fieldRow{
	{name: "def", typ: typeChar, cells: "w"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "propertyId", typ: typeInteger, cells: "Q"},
	{name: "sort", typ: typeInteger, cells: "w"},
	{name: "value", typ: typeString, cells: "Q"},
	{name: "xmlId", typ: typeString, cells: "Q"},
}

// vatTable is what catalog.vat.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/vat/catalog-vat-get-fields.html.
var vatTable = []fieldRow{
	{name: "active", typ: typeChar, cells: "w"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "name", typ: typeString, cells: "Q"},
	{name: "rate", typ: typeDouble, cells: "Q"},
	{name: "sort", typ: typeInteger, cells: "w"},
	{name: "timestampX", typ: typeDatetime, cells: "R"},
}
