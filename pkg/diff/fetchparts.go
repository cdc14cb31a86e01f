package diff

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// partColumns are the fields that comparing the parts of a record needs.
var partColumns = []string{"currencyId", "isManualOpportunity"}

// A partOf is a record whose rows are to be read.
type partOf struct {
	row  Row
	list bitrix.List
}

// readParts reads the product rows of the live records that declare products, one list
// a record and 50 lists a request, and puts them into the record's row.
func (f *fetcher) readParts(ctx context.Context) error {
	var all []partOf
	for _, r := range f.set.Resources {
		if _, ok := r.Part(spec.ProductsPart); !ok {
			continue
		}
		t := f.recordType(r)
		if !f.meta.hasAmounts(t.entityTypeID) {
			continue // the plan turns them on: there are no rows yet
		}
		for _, row := range f.liveRows(r) {
			all = append(all, partOf{row: row, list: productList(r.Kind.ShortCode(t.entityTypeID), row.Int("id"))})
		}
	}
	chunks := slices.Collect(slices.Chunk(all, bitrix.MaxBatch))
	return parallel(ctx, len(chunks), func(ctx context.Context, i int) error {
		return f.readRows(ctx, chunks[i])
	})
}

// liveRows gives the rows of the live records that a resource may be.
func (f *fetcher) liveRows(r *spec.Resource) []Row {
	return slices.Concat(f.followed.Records[r.Address], f.state.Pinned[r.Address], f.state.Matches[r.Address].Rows)
}

// readRows reads the lists of some records.
func (f *fetcher) readRows(ctx context.Context, parts []partOf) error {
	lists := make([]bitrix.List, len(parts))
	for i, p := range parts {
		lists[i] = p.list
	}
	answers, err := f.client.Lists(ctx, lists)
	if err != nil {
		return fmt.Errorf("read product rows: %w", err)
	}
	for i, p := range parts {
		if p.row[spec.ProductsPart], err = json.Marshal(answers[i]); err != nil {
			return fmt.Errorf("read product rows: %w", err)
		}
	}
	return nil
}

// parallel does n things, a few at a time. The first failure cancels the others and is
// returned.
func parallel(ctx context.Context, n int, do func(context.Context, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slots := make(chan struct{}, readers)
	var wg crash.Group
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := do(ctx, i); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// partWires lists the columns that comparing the parts of a record needs beside its
// fields.
func (f *fetcher) partWires(r *spec.Resource, t recordType) []string {
	var wires []string
	for _, name := range partColumns {
		if _, exists := f.meta.Fields[t.entityTypeID].ByName[name]; exists && len(r.Parts()) > 0 {
			wires = append(wires, name)
		}
	}
	return wires
}
