package review

import (
	"cmp"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
)

// fold looks at each change once, and makes the causes of what it saw.
func (r *Review) fold() error {
	var k keys
	root := &node{}
	r.items = make([]item, r.Plan.Changes.Len())
	r.tally.begin()
	raw := r.Plan.Changes.Raw().Glance() // a cause is what it is, however it is seen
	for i := range r.items {
		c, err := raw.Change(i)
		if err != nil {
			return err
		}
		seen := r.Plan.Changes.Shown(c)
		r.tally.kept(seen)
		o := r.outcome(i)
		if c.Action == plan.NoOp {
			continue
		}
		it := &r.items[i]
		it.group = root.at(k.path(c, o), 0)
		it.group.add(i, seen, o, &k)
		r.glanceAt(it, c, o)
		r.tally.add(c)
	}
	root.peers(0)
	r.causes(root.leaves(nil))
	r.unusual()
	r.arrange()
	r.sample()
	r.Kinds, r.Kept = r.tally.kinds(), r.tally.keptFields()
	return r.firsts()
}

// glanceAt notes of a change what is told of it without its neighbours.
func (r *Review) glanceAt(it *item, c *plan.Change, o *apply.Outcome) {
	switch back, _ := c.Reversal(); back {
	case plan.Never:
		it.flags |= Lasting
	case plan.ByNewID:
		it.flags |= Anew
	}
	if c.Action == plan.Refuse {
		it.flags |= Held
	}
	if len(c.Alike) > 0 {
		it.flags |= Alike
	}
	if startsRobots(c) {
		it.flags |= May
	}
	if o != nil {
		it.status = uint8(slices.Index(apply.Statuses, o.Status) + 1)
	}
	it.odd, it.weight = r.oddAlone(c)
	it.amount = amountOf(c)
}

// startsRobots tells whether a change puts a record into a stage, whose robots no method lists.
// Source: api-reference/crm/automation/index.md, which has the triggers of the caller alone.
func startsRobots(c *plan.Change) bool {
	return c.IsRecord() && (c.Action == plan.Create || c.Action == plan.Update || c.Action == plan.Adopt) &&
		slices.ContainsFunc(c.Fields, func(f plan.Field) bool { return isStage(&f) })
}

// causes makes the causes of the groups, in the order in which people look at them.
func (r *Review) causes(groups []*group) {
	for _, g := range groups {
		g.cause = &Cause{group: g, Count: g.count, Kind: g.kind, Action: g.action, Status: g.status, Digest: g.digest()}
		g.cause.Columns = g.arranged()
		r.Causes = append(r.Causes, g.cause)
	}
	members := make(map[*Cause]int)
	for i := range r.items {
		if it := &r.items[i]; it.group != nil {
			c := it.group.whole().cause
			members[c]++
			c.flags |= it.flags
			if it.flags&Alike != 0 {
				c.Alike++
			}
		}
	}
}

// arrange sorts the causes, and the changes by cause.
func (r *Review) arrange() {
	slices.SortStableFunc(r.Causes, func(a, b *Cause) int {
		return cmp.Or(cmp.Compare(a.danger(), b.danger()), cmp.Compare(b.Count, a.Count), cmp.Compare(a.group.first, b.group.first))
	})
	size := 0
	for i, c := range r.Causes {
		c.Index, c.from = i, size
		size += c.Count
	}
	r.order = make([]int32, size)
	next := make([]int, len(r.Causes))
	for i := range r.items {
		if it := &r.items[i]; it.group != nil {
			c := it.group.whole().cause
			r.order[c.from+next[c.Index]] = int32(i)
			next[c.Index]++
		}
	}
	for _, c := range r.Causes {
		if c.Unusual > 0 {
			slices.SortStableFunc(r.Members(c), func(a, b int32) int { return cmp.Compare(r.items[b].weight, r.items[a].weight) })
		}
	}
}
