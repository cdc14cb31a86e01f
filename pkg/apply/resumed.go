package apply

import (
	"context"
	"maps"
	"time"

	"github.com/b24apply/b24apply/pkg/apply/journal"
	"github.com/b24apply/b24apply/pkg/apply/resume"
	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
	"github.com/b24apply/b24apply/pkg/wire"
)

// A Resumed is what a run goes on from: earlier runs of the same plan. Nil goes on from none.
type Resumed struct {
	Runs *resume.Chain
	// Refused tells of changes by their index why nothing more is sent for them: their manifests
	// are not as they were, or their values were erased.
	Refused map[int]plan.Reason
	// Told is what reports of earlier runs say of changes that did not end plainly, by index.
	Told map[int]resume.Told
}

// run is the last one of the earlier runs.
func (e *Resumed) run() string {
	if e == nil || len(e.Runs.Runs()) == 0 {
		return ""
	}
	return e.Runs.Runs()[len(e.Runs.Runs())-1]
}

// Left lists the changes of a plan of which anything is left to do, and counts those that
// were written and are only to be compared.
func (e *Resumed) Left(p *plan.Plan) (left []int, unsure int) {
	for i, c := range p.Changes.Entries() {
		if !c.Writes() {
			continue
		}
		open, written := false, false
		for step := range c.Steps + 1 {
			if step == 0 && c.Quiet {
				continue
			}
			switch e.Runs.Of(i, step).Way {
			case resume.Open:
				open = true
			case resume.Written:
				written = true
			}
		}
		switch {
		case open:
			left = append(left, i)
		case written:
			unsure++
		}
	}
	return left, unsure
}

// tells completes what an earlier run did with what its report says.
func (e *Resumed) tells(change int, o Outcome) Outcome {
	if e == nil || o.Run == "" || o.Status == Succeeded || o.Status == Unchanged || o.Status == Kept {
		return o
	}
	told, known := e.Told[change]
	if !known || told.Status != string(o.Status) {
		if o.Status == Conflict && o.Code == "" {
			o.Code, o.Hint = codeChanged, value.Do(codeChanged) // its answer was lost, and somebody has saved the record since
		}
		if o.Error.IsZero() {
			o.Error = value.Say("ended-so-in-run", value.T("run", o.Run), value.T("code", o.Code))
		}
		return o
	}
	o.Error, o.Code, o.Field, o.Retryable = value.Verbatim(told.Error), told.Code, told.Field, told.Retryable
	if told.Hint != "" {
		o.Hint = value.Verbatim(told.Hint)
	}
	return o
}

// past is what earlier runs have made of a node.
func (r *runner) past(i int) resume.Past {
	if r.cfg.Resume == nil {
		return resume.Past{}
	}
	n := r.graph.node(i)
	return r.cfg.Resume.Runs.Of(n.change, n.step+1)
}

// inherit ends what earlier runs have brought to an end, and what is not to be tried any
// more.
func (r *runner) inherit() {
	if r.cfg.Resume == nil {
		return
	}
	for i := range r.graph.size() {
		p, n := r.past(i), r.graph.node(i)
		no, refused := r.cfg.Resume.Refused[n.change]
		switch {
		case r.done[i]:
		case p.Way == resume.Over:
			r.seed(journal.Node{Item: n.change, Step: n.step + 1}, p.ID, wire.CreatedType{EntityTypeID: p.Type.EntityTypeID, Category: p.Type.Pipeline}, p.Field)
			r.end(i, Outcome{Status: Status(p.Status), ID: p.ID, Code: p.Code, Attempts: p.Sends, Run: p.Run, Timestamp: p.At.Truncate(time.Millisecond)})
		case refused && p.Way == resume.Open:
			r.end(i, Outcome{Status: Failed, ID: r.entry(i).ID, Code: no.Code, Error: no.Message, Hint: value.Do(no.Code)})
		}
	}
}

// recall is for a run that goes on from another: it ends what that one has written and is on the
// portal as it is to be, and gives what is to be sent. What the portal holds otherwise is mended only
// where nobody can have saved it since.
func (j *job) recall(ctx context.Context, tasks []*task) (open []*task, f finished) {
	if j.cfg.Resume == nil {
		return tasks, f
	}
	var asked []*task
	for _, t := range tasks {
		if t.isWritten() {
			asked = append(asked, t)
		} else {
			open = append(open, t)
		}
	}
	if len(asked) == 0 {
		return open, f
	}
	f.texts = make(map[string]textState)
	var there []stored
	for i, a := range j.read(ctx, asked) {
		t := asked[i]
		if a.err == nil {
			wire.LeaveTheirs(t.ready, a.row)
		}
		switch {
		case bitrix.IsNotFound(a.err) && t.ready.Once():
			open = append(open, t)
		case a.err != nil:
			f.results = append(f.results, t.unknown(a.err))
		case len(t.ready.Verify(a.row)) == 0 || j.isFresh(t, &a.stored):
			there = append(there, a.stored)
		default:
			f.results = append(f.results, t.overtaken(&a.stored))
		}
	}
	f.verified(j.verifyThere(ctx, there))
	return open, f
}

// isWritten tells whether an earlier run has saved what the task is about, and it is known where.
func (t *task) isWritten() bool {
	return t.past.Way == resume.Written && (t.past.ID != "" || !t.ready.Once())
}

// isFresh tells whether something was saved last when the earlier run did so, as far as time and user tell.
func (j *job) isFresh(t *task, s *stored) bool {
	at := wire.SavedAt(s.row)
	if t.ready.Once() && wire.SavedByAnother(s.row) {
		return false
	}
	return !at.IsZero() && at.Sub(t.past.At).Abs() <= j.cfg.Settle
}

// verifyThere verifies what this run has not sent, which teaches nothing about texts.
func (j *job) verifyThere(ctx context.Context, there []stored) finished {
	texts := make(map[string]textState)
	for _, s := range there {
		s.task.teach(undecided, texts)
		s.task.tries = nil
	}
	f := j.verify(ctx, there)
	maps.Copy(f.texts, texts)
	return f
}

// byEarlier gives an outcome the run that brought it about, if this one has only compared.
func (r *runner) byEarlier(i int, o Outcome) Outcome {
	if p := r.past(i); p.Way == resume.Written && o.Attempts == 0 {
		o.Run, o.Attempts = p.Run, p.Sends
	}
	return o
}

// notCompared is the outcome of what an earlier run has written, and this one could not look at.
func (r *runner) notCompared(i int) Outcome {
	p := r.past(i)
	return Outcome{Status: Unknown, ID: p.ID, Run: p.Run, Attempts: p.Sends, Code: "UNKNOWN_OUTCOME", Hint: value.Say("plan-shows-what-is-left"),
		Error: value.Say("written-and-not-compared", value.T("run", p.Run))}
}

// seed lets what refers to a node find what was created for it.
func (r *runner) seed(n journal.Node, id string, created wire.CreatedType, field string) {
	address := r.plan.Changes.Entry(n.Item).Address
	switch {
	case id == "":
	case n.Step > 0:
		r.known.SetStep(address, n.Step-1, id)
	default:
		r.known.SetID(address, id)
	}
	if created.EntityTypeID != 0 {
		r.known.SetType(address, created)
	}
	if field != "" {
		r.known.SetField(address, wire.CreatedField{Wire: field})
	}
}
