package apply

import (
	"context"
	"errors"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/b24apply/b24apply/internal/crash"
	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// waveSize is how many deletions go between two roll calls: as many as one request
// of lists can ask about. The roll call before makes sure that nothing is deleted
// which somebody else has claimed since the plan.
const waveSize = bitrix.MaxBatch * (bitrix.PageSize - 1)

// A victim is one deletion on its way to the portal.
type victim struct {
	index    int
	change   *plan.Change
	attempts int
	refusals int // for the time that its method used
	sent     bool
	err      error
	outcome  *Outcome // once it is known
	fatal    error
}

// removeAll makes the deletions, after everything else has ended: wave after wave
// of those that wait for nothing more.
func (r *runner) removeAll(ctx context.Context) {
	order := r.plan.Deletions()
	for most := r.firstDeletions(); !r.stopped(ctx); most = r.deletions() {
		var wave []*victim
		for _, i := range order {
			if !r.done[i] && r.graph.waiting[i] == 0 && len(wave) < most {
				wave = append(wave, &victim{index: i, change: r.change(i)})
			}
		}
		if len(wave) == 0 || r.lost != nil || !r.mayRemove(ctx) {
			return
		}
		r.removeWave(ctx, wave)
		for _, v := range wave {
			if v.outcome != nil {
				r.finish(result{index: v.index, outcome: *v.outcome, fatal: v.fatal})
			}
		}
		if !r.tried && !r.stopped(ctx) {
			r.tried = true
			r.judgeCanary(ctx, len(wave))
		}
	}
}

// removeWave asks whose the victims are, deletes those that are ours, and asks
// which of them are gone. What was not sent is left without an outcome.
func (r *runner) removeWave(ctx context.Context, wave []*victim) {
	presence, err := r.rollCall(ctx, wave)
	var open []*victim
	for _, v := range wave {
		switch {
		case err != nil:
			v.refused(ctx, err)
		case presence[v.change] == wire.Gone:
			v.end(Outcome{Status: Succeeded})
		case presence[v.change] == wire.Foreign:
			v.end(Outcome{Status: Conflict, Error: value.Say("mark-is-gone"), Code: "CLAIMED", Hint: value.Say("plan-shows-deletions")})
		case presence[v.change] == wire.Occupied:
			v.end(Outcome{Status: Conflict, Error: value.Say("section-was-filled"), Code: "SECTION_NOT_EMPTY", Hint: value.Say("plan-shows-contents")})
		case v.isDouble(presence[v.change]):
		default:
			open = append(open, v)
		}
	}
	open = r.keepImages(ctx, open)
	r.sendDeletes(ctx, open)
	r.confirmGone(ctx, open)
}

func (r *runner) rollCall(ctx context.Context, victims []*victim) (map[*plan.Change]wire.Presence, error) {
	changes := make([]*plan.Change, len(victims))
	for i, v := range victims {
		changes[i] = v.change
	}
	call := wire.NewRollCall(changes)
	answers, err := r.cfg.Client.Lists(ctx, call.Lists)
	if err != nil {
		return nil, err
	}
	return call.Read(answers)
}

// sendDeletes sends the deletions of records, as many to a batch as the portal can do
// in time; that of a type goes alone, since it takes the portal many steps.
func (r *runner) sendDeletes(ctx context.Context, open []*victim) {
	var workers errgroup.Group
	workers.SetLimit(r.cfg.Concurrency)
	for len(open) > 0 {
		commands := deleteCommands(open[:min(len(open), bitrix.MaxBatch)])
		part := open[:r.cfg.Client.BatchSize(commands)]
		open = open[len(part):]
		workers.Go(func() error {
			err := crash.Catch(func() error { r.deletePart(ctx, part); return nil })
			for _, v := range part {
				if err != nil && !v.sent {
					v.sent, v.err = true, err // it may be; what is there says
				}
			}
			return nil
		})
	}
	_ = workers.Wait() // workers return no errors: their victims hold them
}

// deleteCommands gives the deletions that can share a request: records, or one type, or one
// double.
func deleteCommands(victims []*victim) []bitrix.Command {
	var out []bitrix.Command
	for _, v := range victims {
		alone := !v.change.IsRecord() || v.change.Double != nil
		if alone && len(out) > 0 {
			break
		}
		out = append(out, wire.DeleteCommand(v.change))
		if alone {
			break
		}
	}
	return out
}

// deletePart sends deletions until each is settled. No interrupt waits for a method
// that has no time left: what is not sent then has no outcome.
func (r *runner) deletePart(ctx context.Context, part []*victim) {
	for len(part) > 0 && ctx.Err() == nil && !r.cfg.stopped() && r.cfg.Flow.At(time.Now()).Goes() {
		n := r.cfg.Client.BatchSize(deleteCommands(part))
		parked, until := r.deleteBatch(ctx, part[:n])
		if part = append(parked, part[n:]...); len(parked) > 0 {
			r.cfg.tell(time.Until(until), value.Say("until-deletions-may-take-time"))
			r.pause(ctx, until)
		}
	}
}

// deleteBatch sends some deletions. Those that were not executed, since their method
// has no time left, come back with the time at which it has.
func (r *runner) deleteBatch(ctx context.Context, part []*victim) (parked []*victim, until time.Time) {
	j := &job{cfg: &r.cfg}
	for i, a := range j.sendDeletions(ctx, part) {
		v := part[i]
		v.err = a.err
		var rest *bitrix.Parked
		isParked := errors.As(a.err, &rest)
		if !isParked || rest.Cause != nil {
			v.attempts++ // otherwise nothing was sent
		}
		if isParked && rest.Cause != nil {
			v.refusals++
		}
		if isParked && v.refusals < maxRefusals {
			parked, until = append(parked, v), rest.Until
		} else {
			v.sent = true
		}
	}
	return parked, until
}

// aboutVictims is the purpose of requests that delete.
func aboutVictims(part []*victim) *purpose {
	p := &purpose{is: journal.Delete}
	for _, v := range part {
		p.nodes = append(p.nodes, journal.Node{Item: v.index})
	}
	return p
}

// pause waits until a time, or for the end of the run.
func (r *runner) pause(ctx context.Context, until time.Time) {
	timer := time.NewTimer(max(time.Until(until), 10*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.cfg.Stop:
	case <-ctx.Done():
	}
}

// confirmGone settles what was sent: gone is gone, whatever the answer was, and what
// the portal says it has deleted must not be there.
func (r *runner) confirmGone(ctx context.Context, open []*victim) {
	sent := slices.DeleteFunc(slices.Clone(open), func(v *victim) bool { return !v.sent })
	if len(sent) == 0 {
		return
	}
	presence, err := r.rollCall(ctx, sent)
	for _, v := range sent {
		gone := bitrix.IsNotFound(v.err) || err == nil && presence[v.change] == wire.Gone
		switch {
		case errors.Is(v.err, errSingle):
			v.isDouble(wire.Single)
		case err == nil && presence[v.change] == wire.Lost:
			v.isDouble(wire.Lost)
		case gone, v.err == nil && err != nil:
			v.end(Outcome{Status: Succeeded})
			r.cfg.log.note(journal.Settled, entry(journal.Node{Item: v.index}, journal.Landed))
		case v.err == nil:
			v.end(Outcome{Status: Failed, Error: value.Say("still-has-it"), Code: "NOT_DELETED", Hint: value.Do("NOT_DELETED")})
		default:
			v.refused(ctx, v.err)
		}
	}
}

func (v *victim) end(o Outcome) {
	o.ID, o.Attempts = v.change.ID, v.attempts
	v.outcome = &o
}

// refused is the outcome of a deletion that the portal refused, or of which nothing
// is known but that the object may still be there.
func (v *victim) refused(ctx context.Context, err error) {
	var refusal *bitrix.Error
	var unknown *bitrix.UnknownOutcome
	var o Outcome
	switch answered := errors.As(err, &refusal); {
	case errors.As(err, &unknown):
		o.fail(Unknown, err)
		o.Code, o.Hint = "UNKNOWN_OUTCOME", value.Say("plan-shows-whether-there")
	case !answered && (ctx.Err() != nil || errors.Is(err, bitrix.ErrStopped)):
		o = interrupted(v.change.ID)
	case isAway(err):
		o, v.fatal = Outcome{Status: NotAttempted, Code: codeAway}, err
	case isUnwritten(err):
		o, v.fatal = unwritten(v.change.ID, err), err
	default:
		o.fail(Failed, err)
		if endsRun(err) {
			v.fatal = err
		}
	}
	v.end(o)
}
