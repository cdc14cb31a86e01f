package table

import (
	"strings"
	"unicode/utf8"

	"github.com/b24apply/b24apply/pkg/value"
)

// A decimalVerb turns numbers, as a table writes them, into those with a point.
type decimalVerb struct {
	numbers Numbers
	factor  *value.Decimal // what each is multiplied by; nil for one
}

// convert reads a number.
func (d *decimalVerb) convert(text string) (string, *Fault) {
	plain := text
	if d.numbers.Decimal != '.' || d.numbers.Group != 0 || !isPlainNumber(text) {
		var ok bool
		if plain, ok = d.plain(text); !ok {
			return "", d.wrong(text)
		}
	}
	if d.factor == nil {
		return plain, nil
	}
	n, err := value.ReadDecimal(plain)
	if err != nil {
		return "", d.wrong(text)
	}
	return n.Mul(*d.factor).String(), nil
}

// wrong is a text that is no number of this form.
func (d *decimalVerb) wrong(text string) *Fault {
	if scientific(text) {
		return bad("damage", "became-scientific", "format-as-text", quoted("value", text))
	}
	if d.numbers.Group == 0 {
		return bad("decimal", "no-number-without-groups", "say-how-numbers-are-written", quoted("value", text), value.Q("point", string(d.numbers.Decimal)))
	}
	return bad("decimal", "no-number-of-form", "say-how-numbers-are-written", quoted("value", text), value.Q("point", string(d.numbers.Decimal)), value.Q("group", string(d.numbers.Group)))
}

// isPlainNumber tells whether a text is digits, with a minus and a point or without.
func isPlainNumber(text string) bool {
	digits, point := 0, false
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '-' && i == 0:
		case c == '.' && !point && digits > 0:
			point = true
		default:
			return false
		}
	}
	return digits > 0 && text[len(text)-1] != '.'
}

// plain writes a number with a point and without groups. Groups have three digits, but for the
// first: a separator that stands elsewhere means that the number is another one than it
// seems to be.
func (d *decimalVerb) plain(text string) (string, bool) {
	var b strings.Builder
	rest := text
	if r, size := utf8.DecodeRuneInString(rest); r == '-' || r == '−' {
		b.WriteByte('-')
		rest = rest[size:]
	}
	groups, digits, point := 0, 0, false
	for _, r := range rest {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
			digits++
		case r == d.numbers.Decimal && !point && digits > 0:
			if groups > 0 && digits != 3 {
				return "", false
			}
			b.WriteByte('.')
			point, digits = true, 0
		case d.isGroup(r) && !point && digits > 0 && digits <= 3 && (groups == 0 || digits == 3):
			groups, digits = groups+1, 0
		default:
			return "", false
		}
	}
	out := b.String()
	return out, digits > 0 && (groups == 0 || point || digits == 3)
}

// isGroup tells whether a character stands between groups. A blank stands for those that do not
// break, with which spreadsheets write it.
func (d *decimalVerb) isGroup(r rune) bool {
	if d.numbers.Group == ' ' {
		return r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\u2009'
	}
	return d.numbers.Group != 0 && r == d.numbers.Group
}
