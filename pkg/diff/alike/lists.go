package alike

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// lookBound is how many texts, tax ids, or spellings of phones or e-mails are asked for of
	// each likeness of one entity type: as many as one request carries.
	lookBound = ask.Keys * ask.Searches
	// lookMost is how many searches of texts and tax ids there are in all.
	lookMost = 10 * ask.Searches
	// aloneMost is how many searches there are of each sort that share no request with others:
	// a batch does not carry every text. One for phones or e-mails carries aloneContacts.
	aloneMost     = 2
	aloneContacts = kind.ContactsShown - 1
	// lookAgain is how many texts are asked for once more, each by itself, since what has a
	// frequent one hid what has another.
	lookAgain = 2 * ask.Searches
	// scanBound is how many records of one entity type are read at most, to compare all of
	// them, where asking for values would take fewer requests.
	scanBound = 50_000
)

// Look looks for records that look like what the plan creates. Errors are the portal's.
func Look(ctx context.Context, portal ask.Portal, q Question) (Found, error) {
	l := &looker{Question: q, asker: portal, named: make(map[kind.Store]map[int][]*resemblance), slots: make(map[kind.Store]declared.Slot), rooms: make(map[roomKey]*room),
		found: Found{Records: make(map[value.Address][]Lookalike)}}
	all := &resemblances{known: make(map[string]*resemblance), take: l.gap, beyond: l.beyond, miss: l.missCreates}
	l.resemblances(all)
	texts, contacts := l.sort(all.all)
	if err := l.scanTexts(ctx, texts); err != nil {
		return Found{}, err
	}
	if err := l.askLists(ctx, l.lists(texts)); err != nil {
		return Found{}, err
	}
	if err := l.askContacts(ctx, contacts); err != nil {
		return Found{}, err
	}
	if err := l.readNamed(ctx, contacts); err != nil {
		return Found{}, err
	}
	l.conclude(texts, contacts)
	return l.found, nil
}

// A looker looks for what resembles something.
type looker struct {
	Question
	asker   ask.Portal
	found   Found
	named   map[kind.Store]map[int][]*resemblance // records of which more is to be read, and those that they look like for sure
	slots   map[kind.Store]declared.Slot
	rooms   map[roomKey]*room
	targets declared.TargetRoom // for the targets of one create
}

// A room is how much of one sort is looked for.
type room struct {
	resemblances, values, alone int
	written                     map[string]bool // texts that were taken, as they are declared, but for case and outer blanks
}

// A roomKey is equal for what is looked for in the same way.
type roomKey struct {
	number                int // of the store
	column, multi, fields string
	alone                 bool
}

// room is that of what is looked for in the same way.
func (l *looker) room(q *resemblance) *room {
	key := roomKey{q.at.Number(), q.column, q.multi, strings.Join(q.fields, " "), q.alone}
	if l.rooms[key] == nil {
		l.rooms[key] = &room{written: make(map[string]bool)}
	}
	return l.rooms[key]
}

// gap tells why a resemblance goes beyond the bound of its sort; if it does not, it takes its
// place there.
func (l *looker) gap(q *resemblance) Gap {
	if q.multi != "" {
		return l.contactGap(q)
	}
	q.alone = l.isAlone(q)
	of := l.room(q)
	if of.resemblances == lookBound && !l.All {
		return gapOf(q.alone)
	}
	of.resemblances++
	of.note(q)
	return 0
}

// note notes what was taken as it is declared.
func (of *room) note(q *resemblance) {
	for _, key := range q.written() {
		of.written[key] = true
	}
}

// beyond tells why what is declared goes beyond the bound of its sort, without finding out what
// would be asked for: most of a large plan does. It is 0 if there is room, or if something
// that is written alike was taken.
func (l *looker) beyond(q resemblance, like kind.Likeness) Gap {
	if l.All || len(q.as) == 0 {
		return 0
	}
	q.fields = like.Fields
	of := l.room(&q)
	full := of.resemblances == lookBound
	if q.multi != "" {
		full = of.values == lookBound
	}
	taken := func(key string) bool { return of.written[key] }
	if !full || slices.ContainsFunc(q.written(), taken) || l.takesOne(&q, anyText(q.as)) {
		return 0
	}
	return GapBound
}

// written gives what a resemblance is told by from what is written in another way: its texts, or each
// phone or e-mail, but for case and outer blanks.
func (q *resemblance) written() []string {
	if q.multi != "" {
		return q.as
	}
	return []string{strings.Join(q.as, "\x00")}
}

// A family are resemblances of one sort, which one search can ask for.
type family struct {
	all     []*resemblance
	alone   bool // its searches share no request with others
	scanned bool // every record was compared
}

// sort parts resemblances by how they are looked for.
func (l *looker) sort(all []*resemblance) (texts []*family, contacts []*resemblance) {
	known := make(map[string]*family)
	for _, q := range all {
		l.slots[q.at] = q.slot
		if q.multi != "" {
			contacts = append(contacts, q)
			continue
		}
		key := fmt.Sprint(q.at.Number(), q.column, q.fields, q.alone)
		if known[key] == nil {
			known[key] = &family{alone: q.alone}
			texts = append(texts, known[key])
		}
		known[key].all = append(known[key].all, q)
	}
	return texts, contacts
}

// isAlone tells whether a search for a resemblance shares no request with others.
func (l *looker) isAlone(q *resemblance) bool {
	for _, spelt := range q.spellings() {
		if len(spelt) > 0 && l.takesOne(q, spelt) {
			return true
		}
	}
	return false
}

// takesOne tells whether a search for texts shares no request with others, whatever field they
// are looked for in.
func (l *looker) takesOne(q *resemblance, texts []any) bool {
	return l.asker.Alone(kind.Search{Store: q.at, Where: []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: texts}}})
}

// gapOf is why what shares no request with others, or does, is left out.
func gapOf(alone bool) Gap {
	if alone {
		return GapAlone
	}
	return GapBound
}

// A textList is one search, for the resemblances that it asks for.
type textList struct {
	all    []*resemblance
	values [][]any // of each text; of tax ids one
}

// spellings gives what is asked for of each text.
func (q *resemblance) spellings() [][]any {
	if q.column != "" {
		return [][]any{anyText(q.spelt)}
	}
	var out [][]any
	for _, t := range q.texts {
		out = append(out, t.spelt)
	}
	return out
}

func anyText(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// add adds a resemblance if there is room for its values.
func (t *textList) add(q *resemblance) bool {
	before := make([]int, len(t.values))
	for i, more := range q.spellings() {
		before[i] = len(t.values[i])
		for _, v := range more {
			if !slices.Contains(t.values[i], v) {
				t.values[i] = append(t.values[i], v)
			}
		}
		if len(t.values[i]) > ask.Keys && len(t.all) > 0 {
			for k := range i + 1 {
				t.values[k] = t.values[k][:before[k]]
			}
			return false
		}
	}
	t.all = append(t.all, q)
	return true
}

// lists puts the resemblances of families into searches, as far as the bound allows.
func (l *looker) lists(families []*family) (out []*textList) {
	for _, f := range families {
		if !f.scanned {
			out = l.listsOf(f, out)
		}
	}
	return out
}

// listsOf adds the searches of one family.
func (l *looker) listsOf(f *family, to []*textList) []*textList {
	before := len(to)
	for i, q := range f.all {
		if len(to) > before && to[len(to)-1].add(q) {
			continue
		}
		if !l.All && (f.alone && len(to)-before == aloneMost || len(to) >= lookMost) {
			l.miss(gapOf(f.alone), f.all[i:]...)
			break
		}
		list := &textList{values: make([][]any, len(q.spellings()))}
		list.add(q)
		to = append(to, list)
	}
	return to
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
	for _, at := range l.View.Stores(of.Kind, of.EntityTypeID) {
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
		return nil, value.While(err, "looking-for-look-alikes")
	}
	for i, a := range answers {
		t := asked[i]
		if a.Refused != nil {
			l.miss(GapHidden, t.all...)
			continue
		}
		l.takeRows(t.all, a.Rows)
		if a.Total > len(a.Rows) || len(a.Rows) > ask.Keys {
			hidden = append(hidden, slices.DeleteFunc(slices.Clone(t.all), func(q *resemblance) bool { return len(q.rows) > 0 || slices.Contains(hidden, q) })...)
		}
	}
	return hidden, nil
}

// takeRows gives rows to the resemblances that they have; those of requisites name records
// that are read.
func (l *looker) takeRows(all []*resemblance, rows []kind.Row) {
	for _, row := range rows {
		if !all[0].isShown(row) {
			hideAll(all)
			continue
		}
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

// hideAll notes that nobody can tell whether a record looks the same.
func hideAll(all []*resemblance) {
	for _, q := range all {
		q.hidden = true
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
func (l *looker) scanTexts(ctx context.Context, families []*family) error {
	if !l.All {
		return nil
	}
	for _, f := range families {
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
			return value.While(err, "counting-kinds", first.at.Kind.Arg("kinds"))
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
				return false, value.While(err, "comparing-all-kinds", s.Store.Kind.Arg("kinds"))
			}
			alike := index[value.Folded(row.Text(all[0].texts[0].wire))]
			if !all[0].isShown(row) {
				alike = all
			}
			if len(alike) > 0 {
				l.takeRows(alike, []kind.Row{row})
			}
		}
	}
	return true, nil
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
		l.missCreates(why, q.creates...)
	}
}

func (l *looker) missCreates(why Gap, all ...*spec.Resource) {
	if l.found.Unlooked == nil {
		l.found.Unlooked = make(map[value.Address]Gap)
	}
	for _, r := range all {
		l.found.Unlooked[r.Address] = max(why, l.found.Unlooked[r.Address])
	}
}

// conclude puts what was found into the state.
func (l *looker) conclude(families []*family, contacts []*resemblance) {
	for _, f := range append(families, &family{all: contacts}) {
		for _, q := range f.all {
			switch {
			case len(q.rows) > 0:
			case q.hidden:
				l.miss(GapHidden, q)
			case q.full:
				l.miss(GapMany, q)
			}
			for _, r := range q.creates {
				for _, row := range q.rows {
					l.found.Records[r.Address] = append(l.found.Records[r.Address], Lookalike{By: q.fields, Row: row})
				}
			}
		}
	}
}
