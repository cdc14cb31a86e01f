package diff

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/double"
	"github.com/b24apply/b24apply/pkg/diff/guard"
	"github.com/b24apply/b24apply/pkg/diff/remove"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// RepairTo reads which records carry one mark of the project more than once, declared or not,
// and puts into out, which is empty before, what mends that. The state is what Fetch has read.
// An error is that of the portal or of out.
func RepairTo(ctx context.Context, asker ask.Asker, out *plan.Source, set *spec.Set, state *State) (*plan.Plan, error) {
	c := newComputer(set, state)
	r := &repairer{fetcher: &fetcher{asker: ask.Portal{Asker: asker}, state: state, View: c.View}, computer: c}
	r.gone = r.fetcher.gone()
	p := &plan.Plan{Owner: set.Project.Name, Project: set.Project.File, Portal: state.Portal, Changes: out}
	if set.Env != nil && state.Portal != plan.PortalInABox {
		p.Env = set.Env.Name
	}
	doubles, err := r.find(ctx)
	if err != nil {
		return nil, err
	}
	known := double.Portal{Fields: make(map[int][]plan.Field), Pointed: make(map[int][]plan.PointingField)}
	if len(doubles) > 0 {
		err = errors.Join(r.readRecords(ctx, doubles, &known), r.readLinks(ctx, doubles, &known))
	}
	for _, ch := range double.Plan(doubles, known) {
		err = errors.Join(err, out.Append(&ch))
	}
	out.Sort()
	p.Titles, p.Notes = state.Meta.Titles(), r.notes
	return p, err
}

// A repairer reads what mending doubles needs.
type repairer struct {
	fetcher  *fetcher
	gone     *remove.Reader
	computer *computer
	notes    []plan.Note
}

// find looks for marks of the project that several records carry.
func (r *repairer) find(ctx context.Context) (out []double.Double, err error) {
	f := r.fetcher
	if err := r.gone.ReadForeignStores(ctx); err != nil {
		return nil, err
	}
	scopes := r.gone.PruneScopes(f.Set.Resources)
	for _, s := range append(scopes, r.gone.OtherScopes(scopes)...) {
		found, err := r.gone.ScanMarked(ctx, s)
		var no *kind.Refusal
		if errors.As(err, &no) && no.Scope != kind.ScopeCredential {
			r.notes = append(r.notes, plan.Note{Code: "DOUBLES_UNREAD", Message: value.Say("doubles-unread", s.Kind.Arg("kinds"), value.M("why", no.Says()))})
			continue
		}
		if err != nil {
			return nil, value.While(err, "looking-for-doubles", s.Kind.Arg("kinds"))
		}
		out = append(out, r.doublesAmong(s, found)...)
	}
	return out, nil
}

// doublesAmong groups records of one scope by their marks.
func (r *repairer) doublesAmong(s remove.Scope, found []remove.Undeclared) (out []double.Double) {
	byAddress := make(map[value.Address][]remove.Undeclared)
	for _, u := range found {
		byAddress[u.Resource.Address] = append(byAddress[u.Resource.Address], u)
	}
	maps.DeleteFunc(byAddress, func(_ value.Address, all []remove.Undeclared) bool { return len(all) < 2 })
	for _, address := range slices.Sorted(maps.Keys(byAddress)) {
		all := byAddress[address]
		slices.SortFunc(all, func(a, b remove.Undeclared) int { return cmp.Compare(a.Row.Int("id"), b.Row.Int("id")) })
		d := double.Double{Address: address, Facts: s.Kind, EntityTypeID: s.Type.EntityTypeID}
		d.Prevented, d.Hint = guard.Deletion(r.computer.Set, address)
		for _, owner := range r.fetcher.Owners() {
			if mark := r.fetcher.Slot(all[0].Resource, s.Type).Mark(owner, address.Name()); plan.Carries(all[0].Row, mark) {
				d.Mark = mark
			}
		}
		for _, u := range all {
			d.Records = append(d.Records, double.Record{Row: u.Row})
		}
		out = append(out, d)
	}
	return out
}

// readRecords reads the records whole, and compares those that are declared.
func (r *repairer) readRecords(ctx context.Context, doubles []double.Double, known *double.Portal) error {
	f := r.fetcher
	w := kind.Wanted{Kinds: f.Meta.Kinds}
	for _, d := range doubles {
		if _, asked := known.Fields[d.EntityTypeID]; d.EntityTypeID != 0 && !asked {
			known.Fields[d.EntityTypeID] = nil
			w.Entities = append(w.Entities, kind.WantedEntity{EntityTypeID: d.EntityTypeID})
		}
	}
	names, err := f.asker.Names(ctx, w)
	if err != nil {
		return value.While(err, "reading-fields-of-marks")
	}
	for entity := range known.Fields {
		known.Fields[entity] = fieldsOf(f.Meta.KindOf(entity), f.Meta.Kinds, names.Fields[entity])
	}
	var searches []kind.Search
	var asked []*double.Double
	for i := range doubles {
		d := &doubles[i]
		for part := range slices.Chunk(d.Records, ask.Keys) {
			searches, asked = append(searches, wholeSearch(d, part, known.Fields[d.EntityTypeID])), append(asked, d)
		}
	}
	err = f.asker.Rows(ctx, searches, "reading-doubles", func(i int, rows []kind.Row) error {
		for _, row := range rows {
			at := slices.IndexFunc(asked[i].Records, func(one double.Record) bool { return one.Int("id") == row.Int("id") })
			if at >= 0 {
				asked[i].Records[at].Row = row
			}
		}
		return nil
	}, func(i int, no *kind.Refusal) { asked[i].Prevented = no.Says() })
	for i := range doubles {
		r.compare(&doubles[i])
	}
	return err
}

// fieldsOf lists what a person may have set on a record.
func fieldsOf(k *kind.Kind, kinds *kind.Table, live kind.LiveFields) (out []plan.Field) {
	for _, rule := range k.Fields {
		if rule.Multi != "" {
			out = append(out, plan.Field{Name: rule.Name, Type: rule.ValueType(), Wire: kind.ContactsField})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(live.ByName)) {
		field := live.ByName[name]
		typ := field.ValueType(kinds)
		if _, ok := value.CodecOf(typ); ok && !field.ReadOnly && name != kind.ContactsField {
			out = append(out, plan.Field{Name: name, Type: typ, Wire: name})
		}
	}
	return out
}

// wholeSearch asks for some records with all that they hold.
func wholeSearch(d *double.Double, part []double.Record, fields []plan.Field) kind.Search {
	s := kind.Search{Store: kind.Store{Kind: d.Facts, EntityTypeID: d.EntityTypeID}}
	if place := plan.PlaceOf(d.Facts, part[0].Row); place != nil {
		s.Store.Iblock = value.IDNumber(place.Catalogue)
	}
	columns := map[string]bool{"id": true}
	if d.Facts.Class == kind.ClassRecord {
		for _, name := range []string{kind.SavedTime, "createdBy", "updatedBy", "lastActivityBy"} {
			columns[name] = true
		}
	}
	for _, f := range fields {
		if s.Contacts = s.Contacts || f.Multi(); f.Multi() {
			continue
		}
		for _, name := range kind.ColumnsOf(f.Type, f.Wire) {
			columns[name] = true
		}
	}
	for _, name := range slices.Concat(slices.Concat(d.Facts.Titles...), d.Facts.Review) {
		columns[name] = true
	}
	for _, m := range d.Mark {
		columns[m.Wire] = true
	}
	ids := make([]int, len(part))
	for i, one := range part {
		ids[i] = one.Int("id")
	}
	s.Where = []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: kind.AnyID(ids)}}
	s.Columns = slices.Sorted(maps.Keys(columns))
	return s
}

// compare notes which declared fields of the records of a double hold what is declared.
func (r *repairer) compare(d *double.Double) {
	c := r.computer
	of := c.Set.Lookup(d.Address)
	if of == nil || of.Kind.Class != kind.ClassRecord {
		return
	}
	t := c.TypeOf(of)
	targets, _ := c.TargetsIn(&declared.TargetRoom{}, of, t)
	for i := range d.Records {
		one := &d.Records[i]
		one.Agreed = make(map[string]bool)
		s := c.Scope(t)
		s.IDs = c.live
		c.ChoosePipeline(s, targets, one.Row)
		for k := range targets {
			if _, differs, err := declared.Compare(s, &targets[k], one.Row); err == nil && !differs {
				one.Agreed[columnOf(&targets[k])] = true
			}
		}
	}
}

// columnOf names a declared field as the portal does; a sort of contact data by itself.
func columnOf(tg *declared.Target) string {
	if tg.Wire == kind.ContactsField {
		return tg.Name
	}
	return tg.Wire
}

// readLinks reads what points at the records that do not stay.
func (r *repairer) readLinks(ctx context.Context, doubles []double.Double, known *double.Portal) error {
	f := r.fetcher
	pointing, err := r.gone.PointingFields(ctx)
	if err != nil {
		return err
	}
	var queries []remove.PointerQuery
	for _, field := range pointing {
		known.Pointed[field.Target] = append(known.Pointed[field.Target], plan.PointingField{EntityTypeID: field.EntityTypeID, Wire: field.Name, Multiple: field.Multiple})
		var ids []int
		for _, d := range doubles {
			for _, one := range d.Records[1:] {
				if d.EntityTypeID == field.Target {
					ids = append(ids, one.Int("id"))
				}
			}
		}
		for part := range slices.Chunk(ids, ask.Keys) {
			queries = append(queries, remove.PointerQuery{PointingField: field, IDs: part})
		}
	}
	searches := make([]kind.Search, len(queries))
	for i, q := range queries {
		searches[i] = q.Search(f.Meta)
		k := f.Meta.KindOf(q.EntityTypeID)
		searches[i].Columns = slices.Concat(searches[i].Columns, kind.ColumnsOf(q.Type, q.Name), slices.Concat(k.Titles...), []string{kind.SavedTime})
		slices.Sort(searches[i].Columns)
		searches[i].Columns = slices.Compact(searches[i].Columns)
	}
	err = f.asker.Rows(ctx, searches, "counting-pointers", func(i int, rows []kind.Row) error {
		q := queries[i]
		for _, row := range rows {
			known.Links = append(known.Links, double.Link{Facts: f.Meta.KindOf(q.EntityTypeID), EntityTypeID: q.EntityTypeID, Row: row, Target: q.Target, ReadOnly: q.ReadOnly,
				Field: plan.Field{Name: q.Name, Type: q.Type, Wire: q.Name, Label: f.Meta.Label(q.EntityTypeID, q.Name)}})
		}
		return nil
	}, func(i int, no *kind.Refusal) { r.gone.Uncounted(f.Meta.Plural(queries[i].EntityTypeID)) })
	known.Unread = f.state.Uncounted
	return err
}
