package value

import (
	"encoding/json"
	"strings"
)

// moneyCodec: money, declared as "12.50|EUR" or {amount, currency}: a decimal with the
// attribute currency. The portal keeps the decimals as they were written, so amounts are
// compared as numbers. A live value that is none stays a text, which equals no money.
// Source: api-reference/crm/data-types.md; wire form "300|RUB".
type moneyCodec struct{ base }

func (moneyCodec) Parse(_ Names, d Node) (Value, error) {
	text := d.Text
	if d.Kind == Map {
		amount, _ := d.Get("amount")
		currency, ok := d.Get("currency")
		if !ok {
			return Value{}, Bad("type", "no-money", "write-money", T("value", "this"))
		}
		text = amount.Text + "|" + currency.Text
	} else if d.Kind != Scalar {
		return Value{}, Bad("type", "no-money", "write-money", shape(d))
	}
	if text == "" {
		return Value{}, nil
	}
	m, ok := readMoney(text)
	if !ok {
		return Value{}, Bad("type", "no-money", "write-money", written(text))
	}
	if m.Get("currency").Text == "" {
		return Value{}, Bad("type", "money-without-currency", "write-money-with-currency", written(text))
	}
	return m, nil
}

func readMoney(text string) (Value, bool) {
	amount, currency, _ := strings.Cut(text, "|")
	d, err := ReadDecimal(strings.TrimSpace(amount))
	if err != nil || strings.ContainsAny(amount, "eE_") {
		return Value{}, false
	}
	currency = strings.ToUpper(strings.TrimSpace(currency))
	return Text(d.String(), Part{"currency", Text(currency)}), !strings.Contains(currency, "|")
}

func (moneyCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" || t == "false" || t == "|" {
		return Value{}, nil
	}
	if m, ok := readMoney(t); ok {
		return m, nil
	}
	return Text(t), nil
}

func (moneyCodec) Same(want, live Value) bool { return want.Equal(live) }

func (moneyCodec) Wire(want, _ Value) any {
	if len(want.Parts) == 0 {
		return want.Text
	}
	return want.Text + "|" + want.Get("currency").Text
}

func (moneyCodec) Show(_ Names, v Value) Shown {
	currency := v.Get("currency").Text
	switch {
	case len(v.Parts) == 0:
		return Shown{Text: v.Text}
	case currency == "":
		return Shown{Text: amountText(v)}
	}
	return InParts(amountText(v), Spaced, P(PartCurrency, currency))
}

func (c moneyCodec) Declare(_ Names, v Value) Node { return scalarOf(c.Wire(v, Value{})) }

func (c moneyCodec) Key(v Value) string { return quoted(c.Show(nil, v).String()) }

func (moneyCodec) Traits() Traits { return Traits{Listed: true} }

// scalarOf writes a text of the wire for a manifest; an empty one is null.
func scalarOf(wire any) Node {
	text, _ := wire.(string)
	return scalar(textOrNothing(text))
}

// addressCodec: an address, declared as its text or as "text|lat;lng". The portal
// answers "text|lat;lng|id", whose id is another after every save; so the text is
// compared, and the coordinates, the attributes lat and lng, where they are declared.
// Source: wire form of the user type address.
type addressCodec struct{ base }

func (c addressCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil || isBlankText(t) {
		return Value{}, err
	}
	p, ok := readPlace(t)
	switch {
	case !ok:
		return Value{}, Bad("type", "no-coordinates", "write-address", written(t))
	case p.Text == "":
		return Value{}, Bad("type", "address-without-text", "write-address", written(t))
	case strings.HasSuffix(p.Text, "_del"):
		return Value{}, Bad("type", "address-to-delete", "end-otherwise", written(t))
	case p.Text[0] == '{' && json.Valid([]byte(p.Text)):
		return Value{}, Bad("type", "address-of-portal", "write-address", written(t))
	}
	return p, nil
}

// readPlace reads "text", "text|lat;lng" or "text|lat;lng|id".
func readPlace(t string) (Value, bool) {
	parts := strings.Split(t, "|")
	text := strings.TrimSpace(parts[0])
	if len(parts) == 1 {
		return Text(text), true
	}
	north, east, ok := strings.Cut(parts[1], ";")
	lat, okLat := degrees(north)
	lng, okLng := degrees(east)
	if !ok || !okLat || !okLng || len(parts) > 3 {
		return Text(text), false
	}
	if lat+lng == "" {
		return Text(text), true
	}
	return Text(text, Part{"lat", Text(lat)}, Part{"lng", Text(lng)}), true
}

// degrees gives a coordinate in one spelling; none is one too.
func degrees(t string) (string, bool) {
	if t = strings.TrimSpace(t); t == "" {
		return "", true
	}
	d, err := ReadDecimal(t)
	if err != nil {
		return "", false
	}
	return d.String(), true
}

func (addressCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" || t == "false" {
		return Value{}, nil
	}
	if p, ok := readPlace(t); ok && p.Text != "" {
		return p, nil
	}
	return Text(t), nil
}

func (c addressCodec) Same(want, live Value) bool {
	return c.base.Same(want, live) && (len(want.Parts) == 0 || want.Equal(live))
}

func (addressCodec) Wire(want, _ Value) any {
	if len(want.Parts) == 0 {
		return want.Text
	}
	return want.Text + "|" + want.Get("lat").Text + ";" + want.Get("lng").Text
}

func (addressCodec) Show(_ Names, v Value) Shown {
	if len(v.Parts) == 0 {
		return Shown{Text: v.Text}
	}
	return InParts(v.Text, Bracketed, P(PartPlace, v.Get("lat").Text+", "+v.Get("lng").Text))
}

func (c addressCodec) Declare(_ Names, v Value) Node { return scalarOf(c.Wire(v, Value{})) }

func (c addressCodec) Key(v Value) string { return quoted(c.Show(nil, v).String()) }

func (addressCodec) Traits() Traits { return Traits{Text: true, Listed: true} }
