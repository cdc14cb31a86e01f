package ui

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

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

func (w Who) String() string {
	text := cmp.Or(w.Actor, w.User, "?")
	if w.Host != "" {
		text += " on " + w.Host
	}
	return text
}

// A RunState is what the journal of a run tells.
type RunState struct {
	RunInfo
	// State is "whole", "open", "settled", "running or killed" or "damaged".
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
func Runs(w io.Writer, runs []RunState) error {
	if len(runs) == 0 {
		_, err := fmt.Fprintln(w, Text(value.Say("no-runs")))
		return err
	}
	for _, r := range slices.Backward(runs) {
		if _, err := fmt.Fprintf(w, "%s  %-7s %-8s %s  %s  %s\n", r.ID, r.Mode, r.State, clean(r.Portal), clean(r.Owner), clean(r.Who.String()+counted(&r)+r.chained())); err != nil {
			return err
		}
	}
	return nil
}

// chained says with which runs a run is tied together.
func (r *RunState) chained() string {
	text := ""
	if r.Resumes != "" {
		text += "  " + Text(value.Say("resumes-run", value.T("run", r.Resumes)))
	}
	if r.ResumedBy != "" {
		text += "  " + Text(value.Say("resumed-by-run", value.T("run", r.ResumedBy)))
	}
	return text
}

// counted says how the items of a run ended.
func counted(r *RunState) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(r.Counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", r.Counts[k], cmp.Or(k, "sent")))
	}
	if len(parts) == 0 {
		return ""
	}
	return "  " + strings.Join(parts, ", ")
}

// Run shows one run with what its journal tells of every item.
func Run(w io.Writer, r *RunState) error {
	lines := texts([]value.Message{
		value.Say("run-of-owner", value.T("run", r.ID), value.T("mode", r.Mode), value.M("where", To(r.Portal)), value.Q("owner", r.Owner), value.T("state", r.State)),
		value.Say("run-was-started", value.T("time", r.Started.Format(time.RFC3339)), value.T("who", r.Who.String()), value.T("tool", r.Tool)),
	})
	if r.Who.Commit != "" {
		lines = append(lines, Text(value.Say("of-commit", value.T("commit", r.Who.Commit))))
	}
	if r.Who.Job != "" {
		lines = append(lines, Text(value.Say("of-job", value.T("job", r.Who.Job))))
	}
	if tied := strings.TrimSpace(r.chained()); tied != "" {
		lines = append(lines, tied)
	}
	if r.Damage != "" {
		lines = append(lines, Text(value.Say("its-journal-is-damaged", value.T("damage", r.Damage))))
	}
	lines = append(lines, Text(value.Say("changes-and-requests", value.N("changes", r.Changes), value.N("requests", r.Requests), value.N("open", r.InFlight))), "")
	for _, i := range r.Items {
		lines = append(lines, itemLine(&i))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(w, clean(line)); err != nil {
			return err
		}
	}
	return nil
}

func itemLine(i *RunItem) string {
	text := fmt.Sprintf("  %s %s", i.Action, i.Resource)
	if i.Step != "" {
		text += " (" + i.Step + ")"
	}
	text += ": " + cmp.Or(i.State, "sent")
	if i.Code != "" {
		text += " " + i.Code
	}
	if i.ID != "" {
		text += ", id " + i.ID
	}
	if i.Claimed {
		text += ", " + Text(value.Say("was-found-by-its-mark"))
	}
	if i.InFlight {
		text += ", " + Text(value.Say("may-still-be-executed"))
	}
	return text
}
