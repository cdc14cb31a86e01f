package apply

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/spec"
)

// Config says how to carry a plan out.
type Config struct {
	Client *bitrix.Client
	// Concurrency bounds the requests in flight; 0 means 8.
	Concurrency int
	// Stop, when it is closed, ends the run in good order: nothing more is sent,
	// what is in flight is waited for. Cancelling the context ends it at once.
	Stop <-chan struct{}
	// Progress, if set, gets each outcome as it is known, on one goroutine.
	Progress func(Outcome)
	// Settle is how long after it was sent a lost create may still take effect;
	// 0 means 60 seconds, the portal's limit for one request.
	Settle time.Duration
}

const (
	defaultConcurrency = 8
	defaultSettle      = 60 * time.Second
	batchSize          = 50 // the portal's limit for commands in a batch
)

// Run carries the plan out and reports every change of it. It has no error: what
// goes wrong is the outcome of an item.
func Run(ctx context.Context, plan *diff.Plan, cfg Config) *Report {
	if cfg.Concurrency < 1 {
		cfg.Concurrency = defaultConcurrency
	}
	if cfg.Settle <= 0 {
		cfg.Settle = defaultSettle
	}
	report := &Report{Owner: plan.Owner, Env: plan.Env, Portal: plan.Portal, Started: time.Now().UTC()}
	before := cfg.Client.Requests()
	r := newRunner(plan, cfg)
	r.run(ctx)
	report.Items = r.outcomes
	report.Interrupted = r.interrupted
	report.AuthFailed = r.fatal != nil && bitrix.IsAuth(r.fatal)
	report.Requests = cfg.Client.Requests() - before
	report.Finished = time.Now().UTC()
	report.Counts = count(report.Items)
	report.ExitCode = report.exitCode()
	return report
}

// runner schedules a plan. All of its state belongs to the goroutine of run;
// workers get jobs and hand results back over a channel.
type runner struct {
	cfg      Config
	plan     *diff.Plan
	known    diff.Known
	index    map[spec.Address]int
	waiting  []int   // number of unfinished dependencies, by change
	feeds    [][]int // the changes that wait for a change
	ready    []int   // indexes of changes that can be sent, in plan order
	released []bool  // whether a change has left the waiting state; it never does twice
	outcomes []Outcome
	done     []bool

	inFlight    int
	results     chan []result
	interrupted bool
	fatal       error // what makes going on pointless
}

// A result is the outcome of one change, with what its dependents need to know.
type result struct {
	index   int
	outcome Outcome
	created *diff.CreatedType
	fatal   error
}

func newRunner(plan *diff.Plan, cfg Config) *runner {
	n := len(plan.Changes)
	r := &runner{
		cfg: cfg, plan: plan,
		index:    make(map[spec.Address]int, n),
		waiting:  make([]int, n),
		feeds:    make([][]int, n),
		released: make([]bool, n),
		outcomes: make([]Outcome, n),
		done:     make([]bool, n),
		results:  make(chan []result),
	}
	for i := range plan.Changes {
		r.index[plan.Changes[i].Address] = i
	}
	for i, c := range plan.Changes {
		for _, dep := range c.Deps {
			if j, ok := r.index[dep]; ok {
				r.waiting[i]++
				r.feeds[j] = append(r.feeds[j], i)
			}
		}
	}
	return r
}

func (r *runner) run(ctx context.Context) {
	r.settleWithoutWork()
	var workers errgroup.Group
	workers.SetLimit(r.cfg.Concurrency)
	stop := r.cfg.Stop
	for {
		for !r.stopped() && r.inFlight < r.cfg.Concurrency {
			job := r.next()
			if job == nil {
				break
			}
			r.inFlight++
			workers.Go(func() error {
				r.results <- job.run(ctx)
				return nil
			})
		}
		if r.inFlight == 0 {
			break
		}
		select {
		case results := <-r.results:
			r.inFlight--
			for _, res := range results {
				r.finish(res)
			}
		case <-stop:
			r.interrupted, stop = true, nil
		}
		if ctx.Err() != nil {
			r.interrupted = true
		}
	}
	_ = workers.Wait() // workers return no errors: their results have been received
	r.leaveRest()
}

func (r *runner) stopped() bool { return r.interrupted || r.fatal != nil }

// settleWithoutWork gives their outcome to the changes that need no request, and
// finds the first ready ones.
func (r *runner) settleWithoutWork() {
	for i := range r.plan.Changes {
		if r.waiting[i] == 0 {
			r.release(i)
		}
	}
}

// release takes a change whose dependencies are there: it is ready to send, or has
// its outcome already.
func (r *runner) release(i int) {
	if r.released[i] || r.done[i] {
		return
	}
	r.released[i] = true
	c := &r.plan.Changes[i]
	switch c.Action {
	case diff.NoOp:
		r.finish(result{index: i, outcome: Outcome{Status: Unchanged, ID: c.ID}})
	case diff.Refuse:
		r.finish(result{index: i, outcome: Outcome{Status: Failed, ID: c.ID, Error: c.Reason, Code: c.Code, Hint: c.Hint}})
	default:
		r.ready = append(r.ready, i)
	}
}

// finish records an outcome and releases or blocks what waited for it.
func (r *runner) finish(res result) {
	if r.done[res.index] {
		return
	}
	c := &r.plan.Changes[res.index]
	r.record(res.index, res.outcome)
	if res.fatal != nil && r.fatal == nil {
		r.fatal = res.fatal
	}
	if !res.outcome.Status.exists() {
		r.block(res.index)
		return
	}
	if res.outcome.ID != 0 {
		r.known.SetID(c.Address, res.outcome.ID)
	}
	if res.created != nil {
		r.known.SetType(c.Address, *res.created)
	}
	for _, j := range r.feeds[res.index] {
		r.waiting[j]--
		if r.waiting[j] == 0 {
			r.release(j)
		}
	}
}

func (r *runner) record(i int, o Outcome) {
	c := &r.plan.Changes[i]
	o.Resource, o.Kind, o.Action, o.Source = c.Address, c.Kind, c.Action, c.Source
	o.Timestamp = time.Now().UTC()
	if o.ID != 0 && o.URL == "" && c.Kind != "SPA" {
		o.URL = r.url(c, o.ID)
	}
	r.outcomes[i], r.done[i] = o, true
	if r.cfg.Progress != nil {
		r.cfg.Progress(o)
	}
}

func (r *runner) url(c *diff.Change, id int) string {
	if c.EntityTypeID == 0 {
		return ""
	}
	return r.cfg.Client.RecordURL(c.EntityTypeID, id)
}

// block gives everything that depends on a failed change its outcome, naming the
// root. A dependent that needs no change keeps its own outcome.
func (r *runner) block(root int) {
	cause := r.outcomes[root]
	queue := append([]int(nil), r.feeds[root]...)
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		if r.done[i] {
			continue
		}
		switch c := &r.plan.Changes[i]; c.Action {
		case diff.NoOp:
			r.record(i, Outcome{Status: Unchanged, ID: c.ID})
		case diff.Refuse:
			r.record(i, Outcome{Status: Failed, ID: c.ID, Error: c.Reason, Code: c.Code, Hint: c.Hint})
		default:
			r.record(i, Outcome{Status: Blocked, ID: c.ID, Code: "BLOCKED",
				Error: fmt.Sprintf("it depends on %s, which %s", cause.Resource, cause.Status.verb()),
				Hint:  "mend " + string(cause.Resource) + " and apply again"})
		}
		queue = append(queue, r.feeds[i]...)
	}
}

// leaveRest accounts for what was never sent.
func (r *runner) leaveRest() {
	for i := range r.plan.Changes {
		if r.done[i] {
			continue
		}
		c := &r.plan.Changes[i]
		switch {
		case c.Action == diff.NoOp:
			r.record(i, Outcome{Status: Unchanged, ID: c.ID})
		case c.Action == diff.Refuse:
			r.record(i, Outcome{Status: Failed, ID: c.ID, Error: c.Reason, Code: c.Code, Hint: c.Hint})
		case r.fatal != nil:
			r.record(i, Outcome{Status: NotAttempted, ID: c.ID, Error: "the run ended before: " + r.fatal.Error(), Code: "RUN_ENDED"})
		default:
			r.record(i, Outcome{Status: NotAttempted, ID: c.ID, Error: "the run was interrupted before it was sent", Code: "INTERRUPTED", Hint: "apply again"})
		}
	}
}
