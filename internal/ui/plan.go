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
	p.line("%s", p.paint(bold, s.planHead(all)))
	p.counts(all)
	p.notes(all)
	p.unseen(all)
	glance := all.Changes.Glance()
	for first := 0; first < all.Changes.Len(); {
		name, end := all.Changes.Entry(first).Kind, first+1
		for end < all.Changes.Len() && all.Changes.Entry(end).Kind == name {
			end++
		}
		p.kind(part{all.Changes, glance, first, end})
		first = end
	}
	p.alikeFoot(all)
	return errors.Join(p.unread, p.flush())
}

// planHead says what is planned, and which project file decided if one did.
func (s Style) planHead(p *plan.Plan) string {
	place := value.T("place", s.place(p.Owner, p.Portal, p.Env))
	if p.Project == "" {
		return s.say("plan-for", place)
	}
	return s.say("plan-for-by-project", place, value.T("file", clean(p.Project)))
}

// A part is some neighbouring changes of a plan, which are read one by one.
type part struct {
	of         *plan.Source
	glance     *plan.Glance
	first, end int
}

// loud gives the places of changes that there is something to say about.
func (of part) loud() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := of.first; i < of.end; i++ {
			if !isQuiet(of.of.Entry(i)) && !yield(i) {
				return
			}
		}
	}
}

// UnseenHint is what to do about records that may be hidden from a credential.
func UnseenHint() value.Message { return value.Say("see-all-records") }

// unseen warns of creates that could be of records which are hidden.
func (p *printer) unseen(all *plan.Plan) {
	if len(all.Unseen) > 0 {
		p.line("%s", p.paint(red, p.say("with-warning", value.M("said", value.Say("may-be-hidden", value.L("kinds", all.Unseen))))))
		p.line("  %s", p.hint(p.Text(UnseenHint())))
	}
}

// counts says in words how much would change.
func (p *printer) counts(all *plan.Plan) {
	counts := all.Counts()
	switch total := all.Size(); {
	case total == 0 && all.TakesBack:
		p.line("%s", p.say("no-changes-nothing-to-undo"))
		return
	case total == 0:
		p.line("%s", p.say("no-changes-nothing-declared"))
		return
	case counts[plan.NoOp] == total:
		if keepsAny(all.Changes) {
			p.line("%s", p.say("no-changes-or-kept", value.N("n", total)))
			p.kept(all)
			return
		}
		p.line("%s", p.say("no-changes", value.N("n", total)))
		return
	}
	var parts []string
	for _, a := range plan.Actions {
		if n := counts[a]; n > 0 && a != plan.Refuse {
			text := p.say(lookFor(a).count, value.N("n", n))
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
		p.line("%s", p.paint(red, p.say("so-many-refused", value.N("n", n))))
	}
	p.reversible(all)
}

// mostLasting is how many changes are named of which not all can be undone.
const mostLasting = 3

// reversible says how much of a plan undo would take back, if that is not all of it.
func (p *printer) reversible(all *plan.Plan) {
	wholly, anew := 0, 0
	var lasting []value.Address
	for _, e := range all.Changes.Entries() {
		switch {
		case e.Lasting:
			lasting = append(lasting, e.Address)
		case e.Anew:
			anew++
		case e.Writes():
			wholly++
		}
	}
	if len(lasting)+anew == 0 {
		return
	}
	var parts []value.Message
	if wholly > 0 {
		parts = append(parts, value.Say("so-many-undone", value.N("n", wholly)))
	}
	if anew > 0 {
		parts = append(parts, value.Say("so-many-undone-anew", value.N("n", anew)))
	}
	if n := len(lasting); n > mostLasting {
		parts = append(parts, value.Say("so-many-not-undone-and-more", value.N("n", n), value.L("first", lasting[:mostLasting])))
	} else if n > 0 {
		parts = append(parts, value.Say("so-many-not-undone", value.N("n", n), value.L("all", lasting)))
	}
	p.line("%s", p.say("reversible", value.Ms("parts", parts)))
}

// A look is how an action is shown.
type look struct {
	sign   string
	colour colour
	count  string // the sentence that counts them
}

func lookFor(a plan.Action) look {
	switch a {
	case plan.Create:
		return look{"+", green, "so-many-to-create"}
	case plan.Update:
		return look{"~", yellow, "so-many-to-update"}
	case plan.Adopt:
		return look{"±", cyan, "so-many-to-adopt"}
	case plan.Delete:
		return look{"-", red, "so-many-to-delete"}
	case plan.NoOp:
		return look{count: "so-many-unchanged"}
	}
	return look{"!", red, "so-many-refused"}
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
		f, p.unread = newFold(changes)
	}
	some := false
	for i := range changes.loud() {
		if p.unread != nil {
			return
		}
		read, whole := changes.glance.Change, f.whole(i)
		if !whole {
			read = changes.glance.Brief
		}
		c, err := read(i)
		if p.unread = err; err != nil {
			return
		}
		if !some {
			p.line("\n%s", p.paint(bold, p.heading(c)))
		}
		if some = true; whole {
			p.change(c)
		} else {
			f.keep(i, c)
		}
	}
	p.foldedChanges(f)
}

// heading is what people call the records of a kind: "Smart process items". A field
// that the plan needs for itself goes by the name that it has in manifests.
func (s Style) heading(c *plan.Change) string {
	if c.Facts == nil || c.CreatesField() {
		return clean(c.Kind)
	}
	plural := s.say("all-of-kind", value.K("kinds", c.Facts.Name, c.Facts.Plural))
	r, size := utf8.DecodeRuneInString(plural)
	return string(unicode.ToUpper(r)) + plural[size:]
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
		head += "  " + p.quoted(c.Title, max(room, minWidth))
	}
	l := lookOf(c)
	p.line("  %s%s%s%s", p.paint(l.colour, l.sign), strings.TrimPrefix(head, " "), id, p.paint(grey, source))
	if !c.Reason.Message.IsZero() {
		p.line("      %s", p.because(c))
	}
	if !c.Reason.Hint.IsZero() {
		p.line("      %s", p.hint(p.Text(c.Reason.Hint)))
	}
	if !c.Risk.IsZero() {
		p.line("      %s", p.paint(red, p.note(c.Risk)))
	}
	for _, u := range c.Unread {
		p.line("      %s", p.paint(red, p.note(value.Say("is-left-as-it-is", value.M("said", u.Says())))+inBrackets("UNREADABLE_VALUE")))
	}
	p.alike(c)
	p.fields(c)
	p.keptFields(c)
}

func (s Style) because(c *plan.Change) string {
	text := s.say("with-reason", value.T("why", oneLine(s.Text(c.Reason.Message))))
	if c.Reason.Code != "" {
		text += inBrackets(c.Reason.Code)
	}
	return text
}

// fileLine is a position without its column: as much as a plan needs.
func fileLine(pos value.Pos) string {
	return value.Pos{File: pos.File, Line: pos.Line}.String()
}
