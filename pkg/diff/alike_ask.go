package diff

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// lookBound is how many values are asked for of each likeness of one entity type: as many
	// as one request carries.
	lookBound = lookupSize * requestSize
	// lookMost is how many searches of texts and tax ids there are in all.
	lookMost = 10 * requestSize
	// aloneMost is how many searches there are of each sort that share no request with others:
	// a batch does not carry every text.
	aloneMost = 2
	// lookAgain is how many texts are asked for once more, each by itself, since what has a
	// frequent one hid what has another.
	lookAgain = 2 * requestSize
	// scanBound is how many records of one entity type are read at most, to compare all of
	// them, where asking for values would take fewer requests.
	scanBound = 50_000
)

// readAlike looks for records that look like what the plan creates.
func (f *fetcher) readAlike(ctx context.Context) error {
	l := &looker{fetcher: f, named: make(map[kind.Store]map[int][]*resemblance), slots: make(map[kind.Store]slot), families: make(map[string]*family)}
	f.resemblances(&resemblances{known: make(map[string]*resemblance), take: l.take, miss: func(r *spec.Resource) { l.missCreate(GapBound, r) }})
	if err := l.scanTexts(ctx); err != nil {
		return err
	}
	if err := l.askLists(ctx, l.lists()); err != nil {
		return err
	}
	if err := l.askContacts(ctx); err != nil {
		return err
	}
	if err := l.readNamed(ctx); err != nil {
		return err
	}
	l.conclude()
	return nil
}

// A looker looks for what resembles something.
type looker struct {
	*fetcher
	named map[kind.Store]map[int][]*resemblance // records of which more is to be read, and those that they look like for sure
	slots map[kind.Store]slot

	families map[string]*family
	texts    []*family // of texts and tax ids, in the order in which they came
	contacts []*family // of phones and e-mails
}

// searches asks for the values of a list, in each place where its records may be.
func (l *looker) searches(t *textList) []kind.Search {
	first := t.all[0]
	if first.column != "" {
		return []kind.Search{{Store: first.at, Part: kind.RequisitesPart, Columns: []string{"ID", "ENTITY_ID", first.column},
			Where: []kind.Condition{{Field: first.column, Test: kind.AnyOf, Values: t.values[0]}}}}
	}
	var where []kind.Condition
	for i, text := range first.texts {
		if len(t.values[i]) == 0 {
			where = append(where, kind.Condition{Field: text.wire, Test: kind.Is, Values: []any{""}})
			continue
		}
		where = append(where, kind.Condition{Field: text.wire, Test: kind.AnyOf, Values: t.values[i]})
	}
	return l.searchesAt(first.at, where, false)
}

// searchesAt asks for what is needed of the records of a kind that meet conditions.
func (l *looker) searchesAt(of kind.Store, where []kind.Condition, contacts bool) (out []kind.Search) {
	columns := append([]string{"id"}, l.slots[of].AllWires()...)
	columns = append(columns, slices.Concat(of.Kind.Titles...)...)
	for _, like := range of.Kind.Alike {
		if like.Within != "" {
			columns = append(columns, like.Within)
		}
	}
	slices.Sort(columns)
	for _, at := range l.stores(of.Kind, of.EntityTypeID) {
		out = append(out, kind.Search{Store: at, Where: where, Columns: slices.Compact(columns), Contacts: contacts})
	}
	return out
}

// askLists asks for lists, and once more for texts of which other ones may have hidden what
// looks the same.
func (l *looker) askLists(ctx context.Context, lists []*textList) error {
	hidden, err := l.askOnce(ctx, lists)
	if err != nil {
		return err
	}
	var again []*textList
	for _, q := range hidden {
		if len(again) == lookAgain || q.column != "" || l.isAlone(q) {
			q.full = true
			continue
		}
		one := &textList{values: make([][]any, len(q.texts))}
		one.add(q)
		again = append(again, one)
	}
	hidden, err = l.askOnce(ctx, again)
	for _, q := range hidden {
		q.full = true
	}
	return err
}

// askOnce asks for lists, and gives what is not found in answers that are not whole.
func (l *looker) askOnce(ctx context.Context, lists []*textList) (hidden []*resemblance, err error) {
	var searches []kind.Search
	var asked []*textList
	for _, t := range lists {
		for _, s := range l.searches(t) {
			searches, asked = append(searches, s), append(asked, t)
		}
	}
	answers, err := l.asker.First(ctx, searches)
	if l.refuses(err, asked...) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for records that look the same: %w", err)
	}
	for i, a := range answers {
		t := asked[i]
		if a.Refused != nil {
			l.miss(GapHidden, t.all...)
			continue
		}
		l.takeRows(t.all, a.Rows)
		if a.Total > len(a.Rows) || len(a.Rows) > lookupSize {
			hidden = append(hidden, slices.DeleteFunc(slices.Clone(t.all), func(q *resemblance) bool { return len(q.rows) > 0 || slices.Contains(hidden, q) })...)
		}
	}
	return hidden, nil
}

// takeRows gives rows to the resemblances that they have; those of requisites name records
// that are read.
func (l *looker) takeRows(all []*resemblance, rows []kind.Row) {
	for _, row := range rows {
		look := all[0].lookOf(row)
		for _, q := range all {
			switch {
			case q.column == "" && q.looks(look):
				q.take(row)
			case q.column != "" && value.SameIdent(q.spelt[0], row.Text(q.column)):
				l.name(q.at, row.Int("ENTITY_ID"), q)
			}
		}
	}
}

// name notes that a record is to be read, and what it resembles.
func (l *looker) name(at kind.Store, id int, q ...*resemblance) {
	if l.named[at] == nil {
		l.named[at] = make(map[int][]*resemblance)
	}
	l.named[at][id] = append(l.named[at][id], q...)
}

// scanTexts compares all records of a kind, where all creates are to be looked at and that
// takes no more requests than asking for values, or few.
func (l *looker) scanTexts(ctx context.Context) error {
	if !l.lookAll {
		return nil
	}
	for _, f := range l.texts {
		first := f.all[0]
		if first.column != "" {
			continue
		}
		searches := l.searchesAt(first.at, nil, false)
		answers, err := l.asker.First(ctx, searches)
		if l.refuses(err) {
			continue // the search for values says so
		}
		if err != nil {
			return fmt.Errorf("count %s: %w", first.at.Kind.Plural, err)
		}
		total := 0
		for _, a := range answers {
			total += a.Total
		}
		if total <= max(scanBound, len(f.all)) {
			f.scanned, err = l.scan(ctx, f.all, searches)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scan compares all records with resemblances. It is false if the portal refuses.
func (l *looker) scan(ctx context.Context, all []*resemblance, searches []kind.Search) (bool, error) {
	index := make(map[string][]*resemblance)
	for _, q := range all {
		index[q.texts[0].folded] = append(index[q.texts[0].folded], q)
	}
	for _, s := range searches {
		for row, err := range l.asker.Scan(ctx, s) {
			if l.refuses(err) {
				return false, nil
			}
			if err != nil {
				return false, fmt.Errorf("compare all %s: %w", s.Store.Kind.Plural, err)
			}
			if alike := index[value.Folded(row.Text(all[0].texts[0].wire))]; len(alike) > 0 {
				l.takeRows(alike, []kind.Row{row})
			}
		}
	}
	return true, nil
}

// askContacts asks which records have phones or e-mails.
func (l *looker) askContacts(ctx context.Context) error {
	asked := make([]kind.ContactSearch, len(l.contacts))
	var all []*resemblance
	for i, f := range l.contacts {
		asked[i] = kind.ContactSearch{Kind: f.all[0].at.Kind, TypeID: f.all[0].multi}
		for _, q := range f.all {
			asked[i].Values = append(asked[i].Values, q.spelt...)
		}
		all = append(all, f.all...)
	}
	answers, err := l.asker.Contacts(ctx, asked)
	if l.refuses(err, &textList{all: all}) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for records with the same phone or e-mail: %w", err)
	}
	full := make(map[contactValue]bool)
	for _, a := range answers {
		for _, v := range a.Values {
			full[contactValue{a.TypeID, v}] = a.Full
		}
		for _, id := range a.IDs {
			l.name(kind.Store{Kind: a.Kind, EntityTypeID: a.Kind.EntityTypeID}, id)
		}
	}
	for _, q := range all {
		q.full = slices.ContainsFunc(q.spelt, func(v string) bool { return full[contactValue{q.multi, v}] })
	}
	return nil
}

// readNamed reads the records that were named, and gives them to what they resemble.
func (l *looker) readNamed(ctx context.Context) error {
	index := make(map[contactValue][]*resemblance)
	for _, q := range l.allContacts() {
		key := contactValue{fmt.Sprint(q.at.Number(), q.multi), l.multifield(q.multi).Normal(q.spelt[0])}
		index[key] = append(index[key], q)
	}
	var searches []kind.Search
	var of []kind.Store
	for _, at := range slices.SortedFunc(maps.Keys(l.named), func(a, b kind.Store) int { return a.Number() - b.Number() }) {
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(l.named[at])), lookupSize) {
			for _, s := range l.searchesAt(at, []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: anyOf(ids)}}, true) {
				searches, of = append(searches, s), append(of, at)
			}
		}
	}
	for block, err := range l.asker.Find(ctx, slices.Values(searches)) {
		if err != nil {
			return fmt.Errorf("read records that look the same: %w", err)
		}
		for i, a := range block.Answers {
			at := of[block.First+i]
			if a.Refused != nil {
				l.missNamed(at)
				continue
			}
			for _, row := range a.Rows {
				for _, q := range append(l.contactsOf(index, at, row), l.named[at][row.Int("id")]...) {
					q.take(row.Clone()) // the next block uses the row again
				}
			}
		}
	}
	return nil
}

// missNamed notes that named records of one place are hidden: what resembles them may have
// been among them.
func (l *looker) missNamed(at kind.Store) {
	for _, all := range l.named[at] {
		l.miss(GapHidden, all...)
	}
	for _, q := range l.allContacts() {
		if q.at == at {
			l.miss(GapHidden, q)
		}
	}
}

// contactsOf gives what a row resembles by its phones and e-mails, each once.
func (l *looker) contactsOf(index map[contactValue][]*resemblance, at kind.Store, row kind.Row) (out []*resemblance) {
	for _, typeID := range []string{"PHONE", "EMAIL"} {
		t := l.multifield(typeID)
		for _, c := range contactsIn(t, row) {
			for _, q := range index[contactValue{fmt.Sprint(at.Number(), typeID), t.Normal(c.Text)}] {
				if !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// refuses tells whether an error is the portal's refusal to show records, and notes that it
// does not tell of what some lists ask for. A refused credential is no such refusal.
func (l *looker) refuses(err error, lists ...*textList) bool {
	var refused *kind.Refusal
	if !errors.As(err, &refused) || refused.Scope == kind.ScopeCredential {
		return false
	}
	for _, t := range lists {
		l.miss(GapHidden, t.all...)
	}
	return true
}

// miss notes that creates were not looked at.
func (l *looker) miss(why Gap, all ...*resemblance) {
	for _, q := range all {
		for _, r := range q.creates {
			l.missCreate(why, r)
		}
	}
}

func (l *looker) missCreate(why Gap, r *spec.Resource) {
	if l.state.Unlooked == nil {
		l.state.Unlooked = make(map[value.Address]Gap)
	}
	l.state.Unlooked[r.Address] = max(why, l.state.Unlooked[r.Address])
}

// allContacts lists what is looked for by a phone or an e-mail.
func (l *looker) allContacts() (all []*resemblance) {
	for _, f := range l.contacts {
		all = append(all, f.all...)
	}
	return all
}

// conclude puts what was found into the state.
func (l *looker) conclude() {
	l.state.Alike = make(map[value.Address][]Lookalike)
	for _, f := range slices.Concat(l.texts, l.contacts) {
		for _, q := range f.all {
			if q.full && len(q.rows) == 0 {
				l.miss(GapMany, q)
			}
			for _, r := range q.creates {
				l.found(r, q)
			}
		}
	}
}

func (l *looker) found(r *spec.Resource, q *resemblance) {
	for _, row := range q.rows {
		if len(l.state.Alike[r.Address]) < mostAlike {
			l.state.Alike[r.Address] = append(l.state.Alike[r.Address], Lookalike{By: q.fields, Row: row})
		}
	}
}
