package ui

import (
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// notes writes what concerns a plan as a whole: why nothing of it is sent, and what
// people should know beside its changes.
func (p *printer) notes(all *plan.Plan) {
	if r := all.Refused; r != nil {
		p.line("%s", p.paint(red, p.say("nothing-is-sent", value.T("why", oneLine(p.Text(r.Message))))+inBrackets(r.Code)))
		p.line("      %s", p.hint(p.Text(r.Remedy())))
	}
	for _, n := range all.Notes {
		p.line("%s", p.paint(yellow, p.note(n.Message)+inBrackets(n.Code)))
		for i, line := range n.Lines {
			if i >= fewAlike && len(n.Lines) > manyAlike {
				p.line("      %s", p.say("more-in-json", value.N("n", len(n.Lines)-i)))
				break
			}
			p.line("      %s", oneLine(p.Text(line)))
		}
	}
}

// note is a message that people should know, and warning one that may ask for something.
func (s Style) note(m value.Message) string {
	return s.say("with-note", value.T("said", oneLine(s.Text(m))))
}

func (s Style) warning(m value.Message) string {
	return s.say("with-warning", value.T("said", oneLine(s.Text(m))))
}

// inBrackets is a code behind what it stands for.
func inBrackets(code string) string { return " [" + clean(code) + "]" }
