package diff

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// What a value names by an id or a code of the portal may not be there. A record that
// is saved with it keeps a link to nothing, or an amount in no currency, and Bitrix24
// does not always say so.

// currencyQuestions ask for the portal's currencies, if any is declared.
// Source: api-reference/crm/currency/crm-currency-list.md.
func (f *fetcher) currencyQuestions() []question {
	declared := slices.ContainsFunc(f.set.Resources, func(r *spec.Resource) bool {
		return slices.ContainsFunc(r.Fields, func(field spec.Field) bool {
			rule, known := r.Kind.Field(field.Name)
			_, isMap := field.Value.Get("currency")
			return rule.Type == spec.TypeCurrency || rule.Type == spec.TypePrice || !known && (isMap || strings.Contains(field.Value.Text, "|"))
		})
	})
	if !declared {
		return nil
	}
	return []question{{method: "crm.currency.list", list: true, hint: true, rows: func(rows []Row) error {
		for _, row := range rows {
			f.meta.Currencies = append(f.meta.Currencies, strings.ToUpper(row.Text("CURRENCY")))
		}
		return nil
	}}}
}

// readLinked looks for the records that fields name by plain ids, 49 ids a list. A type
// that the credential may not read tells nothing.
func (f *fetcher) readLinked(ctx context.Context) error {
	f.meta.Linked = make(map[RecordID]bool)
	ids := make(map[int][]int)
	for _, r := range f.set.Resources {
		if r.Kind.Class != spec.ClassRecord || !slices.ContainsFunc(r.Fields, func(field spec.Field) bool { return namesID(field.Value) }) {
			continue
		}
		targets, _ := f.targets(r, f.recordType(r))
		for _, tg := range targets {
			for _, link := range f.plainLinks(r, tg) {
				ids[link.EntityTypeID] = append(ids[link.EntityTypeID], link.ID)
			}
		}
	}
	var lists []bitrix.List
	var asked [][]RecordID
	for _, entity := range slices.Sorted(maps.Keys(ids)) {
		at := store{kind: kindOfEntity(entity), entityTypeID: entity}
		slices.Sort(ids[entity])
		for part := range slices.Chunk(slices.Compact(ids[entity]), lookupSize) {
			var records []RecordID
			for _, id := range part {
				records = append(records, RecordID{entity, id})
			}
			lists, asked = append(lists, at.list(map[string]any{at.among("id"): anyOf(part)}, []any{"id"})), append(asked, records)
		}
	}
	for i, listing := range f.client.ListEach(ctx, lists) {
		switch {
		case errors.As(listing.Err, new(*bitrix.Error)) && !bitrix.IsAuth(listing.Err):
			continue
		case listing.Err != nil:
			return fmt.Errorf("look up what fields link to: %w", listing.Err)
		}
		for _, record := range asked[i] {
			f.meta.Linked[record] = false
		}
		for _, raw := range listing.Rows {
			if row, err := decodeRow(raw); err == nil {
				f.meta.Linked[RecordID{asked[i][0].EntityTypeID, row.Int("id")}] = true
			}
		}
	}
	return nil
}

// kindOfEntity gives the kind of the records of an entity type.
func kindOfEntity(entity int) *spec.Kind {
	for _, k := range spec.RecordKinds() {
		if k.EntityTypeID == entity {
			return k
		}
	}
	return spec.KindByName("SPAItem")
}

// namesID tells whether a value holds digits in the place of a link.
func namesID(v spec.Value) bool {
	if v.Kind == spec.Scalar {
		return strings.ContainsAny(v.Text, "0123456789")
	}
	return slices.ContainsFunc(v.Members(), namesID) || slices.ContainsFunc(v.Pairs, func(p spec.Pair) bool { return p.Key != "ref" && p.Key != "lookup" && namesID(p.Value) })
}

// plainLinks gives the records that a declared value names by their ids. What is wrong
// with the value is Compute's to say.
func (v *view) plainLinks(r *spec.Resource, tg target) []RecordID {
	if _, isLink := linkedEntity(tg.typ, tg.wire); !isLink && tg.typ != typeCRM || !namesID(tg.value) {
		return nil
	}
	want, err := tg.codec.parse(v.scope(v.recordType(r)), tg.value)
	if err != nil {
		return nil
	}
	return linksOf(tg.typ, tg.wire, want)
}

// linkedEntity is the entity type that a field of a type links to.
func linkedEntity(typ spec.FieldType, wire string) (int, bool) {
	switch typ {
	case spec.TypeLead:
		return 1, true
	case spec.TypeDeal:
		return 2, true
	case spec.TypeContact:
		return 3, true
	case spec.TypeCompany:
		return 4, true
	case spec.TypeQuote:
		return 7, true
	case spec.TypeEntity:
		n, err := strconv.Atoi(strings.TrimPrefix(wire, "parentId"))
		return n, err == nil
	}
	return 0, false
}

// linksOf gives the records that a canonical value names by plain ids.
func linksOf(typ spec.FieldType, wire string, want any) (out []RecordID) {
	switch want := want.(type) {
	case link:
		entity, ok := linkedEntity(typ, wire)
		if ok && want.id != 0 && want.ref == "" && want.found == "" {
			out = append(out, RecordID{entity, want.id})
		}
	case crmLink:
		if want.id != 0 && want.ref == "" && want.found == "" {
			out = append(out, RecordID{want.entity, want.id})
		}
	case []any:
		for _, x := range want {
			out = append(out, linksOf(typ, wire, x)...)
		}
	case members:
		out = linksOf(typ, wire, want.add)
	}
	return out
}

// exists refuses a value that names what the portal does not have.
func (s *scope) exists(d FieldDiff) error {
	for _, record := range linksOf(d.Type, d.wire, d.want) {
		if there, asked := s.meta.Linked[record]; asked && !there {
			return &refused{"NO_RECORD", fmt.Sprintf("the portal shows no %s %d", s.entityName(record.EntityTypeID), record.ID), ""}
		}
	}
	currency := ""
	switch want := d.want.(type) {
	case string:
		if d.Type == spec.TypeCurrency {
			currency = want
		}
	case money:
		currency = want.currency
	case price:
		currency = want.currency
	}
	if all := s.meta.Currencies; currency != "" && len(all) > 0 && !slices.Contains(all, strings.ToUpper(currency)) {
		return &refused{"NO_CURRENCY", fmt.Sprintf("the portal has no currency %s", currency), "write one of " + strings.Join(shorten(all), ", ") + ", or add the currency on the portal"}
	}
	return nil
}
