package ui

import (
	"crypto/sha256"
	"fmt"
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

// appendAlike appends what is shown of a change and others may have too.
func appendAlike(b []byte, c *plan.Change) []byte {
	if c.Action == plan.Refuse {
		return fmt.Appendf(b, "refuse\x00%s\x00%s", c.Reason.Code, pattern(Text(c.Reason.Message)))
	}
	b = value.AppendText(value.AppendText(b, string(c.Action)), c.Reason.Code)
	b = c.Risk.AppendJSON(c.Reason.Hint.AppendJSON(c.Reason.Message.AppendJSON(b)))
	for _, u := range c.Unread {
		b = u.Says().AppendJSON(b)
	}
	for _, a := range c.Alike {
		b = a.Says().AppendJSON(b)
	}
	for _, fields := range [][]plan.Field{c.Fields, c.Kept} {
		for i := range fields {
			b = appendFieldAlike(append(b, ','), c, &fields[i])
		}
		b = append(b, ';')
	}
	return b
}

func appendFieldAlike(b []byte, c *plan.Change, f *plan.Field) []byte {
	b = value.AppendText(b, f.Name)
	if c.Title != "" && (c.Action == plan.Create && isText(f.After, c.Title) || c.Action == plan.Delete && isText(f.Before, c.Title)) {
		return append(b, '=')
	}
	b = value.AppendText(b, reported(f.Type))
	b = appendSeen(appendSeen(b, f.Before), f.After)
	return f.Note.AppendJSON(b)
}

// appendSeen appends as much of a value as is seen of it in a line.
func appendSeen(b []byte, v value.Shown) []byte {
	switch {
	case v.Rest == nil && v.Text == "":
		return append(b, '-')
	case v.Rest == nil:
		return value.AppendText(b, v.Text)
	case v.Rest.Says.Code != "":
		return v.Rest.Says.AppendJSON(b)
	}
	b = value.AppendText(value.AppendText(append(b, '{'), string(v.Rest.Style)), v.Text)
	switch v.Rest.Style {
	case value.Spaced, value.Bracketed, value.Pointer:
		b = value.AppendText(b, v.Aside())
	}
	for _, item := range v.Items() {
		b = appendSeen(append(b, ','), item)
	}
	return append(b, '}')
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
	of     part
	groups []int32 // that of each change
	size   []int   // of each group
	seen   []int
	rest   map[int32]*alike // those that are not
	order  []int32          // of rest
}

// An alike is what is kept of changes that are not shown whole, in plan order.
type alike struct {
	first *plan.Change // without its fields
	count int
	bare  bool // the first one has no fields
	last  value.Address
	names []string // not of refusals
}

// newFold looks through the changes of a kind.
func newFold(of part) (*fold, error) {
	f := &fold{of: of, groups: make([]int32, of.end-of.first), rest: make(map[int32]*alike)}
	known := make(map[alikeness]int32)
	var text []byte
	for i := range of.loud() {
		c, err := of.glance.Change(i)
		if err != nil {
			return f, err
		}
		text = appendAlike(text[:0], c)
		sum := sha256.Sum256(text)
		group, ok := known[alikeness(sum[:16])]
		if !ok {
			group = int32(len(f.size))
			known[alikeness(sum[:16])] = group
			f.size = append(f.size, 0)
		}
		f.groups[i-of.first] = group
		f.size[group]++
	}
	f.seen = make([]int, len(f.size))
	return f, nil
}

// whole tells whether a change is shown whole. If not, it is to be kept for the end.
func (f *fold) whole(i int) bool {
	if len(f.size) == 0 {
		return true
	}
	group := f.groups[i-f.of.first]
	most, few := manyAlike, fewAlike
	if f.of.of.Entry(i).Action == plan.Refuse {
		most, few = shownAlike+1, shownAlike
	}
	if f.size[group] <= most {
		return true
	}
	f.seen[group]++
	return f.seen[group] <= few
}

// keep keeps a change for the end.
func (f *fold) keep(i int, c *plan.Change) {
	group := f.groups[i-f.of.first]
	rest := f.rest[group]
	if rest == nil {
		first := *c
		rest = &alike{first: &first, bare: f.of.of.Entry(i).Fields+len(c.Kept) == 0}
		f.order, f.rest[group] = append(f.order, group), rest
	}
	rest.count, rest.last = rest.count+1, c.Address
	if c.Action != plan.Refuse {
		rest.names = append(rest.names, nameOf(c))
	}
}

// foldedChanges writes what the fold has kept back: refusals by their number, everything else by
// name, since a name is what is left to tell.
func (p *printer) foldedChanges(f *fold) {
	for _, group := range f.order {
		rest := f.rest[group]
		c := rest.first
		l := lookOf(c)
		sign := "  " + p.paint(l.colour, l.sign) + " "
		if c.Action == plan.Refuse {
			p.line("%s%s", sign, p.say("more-refused-alike", value.N("n", rest.count), value.T("last", clean(string(rest.last)))))
			continue
		}
		more := "more-of-same-values"
		if rest.bare {
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
