package portal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseFormFollowsPHP(t *testing.T) {
	tests := map[string]struct {
		text string
		want *Map
	}{
		"nothing":                     {"", mapOf()},
		"pairs":                       {"a=1&b=2", mapOf("a", "1", "b", "2")},
		"the last of equal names":     {"a=1&b=2&a=3", mapOf("a", "3", "b", "2")},
		"no value":                    {"a&b=&&", mapOf("a", "", "b", "")},
		"plus and percent":            {"a=x+y%2Bz%26", mapOf("a", "x y+z&")},
		"a malformed percent":         {"a=%zz%2&b=100%", mapOf("a", "%zz%2", "b", "100%")},
		"nesting":                     {"a[b][c]=1&a[b][d]=2", mapOf("a", mapOf("b", mapOf("c", "1", "d", "2")))},
		"encoded brackets":            {"filter%5B%3E%3Did%5D=7", mapOf("filter", mapOf(">=id", "7"))},
		"appending":                   {"a[]=x&a[]=y", mapOf("a", mapOf("0", "x", "1", "y"))},
		"appending after a number":    {"a[5]=x&a[]=y&a[k]=z&a[]=w", mapOf("a", mapOf("5", "x", "6", "y", "k", "z", "7", "w"))},
		"05 is no number":             {"a[05]=x&a[]=y", mapOf("a", mapOf("05", "x", "0", "y"))},
		"a space in brackets appends": {"a[ ]=x&a[ ]=y", mapOf("a", mapOf("0", "x", "1", "y"))},
		"appended maps":               {"a[][b]=1&a[][b]=2", mapOf("a", mapOf("0", mapOf("b", "1"), "1", mapOf("b", "2")))},
		"dots and spaces in the name": {"a.b c=1&a.b[x.y z]=2", mapOf("a_b_c", "1", "a_b", mapOf("x.y z", "2"))},
		"leading spaces":              {"++a=1", mapOf("a", "1")},
		"no name":                     {"=1&[a]=2", mapOf()},
		"an open bracket":             {"a[b=1", mapOf("a_b", "1")},
		"an open bracket further on":  {"a[b][c=1", mapOf("a", mapOf("b", "1"))},
		"text after the brackets":     {"a[b]c[d]=1", mapOf("a", mapOf("b", "1"))},
		"an array replaces a text":    {"a=1&a[b]=2", mapOf("a", mapOf("b", "2"))},
		"a text replaces an array":    {"a[b]=2&a=1", mapOf("a", "1")},
		"an equals sign in a value":   {"a=b=c", mapOf("a", "b=c")},
		"a NUL ends a name":           {"a%00b=1", mapOf("a", "1")},
		"the largest number":          {"a[9223372036854775807]=x&a[]=y", mapOf("a", mapOf("9223372036854775807", "x", "0", "y"))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseForm(tt.text), compareMaps); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAFormNestedTooDeeplyIsDropped(t *testing.T) {
	deep := "a" + strings.Repeat("[x]", maxFormDepth)
	if got := parseForm(deep + "=1").Len(); got != 1 {
		t.Errorf("%d levels are %d parameters", maxFormDepth, got)
	}
	if got := parseForm(deep + "[x]=1&b=2").Keys(); !cmp.Equal(got, []string{"b"}) {
		t.Errorf("a level more leaves %v", got)
	}
}

func TestAFormHoldsNoMoreThan10000Values(t *testing.T) {
	form := parseForm(strings.Repeat("a[]=1&", maxFormPairs-1) + "b=2&c=3")
	if got := form.Keys(); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("the parameters are %v", got)
	}
}

func FuzzParseForm(f *testing.F) {
	for _, seed := range []string{"a[b][]=1&a[b][]=2", "a[=1", "a[b]]c[=%", "[]=&=", "a[9223372036854775807]=1&a[]=2", "a.b[c.d]=%zz+"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		leaves, depth := measure(parseForm(text), 0)
		if pairs := strings.Count(text, "&") + 1; leaves > pairs {
			t.Errorf("%d values from %d pairs", leaves, pairs)
		}
		if depth > maxFormDepth+1 {
			t.Errorf("nested %d deep", depth)
		}
	})
}

// measure counts the leaves and levels of a form.
func measure(m *Map, depth int) (leaves, deepest int) {
	deepest = depth
	for _, key := range m.Keys() {
		switch v, _ := m.Get(key); v := v.(type) {
		case string:
			leaves++
			deepest = max(deepest, depth+1)
		case *Map:
			n, d := measure(v, depth+1)
			leaves, deepest = leaves+n, max(deepest, d)
		}
	}
	return leaves, deepest
}
