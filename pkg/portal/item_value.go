package portal

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// isBlank reports whether a value that came in means "no value": null, "", and
// lists that hold nothing else.
func isBlank(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any, *Map:
		list, _ := asList(v)
		for _, item := range list {
			if !isBlank(item) {
				return false
			}
		}
		return true
	}
	return false
}

// convert turns a value that came in into the field's storage form, nil for no
// value. It reports false for a value that is dropped without a word, as
// unparsable dates are.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-add.html.
func (f *field) convert(v any, now time.Time) (any, bool) {
	c := f.typ.class()
	if c == classFlag {
		return flagValue(v), true
	}
	if isBlank(v) {
		return nil, true
	}
	switch c {
	case classText:
		return f.text(v)
	case classNumber, classLink:
		return numberValue(v, c)
	case classReal:
		x, ok := floatValue(v)
		scale := math.Pow10(cmp.Or(f.max, 2))
		return math.Round(x*scale) / scale, ok
	case classDay:
		t, ok := parseTime(v, now)
		return t.Format(time.DateOnly), ok
	case classInstant:
		t, ok := parseTime(v, now)
		return t.Unix(), ok
	}
	return nil, false
}

// text converts a value of a text field. Lists are dropped.
func (f *field) text(v any) (any, bool) {
	text, ok := asString(v)
	if !ok {
		return nil, false
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if f.markup {
		text = toBBCode(text)
	}
	if f.max > 0 {
		text = truncate(text, f.max)
	}
	if text == "" {
		return nil, true
	}
	return text, true
}

// truncate cuts a text to a number of characters, as the column would.
func truncate(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	if r := []rune(text); len(r) > limit {
		return string(r[:limit])
	}
	return text
}

// flagValue converts a value of a boolean field: only true, "true", "y" and "Y"
// are true, so 1 and "Yes" are not.
func flagValue(v any) any {
	switch v {
	case true, "true", "y", "Y":
		return "Y"
	}
	return "N"
}

// numberValue converts a value of a number or link field; 0 links nothing.
func numberValue(v any, c class) (any, bool) {
	x, ok := floatValue(v)
	if !ok || math.Abs(x) >= 1<<53 {
		return nil, false
	}
	if n := int64(x); n != 0 || c == classNumber {
		return n, true
	}
	return nil, true
}

// floatValue reads a number as a PHP cast does: the number a text begins with,
// else 0. Lists are dropped.
func floatValue(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case json.Number:
		x, err := v.Float64()
		return x, err == nil
	case string:
		return leadingNumber(v), true
	}
	return 0, false
}

// leadingNumber parses the longest prefix that is a decimal number.
func leadingNumber(text string) float64 {
	text = strings.TrimLeft(text, " \t\n\r\v\f")
	end := 0
	for end < len(text) && strings.IndexByte("+-.0123456789eE", text[end]) >= 0 {
		end++
	}
	for ; end > 0; end-- {
		x, err := strconv.ParseFloat(text[:end], 64)
		if err == nil && !math.IsInf(x, 0) {
			return x
		}
	}
	return 0
}

// zonedLayouts carry an offset; localLayouts are taken in the portal's zone.
var (
	zonedLayouts = []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05 -0700", "2006-01-02T15:04-07:00", time.RFC1123Z}
	localLayouts = []string{
		time.DateOnly, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04", "2006-01-02 15:04",
		"02.01.2006", "02.01.2006 15:04:05", "02.01.2006 15:04", "2006/01/02", "01/02/2006", "01/02/2006 15:04:05", "20060102",
	}
)

// parseTime reads the common part of what PHP's strtotime accepts, in the
// portal's zone; fractions of seconds are lost.
func parseTime(v any, now time.Time) (time.Time, bool) {
	text, ok := v.(string)
	if !ok {
		return time.Time{}, false
	}
	text = strings.TrimSpace(text)
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch strings.ToLower(text) {
	case "now":
		return now, true
	case "today":
		return midnight, true
	case "tomorrow":
		return midnight.AddDate(0, 0, 1), true
	case "yesterday":
		return midnight.AddDate(0, 0, -1), true
	}
	for _, layout := range zonedLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return inRange(t.In(now.Location()))
		}
	}
	for _, layout := range localLayouts {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return inRange(t)
		}
	}
	return time.Time{}, false
}

// inRange refuses years that a date column does not hold.
func inRange(t time.Time) (time.Time, bool) { return t, t.Year() >= 1 && t.Year() <= 9999 }

// convertList turns a value of a multiple field into ids. Anything that cannot
// be iterated is refused, but null and "" empty the field.
func (f *field) convertList(v any) ([]int64, error) {
	if v == nil || v == "" {
		return nil, nil
	}
	list, ok := asList(v)
	if !ok {
		return nil, notIterable(v)
	}
	var ids []int64
	for _, item := range list {
		if isBlank(item) {
			continue
		}
		n, ok := numberValue(item, classLink)
		if id, is := n.(int64); ok && is && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// notIterable is the fault for a scalar in a multiple field.
func notIterable(v any) *fault {
	kind := "string"
	switch v := v.(type) {
	case bool:
		kind = "boolean"
	case json.Number:
		kind = "integer"
		if strings.ContainsAny(v.String(), ".eE") {
			kind = "double"
		}
	}
	return &fault{code: "100", text: fmt.Sprintf("Expected iterable value for multiple field, but got `%s` instead", kind)}
}

// answer renders a stored value as the JSON value of an item. Days are the
// instant of their UTC midnight, which the portal shows in its own zone.
func (f *field) answer(v any) any {
	if v == nil {
		if f.typ.class() == classFlag {
			return "N"
		}
		return f.empty
	}
	switch f.typ.class() {
	case classDay:
		if t, err := time.Parse(time.DateOnly, v.(string)); err == nil {
			return t
		}
		return nil
	case classInstant:
		return time.Unix(v.(int64), 0)
	}
	return v
}
