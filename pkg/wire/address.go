package wire

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// addressKey names an address on the wire: it has no id.
func addressKey(on stepOwner, s *plan.Step) (map[string]any, error) {
	owner, id := on.entityTypeID, on.id
	if s.Of != (plan.Parent{}) {
		var err error
		if id, err = parentOf(s, on); err != nil {
			return nil, err
		}
		owner = kind.RequisiteEntity
	}
	return map[string]any{"TYPE_ID": value.IDNumber(s.Type), "ENTITY_TYPE_ID": owner, "ENTITY_ID": id}, nil
}

// addressList reads one address.
func addressList(key map[string]any) bitrix.Command {
	return bitrix.Command{Method: "crm.address.list", Params: bitrix.Params{"filter": key}}
}

// addressPart saves or deletes one address once its owner is there.
func addressPart(_ *Known, on stepOwner, s *plan.Step, n int) (Call, error) {
	key, err := addressKey(on, s)
	if s.Remove {
		return &removeCall{step: s, owner: on, request: bitrix.Command{Method: "crm.address.delete", Params: bitrix.Params{"fields": key}}, check: addressList(key)}, err
	}
	return &addressCall{step: s, of: on, key: key, fields: on.change.FieldsOf(on.change.Fields, n)}, err
}

// addressCall adds or updates one address. It may be repeated: there can be only one
// of each type.
// Source: api-reference/crm/requisites/addresses/crm-address-add.md.
type addressCall struct {
	repeatable
	step   *plan.Step
	of     stepOwner
	key    map[string]any
	fields []plan.Field
}

// Alone is false: the addresses of many records share a request.
func (c *addressCall) Alone() bool { return false }

// Request sends all lines: saving some of them may empty the others.
func (c *addressCall) Request() bitrix.Command {
	fields := make(map[string]any)
	for _, line := range c.step.Live.Parts {
		fields[line.Name] = line.Value.Text
	}
	for _, d := range c.fields {
		if !c.step.Live.IsEmpty() || !d.Want.IsEmpty() {
			fields[d.Wire] = wireText(&d)
		}
	}
	for name, v := range c.key {
		fields[name] = v
	}
	method := "crm.address.add"
	if !c.step.Live.IsEmpty() {
		method = "crm.address.update"
	}
	return bitrix.Command{Method: method, Params: bitrix.Params{"fields": fields}}
}

// Object takes the address out of the answer to Get; other answers show nothing.
func (c *addressCall) Object(result json.RawMessage) (kind.Row, int, int, error) {
	if kind.Text(result) == "true" {
		return kind.Row{}, c.of.id, c.of.entityTypeID, nil
	}
	rows, err := kind.DecodeRows(result)
	for _, row := range rows {
		if row.Int("TYPE_ID") == value.IDNumber(c.step.Type) {
			return row, c.of.id, c.of.entityTypeID, nil
		}
	}
	return kind.Row{}, c.of.id, c.of.entityTypeID, err
}

// Get reads it again.
func (c *addressCall) Get(int) bitrix.Command { return addressList(c.key) }

// Verify compares the address with what was declared.
func (c *addressCall) Verify(row kind.Row) []Mismatch {
	out := mismatches(c.fields, row)
	if len(out) == 0 && row.Int("TYPE_ID") != value.IDNumber(c.step.Type) {
		out = append(out, Mismatch{Field: c.step.Name, Want: value.Say("an-address")})
	}
	return out
}

// Repairable is true: a batch may have altered a line.
func (c *addressCall) Repairable([]Mismatch) bool { return true }

// Repair sends it once more, as an update, since it may be there by now.
func (c *addressCall) Repair(int, []Mismatch) bitrix.Command {
	command := c.Request()
	command.Method = "crm.address.update"
	return command
}
