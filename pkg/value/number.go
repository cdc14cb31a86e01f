package value

import (
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/shopspring/decimal"
)

// A Decimal is an exact number.
type Decimal = decimal.Decimal

// ReadDecimal reads a number that is written with a point. One of hundreds of digits is an
// error: it is no amount, and would take as long to write as its exponent is large.
func ReadDecimal(text string) (Decimal, error) {
	d, err := decimal.NewFromString(text)
	if err == nil && (d.Exponent() > maxExponent || d.Exponent() < -maxExponent || len(text) > maxExponent) {
		return Decimal{}, Err("too-many-for-a-number", N("n", maxExponent))
	}
	return d, err
}

// Decimal gives the number that a canonical text is; 0 for any other.
func (v Value) Decimal() Decimal {
	d, _ := ReadDecimal(v.Text)
	return d
}

// Int gives the number that an id or an integer is; 0 for any other.
func (v Value) Int() int {
	n, _ := strconv.Atoi(v.Text)
	return n
}

var wholeNumber = regexp.MustCompile(`^-?[0-9]{1,18}$`)

// integerCodec: 0 is a value, null is empty; but some system columns cannot hold
// null, so that 0 is what clearing leaves there.
type integerCodec struct{ base }

func (c integerCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	n, _ := strconv.ParseInt(t, 10, 64)
	switch {
	case t == "":
		return Value{}, c.isEmpty(t)
	case !wholeNumber.MatchString(t):
		return Value{}, Bad("type", "not-whole", "write-digits", written(t))
	case c.Natural && n < 0:
		return Value{}, Bad("type", "is-negative", "write-0-or-more", written(t))
	case c.Max > 0 && n > int64(c.Max):
		return Value{}, Bad("type", "too-large", "goes-to", written(t), N("max", c.Max))
	}
	return Text(strconv.FormatInt(n, 10)), nil
}

func (integerCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" || t == "false" {
		return Value{}, nil
	}
	if isPlainInteger(t) {
		return Text(t), nil
	}
	d, err := ReadDecimal(t)
	if err != nil || !d.IsInteger() {
		return Value{}, unread("live-is-no-whole-number", t)
	}
	return Text(strconv.FormatInt(d.IntPart(), 10)), nil
}

// isPlainInteger tells whether a text is an integer in canonical form.
func isPlainInteger(t string) bool {
	if t == "0" {
		return true
	}
	for i := range len(t) {
		if c := t[i]; c < '0' || c > '9' || i == 0 && c == '0' {
			return false
		}
	}
	return t != "" && len(t) <= maxDigits
}

func (c integerCodec) Same(want, live Value) bool {
	return c.base.Same(want, live) || want.IsEmpty() && live.Text == "0" && !c.Nullable
}

func (c integerCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	n, _ := strconv.ParseInt(want.Text, 10, 64)
	return n
}

func (integerCodec) Key(v Value) string { return quoted(v.Text) }

func (integerCodec) entryKey(v Value) string { return v.Text }

func (integerCodec) Declare(_ Names, v Value) Node { return plainScalar(v) }

func (c integerCodec) Schema() map[string]any {
	s := map[string]any{"type": []any{"integer", "string", "null"}}
	if c.Max > 0 {
		s["minimum"], s["maximum"] = 0, c.Max
	}
	return s
}

func (integerCodec) Traits() Traits { return Traits{Findable: true, Listed: true, Plain: true} }

// quoted is the key of a value of several parts. An empty value has the key "".
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return strconv.Quote(text)
}

// plainScalar writes a value that needs no quotes.
func plainScalar(v Value) Node {
	d := scalar(v)
	d.Plain = d.Kind == Scalar
	return d
}

// maxDigits is how many digits survive the floats in which the portal answers;
// maxExponent is how many digits a number is written with at most.
const (
	maxDigits   = 15
	maxExponent = 400
)

var strictNumber = regexp.MustCompile(`^-?[0-9]{1,18}(\.[0-9]{1,18})?$`)

// doubleCodec: amounts. The portal keeps two decimals of its own amounts and
// prints them as int or float, with float noise; so they are compared as
// decimals, rounded. More decimals than the portal keeps would be lost silently
// and are refused.
type doubleCodec struct{ base }

func (c doubleCodec) Parse(_ Names, d Node) (Value, error) {
	t, err := c.one(d)
	if err != nil {
		return Value{}, err
	}
	number, err := ReadDecimal(t)
	switch {
	case t == "":
		return Value{}, c.isEmpty(t)
	case err != nil || !c.Blank && !strictNumber.MatchString(t):
		return Value{}, Bad("type", "not-a-number", "write-number", written(t))
	case number.NumDigits() > maxDigits:
		return Value{}, Bad("type", "too-many-digits", "round-it", T("value", t), N("most", maxDigits))
	case !number.Equal(number.Round(int32(c.Places))):
		return Value{}, Bad("type", "too-many-decimals", "round-it", T("value", t), N("most", c.Places))
	}
	return Text(number.String()), nil
}

func (doubleCodec) Read(raw []byte) (Value, error) {
	t := PlainText(raw)
	if t == "" || t == "false" {
		return Value{}, nil
	}
	if isPlainDecimal(t) {
		return Text(t), nil
	}
	d, err := ReadDecimal(t)
	if err != nil {
		return Value{}, unread("live-is-no-number", t)
	}
	return Text(d.String()), nil
}

// isPlainDecimal tells whether a text is a number in canonical form, which needs no look
// at its value.
func isPlainDecimal(t string) bool {
	point := -1
	for i := range len(t) {
		switch c := t[i]; {
		case c == '.' && point < 0 && i > 0:
			point = i
		case c < '0' || c > '9':
			return false
		}
	}
	if t == "" || len(t) > maxDigits || t[0] == '0' && len(t) > 1 && point != 1 {
		return false
	}
	return point < 0 || t[len(t)-1] != '0' && t[len(t)-1] != '.'
}

func (c doubleCodec) Same(want, live Value) bool {
	switch {
	case want.IsEmpty():
		return live.IsEmpty() || !c.Nullable && live.Decimal().IsZero()
	case live.IsEmpty():
		return false
	}
	return want.Text == live.Text || c.rounded(want) == c.rounded(live)
}

func (c doubleCodec) rounded(v Value) string { return v.Decimal().Round(int32(c.Places)).String() }

func (c doubleCodec) Wire(want, _ Value) any {
	if want.IsEmpty() {
		return c.none
	}
	return json.Number(want.Text)
}

func (doubleCodec) Show(_ Names, v Value) Shown { return Shown{Text: amountText(v)} }

// amountText writes a number with no decimals or at least two.
func amountText(v Value) string {
	if v.IsEmpty() {
		return ""
	}
	d, err := ReadDecimal(v.Text)
	if err != nil {
		return v.Text
	}
	if d.IsInteger() {
		return d.StringFixed(0)
	}
	return d.StringFixed(max(2, -d.Exponent()))
}

func (c doubleCodec) Key(v Value) string {
	if v.IsEmpty() {
		return ""
	}
	return c.rounded(v)
}

func (doubleCodec) Declare(_ Names, v Value) Node { return plainScalar(v) }

func (doubleCodec) Schema() map[string]any {
	return map[string]any{"type": []any{"number", "string", "null"}}
}

func (doubleCodec) Traits() Traits { return Traits{Findable: true, Plain: true} }
