package portal

import "context"

// vats are the rates of value added tax.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/vat/index.html.
func vats() *family {
	return catalogFamily(family{
		method: "catalog.vat", table: "catalog_vat", one: "vat", many: "vats",
		missing:  faultWith("0", "VAT rate does not exist"),
		defaults: map[string]any{"active": "Y", "sort": int64(100)},
		stamps:   stamps{created: "timestampX", modified: "timestampX"},
		partial:  true,
	})
}

// seedVATs creates the rates of a new portal.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/vat/catalog-vat-list.html.
func (s *store) seedVATs(ctx context.Context) error {
	for _, v := range []struct {
		name string
		rate float64
	}{{"VAT 0%", 0}, {"VAT 20%", 20}} {
		rec := newRecord()
		rec.vals = map[string]any{"name": v.name, "rate": v.rate}
		if err := vats().create(ctx, s, rec); err != nil {
			return err
		}
	}
	return nil
}
