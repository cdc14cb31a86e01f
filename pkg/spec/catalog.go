package spec

import (
	"regexp"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

var priceText = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,18})?\|[A-Za-z]{3}$`)

// The codecs of the two halves of a price.
var (
	priceAmount   = value.MustCodecOf(kind.Rule{Name: "amount", Type: kind.TypeDouble}.ValueType())
	priceCurrency = value.MustCodecOf(kind.Rule{Name: "currency", Type: kind.TypeCurrency}.ValueType())
)

// checkPrice checks the form of a price.
func (d *document) checkPrice(rule kind.Rule, v value.Node) {
	amount, _ := v.Get("amount")
	code, _ := v.Get("currency")
	switch {
	case v.Kind == value.Scalar && priceText.MatchString(v.Text):
	case v.Kind == value.Map && amount.Kind == value.Scalar && code.Kind == value.Scalar:
		for _, part := range []struct {
			name  string
			value value.Node
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
		d.problem(v.Pos, v.Text, "type", value.Say("write-a-price"), value.Say("is-no-price", value.T("field", rule.Name), d.shown("value", v)))
	}
}
