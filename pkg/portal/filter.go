package portal

import (
	"strconv"
	"strings"
	"time"
)

// A condition is one entry of a filter: a comparison of a field with values.
type condition struct {
	field  *field
	prefix string
	values []any
	list   bool // an array was sent
}

// filterPrefixes are the accepted prefixes, longer ones before their beginnings.
var filterPrefixes = []string{
	"!><", "!=%", "!%=", "><", "!=", "!%", "!@", ">=", "<=", "=%", "%=", "=", "!", ">", "<", "%", "@",
}

// maxFilterDepth bounds how deep filters may be nested.
const maxFilterDepth = 16

// A filterBuilder turns a filter into the condition of a statement. Column names
// come from the field set, values go into the statement's arguments: no text of
// the client becomes SQL.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html.
type filterBuilder struct {
	find func(name string) *field
	etid int
	now  time.Time
	args []any
}

// where returns the SQL condition of a filter, "" for an empty one.
func (b *filterBuilder) where(filter *Map, depth int) (string, error) {
	if depth > maxFilterDepth {
		return "", invalidArg("Invalid filter: too many nested groups")
	}
	operator := " AND "
	var parts []string
	for _, key := range filter.Keys() {
		value, _ := filter.Get(key)
		if strings.EqualFold(key, "logic") {
			if text, _ := asString(value); strings.EqualFold(text, "OR") {
				operator = " OR "
			}
			continue
		}
		part, err := b.entry(key, value, depth)
		if err != nil {
			return "", err
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	return join(parts, operator), nil
}

// entry returns the SQL of one entry: a group under a numeric key, else a
// condition.
func (b *filterBuilder) entry(key string, value any, depth int) (string, error) {
	if _, err := strconv.Atoi(key); err == nil {
		if group, ok := asMap(value); ok {
			return b.where(group, depth+1)
		}
	}
	c, err := b.parse(key, value)
	if err != nil {
		return "", err
	}
	return b.condition(c)
}

// join combines conditions in a balanced tree, since the database bounds how
// deep an expression is.
func join(parts []string, operator string) string {
	switch len(parts) {
	case 0:
		return ""
	case 1:
		return parts[0]
	}
	half := len(parts) / 2
	return "(" + join(parts[:half], operator) + operator + join(parts[half:], operator) + ")"
}

// parse reads one entry of a filter and refuses what the field cannot be
// compared with.
func (b *filterBuilder) parse(key string, value any) (condition, error) {
	c := condition{values: []any{value}}
	name := key
	for _, prefix := range filterPrefixes {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			c.prefix, name = prefix, rest
			break
		}
	}
	c.field = b.find(name)
	if c.field == nil || !c.field.filterable(c.prefix) {
		return c, invalidArg("Invalid filter: field '%s' is not allowed in filter", upperKey(name))
	}
	if list, ok := asList(value); ok {
		c.values, c.list = list, true
	}
	if c.list && !takesList(c.prefix) || strings.HasSuffix(c.prefix, "><") {
		return c, c.invalid()
	}
	for i, v := range c.values {
		var ok bool
		if c.values[i], ok = c.operand(v, b.now); !ok {
			return c, c.invalid()
		}
	}
	return c, nil
}

func (c *condition) invalid() *fault {
	return invalidArg("Invalid filter: field '%s' has invalid value", c.field.upper)
}

// takesList reports whether arrays are accepted under a prefix. They are not
// under ><, whose only sensible value is an array: use >= and <=.
func takesList(prefix string) bool {
	switch prefix {
	case "", "=", "!=", "@", "!@":
		return true
	}
	return false
}

// filterable reports whether the field may be filtered with a prefix. Multiple
// fields take none.
func (f *field) filterable(prefix string) bool {
	if f.alias || f.typ == typeMultifield {
		return false
	}
	return f.custom != nil || !f.multiple || prefix == ""
}

// upperKey shows an unknown name in a message the way Bitrix24 does.
func upperKey(name string) string {
	if len(name) > 100 {
		name = name[:100]
	}
	return upperName(strings.ToValidUTF8(name, ""))
}

// operand converts one value to the form in which it is compared: nil for "no
// value". Values that the field's type cannot be compared with are refused.
func (c *condition) operand(v any, now time.Time) (any, bool) {
	v = c.field.customOperand(v)
	if v == nil || v == "" {
		return nil, true
	}
	kind := c.field.typ.class()
	if truth, ok := v.(bool); ok && kind == classFlag {
		return yesNo(truth), true
	}
	text, ok := asString(v)
	if !ok {
		return nil, false
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.Contains(c.prefix, "%") {
		return text, true
	}
	switch kind {
	case classText, classFlag:
		return text, true
	case classReal:
		return leadingNumber(text), true
	case classDay:
		t, ok := parseTime(text, now)
		return t.Format(time.DateOnly), ok
	case classInstant:
		t, ok := parseTime(text, now)
		return t.Unix(), ok
	}
	return wholeOr(leadingNumber(text)), true
}

// wholeOr returns a number as an integer if it is one, so that it compares with
// the ids of a column without rounding.
func wholeOr(x float64) any {
	if n := int64(x); float64(n) == x {
		return n
	}
	return x
}
