package apply

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
)

// maxSends bounds how often one create is sent. Each send after the first follows
// a look-up which showed that the one before did not happen.
const maxSends = 3

// run sends the job and brings every task to its end.
func (j *job) run(ctx context.Context) []result {
	started := time.Now()
	results := make([]result, 0, len(j.tasks))
	open := j.tasks
	for round := 0; len(open) > 0 && round < maxSends; round++ {
		sent := time.Now()
		var lost []*task
		for _, a := range j.send(ctx, open) {
			a.task.attempts++
			var unknown *bitrix.UnknownOutcome
			if errors.As(a.err, &unknown) {
				lost = append(lost, a.task)
				continue
			}
			results = append(results, j.conclude(ctx, a))
		}
		var settled []result
		settled, open = j.lookUp(ctx, lost, sent)
		results = append(results, settled...)
	}
	for _, t := range open {
		results = append(results, t.unknown(errors.New("the portal lost its answer every time that it was sent")))
	}
	for i := range results {
		results[i].outcome.DurationMS = time.Since(started).Milliseconds()
	}
	return results
}

// An answer is what the portal said to one task.
type answer struct {
	task   *task
	result json.RawMessage
	err    error
}

// send makes one request of the tasks.
func (j *job) send(ctx context.Context, tasks []*task) []answer {
	out := make([]answer, len(tasks))
	if len(tasks) == 1 && tasks[0].alone {
		out[0].task = tasks[0]
		response, err := j.cfg.Client.Call(ctx, tasks[0].command.Method, tasks[0].command.Params)
		if err != nil {
			out[0].err = err
		} else {
			out[0].result = response.Result
		}
		return out
	}
	commands := make([]bitrix.Command, len(tasks))
	for i, t := range tasks {
		commands[i] = t.command
	}
	outcomes, err := j.cfg.Client.Batch(ctx, commands)
	for i, t := range tasks {
		out[i].task = t
		if err != nil {
			out[i].err = err
			continue
		}
		out[i].result, out[i].err = outcomes[i].Result, outcomes[i].Err
	}
	return out
}

// conclude turns an answer into an outcome: a refusal fails the item, a success is
// compared with what was sent.
func (j *job) conclude(ctx context.Context, a answer) result {
	t := a.task
	if a.err != nil {
		return t.failed(a.err)
	}
	row, id, entityTypeID, err := t.ready.Object(a.result)
	if err != nil {
		return t.unknown(errors.New(t.command.Method + " succeeded without telling what it stored: " + err.Error()))
	}
	return j.verify(ctx, t, row, id, entityTypeID)
}

// verify compares what the portal returned with what was sent. An answer can show
// the request's own memory, so a difference is checked against a fresh read, and
// what a batch may have altered is sent once more as JSON.
func (j *job) verify(ctx context.Context, t *task, row diff.Row, id, entityTypeID int) result {
	mismatches := t.ready.Verify(row)
	if len(mismatches) > 0 {
		mismatches = j.reread(ctx, t, id, mismatches)
	}
	if len(mismatches) > 0 && t.ready.Repairable(mismatches) {
		repair := t.ready.Repair(id, mismatches)
		if _, err := j.cfg.Client.Call(ctx, repair.Method, repair.Params); err == nil {
			mismatches = j.reread(ctx, t, id, mismatches)
		}
	}
	res := t.succeeded(id)
	if entityTypeID != 0 && !t.ready.Alone() {
		res.outcome.URL = j.cfg.Client.RecordURL(entityTypeID, id)
	}
	if len(mismatches) > 0 {
		res.outcome.partial(mismatches)
	}
	if t.ready.Alone() && t.ready.Change.Action == diff.Create {
		res.created = &diff.CreatedType{EntityTypeID: entityTypeID}
		if err := j.firstPipeline(ctx, res.created); err != nil {
			res.outcome.Hint = "apply again: the type exists, its records can follow"
			res.outcome.fail(Failed, err)
		}
	}
	return res
}

// reread reads the record again; if that fails, what is known stands.
func (j *job) reread(ctx context.Context, t *task, id int, known []diff.Mismatch) []diff.Mismatch {
	get := t.ready.Get(id)
	response, err := j.cfg.Client.Call(ctx, get.Method, get.Params)
	if err != nil {
		return known
	}
	row, _, _, err := t.ready.Object(response.Result)
	if err != nil {
		return known
	}
	return t.ready.Verify(row)
}

func (j *job) firstPipeline(ctx context.Context, created *diff.CreatedType) error {
	response, err := j.cfg.Client.Call(ctx, "crm.category.list", bitrix.Params{"entityTypeId": created.EntityTypeID})
	if err == nil {
		created.Category, err = diff.FirstPipeline(response.Result)
	}
	return err
}

// lookUp settles tasks whose answer was lost. An update is simply sent again. A
// create is looked for by its mark until it is found or the portal can no longer be
// working on it; only then is it open to be sent again.
func (j *job) lookUp(ctx context.Context, lost []*task, sent time.Time) (settled []result, open []*task) {
	var creates []*task
	for _, t := range lost {
		if t.ready.Change.Action == diff.Create {
			creates = append(creates, t)
		} else {
			open = append(open, t)
		}
	}
	deadline := sent.Add(j.cfg.Settle)
	for wait := j.cfg.Settle / 60; len(creates) > 0; wait *= 2 {
		last := !time.Now().Before(deadline)
		found, missing, err := j.find(ctx, creates)
		settled = append(settled, found...)
		creates = missing
		if last {
			if err != nil {
				for _, t := range creates {
					settled = append(settled, t.unknown(err))
				}
				return settled, open
			}
			return settled, append(open, creates...)
		}
		if len(creates) == 0 {
			break
		}
		select {
		case <-time.After(min(wait, time.Until(deadline))):
		case <-ctx.Done():
			for _, t := range creates {
				settled = append(settled, t.unknown(context.Cause(ctx)))
			}
			return settled, open
		}
	}
	return settled, open
}

// find looks creates up by their mark.
func (j *job) find(ctx context.Context, creates []*task) (found []result, missing []*task, err error) {
	lists := make([]bitrix.List, len(creates))
	for i, t := range creates {
		lists[i] = t.ready.Find()
	}
	answers, err := j.cfg.Client.Lists(ctx, lists)
	if err != nil {
		return nil, creates, err
	}
	for i, t := range creates {
		ids, err := t.ready.Found(answers[i])
		switch {
		case err != nil:
			found = append(found, t.unknown(err))
		case len(ids) == 0:
			missing = append(missing, t)
		case len(ids) > 1:
			found = append(found, t.ambiguous(ids))
		default:
			found = append(found, j.adopt(ctx, t, ids[0]))
		}
	}
	return found, missing, nil
}

// adopt concludes a create that a look-up found.
func (j *job) adopt(ctx context.Context, t *task, id int) result {
	get := t.ready.Get(id)
	response, err := j.cfg.Client.Call(ctx, get.Method, get.Params)
	if err != nil {
		res := t.unknown(err)
		res.outcome.ID = id
		return res
	}
	return j.conclude(ctx, answer{task: t, result: response.Result})
}
