package review

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A group is what is known of changes that are alike, as they are looked at.
type group struct {
	first, count int // the index of the first change; how many there are
	kind         string
	facts        *plan.Change // the first one, without what it holds
	action       plan.Action
	status       apply.Status
	outcome      *apply.Outcome // of the first one, if it says more than its status
	columns      []*Column
	by           map[string]*Column
	writers      []value.Shown
	sums         []Sum
	sum          [4]uint64 // of the digests of the changes, so that their order does not matter
	into         *group    // what it became a part of
	largest      *group    // of those that set the same fields; nil where there is no other
	cause        *Cause
	firstCell    map[string]*plan.Field // the first of each field, as long as it is the same in all
	line         []byte                 // room
}

// A Sum is an amount of money.
type Sum struct {
	Amount   value.Decimal
	Currency string
}

func newGroup() *group {
	return &group{first: -1, by: make(map[string]*Column), firstCell: make(map[string]*plan.Field)}
}

// whole is the group that a group has become a part of, itself if it has not.
func (g *group) whole() *group {
	for g.into != nil {
		g = g.into
	}
	return g
}

// add takes a change in.
func (g *group) add(i int, c *plan.Change, o *apply.Outcome, k *keys) {
	if g.first < 0 {
		g.begin(i, c, o)
	}
	g.count++
	for n := range c.Fields {
		g.column(&c.Fields[n]).add(c, &c.Fields[n], k.seen[n])
	}
	if c.Last != nil && len(g.writers) < mostWriters {
		g.writes(c.Last.Saved.By)
	}
	if c.Action == plan.Delete {
		g.addSum(c)
	}
	g.hash(c, k)
}

func (g *group) begin(i int, c *plan.Change, o *apply.Outcome) {
	facts := *c
	facts.Fields, facts.Held, facts.Kept, facts.Steps, facts.Moves = nil, nil, nil, nil, nil
	g.first, g.kind, g.action, g.facts = i, c.Kind, c.Action, &facts
	if o != nil {
		if g.status = o.Status; o.Status != apply.Succeeded {
			g.outcome = o
		}
	}
}

// mostWriters is how many people are named who saved last what a cause overwrites.
const mostWriters = 4

func (g *group) writes(by value.Shown) {
	if !by.IsEmpty() && !slices.ContainsFunc(g.writers, func(w value.Shown) bool { return w.String() == by.String() }) {
		g.writers = append(g.writers, by)
	}
}

func (g *group) addSum(c *plan.Change) {
	for i := range c.Fields {
		if f := &c.Fields[i]; f.Name == amountField && isNumber(f.Before.Text) {
			g.sums = addSum(g.sums, Sum{value.Text(f.Before.Text).Decimal(), currencyOf(f.Before)})
		}
	}
}

func addSum(sums []Sum, s Sum) []Sum {
	for i := range sums {
		if sums[i].Currency == s.Currency {
			sums[i].Amount = sums[i].Amount.Add(s.Amount)
			return sums
		}
	}
	return append(sums, s)
}

func (g *group) column(f *plan.Field) *Column {
	c := g.by[f.Name]
	if c == nil {
		first := *f
		g.firstCell[f.Name] = &first
		c = &Column{Name: f.Name, Label: cmp.Or(f.Label, f.Name), Type: f.Type, place: len(g.columns)}
		g.columns, g.by[f.Name] = append(g.columns, c), c
	}
	return c
}

// hash adds what is done by a change to what is done by the group.
func (g *group) hash(c *plan.Change, k *keys) {
	b := value.AppendText(value.AppendText(value.AppendText(g.line[:0], string(c.Address)), string(c.Action)), c.ID)
	b = value.AppendText(b, c.Reason.Code)
	for i := range c.Fields {
		b = append(value.AppendText(b, c.Fields[i].Name), k.seen[i]...)
	}
	g.line = b
	sum := sha256.Sum256(b)
	for i := range g.sum {
		g.sum[i] += binary.LittleEndian.Uint64(sum[8*i:])
	}
}

// digest names what is done by all changes of the group, in hex.
func (g *group) digest() string {
	var b []byte
	for _, n := range append(g.sum[:], uint64(g.count)) {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// take makes another group a part of this one.
func (g *group) take(other *group) {
	if g.first < 0 {
		g.first, g.kind, g.action, g.status, g.facts, g.outcome = other.first, other.kind, other.action, other.status, other.facts, other.outcome
	}
	g.first, g.count = min(g.first, other.first), g.count+other.count
	for _, theirs := range other.columns {
		c := g.by[theirs.Name]
		if c == nil {
			theirs.place, g.firstCell[theirs.Name] = len(g.columns), other.firstCell[theirs.Name]
			g.columns, g.by[theirs.Name] = append(g.columns, theirs), theirs
			continue
		}
		c.take(theirs)
	}
	for _, w := range other.writers {
		if len(g.writers) < mostWriters {
			g.writes(w)
		}
	}
	for _, s := range other.sums {
		g.sums = addSum(g.sums, s)
	}
	for i := range g.sum {
		g.sum[i] += other.sum[i]
	}
	other.into = g
}

// arranged are the columns in the order in which people read them: what names the record, then
// what most changes have. Only what all changes have can be the same in all of them.
func (g *group) arranged() []*Column {
	out := slices.Clone(g.columns)
	for _, c := range out {
		c.Constant = !c.varies && c.count == g.count
	}
	slices.SortStableFunc(out, func(a, b *Column) int {
		return cmp.Or(cmp.Compare(b.names(), a.names()), cmp.Compare(b.count, a.count), cmp.Compare(a.place, b.place))
	})
	return out
}
