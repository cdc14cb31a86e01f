package spec

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
)

// checkChoice checks a value of a closed list.
func checkChoice(rule Rule, text string) (fault, hint string) {
	if text == "" {
		return isEmpty, clearHint(rule)
	}
	if !slices.Contains(rule.Choices, text) {
		return "is none of " + strings.Join(rule.Choices, ", "), ""
	}
	return "", ""
}

// checkDatetime checks an instant.
func checkDatetime(rule Rule, text string) (fault, hint string) {
	if text == "" {
		return isEmpty, clearHint(rule)
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return "is not a time with an offset", "write it as 2026-01-31T09:30:00+01:00"
	}
	return "", ""
}

var priceText = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,18})?\|[A-Za-z]{3}$`)

const hintPrice = `write {amount: "12.50", currency: EUR}, or "12.50|EUR"`

// checkPrice checks the form of a price.
func (d *document) checkPrice(rule Rule, v Value) {
	amount, _ := v.Get("amount")
	code, _ := v.Get("currency")
	switch {
	case v.Kind == Scalar && priceText.MatchString(v.Text):
	case v.Kind == Map && amount.Kind == Scalar && code.Kind == Scalar:
		for _, part := range []struct {
			name  string
			value Value
			typ   FieldType
		}{{"amount", amount, TypeDouble}, {"currency", code, TypeCurrency}} {
			fault, hint := scalars[part.typ](rule, part.value.Text)
			if fault == "" && strings.HasPrefix(part.value.Text, "-") {
				fault, hint = "is negative", "write 0 or more"
			}
			if fault != "" {
				d.add(part.value.Pos, part.value.Text, "type", hint, "%s.%s: %s %s", rule.Name, part.name, d.show(part.value), fault)
			}
		}
	default:
		d.add(v.Pos, v.Text, "type", hintPrice, "%s: %s is not a price", rule.Name, cmp.Or(d.show(v), "this"))
	}
}
