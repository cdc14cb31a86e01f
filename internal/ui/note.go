package ui

import "github.com/b24apply/b24apply/pkg/plan"

// notes writes what concerns a plan as a whole: why nothing of it is sent, and what
// people should know beside its changes.
func (p *printer) notes(all *plan.Plan) {
	if r := all.Refused; r != nil {
		p.line("%s", p.paint(red, "Nothing is sent: "+oneLine(Text(r.Message))+" ["+clean(r.Code)+"]"))
		p.line("      %s", hint(Text(r.Remedy())))
	}
	for _, n := range all.Notes {
		p.line("%s", p.paint(yellow, "note: "+oneLine(Text(n.Message))+" ["+clean(n.Code)+"]"))
		for i, line := range n.Lines {
			if i >= fewAlike && len(n.Lines) > manyAlike {
				p.line("      … and %s more (-o json shows all)", grouped(len(n.Lines)-i))
				break
			}
			p.line("      %s", oneLine(Text(line)))
		}
	}
}
