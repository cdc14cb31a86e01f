package apply

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Outcomes are what became of all items that a plan lists, in plan order, each once. What ended well
// takes few bytes, and is put together whenever it is asked for. The zero Outcomes holds none.
type Outcomes struct {
	plan  *plan.Plan
	url   func(path string) string // of a page of the portal; nil without a portal
	ended []ending                 // of each change of the plan
	whole map[int]*Outcome         // of those changes whose ending does not say it all
	asOf  time.Time                // when what stays as it is was known to
	runs  []string                 // earlier runs, which endings number from 1
	list  []Outcome                // instead of all that, if they were given one by one
	seen  func(*Outcome)           // see Through
}

// An ending is what an Outcome says that neither its change nor its status does.
type ending struct {
	known    time.Duration // when, since the Unix epoch
	id       int
	took     int32 // milliseconds
	attempts int16
	status   int8  // index in Statuses, plus one; 0 as long as there is no outcome
	run      uint8 // of the earlier run that did it, in Outcomes.runs, plus one; 0: this run
}

// ListOutcomes holds some outcomes as they are.
func ListOutcomes(list ...Outcome) Outcomes { return Outcomes{list: list} }

func newOutcomes(p *plan.Plan, cfg *Config) Outcomes {
	s := Outcomes{plan: p, ended: make([]ending, p.Changes.Len())}
	if cfg.Client != nil {
		s.url = cfg.Client.URL
	}
	return s
}

// Len is the number of outcomes. What a plan only counts has none.
func (s *Outcomes) Len() int {
	if s.plan == nil {
		return len(s.list)
	}
	return len(s.ended) + s.plan.Unchanged.Len()
}

// All gives every outcome.
func (s *Outcomes) All() iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		for _, o := range s.Indexed() {
			if !yield(o) {
				return
			}
		}
	}
}

// Indexed gives every outcome with the index of its change, for [Outcomes.Change]; -1 where a
// plan only counts what stays as it is, and where outcomes were given one by one.
func (s *Outcomes) Indexed() iter.Seq2[int, Outcome] {
	return func(yield func(int, Outcome) bool) {
		for _, o := range s.list {
			if s.seen != nil {
				s.seen(&o)
			}
			if !yield(-1, o) {
				return
			}
		}
		if s.plan == nil {
			return
		}
		for item := range s.plan.Items() {
			i, o := item.Index, Outcome{}
			if item.Unchanged == nil {
				o = s.At(i)
			} else {
				c := item.Unchanged.Change()
				i, o = -1, untouched(&c)
				s.complete(&o, &c)
				o.Timestamp = s.asOf
			}
			if !yield(i, o) {
				return
			}
		}
	}
}

// Change reads the change that an outcome is of. An error is that of the plan's file.
func (s *Outcomes) Change(i int) (*plan.Change, error) { return s.plan.Changes.Change(i) }

// List gives all outcomes at once.
func (s *Outcomes) List() []Outcome { return slices.AppendSeq(make([]Outcome, 0, s.Len()), s.All()) }

// has tells whether it is known what became of a change.
func (s *Outcomes) has(change int) bool { return s.ended[change].status != 0 }

// at is what became of a change.
func (s *Outcomes) at(change int) Outcome {
	if o := s.whole[change]; o != nil {
		return *o
	}
	e := s.ended[change]
	if e.status == 0 {
		return Outcome{}
	}
	o := Outcome{Status: Statuses[e.status-1], ID: value.ID(e.id), Timestamp: time.Unix(0, int64(e.known)).UTC(), Attempts: int(e.attempts), DurationMS: int64(e.took)}
	if e.run > 0 {
		o.Run = s.runs[e.run-1]
	}
	c := s.plan.Changes.Entry(change).Change()
	s.complete(&o, &c)
	return o
}

// put notes what became of a change.
func (s *Outcomes) put(change int, o Outcome) {
	s.ended[change] = ending{status: int8(slices.Index(Statuses, o.Status) + 1)}
	if e, ok := s.endingOf(&o); ok {
		s.ended[change] = e
		delete(s.whole, change)
		if c := s.plan.Changes.Entry(change).Change(); o.URL == s.page(&c, o.ID) {
			return
		}
	}
	if s.whole == nil {
		s.whole = make(map[int]*Outcome)
	}
	whole := o
	s.whole[change] = &whole
}

// endingOf is false for an outcome that says more.
func (s *Outcomes) endingOf(o *Outcome) (ending, bool) {
	e := ending{known: time.Duration(o.Timestamp.UnixNano()), id: value.IDNumber(o.ID), took: int32(o.DurationMS), attempts: int16(o.Attempts),
		status: int8(slices.Index(Statuses, o.Status) + 1)}
	run, known := s.number(o.Run)
	e.run = run
	plain := known && o.Error.IsZero() && o.Code == "" && o.Field == "" && len(o.Kept) == 0 && o.Hint.IsZero() && !o.Retryable
	return e, plain && value.ID(e.id) == o.ID && int64(e.took) == o.DurationMS && int(e.attempts) == o.Attempts
}

// number gives the number of an earlier run; there are some.
func (s *Outcomes) number(run string) (n uint8, ok bool) {
	if run == "" {
		return 0, true
	}
	i := slices.Index(s.runs, run)
	if i < 0 {
		i, s.runs = len(s.runs), append(s.runs, run)
	}
	return uint8(i + 1), i < math.MaxUint8
}

// complete adds to an outcome what its change says.
func (s *Outcomes) complete(o *Outcome, c *plan.Change) {
	o.Resource, o.Kind, o.Action, o.Source = c.Address, c.Kind, c.Action, c.Source
	if o.URL == "" {
		o.URL = s.page(c, o.ID)
	}
}

// page is where people find what a change is of, "" if it has no page.
func (s *Outcomes) page(c *plan.Change, id string) string {
	if path := c.Page(c.EntityTypeID, id); path != "" && s.url != nil {
		return s.url(path)
	}
	return ""
}

// counts are the numbers of outcomes of each status.
func (s *Outcomes) counts() map[Status]int {
	counts := make(map[Status]int)
	for _, e := range s.ended {
		if e.status > 0 {
			counts[Statuses[e.status-1]]++
		}
	}
	if n := s.plan.Unchanged.Len(); n > 0 {
		counts[Unchanged] += n
	}
	return counts
}

// anyOf tells whether an outcome has a code.
func (s *Outcomes) anyOf(code string) bool {
	for _, o := range s.whole {
		if o.Code == code {
			return true
		}
	}
	return false
}

// Plan is the plan that the outcomes are of; nil where they were given one by one.
func (s *Outcomes) Plan() *plan.Plan { return s.plan }

// Through gives the same outcomes for people: with their plan as they are to see it, and each as
// seen makes it.
func (s *Outcomes) Through(p *plan.Plan, seen func(*Outcome)) Outcomes {
	out := *s
	out.plan, out.seen = p, seen
	return out
}

// At is what became of a change of the plan, by its index.
func (s *Outcomes) At(change int) Outcome {
	o := s.at(change)
	if s.seen != nil {
		s.seen(&o)
	}
	return o
}
