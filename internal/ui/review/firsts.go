package review

import (
	"cmp"
	"math"
	"slices"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A First is something to look at before all else.
type First struct {
	Code   string // stable
	Tone   Tone
	N      int
	Head   value.Message   // what the number counts
	Means  []value.Message // what that means
	Items  []int           // some of the changes, by their indexes
	Filter string          // that shows them all, as in action=delete; "" without one
}

// A Tone says how a First is coloured.
type Tone string

// The tones.
const (
	Danger Tone = "delete"
	Odd    Tone = "unusual"
	Auto   Tone = "auto"
	Still  Tone = "held"
)

// How many changes are named of what is to be looked at first.
const (
	mostDeletions = 3
	mostUnusual   = 8
	mostFailed    = 5
)

// firsts finds what to look at first: what went wrong, what cannot be taken back, what is odd, what
// others will notice, and what is not done.
func (r *Review) firsts() error {
	if r.Report != nil {
		r.outcomes()
		return nil
	}
	if err := r.deletions(); err != nil {
		return err
	}
	if odd := r.flagged(Unusual); len(odd) > 0 {
		r.first(First{Code: "unusual", Tone: Odd, N: len(odd), Head: value.Say("first-unusual", value.N("n", len(odd))), Means: []value.Message{value.Say("first-unusual-means")}, Items: r.spread(odd), Filter: "flag=unusual"})
	}
	lasting, may := len(r.flagged(Lasting)), len(r.flagged(May))
	r.first(First{Code: "lasting", Tone: Danger, N: lasting, Head: value.Say("first-lasting", value.N("n", lasting)), Means: []value.Message{value.Say("first-lasting-means")}, Filter: "flag=lasting"})
	r.first(First{Code: "may", Tone: Auto, N: may, Head: value.Say("first-may-start", value.N("n", may)), Means: []value.Message{value.Say("first-may-start-means")}, Filter: "flag=may"})
	saves := r.saves()
	r.first(First{Code: "unknown", Tone: Auto, N: saves, Head: value.Say("first-not-known", value.N("n", saves)), Means: []value.Message{value.Say("first-not-known-means")}})
	held := len(r.flagged(Held))
	r.first(First{Code: "held", Tone: Still, N: held, Head: value.Say("first-held", value.N("n", held)), Means: []value.Message{value.Say("first-held-means")}, Filter: "action=refuse"})
	r.alikes()
	return nil
}

// first adds what to look at, if there is any.
func (r *Review) first(f First) {
	if f.N > 0 {
		r.Firsts = append(r.Firsts, f)
	}
}

// flagged are the changes that have a flag, in plan order.
func (r *Review) flagged(f Flag) (out []int) {
	for i := range r.items {
		if r.items[i].flags&f != 0 {
			out = append(out, i)
		}
	}
	return out
}

// saves counts the records of which a save may start workflows.
func (r *Review) saves() (n int) {
	for _, c := range r.Causes {
		if c.Facts().IsRecord() && c.Facts().EntityTypeID != 0 && c.Action != plan.Delete && c.Action != plan.Refuse {
			n += c.Count
		}
	}
	return n
}

func (r *Review) deletions() error {
	f := First{Code: "deletions", Tone: Danger, Filter: "action=delete"}
	var kinds []value.Message
	var sums []Sum
	var all []int
	pointed := 0
	for _, c := range r.Causes {
		if c.Action != plan.Delete {
			continue
		}
		f.N += c.Count
		kinds = append(kinds, value.Say("so-many-of-kind", value.N("n", c.Count), value.M("kinds", Plural(c.Facts()))))
		for _, s := range c.Sums() {
			sums = addSum(sums, s)
		}
		for _, i := range r.Members(c) {
			if all = append(all, int(i)); r.items[i].odd == pointedAt {
				pointed++
			}
		}
	}
	if f.N == 0 {
		return nil
	}
	f.Head = value.Say("first-deletions", value.N("n", f.N))
	f.Means = []value.Message{value.Say("first-deletions-means", value.Ms("kinds", kinds))}
	var lost []string
	for _, s := range sums {
		if !s.Amount.IsZero() {
			lost = append(lost, r.Pass(r.Words.Amount(s.Amount.StringFixed(2), s.Currency)))
		}
	}
	if len(lost) > 0 {
		f.Means = append(f.Means, value.Say("first-deletions-sums", value.L("sums", lost)))
	}
	if pointed > 0 {
		f.Means = append(f.Means, value.Say("first-deletions-pointed", value.N("n", pointed)))
	}
	slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(r.size(b), r.size(a)) })
	f.Items = all[:min(mostDeletions, len(all))]
	r.first(f)
	return nil
}

// size is the amount of a change, less than every amount where it has none.
func (r *Review) size(i int) float64 {
	if a := r.items[i].amount; !math.IsNaN(a) {
		return a
	}
	return math.Inf(-1)
}

// spread picks what to name of unusual changes: one for each reason, then a second one, so that
// every sort of oddity is seen.
func (r *Review) spread(odd []int) (out []int) {
	slices.SortStableFunc(odd, func(a, b int) int { return cmp.Compare(r.items[b].weight, r.items[a].weight) })
	taken := make(map[int]bool)
	for len(out) < min(mostUnusual, len(odd)) {
		seen := make(map[oddity]bool)
		for _, i := range odd {
			if o := r.items[i].odd; !taken[i] && !seen[o] && len(out) < mostUnusual {
				out, taken[i], seen[o] = append(out, i), true, true
			}
		}
	}
	return out
}

func (r *Review) alikes() {
	n := r.Plan.Alikes()
	f := First{Code: "alike", Tone: Still, N: n, Head: value.Say("first-alike", value.N("n", n)), Means: []value.Message{value.Say("first-alike-means")}, Filter: "flag=alike"}
	f.Items = r.flagged(Alike)
	f.Items = f.Items[:min(mostDeletions, len(f.Items))]
	for _, u := range r.Plan.Unlooked {
		f.Means = append(f.Means, u.Says())
	}
	r.first(f)
}

// wrong are the statuses that lead a report, with what their number counts and what that means.
var wrong = []struct {
	status      apply.Status
	head, means string
	tone        Tone
}{
	{apply.Failed, "first-failed", "first-failed-means", Danger},
	{apply.Unknown, "first-unknown", "first-unknown-means", Danger},
	{apply.Partial, "first-partial", "first-partial-means", Odd},
	{apply.Conflict, "first-conflict", "first-conflict-means", Odd},
	{apply.Blocked, "first-blocked", "first-blocked-means", Still},
	{apply.NotAttempted, "first-not-attempted", "first-not-attempted-means", Still},
}

// outcomes is what to look at first of a run: what did not become as it was planned.
func (r *Review) outcomes() {
	for _, w := range wrong {
		f := First{Code: string(w.status), Tone: w.tone, Filter: "status=" + string(w.status)}
		var causes []*Cause
		for _, c := range r.Causes {
			if c.Status == w.status {
				f.N += c.Count
				causes = append(causes, c)
			}
		}
		f.Head = value.Say(w.head, value.N("n", f.N))
		f.Means = []value.Message{value.Say(w.means)}
		for _, c := range causes[:min(mostFailed, len(causes))] {
			f.Items = append(f.Items, int(r.Members(c)[0]))
		}
		r.first(f)
	}
}
