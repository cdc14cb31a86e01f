package ui

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Events tell other programs what happens, as it happens: a line of JSON each, of which
// schemas/events.schema.json describes the types. Several goroutines may tell; each line is
// written before the call returns. Nil tells nobody.
type Events struct {
	mu   sync.Mutex
	run  string
	outs []io.Writer
	lost error // why not all could be written

	// Mask hides what is personal; nil hides nothing.
	Mask *Mask

	told  []apply.Status // of each change, what the last event of it says; "" for none
	ended bool
}

// eventHead is what every event begins with.
type eventHead struct {
	Type string    `json:"type"`
	Time time.Time `json:"time"`
	Run  string    `json:"run"`
}

type startedEvent struct {
	eventHead
	Format  int    `json:"formatVersion"`
	Command string `json:"command"`
	Tool    string `json:"tool"`
}

type plannedEvent struct {
	eventHead
	Owner   string              `json:"owner"`
	Env     string              `json:"environment,omitempty"`
	Portal  string              `json:"portal"`
	Digest  string              `json:"digest,omitempty"`
	Counts  map[plan.Action]int `json:"counts"`
	Pending int                 `json:"pending"` // how many of them write
}

type changeEvent struct {
	eventHead
	changeDocument
}

type itemEvent struct {
	eventHead
	outcomeDocument
}

type waitingEvent struct {
	eventHead
	Seconds float64 `json:"seconds"` // at most
	Why     string  `json:"why"`
}

type outageEvent struct {
	eventHead
	Portal string    `json:"portal"`
	Since  time.Time `json:"since"`
	Until  time.Time `json:"until"` // how long it is waited for
	Cause  string    `json:"cause,omitempty"`
	Over   bool      `json:"over,omitempty"`
}

type progressEvent struct {
	eventHead
	Progress
}

type endedEvent struct {
	eventHead
	Counts      map[apply.Status]int `json:"counts,omitempty"` // of a run that writes
	Requests    int                  `json:"requests,omitempty"`
	Interrupted bool                 `json:"interrupted,omitempty"`
	AuthFailed  bool                 `json:"authFailed,omitempty"`
	MetRun      bool                 `json:"metRun,omitempty"`
	Resumes     string               `json:"resumes,omitempty"`
	Resumable   bool                 `json:"resumable,omitempty"`
	ExitCode    int                  `json:"exitCode"`
	Error       string               `json:"error,omitempty"`
	Hint        string               `json:"hint,omitempty"`
	Earlier     []string             `json:"earlier,omitempty"` // what earlier runs did that no report has told
}

// head begins an event.
func (e *Events) head(kind string) eventHead {
	return eventHead{kind, time.Now().UTC().Truncate(time.Millisecond), e.run}
}

// tell writes an event. What cannot be written is told at the end: it is no reason to end a run.
func (e *Events) tell(event any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	e.mu.Lock()
	defer e.mu.Unlock()
	err := enc.Encode(event)
	for _, out := range e.outs {
		if err == nil {
			_, err = out.Write(b.Bytes())
		}
	}
	if e.lost == nil {
		e.lost = err
	}
}

// Started tells that a command begins.
func (e *Events) Started(command, tool string) {
	if e != nil {
		e.tell(startedEvent{e.head("run-started"), FormatVersion, command, tool})
	}
}

// Planned tells what is to be done.
func (e *Events) Planned(p *plan.Plan) {
	if e != nil {
		e.tell(plannedEvent{e.head("planned"), p.Owner, p.Env, p.Portal, p.Digest, everyCount(plan.Actions, p.Counts()), p.Pending()})
	}
}

// Outcome tells what became of the change with index i of a plan, which is read for its values.
// It is called on the goroutine to which the plan belongs.
func (e *Events) Outcome(p *plan.Plan, i int, o apply.Outcome) {
	if e == nil {
		return
	}
	if e.told == nil {
		e.told = make([]apply.Status, p.Changes.Len())
	}
	e.told[i] = o.Status
	if e.Mask != nil {
		e.Mask.outcome(&o)
		p = e.Mask.Plan(p)
	}
	c, err := p.Changes.Change(i)
	e.tell(itemEvent{e.head("item"), outcomeOf(o, c)})
	e.miss(err)
}

// miss notes why something could not be told.
func (e *Events) miss(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lost = errors.Join(e.lost, err)
}

// Waiting tells that nothing is sent for some time.
func (e *Events) Waiting(d time.Duration, why value.Message) {
	if e != nil {
		e.tell(waitingEvent{e.head("waiting"), d.Seconds(), Text(why)})
	}
}

// Outage tells that the portal is away, or back.
func (e *Events) Outage(portal string, since, until time.Time, cause value.Message, over bool) {
	if e != nil {
		e.tell(outageEvent{e.head("outage"), portal, since.UTC(), until.UTC(), Text(cause), over})
	}
}

// Progress tells how far a run is.
func (e *Events) Progress(p Progress) {
	if e != nil {
		e.tell(progressEvent{e.head("progress"), p})
	}
}

// Ended tells every item that no event was about, or that became another one since, and that
// the run has ended. The error says why events are missing.
func (e *Events) Ended(r *apply.Report) error {
	if e == nil || e.ended {
		return nil
	}
	for i, o := range r.Items.Indexed() {
		if i >= 0 && i < len(e.told) && e.told[i] == o.Status {
			continue
		}
		c, err := changeOfItem(r, i)
		e.tell(itemEvent{e.head("item"), outcomeOf(o, c)})
		e.miss(err)
	}
	end := endedEvent{eventHead: e.head("run-ended"), Counts: everyCount(apply.Statuses, r.Counts), Requests: r.Requests, Interrupted: r.Interrupted, AuthFailed: r.AuthFailed, MetRun: r.MetRun, Resumes: r.Resumes, Resumable: r.Resumable, Earlier: texts(r.Earlier)}
	return e.end(end, r.ExitCode, r.Error, r.Hint)
}

// PlanEnded tells every change of a plan, and that the command has ended.
func (e *Events) PlanEnded(p *Planned) error {
	if e == nil || e.ended {
		return nil
	}
	if p.Plan != nil {
		e.Planned(p.Plan)
		for c, err := range p.Plan.All() {
			if e.miss(err); err != nil {
				break
			}
			e.tell(changeEvent{e.head("change"), changeOf(c, p.Plan.Portal)})
		}
	}
	return e.end(endedEvent{eventHead: e.head("run-ended")}, p.ExitCode, p.Error, p.Hint)
}

func (e *Events) end(end endedEvent, code int, said, hint value.Message) error {
	end.ExitCode, end.Error, end.Hint = code, Text(said), Text(hint)
	e.tell(end)
	e.ended = true
	return e.lost
}
