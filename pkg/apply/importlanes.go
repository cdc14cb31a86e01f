package apply

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/lanes"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/wire"
)

// importing is what is to be imported, by the kind of records.
type importing struct {
	lanes    []*importLane
	bySpace  map[string]*importLane
	imported []*check      // what was imported, and is to be read
	most     *atomic.Int32 // records that a command takes
}

// An importLane holds the imports of one kind of records. They become tasks when it is their turn.
type importLane struct {
	*lanes.Lane
	facts   *kind.Kind
	tasks   []*task       // prepared, and not sent, or given back
	store   string        // of their proof; "" as long as none was prepared
	flying  int           // requests
	until   time.Time     // no method has time before
	method  string        // that waits for it
	refused *bitrix.Error // why none of them is sent
}

// fullImport is how many records one request imports at most.
const fullImport = wire.MaxImport * bitrix.MaxBatch

func newImporting(p *plan.Plan, n int) (im importing) {
	im.bySpace, im.most = make(map[string]*importLane), new(atomic.Int32)
	im.most.Store(wire.MaxImport)
	dated := make(map[string][]lanes.Dated)
	for i, e := range p.Changes.Entries() {
		if !e.Imports {
			continue
		}
		space, _ := e.Address.Split()
		if im.bySpace[space] == nil {
			l := &importLane{facts: e.Facts}
			im.bySpace[space], im.lanes = l, append(im.lanes, l)
		}
		if e.Dated != 0 {
			dated[space] = append(dated[space], lanes.Dated{Record: i, At: e.Dated})
		}
	}
	for space, l := range im.bySpace {
		l.Lane = lanes.New(n, dated[space])
	}
	return im
}

// importLane is the lane of a node; nil if it is no import.
func (r *runner) importLane(i int) *importLane {
	if i >= r.graph.changes || !r.entry(i).Imports {
		return nil
	}
	space, _ := r.entry(i).Address.Split()
	return r.bySpace[space]
}

// queueImport puts a node into its lane; false if it is no import.
func (r *runner) queueImport(i int) bool {
	l := r.importLane(i)
	if l != nil {
		l.Push(i, r.entry(i).Dated != 0)
	}
	return l != nil
}

// inOrder tells whether a node is imported in the order of times, and waits for nothing else.
func (r *runner) inOrder(i int) bool {
	l := r.importLane(i)
	return l != nil && l.IsOrdered()
}

// takes tells whether the lane has room: what goes by its time is sorted as a whole.
func (l *importLane) takes() bool { return l.IsOrdered() || l.waiting() < fullImport }

// waiting is how many records could be sent.
func (l *importLane) waiting() int { return len(l.tasks) + l.Ready() }

func (r *runner) lanesHaveWork() bool {
	return slices.ContainsFunc(r.lanes, func(l *importLane) bool { return l.waiting() > 0 })
}

// importWork gives the next request of imports, or the reading of what was imported. Requests are the
// scarce good: one is sent short only if idle, when nothing else could be sent.
func (r *runner) importWork(idle bool) func(context.Context) finished {
	if work := r.readImported(false); work != nil {
		return work
	}
	for _, l := range r.lanes {
		if work := r.fromLane(l, idle, false); work != nil {
			return work
		}
	}
	return r.readImported(idle)
}

// outOfTurn gives what is ready of a lane whose oldest record waits for one that cannot come before:
// the portal refuses the older one then.
func (r *runner) outOfTurn(idle bool) func(context.Context) finished {
	if !idle {
		return nil
	}
	for _, l := range r.lanes {
		if l.flying == 0 && l.until.IsZero() {
			if work := r.fromLane(l, true, true); work != nil {
				return work
			}
		}
	}
	return nil
}

// fromLane gives a request of one lane.
func (r *runner) fromLane(l *importLane, idle, anyway bool) func(context.Context) finished {
	l.until, l.method = time.Time{}, ""
	if l.refused != nil {
		r.refuseLane(l)
	}
	if l.waiting() == 0 || l.IsOrdered() && l.flying > 0 {
		return nil
	}
	n, one := r.importSize(l)
	if n == 0 || l.waiting() < n && !idle {
		return nil
	}
	for len(l.tasks) < n && !r.proof[l.store].proving && r.lost == nil {
		i, ok := l.Next(func(i int) bool { return r.done[i] }, anyway)
		if !ok {
			break
		}
		if r.prepare(i); len(l.tasks) > 0 {
			l.store = l.tasks[len(l.tasks)-1].store
		}
	}
	return r.importJob(l, n, one)
}

// importJob sends up to n prepared tasks of a lane. One that goes as JSON goes by itself, in its turn.
func (r *runner) importJob(l *importLane, n int, one bool) func(context.Context) finished {
	n = min(n, len(l.tasks))
	if at := slices.IndexFunc(l.tasks[:n], func(t *task) bool { return t.alone }); at >= 0 {
		n = max(at, 1)
	}
	if n == 0 {
		return nil
	}
	j := r.job(l.tasks[:n:n]...)
	j.one, l.tasks = one, l.tasks[n:]
	l.flying++
	return func(ctx context.Context) finished {
		f := j.runSafely(ctx)
		f.lane = l
		return f
	}
}

// importSize is how many records of a lane the next request takes, and whether it does so by the method
// that imports one in a command, since the other has used up its time; 0 if none can be sent.
func (r *runner) importSize(l *importLane) (n int, one bool) {
	client, m := r.cfg.Client, l.facts.Methods
	n, ramps := client.RowsFit(m.BatchImport)
	n = min(n, int(r.most.Load())*bitrix.MaxBatch)
	if ramps && l.flying > 0 {
		return 0, false // whose answer allows a larger one
	}
	until := client.RowsParkedUntil(m.BatchImport, min(n, l.waiting()))
	if until.IsZero() {
		return n, false
	}
	single, ramps := client.RowsFit(m.Import)
	single = min(single, bitrix.MaxBatch)
	l.until, l.method = until, bitrix.Canonical(m.BatchImport)
	if ramps && l.flying > 0 {
		return 0, false
	}
	other := client.RowsParkedUntil(m.Import, min(single, l.waiting()))
	if other.IsZero() {
		l.until = other
		return single, true
	}
	if other.Before(until) {
		l.until = other
	}
	return 0, false
}

// refuseLane ends what is ready of a lane that may not import.
func (r *runner) refuseLane(l *importLane) {
	l.tasks = without(l.tasks, func(t *task) bool {
		if t.doubt == nil {
			r.finish(result{index: t.index, outcome: mayNotImport(l.refused)})
		}
		return t.doubt == nil
	})
	for i, ok := l.Next(func(i int) bool { return r.done[i] }, true); ok; i, ok = l.Next(func(i int) bool { return r.done[i] }, true) {
		r.finish(result{index: i, outcome: mayNotImport(l.refused)})
	}
}

// importsDone takes what became of a request of imports.
func (r *runner) importsDone(f *finished) {
	r.imported = append(r.imported, f.imported...)
	if f.lane == nil {
		return
	}
	f.lane.flying--
	if f.denied != nil {
		f.lane.refused = f.denied
	}
}

// giveBack puts imports that were not executed back into their lanes, and gives the other tasks.
func (r *runner) giveBack(list []parkedTask) []parkedTask {
	back := make(map[*importLane][]*task)
	list = slices.DeleteFunc(list, func(p parkedTask) bool {
		if !p.task.imports() {
			return false
		}
		r.leaveTrial(p.task)
		l := r.importLane(p.task.index)
		back[l] = append(back[l], p.task)
		return true
	})
	for l, tasks := range back {
		l.tasks = append(tasks, l.tasks...)
	}
	return list
}

// importRest is until when no import can be sent, and by which method the first one will be; the zero
// time if none waits for its method alone.
func (r *runner) importRest() (method string, until time.Time) {
	for _, l := range r.lanes {
		if !l.until.IsZero() && l.waiting() > 0 && (until.IsZero() || l.until.Before(until)) {
			method, until = l.method, l.until
		}
	}
	return method, until
}

func (r *runner) importsRest() bool {
	_, until := r.importRest()
	return !until.IsZero()
}

// readImported gives the reading of what was imported: of as much as one request can ask about, or if
// idle of what there is.
func (r *runner) readImported(idle bool) func(context.Context) finished {
	if len(r.imported) < wire.LookSize && (!idle || len(r.imported) == 0) {
		return nil
	}
	return r.readingJob().runSafely
}

func (r *runner) readingJob() *job {
	n := min(len(r.imported), wire.LookSize)
	j := r.job()
	j.imported, r.imported = r.imported[:n:n], r.imported[n:]
	for _, c := range j.imported {
		j.tasks = append(j.tasks, c.task)
	}
	return j
}

// verifyRest reads what was imported and not read when the run ended.
func (r *runner) verifyRest(ctx context.Context) {
	for len(r.imported) > 0 {
		r.runAlone(ctx, r.readingJob())
	}
}
