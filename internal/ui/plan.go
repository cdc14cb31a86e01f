package ui

import (
	"errors"
	"io"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Plan writes a plan for people: what and where, counts in words, then what would
// change, by kind and in plan order. Resources that stay as they are are only
// counted. The error is the writer's, or that of the plan's file.
func Plan(w io.Writer, all *plan.Plan, s Style) error {
	p := newPrinter(w, s)
	p.line("%s", p.paint(bold, "Plan for "+place(all.Owner, all.Portal, all.Env)+projectFile(all.Project)))
	p.counts(all)
	p.notes(all)
	p.unseen(all)
	for first := 0; first < all.Changes.Len(); {
		name, end := all.Changes.Entry(first).Kind, first+1
		for end < all.Changes.Len() && all.Changes.Entry(end).Kind == name {
			end++
		}
		p.kind(part{all.Changes, first, end})
		first = end
	}
	p.alikeFoot(all)
	return errors.Join(p.unread, p.flush())
}

// A part is some neighbouring changes of a plan, which are read one by one.
type part struct {
	of         *plan.Source
	first, end int
}

// loud reads the changes of a part that there is something to say about.
func (p *printer) loud(of part) iter.Seq[*plan.Change] {
	return func(yield func(*plan.Change) bool) {
		for i := of.first; i < of.end && p.unread == nil; i++ {
			if isQuiet(of.of.Entry(i)) {
				continue
			}
			c, err := of.of.Change(i)
			if p.unread = err; err != nil || !yield(c) {
				return
			}
		}
	}
}

// UnseenHint is what to do about records that may be hidden from a credential.
const UnseenHint = "use the credential of an administrator; or, if its user may read every record of these kinds, add --sees-all, or portal: {seesAll: true} to the environment"

// unseen warns of creates that could be of records which are hidden.
func (p *printer) unseen(all *plan.Plan) {
	if len(all.Unseen) > 0 {
		p.line("%s", p.paint(red, "warning: it is not known whether this credential sees every record of these kinds: "+strings.Join(all.Unseen, ", ")+"; one that is hidden would be created again"))
		p.line("  %s", hint(UnseenHint))
	}
}

// counts says in words how much would change.
func (p *printer) counts(all *plan.Plan) {
	counts := all.Counts()
	switch total := all.Size(); {
	case total == 0:
		p.line("No changes. The manifests declare nothing.")
		return
	case counts[plan.NoOp] == total:
		if keepsAny(all.Changes) {
			p.line("No changes. The portal is as declared, or as people left it: %s.", number(total, "resource", "resources"))
			p.kept(all)
			return
		}
		p.line("No changes. The portal already is as declared: %s.", number(total, "resource", "resources"))
		return
	}
	var parts []string
	for _, a := range plan.Actions {
		if n := counts[a]; n > 0 && a != plan.Refuse {
			text := grouped(n) + " " + lookFor(a).words
			if a == plan.Delete {
				text = p.paint(red, text)
			}
			parts = append(parts, text)
		}
	}
	if len(parts) > 0 {
		p.line("%s", strings.Join(parts, ", "))
	}
	p.kept(all)
	if n := counts[plan.Refuse]; n > 0 {
		p.line("%s", p.paint(red, grouped(n)+" refused: nothing will be sent for what is marked with !"))
	}
}

// A look is how an action is shown.
type look struct {
	sign   string
	colour colour
	words  string // completes a number
}

func lookFor(a plan.Action) look {
	switch a {
	case plan.Create:
		return look{"+", green, "to create"}
	case plan.Update:
		return look{"~", yellow, "to update"}
	case plan.Adopt:
		return look{"±", cyan, "to adopt"}
	case plan.Delete:
		return look{"-", red, "to delete"}
	case plan.NoOp:
		return look{words: "unchanged"}
	}
	return look{"!", red, "refused"}
}

// lookOf is the look of a change.
func lookOf(c *plan.Change) look {
	if onlyKept(c) {
		return look{sign: keptSign, colour: cyan}
	}
	return lookFor(c.Action)
}

// kind writes the changes of one kind under its heading: whole, except that many alike
// ones are shown by an example and their names.
func (p *printer) kind(changes part) {
	f := &fold{}
	if changes.end-changes.first > shownAlike+1 && !p.Full { // few changes are all shown
		f = newFold(p.loud(changes))
	}
	some := false
	for c := range p.loud(changes) {
		if !some {
			p.line("\n%s", p.paint(bold, heading(c)))
		}
		if some = true; f.whole(c) {
			p.change(c)
		}
	}
	p.foldedChanges(f)
}

// heading is what people call the records of a kind: "Smart process items". A field
// that the plan needs for itself goes by the name that it has in manifests.
func heading(c *plan.Change) string {
	if c.Facts == nil || c.CreatesField() {
		return clean(c.Kind)
	}
	r, size := utf8.DecodeRuneInString(c.Facts.Plural)
	return string(unicode.ToUpper(r)) + c.Facts.Plural[size:]
}

// change writes the line of a change and, below it, its fields.
func (p *printer) change(c *plan.Change) {
	head, source := "  "+clean(string(c.Address)), ""
	id := ""
	if c.ID != "" {
		id = "  #" + clean(c.ID)
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
	if !c.Reason.Message.IsZero() {
		p.line("      %s", because(c))
	}
	if !c.Reason.Hint.IsZero() {
		p.line("      %s", hint(Text(c.Reason.Hint)))
	}
	if !c.Risk.IsZero() {
		p.line("      %s", p.paint(red, "note: "+oneLine(Text(c.Risk))))
	}
	for _, u := range c.Unread {
		p.line("      %s", p.paint(red, "note: "+oneLine(Text(u.Says()))+", and is left as it is [UNREADABLE_VALUE]"))
	}
	p.alike(c)
	p.fields(c)
	p.keptFields(c)
}

func because(c *plan.Change) string {
	text := "because: " + oneLine(Text(c.Reason.Message))
	if c.Reason.Code != "" {
		text += " [" + clean(c.Reason.Code) + "]"
	}
	return text
}

// fileLine is a position without its column: as much as a plan needs.
func fileLine(pos value.Pos) string {
	return value.Pos{File: pos.File, Line: pos.Line}.String()
}
