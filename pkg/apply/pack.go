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
	var later []int
	for k := 0; k < len(r.ready) && len(batch) < batchSize; k++ {
		t, failed := r.task(r.ready[k])
		switch {
		case failed != nil:
			r.drop(r.ready[k])
			r.finish(*failed)
			return r.next()
		case t.alone && len(batch) == 0:
			r.drop(t.index)
			return r.job(t)
		case t.alone:
			later = append(later, t.index)
		default:
			batch = append(batch, t)
		}
	}
	if len(batch) == 0 || len(batch) < batchSize && len(later) == 0 && r.inFlight > 0 {
		return nil
	}
	if len(batch) < batchSize && r.inFlight > 0 {
		t, _ := r.task(later[0])
		r.drop(t.index)
		return r.job(t)
	}
	for _, t := range batch {
		r.drop(t.index)
	}
	return r.job(batch...)
}

func (r *runner) drop(index int) {
	if i, ok := slices.BinarySearch(r.ready, index); ok {
		r.ready = slices.Delete(r.ready, i, i+1)
	}
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
