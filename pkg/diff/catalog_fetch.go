package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// catalogQuestions asks for what the declared products and sections need to know of
// the catalogue.
func (f *fetcher) catalogQuestions() []question {
	var declares, properties bool
	types := make(map[spec.FieldType]bool)
	for _, r := range f.subjects() {
		if r.Kind.Class != spec.ClassCatalog {
			continue
		}
		declares = true
		for _, field := range r.Fields() {
			rule, known := r.Kind.Field(field.Name)
			types[rule.Type] = true
			properties = properties || !known
		}
	}
	c := &f.meta.Catalog
	var out []question
	ask := func(needed bool, method, key string, take func(*Catalog, Row)) {
		if !needed {
			return
		}
		out = append(out, question{method: method, params: bitrix.Params{"order": map[string]any{"id": "asc"}}, list: true, key: key, rows: func(rows []Row) error {
			for _, row := range rows {
				take(c, row)
			}
			return nil
		}})
	}
	ask(declares || f.namesProducts(), "catalog.catalog.list", "catalogs", addIblock)
	if len(out) > 0 {
		out[0].hint = !declares // the ids of product rows are just not known then
	}
	ask(types[spec.TypePrice], "catalog.priceType.list", "priceTypes", addPriceType)
	ask(types[spec.TypeMeasure], "catalog.measure.list", "measures", addMeasure)
	ask(types[spec.TypeVAT], "catalog.vat.list", "vats", addVAT)
	ask(properties, "catalog.productProperty.list", "productProperties", addProperty)
	ask(properties, "catalog.productPropertyEnum.list", "productPropertyEnums", addOption)
	return out
}

// addIblock keeps the catalogues of variations, which name that of their products, apart.
func addIblock(c *Catalog, row Row) {
	if row.Int("productIblockId") != 0 {
		c.Variations = append(c.Variations, row.Int(iblockID))
	} else {
		c.Iblocks = append(c.Iblocks, Iblock{ID: row.Int(iblockID), Name: row.Text("name"), CRM: row.Text("iblockTypeId") == "CRM_PRODUCT_CATALOG"})
	}
}

func addPriceType(c *Catalog, row Row) {
	if yn(row["base"]) == "Y" {
		c.BasePrice = row.Int("id")
	}
}

func addMeasure(c *Catalog, row Row) {
	codes := []string{row.Text("symbol"), row.Text("symbolIntl"), row.Text("symbolLetterIntl")}
	c.Measures = append(c.Measures, Named{ID: row.Int("id"), Key: row.Text("code"), Codes: codes, Name: row.Text("measureTitle")})
}

// addVAT leaves out rates that are switched off.
func addVAT(c *Catalog, row Row) {
	if row.Text("active") != "N" {
		c.VATs = append(c.VATs, Named{ID: row.Int("id"), Key: percentage(row.Text("rate")), Name: row.Text("name")})
	}
}

func addProperty(c *Catalog, row Row) {
	c.Properties = append(c.Properties, Property{
		ID: row.Int("id"), Iblock: row.Int(iblockID), Code: row.Text("code"), Name: row.Text("name"),
		Type: row.Text("propertyType"), UserType: row.Text("userType"), Multiple: yn(row["multiple"]) == "Y",
	})
}

// addOption files an option under its property, which has been read before it.
func addOption(c *Catalog, row Row) {
	i := slices.IndexFunc(c.Properties, func(p Property) bool { return p.ID == row.Int("propertyId") })
	if i >= 0 {
		c.Properties[i].Options = append(c.Properties[i].Options, Named{ID: row.Int("id"), Key: row.Text("id"), Codes: []string{row.Text("xmlId")}, Name: row.Text("value")})
	}
}
