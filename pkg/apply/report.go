package apply

import (
	"time"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Status is how one planned item ended. It is what users and JSON see.
type Status string

// The statuses.
const (
	Succeeded    Status = "succeeded"
	Partial      Status = "partial"       // written, but not all of it: the portal dropped a field, or a step did not succeed; Error names it
	Unchanged    Status = "unchanged"     // a no-op
	Kept         Status = "kept"          // left as people made it, by policy
	Failed       Status = "failed"        // the portal or the plan refused it; nothing was written for it
	Blocked      Status = "blocked"       // what it depends on did not succeed
	Conflict     Status = "conflict"      // changed on the portal since the plan
	Unknown      Status = "unknown"       // it may have happened; look it up before anything else
	NotAttempted Status = "not-attempted" // the run ended first
)

// Statuses lists every status in the order in which counts are shown.
var Statuses = []Status{Succeeded, Partial, Unchanged, Kept, Failed, Blocked, Conflict, Unknown, NotAttempted}

// An Outcome is what became of one planned item.
type Outcome struct {
	Resource  value.Address
	Kind      string
	Action    plan.Action
	Status    Status
	ID        string
	URL       string
	Error     value.Message
	Code      string
	Field     string
	Kept      []value.Message // fields that stay as people made them, and why
	Hint      value.Message
	Retryable bool
	// Run is the earlier run that did it, if this one goes on from others; "" for this one.
	Run string
	// Timestamp is when the outcome was known, in UTC.
	Timestamp  time.Time
	Attempts   int
	DurationMS int64
	Source     value.Pos
}

// A Report is the end of a run: every planned item exactly once, in plan order.
type Report struct {
	Run         string
	Resumes     string // the run that this one goes on from; "" for none
	Owner       string
	Env         string
	Portal      string
	Started     time.Time
	Finished    time.Time
	Interrupted bool
	AuthFailed  bool // the credentials failed, which ended the run
	MetRun      bool // another run had created some of it before: this one has created nothing more
	Unwritten   bool // the journal could not be written, which ended the run
	Resumable   bool // its folder and its journal let another run go on with what is left
	Counts      map[Status]int
	Requests    int // HTTP requests sent by the applier
	ExitCode    int
	Error       value.Message // why the run did not start, or did not come to its own end
	Hint        value.Message
	Items       Outcomes
	// Earlier is what earlier runs have done that no report has told, since they were killed.
	Earlier []value.Message

	held  []plan.Trace // see Remember
	salt  []byte       // of a file that is begun then
	ended int          // the exit code of Error
}

// exists tells whether what depends on the item can go on.
func (s Status) exists() bool {
	switch s {
	case Succeeded, Partial, Unchanged, Kept:
		return true
	}
	return false
}

// leavesAny tells whether trying again may help any item.
func (r *Report) leavesAny() bool {
	if r.Counts[NotAttempted]+r.Counts[Unknown] > 0 {
		return true
	}
	for _, o := range r.Items.whole {
		if o.Retryable {
			return true
		}
	}
	return false
}

// The exit codes of a run. See the table in the design, "Report and exit codes".
const (
	ExitDone        = 0
	ExitError       = 1
	ExitItems       = 3
	ExitRival       = 7
	ExitAuth        = 8
	ExitInterrupted = 130
)

// exitCode is a fold of the counters, the same in every format.
func (r *Report) exitCode() int {
	switch {
	case r.ended != 0:
		return r.ended
	case r.Items.anyOf(codeCrashed):
		return ExitError
	case r.Unwritten && r.Counts[Succeeded]+r.Counts[Partial]+r.Counts[Unknown]+r.Counts[Failed]+r.Counts[Conflict] == 0:
		return ExitError
	case r.Interrupted:
		return ExitInterrupted
	case r.AuthFailed && r.Counts[Succeeded]+r.Counts[Partial] == 0:
		return ExitAuth
	case r.MetRun:
		return ExitRival
	case r.Counts[Succeeded]+r.Counts[Unchanged]+r.Counts[Kept] == r.Items.Len():
		return ExitDone
	}
	return ExitItems
}
