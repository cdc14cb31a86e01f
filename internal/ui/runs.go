package ui

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A RunInfo says who ran what: the content of a run's run.json.
type RunInfo struct {
	Format   int       `json:"format"`
	ID       string    `json:"id"`
	Tool     string    `json:"tool"`   // with its version
	Portal   string    `json:"portal"` // host, never a credential
	Identity string    `json:"identity"`
	Owner    string    `json:"owner"`
	Env      string    `json:"environment,omitempty"`
	Mode     string    `json:"mode"`              // apply, adopt …
	Of       string    `json:"of,omitempty"`      // the run that it is about
	Resumes  string    `json:"resumes,omitempty"` // the run that it goes on from, with the same plan
	Who      Who       `json:"who"`
	Started  time.Time `json:"started"`
	Plan     string    `json:"plan"` // the digest of what was to be done
}

// Who is who started a run. Parts of it may be unknown.
type Who struct {
	User   string `json:"user,omitempty"`
	Host   string `json:"host,omitempty"`
	Actor  string `json:"actor,omitempty"` // of a CI job
	Job    string `json:"job,omitempty"`   // its page
	Commit string `json:"commit,omitempty"`
}

// A RunState is what the journal of a run tells.
type RunState struct {
	RunInfo
	// State is "whole", "open", "settled", "cut off" or "damaged".
	State string `json:"state"`
	// ResumedBy is the run that has gone on from it; "" for none.
	ResumedBy string         `json:"resumedBy,omitempty"`
	Damage    string         `json:"damage,omitempty"`
	Changes   int            `json:"changes"`
	InFlight  int            `json:"inFlight"`
	Requests  int            `json:"requests"`
	Counts    map[string]int `json:"counts"` // how many items and steps ended in which way
	Items     []RunItem      `json:"items,omitempty"`
}

// A RunItem is what a journal tells of one item of the plan, or of one of its steps.
type RunItem struct {
	Resource value.Address `json:"resource"`
	Step     string        `json:"step,omitempty"`
	Action   plan.Action   `json:"action"`
	State    string        `json:"state"`
	ID       string        `json:"id,omitempty"`
	Claimed  bool          `json:"claimed,omitempty"` // found by its mark after a lost answer: another run may have made it
	InFlight bool          `json:"inFlight,omitempty"`
	Code     string        `json:"code,omitempty"`
	Sends    int           `json:"sends,omitempty"`
}

// Indented writes a value as JSON for people and programs. The error is the writer's.
func Indented(w io.Writer, v any) error {
	text, err := encode(v, "")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// RunsJSON writes the list of runs.
func RunsJSON(w io.Writer, runs []RunState) error {
	return Indented(w, struct {
		Runs []RunState `json:"runs"`
	}{append([]RunState{}, runs...)})
}

// Runs lists runs, the last one first.
func Runs(w io.Writer, runs []RunState, s Style) error {
	p := newPrinter(w, s)
	if len(runs) == 0 {
		p.line("%s", p.say("no-runs"))
	}
	for _, r := range slices.Backward(runs) {
		p.line("%s  %-7s %s %s  %s  %s", r.ID, r.Mode, padded(p.runState(r.State), 8), clean(r.Portal), clean(r.Owner), clean(p.who(r.Who)+p.counted(&r)+p.chained(&r)))
	}
	return p.flush()
}

// runStates are the codes of the states of runs.
var runStates = map[string]string{
	"cut off": "run-was-cut-off", "damaged": "run-is-broken", "open": "run-is-unfinished", "settled": "run-was-settled", "whole": "run-is-whole",
}

// runState is the state of a run as people read it.
func (s Style) runState(state string) string {
	if code, known := runStates[state]; known {
		return s.say(code)
	}
	return clean(state)
}

// Says names who has started a run.
func (w Who) Says() value.Message {
	name := cmp.Or(w.Actor, w.User, "?")
	if w.Host == "" {
		return value.Verbatim(name)
	}
	return value.Say("somebody-on-host", value.T("name", name), value.T("host", w.Host))
}

func (s Style) who(w Who) string { return s.Text(w.Says()) }

// chained says with which runs a run is tied together.
func (s Style) chained(r *RunState) string {
	text := ""
	if r.Resumes != "" {
		text += "  " + s.say("resumes-run", value.T("run", r.Resumes))
	}
	if r.ResumedBy != "" {
		text += "  " + s.say("resumed-by-run", value.T("run", r.ResumedBy))
	}
	return text
}

// counted says how the items of a run ended.
func (s Style) counted(r *RunState) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(r.Counts)) {
		parts = append(parts, s.say("so-many-of-status", value.N("n", r.Counts[k]), value.M("status", itemState(k))))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ")
}

// itemState is how an item ended, or that nothing more than its sending is known.
func itemState(state string) value.Message {
	switch state {
	case "":
		return value.Say("item-was-sent")
	case "not sent":
		return value.Say("item-was-not-sent")
	}
	return statusOf(apply.Status(state))
}

// Run shows one run with what its journal tells of every item.
func Run(w io.Writer, r *RunState, s Style) error {
	p := newPrinter(w, s)
	tell := func(text string) { p.line("%s", clean(text)) }
	tell(p.say("run-of-owner", value.T("run", r.ID), value.T("mode", r.Mode), value.M("where", on(r.Portal)), value.Q("owner", r.Owner), value.T("state", p.runState(r.State))))
	tell(p.say("run-was-started", value.T("time", r.Started.Format(time.RFC3339)), value.T("who", p.who(r.Who)), value.T("tool", r.Tool)))
	if r.Who.Commit != "" {
		tell(p.say("of-commit", value.T("commit", r.Who.Commit)))
	}
	if r.Who.Job != "" {
		tell(p.say("of-job", value.T("job", r.Who.Job)))
	}
	if tied := strings.TrimSpace(p.chained(r)); tied != "" {
		tell(tied)
	}
	if r.Damage != "" {
		tell(p.say("its-journal-is-damaged", value.T("damage", r.Damage)))
	}
	tell(p.say("changes-and-requests", value.N("changes", r.Changes), value.N("requests", r.Requests), value.N("open", r.InFlight)))
	tell("")
	for _, i := range r.Items {
		tell(p.itemLine(&i))
	}
	return p.flush()
}

func (s Style) itemLine(i *RunItem) string {
	text := fmt.Sprintf("  %s %s", i.Action, i.Resource)
	if i.Step != "" {
		text += " (" + i.Step + ")"
	}
	text += ": " + s.Text(itemState(i.State))
	if i.Code != "" {
		text += " " + i.Code
	}
	if i.ID != "" {
		text += ", " + s.say("this-id", value.T("id", i.ID))
	}
	if i.Claimed {
		text += ", " + s.say("was-found-by-its-mark")
	}
	if i.InFlight {
		text += ", " + s.say("may-still-be-executed")
	}
	return text
}
