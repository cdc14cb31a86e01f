package phone

import (
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A plan is what is known of the numbers of a country's code, of the library's own data.
type plan struct {
	code    int
	regions []*region // in the order in which the library looks at them; the first is the main one
}

// A region is what is known of the numbers of a region.
type region struct {
	name     string
	code     string         // of its country, in digits
	abroad   *regexp.Regexp // what begins an international number
	national *regexp.Regexp // what begins a national number and is none of it; nil for nothing
	groups   bool           // national has groups, which the library treats in a way of its own
	leading  *regexp.Regexp // what begins the numbers of the region among those of its country; nil for no such rule
	lengths  map[int]bool   // that a number may have; those of calls within a town are not among them
	local    map[int]bool   // that only such a call has
	longest  int
	shortest int
	types    []kind   // of numbers
	match    *matcher // of the whole of a number: bit 0 any number, bit 1+i one of types[i]
}

// A kind is a type of numbers, such as mobile ones.
type kind struct {
	lengths map[int]bool // nil: those of the region
}

// plans are made when the first phone is read, since the library's data takes some milliseconds.
var plans = sync.OnceValue(func() map[int]*plan {
	all, err := phonenumbers.MetadataCollection()
	if err != nil {
		return nil // and every number is read by the library
	}
	byName := make(map[string]*region, len(all.GetMetadata()))
	for _, m := range all.GetMetadata() {
		if name := m.GetId(); name != "" && name != phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY {
			byName[name] = newRegion(m)
		}
	}
	out := make(map[int]*plan)
	for code, names := range phonenumbers.BuildCountryCodeToRegionMap(all) {
		p := &plan{code: code}
		for _, name := range names {
			if r := byName[name]; r != nil {
				p.regions = append(p.regions, r)
			}
		}
		if len(p.regions) == len(names) {
			out[code] = p
		}
	}
	return out
})

// regions are those of all plans by their names.
var regions = sync.OnceValue(func() map[string]*region {
	out := make(map[string]*region)
	for _, p := range plans() {
		for _, r := range p.regions {
			out[r.name] = r
		}
	}
	return out
})

func newRegion(m *phonenumbers.PhoneMetadata) *region {
	r := &region{name: m.GetId(), code: strconv.Itoa(int(m.GetCountryCode()))}
	r.abroad = begins(m.GetInternationalPrefix())
	if r.national = begins(m.GetNationalPrefixForParsing()); r.national != nil {
		r.groups = r.national.NumSubexp() > 0 || m.GetNationalPrefixTransformRule() != ""
	}
	r.leading = begins(m.GetLeadingDigits())
	general := m.GetGeneralDesc()
	r.lengths, r.local = lengthsOf(general.GetPossibleLength()), lengthsOf(general.GetPossibleLengthLocalOnly())
	for n := range r.lengths {
		r.longest = max(r.longest, n)
		if r.shortest == 0 || n < r.shortest {
			r.shortest = n
		}
	}
	patterns := []string{general.GetNationalNumberPattern()}
	for _, d := range []*phonenumbers.PhoneNumberDesc{m.GetPremiumRate(), m.GetTollFree(), m.GetSharedCost(), m.GetVoip(), m.GetPersonalNumber(), m.GetPager(), m.GetUan(), m.GetVoicemail(), m.GetFixedLine(), m.GetMobile()} {
		if d.GetNationalNumberPattern() != "" {
			patterns = append(patterns, d.GetNationalNumberPattern())
			r.types = append(r.types, kind{lengthsOf(d.GetPossibleLength())})
		}
	}
	r.match = newMatcher(patterns)
	return r
}

// begins matches a pattern at the start of a text; nil for no pattern.
func begins(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	re, err := regexp.Compile("^(?:" + pattern + ")")
	if err != nil {
		return nil
	}
	return re
}

func lengthsOf(lengths []int32) map[int]bool {
	if len(lengths) == 0 {
		return nil
	}
	out := make(map[int]bool, len(lengths))
	for _, n := range lengths {
		out[int(n)] = true
	}
	return out
}

// isAny tells whether digits are a number of the region of any type, known or not.
func (r *region) isAny(digits string) bool { return r.match.of(digits)&1 != 0 }

// isValid tells whether digits are a number of a known type.
func (r *region) isValid(digits string) bool {
	is := r.match.of(digits)
	if is&1 == 0 || r.lengths != nil && !r.lengths[len(digits)] {
		return false
	}
	for i, k := range r.types {
		if is&(2<<i) != 0 && (k.lengths == nil || k.lengths[len(digits)]) {
			return true
		}
	}
	return false
}

// isValid tells whether digits are a number of the plan.
func (p *plan) isValid(digits string) bool {
	if len(p.regions) == 1 {
		return p.regions[0].isValid(digits)
	}
	for _, r := range p.regions {
		if r.leading != nil {
			if r.leading.MatchString(digits) {
				return r.isValid(digits)
			}
		} else if r.isValid(digits) {
			return true
		}
	}
	return false
}

// Sizes of what is read fast, in digits with the country's code.
const (
	fewest = 7
	most   = 15
)

// fast gives the normal form of a text that is a known number and is written with digits and
// what is usual between them. It is false for any other, and where the patterns leave a doubt:
// then the library is asked. It never says what the library would not.
func fast(text, name string) (string, bool) {
	var room [most + 1]byte
	digits, plus, ok := digitsOf(text, room[:0])
	if !ok {
		return "", false
	}
	var p *plan
	home := regions()[name]
	number := digits
	if plus {
		if p, number = abroad(digits); p == nil {
			return "", false
		}
		home = p.regions[0]
	} else {
		if home == nil || home.abroad != nil && home.abroad.Match(digits) {
			return "", false
		}
		if p = plans()[atoi(home.code)]; p == nil {
			return "", false
		}
		if number, ok = home.withoutCode(digits); !ok {
			return "", false
		}
		if len(number) < len(digits) {
			home = p.regions[0]
		}
	}
	if number, ok = home.withoutPrefix(number); !ok || len(number) < 2 || number[0] == '0' || !p.isValid(string(number)) {
		return "", false
	}
	return "+" + home.code + string(number), true
}

// digitsOf gives the digits of a text; false for a text with anything else in it than what
// stands between the digits of phones.
func digitsOf(text string, out []byte) (digits []byte, plus, ok bool) {
	text = strings.TrimSpace(text)
	for i := range len(text) {
		switch c := text[i]; c {
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if len(out) == most {
				return nil, false, false
			}
			out = append(out, c)
		case ' ', '-', '(', ')', '.':
		case '+':
			if i > 0 {
				return nil, false, false
			}
			plus = true
		default:
			return nil, false, false
		}
	}
	return out, plus, len(out) >= fewest
}

// abroad finds the plan that an international number begins with.
func abroad(digits []byte) (*plan, []byte) {
	code := 0
	for i := range min(3, len(digits)) {
		if code = code*10 + int(digits[i]-'0'); code == 0 {
			return nil, nil
		}
		if phonenumbers.GetRegionCodeForCountryCode(code) != phonenumbers.UNKNOWN_REGION {
			return plans()[code], digits[i+1:]
		}
	}
	return nil, nil
}

// withoutCode cuts the code of the country from a number that is written without a plus, where
// the library does: if it is a number only so, or too long else. False is a doubt.
func (r *region) withoutCode(digits []byte) ([]byte, bool) {
	rest, has := strings.CutPrefix(string(digits), r.code)
	if !has {
		return digits, true
	}
	if r.national != nil && r.national.MatchString(rest) {
		return nil, false
	}
	if !r.isAny(string(digits)) && r.isAny(rest) || len(digits) > r.longest {
		return digits[len(r.code):], true
	}
	return digits, true
}

// withoutPrefix cuts what begins national numbers, such as 0, where the library does. False is a
// doubt.
func (r *region) withoutPrefix(digits []byte) ([]byte, bool) {
	if r.national == nil {
		return digits, true
	}
	at := r.national.FindIndex(digits)
	if at == nil {
		return digits, true
	}
	if r.groups {
		return nil, false
	}
	rest := digits[at[1]:]
	if r.isAny(string(digits)) && !r.isAny(string(rest)) {
		return digits, true
	}
	if n := len(rest); n < r.shortest || r.local[n] || n < r.longest && !r.lengths[n] {
		return digits, true
	}
	return rest, true
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // of a country's code, which is one
	return n
}
