package ui

import (
	"iter"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// keptSign stands before a resource of which nothing but kept fields differs.
const keptSign = "="

// isQuiet tells whether there is nothing to say about a change.
func isQuiet(e *plan.Entry) bool { return e.Action == plan.NoOp && !e.Kept }

// keepsAny tells whether any difference stays as people made it.
func keepsAny(changes *plan.Source) bool {
	for _, e := range changes.Entries() {
		if e.Kept {
			return true
		}
	}
	return false
}

// onlyKept tells whether all that differs is left as people made it.
func onlyKept(c *plan.Change) bool { return c.Action == plan.NoOp && len(c.Kept) > 0 }

// kept says how much stays as people made it.
func (p *printer) kept(plan *plan.Plan) {
	fields, resources := 0, 0
	for i, e := range plan.Changes.Entries() {
		if !e.Kept || p.unread != nil {
			continue
		}
		c, err := plan.Changes.Brief(i)
		if p.unread = err; err == nil {
			fields += len(c.Kept)
			resources++
		}
	}
	if fields > 0 {
		p.line("%s", p.paint(cyan, p.say("left-to-people", value.N("fields", fields), value.N("resources", resources))))
	}
}

// keptFields writes the fields that stay as people made them, with what is declared.
func (p *printer) keptFields(c *plan.Change) {
	const indent, widest = 6, 30
	name := 0
	for _, f := range c.Kept {
		name = max(name, min(widest, columns(p.nameOfField(f))))
	}
	for _, f := range c.Kept {
		label := strings.Repeat(" ", indent) + padded(p.nameOfField(f)+":", name+1) + " "
		room := max(minWidth, p.width()-columns(label))
		for _, text := range p.keptLines(f, room) {
			p.line("%s%s", label, text)
			label = strings.Repeat(" ", columns(label))
		}
		p.line("%s%s", label, p.paint(grey, p.cut("("+p.Text(f.Note)+")", room)))
	}
}

// keptLines shows what stays and what is declared, on one line if both fit.
func (s Style) keptLines(f plan.Field, width int) []string {
	before, after := beside(s.worded(f.Before)), beside(s.worded(f.After))
	both := func(before, after string) string {
		return s.say("kept-and-declared", value.T("before", before), value.T("after", after))
	}
	half := (width - columns(both("", ""))) / 2
	if b, a := s.shownValue(before, width), s.shownValue(after, width); columns(b) <= half && columns(a) <= half {
		return []string{both(b, a)}
	}
	return []string{
		s.say("kept-value", value.T("value", s.shownValue(before, width-columns(s.say("kept-value", value.T("value", "")))))),
		s.say("declared-value", value.T("value", s.shownValue(after, width-columns(s.say("declared-value", value.T("value", "")))))),
	}
}

// keptText is what an item keeps, line by line with a NUL between them.
func keptText(o apply.Outcome) string { return strings.Join(texts(o.Kept), "\x00") }

// keptItems lists the items of a report that were left to people; of many with the same
// fields the first ones, and the others by name. It tells whether any item keeps something.
func (p *printer) keptItems(items iter.Seq[apply.Outcome]) (any bool) {
	var kept []apply.Outcome
	for o := range items {
		any = any || len(o.Kept) > 0
		if o.Status == apply.Kept || o.Status == apply.Succeeded && len(o.Kept) > 0 {
			kept = append(kept, o)
		}
	}
	all, seen := make(map[string]int), make(map[string]int)
	for _, o := range kept {
		all[keptText(o)]++
	}
	rest := make(map[string][]apply.Outcome)
	var order []string
	for _, o := range kept {
		why := keptText(o)
		if seen[why]++; !p.Full && all[why] > manyAlike && seen[why] > fewAlike {
			if rest[why] == nil {
				order = append(order, why)
			}
			rest[why] = append(rest[why], o)
			continue
		}
		p.outcome(o)
		for _, why := range o.Kept {
			p.line("\t%s", p.say("kept-value", value.T("value", oneLine(p.Text(why)))))
		}
		p.whereabouts(o)
	}
	for _, why := range order {
		fields := oneLine(strings.Join(p.texts(rest[why][0].Kept), ", "))
		p.line("%s", p.paint(grey, p.say("more-kept-alike", value.N("n", len(rest[why])), value.T("fields", fields))))
		p.outcomeNames(rest[why])
	}
	return any
}
