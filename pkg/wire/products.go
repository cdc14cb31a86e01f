package wire

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// sumPart reads fields that the portal computes from the product rows.
func sumPart(k *Known, on stepOwner, s *plan.Step, _ int) (Call, error) {
	late, err := patch(k, on, s)
	if err != nil {
		return nil, err
	}
	return &sumCall{late}, nil
}

// sumCall reads a record and sends what is not as declared: a save of the record would
// start its automation once more for a value that is there already.
type sumCall struct{ *Ready }

// Request reads the record.
func (s *sumCall) Request() bitrix.Command { return s.Get(value.IDNumber(s.Change.ID)) }

// Repairable is true: nothing has been sent yet.
func (s *sumCall) Repairable([]Mismatch) bool { return true }

// productsPart saves all product rows of a record.
func productsPart(k *Known, on stepOwner, _ *plan.Step, n int) (Call, error) {
	d := on.change.FieldsOf(on.change.Fields, n)[0]
	rows := d.Want.Entries()
	for i, row := range rows {
		settled, err := k.settle(row)
		if err != nil {
			return nil, value.While(err, "of-product-row", value.N("n", i+1))
		}
		rows[i] = settled
	}
	d.Want = value.Listed(rows...)
	return &productsCall{owner: on, field: d}, nil
}

// productsCall sets the product rows of a record. It may be repeated: rows that are
// equal stay as they are.
// Source: api-reference/crm/universal/product-rows/crm-item-productrow-set.md.
type productsCall struct {
	repeatable
	owner stepOwner
	field plan.Field
}

// Alone is false: the rows of several records share a request.
func (p *productsCall) Alone() bool { return false }

// Request is the call that saves the rows.
func (p *productsCall) Request() bitrix.Command {
	return bitrix.Command{Method: "crm.item.productrow.set", Params: bitrix.Params{
		"ownerType": p.owner.code(), "ownerId": p.owner.id, kind.ProductRowsKey: p.field.Codec().Wire(p.field.Want, p.field.Live),
	}}
}

// clears tells whether the call deletes all rows.
func (p *productsCall) clears() bool { return p.field.Want.IsEmpty() }

// Object takes the rows out of an answer.
func (p *productsCall) Object(result json.RawMessage) (kind.Row, int, int, error) {
	row, err := kind.DecodeRow(result)
	if err == nil && row[kind.ProductRowsKey] == nil {
		err = value.Err("answer-lacks", value.Q("what", kind.ProductRowsKey))
	}
	return kind.Row{p.field.Wire: row[kind.ProductRowsKey]}, p.owner.id, p.owner.entityTypeID, err
}

// Get reads the rows again. More than a page of them are shown whole by saving them
// once more only, which changes nothing if they are as they should be.
func (p *productsCall) Get(int) bitrix.Command {
	if p.field.Want.Len() >= bitrix.PageSize {
		return p.Request()
	}
	l := p.owner.productList()
	return bitrix.Command{Method: l.Method, Params: l.Params}
}

// Verify compares the rows that the portal has with the declared ones.
func (p *productsCall) Verify(row kind.Row) []Mismatch {
	d := p.field
	c := d.Codec()
	live, err := c.Read(row[d.Wire])
	if err == nil && c.Same(d.Want, live) {
		return nil
	}
	want, got := value.TellRowsApart(c, d.Want, live, c.Show(kind.BuiltIn().PlainNames(), d.Want), c.Show(kind.BuiltIn().PlainNames(), live))
	return []Mismatch{{Field: d.Name, Want: want.Said(), Got: got.Said(), Empty: p.clears(), live: live, text: true}}
}

// Repairable is true: a batch may have altered a name.
func (p *productsCall) Repairable([]Mismatch) bool { return true }

// Repair saves the rows once more.
func (p *productsCall) Repair(int, []Mismatch) bitrix.Command { return p.Request() }

// code is the short code of the owner's entity type.
func (o stepOwner) code() string { return o.change.Facts.ShortCode(o.entityTypeID) }

// productList lists the product rows of the owner.
func (o stepOwner) productList() bitrix.List {
	return bitrix.List{Method: kind.ProductRowList, Items: kind.ProductRowsKey, Params: bitrix.Params{"filter": kind.ProductRowsOf(o.code(), o.id)}}
}
