package review

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Cause is changes that are alike: they do the same to the same fields of one kind.
type Cause struct {
	Index   int
	Kind    string
	Action  plan.Action
	Status  apply.Status // "" before a run
	Count   int
	Unusual int // how many of them are unlike the others
	Alike   int // beside how many a record of the portal looks the same
	Columns []*Column
	Samples []int  // indexes of changes: what is unusual first, then drawn by the digest
	Digest  string // of all that is done, in hex

	group *group
	from  int // in the order of the review
	flags Flag
	usual float64 // the median of its amounts; NaN without one
}

// Has tells whether any change of the cause has a flag.
func (c *Cause) Has(f Flag) bool { return c.flags&f != 0 }

// The ranks of causes: what is looked at first.
const (
	rankFailed = iota
	rankDeletion
	rankDoubtful // it cannot be undone wholly, or all of it is unusual
	rankHeld
	rankOther
)

// danger ranks a cause among those that people look at.
func (c *Cause) danger() int {
	switch {
	case c.Status != "" && c.Status != apply.Succeeded && c.Status != apply.Unchanged && c.Status != apply.Kept && c.Status != apply.NotAttempted:
		return rankFailed
	case c.Action == plan.Delete:
		return rankDeletion
	case c.Action == plan.Refuse:
		return rankHeld
	case c.Has(Lasting) || c.Unusual == c.Count:
		return rankDoubtful
	}
	return rankOther
}

// Facts is the first change of the cause, without its fields.
func (c *Cause) Facts() *plan.Change { return c.group.facts }

// Outcome is that of the first change, if it says more than its status; else nil.
func (c *Cause) Outcome() *apply.Outcome { return c.group.outcome }

// Sums are the amounts that go with what is deleted, by currency.
func (c *Cause) Sums() []Sum { return c.group.sums }

// Writers are at most four users who saved last what is overwritten.
func (r *Review) Writers(c *Cause) []string {
	var out []string
	for _, w := range c.group.writers {
		out = append(out, r.Show(w))
	}
	return out
}

// Column finds a column by the name of its field; nil if there is none.
func (c *Cause) Column(name string) *Column {
	if i := slices.IndexFunc(c.Columns, func(x *Column) bool { return x.Name == name }); i >= 0 {
		return c.Columns[i]
	}
	return nil
}

func (c *Cause) currency() string {
	for _, x := range c.Columns {
		if x.Currency != "" {
			return x.Currency
		}
	}
	return ""
}

// Constant tells whether all changes do exactly the same.
func (c *Cause) Constant() bool {
	return len(c.Columns) > 0 && !slices.ContainsFunc(c.Columns, func(x *Column) bool { return !x.Constant })
}

// How many samples a cause has, and how many of them may be unusual.
const (
	samples    = 5
	oddSamples = 3
)

// sample draws the samples of every cause: always the same ones of the same changes.
func (r *Review) sample() {
	for _, c := range r.Causes {
		members := r.Members(c)
		for _, i := range members[:min(oddSamples, c.Unusual)] {
			c.Samples = append(c.Samples, int(i))
		}
		rest := members[c.Unusual:]
		for _, k := range drawn(len(rest), samples-len(c.Samples), c.Digest) {
			c.Samples = append(c.Samples, int(rest[k]))
		}
	}
}

// drawn gives n numbers below size, in their order, drawn by a digest.
func drawn(size, n int, digest string) []int {
	if size <= n {
		n = size
	}
	var seed [32]byte
	_, _ = hex.Decode(seed[:], []byte(digest)) // it is hex of that length
	random, picked := rand.New(rand.NewChaCha8(seed)), make(map[int]bool)
	for len(picked) < n {
		picked[random.IntN(size)] = true
	}
	out := make([]int, 0, n)
	for k := range picked {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// shownColumns is how many fields a sentence names.
const shownColumns = 6

// Sentence says what a cause does.
func (r *Review) Sentence(c *Cause) value.Message {
	why := c.group.facts.Reason.Message
	switch {
	case c.group.outcome != nil && !c.group.outcome.Error.IsZero():
		return c.group.outcome.Error
	case c.Action == plan.Delete:
		return why.Or(value.Say("cause-deleted"))
	case c.Action == plan.Refuse:
		return why
	case c.Action == plan.Create:
		return value.Say("cause-created", value.L("fields", r.labels(c)))
	case len(c.Columns) == 0 && c.Action == plan.Adopt:
		return value.Say("cause-adopted", value.M("why", why))
	case len(c.Columns) == 0:
		return value.Say("cause-parts")
	}
	var parts []value.Message
	for i, x := range c.Columns {
		if i == shownColumns {
			parts = append(parts, value.Say("and-more", value.N("n", len(c.Columns)-i)))
			break
		}
		parts = append(parts, r.phrase(c, x))
	}
	return value.Say("cause-changed", value.Ms("fields", parts))
}

func (r *Review) labels(c *Cause) []string {
	var out []string
	for i, x := range c.Columns {
		if i == shownColumns {
			return append(out, r.Words.Text(value.Say("and-more", value.N("n", len(c.Columns)-i))))
		}
		out = append(out, r.Label(x))
	}
	return out
}

// Label is what people call the field of a column.
func (r *Review) Label(x *Column) string {
	if name, between := (&plan.Field{Name: x.Name}).Between(); between {
		if x.Label != x.Name {
			name = x.Label
		}
		return r.Pass(r.Words.Text(value.Say("field-in-between", value.T("field", name))))
	}
	return r.Pass(x.Label)
}

// phrases are what becomes of a field where that differs from change to change.
var phrases = map[Class]string{Filled: "field-filled", Emptied: "field-emptied", Respelt: "field-respelt", Changed: "field-changed"}

// phrase says what becomes of a field, with its values if they are the same in all changes.
func (r *Review) phrase(c *Cause, x *Column) value.Message {
	label := value.T("field", r.Label(x))
	first := c.group.firstCell[x.Name]
	switch {
	case x.Class == Respelt || !x.Constant || x.Shape == Text || x.Shape == Rows || first == nil:
		return value.Say(phrases[x.Class], label)
	case x.Shape == List:
		cell := &Cell{Column: x, Class: x.Class}
		r.list(cell, first)
		var signed []string
		for _, s := range cell.Gone {
			signed = append(signed, "−"+s)
		}
		for _, s := range cell.Come {
			signed = append(signed, "+"+s)
		}
		return value.Say("field-entries", label, value.L("entries", signed))
	}
	return value.Say("field-from-to", label, value.M("before", r.either(x, first.Before)), value.M("after", r.either(x, first.After)))
}

// either is a value, or that there is none.
func (r *Review) either(x *Column, v value.Shown) value.Message {
	switch text := r.Show(v); {
	case v.IsEmpty():
		return value.Say("no-value-at-all")
	case x.Shape == Money && isNumber(v.Text):
		return value.Verbatim(r.Pass(r.Words.Amount(v.Text, currencyOf(v))))
	default:
		return value.Verbatim(text)
	}
}
