package apply

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Journal takes down what a run is about to do and what came of it. With sync the records
// are safe from the death of the machine when Append returns. An error ends the run before
// anything more is sent. It is called on any goroutine.
type Journal interface {
	Append(sync bool, records ...journal.Record) error
}

// A journalLog is a run's way to its journal. Without one nothing is written.
type journalLog struct {
	Journal
	requests atomic.Int64 // the number of the last one
}

// open gives a run its way to its journal, whose requests are counted from a number on.
func (c *Config) open(requests int) {
	if c.Journal != nil {
		c.log = &journalLog{Journal: c.Journal}
		c.log.requests.Store(int64(requests))
	}
}

// errUnwritten is why nothing more may be sent: what is sent must be known to the journal.
type errUnwritten struct{ error }

func (e *errUnwritten) Unwrap() error { return e.error }

// Says is the error for people.
func (e *errUnwritten) Says() value.Message {
	return value.Say("journal-is-not-written", value.M("cause", value.SaidBy(e.error)))
}

// Remedy is what to do about it.
func (*errUnwritten) Remedy() value.Message { return value.Do(codeUnwritten) }

const codeUnwritten = "JOURNAL_NOT_WRITTEN"

func isUnwritten(err error) bool {
	var e *errUnwritten
	return errors.As(err, &e)
}

// A purpose is what requests are for, and which nodes they are about, one a command.
type purpose struct {
	is    string // journal.Save and its like
	timed bool   // what waits in the client until the run may send nothing more is not sent
	nodes []journal.Node
	until time.Time // they may go out; zero: at any time
}

// entry begins what the journal says of a node.
func entry(n journal.Node, is string) journal.Entry {
	return journal.Entry{Item: n.Item, Step: n.Step, Is: is}
}

func (p *purpose) entries() []journal.Entry {
	out := make([]journal.Entry, len(p.nodes))
	for i, n := range p.nodes {
		out[i] = entry(n, "")
	}
	return out
}

// aboutTasks is the purpose of requests of tasks.
func aboutTasks(is string, tasks []*task) *purpose {
	p := &purpose{is: is}
	for _, t := range tasks {
		p.nodes = append(p.nodes, t.node)
	}
	return p
}

// aboutChecks is that of requests about what tasks have stored.
func aboutChecks(is string, checks []*check) *purpose {
	p := &purpose{is: is}
	for _, c := range checks {
		p.nodes = append(p.nodes, c.task.node)
	}
	return p
}

// aboutReading is that of requests that read what tasks have stored: nil, unless some can be
// read only by sending them once more.
func aboutReading(checks []*check, gets []bitrix.Command) *purpose {
	if slices.ContainsFunc(gets, func(c bitrix.Command) bool { return bitrix.EffectOf(c.Method) != bitrix.Read }) {
		return aboutChecks(journal.Repair, checks)
	}
	return nil
}

// written makes requests that write something known to the journal before they go out, and
// their answers afterwards. Everything that this package writes passes here: whatever else
// would write is a bug, and is not sent.
func (j *job) written(ctx context.Context, about *purpose, commands []bitrix.Command, ask func(context.Context) []answer) []answer {
	if about == nil {
		for _, c := range commands {
			if bitrix.EffectOf(c.Method) != bitrix.Read {
				panic("a request that writes is to be known to the journal: " + c.Method)
			}
		}
		return ask(ctx)
	}
	var number atomic.Int64
	out := ask(bitrix.WithSending(ctx, func() error {
		if !about.until.IsZero() && time.Now().After(about.until) {
			return errOld
		}
		if v := j.cfg.Flow.At(time.Now()); about.timed && !v.Goes() {
			return &bitrix.Parked{Method: bitrix.Canonical(commands[0].Method), Until: v.Wait}
		}
		return j.cfg.log.sending(about, &number)
	}))
	if n := int(number.Load()); n > 0 {
		j.answered(n, about, out)
	}
	return out
}

// sending takes down that a request goes out: its intent with the first sending.
func (l *journalLog) sending(about *purpose, number *atomic.Int64) error {
	if l == nil {
		return nil
	}
	var records []journal.Record
	if number.Load() == 0 {
		number.Store(l.requests.Add(1))
		records = append(records, journal.Record{Kind: journal.Intent, Request: int(number.Load()), For: about.is, Of: about.entries()})
	}
	records = append(records, journal.Record{Kind: journal.Sent, Request: int(number.Load()), At: now()})
	if err := l.Append(true, records...); err != nil {
		return &errUnwritten{err}
	}
	return nil
}

// answered takes down what the portal has answered. What may have been executed all the same
// is left out: it is in flight.
func (j *job) answered(number int, about *purpose, answers []answer) {
	rec := journal.Record{Kind: journal.Result, Request: number, At: now()}
	for i := range answers {
		if e, ok := answers[i].entry(about.nodes[i]); ok {
			if e.Is == journal.Answered && about.is == journal.Save {
				j.learnIDs(&e, &answers[i])
			}
			rec.Of = append(rec.Of, e)
		}
	}
	if len(rec.Of) > 0 {
		_ = j.cfg.log.Append(true, rec) // the next sending meets the same error
	}
}

func (a *answer) entry(n journal.Node) (e journal.Entry, ok bool) {
	var refusal *bitrix.Error
	var unknown *bitrix.UnknownOutcome
	switch {
	case a.err == nil:
		return entry(n, journal.Answered), true
	case errors.As(a.err, &unknown):
		return e, false
	case errors.As(a.err, &refusal):
		e = entry(n, journal.Refused)
		e.Code = refusal.Code
		return e, true
	}
	return entry(n, journal.Unsent), true
}

// learnIDs notes the id of what was saved, and the number of a type. The answer keeps what was
// read of it.
func (j *job) learnIDs(e *journal.Entry, a *answer) {
	i := slices.IndexFunc(j.tasks, func(t *task) bool { return t.node == e.Node() })
	if i < 0 {
		return
	}
	t := j.tasks[i]
	s, err := t.object(a.result)
	if err != nil {
		return
	}
	a.object, e.ID = s, value.ID(s.id)
	if t.saves != nil && !t.change.IsRecord() {
		e.EntityTypeID = s.entityTypeID
	}
}

// note takes down what needs no sync of its own.
func (l *journalLog) note(kind journal.Kind, entries ...journal.Entry) {
	if l != nil && len(entries) > 0 {
		_ = l.Append(false, journal.Record{Kind: kind, At: now(), Of: entries}) // the next sending meets the same error
	}
}

// noteSettled takes down what became of tasks whose answers were lost.
func (j *job) noteSettled(found []stored, ends []result, again []*task) {
	var out []journal.Entry
	for _, s := range found {
		e := entry(s.task.node, journal.Landed)
		if e.ID = value.ID(s.id); s.task.ready.Once() {
			e.Is = journal.Claimed
		}
		if s.task.saves != nil && !s.task.change.IsRecord() {
			e.EntityTypeID = s.entityTypeID
		}
		out = append(out, e)
	}
	for i := range ends {
		t := j.task(ends[i].index)
		switch o := &ends[i].outcome; {
		case t == nil || o.Status == Unknown: // it may still be happening
		case o.Status == Conflict:
			out = append(out, entry(t.node, journal.Overtaken))
		default:
			out = append(out, entry(t.node, journal.Gone))
		}
	}
	for _, t := range again {
		if t.doubt == nil {
			out = append(out, entry(t.node, journal.Not))
		}
	}
	j.cfg.log.note(journal.Settled, out...)
}

// journalEnd takes down how a node ended, and what others need to know of it.
// What they need and could not be read leaves it open: a later run has to read it.
func (r *runner) journalEnd(res *result) {
	if res.created != nil && res.created.Err != nil || res.field != nil && res.field.Err != nil {
		return
	}
	n := r.graph.node(res.index)
	e := entry(journal.Node{Item: n.change, Step: n.step + 1}, string(res.outcome.Status))
	e.ID, e.Code, e.Retry = res.outcome.ID, res.outcome.Code, res.outcome.Retryable
	if res.created != nil {
		e.EntityTypeID, e.Pipeline = res.created.EntityTypeID, res.created.Category
	}
	if res.field != nil {
		e.Field = res.field.Wire
	}
	r.cfg.log.note(journal.Outcome, e)
}

// journalHeld takes down the digests of what was seen to be as declared.
func (r *runner) journalHeld(held []plan.Trace) {
	if r.cfg.log == nil || r.cfg.Applied == nil || len(held) == 0 {
		return
	}
	if news := r.cfg.Applied.News(r.plan.Portal, held); len(news) > 0 {
		_ = r.cfg.log.Append(false, journal.Record{Kind: journal.Held, Held: news}) // the next sending meets the same error
	}
}

// journalClose takes down that nothing more comes, and whether anything is open.
func (r *runner) journalClose(report *Report) {
	if r.cfg.log == nil {
		return
	}
	is := journal.EndWhole
	if report.Counts[Unknown] > 0 || r.crash != nil || len(r.claims) > 0 {
		is = journal.EndOpen
	}
	_ = r.cfg.log.Append(true, journal.Record{Kind: journal.End, At: now(), Is: is}) // who comes next reads the journal whole
}
