package review

import (
	"math"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// An oddity is why a change is unlike its neighbours.
type oddity uint8

// The oddities.
const (
	nothingOdd  oddity = iota
	stageBack          // the stage moves back
	manyTimes          // the amount changes ten-fold or more
	toDismissed        // it goes to a user who has left
	unusualSum         // the amount is far above the usual one of its cause
	pointedAt          // what is deleted is pointed at
	otherDigits        // a number changes where those of the others are only spelt otherwise
	alone              // few are changed so, where many are changed otherwise
)

// How much an oddity weighs: the heaviest of a change is told, and the heaviest changes first.
var weights = map[oddity]float32{stageBack: 95, manyTimes: 90, toDismissed: 85, unusualSum: 80, pointedAt: 70, otherDigits: 60, alone: 50}

// Bounds of what is odd.
const (
	timesOdd   = 10  // the amount becomes so many times what it was, or what it was so many times it
	usualOdd   = 20  // it is so many times the usual amount of its cause
	usualLeast = 3   // so many amounts make one of them usual
	aloneMost  = 20  // so few changes may stand alone
	aloneOf    = 100 // beside so many times as many
)

// oddAlone finds what is odd of a change without looking at its neighbours.
func (r *Review) oddAlone(c *plan.Change) (found oddity, weight float32) {
	set := func(o oddity, more float64) {
		if w := weights[o] + float32(min(more, 4)); w > weight {
			found, weight = o, w
		}
	}
	if c.Action == plan.Delete && len(c.Pointers) > 0 {
		set(pointedAt, float64(c.Pointers[0].Count)/100)
	}
	if c.Action == plan.Delete || c.Action == plan.Refuse {
		return found, weight
	}
	for i := range c.Fields {
		f := &c.Fields[i]
		if t := timesOf(c, f); t >= timesOdd {
			set(manyTimes, math.Log10(t))
		}
		if f.After.Part(value.PartDismissed).Text != "" && f.Name != "createdBy" {
			set(toDismissed, 0)
		}
		if c.Action != plan.Create && isStage(f) && r.movesBack(c, f) {
			set(stageBack, 0)
		}
	}
	return found, weight
}

// movesBack tells whether a record goes back on its way, or comes back from its end.
func (r *Review) movesBack(c *plan.Change, f *plan.Field) bool {
	p := r.pipelineOf(c, f)
	if p == nil {
		return false
	}
	from, to := stageAt(p, f.Before), stageAt(p, f.After)
	return from >= 0 && to >= 0 && isOpen(p.Stages[to]) && (to < from || !isOpen(p.Stages[from]))
}

// timesOf is how many times an amount becomes what it was, or the other way round; 0 if that says
// nothing.
func timesOf(c *plan.Change, f *plan.Field) float64 {
	if classOf(c, f) != Changed || currencyOf(f.After) == "" || currencyOf(f.Before) != currencyOf(f.After) || !isNumber(f.Before.Text) || !isNumber(f.After.Text) {
		return 0
	}
	b, a := value.Text(f.Before.Text).Decimal().InexactFloat64(), value.Text(f.After.Text).Decimal().InexactFloat64()
	if b <= 0 || a <= 0 {
		return 0
	}
	return max(a/b, b/a)
}

// unusual finds what is odd of changes beside their neighbours.
func (r *Review) unusual() {
	for _, c := range r.Causes {
		c.usual = math.NaN()
	}
	r.usualAmounts()
	for i := range r.items {
		it := &r.items[i]
		if it.group == nil {
			continue
		}
		c := it.group.whole().cause
		if times := it.amount / c.usual; times >= usualOdd && weights[unusualSum] > it.weight {
			it.odd, it.weight = unusualSum, weights[unusualSum]+float32(min(math.Log10(times), 4))
		}
		if o := c.standsAlone(); o != nothingOdd && weights[o] > it.weight {
			it.odd, it.weight = o, weights[o]
		}
		if it.odd != nothingOdd {
			it.flags |= Unusual
			c.Unusual++
			c.flags |= Unusual
		}
	}
}

// usualAmounts gives every cause that creates or deletes the median of the amounts above zero.
func (r *Review) usualAmounts() {
	amounts := make(map[*Cause][]float64)
	for i := range r.items {
		if it := &r.items[i]; it.group != nil && it.amount > 0 {
			if c := it.group.whole().cause; c.Action == plan.Create || c.Action == plan.Delete {
				amounts[c] = append(amounts[c], it.amount)
			}
		}
	}
	for c, all := range amounts {
		if len(all) >= usualLeast {
			slices.Sort(all)
			c.usual = all[len(all)/2]
		}
	}
}

// standsAlone tells whether a cause is one of few changes where many set the same fields otherwise.
func (c *Cause) standsAlone() oddity {
	other := c.group.largest
	if other == nil || other == c.group || c.Action != plan.Update || c.Count > aloneMost || c.Count*aloneOf > other.count {
		return nothingOdd
	}
	if len(c.Columns) == 1 && c.Columns[0].Class == Changed && other.cause.Columns[0].Class == Respelt {
		return otherDigits
	}
	return alone
}

// odd says why a change is unusual.
func (r *Review) odd(it *item, c *plan.Change) value.Message {
	cause := it.group.whole().cause
	switch it.odd {
	case stageBack:
		return value.Say("odd-stage-back")
	case manyTimes:
		times := 0.0
		for i := range c.Fields {
			times = max(times, timesOf(c, &c.Fields[i]))
		}
		return value.Say("odd-amount-times", value.N("n", int(math.Round(times))))
	case toDismissed:
		return value.Say("odd-dismissed")
	case unusualSum:
		usual := r.Words.Amount(strconv.FormatFloat(cause.usual, 'f', 2, 64), cause.currency())
		return value.Say("odd-usual-amount", value.N("n", int(math.Round(it.amount/cause.usual))), value.T("usual", usual))
	case pointedAt:
		return c.Risk.Or(value.Say("odd-pointed-at"))
	case otherDigits:
		return value.Say("odd-other-digits", value.N("n", cause.group.largest.count))
	case alone:
		return value.Say("odd-alone", value.N("n", cause.group.largest.count))
	}
	return value.Message{}
}
