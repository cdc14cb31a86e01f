package ui

import (
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
)

// A listChange is what becomes of the entries of a list, in their order.
type listChange struct {
	gone, come []string
	kept       int
	first      string // the kept entry that becomes the first one, where that matters
	text       func(string) string
}

// An entry knows how the entries of one field are compared and shown. The portal's
// entries and the declared ones are written in slightly different ways.
type entry struct {
	same    func(live, declared string) bool
	text    func(string) string
	ordered bool // the first entry is the primary one
}

func entryOf(kind string, f plan.Field) entry {
	mark := func(s string) string { return `"` + s + `"` }
	if isLink(reported(f.Type)) {
		return entry{same: sameLink, text: linkText, ordered: true}
	}
	k := spec.KindByName(kind)
	if k == nil {
		return entry{same: sameText, text: mark}
	}
	if rule, _ := k.Field(f.Name); rule.Multi != "" {
		return entry{same: func(live, declared string) bool { return sameContact(rule.Multi, live, declared) }, text: mark}
	}
	return entry{same: sameText, text: mark}
}

// compareLists pairs the entries of two lists: those that are written alike first.
func compareLists(before, after []string, e entry) listChange {
	free, open := slices.Clone(before), after
	for _, same := range []func(live, declared string) bool{sameText, e.same} {
		var rest []string
		for _, want := range open {
			i := slices.IndexFunc(free, func(live string) bool { return same(live, want) })
			if i < 0 {
				rest = append(rest, want)
				continue
			}
			free = slices.Delete(free, i, i+1)
		}
		open = rest
	}
	d := listChange{gone: free, come: open, kept: len(before) - len(free), text: e.text}
	if e.ordered && !e.same(before[0], after[0]) && !slices.Contains(open, after[0]) {
		d.first = after[0]
	}
	return d
}

// lines shows what goes and what comes, on one line if it fits; nil if nothing
// would be seen.
func (d listChange) lines(width int) []string {
	var parts []string
	for _, s := range d.gone {
		parts = append(parts, "- "+d.text(s))
	}
	for _, s := range d.come {
		parts = append(parts, "+ "+d.text(s))
	}
	notes := d.notes()
	if len(parts) == 0 && d.first == "" {
		return nil
	}
	if line := strings.Join(append(slices.Clone(parts), notes...), "  "); fits(line, width) {
		return []string{clean(line)}
	}
	var out []string
	for _, side := range [][]string{parts[:len(d.gone)], parts[len(d.gone):]} {
		out = append(out, allRows(side, width)...)
	}
	for _, n := range notes {
		out = append(out, cut(n, width))
	}
	return out
}

func (d listChange) notes() []string {
	var notes []string
	if d.kept > 0 {
		notes = append(notes, fmt.Sprintf("(%s kept)", grouped(d.kept)))
	}
	if d.first != "" {
		notes = append(notes, "primary: "+d.text(d.first))
	}
	return notes
}

func sameText(live, declared string) bool { return live == declared }

// sameLink compares the ids of two shown links: a live one has no reference.
func sameLink(live, declared string) bool { return linkID(live) == linkID(declared) }

func linkID(s string) string {
	if head, found := strings.CutSuffix(s, lookedUp); found {
		if words := strings.Fields(head); len(words) > 1 {
			return words[1] // "contact 815 Bob Smith"
		}
	}
	if _, id, found := strings.Cut(s, arrow); found {
		return id
	}
	return s
}

// sameContact compares two shown entries of a multi-field: "+49 30 1 (work)" is the
// live form of a declared "+49301" whose type is left open.
func sameContact(typeID, live, declared string) bool {
	liveValue, liveType := contactParts(typeID, live)
	value, typ := contactParts(typeID, declared)
	if typ != "" && typ != liveType {
		return false
	}
	switch typeID {
	case "PHONE":
		return phoneDigits(liveValue) == phoneDigits(value)
	case "EMAIL":
		return strings.EqualFold(strings.TrimSpace(liveValue), strings.TrimSpace(value))
	}
	return strings.TrimSpace(liveValue) == strings.TrimSpace(value)
}

// contactParts splits "+49 30 1 (work)" into its value and its type.
func contactParts(typeID, s string) (value, typ string) {
	for _, t := range spec.ValueTypes(typeID) {
		if head, found := strings.CutSuffix(s, " ("+strings.ToLower(t)+")"); found {
			return head, t
		}
	}
	return s, ""
}

// phoneDigits drops what people write between the digits of a number.
func phoneDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()-./\u00a0\t", r) {
			return -1
		}
		return r
	}, s)
}
