package diff

import (
	"fmt"
	"slices"
)

// A family are resemblances of one sort, which one search can ask for.
type family struct {
	all     []*resemblance
	alone   bool        // its searches share no request with others
	scanned bool        // every record was compared
	lists   []*textList // its searches
	values  int         // of contacts: how many are asked for
}

// take puts a resemblance where others are that are looked for in the same way. It is false
// if it goes beyond the bound of these.
func (l *looker) take(q *resemblance) bool {
	l.slots[q.at] = q.slot
	if q.multi != "" {
		f := l.family(fmt.Sprint(q.at.Number(), " ", q.multi), &l.contacts)
		if !l.lookAll && f.values+len(q.spelt) > lookBound {
			return false
		}
		f.all, f.values = append(f.all, q), f.values+len(q.spelt)
		return true
	}
	alone := l.isAlone(q)
	f := l.family(fmt.Sprint(q.at.Number(), q.column, q.fields, alone), &l.texts)
	f.alone = alone
	if n := len(f.lists); n == 0 || !f.lists[n-1].add(q) {
		if !l.lookAll && n == f.most() {
			return false
		}
		list := &textList{values: make([][]any, len(q.spellings()))}
		list.add(q)
		f.lists = append(f.lists, list)
	}
	f.all = append(f.all, q)
	return true
}

// family finds the family of a name, or puts a new one behind others.
func (l *looker) family(name string, others *[]*family) *family {
	f := l.families[name]
	if f == nil {
		f = &family{}
		l.families[name], *others = f, append(*others, f)
	}
	return f
}

// isAlone tells whether a search for a resemblance shares no request with others.
func (l *looker) isAlone(q *resemblance) bool {
	one := &textList{values: make([][]any, len(q.spellings()))}
	one.add(q)
	return slices.ContainsFunc(l.searches(one), l.asker.Alone)
}

// most is how many searches a family may take.
func (f *family) most() int {
	if f.alone {
		return aloneMost
	}
	return requestSize
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
	spellings := q.spellings()
	if len(t.all) > 0 {
		for i, more := range spellings {
			room := lookupSize - len(t.values[i])
			for _, v := range more {
				if !slices.Contains(t.values[i], v) {
					room--
				}
			}
			if room < 0 {
				return false
			}
		}
	}
	for i, more := range spellings {
		for _, v := range more {
			if !slices.Contains(t.values[i], v) {
				t.values[i] = append(t.values[i], v)
			}
		}
	}
	t.all = append(t.all, q)
	return true
}

// lists gives the searches of all families, as far as the bound on all of them allows.
func (l *looker) lists() (out []*textList) {
	for _, f := range l.texts {
		for _, list := range f.lists {
			switch {
			case f.scanned:
			case !l.lookAll && len(out) >= lookMost:
				l.miss(GapBound, list.all...)
			default:
				out = append(out, list)
			}
		}
	}
	return out
}
