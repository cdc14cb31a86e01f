package portal

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// asList reads a value as a list: a JSON list, or the values of an Array in
// order, whatever its keys. Forms know only Arrays.
func asList(v any) ([]any, bool) {
	switch v := v.(type) {
	case []any:
		return v, true
	case *Map:
		list := make([]any, 0, v.Len())
		for _, key := range v.Keys() {
			item, _ := v.Get(key)
			list = append(list, item)
		}
		return list, true
	}
	return nil, false
}

// asMap reads a value as a map. A JSON list has the keys 0..n-1, as in PHP; so
// [] is the empty map.
func asMap(v any) (*Map, bool) {
	switch v := v.(type) {
	case *Map:
		return v, v != nil
	case []any:
		m := new(Map)
		for i, item := range v {
			m.Set(strconv.Itoa(i), item)
		}
		return m, true
	}
	return nil, false
}

// asInt reads a whole number: a JSON number or a decimal string. Booleans,
// null and fractions are none.
func asInt(v any) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		return wholeNumber(v.String())
	case string:
		return wholeNumber(strings.TrimSpace(v))
	}
	return 0, false
}

// wholeNumber parses a decimal number without a fraction; 5.0 and 1e3 are whole.
func wholeNumber(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	if strings.Trim(text, "+-.0123456789eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// asString reads a scalar as text the way PHP casts it: true is "1", false and
// null are empty. Lists and maps are no text.
func asString(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case json.Number:
		return numberText(v), true
	case bool:
		if v {
			return "1", true
		}
		return "", true
	}
	return "", false
}

// truthy reports what PHP takes for true: everything but null, false, zero,
// "", "0" and empty arrays. So the form value "false" is true.
func truthy(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != "" && v != "0"
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case []any:
		return len(v) > 0
	case *Map:
		return v.Len() > 0
	}
	return true
}

// fold returns a parameter whose name is compared without case, as the legacy
// methods do; the last of several spellings counts.
func (c *call) fold(name string) (any, bool) { return foldGet(c.params, name) }

// foldGet returns the value of a key that is compared without case.
func foldGet(m *Map, name string) (value any, found bool) {
	for _, key := range m.Keys() {
		if strings.EqualFold(key, name) {
			value, found = m.Get(key)
		}
	}
	return value, found
}

// need returns a required parameter of a controller method, or the fault that
// Bitrix24 answers without it.
func (c *call) need(name string) (any, error) {
	v, ok := c.params.Get(name)
	if !ok || v == nil {
		return nil, &fault{code: "100", text: fmt.Sprintf("Could not find value for parameter {%s}", name)}
	}
	return v, nil
}

// needInt returns a required whole number; numeric strings are accepted.
func (c *call) needInt(name string) (int64, error) {
	v, err := c.need(name)
	if err != nil {
		return 0, err
	}
	n, ok := asInt(v)
	if !ok {
		return 0, mismatch(name, v, "int")
	}
	return n, nil
}

// needMap returns a required array.
func (c *call) needMap(name string) (*Map, error) {
	v, err := c.need(name)
	if err != nil {
		return nil, err
	}
	m, ok := asMap(v)
	if !ok {
		return nil, mismatch(name, v, "array")
	}
	return m, nil
}

// needList returns a required array as a list of its values.
func (c *call) needList(name string) ([]any, error) {
	v, err := c.need(name)
	if err != nil {
		return nil, err
	}
	list, ok := asList(v)
	if !ok {
		return nil, mismatch(name, v, "array")
	}
	return list, nil
}

// optMap returns an optional array, empty if it is absent or null. The form
// value a= stands for an empty array, which a form cannot express.
func (c *call) optMap(name string) (*Map, error) {
	if v, _ := c.params.Get(name); v == nil || v == "" {
		return new(Map), nil
	}
	return c.needMap(name)
}

// page returns the row offset of a list method and whether it counts. Offsets
// are rounded down to whole pages; a negative one turns counting off.
func (c *call) page() (offset int, counting bool) {
	v, _ := c.fold("start")
	n, _ := asInt(v)
	switch {
	case n < 0:
		return 0, false
	case n > math.MaxInt32:
		n = math.MaxInt32
	}
	return int(n) / pageSize * pageSize, true
}

// pageSize is the fixed number of rows on a page of a list method.
const pageSize = 50

// listReply puts a page of rows with its counts into an answer. The offset and
// counting come from page; total is the number of all rows.
func listReply(value any, offset, total int, counting bool) reply {
	r := reply{value: value, list: counting, total: total}
	if counting && offset+pageSize < total {
		r.next = offset + pageSize
	}
	return r
}

// mismatch is the fault for a parameter of the wrong type.
func mismatch(name string, v any, want string) *fault {
	text, ok := asString(v)
	if !ok {
		text = "Array"
	}
	return &fault{
		code: "100",
		text: fmt.Sprintf("Invalid value {%s} to match with parameter {%s}. Should be value of type %s.", text, name, want),
	}
}
