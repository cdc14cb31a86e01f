package diff

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// partColumns are the fields that comparing the parts of a record needs.
var partColumns = []string{"currencyId", "isManualOpportunity"}

// readParts asks for the parts of those live records of which they are not read yet.
func (f *fetcher) readParts(ctx context.Context) error {
	return f.readPartsOf(ctx, func(yield func(*spec.Resource) bool) {
		for _, r := range f.Set.Resources {
			if !f.parted[r] && !yield(r) {
				return
			}
		}
	})
}

// readPartsOf asks for what belongs to the live records of some resources: prices, files,
// product rows, requisites with what belongs to them.
func (f *fetcher) readPartsOf(ctx context.Context, of iter.Seq[*spec.Resource]) error {
	for _, read := range []func(context.Context, iter.Seq[*spec.Resource]) error{f.readPrices, f.readFiles, f.readProducts, f.readRequisites} {
		if err := read(ctx, of); err != nil {
			return err
		}
	}
	return nil
}

// readProducts asks for the product rows of the live records that declare products, and puts
// them into the record's row.
func (f *fetcher) readProducts(ctx context.Context, of iter.Seq[*spec.Resource]) error {
	owners := newOwners()
	for r := range of {
		if !slices.Contains(r.Outline().Parts, kind.ProductsPart) {
			continue
		}
		t := f.TypeOf(r)
		if !f.Meta.HasAmounts(t.EntityTypeID) {
			continue // the plan turns them on: there are no rows yet
		}
		for _, row := range f.liveRows(r) {
			owners.add(t.EntityTypeID, row.Int("id"), row)
		}
	}
	searches := owners.searches(func(entity int) kind.PartSearch {
		return kind.PartSearch{Part: kind.ProductsPart, Kind: f.Meta.KindOf(entity), EntityTypeID: entity}
	})
	found, err := f.askParts(ctx, owners, kind.ProductsPart, searches)
	if err == nil {
		err = owners.attach(kind.ProductsPart, found)
	}
	if err != nil {
		return value.While(err, "reading-product-rows")
	}
	return nil
}

// liveRows gives the rows of the live records that a resource may be.
func (f *fetcher) liveRows(r *spec.Resource) []kind.Row {
	return slices.Concat(f.followed.Records[r.Address], f.state.Pinned[r.Address], f.state.Matches[r.Address].Rows)
}

// owners are the rows for which what belongs to them is read, by their entity types and
// ids. One record may stand in several rows, if it was found in several ways.
type owners struct {
	entities []int // in the order in which they came
	rows     map[int]map[int][]kind.Row
}

func newOwners() *owners { return &owners{rows: make(map[int]map[int][]kind.Row)} }

// add adds a row of an entity type.
func (o *owners) add(entity, id int, row kind.Row) {
	if o.rows[entity] == nil {
		o.entities, o.rows[entity] = append(o.entities, entity), make(map[int][]kind.Row)
	}
	o.rows[entity][id] = append(o.rows[entity][id], row)
}

// searches asks for what belongs to the owners of each entity type.
func (o *owners) searches(search func(entity int) kind.PartSearch) []kind.PartSearch {
	slices.Sort(o.entities)
	var out []kind.PartSearch
	for _, entity := range o.entities {
		s := search(entity)
		s.Owners = slices.Sorted(maps.Keys(o.rows[entity]))
		out = append(out, s)
	}
	return out
}

// askParts asks for a part of what belongs to some owners. The rows of those of which the
// portal does not show it say so, and get none.
func (f *fetcher) askParts(ctx context.Context, of *owners, part string, searches []kind.PartSearch) ([]map[int][]kind.Row, error) {
	found, err := f.asker.Parts(ctx, searches)
	var refused *kind.PartRefusals
	if !errors.As(err, &refused) {
		return found, err
	}
	for i, entity := range of.entities {
		for id, refusal := range refused.ByOwner[i] {
			for _, row := range of.rows[entity][id] {
				if err := row.HidePart(part, refusal.Text); err != nil {
					return nil, err
				}
			}
		}
	}
	return found, nil
}

// attach puts what was found into the rows that it belongs to, as a list; who has none
// gets an empty one, and of whom it is not known nothing.
func (o *owners) attach(key string, found []map[int][]kind.Row) error {
	for i, entity := range o.entities {
		for id, rows := range o.rows[entity] {
			raw, err := json.Marshal(append([]kind.Row{}, found[i][id]...))
			if err != nil {
				return err
			}
			for _, row := range rows {
				if row[kind.HiddenPart(key)] == nil {
					row[key] = raw
				}
			}
		}
	}
	return nil
}

// partWires lists the columns that comparing the parts of a record needs beside its
// fields.
func (f *fetcher) partWires(r *spec.Resource, t declared.Type) []string {
	var wires []string
	for _, name := range partColumns {
		if _, exists := f.Meta.Fields[t.EntityTypeID].ByName[name]; exists && len(r.Outline().Parts) > 0 {
			wires = append(wires, name)
		}
	}
	return wires
}
