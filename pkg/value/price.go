package value

import (
	"encoding/json"
	"strings"
)

// priceCodec: what a product costs by one type of prices, which Type.Field names; declared
// as {amount, currency} or "12.50|EUR". It is an amount with the attribute currency, and
// on the portal id, of its row. The portal shows the list of the product's prices of that type.
// Source: api-reference/catalog/data-types.md#catalog_price.
type priceCodec struct{ base }

var (
	priceAmount   = doubleCodec{base{Type{Name: "double", Places: 2}, nil}}
	priceCurrency = currencyCodec{base{Type{Name: "crm_currency"}, ""}}
)

func (c priceCodec) Parse(n Names, d Node) (Value, error) {
	if n != nil && c.Field == "" {
		return Value{}, Bad("price", "no-base-price", "mark-base-price").onPortal()
	}
	amount, _ := d.Get("amount")
	currency, _ := d.Get("currency")
	if d.Kind == Scalar {
		left, right, _ := strings.Cut(d.Text, "|")
		amount, currency = d, d
		amount.Text, currency.Text = left, right
	}
	sum, err := priceAmount.Parse(n, amount)
	if err != nil {
		return Value{}, At(amount.Pos, err)
	}
	code, err := priceCurrency.Parse(n, currency)
	if err != nil {
		return Value{}, At(currency.Pos, err)
	}
	return Text(sum.Text, Part{"currency", Text(code.Text)}), nil
}

// errPrices is why a price cannot be compared: ranges of quantities have one each.
var errPrices = Err("live-prices-by-quantity")

func (priceCodec) Read(raw []byte) (Value, error) {
	if PlainText(raw) == "" {
		return Value{}, nil
	}
	rows, err := objects(raw)
	switch {
	case err != nil:
		return Value{}, err
	case len(rows) == 0:
		return Value{}, nil
	case len(rows) > 1:
		return Value{}, errPrices
	}
	text := PlainText(rows[0]["price"])
	sum, err := ReadDecimal(text)
	if err != nil {
		return Value{}, unread("live-price-is-no-number", text)
	}
	return Text(sum.String(), Part{"currency", Text(PlainText(rows[0]["currency"]))}, Part{"id", Text(PlainText(rows[0]["id"]))}), nil
}

func (priceCodec) Same(want, live Value) bool {
	if want.IsEmpty() || live.IsEmpty() {
		return want.IsEmpty() == live.IsEmpty()
	}
	return want.Decimal().Equal(live.Decimal().Round(2)) && strings.EqualFold(want.Get("currency").Text, live.Get("currency").Text)
}

func (priceCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return nil
	}
	return map[string]any{"price": json.Number(want.Text), "currency": want.Get("currency").Text}
}

func (priceCodec) Show(_ Names, v Value) Shown {
	if v.IsEmpty() {
		return Shown{}
	}
	return InParts(v.Decimal().StringFixed(2), Spaced, P(PartCurrency, v.Get("currency").Text))
}

func (priceCodec) Declare(_ Names, v Value) Node {
	if v.IsEmpty() {
		return Node{}
	}
	return scalar(Text(v.Text + "|" + v.Get("currency").Text))
}

func (c priceCodec) Key(v Value) string { return quoted(c.Show(nil, v).String()) }

func (priceCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"object", "string", "null"}}
}

func (priceCodec) Traits() Traits { return Traits{} }
