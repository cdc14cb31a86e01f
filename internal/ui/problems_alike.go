package ui

import (
	"fmt"

	"github.com/b24apply/b24apply/pkg/spec"
)

// shownAlike is how many problems of one text are shown with their source. A field that
// the portal lacks is a problem of every record that declares it.
const shownAlike = 5

// A cause is what problems have in common that one remedy mends.
type cause struct {
	severity      spec.Severity
	rule, message string
	hint          string
}

func causeOf(p problem) cause { return cause{p.Severity, p.Rule, p.Message, p.Hint} }

// problems writes each problem, in the order given; of many with one cause it writes the
// first ones and, below the last of these, how many more there are and up to where.
func (p *printer) problems(ps []problem) {
	all, seen, last := make(map[cause]int), make(map[cause]int), make(map[cause]problem)
	for _, problem := range ps {
		all[causeOf(problem)]++
		last[causeOf(problem)] = problem
	}
	for _, problem := range ps {
		c := causeOf(problem)
		seen[c]++
		if all[c] > shownAlike+1 && seen[c] > shownAlike {
			continue
		}
		p.problem(problem)
		if all[c] > shownAlike+1 && seen[c] == shownAlike {
			p.line("\t%s", p.paint(grey, moreOf(all[c]-shownAlike, last[c])))
		}
	}
}

func moreOf(more int, last problem) string {
	text := fmt.Sprintf("… and %s more like this", grouped(more))
	if last.File != "" {
		text += ", the last at " + clean(last.Pos.String())
	}
	return text + " (-o json shows all)"
}
