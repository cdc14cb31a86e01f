package ui

import (
	"fmt"
	"iter"
	"strings"

	"github.com/b24apply/b24apply/pkg/apply"
	"github.com/b24apply/b24apply/pkg/plan"
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
		p.line("%s", p.paint(cyan, "left to people: "+number(fields, "field", "fields")+" of "+number(resources, "resource", "resources")))
	}
}

// keptFields writes the fields that stay as people made them, with what is declared.
func (p *printer) keptFields(c *plan.Change) {
	const indent, widest = 6, 30
	name := 0
	for _, f := range c.Kept {
		name = max(name, min(widest, columns(f.Name)))
	}
	for _, f := range c.Kept {
		label := strings.Repeat(" ", indent) + padded(clean(f.Name)+":", name+1) + " "
		room := max(minWidth, p.width()-columns(label))
		for _, text := range keptLines(f, room) {
			p.line("%s%s", label, text)
			label = strings.Repeat(" ", columns(label))
		}
		p.line("%s%s", label, p.paint(grey, cut("("+Text(f.Note)+")", room)))
	}
}

// keptLines shows what stays and what is declared, on one line if both fit.
func keptLines(f plan.Field, width int) []string {
	const stays, declared = "kept ", "declared "
	before, after := beside(f.Before), beside(f.After)
	half := (width - columns(stays+", "+declared)) / 2
	if b, a := shownValue(before, width), shownValue(after, width); columns(b) <= half && columns(a) <= half {
		return []string{stays + b + ", " + declared + a}
	}
	return []string{stays + shownValue(before, width-columns(stays)), declared + shownValue(after, width-columns(declared))}
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
			p.line("\tkept %s", oneLine(Text(why)))
		}
		p.whereabouts(o)
	}
	for _, why := range order {
		fields := oneLine(strings.ReplaceAll(why, "\x00", ", "))
		p.line("%s", p.paint(grey, fmt.Sprintf("… and %s more of which the same was kept, %s (--full lists all):", grouped(len(rest[why])), fields)))
		p.outcomeNames(rest[why])
	}
	return any
}
