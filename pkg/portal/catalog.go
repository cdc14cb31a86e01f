package portal

import (
	"context"
	"slices"
)

// catalogMethods lists the methods of the catalogue of goods and services.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/index.html.
func catalogMethods() []method {
	reading := []string{"get", "list", "getFields"}
	writing := append(slices.Clone(reading), "add", "update", "delete")
	list := slices.Concat(
		catalogs().controllerMethods(reading...),
		sections().controllerMethods(writing...),
		products().controllerMethods("add", "update", "get", "list", "delete", "getFieldsByFilter"),
		services().controllerMethods("add", "update", "get", "list", "delete", "getFieldsByFilter"),
		prices().controllerMethods(writing...),
		priceTypes().controllerMethods(reading...),
		measures().controllerMethods(reading...),
		vats().controllerMethods(writing...),
		properties().controllerMethods(writing...),
		propertyEnums().controllerMethods(writing...),
	)
	modify := crmMethod("catalog.price.modify", true, modifyPrices)
	modify.scope = catalogScope
	return append(list, modify)
}

const catalogScope = "catalog"

// catalogSchema returns the statements that create the tables of the catalogue.
func catalogSchema() []string {
	return slices.Concat(
		catalogs().schema(), sections().schema(`"iblockSectionId"`), products().schema(`"iblockSectionId"`, `"code"`),
		prices().schema(`"productId"`), priceTypes().schema(), measures().schema(`"code"`),
		vats().schema(), properties().schema(), propertyEnums().schema(`"propertyId"`), propertyValueSchema(),
	)
}

// catalogFamily fills in what the families of the catalogue have in common.
func catalogFamily(f family) *family {
	f.scope, f.set = catalogScope, catalogSets()[f.method]
	if f.stored == "" {
		f.stored = f.one
	}
	return &f
}

// faultWith returns a function that makes the fault for a missing record.
func faultWith(code, text string) func(int64) *fault {
	return func(int64) *fault { return &fault{code: code, text: text} }
}

// catalogs are the information blocks that hold goods.
func catalogs() *family {
	return catalogFamily(family{
		method: "catalog.catalog", table: "catalog_catalog", one: "catalog", many: "catalogs",
		missing: faultWith("0", "Catalog does not exist"),
	})
}

// priceTypes are the kinds of prices that a product can have.
func priceTypes() *family {
	return catalogFamily(family{
		method: "catalog.priceType", table: "catalog_price_type", one: "priceType", many: "priceTypes",
		missing: faultWith("0", "Price type does not exist"),
		stamps:  stamps{created: "dateCreate", createdBy: "createdBy"},
	})
}

// measures are the units of measure.
func measures() *family {
	return catalogFamily(family{
		method: "catalog.measure", table: "catalog_measure", one: "measure", many: "measures",
		missing: faultWith("0", "Measure does not exist"),
	})
}

// crmCatalog is the id of the CRM's catalogue in a new portal; the catalogue of
// its variations follows it.
const crmCatalog = 23

// seedCatalog creates the CRM's catalogue, the base price, the units of measure
// and the rates of value added tax.
func (s *store) seedCatalog(ctx context.Context) error {
	id, err := s.nextID(ctx, catalogs().table)
	if err != nil {
		return err
	}
	id = max(id, crmCatalog)
	for _, vals := range []map[string]any{
		{"iblockId": id, "name": "CRM Product Catalog"},
		{"iblockId": id + 1, "name": "CRM Product Catalog (offers)", "productIblockId": id, "skuPropertyId": int64(97)},
	} {
		vals["iblockTypeId"], vals["lid"], vals["subscription"] = int64(0), "s1", "N"
		rec := newRecord()
		rec.id, rec.vals = vals["iblockId"].(int64), vals
		if err := s.insert(ctx, catalogs().entity(), rec); err != nil {
			return err
		}
	}
	base := newRecord()
	base.vals = map[string]any{"base": "Y", "name": "BASE", "xmlId": "BASE", "sort": int64(100)}
	if err := priceTypes().create(ctx, s, base); err != nil {
		return err
	}
	if err := s.seedVATs(ctx); err != nil {
		return err
	}
	return s.seedMeasures(ctx)
}

func (s *store) seedMeasures(ctx context.Context) error {
	for _, m := range stockMeasures {
		rec := newRecord()
		rec.vals = map[string]any{
			"code": m.code, "isDefault": m.preset, "measureTitle": m.title, "symbol": m.symbol, "symbolIntl": m.intl, "symbolLetterIntl": m.letters,
		}
		if err := measures().create(ctx, s, rec); err != nil {
			return err
		}
	}
	return nil
}

// defaultMeasure returns the unit of products that name none.
func (s *store) defaultMeasure(ctx context.Context) (*record, error) {
	return first(measures().where(ctx, s, []string{"isDefault"}, "Y"))
}

// fillFromCatalog gives a product row the name, kind and unit of its product, as
// far as it brings none.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/index.html.
func (s *store) fillFromCatalog(ctx context.Context, old, row *record) error {
	row.vals["type"] = int64(goodsType)
	product, err := products().byID(ctx, s, row.int("productId"))
	if err != nil {
		return err
	}
	var unit *record
	if product != nil {
		row.vals["type"] = product.int("type")
		if row.text("productName") == "" {
			row.vals["productName"] = product.text("name")
		}
		if unit, err = measures().byID(ctx, s, product.int("measure")); err != nil {
			return err
		}
	}
	return s.fillMeasure(ctx, old, row, unit)
}

// fillMeasure names the unit of a row: the one of its code, else the product's,
// else the portal's. A new code drops the name that an old one had.
func (s *store) fillMeasure(ctx context.Context, old, row, unit *record) error {
	var err error
	switch _, coded := row.vals["measureCode"]; {
	case coded:
		unit, err = first(measures().where(ctx, s, []string{"code"}, row.int("measureCode")))
	case unit == nil:
		unit, err = s.defaultMeasure(ctx)
	}
	if err != nil || unit == nil {
		return err
	}
	row.vals["measureCode"] = unit.int("code")
	stale := old != nil && old.int("measureCode") != row.int("measureCode") && old.text("measureName") == row.text("measureName")
	if stale || row.text("measureName") == "" {
		row.vals["measureName"] = unit.text("symbol")
	}
	return nil
}
