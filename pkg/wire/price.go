package wire

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// pricePart saves the price of a product.
func pricePart(_ *Known, on stepOwner, s *plan.Step, n int) (Call, error) {
	return &priceCall{owner: on, field: on.change.FieldsOf(on.change.Fields, n)[0], group: value.IDNumber(s.Type)}, nil
}

// priceCall adds, changes or deletes one price. Prices of other types stay.
// Source: api-reference/catalog/price/index.md.
type priceCall struct {
	owner stepOwner
	field plan.Field
	group int
}

// Alone is false: the prices of several products share a request.
func (p *priceCall) Alone() bool { return false }

// Once tells that a price which is added is looked for before it is added again.
func (p *priceCall) Once() bool { return p.field.Live.IsEmpty() }

func (p *priceCall) removes() bool { return p.field.Want.IsEmpty() }

func (p *priceCall) gone(result json.RawMessage) bool {
	answer, err := kind.DecodeRow(result)
	return err == nil && emptyList(answer["prices"])
}

// Request is the call that brings the declared price about.
func (p *priceCall) Request() bitrix.Command { return p.command(p.field.Live) }

func (p *priceCall) command(stored value.Value) bitrix.Command {
	there, id := !stored.IsEmpty(), value.IDNumber(stored.Get("id").Text)
	fields, _ := p.field.Codec().Wire(p.field.Want, value.Value{}).(map[string]any)
	switch {
	case there && fields == nil:
		return bitrix.Command{Method: "catalog.price.delete", Params: bitrix.Params{"id": id}}
	case there:
		return bitrix.Command{Method: "catalog.price.update", Params: bitrix.Params{"id": id, "fields": fields}}
	}
	fields["productId"], fields["catalogGroupId"] = p.owner.id, p.group
	return bitrix.Command{Method: "catalog.price.add", Params: bitrix.Params{"fields": fields}}
}

// Find lists the prices that the product has of this type.
func (p *priceCall) Find() bitrix.List {
	return bitrix.List{Method: "catalog.price.list", Items: "prices", Params: bitrix.Params{
		"filter": map[string]any{"=productId": p.owner.id, "=catalogGroupId": p.group}, "select": kind.PriceColumns(),
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
func (p *priceCall) Object(result json.RawMessage) (kind.Row, int, int, error) {
	if kind.Text(result) == "true" {
		return kind.Row{kind.PricePart: json.RawMessage("[]")}, p.owner.id, 0, nil
	}
	answer, err := kind.DecodeRow(result)
	if err != nil {
		return nil, 0, 0, err
	}
	list, listed := answer["prices"]
	if one, ok := answer["price"]; ok && !listed {
		list, listed = json.RawMessage("["+string(one)+"]"), true
	}
	if !listed {
		return nil, 0, 0, value.Err("answer-has-no-price")
	}
	return kind.Row{kind.PricePart: list}, p.owner.id, 0, nil
}

// Verify compares the price that the portal has with the declared one.
func (p *priceCall) Verify(row kind.Row) []Mismatch {
	d := p.field
	live, err := d.Codec().Read(row[kind.PricePart])
	if err == nil && d.Codec().Same(d.Want, live) {
		return nil
	}
	return []Mismatch{{Field: d.Name, Want: d.Shown(kind.BuiltIn().PlainNames(), d.Want), Got: d.Shown(kind.BuiltIn().PlainNames(), live), live: live}}
}

// Repairable tells whether saving the price once more can help.
func (p *priceCall) Repairable(mismatches []Mismatch) bool {
	return !p.field.Want.IsEmpty() || !mismatches[0].live.IsEmpty()
}

// Repair brings the declared price about, given what the portal holds.
func (p *priceCall) Repair(_ int, mismatches []Mismatch) bitrix.Command {
	return p.command(mismatches[0].live)
}
