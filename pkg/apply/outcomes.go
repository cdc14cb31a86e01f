package apply

import (
	"iter"
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
	list  []Outcome                // instead of all that, if they were given one by one
}

// An ending is what an Outcome says that neither its change nor its status does.
type ending struct {
	known    time.Duration // when, since the Unix epoch
	id       int
	took     int32 // milliseconds
	attempts int16
	status   int8 // index in Statuses, plus one; 0 as long as there is no outcome
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
				o = s.at(i)
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
	s.complete(&o, s.plan.Changes.Entry(change).Change())
	return o
}

// put notes what became of a change.
func (s *Outcomes) put(change int, o Outcome) {
	s.ended[change] = ending{status: int8(slices.Index(Statuses, o.Status) + 1)}
	if e, ok := endingOf(&o); ok {
		s.ended[change] = e
		delete(s.whole, change)
		if o.URL == s.page(s.plan.Changes.Entry(change).Change(), o.ID) {
			return
		}
	}
	if s.whole == nil {
		s.whole = make(map[int]*Outcome)
	}
	s.whole[change] = &o
}

// endingOf is false for an outcome that says more.
func endingOf(o *Outcome) (ending, bool) {
	e := ending{known: time.Duration(o.Timestamp.UnixNano()), id: value.IDNumber(o.ID), took: int32(o.DurationMS), attempts: int16(o.Attempts),
		status: int8(slices.Index(Statuses, o.Status) + 1)}
	plain := o.Error.IsZero() && o.Code == "" && o.Field == "" && len(o.Kept) == 0 && o.Hint.IsZero() && !o.Retryable
	return e, plain && value.ID(e.id) == o.ID && int64(e.took) == o.DurationMS && int(e.attempts) == o.Attempts
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
