package apply

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
)

// A task is one change on its way to the portal.
type task struct {
	index    int
	ready    *diff.Ready
	command  bitrix.Command
	alone    bool // a batch cannot carry it
	attempts int
}

// A job is one request: a batch of tasks, or one task alone.
type job struct {
	cfg   *Config
	known *diff.Known
	tasks []*task
}

// next takes the next request from the ready changes, or nil if it is better to
// wait: requests are the scarce good, so a batch is sent short only when nothing
// is in flight that could fill it.
func (r *runner) next() *job {
	slices.Sort(r.ready)
	var batch []*task
	var alone *task
	for _, i := range r.ready {
		t, failed := r.task(i)
		switch {
		case failed != nil:
			r.take(i)
			r.finish(*failed)
			return r.next()
		case !t.alone:
			batch = append(batch, t)
		case len(batch) == 0:
			r.take(i)
			return r.job(t)
		case alone == nil:
			alone = t
		}
		if len(batch) == batchSize {
			break
		}
	}
	switch {
	case len(batch) == batchSize || len(batch) > 0 && r.inFlight == 0:
	case alone != nil:
		batch = []*task{alone}
	default:
		return nil
	}
	taken := make([]int, len(batch))
	for k, t := range batch {
		taken[k] = t.index
	}
	r.take(taken...)
	return r.job(batch...)
}

// take removes changes from the ready ones; both are in plan order.
func (r *runner) take(indexes ...int) {
	next := 0
	r.ready = slices.DeleteFunc(r.ready, func(i int) bool {
		if next == len(indexes) || i != indexes[next] {
			return false
		}
		next++
		return true
	})
}

func (r *runner) job(tasks ...*task) *job {
	return &job{cfg: &r.cfg, known: &r.known, tasks: tasks}
}

// task builds the request of a change. What it refers to has been created by now;
// if the portal gave no id for it, the change fails.
func (r *runner) task(i int) (*task, *result) {
	c := &r.plan.Changes[i]
	ready, err := c.Settle(&r.known)
	if err != nil {
		return nil, &result{index: i, outcome: Outcome{Status: Failed, ID: c.ID, Error: err.Error(), Code: "REFERENCE"}}
	}
	command := ready.Request()
	return &task{index: i, ready: ready, command: command, alone: ready.Alone() || !bitrix.Carries(command.Params)}, nil
}
