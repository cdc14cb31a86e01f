package diff

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// What a value names by an id or a code of the portal may not be there. A record that
// is saved with it keeps a link to nothing, or an amount in no currency, and Bitrix24
// does not always say so.

// declaresCurrencies tells whether any currency is declared.
func (f *fetcher) declaresCurrencies() bool {
	return slices.ContainsFunc(f.Set.Resources, func(r *spec.Resource) bool {
		return slices.ContainsFunc(r.Outline().Fields, func(name string) bool {
			if rule := r.Kind.Rule(name); rule != nil {
				return rule.Type == kind.TypeCurrency || rule.Type == kind.TypePrice
			}
			field, _ := r.Field(name)
			_, isMap := field.Value.Get("currency")
			return isMap || strings.Contains(field.Value.Text, "|")
		})
	})
}

// readLinked looks for the records that fields and product rows name by plain ids, 49 ids
// a list. A type that the credential may not read tells nothing.
func (f *fetcher) readLinked(ctx context.Context) error {
	ids := make(map[int][]int)
	for _, r := range f.Set.Resources {
		for _, record := range f.linkedByID(r) {
			ids[record.EntityTypeID] = append(ids[record.EntityTypeID], record.ID)
		}
	}
	var searches []kind.Search
	var asked [][]kind.RecordID
	for _, entity := range slices.Sorted(maps.Keys(ids)) {
		slices.Sort(ids[entity])
		for part := range slices.Chunk(slices.Compact(ids[entity]), ask.Keys) {
			var records []kind.RecordID
			for _, id := range part {
				records = append(records, kind.RecordID{EntityTypeID: entity, ID: id})
			}
			for _, s := range f.searchesOf(entity, part) {
				searches, asked = append(searches, s), append(asked, records)
			}
		}
	}
	there, unknown := make(map[kind.RecordID]bool), make(map[kind.RecordID]bool)
	for block, err := range f.asker.Find(ctx, slices.Values(searches)) {
		if err != nil {
			return value.While(err, "looking-up-links")
		}
		for i, answer := range block.Answers {
			i += block.First
			// A portal without this method has no variations.
			silent := answer.Refused != nil && !(answer.Refused.Code == "ERROR_METHOD_NOT_FOUND" && searches[i].Variations)
			for _, record := range asked[i] {
				there[record] = there[record] || false
				unknown[record] = unknown[record] || silent
			}
			for _, row := range answer.Rows {
				there[kind.RecordID{EntityTypeID: asked[i][0].EntityTypeID, ID: row.Int("id")}] = true
			}
		}
	}
	maps.DeleteFunc(there, func(record kind.RecordID, shown bool) bool { return unknown[record] && !shown })
	f.Meta.Linked = there
	return nil
}

// linkedByID lists the records that a resource names by plain ids.
func (f *fetcher) linkedByID(r *spec.Resource) (out []kind.RecordID) {
	if r.Kind.Class != kind.ClassRecord {
		return nil
	}
	if f.mayLink(r) {
		targets, _ := f.TargetsIn(&f.room, r, f.TypeOf(r))
		for _, tg := range targets {
			out = append(out, f.PlainLinks(r, tg)...)
		}
	}
	if part, ok := r.Part(kind.ProductsPart); ok && namesProduct(part.Value) {
		want, err := value.MustCodecOf(kind.ProductsType("")).Parse(f.Scope(f.TypeOf(r)).Names(), part.Value)
		if err == nil {
			out = append(out, meta.ProductsOf(want)...)
		}
	}
	return out
}

// mayLink tells whether a record declares a field that can link to another.
func (f *fetcher) mayLink(r *spec.Resource) bool {
	s := f.ShapeOf(r)
	if s == nil || s.Targets == nil {
		return true
	}
	if s.Links == nil {
		any := slices.ContainsFunc(s.Targets, func(tg declared.Target) bool { return f.CanLink(&tg) })
		s.Links = &any
	}
	return *s.Links
}

// namesProduct tells whether a product row has nothing but a plain id to name its product.
func namesProduct(rows value.Node) bool {
	return slices.ContainsFunc(rows.Items, func(row value.Node) bool {
		product, ok := row.Get("product")
		_, named := row.Get("name")
		return ok && !named && product.Kind == value.Scalar
	})
}

// namesProducts tells whether any resource does so.
func namesProducts(v *declared.View) bool {
	return slices.ContainsFunc(v.Set.Resources, func(r *spec.Resource) bool {
		part, ok := r.Part(kind.ProductsPart)
		return ok && namesProduct(part.Value)
	})
}

// searchesOf asks for the ids of records of one type. A product may lie in any catalogue,
// and be a variation.
func (f *fetcher) searchesOf(entity int, ids []int) []kind.Search {
	search := func(at kind.Store) kind.Search {
		return kind.Search{Store: at, Where: []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: kind.AnyID(ids)}}, Columns: []string{"id"}}
	}
	if entity != meta.ProductStore {
		return []kind.Search{search(kind.Store{Kind: f.Meta.KindOf(entity), EntityTypeID: entity})}
	}
	var out []kind.Search
	product := f.Meta.Kinds.ByLink(kind.TypeProduct)
	for _, at := range f.Stores(product, 0) {
		out = append(out, search(at))
	}
	for _, iblock := range f.Meta.Catalog.Variations {
		s := search(kind.Store{Kind: product, Iblock: iblock})
		s.Variations = true
		out = append(out, s)
	}
	return out
}
