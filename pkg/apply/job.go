package apply

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// maxSends bounds how often one change is sent by its job. Each send of a create
// after the first follows a look which showed that the one before did not happen.
const maxSends = 3

// finished is what became of a job.
type finished struct {
	results  []result
	proof    map[string]proofState
	unread   []*check             // saved, and what they emptied is to be read again
	texts    map[string]textState // what was found out about classes of text
	parked   []parkedTask
	renewed  *block        // was read again
	imported []*check      // were imported, and are to be read
	lane     *importLane   // of the imports that were sent
	denied   *bitrix.Error // they may not be imported
	look     *look
	over     []*plan.Change // nobody looks at them any more
	settling int            // not an end: the job has begun or ended to wait
}

// run sends the job and brings every task to its end.
func (j *job) run(ctx context.Context) finished {
	started := time.Now()
	switch {
	case len(j.unread) > 0:
		return j.recheck(ctx)
	case len(j.imported) > 0:
		return j.verifyImported(ctx)
	case j.block != nil:
		return j.readBlock(ctx)
	}
	f := finished{texts: make(map[string]textState)}
	open, there := j.recall(ctx, j.tasks)
	f.verified(there)
	open, claimed := j.claim(ctx, open)
	if f.results = append(f.results, claimed...); j.aborts(claimed) {
		open = nil // the end of the run accounts for them
	}
	for sends := 1; len(open) > 0; sends++ {
		by := j.sort(ctx, &f, j.send(ctx, open))
		found, settled, unsaved := j.settle(ctx, by.lost, time.Now())
		f.results = append(f.results, settled...)
		f.imported = append(f.imported, by.leave(started)...)
		f.verified(j.verify(ctx, append(by.stored, found...)))
		open = append(by.again, unsaved...)
		if len(by.old) > 0 {
			fresh, ends := j.renew(ctx, by.old)
			f.results = append(f.results, ends...)
			f.teach(ends, j)
			f.refit(fresh)
			if sends--; !j.aborts(ends) {
				open = append(open, fresh...)
			}
		}
		ended := sends == maxSends || j.cfg.stopped() || ctx.Err() != nil
		open = without(open, func(t *task) bool {
			giveUp := ended || j.halted.Load() && t.ready.Once()
			if giveUp {
				f.results = append(f.results, t.givenUp())
			}
			return giveUp
		})
	}
	for i := range f.results {
		f.results[i].outcome.DurationMS = time.Since(started).Milliseconds()
	}
	f.proof = j.prove(ctx, f.results)
	j.noteMarks(f.results)
	f.over = j.over(f.results)
	j.confirmFatal(ctx, f.results)
	return f
}

// over gives the changes of tasks that have ended.
func (j *job) over(results []result) (changes []*plan.Change) {
	for i := range results {
		if t := j.task(results[i].index); t.own != nil {
			changes, t.own = append(changes, t.own), nil
		}
	}
	return changes
}

// sorted are tasks by what is next for them.
type sorted struct {
	stored []stored // to be verified
	lost   []*task  // to be looked for
	again  []*task  // to be sent once more
	old    []*task  // not sent, since what they rest on was read too long ago
}

// sort parts the tasks of some answers, and notes what needs nothing more.
func (j *job) sort(ctx context.Context, f *finished, answers []answer) (by sorted) {
	for _, a := range answers {
		if p, ok := a.parked(); ok {
			f.parked = append(f.parked, p)
			continue
		}
		if errors.Is(a.err, errOld) {
			a.task.attempts--
			by.old = append(by.old, a.task)
			continue
		}
		a.task.teach(undecidedBy(a.err), f.texts)
		if j.plainly(&a) || j.byAdd(&a) {
			by.again = append(by.again, a.task)
			continue
		}
		f.denied = cmp.Or(f.denied, denied(&a))
		switch s, res := j.judge(ctx, &a); {
		case res != nil:
			res.outcome.mayImport(&a)
			f.results = append(f.results, *res)
		case s != nil:
			by.stored = append(by.stored, *s)
		default:
			by.lost = append(by.lost, a.task)
		}
	}
	return by
}

// An answer is what the portal said to one task.
type answer struct {
	task   *task
	result json.RawMessage
	object *stored // what result shows, if somebody has read it
	err    error
}

// A stored object is what an answer or a fresh read shows of a change.
type stored struct {
	task         *task
	row          kind.Row
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
	if a.object != nil {
		return a.object, nil
	}
	s, err := a.task.object(a.result)
	if err != nil {
		a.task.doubt = said(value.Say("answered-without-object", value.T("method", a.task.command.Method), value.M("cause", value.SaidBy(err))))
		return nil, nil
	}
	return s, nil
}

func (t *task) object(result json.RawMessage) (*stored, error) {
	row, id, entityTypeID, err := t.ready.Object(result)
	return &stored{task: t, row: row, id: id, entityTypeID: entityTypeID}, err
}

// verified takes in what became of some saves.
func (f *finished) verified(more finished) {
	if len(f.results) == 0 {
		f.results = more.results
	} else {
		f.results = append(f.results, more.results...)
	}
	f.unread = append(f.unread, more.unread...)
	maps.Copy(f.texts, more.texts)
}

// send makes one request of the tasks, and one more of each that goes alone.
func (j *job) send(ctx context.Context, tasks []*task) []answer {
	out := make([]answer, 0, len(tasks))
	var together, imports []*task
	for _, t := range tasks {
		t.attempts++
		switch {
		case t.alone:
			a := j.attempt(ctx, j.saving(t), []bitrix.Command{t.command}, true)[0]
			a.task = t
			out = append(out, a)
		case t.imports():
			imports = append(imports, t)
		default:
			together = append(together, t)
		}
	}
	if len(imports) > 0 {
		out = append(out, j.sendImports(ctx, imports)...)
	}
	for part := range slices.Chunk(together, bitrix.MaxBatch) {
		for i, a := range j.attempt(ctx, j.saving(part...), commandsOf(part), false) {
			a.task = part[i]
			out = append(out, a)
		}
	}
	return out
}

// saving is the purpose of a request of tasks, which counts on what was read of their records.
func (j *job) saving(tasks ...*task) *purpose {
	p := aboutTasks(journal.Save, tasks)
	p.until = j.cfg.freshUntil(tasks)
	return p
}

// plainly tells whether a task is to be sent once more, alone and with null and empty
// lists as JSON has them: the portal refused what stands for these in a batch.
func (j *job) plainly(a *answer) bool {
	var refusal *bitrix.Error
	if !errors.As(a.err, &refusal) || a.task.plain || a.task.alone || endsRun(a.err) || j.cfg.stopped() {
		return false
	}
	command, ok := wire.Plain(a.task.ready)
	if ok {
		a.task.command, a.task.alone, a.task.plain, a.task.tries = command, true, true, nil
	}
	return ok
}

// ask makes one request that reads.
func (j *job) ask(ctx context.Context, commands []bitrix.Command, alone bool) []answer {
	return j.askFor(ctx, nil, commands, alone)
}

// askFor makes one request that reads, or that writes for a purpose, of some commands, a
// single one of them as plain JSON if it is to go alone. It waits for a method without time,
// and for a portal that is away, but not beyond the first interrupt.
func (j *job) askFor(ctx context.Context, about *purpose, commands []bitrix.Command, alone bool) []answer {
	return j.written(ctx, about, commands, func(ctx context.Context) []answer { return j.patiently(ctx, commands, alone) })
}

func (j *job) patiently(ctx context.Context, commands []bitrix.Command, alone bool) (out []answer) {
	if len(commands) > bitrix.MaxBatch {
		for part := range slices.Chunk(commands, bitrix.MaxBatch) {
			out = append(out, j.patiently(ctx, part, alone)...)
		}
		return out
	}
	client := j.cfg.Client
	if !j.cfg.stopped() {
		out := request(ctx, commands, alone, client.Call, client.Batch)
		if !errors.Is(out[0].err, bitrix.ErrStopped) || bitrix.EffectOf(commands[0].Method) != bitrix.Read {
			return out
		}
	}
	return request(bitrix.InHaste(bitrix.WithStop(ctx, nil)), commands, alone, client.TryCall, client.TryBatch)
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
