package apply

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
)

// maxSends bounds how often one change is sent by its job. Each send of a create
// after the first follows a look which showed that the one before did not happen.
const maxSends = 3

// finished is what became of a job.
type finished struct {
	results  []result
	proof    map[int]proofState
	parked   []parkedTask
	settling int // not an end: the job has begun or ended to wait
}

// run sends the job and brings every task to its end.
func (j *job) run(ctx context.Context) finished {
	started := time.Now()
	var f finished
	open, claimed := j.claim(ctx, j.tasks)
	f.results = append(f.results, claimed...)
	for sends := 1; len(open) > 0; sends++ {
		var lost []*task
		var stored []stored
		for _, a := range j.send(ctx, open) {
			if p, ok := a.parked(); ok {
				f.parked = append(f.parked, p)
				continue
			}
			s, res := j.judge(ctx, &a)
			switch {
			case res != nil:
				f.results = append(f.results, *res)
			case s != nil:
				stored = append(stored, *s)
			default:
				lost = append(lost, a.task)
			}
		}
		found, settled, again := j.settle(ctx, lost, time.Now())
		f.results = append(f.results, settled...)
		f.results = append(f.results, j.verify(ctx, append(stored, found...))...)
		open = again
		if sends == maxSends || j.cfg.stopped() || ctx.Err() != nil {
			for _, t := range open {
				f.results = append(f.results, t.givenUp())
			}
			break
		}
	}
	for i := range f.results {
		f.results[i].outcome.DurationMS = time.Since(started).Milliseconds()
	}
	f.proof = j.prove(ctx, f.results)
	j.confirmFatal(ctx, f.results)
	return f
}

// An answer is what the portal said to one task.
type answer struct {
	task   *task
	result json.RawMessage
	err    error
}

// A stored object is what an answer or a fresh read shows of a change.
type stored struct {
	task         *task
	row          diff.Row
	id           int
	entityTypeID int
}

// judge sorts an answer: stored, or an end, or neither if it may have happened.
func (a *answer) judge(ctx context.Context) (*stored, *result) {
	var unknown *bitrix.UnknownOutcome
	switch {
	case errors.As(a.err, &unknown):
		a.task.doubt = a.err
		return nil, nil
	case a.err != nil:
		res := a.task.refused(ctx, a.err)
		return nil, &res
	}
	s, err := a.task.object(a.result)
	if err != nil {
		a.task.doubt = errors.New(a.task.command.Method + " answered success without the object that it stored: " + err.Error())
		return nil, nil
	}
	return s, nil
}

func (t *task) object(result json.RawMessage) (*stored, error) {
	row, id, entityTypeID, err := t.ready.Object(result)
	return &stored{task: t, row: row, id: id, entityTypeID: entityTypeID}, err
}

// send makes one request of the tasks.
func (j *job) send(ctx context.Context, tasks []*task) []answer {
	commands := make([]bitrix.Command, len(tasks))
	for i, t := range tasks {
		commands[i] = t.command
		t.attempts++
	}
	out := j.attempt(ctx, commands, tasks[0].alone)
	for i, t := range tasks {
		out[i].task = t
	}
	return out
}

// ask makes one request of some commands, a single one of them as plain JSON if it
// is to go alone.
func (j *job) ask(ctx context.Context, commands []bitrix.Command, alone bool) []answer {
	return request(ctx, commands, alone, j.cfg.Client.Call, j.cfg.Client.Batch)
}

func request(ctx context.Context, commands []bitrix.Command, alone bool,
	call func(context.Context, string, bitrix.Params) (*bitrix.Response, error),
	batch func(context.Context, []bitrix.Command) ([]bitrix.Outcome, error),
) []answer {
	out := make([]answer, len(commands))
	if alone && len(commands) == 1 {
		response, err := call(ctx, commands[0].Method, commands[0].Params)
		if out[0].err = err; err == nil {
			out[0].result = response.Result
		}
		return out
	}
	outcomes, err := batch(ctx, commands)
	for i := range out {
		if out[i].err = err; err == nil {
			out[i].result, out[i].err = outcomes[i].Result, outcomes[i].Err
		}
	}
	return out
}

// prove looks the first record of an entity type up by its mark. One that cannot be
// found so would be created again by the next run: it is not well.
func (j *job) prove(ctx context.Context, results []result) map[int]proofState {
	proof := make(map[int]proofState)
	var provers []*task
	var made []*Outcome
	var lists []bitrix.List
	for i := range results {
		t := j.task(results[i].index)
		if !t.prover {
			continue
		}
		proof[t.saves.Store()] = proofState{} // nothing is known: the next one proves it
		if results[i].outcome.Status.exists() {
			provers, made, lists = append(provers, t), append(made, &results[i].outcome), append(lists, t.ready.Find())
		}
	}
	if len(provers) == 0 {
		return proof
	}
	answers, err := j.cfg.Client.Lists(ctx, lists)
	if err != nil {
		return proof
	}
	for i, t := range provers {
		switch ids, err := t.ready.Found(answers[i]); {
		case err != nil:
		case len(ids) == 0:
			proof[t.saves.Store()] = proofState{broken: errHiddenMark}
			made[i].hidden()
		default:
			proof[t.saves.Store()] = proofState{proven: true}
		}
	}
	return proof
}

// confirmFatal asks the portal who is calling, if a page without REST's code refused
// a request: a firewall can refuse one text, and that need not end the run.
func (j *job) confirmFatal(ctx context.Context, results []result) {
	for i, res := range results {
		if res.fatal == nil || !isPage(res.fatal) {
			continue
		}
		if _, err := j.cfg.Client.Call(ctx, "profile", nil); err != nil {
			return
		}
		for k := i; k < len(results); k++ {
			if results[k].fatal != nil && isPage(results[k].fatal) {
				results[k].fatal = nil
			}
		}
		return
	}
}

func (j *job) task(index int) *task {
	for _, t := range j.tasks {
		if t.index == index {
			return t
		}
	}
	return nil
}
