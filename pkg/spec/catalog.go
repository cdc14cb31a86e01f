package spec

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

var priceText = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,18})?\|[A-Za-z]{3}$`)

const hintPrice = `write {amount: "12.50", currency: EUR}, or "12.50|EUR"`

// The codecs of the two halves of a price.
var (
	priceAmount   = value.MustCodecOf(Rule{Name: "amount", Type: TypeDouble}.ValueType())
	priceCurrency = value.MustCodecOf(Rule{Name: "currency", Type: TypeCurrency}.ValueType())
)

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
			codec value.Codec
		}{{"amount", amount, priceAmount}, {"currency", code, priceCurrency}} {
			_, err := part.codec.Parse(nil, part.value)
			if err == nil && strings.HasPrefix(part.value.Text, "-") {
				err = value.Bad("type", "is-negative", "write-0-or-more", d.shown("value", part.value))
			}
			if err != nil {
				d.refuse(rule.Name+"."+part.name, part.value, err)
			}
		}
	default:
		d.add(v.Pos, v.Text, "type", hintPrice, "%s: %s is not a price", rule.Name, cmp.Or(d.show(v), "this"))
	}
}
