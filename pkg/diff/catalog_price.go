package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// priceField is the field that holds the price of the base type.
const priceField = "price"

// A price is what a product costs. The portal keeps it as a row of its own.
type price struct {
	id       int // of that row; 0 in a declared one
	amount   value.Decimal
	currency string
}

// priceCodec: the price of one type, declared as {amount, currency} or "12.50|EUR". The
// live value is the list of the product's prices of that type.
// Source: api-reference/catalog/data-types.md#catalog_price.
type priceCodec struct{ group int }

func (c priceCodec) parse(s *scope, v spec.Value) (any, error) {
	if c.group == 0 {
		return nil, complain("price", "mark one of the portal's price types as the base one", "the portal has no base price")
	}
	amount, _ := v.Get("amount")
	currency, _ := v.Get("currency")
	if v.Kind == spec.Scalar {
		left, right, _ := strings.Cut(v.Text, "|")
		amount, currency = v, v
		amount.Text, currency.Text = left, right
	}
	d, err := doubleCodec{places: 2}.parse(s, amount)
	if err != nil {
		return nil, &at{amount.Pos, err}
	}
	code, err := currencyCodec{}.parse(s, currency)
	if err != nil {
		return nil, &at{currency.Pos, err}
	}
	return price{amount: d.(value.Decimal), currency: code.(string)}, nil
}

// errPrices is why a price cannot be compared: ranges of quantities have one each.
var errPrices = errors.New("the product has several prices of the base type, for ranges of quantities")

func (priceCodec) read(raw json.RawMessage) (any, error) {
	rows, err := decodeRows(raw)
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, nil
	case len(rows) > 1:
		return nil, errPrices
	}
	d, err := value.ReadDecimal(rows[0].Text("price"))
	if err != nil {
		return nil, fmt.Errorf("the portal's price %q is not a number", rows[0].Text("price"))
	}
	return price{id: rows[0].Int("id"), amount: d, currency: rows[0].Text("currency")}, nil
}

func (priceCodec) equal(want, live any) bool {
	w, wanted := want.(price)
	l, there := live.(price)
	if !wanted || !there {
		return wanted == there
	}
	return w.amount.Equal(l.amount.Round(2)) && strings.EqualFold(w.currency, l.currency)
}

func (priceCodec) send(want, _ any) any {
	w, ok := want.(price)
	if !ok {
		return nil
	}
	return map[string]any{"price": json.Number(w.amount.String()), "currency": w.currency}
}

func (priceCodec) show(_ *scope, v any) any {
	p, ok := v.(price)
	if !ok {
		return nil
	}
	return p.amount.StringFixed(2) + " " + p.currency
}

func declaresPrice(r *spec.Resource) bool {
	f, ok := r.Field(priceField)
	rule, _ := r.Kind.Field(priceField)
	return ok && rule.Type == spec.TypePrice && f.Name == priceField
}

// stepPrice makes the price of a product a step of its own, since it has methods of its
// own. What agrees already is not verified with the product, whose answers lack it.
func (c *computer) stepPrice(ch *Change, r *spec.Resource) {
	isPrice := func(d FieldDiff) bool { return d.Type == spec.TypePrice }
	ch.Held = slices.DeleteFunc(ch.Held, isPrice)
	i := slices.IndexFunc(ch.Fields, isPrice)
	if i < 0 || !declaresPrice(r) {
		return
	}
	if d := ch.Fields[i]; d.Want != nil || d.Live != nil {
		ch.AddStep(Step{Name: d.Name, Part: plan.Price, Type: idText(d.Codec.(priceCodec).group)}, d.Name)
	}
}

// pricePart saves the price of a product.
func pricePart(_ *Known, on stepOwner, s *Step, n int) (Call, error) {
	return &priceCall{owner: on, field: on.change.FieldsOf(on.change.Fields, n)[0], group: number(s.Type)}, nil
}

// priceCall adds, changes or deletes one price. Prices of other types stay.
// Source: api-reference/catalog/price/index.md.
type priceCall struct {
	owner stepOwner
	field FieldDiff
	group int
}

// Alone is false: the prices of several products share a request.
func (p *priceCall) Alone() bool { return false }

// Once tells that a price which is added is looked for before it is added again.
func (p *priceCall) Once() bool { return p.field.Live == nil }

func (p *priceCall) removes() bool { return p.field.Want == nil }

func (p *priceCall) gone(result json.RawMessage) bool {
	answer, err := decodeRow(result)
	return err == nil && emptyList(answer["prices"])
}

// Request is the call that brings the declared price about.
func (p *priceCall) Request() bitrix.Command { return p.command(p.field.Live) }

func (p *priceCall) command(stored any) bitrix.Command {
	live, there := stored.(price)
	fields, _ := codecOf(p.field.Codec).send(p.field.Want, nil).(map[string]any)
	switch {
	case there && fields == nil:
		return bitrix.Command{Method: "catalog.price.delete", Params: bitrix.Params{"id": live.id}}
	case there:
		return bitrix.Command{Method: "catalog.price.update", Params: bitrix.Params{"id": live.id, "fields": fields}}
	}
	fields["productId"], fields["catalogGroupId"] = p.owner.id, p.group
	return bitrix.Command{Method: "catalog.price.add", Params: bitrix.Params{"fields": fields}}
}

// Find lists the prices that the product has of this type.
func (p *priceCall) Find() bitrix.List {
	return bitrix.List{Method: "catalog.price.list", Items: "prices", Params: bitrix.Params{
		"filter": map[string]any{"=productId": p.owner.id, "=catalogGroupId": p.group}, "select": priceColumns,
	}}
}

// Found gives the product itself if it has such a price: Get reads that.
func (p *priceCall) Found(rows []json.RawMessage) ([]int, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	return []int{p.owner.id}, nil
}

// Get reads the price again.
func (p *priceCall) Get(int) bitrix.Command {
	l := p.Find()
	return bitrix.Command{Method: l.Method, Params: l.Params}
}

// Object takes the price out of an answer: a price that was saved, a list, or true for
// one that was deleted.
func (p *priceCall) Object(result json.RawMessage) (Row, int, int, error) {
	if text(result) == "true" {
		return Row{priceField: json.RawMessage("[]")}, p.owner.id, 0, nil
	}
	answer, err := decodeRow(result)
	if err != nil {
		return nil, 0, 0, err
	}
	list, listed := answer["prices"]
	if one, ok := answer["price"]; ok && !listed {
		list, listed = json.RawMessage("["+string(one)+"]"), true
	}
	if !listed {
		return nil, 0, 0, errors.New("the answer has no price")
	}
	return Row{priceField: list}, p.owner.id, 0, nil
}

// Verify compares the price that the portal has with the declared one.
func (p *priceCall) Verify(row Row) []Mismatch {
	d := p.field
	live, err := codecOf(d.Codec).read(row[priceField])
	if err == nil && codecOf(d.Codec).equal(d.Want, live) {
		return nil
	}
	s := &scope{meta: &Meta{}}
	return []Mismatch{{Field: d.Name, Want: shownOf(&d, s, d.Want), Got: shownOf(&d, s, live), live: live}}
}

// Repairable tells whether saving the price once more can help.
func (p *priceCall) Repairable(mismatches []Mismatch) bool {
	return p.field.Want != nil || mismatches[0].live != nil
}

// Repair brings the declared price about, given what the portal holds.
func (p *priceCall) Repair(_ int, mismatches []Mismatch) bitrix.Command {
	return p.command(mismatches[0].live)
}
