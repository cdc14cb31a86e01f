package portal

import (
	"context"
	"strconv"
)

// The kinds of products.
const (
	goodsType   = 1
	serviceType = 7
)

// products are what a catalogue sells, services included.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/index.html.
func products() *family {
	return productFamily(family{
		method: "catalog.product", one: "product", many: "products", stored: "element",
		defaults: map[string]any{
			"active": "Y", "bundle": "N", "detailTextType": "text", "previewTextType": "text", "sort": int64(500), "vatIncluded": "N",
			"barcodeMulti": "N", "canBuyZero": "N", "quantityTrace": "D", "recurSchemeType": "D", "subscribe": "D", "withoutOrder": "N",
		},
		prepare: checkGoods,
	})
}

// services are the products that are no goods.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/service/index.html.
func services() *family {
	return productFamily(family{
		method: "catalog.product.service", one: "service", many: "services", only: map[string]int64{"type": serviceType},
		defaults: map[string]any{
			"active": "Y", "bundle": "N", "detailTextType": "text", "previewTextType": "text", "sort": int64(500), "vatIncluded": "N",
		},
		prepare: checkService,
	})
}

func productFamily(f family) *family {
	f.table, f.partial = "catalog_product", true
	f.missing = faultWith("0", "Product does not exist")
	f.mustSelect, f.mustFilter = []string{"id", "iblockId"}, []string{"iblockId"}
	f.stamps = stamps{modified: "timestampX"}
	f.removing = removeProduct
	f.save, f.show = saveProperties, showProperties
	f.polish = polishProduct
	return catalogFamily(f)
}

// polishProduct shows the purchasing price as lists and single products have it:
// a number there, a text with six decimals here.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-get.html.
func polishProduct(m *Map, listed bool) {
	if price, ok := m.vals["purchasingPrice"].(float64); ok && !listed {
		m.Set("purchasingPrice", strconv.FormatFloat(price, 'f', 6, 64))
	}
}

func checkGoods(ctx context.Context, s *store, old, rec *record) error {
	if old == nil {
		rec.vals["type"] = int64(goodsType)
	}
	if rec.int("type") == goodsType {
		stocked := rec.text("quantityTrace") != "Y" || rec.text("canBuyZero") == "Y" || rec.real("quantity") > 0
		rec.vals["available"] = yesNo(stocked)
	}
	return s.checkProduct(ctx, old, rec)
}

// checkService makes a product a service. The documentation shows services as
// not available, whatever their state.
func checkService(ctx context.Context, s *store, old, rec *record) error {
	rec.vals["type"], rec.vals["available"] = int64(serviceType), "N"
	return s.checkProduct(ctx, old, rec)
}

// checkProduct fills in what a product gets by itself and refuses references
// that lead nowhere.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/product/catalog-product-add.html.
func (s *store) checkProduct(ctx context.Context, old, rec *record) error {
	if err := s.fillProduct(ctx, old, rec); err != nil {
		return err
	}
	for _, check := range productChecks {
		id := rec.vals[check.field]
		if id == nil || old != nil && old.vals[check.field] == id {
			continue
		}
		_, found, err := s.number(ctx, check.query, id)
		if err != nil {
			return err
		}
		if !found {
			return &fault{code: check.code, text: check.text}
		}
	}
	if err := s.checkProductSection(ctx, rec); err != nil {
		return err
	}
	taken, err := s.codeTaken(ctx, products(), rec)
	if err == nil && taken {
		err = controllerFault("Product with this symbolic code already exists")
	}
	return err
}

// productChecks are the references that must lead somewhere.
var productChecks = []struct{ field, query, code, text string }{
	{"iblockId", `SELECT "id" FROM catalog_catalog WHERE "id" = ?`, "200040300000", "The specified iblock is not a product catalog"},
	{"purchasingCurrency", `SELECT 1 FROM crm_currency WHERE code = ?`, "0", "The specified purchasing currency does not exist"},
	{"createdBy", `SELECT 1 FROM portal_user WHERE id = ?`, "0", "The user who created the product does not exist"},
	{"modifiedBy", `SELECT 1 FROM portal_user WHERE id = ?`, "0", "The user who modified the product does not exist"},
	{"measure", `SELECT "id" FROM catalog_measure WHERE "id" = ?`, "0", "The specified measure does not exist"},
}

func (s *store) checkProductSection(ctx context.Context, rec *record) error {
	id := rec.int("iblockSectionId")
	if id == 0 {
		delete(rec.vals, "iblockSectionId")
		return nil
	}
	section, err := sections().byID(ctx, s, id)
	if err == nil && (section == nil || section.int("iblockId") != rec.int("iblockId")) {
		err = controllerFault("The specified section does not exist")
	}
	return err
}

// fillProduct gives a new product its authors, dates and unit. A product without
// an external code has its id for one.
func (s *store) fillProduct(ctx context.Context, old, rec *record) error {
	fill := map[string]any{"createdBy": s.user, "modifiedBy": s.user, "dateCreate": s.now.Unix(), "timestampX": s.now.Unix()}
	for name, v := range fill {
		if rec.vals[name] == nil {
			rec.vals[name] = v
		}
	}
	if old != nil && old.int("modifiedBy") == rec.int("modifiedBy") {
		rec.vals["modifiedBy"] = s.user
	}
	switch {
	case rec.vals["xmlId"] != nil:
	case old != nil:
		rec.vals["xmlId"] = old.text("xmlId")
	default:
		rec.vals["xmlId"] = strconv.FormatInt(rec.id, 10)
	}
	if rec.int("measure") != 0 {
		return nil
	}
	unit, err := s.defaultMeasure(ctx)
	if err == nil && unit != nil {
		rec.vals["measure"] = unit.id
	}
	return err
}

// removeProduct deletes the prices and the values of the properties of a product.
func removeProduct(ctx context.Context, s *store, rec *record) error {
	if err := s.exec(ctx, `DELETE FROM catalog_property_value WHERE product = ?`, rec.id); err != nil {
		return err
	}
	return prices().removeWhere(ctx, s, []string{"productId"}, rec.id)
}
