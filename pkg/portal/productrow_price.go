package portal

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// The kinds of discount.
const (
	discountAmount = 1 // discountSum counts
	discountRate   = 2 // discountRate counts
)

// readRow puts what a client sent into a row. Prices have two decimals,
// quantities four.
func readRow(s *store, fields *Map, row *record, m mode) {
	productRows().read(s, fields, row, m)
	if raw, sent := fields.Get("quantity"); sent && !isBlank(raw) {
		if x, ok := floatValue(raw); ok {
			row.vals["quantity"] = math.Round(x*10000) / 10000
		}
	}
	for name, v := range row.vals {
		if x, ok := v.(float64); ok && math.IsInf(x, 0) {
			row.vals[name] = 0.0
		}
	}
}

// cents rounds an amount of money. What no column holds becomes 0.
func cents(x float64) float64 {
	if x = math.Round(x*100) / 100; math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

func (r *record) real(name string) float64 {
	x, _ := r.vals[name].(float64)
	return x
}

// completeRow fills in what follows from the product and derives the prices.
func completeRow(ctx context.Context, s *store, old, row *record) error {
	if err := s.fillFromCatalog(ctx, old, row); err != nil {
		return err
	}
	row.derivePrices()
	return s.accountPrice(ctx, row)
}

// derivePrices computes the prices around the final one, which holds discount
// and tax: without tax, without discount, and without either.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/product-rows/crm-item-productrow-add.html.
func (r *record) derivePrices() {
	tax := 1 + r.real("taxRate")/100
	price := r.real("price")
	exclusive := price
	if tax > 0 {
		exclusive = cents(price / tax)
	}
	rate, sum := r.real("discountRate"), r.real("discountSum")
	if r.int("discountTypeId") != discountAmount {
		r.vals["discountTypeId"] = int64(discountRate)
	}
	switch {
	case r.int("discountTypeId") == discountAmount:
		rate = 0
		if full := exclusive + sum; full != 0 {
			rate = cents(sum / full * 100)
		}
	case rate != 100: // of nothing, the amount before the discount cannot be told
		sum = cents(exclusive * rate / (100 - rate))
	}
	r.vals["priceExclusive"] = exclusive
	r.vals["discountRate"], r.vals["discountSum"] = rate, sum
	r.vals["priceNetto"] = cents(exclusive + sum)
	r.vals["priceBrutto"] = price
	if sum != 0 {
		r.vals["priceBrutto"] = cents(cents(exclusive+sum) * tax)
	}
}

// accountPrice converts the price from the owner's currency to the base one.
func (s *store) accountPrice(ctx context.Context, row *record) error {
	owner, err := s.ownerOf(ctx, row)
	if err != nil {
		return err
	}
	rate, err := s.currencyRate(ctx, owner.item.text("currencyId"))
	row.vals["priceAccount"] = cents(row.real("price") * rate)
	return err
}

// rowAbbreviation is the short code of an entity type in product rows, "" for
// one that has none.
func rowAbbreviation(etid int) string {
	if etid >= spaColumn {
		return fmt.Sprintf("T%x", etid)
	}
	for abbreviation, id := range abbreviations {
		if int(id) == etid {
			return abbreviation
		}
	}
	return ""
}

// A rowTotal is what the product rows of an item amount to.
type rowTotal struct {
	rows        int
	amount, tax float64
}

// total sums up the product rows of an item. Each row is rounded by itself.
func (s *store) rowTotal(ctx context.Context, e *entity, id int64) (rowTotal, error) {
	var t rowTotal
	err := s.scan(ctx, func(rows *sql.Rows) error {
		var price, exclusive, quantity float64
		if err := rows.Scan(&price, &exclusive, &quantity); err != nil {
			return err
		}
		t.rows++
		t.amount += cents(price * quantity)
		t.tax += cents((price - exclusive) * quantity)
		return nil
	}, `SELECT "price", "priceExclusive", "quantity" FROM crm_product_row WHERE "ownerType" = ? AND "ownerId" = ? ORDER BY "id"`,
		rowAbbreviation(e.id), id)
	t.amount, t.tax = cents(t.amount), cents(t.tax)
	return t, err
}

// totals sets the amount and the tax of an item from its product rows. Without
// rows the amount stays, and so does one that was entered by hand.
func (s *store) totals(ctx context.Context, e *entity, rec *record) error {
	if e.set.byName["opportunity"] == nil {
		return nil
	}
	t, err := s.rowTotal(ctx, e, rec.id)
	if err != nil {
		return err
	}
	if e.set.byName["taxValue"] != nil {
		rec.vals["taxValue"] = t.tax
	}
	if t.rows > 0 && rec.text("isManualOpportunity") != "Y" {
		rec.vals["opportunity"] = t.amount
	}
	return nil
}

// retotal saves the owner of product rows that changed. When the last row is
// gone, so is the amount.
func (s *store) retotal(ctx context.Context, owner *rowOwner) error {
	rec := owner.item.clone()
	if rec.text("isManualOpportunity") != "Y" {
		rec.vals["opportunity"] = 0.0
	}
	if err := s.totals(ctx, owner.entity, rec); err != nil {
		return err
	}
	rec.vals["updatedTime"] = s.now.Unix()
	rec.vals["updatedBy"] = s.user
	return s.replace(ctx, owner.entity, owner.item, rec)
}
