package portal

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// userOperators are the prefixes of filter keys, the longer first; a key
// without one is LIKE.
var userOperators = []string{"!=%", "!%=", "!=", "!%", "!@", "=%", "%=", ">=", "<=", "!", "=", "%", "@", ">", "<"}

// A userTest is one condition of a filter.
type userTest struct {
	field    string
	operator string // without a leading !
	negated  bool
	values   []any
}

// userFilter reads the conditions of user.get from FILTER and from the
// parameters themselves. Keys that are no field are dropped without an error.
func userFilter(c *call) []userTest {
	filter, _ := c.fold("FILTER")
	inner, _ := asMap(filter)
	var tests []userTest
	for _, source := range []*Map{c.params, inner} {
		for _, key := range source.Keys() {
			v, _ := source.Get(key)
			if test, ok := newUserTest(key, v); ok {
				tests = append(tests, test)
			}
		}
	}
	return tests
}

// newUserTest reads one condition, such as "!%LAST_NAME" and its value.
func newUserTest(key string, v any) (userTest, bool) {
	test := userTest{field: strings.ToUpper(key)}
	for _, operator := range userOperators {
		if field, ok := strings.CutPrefix(test.field, operator); ok {
			test.field = field
			test.operator, test.negated = strings.CutPrefix(operator, "!")
			if operator == "!" {
				test.operator = "="
			}
			break
		}
	}
	if _, known := (user{}).record().Get(test.field); !known && test.field != "NAME_SEARCH" {
		return userTest{}, false
	}
	var list bool
	if test.values, list = asList(v); !list {
		test.values = []any{v}
	}
	return test, true
}

// passes reports whether a user meets all conditions.
func passes(record *Map, tests []userTest) bool {
	for _, test := range tests {
		if !test.passes(record) {
			return false
		}
	}
	return true
}

// passes reports whether any value of the field meets any value of the test,
// or none if the test is negated.
func (t userTest) passes(record *Map) bool {
	hit := slices.ContainsFunc(t.fieldValues(record), func(have any) bool {
		return slices.ContainsFunc(t.values, func(want any) bool { return t.meets(have, want) })
	})
	return hit != t.negated
}

// fieldValues returns what the field holds, each value of a list by itself.
func (t userTest) fieldValues(record *Map) []any {
	if t.field == "NAME_SEARCH" {
		var all []any
		for _, field := range []string{"NAME", "LAST_NAME", "EMAIL"} {
			v, _ := record.Get(field)
			all = append(all, v)
		}
		return all
	}
	v, _ := record.Get(t.field)
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

// meets compares one value of the field with one of the test.
func (t userTest) meets(have, want any) bool {
	switch have := have.(type) {
	case bool:
		return have == isYes(want)
	case time.Time:
		return t.meetsTime(have, want)
	case int:
		return t.meetsText(strconv.Itoa(have), want)
	case string:
		return t.meetsText(have, want)
	}
	return false
}

// meetsTime compares instants. What is no date is met by none.
func (t userTest) meetsTime(have time.Time, want any) bool {
	text, _ := asString(want)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return ordered(t.operator, have.Compare(at))
		}
	}
	return false
}

// meetsText compares texts, which have no case; two numbers compare as such.
func (t userTest) meetsText(have string, want any) bool {
	text, ok := asString(want)
	if !ok {
		return false
	}
	have, text = strings.ToLower(have), strings.ToLower(text)
	if t.field == "NAME_SEARCH" {
		return strings.Contains(have, text)
	}
	switch t.operator {
	case "%":
		return strings.Contains(have, text)
	case "", "=%", "%=":
		return like(have, text)
	}
	return ordered(t.operator, compareText(have, text))
}

// compareText orders two texts, by value if both are whole numbers.
func compareText(a, b string) int {
	m, errM := strconv.ParseInt(a, 10, 64)
	n, errN := strconv.ParseInt(b, 10, 64)
	if errM == nil && errN == nil {
		return cmp.Compare(m, n)
	}
	return cmp.Compare(a, b)
}

// ordered reports whether the result of a comparison meets the operator;
// those of other kinds ask for equality.
func ordered(operator string, result int) bool {
	switch operator {
	case ">":
		return result > 0
	case ">=":
		return result >= 0
	case "<":
		return result < 0
	case "<=":
		return result <= 0
	}
	return result == 0
}

// isYes reads a flag of a user filter.
func isYes(v any) bool {
	text, _ := asString(v)
	return slices.Contains([]string{"1", "y", "yes", "true"}, strings.ToLower(text))
}

// like matches a text against an SQL pattern: % is any text, _ any character.
// Both are in lower case.
func like(text, pattern string) bool {
	t, p := []rune(text), []rune(pattern)
	i, j, mark, star := 0, 0, 0, -1
	for i < len(t) {
		switch {
		case j < len(p) && p[j] == '%':
			star, mark = j, i
			j++
		case j < len(p) && (p[j] == '_' || p[j] == t[i]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = mark, star+1
		default:
			return false
		}
	}
	for j < len(p) && p[j] == '%' {
		j++
	}
	return j == len(p)
}
