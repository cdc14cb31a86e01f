package portal

import (
	"encoding/json"
	"math"
	"testing"
	"time"
)

// mapOf builds a Map from keys and values in turn.
func mapOf(pairs ...any) *Map {
	m := new(Map)
	for i := 0; i < len(pairs); i += 2 {
		m.Set(pairs[i].(string), pairs[i+1])
	}
	return m
}

func TestEncodeWritesWhatPHPWrites(t *testing.T) {
	type day string
	tests := map[string]struct {
		value any
		want  string
	}{
		"null":                    {nil, `null`},
		"an empty map":            {new(Map), `[]`},
		"no map":                  {(*Map)(nil), `[]`},
		"keys 0..n-1":             {mapOf("0", "a", "1", "b"), `["a","b"]`},
		"keys out of order":       {mapOf("1", "a", "0", "b"), `{"1":"a","0":"b"}`},
		"keys with a gap":         {mapOf("0", "a", "2", "b"), `{"0":"a","2":"b"}`},
		"order of keys":           {mapOf("b", 1, "a", true), `{"b":1,"a":true}`},
		"an empty object":         {emptyObject(), `{}`},
		"slices of Go":            {[]any{[]int64{1, 2}, []string(nil), []*Map{mapOf("a", 1)}}, `[[1,2],[],[{"a":1}]]`},
		"HTML":                    {`<a href="x">'&'</a>`, `"\u003Ca href=\u0022x\u0022\u003E\u0027\u0026\u0027\u003C\/a\u003E"`},
		"a key with a slash":      {mapOf("a/b", nil), `{"a\/b":null}`},
		"other scripts":           {"Grüße, Ольга 🙂", `"Grüße, Ольга 🙂"`},
		"control characters":      {"\a\b\t\n\f\r\x1f\x7f\\", `"\u0007\b\t\n\f\r\u001f` + "\x7f" + `\\"`},
		"line separators":         {"\u2028\u2029", `"\u2028\u2029"`},
		"bytes that are no UTF-8": {"a\xffb", `"a` + "\uFFFD" + `b"`},
		"a whole float":           {10000.0, `10000`},
		"a fraction":              {0.30000000000000004, `0.30000000000000004`},
		"a large float":           {1e25, `1.0e+25`},
		"a float of 17 digits":    {1e16, `10000000000000000`},
		"a small float":           {-0.00001, `-1.0e-5`},
		"the least plain float":   {0.0001, `0.0001`},
		"digits in an exponent":   {1.25e-7, `1.25e-7`},
		"number 10000.00":         {json.Number("10000.00"), `10000`},
		"number 1e3":              {json.Number("1e3"), `1000`},
		"number beyond 64 bits":   {json.Number("9223372036854775808"), `9.223372036854776e+18`},
		"number beyond floats":    {json.Number("1e999"), `0`},
		"number -0":               {json.Number("-0.0"), `0`},
		"no number":               {math.NaN(), `0`},
		"an instant": {
			time.Date(2026, 1, 31, 22, 30, 15, 999, time.UTC), `"2026-02-01T01:30:15+03:00"`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := encode(tt.value, time.FixedZone("", 3*60*60))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if _, err := encode([]any{mapOf("a", day("x"))}, time.UTC); err == nil {
		t.Error("a type without a JSON form was encoded")
	}
}
