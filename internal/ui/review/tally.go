package review

import (
	"cmp"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A KindCount says how much changes of one kind.
type KindCount struct {
	Kind    string
	Plural  value.Message // what people call its records
	Actions map[plan.Action]int
	Fields  int          // how many are set, in all records
	Most    []FieldCount // the most changed
}

// A FieldCount says how often a field is set.
type FieldCount struct {
	Label string
	Count int
}

// A KeptCount counts differences of one field that stay, since people own it.
type KeptCount struct {
	Kind, Field string
	Plural      value.Message
	Count       int
	Why         value.Message
}

// mostFields is how many fields of a kind are named.
const mostFields = 4

// A tally counts while changes are looked at.
type tally struct {
	byKind map[string]*kindTally
	order  []*kindTally
	keeps  []*KeptCount
}

type kindTally struct {
	KindCount
	labels map[string]int
}

func (t *tally) begin() { t.byKind = make(map[string]*kindTally) }

func (t *tally) add(c *plan.Change) {
	k := t.byKind[c.Kind]
	if k == nil {
		k = &kindTally{KindCount{Kind: c.Kind, Plural: Plural(c), Actions: make(map[plan.Action]int)}, make(map[string]int)}
		t.byKind[c.Kind], t.order = k, append(t.order, k)
	}
	k.Actions[c.Action]++
	if c.Action == plan.Delete || c.Action == plan.Refuse {
		return
	}
	k.Fields += len(c.Fields)
	for i := range c.Fields {
		k.labels[cmp.Or(c.Fields[i].Label, c.Fields[i].Name)]++
	}
}

// Plural is what people call the records of a change's kind.
func Plural(c *plan.Change) value.Message {
	if c.Facts == nil || c.CreatesField() {
		return value.Verbatim(c.Kind)
	}
	return value.Say("all-of-kind", value.K("kinds", c.Facts.Name, c.Facts.Plural))
}

// Heading is Plural as it begins a line.
func (r *Review) Heading(c *plan.Change) string {
	text := r.Say(Plural(c))
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

func (t *tally) kept(c *plan.Change) {
	for i := range c.Kept {
		f := &c.Kept[i]
		at := slices.IndexFunc(t.keeps, func(k *KeptCount) bool {
			return k.Kind == c.Kind && k.Field == cmp.Or(f.Label, f.Name) && k.Why.Equal(f.Note)
		})
		if at < 0 {
			at = len(t.keeps)
			t.keeps = append(t.keeps, &KeptCount{Kind: c.Kind, Field: cmp.Or(f.Label, f.Name), Plural: Plural(c), Why: f.Note})
		}
		t.keeps[at].Count++
	}
}

// kinds are the kinds, the most changed first.
func (t *tally) kinds() []KindCount {
	var out []KindCount
	for _, k := range t.order {
		for label, n := range k.labels {
			k.Most = append(k.Most, FieldCount{label, n})
		}
		slices.SortFunc(k.Most, func(a, b FieldCount) int { return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Label, b.Label)) })
		k.Most = k.Most[:min(mostFields, len(k.Most))]
		out = append(out, k.KindCount)
	}
	slices.SortStableFunc(out, func(a, b KindCount) int { return cmp.Compare(b.Fields, a.Fields) })
	return out
}

func (t *tally) keptFields() []KeptCount {
	var out []KeptCount
	for _, k := range t.keeps {
		out = append(out, *k)
	}
	slices.SortStableFunc(out, func(a, b KeptCount) int { return cmp.Compare(b.Count, a.Count) })
	return out
}
