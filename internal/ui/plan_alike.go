package ui

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// Of more than manyAlike changes of one kind that are alike, the first fewAlike are shown
// whole, and the others by name. Of more than shownAlike refusals of one cause the first
// ones are shown, and the others are counted.
const (
	manyAlike = 20
	fewAlike  = 10
)

// An alikeness is what alike changes have in common: a digest of all that is shown of them but
// address, title, id and place.
type alikeness [16]byte

func alikenessOf(c *plan.Change) alikeness {
	sum := sha256.Sum256([]byte(shownAlikeOf(c)))
	return alikeness(sum[:16])
}

// shownAlikeOf is what is shown of a change and others may have too.
func shownAlikeOf(c *plan.Change) string {
	if c.Action == plan.Refuse {
		return fmt.Sprintf("refuse\x00%s\x00%s", c.Reason.Code, pattern(Text(c.Reason.Message)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s\x00%s\x00%s\x00%s\x00", c.Action, c.Reason.Code, c.Reason.Message, c.Reason.Hint, c.Risk)
	for _, u := range c.Unread {
		fmt.Fprintf(&b, "%s\x00", Text(u.Says()))
	}
	for _, a := range c.Alike {
		fmt.Fprintf(&b, "%s\x00", Text(a.Says()))
	}
	for _, fields := range [][]plan.Field{c.Fields, c.Kept} {
		for i := range fields {
			f := &fields[i]
			if c.Title != "" && (c.Action == plan.Create && isText(f.After, c.Title) || c.Action == plan.Delete && isText(f.Before, c.Title)) {
				fmt.Fprintf(&b, "%s\x00title\x00", f.Name)
				continue
			}
			before, after := Style{}.worded(f.Before), Style{}.worded(f.After)
			fmt.Fprintf(&b, "%s\x00%s\x00%#v\x00%#v\x00%s\x00", f.Name, reported(f.Type), before.Plain(), after.Plain(), f.Note)
		}
		b.WriteByte(1)
	}
	return b.String()
}

// isText tells whether a value is shown by one text alone.
func isText(v value.Shown, text string) bool { return v.Rest == nil && v.Text == text }

// pattern is a message without what differs from item to item: numbers, and what stands
// in quotation marks.
func pattern(message string) string {
	var b strings.Builder
	quoted, digits := false, false
	for _, r := range message {
		isDigit := '0' <= r && r <= '9'
		switch {
		case r == '"':
			quoted = !quoted
			b.WriteRune(r)
		case quoted, isDigit && digits:
		case isDigit:
			b.WriteByte('#')
		default:
			b.WriteRune(r)
		}
		digits = isDigit
	}
	return b.String()
}

// A fold says which changes of a kind are shown whole. The zero fold shows all.
type fold struct {
	size, seen map[alikeness]int
	rest       map[alikeness]*alike // those that are not
	order      []alikeness          // of rest
}

// An alike is what is kept of changes that are not shown whole, in plan order.
type alike struct {
	first *plan.Change
	count int
	last  value.Address
	names []string // not of refusals
}

// newFold looks through the changes of a kind.
func newFold(changes iter.Seq[*plan.Change]) *fold {
	f := &fold{size: make(map[alikeness]int), seen: make(map[alikeness]int), rest: make(map[alikeness]*alike)}
	for c := range changes {
		f.size[alikenessOf(c)]++
	}
	return f
}

// whole tells whether a change is shown whole. If not, it is kept for the end.
func (f *fold) whole(c *plan.Change) bool {
	if len(f.size) == 0 {
		return true
	}
	key := alikenessOf(c)
	most, few := manyAlike, fewAlike
	if c.Action == plan.Refuse {
		most, few = shownAlike+1, shownAlike
	}
	if f.size[key] <= most {
		return true
	}
	if f.seen[key]++; f.seen[key] <= few {
		return true
	}
	rest := f.rest[key]
	if rest == nil {
		rest = &alike{first: c}
		f.order, f.rest[key] = append(f.order, key), rest
	}
	rest.count, rest.last = rest.count+1, c.Address
	if c.Action != plan.Refuse {
		rest.names = append(rest.names, nameOf(c))
	}
	return false
}

// foldedChanges writes what the fold has kept back: refusals by their number, everything else by
// name, since a name is what is left to tell.
func (p *printer) foldedChanges(f *fold) {
	for _, key := range f.order {
		rest := f.rest[key]
		c := rest.first
		l := lookOf(c)
		sign := "  " + p.paint(l.colour, l.sign) + " "
		if c.Action == plan.Refuse {
			p.line("%s%s", sign, p.say("more-refused-alike", value.N("n", rest.count), value.T("last", clean(string(rest.last)))))
			continue
		}
		more := "more-of-same-values"
		if len(c.Fields)+len(c.Kept) == 0 {
			more = "more-like-these"
		}
		p.line("%s%s", sign, p.say(more, value.N("n", rest.count)))
		p.enumerate(rest.names)
	}
}

// nameOf is a change by address, title and id.
func nameOf(c *plan.Change) string {
	name := clean(string(c.Address))
	if c.Title != "" {
		name += ` "` + clean(c.Title) + `"`
	}
	if c.ID != "" {
		name += " #" + clean(c.ID)
	}
	return name
}

// outcomeNames lists outcomes by address and id.
func (p *printer) outcomeNames(items []apply.Outcome) {
	all := make([]string, len(items))
	for i, o := range items {
		all[i] = clean(string(o.Resource))
		if o.ID != "" {
			all[i] += " #" + clean(o.ID)
		}
	}
	p.enumerate(all)
}

// enumerate writes names with commas between them, as many to a line as fit.
func (p *printer) enumerate(names []string) {
	const indent = "      "
	line := ""
	for i, name := range names {
		if i < len(names)-1 {
			name += ","
		}
		switch {
		case line == "":
			line = name
		case columns(indent+line+" "+name) <= p.width():
			line += " " + name
		default:
			p.line("%s%s", indent, line)
			line = name
		}
	}
	p.line("%s%s", indent, line)
}

// A failureCause is what the outcomes of one cause have in common.
type failureCause struct {
	status       apply.Status
	code, field  string
	error, hints string
}

func failureCauseOf(o apply.Outcome) failureCause {
	return failureCause{o.Status, o.Code, o.Field, pattern(Text(o.Error)), pattern(Text(o.Hint))}
}

// outcomes writes outcomes in the order given; of many with one cause the first ones, and
// below the last of these how many more there are.
func (p *printer) outcomes(items []apply.Outcome) {
	all, seen, last := make(map[failureCause]int), make(map[failureCause]int), make(map[failureCause]apply.Outcome)
	for _, o := range items {
		all[failureCauseOf(o)]++
		last[failureCauseOf(o)] = o
	}
	for _, o := range items {
		c := failureCauseOf(o)
		seen[c]++
		if !p.Full && all[c] > shownAlike+1 && seen[c] > shownAlike {
			continue
		}
		p.outcome(o)
		p.whereabouts(o)
		if !p.Full && all[c] > shownAlike+1 && seen[c] == shownAlike {
			p.line("%s", p.paint(grey, p.say("more-outcomes-alike", value.N("n", all[c]-shownAlike), value.M("status", statusOf(o.Status)), value.T("last", clean(string(last[c].Resource))))))
		}
	}
}
