package review

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// around is how much of what stays of a long text is shown beside what changes, in characters.
const around = 26

// Line says what becomes of a field in one line, in words and signs: for text and Markdown.
func (r *Review) Line(x *Cell) string {
	switch {
	case x.Shape == Text && len(x.Words) > 0 && x.Class == Changed:
		return lineOfWords(x.Words)
	case x.Shape == List:
		return r.lineOfList(x)
	case x.Shape == Rows && x.Rows != nil:
		return r.fromTo(x, r.Words.Amount(x.Rows.Before, x.Rows.Currency), r.Words.Amount(x.Rows.After, x.Rows.Currency))
	}
	before, after := x.Before, x.After
	if x.Shape == Money {
		before, after = r.amount(x, before), r.amount(x, after)
	}
	line := r.fromTo(x, before, after)
	if a := x.Amounts; a != nil && !a.Diff.IsZero() {
		sign := "+"
		if a.Diff.IsNegative() {
			sign = "−"
		}
		line += "  " + sign + r.Words.Amount(a.Diff.Abs().StringFixed(2), x.Unit)
		if a.Percent != "" {
			line += " (" + sign + r.Words.Number(a.Percent) + "%)"
		}
	}
	return line
}

func (r *Review) amount(x *Cell, text string) string {
	if text == "" {
		return ""
	}
	return r.Words.Amount(text, x.Unit)
}

func (r *Review) fromTo(x *Cell, before, after string) string {
	empty := r.Words.Text(value.Say("no-value-at-all"))
	switch {
	case x.Class == Filled && after != "":
		return after
	case before == "":
		before = empty
	}
	if after == "" {
		after = empty
	}
	return before + " → " + after
}

func (r *Review) lineOfList(x *Cell) string {
	var parts []string
	for _, s := range x.Gone {
		parts = append(parts, "−"+s)
	}
	for _, s := range x.Come {
		parts = append(parts, "+"+s)
	}
	if n := len(x.Stay); n > 0 {
		parts = append(parts, r.Words.Text(value.Say("so-many-kept", value.N("n", n))))
	}
	return strings.Join(parts, " ")
}

// lineOfWords is a long text with what goes and comes, and a little of what stays around that.
func lineOfWords(words []Piece) string {
	var b strings.Builder
	for i, w := range words {
		r := []rune(w.Text)
		switch {
		case w.Is == '-':
			b.WriteString("[-" + w.Text + "-]")
		case w.Is == '+':
			b.WriteString("{+" + w.Text + "+}")
		case len(r) <= 2*around:
			b.WriteString(w.Text)
		case i == 0:
			b.WriteString("…" + string(r[len(r)-around:]))
		case i == len(words)-1:
			b.WriteString(string(r[:around]) + "…")
		default:
			b.WriteString(string(r[:around]) + " … " + string(r[len(r)-around:]))
		}
	}
	return b.String()
}
