package diff

import (
	"context"
	"fmt"

	"github.com/b24apply/b24apply/pkg/kind"
)

// readPrices asks for the base prices of the live products that declare one, and puts them
// into the products' rows.
func (f *fetcher) readPrices(ctx context.Context) error {
	products := newOwners()
	for _, r := range f.set.Resources {
		if !declaresPrice(r) {
			continue
		}
		for _, row := range f.liveRows(r) {
			products.add(productStore, row.Int("id"), row)
		}
	}
	found, err := f.askParts(ctx, products, priceField, products.searches(func(int) kind.PartSearch {
		return kind.PartSearch{Part: kind.PricePart, PriceType: f.meta.Catalog.BasePrice}
	}))
	if err == nil {
		err = products.attach(priceField, found)
	}
	if err != nil {
		return fmt.Errorf("read prices: %w", err)
	}
	return nil
}
