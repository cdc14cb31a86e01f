package portal

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAsInt(t *testing.T) {
	type result struct {
		N  int64
		OK bool
	}
	tests := map[string]struct {
		value any
		want  result
	}{
		"a number":             {json.Number("5"), result{5, true}},
		"a text":               {" -5 ", result{-5, true}},
		"a whole float":        {json.Number("5.0"), result{5, true}},
		"an exponent":          {"1e3", result{1000, true}},
		"a fraction":           {"5.5", result{}},
		"beyond exact floats":  {"1e300", result{}},
		"a word":               {"abc", result{}},
		"a hexadecimal":        {"0x1p4", result{}},
		"infinity":             {"inf", result{}},
		"an empty text":        {"", result{}},
		"true":                 {true, result{}},
		"null":                 {nil, result{}},
		"a list":               {[]any{"5"}, result{}},
		"the largest of all":   {"9223372036854775807", result{9223372036854775807, true}},
		"one beyond the range": {"9223372036854775808", result{}},
	}
	for name, tt := range tests {
		n, ok := asInt(tt.value)
		if diff := cmp.Diff(tt.want, result{n, ok}); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestListsAndMapsAreOneKindOfArray(t *testing.T) {
	list, ok := asList(mapOf("3", "a", "k", "b"))
	if !ok || !cmp.Equal(list, []any{"a", "b"}) {
		t.Errorf("asList of a map: %v, %t", list, ok)
	}
	m, ok := asMap([]any{"a", "b"})
	if !ok || !cmp.Equal(m, mapOf("0", "a", "1", "b"), compareMaps) {
		t.Errorf("asMap of a list: %v, %t", m, ok)
	}
	if m, ok := asMap([]any{}); !ok || m.Len() != 0 {
		t.Errorf("asMap of []: %v, %t", m, ok)
	}
	for _, v := range []any{nil, "a", json.Number("1"), true, (*Map)(nil)} {
		if m, ok := asMap(v); ok {
			t.Errorf("asMap of %v: %v", v, m)
		}
	}
	for _, v := range []any{nil, "a", json.Number("1"), true} {
		if list, ok := asList(v); ok {
			t.Errorf("asList of %v: %v", v, list)
		}
	}
}

func TestAsString(t *testing.T) {
	for _, tt := range []struct {
		value any
		want  string
		ok    bool
	}{
		{"x", "x", true},
		{json.Number("10.50"), "10.5", true},
		{json.Number("007"), "7", true},
		{true, "1", true},
		{false, "", true},
		{nil, "", true},
		{[]any{}, "", false},
		{mapOf(), "", false},
	} {
		got, ok := asString(tt.value)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%#v: got %q, %t, want %q, %t", tt.value, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTruthyIsPHPs(t *testing.T) {
	for _, v := range []any{nil, false, "", "0", json.Number("0"), json.Number("0.0"), []any{}, mapOf(), (*Map)(nil)} {
		if truthy(v) {
			t.Errorf("%#v is true", v)
		}
	}
	for _, v := range []any{true, "false", "N", "0.0", " ", json.Number("-1"), json.Number("1e999"), []any{nil}, mapOf("a", nil)} {
		if !truthy(v) {
			t.Errorf("%#v is false", v)
		}
	}
}

func TestParametersOfTheWrongTypeAreFault100(t *testing.T) {
	c := &call{params: mapOf("id", "abc", "fields", "x", "list", []any{"1"}, "none", nil, "flag", true, "empty", "")}
	ask := map[string]struct {
		ask  func() error
		want string
	}{
		"an int that is absent": {func() error { _, err := c.needInt("other"); return err }, "Could not find value for parameter {other}"},
		"an int that is null":   {func() error { _, err := c.needInt("none"); return err }, "Could not find value for parameter {none}"},
		"an int that is a word": {func() error { _, err := c.needInt("id"); return err }, "Invalid value {abc} to match with parameter {id}. Should be value of type int."},
		"an int that is true":   {func() error { _, err := c.needInt("flag"); return err }, "Invalid value {1} to match with parameter {flag}. Should be value of type int."},
		"a map that is absent":  {func() error { _, err := c.needMap("other"); return err }, "Could not find value for parameter {other}"},
		"a map that is a word":  {func() error { _, err := c.needMap("fields"); return err }, "Invalid value {x} to match with parameter {fields}. Should be value of type array."},
		"a list that is a word": {func() error { _, err := c.needList("fields"); return err }, "Invalid value {x} to match with parameter {fields}. Should be value of type array."},
		"an optional map":       {func() error { _, err := c.optMap("id"); return err }, "Invalid value {abc} to match with parameter {id}. Should be value of type array."},
	}
	for name, tt := range ask {
		var f *fault
		if err := tt.ask(); !errors.As(err, &f) || f.code != "100" || f.text != tt.want {
			t.Errorf("%s: got %v, want %q", name, err, tt.want)
		}
	}
}

func TestAnOptionalArrayMayBeAbsentNullOrEmpty(t *testing.T) {
	c := &call{params: mapOf("none", nil, "empty", "")}
	for _, name := range []string{"none", "other", "empty"} {
		if m, err := c.optMap(name); m == nil || m.Len() != 0 || err != nil {
			t.Errorf("optMap %s: %v, %v", name, m, err)
		}
	}
}

func TestPagesHave50Rows(t *testing.T) {
	for _, tt := range []struct {
		start    any
		offset   int
		counting bool
	}{
		{nil, 0, true}, {"", 0, true}, {"49", 0, true}, {json.Number("50"), 50, true}, {"120", 100, true},
		{"-1", 0, false}, {json.Number("-1"), 0, false}, {"9223372036854775807", 2147483600, true},
	} {
		c := &call{params: mapOf("start", tt.start)}
		if offset, counting := c.page(); offset != tt.offset || counting != tt.counting {
			t.Errorf("start %v: got %d, %t, want %d, %t", tt.start, offset, counting, tt.offset, tt.counting)
		}
	}
}
