package bitrix

import (
	"bytes"
	"strconv"
)

// A simpleCondition is one that most rows are seen to fit without being decoded: a
// field is one of some texts, holds a text, or is a number above one.
type simpleCondition struct {
	name  string
	among map[string]bool // nil if it is of another sort
	holds []byte          // likewise
	above float64
}

// simpleConditions gives the conditions of a filter, nil if one of them is not simple.
func simpleConditions(filter map[string]any) (all []simpleCondition) {
	for key, value := range filter {
		c, ok := newSimpleCondition(key, value)
		if !ok {
			return nil
		}
		all = append(all, c)
	}
	return all
}

func newSimpleCondition(key string, value any) (c simpleCondition, ok bool) {
	if _, group := value.(map[string]any); group {
		return c, false
	}
	op, name := splitCondition(key)
	c.name = name
	texts := scalars(value)
	switch op {
	case "=", "@":
		c.among = make(map[string]bool, len(texts))
		for _, text := range texts {
			c.among[text] = true
		}
		return c, true
	case "%":
		if len(texts) == 1 && texts[0] != "" {
			c.holds = []byte(texts[0])
			return c, true
		}
	case ">":
		if len(texts) == 1 {
			above, err := strconv.ParseFloat(texts[0], 64)
			c.above = above
			return c, err == nil
		}
	}
	return c, false
}

// simplyFits tells that a row shows and fits all conditions to the byte. What it does
// not tell may fit all the same.
func (k *check) simplyFits(row Row) bool {
	for i := range k.simple {
		if !k.simple[i].fits(row.v.get(k.simple[i].name)) {
			return false
		}
	}
	return len(k.simple) > 0
}

func (c *simpleCondition) fits(v value) bool {
	if !v.isSet() {
		return false
	}
	raw := v.raw()
	text, isText := PlainText(raw)
	if !isText {
		text = raw
	}
	if c.holds != nil {
		return isText && bytes.Contains(text, c.holds)
	}
	if c.among == nil {
		n, err := strconv.ParseFloat(string(text), 64)
		return err == nil && n > c.above
	}
	return (isText || isNumber(raw)) && c.among[string(text)]
}

func isNumber(raw []byte) bool { return raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9' }
