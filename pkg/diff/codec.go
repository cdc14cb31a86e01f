package diff

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// A codec gives meaning to the values of one field: it reads what was declared
// and what the portal holds into one canonical form, compares the two, and
// writes the declared one back for the wire. An empty value is canonical nil.
type codec interface {
	// parse reads a declared value that is not null.
	parse(s *scope, v spec.Value) (any, error)
	// read reads the portal's JSON for the field.
	read(raw json.RawMessage) (any, error)
	// equal compares a declared value that holds no open reference with a live one.
	equal(want, live any) bool
	// send gives the wire form of want for a record that holds live.
	send(want, live any) any
	// show gives nil, a string or a []string for people.
	show(s *scope, v any) any
}

// scope is what a codec may look at while it reads and shows a value.
type scope struct {
	view         *view
	meta         *Meta
	ids          func(spec.Address) (int, bool) // ids of declared resources that are live
	entityTypeID int
	stages       stageScope
	held         []string // ids that the field of the record has, which may be named although the portal has them no more
}

// complaint is a declared value that cannot be used, with a remedy.
type complaint struct{ rule, message, hint string }

func (c *complaint) Error() string { return c.message }

func complain(rule, hint, format string, args ...any) error {
	return &complaint{rule: rule, message: fmt.Sprintf(format, args...), hint: hint}
}

// remedied is a complaint with another remedy, unless that is zero.
type remedied struct {
	error
	remedy value.Message
}

func (r *remedied) Unwrap() error { return r.error }

func scalarText(v spec.Value) (string, error) {
	if v.Kind != spec.Scalar {
		return "", complain("type", "give one value", "a single value is wanted here, not a list or a map")
	}
	return v.Text, nil
}

// stringCodec: text as written. The portal answers "" or null for empty.
type stringCodec struct{}

func (stringCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	return t, nil
}

func (stringCodec) read(raw json.RawMessage) (any, error) {
	if t := text(raw); t != "" {
		return t, nil
	}
	return nil, nil
}
func (stringCodec) equal(want, live any) bool { return want == live }
func (stringCodec) send(want, _ any) any {
	if want == nil {
		return ""
	}
	return want
}
func (stringCodec) show(_ *scope, v any) any { return v }

// integerCodec: 0 is a value, null is empty; but some system columns cannot hold
// null, so that 0 is what clearing leaves there.
type integerCodec struct{ nullable bool }

func (integerCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil {
		return nil, complain("type", "write digits only", "%q is not a whole number", t)
	}
	return n, nil
}

func (integerCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "false" {
		return nil, nil
	}
	d, err := value.ReadDecimal(t)
	if err != nil || !d.IsInteger() {
		return nil, fmt.Errorf("the portal's value %q is not a whole number", t)
	}
	return d.IntPart(), nil
}
func (c integerCodec) equal(want, live any) bool {
	return want == live || want == nil && live == int64(0) && !c.nullable
}
func (integerCodec) send(want, _ any) any { return want }
func (integerCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	return strconv.FormatInt(v.(int64), 10)
}

// doubleCodec: amounts. The portal keeps two decimals of its own amounts and
// prints them as int or float, with float noise; so they are compared as
// decimals, rounded. More decimals than the portal keeps would be lost silently
// and are refused.
type doubleCodec struct {
	places   int32
	nullable bool // see integerCodec
}

// maxDigits is how many digits survive the floats in which the portal answers.
const maxDigits = 15

func (c doubleCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	d, err := value.ReadDecimal(t)
	if err != nil {
		return nil, complain("type", `write a number with a point, such as "1250.50"`, "%q is not a number", t)
	}
	if d.NumDigits() > maxDigits {
		return nil, complain("type", "round it in the manifest", "%s has more than the %d digits that the portal keeps", t, maxDigits)
	}
	if !d.Equal(d.Round(c.places)) {
		return nil, complain("type", "round it in the manifest", "%s has more than the %d decimals that the portal keeps", t, c.places)
	}
	return d, nil
}

func (doubleCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" || t == "false" {
		return nil, nil
	}
	d, err := value.ReadDecimal(t)
	if err != nil {
		return nil, fmt.Errorf("the portal's value %q is not a number", t)
	}
	return d, nil
}

func (c doubleCodec) equal(want, live any) bool {
	a, okA := want.(value.Decimal)
	b, okB := live.(value.Decimal)
	if !okA {
		return !okB || b.IsZero() && !c.nullable
	}
	return okB && a.Round(c.places).Equal(b.Round(c.places))
}

func (doubleCodec) send(want, _ any) any {
	if want == nil {
		return nil
	}
	return json.Number(want.(value.Decimal).String())
}

func (doubleCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	d := v.(value.Decimal)
	if d.IsInteger() {
		return d.StringFixed(0)
	}
	return d.StringFixed(max(2, -d.Exponent()))
}

// booleanCodec: "Y" or "N"; only these two are safe to send.
type booleanCodec struct{}

func (booleanCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	switch strings.ToLower(t) {
	case "y", "yes", "true":
		return "Y", nil
	case "n", "no", "false":
		return "N", nil
	}
	return nil, complain("type", "write Y or N", "%q is neither yes nor no", t)
}

func (booleanCodec) read(raw json.RawMessage) (any, error) {
	switch strings.ToLower(text(raw)) {
	case "y", "true", "1":
		return "Y", nil
	}
	return "N", nil
}

func (booleanCodec) equal(want, live any) bool {
	if want == nil {
		want = "N"
	}
	return want == live
}
func (booleanCodec) send(want, _ any) any {
	if want == nil {
		return "N"
	}
	return want
}
func (booleanCodec) show(_ *scope, v any) any { return v }

// currencyCodec: an ISO code, compared without case.
type currencyCodec struct{ stringCodec }

func (currencyCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	return strings.ToUpper(t), nil
}

// at moves a complaint to the element of a list or map that it is about.
type at struct {
	pos spec.Pos
	error
}

func (a *at) Unwrap() error { return a.error }
