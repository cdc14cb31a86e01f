package ui

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Problems writes the problems as file:line:col: message [rule], below each the
// source line with a caret and the hint, and ends with the number of all of them. Of
// many with the same text it shows the first few. It writes nothing if there is none.
// The error is the writer's.
func Problems(w io.Writer, ps spec.Problems, s Style) error {
	p := newPrinter(w, s)
	said := s.inWords(ps)
	p.problems(said)
	if len(said) > 0 {
		p.line("%s", p.totals(said))
	}
	return p.flush()
}

// A problem is one of package spec in words, as people and JSON read it.
type problem struct {
	value.Pos
	Width    int           `json:"width,omitempty"`
	Severity spec.Severity `json:"severity"`
	Rule     string        `json:"rule"`
	Message  string        `json:"message"`
	Hint     string        `json:"hint,omitempty"`
	Excerpt  string        `json:"excerpt,omitempty"`
}

// inWords gives the problems in source order, and in that of their texts where several
// have one place; repetitions are dropped.
func (s Style) inWords(ps spec.Problems) []problem {
	ps = slices.Clone(ps).Sort()
	out := make([]problem, len(ps))
	for i, p := range ps {
		out[i] = problem{p.Pos, p.Width, p.Severity, p.Rule, s.Text(p.Message), s.Words.Hint(p.Rule, p.Hint), p.Excerpt}
	}
	slices.SortStableFunc(out, func(a, b problem) int {
		return cmp.Or(a.Pos.Compare(b.Pos), cmp.Compare(a.Message, b.Message))
	})
	return out
}

func (p *printer) problem(problem problem) {
	head := ""
	if problem.File != "" {
		head = p.paint(bold, clean(problem.Pos.String())+":") + " "
	}
	if problem.Severity == spec.SeverityWarning {
		head += p.paint(yellow, p.say("warning-before")) + " "
	}
	p.line("%s%s%s", head, oneLine(problem.Message), inBrackets(problem.Rule))
	if problem.Line > 0 && problem.Excerpt != "" {
		p.excerpt(problem)
	}
	if problem.Hint != "" {
		p.line("\t%s", p.hint(problem.Hint))
	}
}

func (s Style) hint(text string) string {
	return s.say("with-hint", value.T("hint", oneLine(text)))
}

// excerpt writes the source line and a caret below what is wrong.
func (p *printer) excerpt(problem problem) {
	gutter := strconv.Itoa(problem.Line)
	runes := []rune(problem.Excerpt)
	before, rest := runes, []rune(nil)
	if problem.Col > 0 && problem.Col-1 <= len(runes) {
		before, rest = runes[:problem.Col-1], runes[problem.Col-1:]
	}
	marked := rest[:min(len(rest), max(1, problem.Width))]
	parts := inLine(string(before), string(marked), string(rest[len(marked):]))
	lead, text := window(parts[0], parts[1], parts[2], p.width()-len(gutter)-5)
	p.line("  %s %s %s", p.paint(grey, gutter), p.paint(grey, "|"), text)
	if problem.Col == 0 || problem.Col-1 > len(runes) {
		return
	}
	// The mark may reach beyond what the window shows.
	length := max(1, min(columns(parts[1]), columns(text)-lead))
	caret := "^" + strings.Repeat("~", length-1)
	p.line("  %s %s %s%s", strings.Repeat(" ", len(gutter)), p.paint(grey, "|"), strings.Repeat(" ", lead), p.paint(red, caret))
}

// window shows a source line in width columns so that the start of what is marked
// is seen, and says how many columns stand before it. Tabs count as one blank, so
// that the caret stands right whatever the terminal's tab stops.
func window(before, marked, after string, width int) (lead int, text string) {
	line := strings.ReplaceAll(before+marked+after, "\t", " ")
	from := 0
	if columns(before) > width*3/4 && !fits(line, width) {
		from = max(0, len([]rune(before))-width/4)
	}
	runes := []rune(line)
	shown, ellipsis := string(runes[from:]), ""
	if from > 0 {
		ellipsis = "…"
	}
	lead = columns(ellipsis + string(runes[from:len([]rune(before))]))
	if fits(ellipsis+shown, width) {
		return lead, ellipsis + clean(shown)
	}
	head, _ := take(ellipsis+shown, width-1)
	return lead, head + "…"
}

// totals is the last line: how many problems in how many files.
func (s Style) totals(ps []problem) string {
	files, warnings := map[string]bool{}, 0
	for _, p := range ps {
		if p.File != "" && !strings.HasPrefix(p.File, "--") { // a flag is no file
			files[p.File] = true
		}
		if p.Severity == spec.SeverityWarning {
			warnings++
		}
	}
	count := []value.Arg{value.N("n", len(ps)), value.N("files", len(files)), value.N("warnings", warnings)}
	code := totalsOf[totalsCase{warnings: warnings == len(ps), files: len(files) > 0}]
	said := value.Say(code, count[:2]...)
	if len(files) == 0 {
		said = value.Say(code, count[0])
	}
	if warnings == 0 || warnings == len(ps) {
		return s.Text(said)
	}
	return s.say("some-are-warnings", value.M("problems", said), count[2])
}

// A totalsCase tells what the last line has to count.
type totalsCase struct{ warnings, files bool }

var totalsOf = map[totalsCase]string{
	{false, false}: "so-many-problems", {false, true}: "so-many-problems-in-files",
	{true, false}: "so-many-warnings", {true, true}: "so-many-warnings-in-files",
}
