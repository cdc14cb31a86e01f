package review

import (
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// RowsDiff are the product rows of a record before and after.
type RowsDiff struct {
	Lines         []RowLine
	Before, After string // the totals; "" where there are none
	Diff          value.Decimal
	Currency      string
}

// A RowLine is a row that goes, comes, changes or stays.
type RowLine struct {
	Sign          string // "-", "+", "~" or "="
	Name          string
	Before, After RowCells
}

// RowCells are the cells of a row; all are "" on a side that has no such row.
type RowCells struct{ Quantity, Price, Discount, Sum string }

// The columns of product rows.
// Source: api-reference/crm/universal/product-rows/fields.md.
const (
	colProduct, colName, colQuantity, colPrice = "product", "name", "quantity", "price"
	colRate, colDiscount                       = "discountRate", "discountSum"
)

// rows compares product rows by what they are of, each with the first one that is of the same.
func (r *Review) rows(f *plan.Field) *RowsDiff {
	d := &RowsDiff{}
	before, after := f.Before.Items(), f.After.Items()
	var sumBefore, sumAfter value.Decimal
	used := make([]bool, len(after))
	for _, row := range before {
		line := RowLine{Sign: "-", Name: r.rowName(row)}
		sum := d.cells(&line.Before, row)
		sumBefore = sumBefore.Add(sum)
		for i, other := range after {
			if !used[i] && r.rowName(other) == line.Name {
				used[i], line.Sign = true, "~"
				sumAfter = sumAfter.Add(d.cells(&line.After, other))
				if line.Before == line.After {
					line.Sign = "="
				}
				break
			}
		}
		d.Lines = append(d.Lines, line)
	}
	for i, row := range after {
		if !used[i] {
			line := RowLine{Sign: "+", Name: r.rowName(row)}
			sumAfter = sumAfter.Add(d.cells(&line.After, row))
			d.Lines = append(d.Lines, line)
		}
	}
	if len(before) > 0 {
		d.Before = sumBefore.StringFixed(2)
	}
	if len(after) > 0 {
		d.After = sumAfter.StringFixed(2)
	}
	d.Diff = sumAfter.Sub(sumBefore).Round(2)
	for i := range d.Lines {
		l := &d.Lines[i]
		l.Name, l.Before, l.After = r.Pass(l.Name), r.passRow(l.Before), r.passRow(l.After)
	}
	return d
}

func (r *Review) passRow(c RowCells) RowCells {
	return RowCells{r.Pass(c.Quantity), r.Pass(c.Price), r.Pass(c.Discount), r.Pass(c.Sum)}
}

// rowName is what a row is of; a row without cells is the text that it reads.
func (r *Review) rowName(row value.Shown) string {
	for _, name := range []string{colName, colProduct} {
		if v := row.Part(name); !v.IsEmpty() {
			return r.shown(v)
		}
	}
	return r.shown(row)
}

// cells fills the cells of a row, and gives its sum.
func (d *RowsDiff) cells(c *RowCells, row value.Shown) value.Decimal {
	if cur := currencyOf(row); cur != "" {
		d.Currency = cur
	}
	price, quantity := row.Part(colPrice).Text, row.Part(colQuantity).Text
	if quantity == "" && price != "" {
		quantity = "1"
	}
	*c = RowCells{Quantity: quantity, Price: price}
	if !isNumber(price) || !isNumber(quantity) {
		return value.Decimal{}
	}
	switch rate, off := row.Part(colRate).Text, row.Part(colDiscount).Text; {
	case isNumber(rate) && !value.Text(rate).Decimal().IsZero():
		c.Discount = rate + " %"
	case isNumber(off) && !value.Text(off).Decimal().IsZero():
		c.Discount = off
	}
	sum := value.Text(price).Decimal().Mul(value.Text(quantity).Decimal()) // a price is that behind the discount
	c.Sum = sum.StringFixed(2)
	return sum
}
