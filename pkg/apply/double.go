package apply

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/wire"
)

// doubled is the outcome of a node that stands on the portal more than once. It was
// created, so what the outcome said before is kept.
func (r *runner) doubled(node int, o Outcome) Outcome {
	reason, hint := wire.DoubleOf(r.callOf(node), r.double[node])
	if o.Status != Succeeded {
		reason = both(reason, o.Error)
	}
	o.Status, o.Code, o.Error, o.Hint, o.Field, o.Retryable = Conflict, plan.CodeDoubleMark, reason, hint, "", false
	return o
}

// nameDoubles gives every item of which something is double that outcome, also where it
// was reported as done before the other one could be seen. It names all that is double,
// the record before what belongs to it.
func (r *runner) nameDoubles() {
	for _, i := range slices.Sorted(maps.Keys(r.double)) {
		n := r.graph.node(i)
		o := r.outcomes.at(n.change)
		own := r.doubled(i, Outcome{})
		if n.step >= 0 {
			own.Error = ofPart(r.brief(n.change).Steps[n.step].Name, own.Error)
		}
		switch {
		case o.Code != plan.CodeDoubleMark:
			own.Error = both(own.Error, o.Error)
			o.Error, o.Hint, o.Field, o.Retryable = own.Error, own.Hint, "", false
		case !tells(o.Error, own.Error):
			o.Error = both(o.Error, own.Error)
		}
		o.Status, o.Code = Conflict, plan.CodeDoubleMark
		r.outcomes.put(n.change, o)
	}
}

// union gives all ids in order, each once.
func union(known, seen []int, own int) []int {
	all := slices.Concat(known, seen)
	if own != 0 {
		all = append(all, own)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func without(tasks []*task, drop func(*task) bool) []*task {
	return slices.DeleteFunc(tasks, drop)
}

// A backoff paces looks at what the portal may not show yet: after 1, 2, 4 … seconds,
// and for no longer than it may be at work on a request.
type backoff struct {
	next     time.Duration
	deadline time.Time
}

func newBackoff(all time.Duration) *backoff {
	return &backoff{next: all / 60, deadline: time.Now().Add(all)}
}

// wait waits until the next look; it is false if there is none: the time is over, or the
// run is to end. The last look comes at the end of the time.
func (b *backoff) wait(ctx context.Context, stop <-chan struct{}) bool {
	left := time.Until(b.deadline)
	if left <= 0 {
		return false
	}
	timer := time.NewTimer(min(b.next, left))
	defer timer.Stop()
	b.next *= 2
	select {
	case <-timer.C:
		return true
	case <-stop:
	case <-ctx.Done():
	}
	return false
}
