package portal

import "sync"

// productRowTable is what crm.item.productrow.fields says, and the fields that
// answers show besides.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-fields.html.
var productRowTable = []fieldRow{
	{name: "id", typ: typeInteger, title: "ID", cells: "R"},
	{name: "ownerId", typ: typeInteger, title: "Owner ID", cells: "QI"},
	{name: "ownerType", typ: typeString, title: "Owner Type", cells: "QI"},
	{name: "productId", typ: typeInteger, title: "Product", cells: "Q"},
	{name: "productName", typ: typeString, title: "Product Name", cells: "wE", max: 255},
	{name: "price", typ: typeDouble, title: "Price", cells: "w0"},
	{name: "priceAccount", typ: typeDouble, title: "PRICE_ACCOUNT", cells: "RH0"},
	{name: "priceExclusive", typ: typeDouble, title: "Discounted price excluding tax", cells: "R0"},
	{name: "priceNetto", typ: typeDouble, title: "PRICE_NETTO", cells: "R0"},
	{name: "priceBrutto", typ: typeDouble, title: "PRICE_BRUTTO", cells: "R0"},
	{name: "quantity", typ: typeDouble, title: "Quantity", cells: "w0"},
	{name: "discountTypeId", typ: typeInteger, title: "Discount Type", cells: "w"},
	{name: "discountRate", typ: typeDouble, title: "Discount Amount", cells: "w0"},
	{name: "discountSum", typ: typeDouble, title: "Discount Total", cells: "w0"},
	{name: "taxRate", typ: typeDouble, title: "Tax", cells: "w"},
	{name: "taxIncluded", typ: typeChar, title: "Tax included in price", cells: "w"},
	{name: "customized", typ: typeChar, title: "Modified", cells: "w"},
	{name: "measureCode", typ: typeInteger, title: "Unit of Measure Code", cells: "w"},
	{name: "measureName", typ: typeString, title: "Unit of Measure", cells: "wE", max: 50},
	{name: "sort", typ: typeInteger, title: "Sorting", cells: "w"},
	{name: "xmlId", typ: typeString, title: "XML_ID", cells: "RHE"},
	{name: "type", typ: typeInteger, title: "TYPE", cells: "R"},
	{name: "storeId", typ: typeInteger, title: "STORE_ID", cells: "RA"},
}

var productRowSet = sync.OnceValue(func() *fieldSet { return familySet(productRowTable) })
