package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// An Aftermath counts what became of what a run had in flight when it ended.
type Aftermath struct {
	Done     int // it was executed
	NotDone  int // it was not, and will not be
	Doubtful int // nobody can tell; the next plan shows what is there
	Mended   int // marks that were written
	Removed  int // records without a mark that were deleted again
}

// A TakenBack is what a run has created and then deleted again, since it could not carry its mark.
type TakenBack struct {
	Resource value.Address
	Step     string // the part of the record that it was, "" for the record itself
	ID       string
}

// Untold gives what a run has taken back, itself or by the hand of who has settled it, and
// what no report has named: it died before its own was written.
func Untold(p *plan.Plan, s *journal.State) ([]TakenBack, error) {
	var out []TakenBack
	for _, n := range s.Untold() {
		if n.Item >= p.Changes.Len() {
			continue
		}
		t := TakenBack{Resource: p.Changes.Entry(n.Item).Address, ID: s.Nodes[n].ID}
		if n.Step > 0 {
			c, err := p.Changes.Brief(n.Item)
			if err != nil {
				return nil, err
			}
			t.Step = c.Steps[n.Step-1].Name
		}
		out = append(out, t)
	}
	return out, nil
}

// Says is the fact, for people.
func (t *TakenBack) Says(run string) value.Message {
	name := string(t.Resource)
	if t.Step != "" {
		name += " (" + t.Step + ")"
	}
	return value.Say("earlier-run-took-back", value.T("run", run), value.T("resource", name), value.T("id", t.ID))
}

// Settle finds out what became of what a run had in flight when it died, from its plan, what
// earlier runs have made of that (cfg.Resume), and its journal, and writes that into the journal, cfg.Journal. As in a living run, what is
// not there counts only when the portal can no longer be working on it. What was created
// and lacks its mark gets it, and what was created lately is waited for until the portal
// shows it: whoever plans next would create it again.
//
// The error is that of a portal that cannot be asked, or says that the command was
// interrupted; the journal stays open then.
func Settle(ctx context.Context, p *plan.Plan, s *journal.State, cfg Config) (a *Aftermath, err error) {
	if cfg.Settle <= 0 {
		cfg.Settle = defaultSettle
	}
	cfg.open(s.Requests)
	w := &wake{runner: newRunner(p, cfg), state: s, steps: make(map[journal.Node]int)}
	w.recall()
	ctx = bitrix.WithStop(ctx, cfg.Stop)
	for _, part := range []func(context.Context) error{w.settleSaves, w.settleRest, w.settleDeletes, w.recallHeld, w.mend, w.awaitShown} {
		if err := part(ctx); err != nil {
			return &w.Aftermath, err
		}
		if w.stopped(ctx) {
			return &w.Aftermath, bitrix.ErrStopped
		}
	}
	cfg.keep(&Report{Portal: p.Portal, held: w.held, salt: s.Header.Salt})
	return &w.Aftermath, cfg.Journal.Append(true, journal.Record{Kind: journal.End, At: now(), Is: journal.EndSettled, By: cfg.Run})
}

// A wake is what is known of a run that is over.
type wake struct {
	*runner
	Aftermath
	state *journal.State
	steps map[journal.Node]int // the nodes of steps
}

// recall takes in the ids that the run had learned.
func (w *wake) recall() {
	for i := w.plan.Changes.Len(); i < w.graph.size(); i++ {
		n := w.graph.node(i)
		w.steps[journal.Node{Item: n.change, Step: n.step + 1}] = i
	}
	for i := range w.graph.size() { // what it has resumed had learned some too
		p, n := w.past(i), w.graph.node(i)
		w.seed(journal.Node{Item: n.change, Step: n.step + 1}, p.ID, wire.CreatedType{EntityTypeID: p.Type.EntityTypeID, Category: p.Type.Pipeline}, p.Field)
	}
	for n, k := range w.state.Nodes {
		if n.Item >= w.plan.Changes.Len() {
			continue
		}
		id := k.ID
		if k.TakenBack {
			id = ""
		}
		w.seed(n, id, wire.CreatedType{EntityTypeID: k.EntityTypeID, Category: k.Pipeline}, k.Field)
	}
}

// taskOf makes the request of a node anew. It is nil if that cannot be: then nothing was
// sent that depends on it either.
func (w *wake) taskOf(n journal.Node) (t *task, err error) {
	i, ok := n.Item, n.Item < w.plan.Changes.Len()
	if n.Step > 0 {
		i, ok = w.steps[n]
	}
	if !ok || w.plan.Changes.Entry(n.Item).Action == plan.Delete {
		return nil, nil
	}
	t, err = w.task(i)
	if w.lost != nil {
		return nil, w.lost
	}
	if err != nil {
		w.leaveInDoubt(n)
		return nil, nil
	}
	t.command, t.doubt = t.ready.Request(), errInFlight
	return t, nil
}

var errInFlight = said(value.Say("left-in-flight"))

// leaveInDoubt closes a node of which nobody can tell.
func (w *wake) leaveInDoubt(n journal.Node) {
	w.Doubtful++
	w.cfg.log.note(journal.Settled, entry(n, journal.Doubtful))
}

// flying makes the tasks of the nodes whose last request in flight has a purpose, and tells
// until when the portal may be working on it.
func (w *wake) flying(which func(purpose string, t *task) bool) (tasks []*task, deadline time.Time, err error) {
	for _, n := range w.state.InFlight() {
		last := w.state.Nodes[n].Flights[len(w.state.Nodes[n].Flights)-1]
		t, err := w.taskOf(n)
		if err != nil {
			return nil, deadline, err
		}
		if t != nil && which(last.For, t) {
			tasks = append(tasks, t)
			deadline = later(deadline, last.Sent.Add(w.cfg.Settle))
		}
	}
	return tasks, deadline, nil
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// jobOf is a job of tasks that sends none of them.
func (w *wake) jobOf(tasks []*task) *job {
	return &job{cfg: &w.cfg, tasks: tasks, settling: func(int) {}, halted: &w.halted}
}

// settleSaves does for creates and saves what a living run does about a lost answer.
func (w *wake) settleSaves(ctx context.Context) error {
	tasks, deadline, err := w.flying(isSave)
	for part := range slices.Chunk(tasks, bitrix.MaxBatch) {
		if err != nil || w.stopped(ctx) {
			return err
		}
		err = w.settlePart(ctx, w.jobOf(part), deadline)
	}
	return err
}

func isSave(purpose string, t *task) bool {
	return purpose == journal.Save && bitrix.EffectOf(t.command.Method) == bitrix.Once
}

func (w *wake) settlePart(ctx context.Context, j *job, deadline time.Time) error {
	found, ends, again := w.settleStubbornly(ctx, j, deadline)
	for i := range found {
		w.saw(&found[i])
	}
	j.noteSettled(found, ends, again)
	for _, s := range found {
		if !s.task.claimed.IsZero() {
			w.claims = append(w.claims, claim{until: s.task.claimed})
		}
		if n := s.task.node; n.Step > 0 {
			w.known.SetStep(s.task.change.Address, n.Step-1, value.ID(s.id))
		} else {
			w.known.SetID(s.task.change.Address, value.ID(s.id))
		}
	}
	w.Done, w.NotDone = w.Done+len(found), w.NotDone+len(again)
	if w.stopped(ctx) {
		return nil
	}
	for i := range ends {
		if ends[i].outcome.Status != Unknown {
			w.NotDone++
			continue
		}
		if _, err := w.cfg.Client.Call(ctx, "profile", nil); err != nil {
			return err // nothing could be read: it stays open
		}
		w.leaveInDoubt(j.task(ends[i].index).node)
	}
	return nil
}

// looksAtMost bounds how often it is asked anew what nobody could read: what is left in doubt here stays so.
const looksAtMost = 3

// settleStubbornly is settleUntil, and once more for what could not be read when the time was over.
func (w *wake) settleStubbornly(ctx context.Context, j *job, deadline time.Time) (found []stored, ends []result, again []*task) {
	open := j.tasks
	for looks := 1; len(open) > 0; looks++ {
		hits, over, free := j.settleUntil(ctx, open, deadline)
		found, again, open = append(found, hits...), append(again, free...), nil
		for _, res := range over {
			if looks < looksAtMost && res.outcome.Status == Unknown && res.fatal == nil && !w.stopped(ctx) {
				open = append(open, j.task(res.index))
			} else {
				ends = append(ends, res)
			}
		}
		if len(open) > 0 {
			j.rest(ctx, w.cfg.Settle/60)
		}
	}
	return found, ends, again
}

// settleRest waits for what was sent once more, and for parts that were to be deleted:
// until a read shows that they are done, or until they cannot be any more.
func (w *wake) settleRest(ctx context.Context) error {
	tasks, deadline, err := w.flying(func(purpose string, t *task) bool { return !isSave(purpose, t) })
	if err != nil || len(tasks) == 0 {
		return err
	}
	j := w.jobOf(tasks)
	left := w.until(ctx, deadline, tasks, func(open []*task) (left []*task) {
		for i, a := range w.reads(ctx, j, open) {
			if bitrix.IsNotFound(a.err) || a.err == nil && len(open[i].ready.Verify(a.row)) == 0 {
				w.Done++
				if a.err == nil {
					w.saw(&a.stored)
				}
				w.cfg.log.note(journal.Settled, entry(open[i].node, journal.Landed))
				w.noteWithdrawn(open[i], a)
				continue
			}
			left = append(left, open[i])
		}
		return left
	})
	if w.stopped(ctx) {
		return nil
	}
	for _, t := range left {
		w.NotDone++
		w.cfg.log.note(journal.Settled, entry(t.node, journal.Not))
	}
	return nil
}

// saw remembers what a save of the dead run is seen to have left there, for people who change
// it later, and what they have changed by now.
func (w *wake) saw(s *stored) {
	held := wire.Traces(s.task.ready, s.row, s.id, s.entityTypeID, s.task.ready.Verify(s.row))
	held = append(held, wire.TheirTraces(s.task.ready, s.row, s.id, s.entityTypeID)...)
	w.held = append(w.held, held...)
	w.journalHeld(held)
}

// recallHeld does so for what was answered and not compared before the run died.
func (w *wake) recallHeld(ctx context.Context) error {
	var tasks []*task
	for _, n := range w.state.Unended() {
		t, err := w.taskOf(n)
		if err != nil {
			return err
		}
		if t != nil && wire.Remembered(t.ready) {
			tasks = append(tasks, t)
		}
	}
	for _, a := range w.reads(ctx, w.jobOf(tasks), tasks) {
		if a.err == nil {
			w.saw(&a.stored)
		}
	}
	return nil
}

// reads reads what tasks are about, by the ids that the run had learned.
func (w *wake) reads(ctx context.Context, j *job, tasks []*task) []reading {
	out := make([]reading, len(tasks))
	var looks, gets []int
	for i, t := range tasks {
		if _, ok := wire.Look(t.ready); ok {
			looks = append(looks, i)
		} else {
			gets = append(gets, i)
		}
	}
	for part := range slices.Chunk(looks, bitrix.MaxBatch) {
		for k, a := range j.read(ctx, pick(tasks, part)) {
			out[part[k]] = a
		}
	}
	for part := range slices.Chunk(gets, bitrix.MaxBatch) {
		commands := make([]bitrix.Command, len(part))
		for k, i := range part {
			commands[k] = tasks[i].ready.Get(w.idOf(tasks[i]))
		}
		for k, a := range j.ask(ctx, commands, tasks[part[0]].alone) {
			out[part[k]] = readingOf(tasks[part[k]], a)
		}
	}
	return out
}

func pick(tasks []*task, at []int) []*task {
	out := make([]*task, len(at))
	for k, i := range at {
		out[k] = tasks[i]
	}
	return out
}

// idOf is the id of what a task is about.
func (w *wake) idOf(t *task) int {
	if k := w.state.Nodes[t.node]; k != nil && k.ID != "" {
		return value.IDNumber(k.ID)
	}
	return value.IDNumber(t.change.ID)
}

func readingOf(t *task, a answer) reading {
	r := reading{err: a.err}
	if a.err != nil {
		return r
	}
	var s *stored
	if s, r.err = t.object(a.result); s != nil {
		r.stored = *s
	}
	return r
}

// until looks again and again, at the latest when the time is over; it gives what is left.
func (w *wake) until(ctx context.Context, deadline time.Time, open []*task, look func([]*task) []*task) []*task {
	for pause := (&backoff{next: w.cfg.Settle / 60, deadline: deadline}); len(open) > 0 && !w.stopped(ctx); {
		if open = look(open); len(open) == 0 {
			break
		}
		w.cfg.tell(time.Until(deadline), value.Say("to-see-whether-writes-are-done", value.N("n", len(open))))
		if !pause.wait(ctx, w.cfg.Stop) {
			break
		}
	}
	return open
}

// settleDeletes waits until what was to be deleted is gone, or stays.
func (w *wake) settleDeletes(ctx context.Context) error {
	var open []*victim
	var deadline time.Time
	for _, n := range w.state.InFlight() {
		if n.Step == 0 && n.Item < w.plan.Changes.Len() && w.entry(n.Item).Action == plan.Delete {
			open = append(open, &victim{index: n.Item, change: w.change(n.Item)})
			for _, f := range w.state.Nodes[n].Flights {
				deadline = later(deadline, f.Sent.Add(w.cfg.Settle))
			}
		}
	}
	for pause := (&backoff{next: w.cfg.Settle / 60, deadline: deadline}); len(open) > 0 && !w.stopped(ctx); {
		presence, err := w.rollCall(ctx, open)
		if err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(v *victim) bool {
			gone := presence[v.change] == wire.Gone
			if gone {
				w.Done++
				w.cfg.log.note(journal.Settled, entry(journal.Node{Item: v.index}, journal.Landed))
			}
			return gone
		})
		if len(open) > 0 && !pause.wait(ctx, w.cfg.Stop) {
			break
		}
	}
	if !w.stopped(ctx) {
		for _, v := range open {
			w.NotDone++
			w.cfg.log.note(journal.Settled, entry(journal.Node{Item: v.index}, journal.Not))
		}
	}
	return w.lost
}

// mend writes the marks of what was created, answered, and not compared before the run died.
// What takes no mark is deleted again, as in a living run.
func (w *wake) mend(ctx context.Context) error {
	var open []*task
	var deadline time.Time
	for _, n := range w.state.Unended() {
		t, err := w.taskOf(n)
		if err != nil {
			return err
		}
		if t != nil && t.ready.Once() && wire.Marked(t.ready) && w.state.Nodes[n].ID != "" {
			open = append(open, t)
			deadline = later(deadline, w.state.Nodes[n].Sent.Add(w.cfg.Settle))
		}
	}
	if len(open) == 0 {
		return nil
	}
	j := w.jobOf(open)
	var lacking []*check
	w.until(ctx, deadline, open, func(open []*task) (hidden []*task) {
		for i, a := range w.reads(ctx, j, open) {
			if w.noteWithdrawn(open[i], a) {
				continue
			}
			if a.err != nil {
				hidden = append(hidden, open[i])
				continue
			}
			c := &check{stored: a.stored}
			c.see(a.row)
			c.mismatches = slices.DeleteFunc(c.mismatches, func(m wire.Mismatch) bool { return !m.Mark || m.Claimed })
			if len(c.mismatches) > 0 && c.task.ready.Repairable(c.mismatches) {
				lacking = append(lacking, c)
			}
		}
		return hidden
	})
	for part := range slices.Chunk(lacking, bitrix.MaxBatch) {
		w.mendPart(ctx, j, part)
	}
	return nil
}

// noteWithdrawn takes down that a record is not there which the run was about to delete again.
func (w *wake) noteWithdrawn(t *task, a reading) bool {
	k := w.state.Nodes[t.node]
	if k == nil || !k.Withdrawn || !bitrix.IsNotFound(a.err) && !errors.Is(a.err, wire.ErrNoRow) {
		return false
	}
	w.Removed++
	k.TakenBack = true
	e := entry(t.node, journal.Gone)
	e.ID = k.ID
	w.cfg.log.note(journal.Taken, e)
	return true
}

func (w *wake) mendPart(ctx context.Context, j *job, lacking []*check) {
	j.reread(ctx, j.repair(ctx, lacking))
	var orphans []*check
	for _, c := range lacking {
		if c.fresh && !slices.ContainsFunc(c.mismatches, func(m wire.Mismatch) bool { return m.Mark }) {
			w.Mended++
		} else {
			orphans = append(orphans, c)
		}
	}
	j.withdraw(ctx, orphans)
	for _, c := range orphans {
		if c.withdrawn {
			w.Removed++
			w.state.Nodes[c.task.node].TakenBack = true
		} else {
			w.leaveInDoubt(c.task.node)
		}
	}
}
