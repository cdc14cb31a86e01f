package apply

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// rivals is what a run knows of others that create the same at the same time, on
// machines that share no lock. Each finds nothing and creates; the lowest id wins.
//
// So what refers to something that this run has created waits until its mark was looked
// up, and once the last answer is in, everything that was created is looked up again.
type rivals struct {
	made   []madeNode    // what this run has created and can be looked up by a mark
	claims []claim       // what it has found after a lost answer, and uses
	gate   []result      // what was created, and what waits for whose look-up
	double map[int][]int // all ids of what has several, by node
	met    bool          // another run has made some of it before: nothing more is created
	halted atomic.Bool   // met, for the jobs that run
}

// A madeNode is a node that has created something, with the id that the portal gave.
type madeNode struct{ node, id int }

// made gives the node that a result is of.
func made(res result) madeNode {
	return madeNode{res.index, value.IDNumber(res.outcome.ID)}
}

// A claim is what carries the mark of a create whose answer was lost: this run's own, or that
// of another one while its own may still be made, until that cannot be any more.
type claim struct {
	madeNode
	until time.Time
}

// A look is what a look-up of marks found: for each call the ids of what carries its
// mark, nil where that is not known.
type look struct {
	gated []result
	ids   [][]int
	err   error
}

// take receives what became of a node. What others wait for, and could have been created
// by another run too, goes to the gate first, unless its job has looked already.
func (r *runner) take(res result) {
	if !res.marked || r.done[res.index] {
		r.finish(res)
		return
	}
	r.made = append(r.made, made(res))
	if !res.claimed.IsZero() {
		r.claims = append(r.claims, claim{made(res), res.claimed})
	}
	switch {
	case res.seen != nil:
		r.pass(res, res.seen)
	case len(r.graph.feeds(res.index)) == 0:
		r.finish(res)
	default:
		if r.gate == nil {
			r.gate = make([]result, 0, wire.LookSize)
		}
		r.gate = append(r.gate, res)
	}
}

// lookUp gives the look-up of what stands at the gate: when it fills a request, or when
// nothing else could be sent.
func (r *runner) lookUp(idle bool) func(context.Context) finished {
	if len(r.gate) < wire.LookSize && (!idle || len(r.gate) == 0) {
		return nil
	}
	n := min(len(r.gate), wire.LookSize)
	gated := r.gate[:n:n]
	if r.gate = r.gate[n:]; len(r.gate) == 0 {
		r.gate = nil
	}
	nodes := make([]madeNode, n)
	for i, res := range gated {
		nodes[i] = made(res)
	}
	find := r.lookFor(nodes)
	return func(ctx context.Context) finished {
		l := find(ctx)
		l.gated = gated
		return finished{look: &l}
	}
}

// callOf makes the call of a node anew, by which its mark is known: keeping all of them would take
// more memory than the plan. What a record is given is no part of its mark. It is nil where the call
// cannot be made.
func (r *runner) callOf(i int) wire.Call {
	of := r.plan.Changes.Brief
	if !r.isBrief(i) {
		of = r.plan.Changes.Change
	}
	t, err := r.taskFrom(i, of)
	if err != nil {
		return nil
	}
	return t.ready
}

// isBrief tells whether the mark of a node stands in what is read of a change without its fields.
func (r *runner) isBrief(i int) bool { return r.graph.node(i).step < 0 && r.entry(i).IsRecord() }

// lookFor gives the look-up of the marks of nodes, see [wire.MarkLook.Read]. What it holds
// until it is made is no more than the marks.
func (r *runner) lookFor(nodes []madeNode) func(context.Context) look {
	return asks(&r.cfg, func() *wire.MarkLook {
		marks, room := wire.NewMarks(len(nodes)), &wire.Ready{}
		for i, n := range nodes {
			keep := func() wire.Call { return r.callOf(n.node) }
			if !r.isBrief(n.node) {
				marks.Add(i, keep(), keep)
			} else if room.Settle(r.read(r.graph.node(n.node).change, r.glance.Brief), &r.known) == nil && r.lost == nil {
				marks.Add(i, room, keep)
			}
		}
		return marks.Look()
	})
}

// findMarks looks up which things carry the marks of calls.
func findMarks(ctx context.Context, cfg *Config, calls []wire.Call) look {
	return asks(cfg, func() *wire.MarkLook { return wire.NewMarkLook(calls) })(ctx)
}

// asks gives a look-up; a bug is its error.
func asks(cfg *Config, of func() *wire.MarkLook) func(context.Context) look {
	var asked *wire.MarkLook
	if err := crash.Catch(func() error { asked = of(); return nil }); err != nil {
		return func(context.Context) look { return look{err: err} }
	}
	return func(ctx context.Context) look { return readMarks(ctx, cfg, asked) }
}

func readMarks(ctx context.Context, cfg *Config, asked *wire.MarkLook) (l look) {
	err := crash.Catch(func() error {
		l.ids, l.err = asked.Read(cfg.Client.ListEach(ctx, asked.Lists))
		return nil
	})
	if err != nil {
		l = look{err: err}
	}
	return l
}

// of gives the ids of what carries the mark of a call, nil if that is not known.
func (l *look) of(i int) []int {
	if l.ids == nil {
		return nil
	}
	return l.ids[i]
}

// looked lets what was looked up through the gate. A look-up that shows nothing releases
// too, and so does one that failed: the last look is still to come.
func (r *runner) looked(l *look) {
	if l.err != nil && endsRun(l.err) && r.fatal == nil {
		r.fatal = l.err
	}
	for i, res := range l.gated {
		r.pass(res, l.of(i))
	}
}

// openGate lets everything through, since nothing that waits for it will be sent.
func (r *runner) openGate() {
	for _, res := range r.gate {
		r.finish(res)
	}
	r.gate = nil
}

// pass finishes a node whose mark was looked up. If another run has made the same, the
// one with the lowest id stays: nothing may refer to a later one.
func (r *runner) pass(res result, ids []int) {
	if r.isLater(made(res), ids) {
		res.outcome = r.doubled(res.index, res.outcome)
	}
	r.finish(res)
}

// isLater notes what carries the mark of a node, and tells whether another run has made
// it earlier.
func (r *runner) isLater(n madeNode, ids []int) bool {
	all := union(r.double[n.node], ids, n.id)
	if len(all) < 2 {
		return false
	}
	if r.double == nil {
		r.double = make(map[int][]int)
	}
	r.double[n.node] = all
	later := all[0] != n.id
	if later && !r.met {
		r.met = true
		r.stopCreates()
	}
	return later
}

// stopCreates takes everything that would create something from the queues: two runs
// never work against each other. What may have been executed already stays, to be
// accounted for.
func (r *runner) stopCreates() {
	r.drop(func(t *task) bool { return t.ready.Once() && t.doubt == nil })
	r.halted.Store(true)
}

// lastLook looks up once more all that this run has created: ids are given before they
// are visible, so two runs can have looked without seeing each other. It is repeated only
// while the portal does not show what this run itself was told, for the time at most in
// which it may be at work on a request.
func (r *runner) lastLook(ctx context.Context) {
	open := r.made
	for pause := newBackoff(r.cfg.Settle); len(open) > 0 && !r.stopped(ctx); {
		open = r.lookAgain(ctx, open)
		if len(open) == 0 || !pause.wait(ctx, r.cfg.Stop) {
			return
		}
	}
}

// lookAtClaims looks up once more what was claimed, when the portal cannot be at work on this
// run's own requests any more: what these have made beside it is double.
func (r *runner) lookAtClaims(ctx context.Context) {
	until := r.claimedUntil()
	if until.IsZero() || r.stopped(ctx) {
		return
	}
	if left := time.Until(until); left > 0 {
		r.cfg.tell(left, value.Say("to-see-whether-writes-are-done", value.N("n", len(r.claims))))
		r.pause(ctx, until)
	}
	var open []madeNode
	for _, c := range r.claims {
		open = append(open, c.madeNode)
	}
	for pause := newBackoff(r.cfg.Settle); len(open) > 0 && !r.stopped(ctx); {
		if open = r.lookAgain(ctx, open); len(open) > 0 && !pause.wait(ctx, r.cfg.Stop) {
			return
		}
	}
	if !r.stopped(ctx) {
		r.claims = nil
	}
}

// claimedUntil is when nothing can be made any more that this run has claimed; zero if it has
// claimed nothing.
func (r *runner) claimedUntil() (until time.Time) {
	for _, c := range r.claims {
		until = later(until, c.until)
	}
	return until
}

// lookAgain looks some nodes up, and gives those whose own record was not shown, or that
// could not be looked up for a passing reason.
func (r *runner) lookAgain(ctx context.Context, open []madeNode) (hidden []madeNode) {
	var parts [][]madeNode
	for part := range slices.Chunk(open, wire.LookSize) {
		parts = append(parts, part)
	}
	looks := make([]look, len(parts))
	var workers errgroup.Group
	workers.SetLimit(r.cfg.Concurrency)
	for i, part := range parts {
		find := r.lookFor(part)
		workers.Go(func() error {
			looks[i] = find(ctx)
			return nil
		})
	}
	_ = workers.Wait() // workers return no errors: looks hold them
	for i, part := range parts {
		for k, n := range part {
			ids := looks[i].of(k)
			switch {
			case ids == nil && passing(looks[i].err), ids != nil && !slices.Contains(ids, n.id):
				hidden = append(hidden, n)
			}
			if ids != nil {
				r.isLater(n, ids)
			}
		}
	}
	return hidden
}

// passing tells whether another look may succeed where one has failed.
func passing(err error) bool {
	var refusal *bitrix.Error
	var bug *crash.Error
	return err != nil && !endsRun(err) && !errors.As(err, &bug) && (!errors.As(err, &refusal) || bitrix.IsRateLimit(err))
}
