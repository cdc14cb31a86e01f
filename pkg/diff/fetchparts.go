package diff

import (
	"context"
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/spec"
)

// partColumns are the fields that comparing the parts of a record needs.
var partColumns = []string{"currencyId", "isManualOpportunity"}

// readParts reads the product rows of the live records that declare products, and puts
// them into the record's row.
func (f *fetcher) readParts(ctx context.Context) error {
	var all []partOwner
	for _, r := range f.set.Resources {
		if _, ok := r.Part(spec.ProductsPart); !ok {
			continue
		}
		t := f.recordType(r)
		if !f.meta.hasAmounts(t.entityTypeID) {
			continue // the plan turns them on: there are no rows yet
		}
		for _, row := range f.liveRows(r) {
			all = append(all, partOwner{row: row, code: r.Kind.ShortCode(t.entityTypeID), id: row.Int("id")})
		}
	}
	if err := (&rowReader{client: f.client}).read(ctx, all); err != nil {
		return fmt.Errorf("read product rows: %w", err)
	}
	return nil
}

// liveRows gives the rows of the live records that a resource may be.
func (f *fetcher) liveRows(r *spec.Resource) []Row {
	return slices.Concat(f.followed.Records[r.Address], f.state.Pinned[r.Address], f.state.Matches[r.Address].Rows)
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
