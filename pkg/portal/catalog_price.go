package portal

import (
	"context"
	"slices"
	"strconv"
)

// prices are what products cost, one for each price type.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/price/index.html.
func prices() *family {
	return catalogFamily(family{
		method: "catalog.price", table: "catalog_price", one: "price", many: "prices",
		missing: faultWith("0", "Price does not exist"),
		stamps:  stamps{created: "timestampX", modified: "timestampX"},
		prepare: checkPrice, polish: hideScale,
	})
}

// hideScale leaves priceScale out of answers, as the documentation shows them.
func hideScale(m *Map, _ bool) {
	m.keys = slices.DeleteFunc(slices.Clone(m.keys), func(key string) bool { return key == "priceScale" })
	delete(m.vals, "priceScale")
}

// checkPrice refuses a price of no product or type, in no currency, or a second
// one of a type. The scale is the price in the base currency.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/price/catalog-price-add.html.
func checkPrice(ctx context.Context, s *store, _, rec *record) error {
	for _, check := range []struct {
		f    *family
		id   int64
		text string
	}{
		{products(), rec.int("productId"), "Validate price error. Catalog product is wrong"},
		{priceTypes(), rec.int("catalogGroupId"), "Validate price error. Catalog price group is wrong"},
	} {
		found, err := s.exists(ctx, check.f.table, check.id)
		if err != nil {
			return err
		}
		if !found {
			return controllerFault(check.text)
		}
	}
	cur, err := s.currencyByCode(ctx, rec.text("currency"))
	if err != nil {
		return err
	}
	if cur == nil {
		return controllerFault("Validate price error. Currency is wrong")
	}
	_, second, err := s.number(ctx, `SELECT "id" FROM catalog_price WHERE "productId" = ? AND "catalogGroupId" = ? AND "id" <> ?`,
		rec.int("productId"), rec.int("catalogGroupId"), rec.id)
	if err != nil {
		return err
	}
	if second {
		return controllerFault("Validate price error. Catalog product is allowed has only single price without ranges in price group")
	}
	rate, err := s.currencyRate(ctx, cur.code)
	rec.vals["currency"], rec.vals["priceScale"] = cur.code, cents(rec.real("price")*rate)
	return err
}

// modifyPrices answers catalog.price.modify, which gives a product the prices
// that are sent and no others: a price with an id is changed, one without is
// added, all others are deleted.
// Source: https://apidocs.bitrix24.com/api-reference/catalog/price/catalog-price-modify.html.
func modifyPrices(ctx context.Context, s *store, c *call) (reply, error) {
	fields, err := someFields(c)
	if err != nil {
		return reply{}, err
	}
	raw, _ := fields.Get("product")
	product, _ := asMap(raw)
	raw, _ = product.Get("prices")
	list, ok := asList(raw)
	id, _ := product.Get("id")
	n, identified := asInt(id)
	if !ok || !identified {
		return reply{}, controllerFault("Required fields: product.id, product.prices")
	}
	if err := s.replacePrices(ctx, n, list); err != nil {
		return reply{}, err
	}
	recs, err := prices().where(ctx, s, []string{"productId"}, n)
	if err != nil {
		return reply{}, err
	}
	rows := make([]any, len(recs))
	for i, rec := range recs {
		m := prices().answer(rec, prices().all(), true)
		m.Set("priceScale", rec.real("priceScale"))
		rows[i] = m
	}
	return reply{value: wrap("prices", rows)}, nil
}

// replacePrices gives a product these prices and no others.
func (s *store) replacePrices(ctx context.Context, product int64, list []any) error {
	f := prices()
	rows, err := f.where(ctx, s, []string{"productId"}, product)
	if err != nil {
		return err
	}
	kept, added, err := readPrices(rows, product, list)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if kept[row.id] == nil {
			if err := f.remove(ctx, s, row); err != nil {
				return err
			}
		}
	}
	for _, row := range rows {
		if fields := kept[row.id]; fields != nil {
			if _, err := f.update(ctx, s, row, fields); err != nil {
				return err
			}
		}
	}
	for _, fields := range added {
		if _, err := f.add(ctx, s, fields); err != nil {
			return err
		}
	}
	return nil
}

// readPrices tells the prices that are there already, by id, from new ones.
func readPrices(rows []*record, product int64, list []any) (kept map[int64]*Map, added []*Map, err error) {
	kept = make(map[int64]*Map)
	for _, item := range list {
		sent, _ := asMap(item)
		fields := new(Map)
		for _, key := range sent.Keys() {
			v, _ := sent.Get(key)
			fields.Set(key, v)
		}
		fields.Set("productId", strconv.FormatInt(product, 10))
		if err := prices().required(fields, mode{}); err != nil {
			return nil, nil, err
		}
		raw, named := fields.Get("id")
		if !named {
			added = append(added, fields)
			continue
		}
		id, _ := asInt(raw)
		if !slices.ContainsFunc(rows, func(row *record) bool { return row.id == id }) {
			return nil, nil, prices().missing(id)
		}
		kept[id] = fields
	}
	return kept, added, nil
}
