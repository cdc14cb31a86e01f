package value

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// NormalPhone gives the form in which phones are compared: E.164, with the extension
// behind a semicolon. A national number is one of the region, a country's code such as
// DE; without a region nobody knows its country, and it gives its digits.
func NormalPhone(text, region string) string {
	if n := parsePhone(text, region); n != nil {
		e164 := phonenumbers.Format(n, phonenumbers.E164)
		if ext := n.GetExtension(); ext != "" {
			e164 += ";" + ext
		}
		return e164
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ()-./\u00a0\t", r) {
			return -1
		}
		return r
	}, text))
}

// KnownPhone tells whether a text is a number of a country that is known, so that it
// can be told from every other one.
func KnownPhone(text, region string) bool {
	n := parsePhone(text, region)
	return n != nil && phonenumbers.IsValidNumber(n)
}

// PhoneSpellings gives the spellings under which a portal may know a number: as it is
// written, in E.164, and, if it is one of the region, as people dial it there. Spellings
// of the same digits stand for each other: portals look at nothing else.
func PhoneSpellings(text, region string) []string {
	out := []string{strings.TrimSpace(text)}
	n := parsePhone(text, region)
	if n == nil {
		return out
	}
	spellings := []string{phonenumbers.Format(n, phonenumbers.E164)}
	if region != "" && phonenumbers.GetCountryCodeForRegion(region) == int(n.GetCountryCode()) {
		n.Extension = nil
		spellings = append(spellings, PhoneDigits(phonenumbers.Format(n, phonenumbers.NATIONAL)))
	}
	for _, s := range spellings {
		if !slices.ContainsFunc(out, func(o string) bool { return PhoneDigits(o) == PhoneDigits(s) }) {
			out = append(out, s)
		}
	}
	return out
}

// PhoneDigits gives the digits of a phone.
func PhoneDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// parsePhone reads a phone, or gives nil. Behind 00 stands an international number
// wherever it makes a valid one and no number of the region.
func parsePhone(text, region string) *phonenumbers.PhoneNumber {
	text = strings.TrimSpace(text)
	if region == "" {
		region = "ZZ" // a region of no country
	}
	n, err := phonenumbers.Parse(text, region)
	if err != nil {
		n = nil
	}
	if strings.HasPrefix(text, "+") || n != nil && phonenumbers.IsValidNumber(n) {
		return n
	}
	if rest, ok := strings.CutPrefix(strings.TrimLeft(text, "( "), "00"); ok {
		if abroad, err := phonenumbers.Parse("+"+strings.TrimLeft(rest, ") -"), "ZZ"); err == nil && phonenumbers.IsValidNumber(abroad) {
			return abroad
		}
	}
	return n
}

// IsRegion tells whether phones of a region can be told apart.
func IsRegion(code string) bool { return phonenumbers.GetSupportedRegions()[code] }
