package bitrix

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// compare says whether the value that a row has fits a condition. Wanted values
// are texts, as a query carries them.
func compare(op string, want []string, have any) fit {
	switch op {
	case "", "=", "@":
		return anyEqual(op, want, have)
	case "!", "!=", "!@":
		return noneEqual(want, have)
	case ">", ">=", "<", "<=":
		if len(want) == 1 {
			return ordered(op, want[0], have)
		}
	case "%":
		text, ok := have.(string)
		if ok && len(want) == 1 && isASCII(text) && isASCII(want[0]) && !strings.Contains(strings.ToLower(text), strings.ToLower(want[0])) {
			return misfit
		}
	}
	return unsure
}

func anyEqual(op string, want []string, have any) fit {
	if op != "" && slices.Contains(want, written(have)) {
		return fits // most often, and the rest is dear
	}
	best := misfit
	for _, w := range want {
		if op == "" && strings.ContainsAny(w, "%_") {
			return unsure // a bare key takes a pattern
		}
		best = max(best, equal(w, have))
	}
	return best
}

// written is a text or a number as it stands in a row; "\x00", which no value is,
// for anything else.
func written(have any) string {
	switch v := have.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return "\x00"
}

// noneEqual is the opposite of anyEqual, where only what is equal to the byte
// is sure to be excluded.
func noneEqual(want []string, have any) fit {
	for _, w := range want {
		switch v := have.(type) {
		case string:
			if v == w {
				return misfit
			}
		case json.Number:
			if v.String() == w {
				return misfit
			}
		case nil:
			if w == "" {
				return misfit
			}
		}
	}
	return unsure
}

// equal compares a wanted value with one that a row has; of several it has, one
// is enough.
func equal(want string, have any) fit {
	switch v := have.(type) {
	case []any:
		return equalToAny(want, v)
	case nil:
		return missing(want)
	case bool:
		return equalText(want, map[bool]string{true: "Y", false: "N"}[v])
	case json.Number:
		return equalText(want, v.String())
	case string:
		return equalText(want, v)
	}
	return unsure
}

func equalToAny(want string, have []any) fit {
	if len(have) == 0 {
		return missing(want)
	}
	best := misfit
	for _, item := range have {
		best = max(best, equal(want, item))
	}
	return best
}

// missing compares with no value, which the portal may keep as a zero.
func missing(want string) fit {
	switch strings.ToUpper(want) {
	case "":
		return fits
	case "0", "N", "FALSE":
		return unsure
	}
	return misfit
}

// equalText compares two values as what both can be: numbers, flags, times, or
// text.
func equalText(want, have string) fit {
	if want == have {
		return fits
	}
	if want == "" { // no value; a zero may stand for it
		if n, err := strconv.ParseFloat(have, 64); err == nil && n == 0 || have == "N" {
			return unsure
		}
		return misfit
	}
	if have == "" {
		return missing(want)
	}
	w, errW := strconv.ParseFloat(want, 64)
	h, errH := strconv.ParseFloat(have, 64)
	switch {
	case errW == nil && errH == nil:
		return decided(w == h)
	case flag(want) != "" && flag(have) != "":
		return decided(flag(want) == flag(have))
	case (errW == nil || isMoney(want)) && isMoney(have):
		return unsure
	case errW == nil && isTime(have):
		return unsure
	case isTime(want) || isTime(have):
		return equalTime(want, have)
	}
	return alike(want, have)
}

func decided(ok bool) fit {
	if ok {
		return fits
	}
	return misfit
}

// flag is what a value means as a flag, "" for none: methods write them as Y, 1
// or true.
func flag(s string) string {
	switch strings.ToUpper(s) {
	case "Y", "1", "TRUE":
		return "Y"
	case "N", "0", "FALSE":
		return "N"
	}
	return ""
}

// isMoney reports whether a value is an amount with a currency, such as 100|EUR.
func isMoney(s string) bool {
	amount, currency, ok := strings.Cut(s, "|")
	_, err := strconv.ParseFloat(amount, 64)
	return ok && err == nil && len(currency) == 3
}

// instant reads a time or a day as the documentation writes them.
func instant(s string) (t time.Time, day, ok bool) {
	if len(s) < len(time.DateOnly) || s[4] != '-' {
		return time.Time{}, false, false
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, false, true
	}
	t, err := time.Parse(time.DateOnly, s)
	return t, true, err == nil
}

func isTime(s string) bool {
	_, _, ok := instant(s)
	return ok
}

// zones is how far two clocks' days may lie apart.
const zones = 48 * time.Hour

// equalTime compares times. The zone of a day, and of a time without one, is the
// portal's; other spellings than the documented ones are taken as they are.
func equalTime(want, have string) fit {
	w, _, okW := instant(want)
	h, _, okH := instant(have)
	if !okW || !okH {
		return unsure
	}
	if w.Sub(h).Abs() > zones {
		return misfit
	}
	return unsure
}

// ordered compares by size: numbers exactly, times with room for a zone.
func ordered(op, want string, have any) fit {
	var text string
	switch v := have.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return unsure
	}
	sign := 0
	w, errW := strconv.ParseFloat(want, 64)
	h, errH := strconv.ParseFloat(text, 64)
	if errW == nil && errH == nil {
		sign = cmp.Compare(h, w)
		return decided(op == ">" && sign > 0 || op == ">=" && sign >= 0 || op == "<" && sign < 0 || op == "<=" && sign <= 0)
	}
	tw, _, okW := instant(want)
	th, _, okH := instant(text)
	if okW && okH && tw.Sub(th).Abs() > zones {
		return decided(th.After(tw) == (op[0] == '>'))
	}
	return unsure
}

// alike compares texts as leniently as any database does: without case, accents
// and trailing blanks. A letter outside ASCII may stand for any other.
func alike(a, b string) fit {
	a, b = foldText(a), foldText(b)
	switch {
	case a == b:
		return fits
	case glob(a, b) || glob(b, a):
		return unsure
	}
	return misfit
}

func foldText(s string) string { return strings.TrimRight(strings.ToLower(s), " \t\r\n") }

// glob reports whether text matches the ASCII parts of pattern in their order,
// whatever stands in place of the rest.
func glob(pattern, text string) bool {
	parts := strings.FieldsFunc(pattern, func(r rune) bool { return r >= utf8.RuneSelf })
	if isASCII(pattern) {
		return pattern == text
	}
	for _, part := range parts {
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text = text[i+len(part):]
	}
	return true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
