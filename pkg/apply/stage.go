package apply

import "context"

// A stage looks at a block of requests between their taking and their sending, such as at what
// the portal holds of their records by then. It gives those that are still to be sent, and what
// became of the others. It is asked once about each request, on the goroutine of its job.
type stage func(ctx context.Context, block []*task) (open []*task, ended []result)

// staged gives the tasks of the job that are to be sent.
func (j *job) staged(ctx context.Context) (open []*task, ended []result) {
	if j.cfg.stage == nil {
		return j.tasks, nil
	}
	return j.cfg.stage(ctx, j.tasks)
}
