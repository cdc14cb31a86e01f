package apply

import (
	"context"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// What a plan says of a record counts for a minute. What is written later is read again
// before, a block of what comes next at once: as much as one request of lists can ask about, or
// less where less is written in the time for which a reading counts.

// OnConflict says what happens to an item that has changed since the plan was made.
type OnConflict string

// The ways.
const (
	Skip   OnConflict = "skip"   // it ends as a conflict, and the others go on; the default
	Replan OnConflict = "replan" // it is compared again with what is there, and what is declared is written
	Abort  OnConflict = "abort"  // it ends as a conflict, and nothing more is sent
)

// Ways lists them, for people.
var Ways = []string{string(Skip), string(Replan), string(Abort)}

// renewals schedule the reading of what is about to be written.
type renewals struct {
	readAt   time.Time     // when the reading of the plan began
	kept     map[int]*task // those that were read again, and are not sent yet, by node
	renewing bool          // a block is on its way
	size     int           // of the next block
	lastSize int           // that of the last one
	existing map[int]bool  // creates of what was there already: its parts may be too
	unmade   map[int]bool  // nodes of which no request can be made: to prepare them says why
}

// A block is what was read again at once.
type block struct {
	nodes []int   // that are to be prepared, in their order
	sent  []*task // that are prepared, and are to be sent
}

// longAgo is when a plan of another time was read.
var longAgo = time.Unix(0, 0)

func newRenewals(cfg *Config) renewals {
	n := renewals{readAt: cfg.Read, kept: make(map[int]*task), size: wire.LookSize, existing: make(map[int]bool), unmade: make(map[int]bool)}
	switch {
	case cfg.Older:
		n.readAt = longAgo
	case cfg.Read.IsZero():
		n.readAt = time.Now()
	}
	return n
}

// isOld tells whether what was read at a time will hardly count any more when it gets to the portal.
func (c *Config) isOld(read time.Time) bool {
	return !read.IsZero() && time.Since(read) > c.Fresh-c.Fresh/4
}

// renews tells whether a node is about something that may have changed since the plan was made.
// What a create of this run has made is new.
func (r *runner) renews(i int) bool {
	n, e := r.graph.node(i), r.entry(i)
	if p := r.past(i); p.Way == resume.Written && p.ID != "" {
		return false // see recall
	}
	if n.step < 0 {
		return e.Action == plan.Create || e.IsRecord() && (e.Action == plan.Update || e.Action == plan.Adopt)
	}
	return e.Action != plan.Create || r.existing[n.change] || r.cfg.Resume != nil
}

// readOf is when what a node is about was read; zero if that does not matter.
func (r *runner) readOf(i int) time.Time {
	if t := r.kept[i]; t != nil {
		return t.read
	}
	if r.unmade[i] || !r.renews(i) {
		return time.Time{}
	}
	return r.readAt
}

// isStale tells whether a node is to be read again before it is prepared.
func (r *runner) isStale(i int) bool { return r.cfg.isOld(r.readOf(i)) }

// renewal gives the reading of the next block, if what comes next was read too long ago.
func (r *runner) renewal() func(context.Context) finished {
	old := func(t *task) bool { return t.doubt == nil && r.cfg.isOld(t.read) }
	due := len(r.open) > 0 && old(r.open[0]) || len(r.alone) > 0 && old(r.alone[0]) || len(r.ready.items) > 0 && r.isStale(r.ready.items[0])
	if r.renewing || !due {
		return nil
	}
	r.resize()
	b := &block{}
	take := func(t *task) bool {
		takes := b.len() < r.size && old(t)
		if takes {
			b.sent = append(b.sent, t)
		}
		return takes
	}
	r.open, r.alone = without(r.open, take), without(r.alone, take)
	r.ready.items = slices.DeleteFunc(r.ready.items, func(i int) bool {
		takes := b.len() < r.size && r.lost == nil && r.isStale(i) && r.reads(i)
		if takes {
			b.nodes = append(b.nodes, i)
		}
		return takes
	})
	if b.len() == 0 {
		return nil
	}
	r.renewing, r.lastSize = true, b.len()
	tasks := slices.Clone(b.sent)
	for _, i := range b.nodes {
		tasks = append(tasks, r.kept[i])
	}
	j := r.job(tasks...)
	j.block = b
	return j.runSafely
}

func (b *block) len() int { return len(b.nodes) + len(b.sent) }

// reads makes the task of a node that is to be read. It is false if that cannot be.
func (r *runner) reads(i int) bool {
	if r.kept[i] != nil {
		return true
	}
	t, err := r.task(i)
	if r.unmade[i] = err != nil; err != nil {
		return false
	}
	r.kept[i] = t
	return true
}

// resize says how large the next block is: where some of the last one has grown old before it
// was sent, twice as much as was sent of that.
func (r *runner) resize() {
	left := len(r.kept)
	r.size = wire.LookSize
	if left > 0 {
		r.size = min(r.size, max(minBlock, 2*(r.lastSize-left)))
	}
}

// minBlock is how many records a block has at least: those of a batch.
const minBlock = 50

// readBlock reads a block again.
func (j *job) readBlock(ctx context.Context) finished {
	f := finished{renewed: j.block, texts: make(map[string]textState)}
	_, f.results = j.renew(ctx, j.tasks)
	f.teach(f.results, j)
	f.refit(j.tasks)
	f.proof = j.prove(ctx, f.results)
	return f
}

// teach notes that tasks which have ended before they were sent have shown nothing.
func (f *finished) teach(ends []result, j *job) {
	for i := range ends {
		j.task(ends[i].index).teach(undecided, f.texts)
	}
}

// refit takes tasks that were replanned off their trials: they go as JSON, if text is in doubt.
func (f *finished) refit(tasks []*task) {
	for _, t := range tasks {
		if t.refit && len(t.tries) > 0 {
			t.teach(undecided, f.texts)
			t.tries = nil
		}
	}
}

// renewed lets what was read again go on; what has ended by it is finished by now.
func (r *runner) renewed(b *block) {
	if b == nil {
		return
	}
	r.renewing = false
	var nodes []int
	for _, i := range b.nodes {
		if r.done[i] {
			delete(r.kept, i)
		} else {
			nodes = append(nodes, i)
		}
	}
	r.ready.items = append(nodes, r.ready.items...)
	for _, t := range b.sent {
		if !r.done[t.index] && !r.hold(t) {
			r.enqueue(t)
		}
	}
}

// prepared takes the task of a node that was read again, else makes it.
func (r *runner) prepared(i int) (*task, error) {
	t := r.kept[i]
	if t == nil {
		return r.task(i)
	}
	delete(r.kept, i)
	return t, nil
}

// errOld is why a request did not go out: what its records were read as is too old by now.
var errOld = said(value.Say("read-too-long-ago"))

// freshUntil is until when some tasks may be sent; zero if that does not matter.
func (c *Config) freshUntil(tasks []*task) (until time.Time) {
	for _, t := range tasks {
		if end := t.read.Add(c.Fresh); !t.read.IsZero() && (until.IsZero() || end.Before(until)) {
			until = end
		}
	}
	return until
}

// aborts tells whether the run is to end by a conflict among some results.
func (j *job) aborts(results []result) bool {
	return j.cfg.OnConflict == Abort && slices.ContainsFunc(results, func(r result) bool { return r.outcome.Status == Conflict })
}

// errConflict is why nothing more is sent behind a conflict.
var errConflict = said(value.Say("ended-by-conflict"))
