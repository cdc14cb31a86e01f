package markdown

import (
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/internal/ui/inert"
)

// longestValue is how much of a value stands in a comment, in characters.
const longestValue = 160

// live matches what a host makes a link, a mention or a reference of: only a code span keeps it from that.
// Source: https://docs.github.com/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
var live = regexp.MustCompile(`(?i)[@#][\pL\pN]|[\pL\pN]@|://|www\.|javascript:|mailto:|\bgh-\d|\b[0-9a-f]{7,40}\b|[!$%&~^][0-9]|\[`)

// digitsOnly matches what is no digest, though it is hex.
var digitsOnly = regexp.MustCompile(`^[0-9]+$`)

func isLive(s string) bool {
	for _, m := range live.FindAllString(s, -1) {
		if !digitsOnly.MatchString(m) {
			return true
		}
	}
	return false
}

// oneLine is a value on one line, cut, with marks for what is not seen.
func oneLine(s string) string {
	s = inert.Marked(s)
	if r := []rune(s); len(r) > longestValue {
		s = string(r[:longestValue]) + "…"
	}
	return strings.ReplaceAll(s, "\n", "⏎")
}

// code is a value in a code span.
func code(s string) string {
	return "`" + strings.ReplaceAll(oneLine(s), "`", "'") + "`"
}

// inert is a value as a text of a list or a paragraph.
func (b *writer) inert(s string) string {
	if isLive(s) {
		return code(s)
	}
	var out strings.Builder
	for _, r := range oneLine(s) {
		switch {
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case r == '&':
			out.WriteString("&amp;")
		case r == '`':
			out.WriteByte('\'') // an escaped one could still end a code span
		case strings.ContainsRune("\\*_[]|~^$#{}", r):
			out.WriteString("\\" + string(r))
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// cell is a value in a cell of a table, where a bar in a code span would end the cell too.
func (b *writer) cell(s string) string {
	if isLive(s) {
		return strings.ReplaceAll(code(s), "|", `\|`)
	}
	return b.inert(s)
}

// text passes a text of the plan and makes it inert.
func (b *writer) text(s string) string { return b.inert(b.Pass(s)) }

// inHTML is a value inside an HTML element, such as a summary.
func inHTML(s string) string {
	wasLive := isLive(s)
	s = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(oneLine(s))
	if wasLive {
		return "<code>" + s + "</code>"
	}
	return s
}
