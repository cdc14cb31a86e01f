package ui

import (
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
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
			p.line("\t%s", p.paint(grey, p.moreOf(all[c]-shownAlike, last[c])))
		}
	}
}

func (s Style) moreOf(more int, last problem) string {
	if last.File == "" {
		return s.say("more-problems-alike", value.N("n", more))
	}
	return s.say("more-problems-alike-up-to", value.N("n", more), value.T("last", clean(last.Pos.String())))
}
