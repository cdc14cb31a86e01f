package alike

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/ask"
	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// askContacts asks which records have phones or e-mails.
func (l *looker) askContacts(ctx context.Context, all []*resemblance) error {
	asked := l.contactSearches(all)
	answers, err := l.asker.Contacts(ctx, asked)
	if l.refuses(err, &textList{all: all}) {
		return nil
	}
	if err != nil {
		return value.While(err, "looking-for-same-phone-or-email")
	}
	full := make(map[contactPlace]bool)
	for _, a := range answers {
		at := kind.Store{Kind: a.Kind, EntityTypeID: a.Kind.EntityTypeID}
		for _, v := range a.Values {
			full[contactPlace{at, a.TypeID, v}] = a.Full
		}
		for _, id := range a.IDs {
			l.name(at, id)
		}
	}
	for _, q := range all {
		q.full = slices.ContainsFunc(q.spelt, func(v string) bool { return full[contactPlace{q.at, q.multi, v}] })
	}
	return nil
}

// A contactPlace is a phone or an e-mail that records of one kind may have.
type contactPlace struct {
	at           kind.Store
	multi, value string
}

// A contactValue is a normalised phone or e-mail of one place and sort.
type contactValue struct{ sort, normal string }

// contactGap is gap of a phone or an e-mail: few are looked for that a batch does not carry.
func (l *looker) contactGap(q *resemblance) Gap {
	of, alone := l.room(q), 0
	for _, v := range q.spelt {
		if l.takesOne(q, []any{v}) {
			alone++
		}
	}
	switch {
	case l.All:
	case of.alone+alone > aloneMost*aloneContacts && alone > 0:
		return GapAlone
	case of.values+len(q.spelt) > lookBound:
		return GapBound
	}
	of.alone, of.values = of.alone+alone, of.values+len(q.spelt)
	of.note(q)
	return 0
}

// contactSearches asks for phones and e-mails of each kind.
func (l *looker) contactSearches(all []*resemblance) (out []kind.ContactSearch) {
	at := make(map[*room]int)
	for _, q := range all {
		i, known := at[l.room(q)]
		if !known {
			i = len(out)
			at[l.room(q)], out = i, append(out, kind.ContactSearch{Kind: q.at.Kind, TypeID: q.multi, All: l.All})
		}
		out[i].Values = append(out[i].Values, q.spelt...)
	}
	return out
}

// readNamed reads the records that were named, and gives them to what they resemble.
func (l *looker) readNamed(ctx context.Context, contacts []*resemblance) error {
	index := make(map[contactValue][]*resemblance)
	for _, q := range contacts {
		key := contactValue{fmt.Sprint(q.at.Number(), q.multi), q.normal}
		index[key] = append(index[key], q)
	}
	var searches []kind.Search
	var of []kind.Store
	for _, at := range slices.SortedFunc(maps.Keys(l.named), func(a, b kind.Store) int { return a.Number() - b.Number() }) {
		for ids := range slices.Chunk(slices.Sorted(maps.Keys(l.named[at])), ask.Keys) {
			for _, s := range l.searchesAt(at, []kind.Condition{{Field: "id", Test: kind.AnyOf, Values: kind.AnyID(ids)}}, true) {
				searches, of = append(searches, s), append(of, at)
			}
		}
	}
	for block, err := range l.asker.Find(ctx, slices.Values(searches)) {
		if err != nil {
			return value.While(err, "reading-look-alikes")
		}
		for i, a := range block.Answers {
			at := of[block.First+i]
			if a.Refused != nil {
				l.missNamed(at, contacts)
				continue
			}
			for _, row := range a.Rows {
				sure := l.named[at][row.Int("id")]
				if len(sure) == 0 && row[kind.ContactsField] == nil { // it has some
					hideAll(in(at, contacts))
				}
				for _, q := range append(l.contactsOf(index, at, row), sure...) {
					q.take(row.Clone()) // the next block uses the row again
				}
			}
		}
	}
	return nil
}

// missNamed notes that named records of one place are hidden: what resembles them may have
// been among them.
func (l *looker) missNamed(at kind.Store, contacts []*resemblance) {
	for _, all := range l.named[at] {
		l.miss(GapHidden, all...)
	}
	l.miss(GapHidden, in(at, contacts)...)
}

// in picks the resemblances of one place.
func in(at kind.Store, all []*resemblance) []*resemblance {
	return slices.DeleteFunc(slices.Clone(all), func(q *resemblance) bool { return q.at != at })
}

// contactsOf gives what a row resembles by its phones and e-mails, each once.
func (l *looker) contactsOf(index map[contactValue][]*resemblance, at kind.Store, row kind.Row) (out []*resemblance) {
	for _, typeID := range []string{"PHONE", "EMAIL"} {
		t := l.View.Multifield(typeID)
		for _, c := range declared.ContactsIn(t, row) {
			for _, q := range index[contactValue{fmt.Sprint(at.Number(), typeID), t.Normal(c.Text)}] {
				if !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}
