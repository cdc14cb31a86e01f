package diff

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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
	dictionary   string // crm_status: ENTITY_ID
	stages       stageScope
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

// codecs maps a field's type, as crm.item.fields names it, to its codec.
var codecs = map[spec.FieldType]codec{
	spec.TypeString:   stringCodec{},
	spec.TypeText:     stringCodec{},
	spec.TypeMarkup:   markupCodec{},
	spec.TypeInteger:  integerCodec{},
	spec.TypeDouble:   doubleCodec{places: 2},
	spec.TypeBoolean:  booleanCodec{},
	spec.TypeDate:     dateCodec{},
	spec.TypeDatetime: datetimeCodec{},
	spec.TypeUser:     userCodec{},
	spec.TypeStatus:   statusCodec{},
	spec.TypeCategory: categoryCodec{},
	spec.TypeCurrency: currencyCodec{},
	spec.TypeCompany:  linkCodec{},
	spec.TypeContact:  linkCodec{},
	spec.TypeLead:     linkCodec{},
	spec.TypeDeal:     linkCodec{},
	spec.TypeQuote:    linkCodec{},
	spec.TypeEntity:   linkCodec{},
	spec.TypeLocation: stringCodec{},
	typeEmployee:      userCodec{},
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

// dateCodec: a day. The portal prints the day as the instant of its UTC midnight
// in the server's zone, so the day is read back in UTC.
// Source: wire behaviour of crm.item.get; pinned by TestDateIsTheDayInUTC.
type dateCodec struct{}

func (dateCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	if _, err := time.Parse(time.DateOnly, t); err != nil {
		return nil, complain("type", "write the day as YYYY-MM-DD", "%q is not a date", t)
	}
	return t, nil
}

func (dateCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" {
		return nil, nil
	}
	if at, err := time.Parse(time.RFC3339, t); err == nil {
		if utc := at.UTC(); utc.Truncate(24*time.Hour).Equal(utc) || at.Hour() != 0 || at.Minute() != 0 {
			at = utc
		}
		return at.Format(time.DateOnly), nil // else midnight in the server's own zone
	}
	if _, err := time.Parse(time.DateOnly, t); err == nil {
		return t, nil
	}
	return nil, fmt.Errorf("the portal's value %q is not a date", t)
}
func (dateCodec) equal(want, live any) bool { return want == live }
func (dateCodec) send(want, _ any) any      { return want }
func (dateCodec) show(_ *scope, v any) any  { return v }

// datetimeCodec: an instant, to the second, with the offset in which it was written.
// An offset is required, since the portal takes a naive time in the zone of its server.
// A field without seconds cuts them off, so they are refused there.
type datetimeCodec struct{ minutes bool }

func (c datetimeCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil {
		return nil, err
	}
	at, err := time.Parse(time.RFC3339, t)
	if err != nil {
		return nil, complain("type", "write it as 2026-01-31T09:30:00+01:00, with the offset", "%q is not a time with an offset", t)
	}
	if c.minutes && at.Second() != 0 {
		return nil, complain("type", "leave the seconds at 00", "%s: this field keeps no seconds", t)
	}
	return at.Truncate(time.Second), nil
}

func (datetimeCodec) read(raw json.RawMessage) (any, error) {
	t := text(raw)
	if t == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, t)
	if err != nil {
		return nil, fmt.Errorf("the portal's value %q is not a time", t)
	}
	return at.Truncate(time.Second), nil
}
func (datetimeCodec) equal(want, live any) bool {
	a, declared := want.(time.Time)
	b, is := live.(time.Time)
	return declared == is && a.Equal(b)
}
func (datetimeCodec) send(want, _ any) any {
	if want == nil {
		return nil
	}
	return want.(time.Time).UTC().Format(time.RFC3339)
}
func (datetimeCodec) show(_ *scope, v any) any {
	if v == nil {
		return nil
	}
	return v.(time.Time).Format(time.RFC3339)
}

// currencyCodec: an ISO code, compared without case.
type currencyCodec struct{ stringCodec }

func (currencyCodec) parse(_ *scope, v spec.Value) (any, error) {
	t, err := scalarText(v)
	if err != nil || t == "" {
		return nil, err
	}
	return strings.ToUpper(t), nil
}

// listCodec: several values of one type as a whole set. The portal keeps no
// order of links except that the first is the primary one; of user fields see
// keepsOrder.
type listCodec struct {
	one     codec
	primary bool
	ordered bool
	blank   bool // an empty text empties it: a user field
}

func (c listCodec) parse(s *scope, v spec.Value) (any, error) {
	items := v.Items
	if v.Kind == spec.Scalar {
		return nil, complain("type", "write a list: [ … ]", "a list is wanted here")
	}
	out := c.index(nil)
	for _, item := range items {
		x, err := c.one.parse(s, item)
		if err != nil {
			return nil, &at{item.Pos, err}
		}
		if x == nil {
			return nil, &at{item.Pos, complain("type", "leave the entry out", "an entry of the list is empty")}
		}
		if out.find(x, func(y any) bool { return c.one.equal(x, y) || x == y }) >= 0 {
			return nil, &at{item.Pos, complain("duplicate-value", "leave one of them out", "the list holds this value twice")}
		}
		out.add(x)
	}
	if len(out.list) == 0 {
		return nil, nil
	}
	return out.list, nil
}

func (c listCodec) read(raw json.RawMessage) (any, error) {
	items := elements(raw)
	var out []any
	for _, item := range items {
		x, err := c.one.read(item)
		if err != nil {
			return nil, err
		}
		if x != nil {
			out = append(out, x)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// elements gives the values of a list. PHP prints one with gaps as an object, and
// the portal one value of an older field bare.
func elements(raw json.RawMessage) []json.RawMessage {
	var items []json.RawMessage
	keyed := make(map[string]json.RawMessage)
	switch t := text(raw); {
	case t == "" || t == "false" || json.Unmarshal(raw, &items) == nil:
		return items
	case json.Unmarshal(raw, &keyed) == nil:
		for _, key := range slices.SortedFunc(maps.Keys(keyed), byNumber) {
			items = append(items, keyed[key])
		}
		return items
	}
	return []json.RawMessage{raw}
}

// byNumber orders the keys of a PHP array.
func byNumber(a, b string) int {
	x, _ := strconv.Atoi(a)
	y, _ := strconv.Atoi(b)
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
}

func (c listCodec) equal(want, live any) bool {
	a, _ := want.([]any)
	b, _ := live.([]any)
	if len(a) != len(b) {
		return false
	}
	if c.ordered {
		return slices.EqualFunc(a, b, c.one.equal)
	}
	if c.primary && len(a) > 0 && !c.one.equal(a[0], b[0]) {
		return false
	}
	return c.index(b).holdsAll(a)
}

func (c listCodec) send(want, _ any) any {
	out := []any{}
	items, _ := want.([]any)
	if len(items) == 0 && c.blank {
		return ""
	}
	for _, x := range items {
		out = append(out, c.one.send(x, nil))
	}
	return out
}

func (c listCodec) show(s *scope, v any) any {
	items, _ := v.([]any)
	if len(items) == 0 {
		return nil
	}
	out := make([]string, len(items))
	for i, x := range items {
		out[i] = fmt.Sprint(c.one.show(s, x))
	}
	return out
}

// nameAlike shows a live entry by the name under which it is declared, so that people
// see that it stays.
func (c listCodec) nameAlike(want, live []any, after, before any) {
	shown, _ := after.([]string)
	texts, _ := before.([]string)
	declared := c.index(want)
	for j := range texts {
		if i := declared.declared(live[j]); i >= 0 {
			texts[j] = shown[i]
		}
	}
}

// at moves a complaint to the element of a list or map that it is about.
type at struct {
	pos spec.Pos
	error
}

func (a *at) Unwrap() error { return a.error }
