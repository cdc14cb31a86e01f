package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// empty is how no value reads.
func (s Style) empty() string { return s.say("no-value") }

// arrow stands between an old value and the new one.
const arrow = " → "

// fields writes the fields of a change with their values aligned.
func (p *printer) fields(c *plan.Change) {
	const indent, widest = 6, 45
	name := 0
	for _, f := range c.Fields {
		name = max(name, min(widest, columns(p.nameOfField(f))))
	}
	for _, f := range c.Fields {
		label := strings.Repeat(" ", indent) + padded(p.nameOfField(f)+":", name+1) + " "
		at := columns(label)
		for _, text := range p.fieldLines(c, f, max(minWidth, p.width()-at)) {
			p.line("%s%s", label, text)
			label = strings.Repeat(" ", at)
		}
		if !f.Note.IsZero() {
			p.line("%s%s", label, p.paint(grey, p.cut("("+Text(f.Note)+")", max(minWidth, p.width()-at))))
		}
	}
}

// nameOfField is the name of a field as it stands before its values.
func (s Style) nameOfField(f plan.Field) string {
	name, between := f.Between()
	if between {
		return s.say("field-in-between", value.T("field", clean(name)))
	}
	return clean(name)
}

// fieldLines shows one field of a change in lines of width columns.
func (s Style) fieldLines(c *plan.Change, f plan.Field, width int) []string {
	f.Before, f.After = s.worded(f.Before), s.worded(f.After)
	if isTable(f) {
		return s.rowLines(f, width)
	}
	switch c.Action {
	case plan.Create:
		return []string{s.shownValue(f.After, width)}
	case plan.Delete:
		return []string{s.shownValue(f.Before, width)}
	}
	if f.List != nil {
		if lines := s.listLines(f, width); lines != nil {
			return lines
		}
	}
	return s.transition(beside(f.Before), beside(f.After), width)
}

// shownValue shows a whole value in width columns.
func (s Style) shownValue(v value.Shown, width int) string {
	switch {
	case v.IsEmpty():
		return s.empty()
	case v.IsList():
		return s.joined(v.Items(), width)
	case s.ambiguous(v.String()):
		return s.quoted(v.String(), width)
	}
	return s.cut(v.String(), width)
}

// ambiguous tells whether a text could be taken for something else unless it
// stands in quotation marks.
func (s Style) ambiguous(text string) bool {
	return text == "" || text == s.empty() || text != strings.TrimSpace(text) || strings.HasPrefix(text, `"`)
}

// joined shows a list on one line: as many entries as fit, and how many there are.
func (s Style) joined(items []value.Shown, width int) string {
	shown := make([]string, len(items))
	for i, item := range items {
		shown[i] = item.String()
		if s.ambiguous(shown[i]) || strings.Contains(shown[i], ", ") {
			shown[i] = `"` + shown[i] + `"`
		}
	}
	if all := strings.Join(shown, ", "); fits(all, width) {
		return clean(all)
	}
	if len(shown) == 1 {
		return s.cut(shown[0], width)
	}
	end := ", " + s.say("so-many-in-all", value.N("n", len(items)))
	line, room := shown[0], width-columns(end)
	for _, item := range shown[1:] {
		if !fits(line+", "+item, room) {
			break
		}
		line += ", " + item
	}
	return s.cut(line, room) + end
}

// beside gives a value as it reads beside an arrow: links, which have an arrow of their
// own, become "company/acme (#815)" and "#815".
func beside(v value.Shown) value.Shown {
	if isLink(v) {
		return value.Shown{Text: linkText(v)}
	}
	return v
}

// reported is the type of a field as reports name it.
func reported(t value.Type) string { return t.Public() }

func isLink(v value.Shown) bool {
	switch v.Style() {
	case value.Pointer, value.Number, value.Found, value.Open:
		return true
	}
	return false
}

// linkText is a link without an arrow.
func linkText(v value.Shown) string {
	switch v.Style() {
	case value.Pointer:
		return v.Text + " (#" + v.Aside() + ")"
	case value.Number:
		return "#" + v.Text
	}
	return v.String()
}

// transition shows the old and the new value on one line, or on two where they
// are too long for that.
func (s Style) transition(before, after value.Shown, width int) []string {
	b, a := s.shownValue(before, width), s.shownValue(after, width)
	if b == a && columns(clean(raw(before))) <= width {
		// They differ in what cannot be seen, such as the kind of a line break.
		return []string{"- " + strconv.QuoteToASCII(raw(before)), "+ " + strconv.QuoteToASCII(raw(after))}
	}
	room := width - columns(s.empty()+arrow)
	switch {
	case columns(b)+columns(arrow)+columns(a) <= width && !holdsArrow(before, after):
		return []string{b + arrow + a}
	case before.IsEmpty():
		return []string{s.empty() + arrow + s.shownValue(after, room)}
	case after.IsEmpty():
		return []string{s.shownValue(before, room) + arrow + s.empty()}
	case before.IsList() || after.IsList():
		return []string{"- " + s.shownValue(before, width-2), "+ " + s.shownValue(after, width-2)}
	}
	old, now := before.String(), after.String()
	return []string{"- " + s.around(old, now, width-2), "+ " + s.around(now, old, width-2)}
}

// raw is a value with all of its characters.
func raw(v value.Shown) string { return fmt.Sprint(v.Plain()) }

// holdsArrow tells whether a value could be torn apart at its own arrow.
func holdsArrow(values ...value.Shown) bool {
	return slices.ContainsFunc(values, func(v value.Shown) bool { return !v.IsList() && strings.Contains(v.String(), "→") })
}

// around shows a text in width columns, from a little before the place where it
// differs from the other, so that two long texts never look alike.
func (s Style) around(text, other string, width int) string {
	same := commonPrefix(text, other)
	if fits(text, width) || columns(text[:same]) < width/2 {
		return s.shownValue(value.Shown{Text: text}, width)
	}
	rest := max(columns(text[same:]), columns(other[same:]))
	from := back(text, same, width-1-min(width*3/4, rest))
	return "…" + s.cutPart(text[from:], width-1, utf8.RuneCountInString(text))
}

// back is the place in s that lies at most width columns before a place in it.
func back(s string, from, width int) int {
	for from > 0 {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		if width -= columns(s[from-size : from]); width < 0 {
			break
		}
		from -= size
	}
	return from
}

// commonPrefix is the length in bytes of what two texts start with alike.
func commonPrefix(a, b string) int {
	for i, r := range a {
		if q, size := utf8.DecodeRuneInString(b[min(i, len(b)):]); size == 0 || q != r {
			return i
		}
	}
	return len(a)
}
