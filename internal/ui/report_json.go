package ui

import (
	"io"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A reportDocument is a report for other programs.
type reportDocument struct {
	Run         string               `json:"run,omitempty"`
	Owner       string               `json:"owner"`
	Env         string               `json:"environment,omitempty"`
	Portal      string               `json:"portal"`
	Started     time.Time            `json:"started"`
	Finished    time.Time            `json:"finished"`
	Interrupted bool                 `json:"interrupted,omitempty"`
	AuthFailed  bool                 `json:"authFailed,omitempty"`
	MetRun      bool                 `json:"metRun,omitempty"`
	Counts      map[apply.Status]int `json:"counts"`
	Requests    int                  `json:"requests"`
	ExitCode    int                  `json:"exitCode"`
	Error       string               `json:"error,omitempty"`
	Hint        string               `json:"hint,omitempty"`
	Items       []outcomeDocument    `json:"items"`
}

type outcomeDocument struct {
	Resource   value.Address `json:"resource"`
	Kind       string        `json:"kind"`
	Action     plan.Action   `json:"action"`
	Status     apply.Status  `json:"status"`
	ID         string        `json:"id,omitempty"`
	URL        string        `json:"url,omitempty"`
	Error      string        `json:"error,omitempty"`
	Code       string        `json:"code,omitempty"`
	Field      string        `json:"field,omitempty"`
	Kept       []string      `json:"kept,omitempty"`
	Hint       string        `json:"hint,omitempty"`
	Retryable  bool          `json:"retryable,omitempty"`
	Timestamp  time.Time     `json:"timestamp"`
	Attempts   int           `json:"attempts,omitempty"`
	DurationMS int64         `json:"durationMs"`
	Source     value.Pos     `json:"source"`
}

// ReportJSON writes a report with every item, and the number of items of every
// status. The error is the writer's.
func ReportJSON(w io.Writer, r *apply.Report) error {
	return writeDocument(w, reportDocument{
		Run: r.Run, Owner: r.Owner, Env: r.Env, Portal: r.Portal, Started: r.Started, Finished: r.Finished,
		Interrupted: r.Interrupted, AuthFailed: r.AuthFailed, MetRun: r.MetRun, Counts: everyCount(apply.Statuses, r.Counts),
		Requests: r.Requests, ExitCode: r.ExitCode, Error: Text(r.Error), Hint: Text(r.Hint), Items: []outcomeDocument{},
	}, eachOf(r.Items.All(), outcomeOf))
}

func outcomeOf(o apply.Outcome) outcomeDocument {
	return outcomeDocument{
		Resource: o.Resource, Kind: o.Kind, Action: o.Action, Status: o.Status, ID: o.ID, URL: o.URL, Error: Text(o.Error), Code: o.Code,
		Field: o.Field, Kept: texts(o.Kept), Hint: Text(o.Hint), Retryable: o.Retryable, Timestamp: o.Timestamp, Attempts: o.Attempts,
		DurationMS: o.DurationMS, Source: o.Source,
	}
}
