package portal

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A rawJSON is a value that is encoded already.
type rawJSON []byte

// emptyObject is {}, which PHP writes only for empty objects, never for arrays.
func emptyObject() rawJSON { return rawJSON("{}") }

// encode writes a value as Bitrix24 does: <>&'" and slashes escaped, other
// characters as they are, whole floats without a fraction, times as ISO 8601 in
// the given zone.
func encode(v any, zone *time.Location) ([]byte, error) {
	return (&encoder{zone: zone}).append(nil, v)
}

type encoder struct{ zone *time.Location }

func (e *encoder) append(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case rawJSON:
		return append(b, v...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendText(b, v), nil
	case json.Number:
		return append(b, numberText(v)...), nil
	case time.Time:
		return appendText(b, isoTime(v, e.zone)), nil
	case *Map:
		return e.appendMap(b, v)
	case []any:
		return appendList(b, len(v), func(b []byte, i int) ([]byte, error) { return e.append(b, v[i]) })
	}
	return e.appendOther(b, reflect.ValueOf(v))
}

// appendOther writes the numbers and slices that methods build in Go.
func (e *encoder) appendOther(b []byte, v reflect.Value) ([]byte, error) {
	switch {
	case v.CanInt():
		return strconv.AppendInt(b, v.Int(), 10), nil
	case v.CanUint():
		return strconv.AppendUint(b, v.Uint(), 10), nil
	case v.CanFloat():
		return append(b, floatText(v.Float())...), nil
	case v.Kind() == reflect.Slice:
		return appendList(b, v.Len(), func(b []byte, i int) ([]byte, error) { return e.append(b, v.Index(i).Interface()) })
	}
	return nil, fmt.Errorf("encode %s: no JSON form", v.Type())
}

// appendMap writes a map, which is a list if its keys are exactly 0..n-1 in
// order; so an empty map is [].
func (e *encoder) appendMap(b []byte, m *Map) ([]byte, error) {
	keys := m.Keys()
	if isList(keys) {
		return appendList(b, len(keys), func(b []byte, i int) ([]byte, error) { return e.append(b, m.vals[keys[i]]) })
	}
	b = append(b, '{')
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendText(b, key), ':')
		var err error
		if b, err = e.append(b, m.vals[key]); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// isList reports whether the keys are 0..n-1 in order.
func isList(keys []string) bool {
	for i, key := range keys {
		if key != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

func appendList(b []byte, n int, item func([]byte, int) ([]byte, error)) ([]byte, error) {
	b = append(b, '[')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = item(b, i); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// isoTime writes an instant as Bitrix24 does, with the offset of the zone.
func isoTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02T15:04:05-07:00")
}

// numberText writes a number that came in as JSON the way PHP writes it back:
// whole numbers as they are, if they fit 64 bits, all others as floats.
func numberText(n json.Number) string {
	if i, err := strconv.ParseInt(n.String(), 10, 64); err == nil {
		return strconv.FormatInt(i, 10)
	}
	f, _ := n.Float64() // infinite beyond the range
	return floatText(f)
}

// floatText writes a float as PHP's json_encode does: the shortest digits that
// give the same float, and an exponent below 1e-4 and from 1e17 on.
func floatText(f float64) string {
	if f == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return "0" // PHP's partial output for what JSON cannot express
	}
	if magnitude := math.Abs(f); magnitude >= 1e-4 && magnitude < 1e17 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
}

const hexDigits = "0123456789ABCDEF"

// appendText writes a string with PHP's flags HEX_TAG, HEX_AMP, HEX_APOS,
// HEX_QUOT, UNESCAPED_UNICODE and INVALID_UTF8_SUBSTITUTE.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, "\uFFFD"...)
		case r == '\u2028', r == '\u2029':
			b = append(b, `\u202`...)
			b = append(b, hexDigits[r&0xF])
		case r >= utf8.RuneSelf:
			b = append(b, s[i:i+size]...)
		default:
			b = appendASCII(b, s[i])
		}
		i += size
	}
	return append(b, '"')
}

func appendASCII(b []byte, c byte) []byte {
	switch c {
	case '\\', '/':
		return append(b, '\\', c)
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	case '<', '>', '&', '\'', '"':
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
	}
	if c < 0x20 {
		return append(b, '\\', 'u', '0', '0', '0'+c>>4, "0123456789abcdef"[c&0xF])
	}
	return append(b, c)
}
