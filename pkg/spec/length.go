package spec

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// The names of user fields, UF_CRM_ and the code, have at most 50 characters.
// Source: api-reference/crm/deals/user-defined-fields/crm-deal-userfield-add.md.
const (
	maxFieldName = 50
	fieldPrefix  = "UF_CRM_"
)

// checkUserCode refuses the name of a user field that no portal can have.
func (d *document) checkUserCode(f value.Field) {
	most := maxFieldName
	if !strings.HasPrefix(f.Name, "UF_") && !strings.HasPrefix(f.Name, "ufCrm") {
		most -= len(fieldPrefix)
	}
	if len(f.Name) > most {
		d.problem(f.Pos, f.Name, "length", value.Say("write-code-of-field"), value.Say("code-is-too-long", value.T("field", f.Name), value.N("n", len(f.Name)), value.N("most", most)))
	}
}

// warnLines warns of a text of several lines in a field of one.
func (d *document) warnLines(rule kind.Rule, v value.Node) {
	if !d.schemas.isOneLine(rule) || !strings.ContainsFunc(v.Text, isBreak) {
		return
	}
	if d.escaped[v.Pos] {
		return // which says it better
	}
	shown, hint := value.T("text", visible(v.Text)), value.Say("write-in-one-line")
	if written, ok := d.written[v.Pos]; ok {
		shown = written
		shown.Name = "text"
	} else if rest := d.from(v.Pos); len(rest) > 0 && (rest[0] == '|' || rest[0] == '>') {
		hint = value.Say("write-behind-the-key", value.T("sign", string(rest[0])))
	} else if quoted(rest) != "" {
		hint = value.Say("write-in-one-line-or-escape")
	}
	d.warning(v.Pos, "", "line-break", hint, value.Say("text-has-line-break", value.T("field", rule.Name), shown))
}

func isBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// warnEntry warns of an entry of phones, emails or websites that is none, or several.
func (d *document) warnEntry(rule kind.Rule, v value.Node) {
	fault, hint := entryFault(rule.Multi, strings.TrimSpace(v.Text))
	if _, replaced := d.written[v.Pos]; replaced {
		hint = value.Say("give-each-variable-one-entry") // and none of their text, which may be private
	}
	if fault != "" {
		d.warning(v.Pos, v.Text, "entry", hint, value.Say(fault, value.T("field", rule.Name), d.shown("value", v)))
	}
}

// entryFault gives the code of what is wrong with an entry, and what to do; "" if nothing is.
func entryFault(multi, text string) (fault string, hint value.Message) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|\n\t", r) || r == ' ' && multi != "PHONE" })
	split := func() value.Message {
		for i, p := range parts {
			parts[i] = fmt.Sprintf("%q", strings.TrimSpace(p))
		}
		return value.Say("write-one-to-an-entry", value.L("parts", parts))
	}
	switch multi {
	case "EMAIL":
		switch n := strings.Count(text, "@"); {
		case n > 1 && len(parts) > 1:
			return "entry-holds-several-emails", split()
		case n != 1 || strings.HasPrefix(text, "@") || strings.HasSuffix(text, "@") || len(parts) > 1:
			return "entry-is-no-email", value.Say("write-email-or-remove")
		}
	case "PHONE":
		switch {
		case !strings.ContainsFunc(text, unicode.IsDigit):
			return "entry-has-no-digit", value.Say("write-number-or-remove")
		case len(parts) > 1 && digitsIn(parts[0]) >= minPhone && digitsIn(parts[1]) >= minPhone:
			return "entry-holds-several-numbers", split()
		}
	case "WEB":
		if len(parts) > 1 {
			return "entry-holds-several-links", split()
		}
	}
	return "", value.Message{}
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
