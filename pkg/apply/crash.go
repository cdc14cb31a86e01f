package apply

import (
	"context"
	"time"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// codeCrashed is the code of an item that met a bug of this program.
const codeCrashed = "INTERNAL_ERROR"

// crashed is the outcome of a change whose request met a bug. It may have been sent
// before that.
func crashed(id string, err error) Outcome {
	return Outcome{Status: Unknown, ID: id, Error: value.SaidBy(err), Code: codeCrashed, Hint: value.Do(codeCrashed)}
}

// runSafely is run; a bug ends the tasks of this job and nothing else.
func (j *job) runSafely(ctx context.Context) (f finished) {
	err := crash.Catch(func() error { f = j.run(ctx); return nil })
	if err == nil {
		return f
	}
	f = finished{proof: make(map[string]proofState), texts: make(map[string]textState), renewed: j.block}
	for _, t := range j.tasks {
		f.results = append(f.results, result{index: t.index, outcome: crashed(t.change.ID, err)})
		t.teach(undecided, f.texts)
		if t.prover {
			f.proof[t.store] = proofState{} // nothing is known: the next one proves it
		}
	}
	return f
}

// runSafely is run; a bug in the scheduler ends the run, and every item is accounted for
// all the same: what was sent by what its job says, the rest as not attempted.
func (r *runner) runSafely(ctx context.Context) {
	err := crash.Catch(func() error { r.run(ctx); return nil })
	if err == nil {
		return
	}
	r.crash, r.fatal, r.cfg.Progress = err, err, nil
	for r.inFlight > 0 {
		f := <-r.results
		if f.settling == 0 {
			r.inFlight--
			r.salvageJob(f)
		}
	}
	r.salvageJob(r.last)
	r.salvageJob(finished{unread: r.unread, imported: r.imported})
	r.salvage(r.gate)
	for _, t := range r.doubtful() {
		r.salvage([]result{t.unknown(t.doubt)})
	}
	r.leaveRest()
	for i := range r.plan.Changes.Len() {
		if !r.outcomes.has(i) {
			r.record(i, crashed(r.plan.Changes.Entry(i).ID, err))
		}
	}
	_ = crash.Catch(func() error { r.nameDoubles(); return nil }) // else the next plan names them
}

// salvageJob keeps what a job has found out.
func (r *runner) salvageJob(f finished) {
	r.salvage(f.results)
	if f.look != nil {
		r.salvage(f.look.gated)
	}
	for _, c := range append(f.unread, f.imported...) {
		r.salvage([]result{c.task.unknown(errNotRead)})
	}
	for _, p := range f.parked {
		if p.task.doubt != nil {
			r.salvage([]result{p.task.unknown(p.task.doubt)})
		}
	}
}

// salvage keeps outcomes that were on their way when the scheduler failed.
func (r *runner) salvage(results []result) {
	for _, res := range results {
		if r.done[res.index] {
			continue
		}
		_ = crash.Catch(func() error { r.end(res.index, res.outcome); return nil }) // else it is told as crashed
	}
}

// NotRun is the report of a plan that was not carried out because of err: what the plan
// refuses has failed, what it leaves alone is as it was, and the rest was not attempted.
// The plan may be empty. code is the exit code; started is when the command was.
func NotRun(plan *plan.Plan, cfg Config, started time.Time, code int, err error) *Report {
	r := newRunner(plan, cfg)
	r.fatal = err
	r.begin()
	r.leaveRest()
	report := &Report{Run: cfg.Run, Resumes: cfg.Resume.run(), Owner: plan.Owner, Env: plan.Env, Portal: plan.Portal, Started: started.UTC().Truncate(time.Millisecond), Finished: now()}
	r.account(report)
	report.Interrupted, report.AuthFailed = code == ExitInterrupted, code == ExitAuth
	report.End(code, err)
	return report
}

// End says that the run came to its end by err and not by itself; code is the exit code.
func (r *Report) End(code int, err error) {
	r.Error, r.Hint, r.ended = value.SaidBy(err), value.RemedyOf(err), code
	r.ExitCode = r.exitCode()
}
