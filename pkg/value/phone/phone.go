// Package phone reads phone numbers as libphonenumber does. Most are read by patterns that are
// made of the library's own data, some fifty times as fast; what those do not settle, the library
// does. Start with [Normal].
package phone

import (
	"slices"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// Normal gives the form in which phones are compared: E.164, with the extension
// behind a semicolon. A national number is one of the region, a country's code such as
// DE; without a region nobody knows its country, and it gives its digits.
func Normal(text, region string) string {
	if normal, ok := fast(text, region); ok {
		return normal
	}
	return phones.read(text, region).normal
}

// E164 gives a number that is known, such as [Known] tells, as [Normal] has it.
func E164(text, region string) (normal string, known bool) {
	if normal, known = fast(text, region); known {
		return normal, true
	}
	p := phones.read(text, region)
	return p.normal, p.number != nil && phonenumbers.IsValidNumber(p.number)
}

// normalOf is Normal of a phone that was parsed, or is nil.
func normalOf(n *phonenumbers.PhoneNumber, text string) string {
	if n != nil {
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

// Known tells whether a text is a number of a country that is known, so that it
// can be told from every other one.
func Known(text, region string) bool {
	_, known := E164(text, region)
	return known
}

// Spellings gives the spellings under which a portal may know a number: as it is
// written, in E.164, and, if it is one of the region, as people dial it there. Spellings
// of the same digits stand for each other: portals look at nothing else.
func Spellings(text, region string) []string {
	out := []string{strings.TrimSpace(text)}
	n := phones.read(text, region).number
	if n == nil {
		return out
	}
	spellings := []string{phonenumbers.Format(n, phonenumbers.E164)}
	if region != "" && phonenumbers.GetCountryCodeForRegion(region) == int(n.GetCountryCode()) {
		bare := &phonenumbers.PhoneNumber{CountryCode: n.CountryCode, NationalNumber: n.NationalNumber, ItalianLeadingZero: n.ItalianLeadingZero, NumberOfLeadingZeros: n.NumberOfLeadingZeros}
		spellings = append(spellings, Digits(phonenumbers.Format(bare, phonenumbers.NATIONAL)))
	}
	for _, s := range spellings {
		if !slices.ContainsFunc(out, func(o string) bool { return Digits(o) == Digits(s) }) {
			out = append(out, s)
		}
	}
	return out
}

// Digits gives the digits of a phone.
func Digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// A read is what was read in a text. It is shared: nobody alters the number.
type read struct {
	number *phonenumbers.PhoneNumber // nil for what is none
	normal string
}

// A memory remembers the phones that were read last: each is read for a look-up, a
// comparison, a request and its answer, and to read one is slow.
type memory struct {
	mu    sync.Mutex
	known map[[2]string]read
}

// maxPhones is how many of them are remembered, and maxPhone how long one may be for that.
const (
	maxPhones = 1 << 11
	maxPhone  = 100
)

var phones = memory{known: make(map[[2]string]read)}

func (m *memory) read(text, region string) read {
	m.mu.Lock()
	p, ok := m.known[[2]string{text, region}]
	m.mu.Unlock()
	if ok {
		return p
	}
	p.number = parse(text, region)
	p.normal = normalOf(p.number, text)
	if len(text) > maxPhone {
		return p
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= maxPhones {
		clear(m.known)
	}
	m.known[[2]string{strings.Clone(text), region}] = p // the text may be a part of a large one
	return p
}

// parse reads a phone, or gives nil. Behind 00 stands an international number
// wherever it makes a valid one and no number of the region.
func parse(text, region string) *phonenumbers.PhoneNumber {
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
