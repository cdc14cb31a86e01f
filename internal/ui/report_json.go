package ui

import (
	"errors"
	"io"
	"iter"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A reportDocument is a report for other programs; schemas/report.schema.json describes it.
type reportDocument struct {
	Format      int                  `json:"formatVersion"`
	Run         string               `json:"run,omitempty"`
	Resumes     string               `json:"resumes,omitempty"`
	Owner       string               `json:"owner"`
	Env         string               `json:"environment,omitempty"`
	Portal      string               `json:"portal"`
	Started     time.Time            `json:"started"`
	Finished    time.Time            `json:"finished"`
	Interrupted bool                 `json:"interrupted,omitempty"`
	AuthFailed  bool                 `json:"authFailed,omitempty"`
	MetRun      bool                 `json:"metRun,omitempty"`
	Resumable   bool                 `json:"resumable,omitempty"`
	Counts      map[apply.Status]int `json:"counts"`
	Requests    int                  `json:"requests"`
	ExitCode    int                  `json:"exitCode"`
	Error       string               `json:"error,omitempty"`
	Hint        string               `json:"hint,omitempty"`
	Earlier     []string             `json:"earlier,omitempty"` // what earlier runs did that no report has told
	Items       []outcomeDocument    `json:"items"`
}

type outcomeDocument struct {
	Resource   value.Address   `json:"resource"`
	Kind       string          `json:"kind"`
	Action     plan.Action     `json:"action"`
	Status     apply.Status    `json:"status"`
	ID         string          `json:"id,omitempty"`
	URL        string          `json:"url,omitempty"`
	Error      string          `json:"error,omitempty"`
	Code       string          `json:"code,omitempty"`
	Field      string          `json:"field,omitempty"`
	Kept       []string        `json:"kept,omitempty"`
	Hint       string          `json:"hint,omitempty"`
	Retryable  bool            `json:"retryable,omitempty"`
	Timestamp  time.Time       `json:"timestamp"`
	Attempts   int             `json:"attempts,omitempty"`
	DurationMS int64           `json:"durationMs"`
	DoneBy     string          `json:"doneBy,omitempty"` // the earlier run that did it
	Source     value.Pos       `json:"source"`
	Fields     []fieldDocument `json:"fields,omitempty"` // what was to be changed
}

// ReportJSON writes a report with every item, what was to be changed of each, and the number of
// items of every status. The error is the writer's, or that of the plan's file.
func ReportJSON(w io.Writer, r *apply.Report) error {
	var unread error
	err := writeDocument(w, reportHead(r), func(yield func(any) bool) {
		for i, o := range r.Items.Indexed() {
			c, err := changeOfItem(r, i)
			if unread = err; err != nil {
				return
			}
			if d := outcomeOf(o, c); !yield(&d) {
				return
			}
		}
	})
	return errors.Join(err, unread)
}

// OutcomesJSON is ReportJSON without what was to be changed, for where the plan lies beside it.
func OutcomesJSON(w io.Writer, r *apply.Report) error {
	return writeDocument(w, reportHead(r), eachOf(r.Items.All(), func(o apply.Outcome) outcomeDocument { return outcomeOf(o, nil) }))
}

func reportHead(r *apply.Report) reportDocument {
	return reportDocument{
		Format: FormatVersion, Run: r.Run, Resumes: r.Resumes, Owner: r.Owner, Env: r.Env, Portal: r.Portal, Started: r.Started, Finished: r.Finished,
		Interrupted: r.Interrupted, AuthFailed: r.AuthFailed, MetRun: r.MetRun, Resumable: r.Resumable, Counts: everyCount(apply.Statuses, r.Counts),
		Requests: r.Requests, ExitCode: r.ExitCode, Error: Text(r.Error), Hint: Text(r.Hint), Earlier: texts(r.Earlier), Items: []outcomeDocument{},
	}
}

// changeOfItem reads the change of an item; nil if there is none with values.
func changeOfItem(r *apply.Report, i int) (*plan.Change, error) {
	if i < 0 {
		return nil, nil
	}
	return r.Items.Change(i)
}

// outcomeOf is an item for other programs. c may be nil.
func outcomeOf(o apply.Outcome, c *plan.Change) outcomeDocument {
	out := outcomeDocument{
		Resource: o.Resource, Kind: o.Kind, Action: o.Action, Status: o.Status, ID: o.ID, URL: o.URL, Error: Text(o.Error), Code: o.Code,
		Field: o.Field, Kept: texts(o.Kept), Hint: Text(o.Hint), Retryable: o.Retryable, Timestamp: o.Timestamp, Attempts: o.Attempts,
		DurationMS: o.DurationMS, DoneBy: o.Run, Source: o.Source,
	}
	if c != nil {
		out.Fields = fieldsOf(c.Fields)
	}
	return out
}

// changesOfPlanned reads the changes of a plan, if there is one.
func changesOfPlanned(p *Planned) iter.Seq2[*plan.Change, error] {
	if p.Plan == nil {
		return func(func(*plan.Change, error) bool) {}
	}
	return p.Plan.All()
}
