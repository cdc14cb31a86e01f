package bitrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A fit says whether a row fits a condition. The portal's own comparison is not
// known to the letter (its database ignores case, accents and trailing blanks,
// or does not), so only what can't be equal under any of them is a misfit.
type fit int8

const (
	misfit fit = iota - 1
	unsure
	fits
)

// A check compares rows with the filter by which they were asked for. The nil
// check accepts every row.
type check struct {
	filter  map[string]any
	fields  []string // that the filter names, groups included
	unshown []string
	simple  []simpleCondition // all conditions, if they are all simple; else nil
}

func newCheck(filter map[string]any, unshown []string) *check {
	if len(filter) == 0 {
		return nil
	}
	found := make(map[string]bool)
	namesIn(filter, found)
	return &check{filter: filter, fields: slices.Sorted(maps.Keys(found)), unshown: unshown, simple: simpleConditions(filter)}
}

// row returns an error if a row does not fit the filter, or does not show a
// field of it.
func (k *check) row(row Row) error {
	if k == nil || k.simplyFits(row) {
		return nil
	}
	if row.v.kind() != '{' {
		return fmt.Errorf("it is no object")
	}
	for _, name := range k.names() {
		if column(row, name).doc == nil && !slices.Contains(k.unshown, name) {
			return fmt.Errorf("it does not show %s, by which the list is filtered, so the portal may have ignored the filter; check the field's name and the right to read it", name)
		}
	}
	if key := misfitting(k.filter, row); key != "" {
		return fmt.Errorf("it does not fit the filter %q, so the portal ignored that; nothing of this list can be relied on", key)
	}
	return nil
}

// names lists the fields of the filter, groups included, in a fixed order.
func (k *check) names() []string {
	if k == nil {
		return nil
	}
	return k.fields
}

func namesIn(filter map[string]any, found map[string]bool) {
	for key, value := range filter {
		group, isGroup := value.(map[string]any)
		switch {
		case isGroup:
			namesIn(group, found)
		case !strings.EqualFold(key, "logic"):
			_, name := splitCondition(key)
			found[name] = true
		}
	}
}

// misfitting returns the first condition that a row does not fit, "" for none.
func misfitting(filter map[string]any, row Row) string {
	if isAny(filter) {
		if group(filter, row) == misfit {
			return "logic"
		}
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(filter)) {
		if entry(key, filter[key], row) == misfit {
			return key
		}
	}
	return ""
}

// isAny reports whether one condition of a filter is enough.
func isAny(filter map[string]any) bool {
	logic, _ := filter["logic"].(string)
	return strings.EqualFold(logic, "OR")
}

// group joins the conditions of a filter.
func group(filter map[string]any, row Row) fit {
	all, best := fits, misfit
	count := 0
	for key, value := range filter {
		if strings.EqualFold(key, "logic") {
			continue
		}
		f := entry(key, value, row)
		all, best = min(all, f), max(best, f)
		count++
	}
	switch {
	case count == 0:
		return fits
	case isAny(filter):
		return best
	}
	return all
}

func entry(key string, value any, row Row) fit {
	if sub, ok := value.(map[string]any); ok {
		return group(sub, row)
	}
	op, name := splitCondition(key)
	have := column(row, name)
	if have.doc == nil {
		return unsure
	}
	return compare(op, scalars(value), decoded(have.raw()))
}

// conditionPrefixes are what a key of a filter may begin with, longer ones before
// their beginnings.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
var conditionPrefixes = []string{
	"!><", "!=%", "!%=", "><", "!=", "!%", "!@", ">=", "<=", "=%", "%=", "=", "!", ">", "<", "%", "@",
}

func splitCondition(key string) (op, name string) {
	for _, p := range conditionPrefixes {
		if rest, ok := strings.CutPrefix(key, p); ok {
			return p, rest
		}
	}
	return "", key
}

// column finds a field in a row, absent if it is not there. A filter may spell it in
// upper case, TITLE, where the row has title.
func column(row Row, name string) value {
	if v := row.v.get(name); v.doc != nil {
		return v
	}
	plain := plainName(name)
	for i, end := row.v.inside(); i < end; i = row.v.doc.after(i) {
		if plainName(string(row.v.doc.name(i))) == plain {
			return value{row.v.doc, i}
		}
	}
	return value{}
}

// decoded is a valid JSON value as encoding/json decodes it, numbers as they are
// written.
func decoded(raw json.RawMessage) (v any) {
	switch raw[0] {
	case '"':
		return string(AppendText(nil, raw))
	case '{', '[':
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		_ = d.Decode(&v) // it was validated
		return v
	case 't', 'f':
		return raw[0] == 't'
	case 'n':
		return nil
	}
	return json.Number(raw)
}

func plainName(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// isCustom reports whether a name is that of a user field, which "*" need not select.
func isCustom(name string) bool { return strings.HasPrefix(strings.ToLower(name), "uf") }

// scalars spreads the value of a condition: several mean any of them.
func scalars(value any) []string {
	switch v := value.(type) {
	case nil:
		return []string{""}
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			if text, ok := item.(string); ok {
				out = append(out, text) // most often; a slice for each would cost more than comparing
				continue
			}
			out = append(out, scalars(item)...)
		}
		return out
	case []int:
		var out []string
		for _, item := range v {
			out = append(out, strconv.Itoa(item))
		}
		return out
	case bool:
		return []string{map[bool]string{true: "Y", false: "N"}[v]}
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}
	}
	return []string{fmt.Sprint(value)}
}
