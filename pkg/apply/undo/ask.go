package undo

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Portal is what undoing asks for. Package live has one.
type Portal interface {
	Types(context.Context) ([]kind.LiveType, error)
	Names(context.Context, kind.Wanted) (kind.Names, error)
	Find(context.Context, iter.Seq[kind.Search]) iter.Seq2[kind.Block, error]
	First(context.Context, []kind.Search) ([]kind.Answer, error)
	Parts(context.Context, []kind.PartSearch) ([]map[int][]kind.Row, error)
}

// Pointing tells which records point at some.
type Pointing func(context.Context, []kind.RecordID) (map[kind.RecordID][]kind.RecordID, error)

// The columns that tell who saved a record last, and who made it.
const (
	updatedBy  = "updatedBy"
	createdBy  = "createdBy"
	modifiedBy = "modifiedBy" // of what lies in the catalogue
	activityBy = "lastActivityBy"
)

// An asker reads what is there of deeds.
type asker struct {
	Portal
	ctx   context.Context
	kinds *kind.Table
}

// ask reads all that the decisions need.
func (a *asker) ask(deeds []*deed, pointing Pointing) error {
	for _, part := range []func([]*deed) error{a.records, a.types, a.products, a.prices, a.rowsOf} {
		if err := part(deeds); err != nil {
			return err
		}
	}
	return a.pointers(deeds, pointing)
}

// records reads the records of all deeds, by their ids.
func (a *asker) records(deeds []*deed) error {
	byStore := make(map[kind.Store][]*deed)
	for _, d := range deeds {
		if d.IsRecord() && d.id != "" {
			byStore[d.store()] = append(byStore[d.store()], d)
		}
	}
	var searches []kind.Search
	var groups [][]*deed
	for _, at := range slices.SortedFunc(maps.Keys(byStore), func(x, y kind.Store) int {
		return (x.Number()-y.Number())*2 + (x.Iblock - y.Iblock)
	}) {
		for group := range slices.Chunk(byStore[at], kind.SearchSize) {
			searches, groups = append(searches, searchOf(at, group)), append(groups, group)
		}
	}
	for block, err := range a.Find(a.ctx, slices.Values(searches)) {
		if err != nil {
			return err
		}
		for i, answer := range block.Answers {
			for _, d := range groups[block.First+i] {
				d.refused = answer.Refused
			}
			for _, row := range answer.Rows {
				for _, d := range groups[block.First+i] {
					if value.IDNumber(d.id) == row.Int("id") {
						d.row = row.Clone()
					}
				}
			}
		}
	}
	return nil
}

// searchOf asks for some records of a store with all columns that are looked at.
func searchOf(at kind.Store, group []*deed) kind.Search {
	s := kind.Search{Store: at}
	ids := make([]any, len(group))
	columns := map[string]bool{"id": true}
	add := func(name string) { columns[name] = columns[name] || name != "" }
	for i, d := range group {
		ids[i] = value.IDNumber(d.id)
		for _, f := range d.looked() {
			if s.Contacts = s.Contacts || f.Multi(); f.Multi() {
				continue
			}
			for _, c := range kind.ColumnsOf(f.Type, f.Wire) {
				add(c)
			}
		}
		for _, m := range d.mark {
			add(m.Wire)
		}
	}
	if at.Kind.Class == kind.ClassRecord {
		for _, c := range []string{kind.SavedTime, updatedBy, createdBy, activityBy} {
			add(c)
		}
	} else {
		add(modifiedBy)
		add(createdBy)
	}
	for _, c := range slices.Concat(at.Kind.Titles...) {
		add(c)
	}
	s.Where = []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: ids}}
	s.Columns = slices.Sorted(maps.Keys(columns))
	return s
}

// looked lists the fields of the record itself whose live values count.
func (d *deed) looked() []plan.Field {
	var out []plan.Field
	for _, e := range d.fields {
		if e.part == "" {
			out = append(out, e.Field)
		}
	}
	return slices.Concat(out, d.held, d.Moves)
}

// types reads the smart processes of deeds, and counts the items of those that were made.
func (a *asker) types(deeds []*deed) error {
	var types []*deed
	w := kind.Wanted{Kinds: a.kinds}
	for _, d := range deeds {
		if d.Facts.Class == kind.ClassType && d.id != "" {
			types = append(types, d)
		}
	}
	if len(types) == 0 {
		return nil
	}
	live, err := a.Types(a.ctx)
	if err != nil {
		return err
	}
	for _, d := range types {
		for _, t := range live {
			if value.ID(t.ID) != d.id {
				continue
			}
			d.row, d.entityTypeID = t.Row, t.EntityTypeID
			if slices.ContainsFunc(d.fields, func(e effect) bool { return e.Type.Name == string(kind.TypeRelations) }) {
				w.Relations = append(w.Relations, t.ID)
			}
		}
	}
	goneWithTypes(deeds, types)
	if err := a.relations(types, w); err != nil {
		return err
	}
	return a.countItems(types)
}

// goneWithTypes clears up that items cannot be read whose smart process the run has created, and
// which is not there any more: they are gone with it.
func goneWithTypes(deeds, types []*deed) {
	gone := make(map[int]bool)
	for _, t := range types {
		gone[t.entityTypeID] = t.entityTypeID != 0 && t.made && t.row == nil
	}
	for _, d := range deeds {
		if d.refused != nil && d.refused.Missing && gone[d.entityTypeID] {
			d.refused = nil
		}
	}
}

func (a *asker) relations(types []*deed, w kind.Wanted) error {
	if len(w.Relations) == 0 {
		return nil
	}
	names, err := a.Names(a.ctx, w)
	if err != nil {
		return err
	}
	for _, d := range types {
		for _, t := range names.Types {
			if value.ID(t.ID) == d.id {
				d.row = t.Row
			}
		}
	}
	return nil
}

func (a *asker) countItems(types []*deed) error {
	var made []*deed
	var searches []kind.Search
	for _, d := range types {
		if d.made && d.row != nil {
			made = append(made, d)
			searches = append(searches, kind.Search{Store: kind.Store{Kind: a.kinds.Items(), EntityTypeID: d.entityTypeID}, Columns: []string{"id"}})
		}
	}
	answers, err := a.First(a.ctx, searches)
	if err != nil {
		return err
	}
	for i, answer := range answers {
		if made[i].items = max(answer.Total, len(answer.Rows)); answer.Refused != nil {
			return answer.Refused
		}
	}
	return nil
}

// owners groups the ids of deeds by the entity types of their records.
func owners(deeds []*deed, which func(*deed) bool) (byType map[int][]*deed, types []int) {
	byType = make(map[int][]*deed)
	for _, d := range deeds {
		if d.row != nil && d.IsRecord() && which(d) {
			byType[d.entityTypeID] = append(byType[d.entityTypeID], d)
		}
	}
	return byType, slices.Sorted(maps.Keys(byType))
}

func idsOf(deeds []*deed) (ids []int, byID map[int]*deed) {
	byID = make(map[int]*deed, len(deeds))
	for _, d := range deeds {
		id := value.IDNumber(d.id)
		ids, byID[id] = append(ids, id), d
	}
	slices.Sort(ids)
	return ids, byID
}

// part reads one part of records of one entity type.
func (a *asker) part(s kind.PartSearch, take func(owner int, rows []kind.Row)) error {
	if len(s.Owners) == 0 {
		return nil
	}
	found, err := a.Parts(a.ctx, []kind.PartSearch{s})
	if err != nil {
		return err
	}
	for owner, rows := range found[0] {
		take(owner, rows)
	}
	return nil
}

func (d *deed) sets(part plan.Part) bool {
	return slices.ContainsFunc(d.fields, func(e effect) bool { return e.part == part })
}

func (a *asker) products(deeds []*deed) error {
	byType, types := owners(deeds, func(d *deed) bool {
		return !d.made && d.sets(plan.Products) || d.image != nil && len(d.image.Products) > 0
	})
	for _, entity := range types {
		ids, byID := idsOf(byType[entity])
		err := a.part(kind.PartSearch{Part: kind.ProductsPart, Kind: byType[entity][0].Facts, EntityTypeID: entity, Owners: ids}, func(id int, rows []kind.Row) { byID[id].products = rows })
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *asker) prices(deeds []*deed) error {
	byPrice := make(map[string][]*deed)
	for _, d := range deeds {
		for _, typ := range d.priceTypes() {
			byPrice[typ] = append(byPrice[typ], d)
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(byPrice)) {
		ids, byID := idsOf(byPrice[typ])
		for _, d := range byPrice[typ] {
			if d.prices == nil {
				d.prices = make(map[string][]kind.Row)
			}
		}
		err := a.part(kind.PartSearch{Part: kind.PricePart, Owners: ids, PriceType: value.IDNumber(typ)}, func(id int, rows []kind.Row) { byID[id].prices[typ] = rows })
		if err != nil {
			return err
		}
	}
	return nil
}

// priceTypes lists the types of the prices that are looked at.
func (d *deed) priceTypes() (out []string) {
	if d.row == nil {
		return nil
	}
	for _, e := range d.fields {
		if e.part == plan.Price {
			out = append(out, e.priceType)
		}
	}
	if d.image != nil {
		for _, row := range d.image.Prices {
			out = append(out, value.ID(row.Int("catalogGroupId")))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// rowsOf reads the requisites and addresses of records of which some were written, or which
// were made and may have got others since.
func (a *asker) rowsOf(deeds []*deed) error {
	byType, types := owners(deeds, func(d *deed) bool {
		_, has := d.Facts.Part(kind.RequisitesPart)
		return len(d.rows) > 0 || d.made && has || d.image != nil && len(d.image.Addresses) > 0
	})
	for _, entity := range types {
		ids, byID := idsOf(byType[entity])
		if err := a.requisites(entity, ids, byID); err != nil {
			return err
		}
		err := a.part(kind.PartSearch{Part: kind.AddressesPart, EntityTypeID: entity, Owners: ids, Most: mostAddresses}, func(id int, rows []kind.Row) { byID[id].addresses = rows })
		if err != nil {
			return err
		}
	}
	return nil
}

// mostAddresses is how many addresses an owner may have: one of each type.
const mostAddresses = 16

func (a *asker) requisites(entity int, ids []int, byID map[int]*deed) error {
	ofRow := make(map[int]kind.Row)
	var rowIDs []int
	err := a.part(kind.PartSearch{Part: kind.RequisitesPart, EntityTypeID: entity, Owners: ids}, func(id int, rows []kind.Row) {
		byID[id].partRows = rows
		for _, row := range rows {
			rowIDs, ofRow[row.Int("ID")] = append(rowIDs, row.Int("ID")), row
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(rowIDs)
	attach := func(part string) func(int, []kind.Row) {
		return func(id int, rows []kind.Row) { ofRow[id][part] = encoded(rows) }
	}
	if err := a.part(kind.PartSearch{Part: kind.BankDetailsPart, Owners: rowIDs}, attach(kind.BankDetailsPart)); err != nil {
		return err
	}
	return a.part(kind.PartSearch{Part: kind.AddressesPart, EntityTypeID: kind.RequisiteEntity, Owners: rowIDs, Most: mostAddresses}, attach(kind.AddressesPart))
}

// pointers asks what points at the records that were made.
func (a *asker) pointers(deeds []*deed, pointing Pointing) error {
	var made []kind.RecordID
	for _, d := range deeds {
		if d.made && d.row != nil && d.Facts.Class == kind.ClassRecord {
			made = append(made, d.record())
		}
	}
	if len(made) == 0 || pointing == nil {
		return nil
	}
	found, err := pointing(a.ctx, made)
	for _, d := range deeds {
		if d.made && d.IsRecord() {
			d.pointers = found[d.record()]
		}
	}
	return err
}
