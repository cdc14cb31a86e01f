package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
)

// priceColumns are what a price is compared by.
var priceColumns = []any{"id", "productId", "catalogGroupId", "price", "currency"}

// readPrices reads the base prices of the live products that declare one, and puts them
// into the products' rows.
// Source: api-reference/catalog/price/catalog-price-list.md.
func (f *fetcher) readPrices(ctx context.Context) error {
	byProduct := make(map[int]Row)
	var ids []any
	for _, r := range f.set.Resources {
		if !declaresPrice(r) {
			continue
		}
		for _, row := range f.liveRows(r) {
			byProduct[row.Int("id")] = row
			ids = append(ids, row.Int("id"))
		}
	}
	var lists []bitrix.List
	for part := range slices.Chunk(ids, lookupSize) {
		lists = append(lists, bitrix.List{Method: "catalog.price.list", Items: "prices", Params: bitrix.Params{
			"filter": map[string]any{"@productId": part, "=catalogGroupId": f.meta.Catalog.BasePrice}, "select": priceColumns,
		}})
	}
	chunks := slices.Collect(slices.Chunk(lists, bitrix.MaxBatch))
	answers := make([][][]json.RawMessage, len(chunks))
	err := parallel(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		if answers[i], err = f.client.Lists(ctx, chunks[i]); err != nil {
			err = fmt.Errorf("read prices: %w", err)
		}
		return err
	})
	if err != nil {
		return err
	}
	return filePrices(byProduct, slices.Concat(answers...))
}

// filePrices puts prices into the rows of their products; one without gets an empty list.
func filePrices(byProduct map[int]Row, answers [][]json.RawMessage) error {
	prices := make(map[int][]json.RawMessage)
	for _, raw := range slices.Concat(answers...) {
		row, err := decodeRow(raw)
		if err != nil {
			return fmt.Errorf("read prices: %w", err)
		}
		prices[row.Int("productId")] = append(prices[row.Int("productId")], raw)
	}
	for id, row := range byProduct {
		list, err := json.Marshal(append([]json.RawMessage{}, prices[id]...))
		if err != nil {
			return fmt.Errorf("read prices: %w", err)
		}
		row[priceField] = list
	}
	return nil
}
