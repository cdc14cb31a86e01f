package spec

import (
	"fmt"
	"strings"
	"unicode"
)

// The names of user fields, UF_CRM_ and the code, have at most 50 characters.
// Source: api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.md.
const (
	maxFieldName = 50
	fieldPrefix  = "UF_CRM_"
)

// checkUserCode refuses the name of a user field that no portal can have.
func (d *document) checkUserCode(f Field) {
	most := maxFieldName
	if !strings.HasPrefix(f.Name, "UF_") && !strings.HasPrefix(f.Name, "ufCrm") {
		most -= len(fieldPrefix)
	}
	if len(f.Name) > most {
		d.add(f.Pos, f.Name, "length", "write the code that the field has on the portal", "%s: a name of %d characters, and user fields have at most %d", f.Name, len(f.Name), most)
	}
}

// warnLines warns of a text of several lines in a field of one.
func (d *document) warnLines(rule Rule, v Value) {
	if !d.schemas.isOneLine(rule) || !strings.ContainsFunc(v.Text, isBreak) {
		return
	}
	if d.escaped[v.Pos] {
		return // which says it better
	}
	shown, hint := visible(v.Text), "write the text in one line"
	if written, ok := d.written[v.Pos]; ok {
		shown = shownText(written)
	} else if rest := d.from(v.Pos); len(rest) > 0 && (rest[0] == '|' || rest[0] == '>') {
		hint = "write the text behind the key, in quotes if need be; or >- in place of " + string(rest[0]) + " to join its lines"
	} else if quoted(rest) != "" {
		hint = `write the text in one line; for a backslash write \\ or use single quotes`
	}
	d.warn(v.Pos, "", "line-break", hint, "%s: this is a field of one line, and the text has a line break: %s", rule.Name, shown)
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// warnEntry warns of an entry of phones, emails or websites that is none, or several.
func (d *document) warnEntry(rule Rule, v Value) {
	fault, hint := entryFault(rule.Multi, strings.TrimSpace(v.Text))
	if _, replaced := d.written[v.Pos]; replaced && fault != "" {
		hint = "give each variable one entry" // and none of their text, which may be private
	}
	if fault != "" {
		d.warn(v.Pos, v.Text, "entry", hint, "%s: %s %s", rule.Name, d.show(v), fault)
	}
}

func entryFault(multi, text string) (fault, hint string) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|\n\t", r) || r == ' ' && multi != "PHONE" })
	split := func() string {
		for i, p := range parts {
			parts[i] = fmt.Sprintf("%q", strings.TrimSpace(p))
		}
		return "write one to an entry: [" + strings.Join(parts, ", ") + "]"
	}
	switch multi {
	case "EMAIL":
		switch n := strings.Count(text, "@"); {
		case n > 1 && len(parts) > 1:
			return "holds several e-mail addresses", split()
		case n != 1 || strings.HasPrefix(text, "@") || strings.HasSuffix(text, "@") || len(parts) > 1:
			return "is no e-mail address", "write it as name@company.example, or remove the entry"
		}
	case "PHONE":
		switch {
		case !strings.ContainsFunc(text, unicode.IsDigit):
			return "has no digit", "write the number, or remove the entry"
		case len(parts) > 1 && digitsIn(parts[0]) >= minPhone && digitsIn(parts[1]) >= minPhone:
			return "holds several numbers", split()
		}
	case "WEB":
		if len(parts) > 1 {
			return "holds several links, or text", split()
		}
	}
	return "", ""
}

// minPhone is how many digits a second number has at least; fewer are an extension.
const minPhone = 6

func digitsIn(text string) (n int) {
	for _, r := range text {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}
