package diff

import (
	"context"
	"iter"

	"github.com/b24apply/b24apply/pkg/diff/compare"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// readPrices asks for the base prices of the live products that declare one, and puts them
// into the products' rows.
func (f *fetcher) readPrices(ctx context.Context, of iter.Seq[*spec.Resource]) error {
	products := newOwners()
	for r := range of {
		if !compare.DeclaresPrice(r) {
			continue
		}
		for _, row := range f.liveRows(r) {
			products.add(meta.ProductStore, row.Int("id"), row)
		}
	}
	found, err := f.askParts(ctx, products, compare.PriceField, products.searches(func(int) kind.PartSearch {
		return kind.PartSearch{Part: kind.PricePart, PriceType: f.Meta.Catalog.BasePrice}
	}))
	if err == nil {
		err = products.attach(compare.PriceField, found)
	}
	if err != nil {
		return value.While(err, "reading-prices")
	}
	return nil
}
