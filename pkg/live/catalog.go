package live

import (
	"context"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// catalogQuestions ask for what is wanted of the product catalogue. Options come after
// their properties.
func catalogQuestions(w kind.Wanted, c *kind.Catalog) []question {
	var out []question
	ask := func(needed bool, what kind.Tellable, method, key string, row func(*kind.Catalog, kind.Row)) {
		if needed {
			out = append(out, question{topic: kind.Topic{What: what}, method: method, params: byID(), list: true, key: key, row: func(r kind.Row) { row(c, r) }})
		}
	}
	ask(w.Catalogs != kind.NotNeeded, kind.TellCatalogs, "catalog.catalog.list", "catalogs", addIblock)
	if w.Catalogs == kind.Hint {
		out[0].refused = asHint
	}
	ask(w.PriceTypes, kind.TellPriceTypes, "catalog.priceType.list", "priceTypes", addPriceType)
	ask(w.Measures, kind.TellMeasures, "catalog.measure.list", "measures", addMeasure)
	ask(w.VATs, kind.TellVATs, "catalog.vat.list", "vats", addVAT)
	ask(w.Properties, kind.TellProperties, "catalog.productProperty.list", "productProperties", addProperty)
	ask(w.Properties, kind.TellProperties, "catalog.productPropertyEnum.list", "productPropertyEnums", addOption)
	return out
}

func byID() bitrix.Params { return bitrix.Params{"order": map[string]any{"id": "asc"}} }

// Catalogs reads the product catalogues.
// Source: api-reference/catalog/catalog/catalog-catalog-list.md.
func (r *Reader) Catalogs(ctx context.Context) (kind.Catalog, error) {
	var c kind.Catalog
	rows, err := r.pages(ctx, "catalog.catalog.list", byID(), "catalogs")
	for _, row := range rows {
		addIblock(&c, row)
	}
	return c, err
}

// addIblock keeps the catalogues of variations, which name that of their products, apart.
func addIblock(c *kind.Catalog, row kind.Row) {
	if row.Int("productIblockId") != 0 {
		c.Variations = append(c.Variations, row.Int(kind.CatalogueField))
	} else {
		c.Iblocks = append(c.Iblocks, kind.Iblock{ID: row.Int(kind.CatalogueField), Name: row.Text("name"), CRM: row.Text("iblockTypeId") == "CRM_PRODUCT_CATALOG"})
	}
}

func addPriceType(c *kind.Catalog, row kind.Row) {
	if yes(row, "base") {
		c.BasePrice = row.Int("id")
	}
}

func addMeasure(c *kind.Catalog, row kind.Row) {
	codes := []string{row.Text("symbol"), row.Text("symbolIntl"), row.Text("symbolLetterIntl")}
	c.Measures = append(c.Measures, kind.Named{ID: row.Int("id"), Key: row.Text("code"), Codes: codes, Name: row.Text("measureTitle")})
}

// addVAT leaves out rates that are switched off.
func addVAT(c *kind.Catalog, row kind.Row) {
	if row.Text("active") != "N" {
		c.VATs = append(c.VATs, kind.Named{ID: row.Int("id"), Key: row.Text("rate"), Name: row.Text("name")})
	}
}

func addProperty(c *kind.Catalog, row kind.Row) {
	c.Properties = append(c.Properties, kind.Property{
		ID: row.Int("id"), Iblock: row.Int(kind.CatalogueField), Code: row.Text("code"), Name: row.Text("name"),
		Type: row.Text("propertyType"), UserType: row.Text("userType"), Multiple: yes(row, "multiple"),
	})
}

// addOption files an option under its property, which has been read before it.
func addOption(c *kind.Catalog, row kind.Row) {
	i := slices.IndexFunc(c.Properties, func(p kind.Property) bool { return p.ID == row.Int("propertyId") })
	if i >= 0 {
		c.Properties[i].Options = append(c.Properties[i].Options, kind.Named{ID: row.Int("id"), Key: row.Text("id"), Codes: []string{row.Text("xmlId")}, Name: row.Text("value")})
	}
}
