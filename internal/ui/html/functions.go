package html

import (
	"html/template"
	"regexp"
	"strings"
	"time"

	"github.com/b24apply/b24apply/internal/ui/review"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// A part of a text is what people read, or the mark of a character that they do not see.
type part struct{ Text, Mark string }

// mark matches what package inert puts in the place of a character.
var mark = regexp.MustCompile(`⟦U\+[0-9A-F]{4,6}⟧`)

// longestValue is how much of a value stands in the summary, in characters.
const longestValue = 400

// inParts cuts a text at its marks.
func inParts(text string) (out []part) {
	at := 0
	for _, m := range mark.FindAllStringIndex(text, -1) {
		if m[0] > at {
			out = append(out, part{Text: text[at:m[0]]})
		}
		out = append(out, part{Mark: strings.Trim(text[m[0]:m[1]], "⟦⟧")})
		at = m[1]
	}
	if at < len(text) {
		out = append(out, part{Text: text[at:]})
	}
	return out
}

// oneLine is a value on one line, cut.
func oneLine(text string) string { return strings.ReplaceAll(cutTo(text, longestValue), "\n", "⏎") }

func cutTo(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// folded shortens what stays of a long text, from both of its ends.
func folded(words []review.Piece) []review.Piece {
	out := append([]review.Piece(nil), words...)
	for i, w := range out {
		r := []rune(w.Text)
		switch {
		case w.Is != ' ' && len(r) > 600:
			out[i].Text = string(r[:600]) + "…"
		case w.Is != ' ' || len(r) <= 90:
		case i == 0:
			out[i].Text = "…" + string(r[len(r)-40:])
		case i == len(out)-1:
			out[i].Text = string(r[:40]) + "…"
		default:
			out[i].Text = string(r[:40]) + " … " + string(r[len(r)-40:])
		}
	}
	return out
}

// functions are those that the template calls.
func (v *view) functions() template.FuncMap {
	return template.FuncMap{
		"t": v.T, "say": v.Say, "n": v.number, "v": func(text string) []part { return inParts(oneLine(text)) }, "long": inParts, "folded": folded,
		"amount": v.amount, "minute": minute, "moment": moment, "label": v.Label,
		"short": func(digest string) string { return cutTo(digest, 12)[:min(12, len(digest))] },
		"side":  v.side, "sign": sign, "is": func(a review.Piece, s string) bool { return string(a.Is) == s },
		"told": func(code string, pairs ...any) string { return v.Say(value.Say(code, arguments(pairs)...)) },
		"dict": dict, "abs": func(n int) int { return max(n, -n) }, "took": func() string { return v.Report.Finished.Sub(v.Report.Started).Round(100 * time.Millisecond).String() },
		"kindCount": func(k review.KindCount, a string) string {
			if k.Actions[plan.Action(a)] == 0 {
				return ""
			}
			return v.number(k.Actions[plan.Action(a)])
		},
		"pass": v.Pass, "n2": v.Words.Number, "v1": oneLine, "command": v.command, "page": v.pageOf,
	}
}

// arguments are those of a message, by name.
func arguments(pairs []any) (out []value.Arg) {
	for i := 0; i+1 < len(pairs); i += 2 {
		switch x := pairs[i+1].(type) {
		case int:
			out = append(out, value.N(pairs[i].(string), x))
		case value.Message:
			out = append(out, value.M(pairs[i].(string), x))
		case []string:
			out = append(out, value.L(pairs[i].(string), x))
		case string:
			out = append(out, value.T(pairs[i].(string), x))
		}
	}
	return out
}

func dict(pairs ...any) map[string]any {
	out := make(map[string]any)
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// side is one side of a cell in one line; "" for none.
func (v *view) side(x review.Cell, text string) string {
	if x.Shape == review.Money && text != "" {
		return v.amount(text, x.Unit)
	}
	return text
}

// sign is that of a difference.
func sign(d value.Decimal) string {
	if d.IsNegative() {
		return "−"
	}
	return "+"
}

// command is how the plan is carried out.
func (v *view) command() string {
	file := ""
	if v.Page.File != "" {
		file = " " + v.Page.File
	}
	return "b24apply apply" + file + " --expect-plan " + v.Plan.Digest
}

// pageOf is where people open the record of a row; "" if there is no such page.
func (v *view) pageOf(row *review.Row) string {
	if o := row.Outcome; o != nil && o.URL != "" {
		return o.URL
	}
	if v.host() == "" {
		return ""
	}
	return review.PageOf(v.Plan.Portal, row.Path)
}

var hostName = regexp.MustCompile(`^[a-zA-Z0-9.-]+(:[0-9]+)?$`)

// host is where the pages of the portal are; "" of one that nobody can open.
func (v *view) host() string {
	if !hostName.MatchString(v.Plan.Portal) {
		return ""
	}
	return review.PageOf(v.Plan.Portal, "{path}")
}
