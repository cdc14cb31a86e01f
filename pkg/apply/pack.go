package apply

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A task is one request of a change on its way to the portal.
type task struct {
	index    int // of its node
	node     journal.Node
	change   *plan.Change
	own      *plan.Change // change as it was read, if it is to be given back
	ready    wire.Call
	saves    *wire.Ready // the same, if it saves the record itself; nil for a step
	command  bitrix.Command
	alone    bool     // a batch cannot carry it
	plain    bool     // it was sent with null and empty lists as JSON has them
	classes  []string // those of its text that a portal may rewrite
	tries    []string // classes of text of which it is the first in a batch
	prover   bool     // its mark proves that of its store
	store    string   // of wire.ProofStore; "" if its mark needs no proof
	attempts int
	refusals int       // for the time that its method used
	seen     []int     // the ids that carry the mark, if they were looked up since it was sent
	doubt    error     // why an earlier sending may have been executed
	theirs   []string  // fields that people have changed since the plan, and that are left to them
	became   bool      // a create of what is there by now, so that it is an update
	refit    bool      // it was replanned
	read     time.Time // when what it is about was read; zero if that does not matter
	// claimed is set of a create whose answer was lost and whose mark was found: until then the
	// portal may be at work on it, so that what was found may be another run's.
	claimed time.Time
	past    resume.Past   // what an earlier run has made of it
	took    time.Duration // of an import, until it was answered
}

// queues holds the nodes that can be sent. They become tasks only when they are
// near their turn, so that a long queue is a list of numbers.
type queues struct {
	ready fifo
	open  []*task // the batch that is being filled
	alone []*task // next to go by themselves
	// proof tells, by wire.ProofStore, whether the portal shows the mark of what was
	// created; parked are the creates that wait for it.
	proof  map[string]proofState
	parked map[string][]int
	// rests holds, by method, what waits until the portal grants that time again;
	// methods tells the method of a lane.
	rests   map[string]*rest
	methods map[lane]string
}

func newQueues(plan *plan.Plan) queues {
	q := queues{proof: make(map[string]proofState), parked: make(map[string][]int), rests: make(map[string]*rest), methods: make(map[lane]string)}
	for _, store := range wire.ProvenStores(plan) {
		q.proof[store] = proofState{proven: true}
	}
	return q
}

// fifo is a queue of nodes.
type fifo struct{ items []int }

func (f *fifo) push(i int) { f.items = append(f.items, i) }

func (f *fifo) pop() int {
	i := f.items[0]
	f.items = f.items[1:]
	return i
}

// A job is one request: a batch of tasks, or one task alone.
type job struct {
	cfg   *Config
	tasks []*task
	// unread are records that were saved before, of which it reads again what was
	// emptied; its tasks are theirs.
	unread []*check
	// block is set of a job that only reads its tasks' records again.
	block *block
	// imported were created by imports, and are read; its tasks are theirs.
	imported []*check
	// one says that records are imported by the method that takes one in a command.
	one bool
	// most is how many records a command may import.
	most *atomic.Int32
	// settling tells the runner that the job has begun (+1) or ended (-1) to wait
	// for what the portal may still be doing.
	settling func(int)
	// halted says that nothing more may be created.
	halted *atomic.Bool
}

// next takes the next request, or nil if it is better to wait: requests are the
// scarce good, so a batch is sent short only when nothing is in flight that could
// fill it, or when the portal would work too long on a full one.
func (r *runner) next() func(context.Context) finished {
	if !r.may.Goes() {
		return r.finishing()
	}
	if look := r.lookUp(false); look != nil {
		return look
	}
	if again := r.renewal(); again != nil {
		return again
	}
	for len(r.ready.items) > 0 && !r.isStale(r.ready.items[0]) && r.takes(r.ready.items[0]) {
		if i := r.ready.pop(); !r.queueImport(i) && !r.holdBack(i) && !r.awaitsProof(i) {
			r.prepare(i)
		}
	}
	if work := r.importWork(false); work != nil {
		return work
	}
	n := r.cfg.Client.BatchSize(commandsOf(r.open[:min(len(r.open), bitrix.MaxBatch)]))
	idle := r.inFlight == r.settling
	switch {
	case len(r.unread) >= waveSize || len(r.unread) > 0 && idle && n < bitrix.MaxBatch && n == len(r.open):
		return r.recheckJob().runSafely
	case n == bitrix.MaxBatch || n < len(r.open) || n > 0 && idle:
		tasks := r.open[:n:n]
		r.open = r.open[n:]
		return r.job(tasks...).runSafely
	case len(r.alone) > 0:
		t := r.alone[0]
		r.alone = r.alone[1:]
		return r.job(t).runSafely
	}
	if work := r.importWork(idle); work != nil {
		return work
	}
	if look := r.lookUp(idle); look != nil {
		return look
	}
	return r.outOfTurn(idle)
}

// takes tells whether there is room for a node among what is about to be sent.
func (r *runner) takes(i int) bool {
	if l := r.importLane(i); l != nil {
		return l.takes()
	}
	return len(r.open) < bitrix.MaxBatch && len(r.alone) < r.cfg.Concurrency && !r.stalled()
}

// prepare turns a node into a task. What it refers to has been created by now; if
// the portal gave no id for it, the node fails.
func (r *runner) prepare(i int) {
	t, err := r.prepared(i)
	c := r.entry(i)
	if r.lost != nil {
		return // leaveRest says why
	}
	if err != nil {
		r.finish(result{index: i, outcome: Outcome{Status: Failed, ID: c.ID, Error: value.SaidBy(err), Code: "REFERENCE", Hint: value.Do("REFERENCE")}})
		return
	}
	if r.met && t.ready.Once() {
		return // leaveRest says why
	}
	t.command, t.past = t.ready.Request(), r.past(i)
	classes, alone := doubts(t)
	if t.alone = alone; !alone && !r.inOrder(i) && r.texts.hold(i, classes) {
		r.spare(t)
		return
	}
	if store, ok := wire.ProofStore(t.ready); ok {
		t.store = store
		switch proof := r.proof[store]; {
		case proof.broken != nil:
			r.finish(unproven(i, proof.broken))
			return
		case proof.proving:
			r.parked[store] = append(r.parked[store], i)
			r.spare(t)
			return
		case !proof.proven:
			t.prover = true
			r.proof[store] = proof.prover()
		}
	}
	if !t.alone {
		r.texts.choose(t, classes)
	}
	if !t.imports() {
		r.methods[r.laneOf(i)] = bitrix.Canonical(t.command.Method)
	}
	if !r.hold(t) {
		r.enqueue(t)
	}
}

// spare gives up a task of which another one is made later.
func (r *runner) spare(t *task) {
	if t.own != nil {
		r.plan.Changes.Release(t.own)
	}
}

func (r *runner) enqueue(t *task) {
	if t.imports() {
		l := r.importLane(t.index)
		l.tasks = append(l.tasks, t)
	} else if t.alone {
		r.alone = append(r.alone, t)
	} else {
		r.open = append(r.open, t)
	}
}

func (r *runner) job(tasks ...*task) *job {
	return &job{cfg: &r.cfg, tasks: tasks, settling: func(n int) { r.results <- finished{settling: n} }, halted: &r.halted, most: r.most}
}
