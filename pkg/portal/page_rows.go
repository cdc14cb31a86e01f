package portal

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
)

// A rowView is a product row of an item, every number as text.
type rowView struct{ Name, Price, Quantity, Discount, Tax, Amount string }

// productRows reads the product rows of an item, none if the store keeps none.
func (v *viewer) productRows(ctx context.Context, e *entity, rec *record) ([]rowView, error) {
	_, kept, err := v.number(ctx, `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'crm_product_row'`)
	if err != nil || !kept {
		return nil, err
	}
	currency := rec.text("currencyId")
	var list []rowView
	err = v.scan(ctx, func(rows *sql.Rows) error {
		var name, measure sql.NullString
		var price, quantity, discount, tax sql.NullFloat64
		if err := rows.Scan(&name, &price, &quantity, &measure, &discount, &tax); err != nil {
			return err
		}
		view := rowView{
			Name: name.String, Price: grouped(price.Float64),
			Quantity: strings.TrimSpace(floatText(quantity.Float64) + " " + measure.String),
			Amount:   strings.TrimSpace(grouped(price.Float64*quantity.Float64) + " " + currency),
		}
		if discount.Float64 != 0 {
			view.Discount = grouped(discount.Float64)
		}
		if tax.Valid {
			view.Tax = floatText(tax.Float64) + " %"
		}
		list = append(list, view)
		return nil
	}, `SELECT "productName", "price", "quantity", "measureName", "discountSum", "taxRate"
		FROM crm_product_row WHERE "ownerType" = ? AND "ownerId" = ? ORDER BY "sort", "id"`, e.abbreviation(), rec.id)
	return list, err
}

// abbreviation is the short code of the entity type.
// Source: https://apidocs.bitrix24.com/api-reference/crm/data-types.html.
func (e *entity) abbreviation() string {
	if code, ok := map[int]string{1: "L", 2: "D", 3: "C", 4: "CO", 7: "Q", 31: "SI"}[e.id]; ok {
		return code
	}
	return "T" + strconv.FormatInt(int64(e.id), 16)
}
