package ui

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/diff"
	"github.com/b24apply/b24apply/pkg/spec"
)

// Plan writes a plan for people: what and where, counts in words, then what would
// change, by kind and in plan order. Resources that stay as they are are only
// counted. The error is the writer's.
func Plan(w io.Writer, plan *diff.Plan, s Style) error {
	p := newPrinter(w, s)
	p.line("%s", p.paint(bold, "Plan for "+place(plan.Owner, plan.Portal, plan.Env)+projectFile(plan.Project)))
	p.counts(plan)
	p.notes(plan)
	p.unseen(plan)
	for changes := plan.Changes; len(changes) > 0; {
		n := slices.IndexFunc(changes, func(c diff.Change) bool { return c.Kind != changes[0].Kind })
		if n < 0 {
			n = len(changes)
		}
		p.kind(changes[:n])
		changes = changes[n:]
	}
	return p.flush()
}

// UnseenHint is what to do about records that may be hidden from a credential.
const UnseenHint = "use the credential of an administrator; or, if its user may read every record of these kinds, add --sees-all, or portal: {seesAll: true} to the environment"

// unseen warns of creates that could be of records which are hidden.
func (p *printer) unseen(plan *diff.Plan) {
	if len(plan.Unseen) > 0 {
		p.line("%s", p.paint(red, "warning: it is not known whether this credential sees every record of these kinds: "+strings.Join(plan.Unseen, ", ")+"; one that is hidden would be created again"))
		p.line("  %s", hint(UnseenHint))
	}
}

// counts says in words how much would change.
func (p *printer) counts(plan *diff.Plan) {
	counts := plan.Counts()
	switch total := len(plan.Changes); {
	case total == 0:
		p.line("No changes. The manifests declare nothing.")
		return
	case counts[diff.NoOp] == total:
		if slices.ContainsFunc(plan.Changes, func(c diff.Change) bool { return len(c.Kept) > 0 }) {
			p.line("No changes. The portal is as declared, or as people left it: %s.", number(total, "resource", "resources"))
			p.kept(plan)
			return
		}
		p.line("No changes. The portal already is as declared: %s.", number(total, "resource", "resources"))
		return
	}
	var parts []string
	for _, a := range diff.Actions {
		if n := counts[a]; n > 0 && a != diff.Refuse {
			text := grouped(n) + " " + lookFor(a).words
			if a == diff.Delete {
				text = p.paint(red, text)
			}
			parts = append(parts, text)
		}
	}
	if len(parts) > 0 {
		p.line("%s", strings.Join(parts, ", "))
	}
	p.kept(plan)
	if n := counts[diff.Refuse]; n > 0 {
		p.line("%s", p.paint(red, grouped(n)+" refused: nothing will be sent for what is marked with !"))
	}
}

// A look is how an action is shown.
type look struct {
	sign   string
	colour colour
	words  string // completes a number
}

func lookFor(a diff.Action) look {
	switch a {
	case diff.Create:
		return look{"+", green, "to create"}
	case diff.Update:
		return look{"~", yellow, "to update"}
	case diff.Adopt:
		return look{"±", cyan, "to adopt"}
	case diff.Delete:
		return look{"-", red, "to delete"}
	case diff.NoOp:
		return look{words: "unchanged"}
	}
	return look{"!", red, "refused"}
}

// lookOf is the look of a change.
func lookOf(c *diff.Change) look {
	if onlyKept(c) {
		return look{sign: keptSign, colour: cyan}
	}
	return lookFor(c.Action)
}

// kind writes the changes of one kind under its heading: whole, except that many alike
// ones are shown by an example and their names.
func (p *printer) kind(changes []diff.Change) {
	if !slices.ContainsFunc(changes, func(c diff.Change) bool { return !isQuiet(&c) }) {
		return
	}
	p.line("\n%s", p.paint(bold, heading(changes[0].Kind)))
	f := newFold(changes)
	for i := range changes {
		if c := &changes[i]; !isQuiet(c) && (p.Full || f.whole(c)) {
			p.change(c)
		}
	}
	p.foldedChanges(f)
}

// heading is what people call the records of a kind: "Smart process items".
func heading(name string) string {
	k := spec.KindByName(name)
	if k == nil {
		return clean(name)
	}
	r, size := utf8.DecodeRuneInString(k.Plural)
	return string(unicode.ToUpper(r)) + k.Plural[size:]
}

// change writes the line of a change and, below it, its fields.
func (p *printer) change(c *diff.Change) {
	head, source := "  "+clean(string(c.Address)), ""
	id := ""
	if c.ID != 0 {
		id = "  #" + strconv.Itoa(c.ID)
	}
	if c.Source.File != "" {
		source = "  " + clean(fileLine(c.Source))
	}
	if c.Title != "" {
		room := p.width() - columns("    "+head+id+source)
		head += "  " + quoted(c.Title, max(room, minWidth))
	}
	l := lookOf(c)
	p.line("  %s%s%s%s", p.paint(l.colour, l.sign), strings.TrimPrefix(head, " "), id, p.paint(grey, source))
	if c.Reason.Text != "" {
		p.line("      %s", because(c))
	}
	if c.Reason.Hint != "" {
		p.line("      %s", hint(c.Reason.Hint))
	}
	if c.Risk != "" {
		p.line("      %s", p.paint(red, "note: "+oneLine(c.Risk)))
	}
	p.fields(c)
	p.keptFields(c)
}

func because(c *diff.Change) string {
	text := "because: " + oneLine(c.Reason.Text)
	if c.Reason.Code != "" {
		text += " [" + clean(c.Reason.Code) + "]"
	}
	return text
}

// fileLine is a position without its column: as much as a plan needs.
func fileLine(pos spec.Pos) string {
	return spec.Pos{File: pos.File, Line: pos.Line}.String()
}
