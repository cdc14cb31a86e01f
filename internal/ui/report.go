package ui

import (
	"fmt"
	"io"
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
	switch {
	case !r.Error.IsZero():
		p.line("%s", p.paint(red, "The run ended early: "+cut(oneLine(Text(r.Error)), maxMessage)))
		if !r.Hint.IsZero() {
			p.line("\t%s", hint(Text(r.Hint)))
		}
	case r.AuthFailed:
		p.line("%s", p.paint(red, "The run ended early: the portal refused the credentials."))
	case r.Interrupted:
		p.line("%s", p.paint(yellow, "The run was interrupted: what is not-attempted was not sent."))
	}
	p.line("%s", p.paint(bold, Summary(r)))
	p.line("%s: %s in %s, started %s", place(r.Owner, r.Portal, r.Env), number(r.Requests, "request", "requests"),
		duration(r.Finished.Sub(r.Started)), r.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	return p.flush()
}

// Outcome writes one line of progress, such as "succeeded  deal/upsell  #4711",
// and the hint on a line of its own. The error is the writer's.
func Outcome(w io.Writer, o apply.Outcome, s Style) error {
	p := newPrinter(w, s)
	p.outcome(o)
	return p.flush()
}

func (p *printer) outcome(o apply.Outcome) {
	status := padded(clean(string(o.Status)), len(apply.Succeeded))
	parts := []string{p.paint(statusColour(o.Status), status), clean(string(o.Resource))}
	if o.ID != "" && exists(o.Status) {
		parts = append(parts, "#"+clean(o.ID))
	}
	if o.Code != "" {
		parts = append(parts, clean(o.Code))
	}
	if !o.Error.IsZero() {
		parts = append(parts, cut(oneLine(Text(o.Error)), maxMessage))
	}
	p.line("%s", strings.Join(parts, "  "))
	if !o.Hint.IsZero() {
		p.line("\t%s", hint(Text(o.Hint)))
	}
}

// whereabouts says where the item is declared and where its record is.
func (p *printer) whereabouts(o apply.Outcome) {
	if o.Source != (value.Pos{}) {
		p.line("\tmanifest: %s", p.paint(grey, clean(o.Source.String())))
	}
	if o.URL != "" {
		p.line("\trecord: %s", p.paint(grey, clean(o.URL)))
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

// Summary counts the items of a run on one line, such as "32 planned: 30
// succeeded, 1 failed, 1 blocked". Statuses that no item has are left out.
func Summary(r *apply.Report) string {
	var parts []string
	for _, s := range apply.Statuses {
		if n := r.Counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", grouped(n), s))
		}
	}
	text := grouped(r.Items.Len()) + " planned"
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text
}
