package portal

import (
	"encoding/json"
	"strings"
)

// customOperand converts an operand of a condition whose form differs from that
// of system fields: the booleans of custom fields are compared with 1 and 0, so
// that "Y" means no.
// Source: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html.
func (f *field) customOperand(v any) any {
	if f.custom == nil || f.typ != typeBoolean {
		return v
	}
	switch v := v.(type) {
	case string:
		if v == "" {
			return v
		}
		return yesNo(leadingNumber(v) != 0)
	case json.Number:
		return yesNo(leadingNumber(v.String()) != 0)
	}
	return v
}

// anyOf holds where one of the values of a multiple custom field meets the
// condition; a negated one, where none does.
func (b *filterBuilder) anyOf(c condition) (string, error) {
	column := quoteName(c.field.name)
	prefix, negated := strings.CutPrefix(c.prefix, "!")
	var values []any
	empty := false
	for _, v := range c.values {
		if v == nil && takesList(prefix) {
			empty = true
		} else {
			values = append(values, v)
		}
	}
	var parts []string
	if len(values) > 0 {
		element := *c.field
		element.name, element.multiple = "value", false // a column of json_each
		part, err := b.condition(condition{field: &element, prefix: prefix, values: values, list: c.list})
		if err != nil {
			return "", err
		}
		parts = append(parts, "EXISTS (SELECT 1 FROM json_each("+column+") WHERE "+part+")")
	}
	if empty {
		parts = append(parts, column+" IS NULL")
	}
	where := join(parts, " OR ")
	if where == "" {
		where = "0" // of an empty list nothing is a member
	}
	if negated {
		where = "NOT coalesce(" + where + ", 0)"
	}
	return where, nil
}
