package diff

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A money value is an amount of a currency, "12.5" and "EUR".
type money struct{ amount, currency string }

func (m money) String() string {
	amount := m.amount
	if d, err := value.ReadDecimal(amount); err == nil {
		amount = fmt.Sprint(doubleCodec{}.show(nil, d))
	}
	return strings.TrimSpace(amount + " " + m.currency)
}

// moneyCodec: money, declared as "12.50|EUR" or {amount, currency}. The portal
// keeps the decimals as they were written, so amounts are compared as numbers. A
// live value that is none stays a text, which equals no money.
// Source: api-reference/crm/data-types.md; wire form "300|RUB".
type moneyCodec struct{}

const hintMoney = `write "12.50|EUR", or {amount: "12.50", currency: EUR}`

func (moneyCodec) parse(_ *scope, v spec.Value) (any, error) {
	text := v.Text
	if v.Kind == spec.Map {
		amount, _ := v.Get("amount")
		currency, ok := v.Get("currency")
		if !ok {
			return nil, complain("type", hintMoney, "this is no money")
		}
		text = amount.Text + "|" + currency.Text
	} else if v.Kind != spec.Scalar {
		return nil, complain("type", hintMoney, "a list is no money")
	}
	if text == "" {
		return nil, nil
	}
	m, ok := readMoney(text)
	if !ok {
		return nil, complain("type", hintMoney, "%q is no money", text)
	}
	if m.currency == "" {
		return nil, complain("type", hintMoney+": without a currency the portal would take its own", "%q has no currency", text)
	}
	return m, nil
}

func readMoney(text string) (money, bool) {
	amount, currency, _ := strings.Cut(text, "|")
	d, err := value.ReadDecimal(strings.TrimSpace(amount))
	if err != nil || strings.ContainsAny(amount, "eE_") {
		return money{}, false
	}
	currency = strings.ToUpper(strings.TrimSpace(currency))
	return money{amount: d.String(), currency: currency}, !strings.Contains(currency, "|")
}

func (moneyCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "false" || t == "|" {
		return nil, nil
	}
	if m, ok := readMoney(t); ok {
		return m, nil
	}
	return t, nil
}
func (moneyCodec) equal(want, live any) bool { return want == live }
func (moneyCodec) send(want, _ any) any {
	if m, ok := want.(money); ok {
		return m.amount + "|" + m.currency
	}
	return emptyText(want)
}
func (moneyCodec) show(_ *scope, v any) any {
	if m, ok := v.(money); ok {
		return m.String()
	}
	return v
}
