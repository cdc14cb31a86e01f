package ui

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxMessage bounds a message of the portal on the screen, in columns. JSON has
// all of it.
const maxMessage = 1000

// Report writes the end of a run for people: every item that is neither succeeded
// nor unchanged with what to do about it, what was left to people, then counts,
// duration and requests. The error is the writer's.
func Report(w io.Writer, r *apply.Report, s Style) error {
	p := newPrinter(w, s)
	var listed []apply.Outcome
	for o := range r.Items.All() {
		if o.Status != apply.Succeeded && o.Status != apply.Unchanged && o.Status != apply.Kept {
			listed = append(listed, o)
		}
	}
	p.outcomes(listed)
	if p.keptItems(r.Items.All()) || len(listed) > 0 {
		p.line("")
	}
	for _, told := range r.Earlier {
		p.line("%s", p.paint(yellow, p.cut(oneLine(p.Text(told)), maxMessage)))
	}
	switch {
	case !r.Error.IsZero():
		p.line("%s", p.paint(red, p.say("run-ended-early", value.T("why", p.cut(oneLine(p.Text(r.Error)), maxMessage)))))
		if !r.Hint.IsZero() {
			p.line("\t%s", p.hint(p.Text(r.Hint)))
		}
	case r.AuthFailed:
		p.line("%s", p.paint(red, p.say("run-ended-unauthorized")))
	case r.Interrupted:
		p.line("%s", p.paint(yellow, p.say("report-was-interrupted")))
	}
	p.line("%s", p.paint(bold, s.summary(r)))
	p.byEarlier(r)
	if r.Resumable {
		p.line("%s", p.say("resume-goes-on", value.T("run", clean(r.Run))))
	}
	p.line("%s", p.say("run-took", value.T("place", s.place(r.Owner, r.Portal, r.Env)), value.N("n", r.Requests),
		value.T("time", s.duration(r.Finished.Sub(r.Started))), value.T("started", r.Started.UTC().Format("2006-01-02 15:04:05 UTC"))))
	return p.flush()
}

// byEarlier says how many items earlier runs have done.
func (p *printer) byEarlier(r *apply.Report) {
	if r.Resumes == "" {
		return
	}
	done := make(map[string]int)
	for o := range r.Items.All() {
		if o.Run != "" {
			done[o.Run]++
		}
	}
	for _, run := range slices.Sorted(maps.Keys(done)) {
		p.line("%s", p.say("items-by-earlier-run", value.N("n", done[run]), value.T("run", clean(run))))
	}
}

// Outcome writes one line of progress, such as "succeeded  deal/upsell  #4711",
// and the hint on a line of its own. The error is the writer's.
func Outcome(w io.Writer, o apply.Outcome, s Style) error {
	p := newPrinter(w, s)
	p.outcome(o)
	return p.flush()
}

func (p *printer) outcome(o apply.Outcome) {
	status := padded(p.Text(statusOf(o.Status)), p.statusWidth())
	parts := []string{p.paint(statusColour(o.Status), status), clean(string(o.Resource))}
	if o.ID != "" && exists(o.Status) {
		parts = append(parts, "#"+clean(o.ID))
	}
	if o.Code != "" {
		parts = append(parts, clean(o.Code))
	}
	if !o.Error.IsZero() {
		parts = append(parts, p.cut(oneLine(p.Text(o.Error)), maxMessage))
	}
	p.line("%s", strings.Join(parts, "  "))
	if o.Run != "" {
		p.line("\t%s", p.say("by-earlier-run", value.T("run", clean(o.Run))))
	}
	if !o.Hint.IsZero() {
		p.line("\t%s", p.hint(p.Text(o.Hint)))
	}
}

// whereabouts says where the item is declared and where its record is.
func (p *printer) whereabouts(o apply.Outcome) {
	if o.Source != (value.Pos{}) {
		p.line("\t%s", p.say("manifest-at", value.T("place", p.paint(grey, clean(o.Source.String())))))
	}
	if o.URL != "" {
		p.line("\t%s", p.say("record-at", value.T("place", p.paint(grey, clean(o.URL)))))
	}
}

// exists tells whether the item's record is certainly on the portal, so that its
// id says more than an error code.
func exists(s apply.Status) bool {
	switch s {
	case apply.Succeeded, apply.Partial, apply.Unchanged, apply.Kept:
		return true
	}
	return false
}

func statusColour(s apply.Status) colour {
	switch s {
	case apply.Succeeded:
		return green
	case apply.Unchanged, apply.Kept:
		return grey
	case apply.Failed, apply.Conflict, apply.Unknown:
		return red
	}
	return yellow
}

// summary counts the items of a run on one line, such as "32 planned: 30
// succeeded, 1 failed, 1 blocked". Statuses that no item has are left out.
func (s Style) summary(r *apply.Report) string {
	var parts []value.Message
	for _, status := range apply.Statuses {
		if n := r.Counts[status]; n > 0 {
			parts = append(parts, value.Say("so-many-of-status", value.N("n", n), value.M("status", statusOf(status))))
		}
	}
	if len(parts) == 0 {
		return s.say("so-many-planned", value.N("n", r.Items.Len()))
	}
	return s.say("so-many-planned-and-done", value.N("n", r.Items.Len()), value.Ms("counts", parts))
}

// statuses are the words for the statuses of items.
var statuses = map[apply.Status]string{
	apply.Succeeded: "status-succeeded", apply.Partial: "status-partial", apply.Unchanged: "status-unchanged", apply.Kept: "status-kept", apply.Failed: "status-failed",
	apply.Blocked: "status-blocked", apply.Conflict: "status-conflict", apply.Unknown: "status-unknown", apply.NotAttempted: "status-not-attempted",
}

// statusOf is a status as people read it.
func statusOf(s apply.Status) value.Message {
	if code, known := statuses[s]; known {
		return value.Say(code)
	}
	return value.Verbatim(clean(string(s)))
}

// statusWidth is the room for a status before what it is the status of.
func (s Style) statusWidth() int { return columns(s.Text(statusOf(apply.Succeeded))) }
