package ui

import (
	"cmp"
	"io"
	"time"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A Past is one change of a record that a run has made, or tried to make.
type Past struct {
	Time    time.Time // when it was known how it ended, else when it was sent last
	Run     string
	Mode    string // the command
	Portal  string
	Who     Who
	Change  *plan.Change // what was to be changed; without values if they were forgotten
	ID      string       // of the record
	Outcome string       // how it ended, as its journal has it
	Code    string
	Claimed bool // it was found by its mark after a lost answer
	Image   bool // all of the record is kept in the journal
}

// pastDocument is a Past for other programs.
type pastDocument struct {
	Time      time.Time       `json:"time"`
	Run       string          `json:"run"`
	Command   string          `json:"command"`
	Portal    string          `json:"portal"`
	Who       Who             `json:"who"`
	Resource  value.Address   `json:"resource"`
	Kind      string          `json:"kind"`
	Action    plan.Action     `json:"action"`
	ID        string          `json:"id,omitempty"`
	Outcome   string          `json:"outcome"`
	Code      string          `json:"code,omitempty"`
	Claimed   bool            `json:"claimed,omitempty"`
	Kept      bool            `json:"kept,omitempty"`
	Forgotten bool            `json:"forgotten,omitempty"`
	Fields    []fieldDocument `json:"fields,omitempty"`
}

// HistoryJSON writes what was done to a record, the first change first.
func HistoryJSON(w io.Writer, of string, pasts []Past) error {
	out := struct {
		Of      string         `json:"of"`
		Changes []pastDocument `json:"changes"`
	}{of, []pastDocument{}}
	for _, p := range pasts {
		c := p.Change
		d := pastDocument{Time: p.Time, Run: p.Run, Command: p.Mode, Portal: p.Portal, Who: p.Who, Resource: c.Address, Kind: c.Kind, Action: c.Action, ID: p.ID,
			Outcome: p.Outcome, Code: p.Code, Claimed: p.Claimed, Kept: p.Image, Forgotten: c.Forgotten}
		if !c.Forgotten {
			d.Fields = fieldsOf(c.Fields)
		}
		out.Changes = append(out.Changes, d)
	}
	return Indented(w, out)
}

// History shows what was done to a record, the first change first.
func History(w io.Writer, of string, pasts []Past, s Style) error {
	p := newPrinter(w, s)
	if len(pasts) == 0 {
		p.line("%s", p.say("no-history", value.T("resource", clean(of))))
	}
	for i := range pasts {
		p.past(&pasts[i])
	}
	return p.flush()
}

func (p *printer) past(of *Past) {
	c := of.Change
	outcome := p.Text(statusOf(apply.Status(cmp.Or(of.Outcome, string(apply.Unknown)))))
	if of.Code != "" {
		outcome += inBrackets(clean(of.Code))
	}
	l := lookOf(c)
	id := ""
	if of.ID != "" {
		id = " #" + clean(of.ID)
	}
	p.line("%s  %s %s%s  %s", of.Time.UTC().Format("2006-01-02 15:04:05 UTC"), p.paint(l.colour, l.sign), clean(string(c.Address)), id, outcome)
	p.line("  %s", p.paint(grey, p.say("past-by", value.T("who", clean(p.who(of.Who))), value.T("command", clean(of.Mode)), value.T("run", clean(of.Run)), value.T("portal", clean(of.Portal)))))
	switch {
	case c.Forgotten:
		p.line("      %s", p.say("values-are-forgotten"))
	default:
		p.fields(c)
	}
	if of.Claimed {
		p.line("      %s", p.say("past-was-claimed"))
	}
	if of.Image {
		p.line("      %s", p.say("past-is-kept-whole"))
	}
}
