package table

import (
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// phoneVerb gives phones in E.164, as they are compared. A national number is one of the
// region.
func phoneVerb(region string) verb {
	return func(text string) (string, *Fault) {
		if known, ok := value.KnownNumber(text, region); ok {
			return known, nil
		}
		switch {
		case scientific(text):
			return "", bad("damage", "became-scientific", "format-as-text", quoted("value", text))
		case isSeveral(text, func(part string) bool { return value.KnownPhone(part, region) }):
			return "", bad("phone", "several-phones", "split-the-cell", quoted("value", text))
		}
		return "", bad("phone", "no-known-phone", "", quoted("value", text), value.T("region", region))
	}
}

// between matches what stands between several values in one cell.
var between = regexp.MustCompile(`[,;/|\n]+|\s{2,}|(?i)\s(и|или|and|or|und|oder)\s`)

// isSeveral tells whether a cell holds several values.
func isSeveral(text string, is func(string) bool) bool {
	parts := between.Split(text, -1)
	n := 0
	for _, part := range parts {
		if is(strings.TrimSpace(part)) {
			n++
		}
	}
	return n > 1
}

// address matches an e-mail as portals take it. What is stricter refuses addresses that exist.
var address = regexp.MustCompile(`^[^\s@,;<>()"]+@[^\s@,;<>()"]+\.[^\s@,;<>()".]{2,}$`)

// isAddress is address for the letters that most addresses are made of, without its pattern.
func isAddress(text string) bool {
	at, dot := -1, -1
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '+':
		case c == '.':
			dot = i
		case c == '@' && at < 0:
			at = i
		default:
			return address.MatchString(text)
		}
	}
	return at > 0 && dot > at+1 && len(text)-dot > 2
}

// emailVerb checks an e-mail.
func emailVerb(text string) (string, *Fault) {
	text = strings.TrimPrefix(text, "mailto:")
	switch {
	case isAddress(text):
		return text, nil
	case isSeveral(strings.ReplaceAll(text, " ", ","), address.MatchString):
		return "", bad("email", "several-emails", "split-the-cell", quoted("value", text))
	}
	return "", bad("email", "no-email", "", quoted("value", text))
}
