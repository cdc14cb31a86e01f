package apply

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/b24apply/b24apply/pkg/apply/flow"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// Config says how to carry a plan out.
type Config struct {
	// Run names the run in its report and to others, "" if nobody asks.
	Run    string
	Client *bitrix.Client
	// Concurrency bounds the requests in flight; 0 means 8.
	Concurrency int
	// Stop, when it is closed, ends the run in good order: nothing more is sent,
	// what is in flight is waited for. Cancelling the context ends it at once.
	Stop <-chan struct{}
	// Progress, if set, gets each outcome as it is known, with the index of its change in the
	// plan, on one goroutine, which may read the plan's changes. What becomes known of an item
	// later, such as that there are two of it, stands in the report alone.
	Progress func(change int, o Outcome)
	// Waiting, if set, is told of each wait of ten seconds or more in which nothing is
	// sent: how long it may last, and why. It is called on any goroutine.
	Waiting func(d time.Duration, why value.Message)
	// Flow says how far the run goes; the zero value lets it do all.
	Flow flow.Limits
	// GoOn, if set, is asked once the first changes were made and verified, if there are to be
	// such: whether the others follow. Nothing is in flight then.
	GoOn func(made, left int) bool
	// Read is when the reading of the plan began: all that it says of records is that new. Zero is
	// the start of the run. Older says instead that the plan is of another time. What was read
	// longer than Fresh ago is read again before it is written; 0 means 60 seconds.
	Read  time.Time
	Older bool
	Fresh time.Duration
	// OnConflict says what becomes of an item that has changed since the plan was made; "" is Skip.
	OnConflict OnConflict
	// Folder is the one from which those of declared files are named; "" is the working directory.
	Folder string
	// Resume, if set, is what earlier runs have made of the plan.
	Resume *Resumed
	// Settle is how long after its answer was lost a write may still take effect;
	// 0 means 60 seconds, the portal's limit for one request.
	Settle time.Duration
	// Journal, if set, knows every request that writes before it goes out, and what came
	// of it.
	Journal Journal
	// Applied, if set, is what is remembered of earlier runs; the journal gets what is news
	// to it. The run adds to it.
	Applied *plan.Applied
	// Keep, if set, is to keep what a run was verified to hold, see [Report.Remember]. It is
	// called before the journal says that nothing more comes: who dies after that is not looked at
	// again.
	Keep func(*Report)

	log *journalLog // nil without a journal
}

const (
	defaultConcurrency = bitrix.DefaultConcurrency
	defaultSettle      = 60 * time.Second
	defaultFresh       = 60 * time.Second
)

// longWait is a wait that people are told of.
const longWait = 10 * time.Second

// tell says that a wait begins, if it is a long one.
func (c *Config) tell(d time.Duration, why value.Message) {
	if c.Waiting != nil && d >= longWait {
		c.Waiting(d, why)
	}
}

// stopped tells whether nothing more may be sent.
func (c *Config) stopped() bool {
	select {
	case <-c.Stop:
		return true
	default:
		return false
	}
}

// Run carries the plan out and reports every change of it. It has no error: what
// goes wrong is the outcome of an item.
func Run(ctx context.Context, plan *plan.Plan, cfg Config) *Report {
	if cfg.Concurrency < 1 {
		cfg.Concurrency = defaultConcurrency
	}
	if cfg.Settle <= 0 {
		cfg.Settle = defaultSettle
	}
	if cfg.Fresh <= 0 {
		cfg.Fresh = defaultFresh
	}
	report := &Report{Run: cfg.Run, Resumes: cfg.Resume.run(), Owner: plan.Owner, Env: plan.Env, Portal: plan.Portal, Started: now()}
	before := cfg.Client.Requests()
	cfg.open(0)
	r := newRunner(plan, cfg)
	r.runSafely(bitrix.WithStop(ctx, cfg.Stop))
	r.account(report)
	report.held = r.held
	if cfg.Applied != nil {
		report.salt = cfg.Applied.Salt()
	}
	report.Interrupted = r.stopped(ctx) && r.fatal == nil && (report.Counts[NotAttempted]+report.Counts[Unknown] > 0 || report.Items.anyOf(codeInterrupted))
	report.AuthFailed = r.fatal != nil && refusedCaller(r.fatal)
	report.MetRun = r.met
	report.Requests = cfg.Client.Requests() - before
	report.Finished = now()
	report.Unwritten = isUnwritten(r.fatal)
	report.Resumable = cfg.Journal != nil && report.leavesAny()
	cfg.keep(report)
	r.journalClose(report)
	switch report.ExitCode = report.exitCode(); {
	case r.crash != nil:
		report.End(ExitError, r.crash)
	case isAway(r.fatal):
		report.End(awayCode(&report.Items), r.fatal)
	}
	return report
}

func (c *Config) keep(report *Report) {
	if c.Keep != nil {
		c.Keep(report)
	}
}

// account gives a report the outcome of every planned item. What stays as it is needed
// nothing, and is known to by the end.
func (r *runner) account(report *Report) {
	r.outcomes.asOf = now()
	report.Items, report.Counts = r.outcomes, r.outcomes.counts()
}

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// runner schedules a plan. All of its state belongs to the goroutine of run;
// workers get jobs and hand what became of them back over a channel.
type runner struct {
	cfg      Config
	plan     *plan.Plan
	known    wire.Known
	glance   *plan.Glance
	graph    graph
	released []bool // whether a node has left the waiting state; it never does twice
	done     []bool // whether it is known what became of a node
	parts    map[int]*assembly
	outcomes Outcomes // by change
	unread   []*check // saved, and what they emptied is to be read again
	texts    texts
	queues
	rivals
	renewals
	steering
	importing

	inFlight int // jobs that run
	settling int // those of them that only wait
	results  chan finished
	held     []plan.Trace
	fatal    error    // what makes going on pointless
	lost     error    // why the plan cannot be read
	crash    error    // a bug that ended the run
	last     finished // what has been received last
}

// A result is the outcome of one node, with what its dependents need to know.
type result struct {
	index    int
	outcome  Outcome
	created  *wire.CreatedType
	field    *wire.CreatedField
	held     []plan.Trace // what was verified
	marked   bool         // it has created something that is found again by its mark
	unmarked bool         // it was created, lacks its mark and could not be deleted again
	seen     []int        // the ids that carry the mark, if they were looked up since
	claimed  time.Time    // see task
	existing bool         // of a create: its record was there already
	fatal    error
}

func newRunner(plan *plan.Plan, cfg Config) *runner {
	r := &runner{
		cfg: cfg, plan: plan, glance: plan.Changes.Glance(),
		outcomes: newOutcomes(plan, &cfg),
		queues:   newQueues(plan),
		texts:    newTexts(),
		known:    wire.Known{Files: filesBelow(cfg.Folder).read},
		results:  make(chan finished),
		renewals: newRenewals(&cfg),
	}
	r.makeGraph()
	r.importing = newImporting(plan, r.graph.changes)
	r.steer()
	return r
}

func (r *runner) stopped(ctx context.Context) bool {
	return r.fatal != nil || ctx.Err() != nil || r.cfg.stopped()
}

func (r *runner) run(ctx context.Context) {
	r.begin()
	var workers errgroup.Group
	for {
		r.wake()
		may := r.mayGo(r.hasWork())
		for !r.stopped(ctx) && r.inFlight-r.settling < r.cfg.Concurrency {
			work := r.next()
			if work == nil {
				break
			}
			r.inFlight++
			workers.Go(func() error {
				r.results <- work(ctx)
				return nil
			})
		}
		if r.inFlight == 0 && (len(r.rests) == 0 && !r.importsRest() && may.Wait.IsZero() || may.Ends() || r.stopped(ctx)) {
			if free := r.texts.release(); len(free) > 0 && !r.stopped(ctx) && !may.Ends() {
				r.ready.items = append(free, r.ready.items...)
				continue
			}
			if r.advance(ctx) {
				continue
			}
			break
		}
		f, ok := r.await(ctx, may.Wait)
		if !ok {
			continue
		}
		if f.settling != 0 {
			r.settling += f.settling
			continue
		}
		r.receive(f)
	}
	_ = workers.Wait() // workers return no errors: their results have been received
	r.recheckRest(ctx)
	r.verifyRest(ctx)
	r.openGate()
	r.leaveDoubts()
	r.lastLook(ctx)
	r.lookAtClaims(ctx)
	r.removeAll(ctx)
	r.leaveRest()
	r.nameDoubles()
}

// receive takes what became of the work of one worker.
func (r *runner) receive(f finished) {
	r.inFlight--
	r.last = f
	for _, res := range f.results {
		r.take(res)
	}
	if f.look != nil {
		r.looked(f.look)
	}
	r.renewed(f.renewed)
	r.settleProof(f.proof)
	r.unread = append(r.unread, f.unread...)
	r.importsDone(&f)
	if free := r.texts.learn(f.texts); len(free) > 0 { // a long queue is not copied for nothing
		r.ready.items = append(free, r.ready.items...)
	}
	r.park(f.parked)
	for _, c := range f.over {
		r.plan.Changes.Release(c)
	}
}

// begin gives their outcome to the changes that need no request, whatever they
// depend on, and releases those that depend on nothing.
func (r *runner) begin() {
	for i, e := range r.plan.Changes.Entries() {
		switch {
		case e.Action == plan.Refuse:
			c := r.brief(i)
			status := Failed
			if c.Reason.Conflict {
				status = Conflict
			}
			r.end(i, Outcome{Status: status, ID: c.ID, Error: c.Reason.Message, Code: c.Reason.Code, Hint: c.Reason.Hint})
		case e.Action == plan.NoOp || e.Quiet:
			c := r.brief(i)
			r.held = append(r.held, c.Agreed...)
			r.journalHeld(c.Agreed)
			r.end(i, untouched(c))
		}
	}
	r.inherit()
	for i := range r.graph.size() {
		switch {
		case !r.done[i]:
			if i < r.graph.changes && r.graph.waiting[i] == 0 {
				r.release(i)
			}
		case r.endOf(i).Status.exists():
			r.feed(i)
		default:
			r.block(i, r.endOf(i))
		}
	}
}

// release hands a node whose dependencies are there to the queues. Deletions wait
// until everything else has ended.
func (r *runner) release(i int) {
	if r.entry(i).Action != plan.Delete && !r.released[i] && !r.done[i] {
		r.released[i] = true
		if !r.awaitsStage(i) {
			r.ready.push(i)
		}
	}
}

// feed releases what waited for nothing but this node.
func (r *runner) feed(i int) {
	for _, j := range r.graph.feeds(i) {
		r.graph.waiting[j]--
		if r.graph.waiting[j] == 0 {
			r.release(int(j))
		}
	}
}

// finish takes what became of a node and releases or blocks what waited for it: a
// record is there for others as soon as it is saved, whatever its steps come to.
func (r *runner) finish(res result) {
	if r.done[res.index] {
		return
	}
	if isAway(res.fatal) && res.outcome.Status == NotAttempted {
		r.fatal = cmp.Or(r.fatal, res.fatal)
		return // leaveRest accounts for it
	}
	c := r.entry(res.index)
	res.outcome = r.byEarlier(res.index, res.outcome)
	r.end(res.index, res.outcome)
	r.remember(res) // before the journal knows of the end: after it nobody looks
	r.journalEnd(&res)
	if res.outcome.Status == Conflict && r.cfg.OnConflict == Abort {
		r.fatal = cmp.Or(r.fatal, errConflict)
	}
	if res.existing {
		r.existing[r.graph.node(res.index).change] = true
	}
	if res.fatal != nil && r.fatal == nil {
		r.fatal = res.fatal
	}
	if !res.outcome.Status.exists() {
		r.block(res.index, res.outcome)
		return
	}
	if step := r.graph.node(res.index).step; step >= 0 {
		r.known.SetStep(c.Address, step, res.outcome.ID)
	} else {
		r.known.SetID(c.Address, res.outcome.ID)
	}
	if res.created != nil {
		r.known.SetType(c.Address, *res.created)
	}
	if res.field != nil {
		r.known.SetField(c.Address, *res.field)
	}
	r.feed(res.index)
}

// record gives a change its outcome.
func (r *runner) record(i int, o Outcome) {
	if c := r.toTell(i, &o); c != nil {
		o = r.told(c, o)
	} else {
		c := r.plan.Changes.Entry(i).Change()
		o = r.told(&c, o)
	}
	o = r.cfg.Resume.tells(i, o)
	r.outcomes.put(i, o)
	r.fails(r.plan.Changes.Entry(i), &o)
	if r.cfg.Progress != nil {
		r.cfg.Progress(i, o)
	}
}

// toTell gives a change if its outcome is about more than its entry says; else nil.
func (r *runner) toTell(i int, o *Outcome) *plan.Change {
	e := r.plan.Changes.Entry(i)
	if e.Kept || e.Unread || strings.HasPrefix(o.Code, refusedFields) {
		return r.read(i, r.plan.Changes.Change)
	}
	return nil
}

// told completes the outcome of a change with what is known without it.
func (r *runner) told(c *plan.Change, o Outcome) Outcome {
	r.outcomes.complete(&o, c)
	o.Kept = append(keptBy(c), o.Kept...)
	o.nameField(r.plan, c)
	o.leaves(c, r.plan.TakesBack)
	o.Hint = o.Hint.Or(value.DoIn(value.Outcome, o.Code))
	o.Retryable = o.Retryable || value.IsRetryable(o.Code)
	if o.Timestamp.IsZero() {
		o.Timestamp = now()
	}
	return o
}

// blockedBy are the codes of messages about what a change depends on, by its status.
var blockedBy = map[Status]string{
	Failed:       "depends-on-failed",
	Blocked:      "depends-on-blocked",
	Conflict:     "depends-on-conflict",
	Unknown:      "depends-on-unknown",
	NotAttempted: "depends-on-not-attempted",
}

// block ends everything that hangs on a failed node, naming the root. It goes no
// further through a change that needs nothing: that one is there.
func (r *runner) block(root int, cause Outcome) {
	name := r.name(root)
	queue := slices.Clone(r.graph.feeds(root))
	for len(queue) > 0 {
		i := int(queue[0])
		queue = queue[1:]
		if r.done[i] || r.past(i).Way == resume.Written {
			continue
		}
		r.end(i, Outcome{Status: Blocked, ID: r.entry(i).ID, Code: "BLOCKED", Retryable: cause.Retryable || value.IsRetryable(cause.Code),
			Error: value.Say(blockedBy[cause.Status], value.T("root", name)),
			Hint:  value.Do("BLOCKED", value.T("root", name))})
		queue = append(queue, r.graph.feeds(i)...)
	}
}

// leaveRest accounts for what was never sent.
func (r *runner) leaveRest() {
	for i := range r.graph.size() {
		switch {
		case r.done[i]:
		case r.past(i).Way == resume.Written:
			r.end(i, r.notCompared(i))
		case isAway(r.fatal):
			r.end(i, Outcome{Status: NotAttempted, ID: r.entry(i).ID, Error: value.SaidBy(r.fatal), Code: codeAway, Hint: value.Do(codeAway)})
		case r.fatal != nil:
			r.end(i, Outcome{Status: NotAttempted, ID: r.entry(i).ID, Error: value.Say("run-ended-before", value.M("cause", value.SaidBy(r.fatal))), Code: "RUN_ENDED",
				Hint: value.Do("RUN_ENDED"), Retryable: bitrix.IsPassing(r.fatal)})
		case r.met:
			r.end(i, Outcome{Status: NotAttempted, ID: r.entry(i).ID, Code: "OTHER_RUN", Hint: value.Do("OTHER_RUN"),
				Error: value.Say("other-run-creates")})
		case r.may.Ends():
			r.end(i, r.cut(r.entry(i).ID))
		default:
			r.end(i, interrupted(r.entry(i).ID))
		}
	}
}

func interrupted(id string) Outcome {
	return Outcome{Status: NotAttempted, ID: id, Error: value.Say("run-was-interrupted"), Code: codeInterrupted, Hint: value.Do(codeInterrupted)}
}
