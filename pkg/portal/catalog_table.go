package portal

import (
	"slices"
	"sync"
)

// catalogTable is what catalog.catalog.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/catalog/catalog-catalog-get-fields.html.
var catalogTable = []fieldRow{
	{name: "iblockId", typ: typeInteger, cells: "QI"},
	{name: "iblockTypeId", typ: typeInteger, cells: "R"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "lid", typ: typeString, cells: "R"},
	{name: "name", typ: typeString, cells: "R"},
	{name: "productIblockId", typ: typeInteger, cells: "w"},
	{name: "skuPropertyId", typ: typeInteger, cells: "w"},
	{name: "subscription", typ: typeChar, cells: "w"},
	{name: "vatId", typ: typeInteger, cells: "w"},
}

// sectionTable is what catalog.section.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/section/catalog-section-get-fields.html.
var sectionTable = []fieldRow{
	{name: "active", typ: typeChar, cells: "w"},
	{name: "code", typ: typeString, cells: "w"},
	{name: "description", typ: typeString, cells: "w"},
	{name: "descriptionType", typ: typeString, cells: "we"},
	{name: "iblockId", typ: typeInteger, cells: "Q"},
	{name: "iblockSectionId", typ: typeInteger, cells: "w"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "name", typ: typeString, cells: "Q"},
	{name: "sort", typ: typeInteger, cells: "we"},
	{name: "xmlId", typ: typeString, cells: "w"},
}

// productTable holds the fields of products. Services lack those of goods.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/data-types.html.
var productTable = []fieldRow{
	{name: "active", typ: typeChar, cells: "w"},
	{name: "available", typ: typeChar, cells: "R"},
	{name: "bundle", typ: typeChar, cells: "R"},
	{name: "code", typ: typeString, cells: "w"},
	{name: "createdBy", typ: typeInteger, cells: "w"},
	{name: "dateActiveFrom", typ: typeDatetime, cells: "w"},
	{name: "dateActiveTo", typ: typeDatetime, cells: "w"},
	{name: "dateCreate", typ: typeDatetime, cells: "w"},
	{name: "detailText", typ: typeString, cells: "w"},
	{name: "detailTextType", typ: typeString, cells: "we"},
	{name: "iblockId", typ: typeInteger, cells: "QI"},
	{name: "iblockSectionId", typ: typeInteger, cells: "w"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "modifiedBy", typ: typeInteger, cells: "w"},
	{name: "name", typ: typeString, cells: "Q"},
	{name: "previewText", typ: typeString, cells: "w"},
	{name: "previewTextType", typ: typeString, cells: "we"},
	{name: "sort", typ: typeInteger, cells: "we"},
	{name: "timestampX", typ: typeDatetime, cells: "R"},
	{name: "type", typ: typeInteger, cells: "R"},
	{name: "vatId", typ: typeInteger, cells: "w"},
	{name: "vatIncluded", typ: typeChar, cells: "w"},
	{name: "xmlId", typ: typeString, cells: "we"},
	{name: "barcodeMulti", typ: typeChar, cells: "w", flag: flagGoods},
	{name: "canBuyZero", typ: typeChar, cells: "w", flag: flagGoods},
	{name: "height", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "length", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "measure", typ: typeInteger, cells: "we"},
	{name: "purchasingCurrency", typ: typeString, cells: "w", flag: flagGoods},
	{name: "purchasingPrice", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "quantity", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "quantityReserved", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "quantityTrace", typ: typeString, cells: "we", flag: flagGoods},
	{name: "recurSchemeLength", typ: typeInteger, cells: "w", flag: flagGoods},
	{name: "recurSchemeType", typ: typeString, cells: "we", flag: flagGoods},
	{name: "subscribe", typ: typeString, cells: "we", flag: flagGoods},
	{name: "trialPriceId", typ: typeInteger, cells: "w", flag: flagGoods},
	{name: "weight", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "width", typ: typeDouble, cells: "w", flag: flagGoods, max: finest},
	{name: "withoutOrder", typ: typeChar, cells: "w", flag: flagGoods},
}

// finest is how many decimals the numbers of goods have.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-get.html, purchasingPrice.
const finest = 6

// flagGoods marks the fields that services lack.
const flagGoods = "goods"

// priceTable is what catalog.price.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/price/catalog-price-get-fields.html.
var priceTable = []fieldRow{
	{name: "catalogGroupId", typ: typeInteger, cells: "QI"},
	{name: "currency", typ: typeString, cells: "Q"},
	{name: "extraId", typ: typeInteger, cells: "w"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "price", typ: typeDouble, cells: "Q"},
	{name: "priceScale", typ: typeDouble, cells: "R"},
	{name: "productId", typ: typeInteger, cells: "QI"},
	{name: "quantityFrom", typ: typeInteger, cells: "w"},
	{name: "quantityTo", typ: typeInteger, cells: "w"},
	{name: "timestampX", typ: typeDatetime, cells: "R"},
}

// priceTypeTable is what catalog.priceType.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/price-type/catalog-price-type-get-fields.html.
var priceTypeTable = []fieldRow{
	{name: "base", typ: typeChar, cells: "w"},
	{name: "createdBy", typ: typeInteger, cells: "R"},
	{name: "dateCreate", typ: typeDatetime, cells: "R"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "modifiedBy", typ: typeInteger, cells: "R"},
	{name: "name", typ: typeString, cells: "Q"},
	{name: "sort", typ: typeInteger, cells: "w"},
	{name: "timestampX", typ: typeDatetime, cells: "R"},
	{name: "xmlId", typ: typeString, cells: "w"},
}

// measureTable is what catalog.measure.getFields says.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/measure/catalog-measure-get-fields.html.
var measureTable = []fieldRow{
	{name: "code", typ: typeInteger, cells: "Q"},
	{name: "id", typ: typeInteger, cells: "R"},
	{name: "isDefault", typ: typeChar, cells: "w"},
	{name: "measureTitle", typ: typeString, cells: "Q"},
	{name: "symbol", typ: typeString, cells: "w"},
	{name: "symbolIntl", typ: typeString, cells: "w"},
	{name: "symbolLetterIntl", typ: typeString, cells: "w"},
}

// catalogSets holds the parsed field tables by the name of the method family.
var catalogSets = sync.OnceValue(func() map[string]*fieldSet {
	services := slices.DeleteFunc(slices.Clone(productTable), func(row fieldRow) bool { return row.flag == flagGoods })
	return map[string]*fieldSet{
		"catalog.catalog":         familySet(catalogTable),
		"catalog.section":         familySet(sectionTable),
		"catalog.product":         familySet(productTable),
		"catalog.product.service": familySet(services),
		"catalog.price":           familySet(priceTable),
		"catalog.priceType":       familySet(priceTypeTable),
		"catalog.measure":         familySet(measureTable),
		"catalog.vat":             familySet(vatTable),

		"catalog.productProperty":     familySet(propertyTable),
		"catalog.productPropertyEnum": familySet(propertyEnumTable),
	}
})

// A stockMeasure is a unit of measure of a new portal.
type stockMeasure struct {
	code                                 int64
	title, symbol, intl, letters, preset string
}

// stockMeasures are numbered from 1; the preset one is for products that name
// none.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/measure/catalog-measure-list.html.
var stockMeasures = []stockMeasure{
	{6, "Meter", "m", "m", "MTR", "N"},
	{112, "Liter", "l", "l", "LTR", "N"},
	{163, "Gram", "g", "g", "GRM", "N"},
	{166, "Kilogram", "kg", "kg", "KGM", "N"},
	{796, "Piece", "pcs", "pc. 1", "PCE. NMB", "Y"},
	{715, "Pair", "pair", "pr; 2", "NPR", "N"},
}
