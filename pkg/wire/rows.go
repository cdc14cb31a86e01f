package wire

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// parentOf gives the id of the row that a part belongs to.
func parentOf(s *plan.Step, on stepOwner) (int, error) {
	id := value.IDNumber(s.Of.ID)
	if s.Of.Step > 0 {
		id = on.made(s.Of.Step - 1)
	}
	if id == 0 {
		return 0, value.While(errRef, "of-the-requisite")
	}
	return id, nil
}

// rowPart saves or deletes one requisite, or the bank details of one, once its parent is
// there.
func rowPart(_ *Known, on stepOwner, s *plan.Step, n int) (Call, error) {
	family, _ := on.change.Facts.AnyPart(string(s.Part))
	if s.Remove {
		return &removeCall{
			step: s, owner: on,
			request: bitrix.Command{Method: family.Rows.Method + ".delete", Params: bitrix.Params{"id": value.IDNumber(s.ID)}},
			check:   bitrix.Command{Method: family.Rows.Method + ".list", Params: bitrix.Params{"filter": map[string]any{"ID": value.IDNumber(s.ID)}, "select": []any{"ID"}}},
		}, nil
	}
	c := &rowCall{step: s, family: family, id: value.IDNumber(s.ID), owner: on}
	for _, d := range on.change.FieldsOf(on.change.Fields, n) {
		if d.Wire != "" {
			c.fields = append(c.fields, d)
		}
	}
	if s.Part == plan.Requisite {
		c.of = map[string]any{"ENTITY_TYPE_ID": on.entityTypeID, "ENTITY_ID": on.id}
		return c, nil
	}
	parent, err := parentOf(s, on)
	c.of = map[string]any{"ENTITY_ID": parent}
	return c, err
}

// rowCall adds or updates one row. The older methods answer with its id or true, so
// that it is always read again. An add is looked for by its mark before it is repeated.
// Source: api-reference/crm/requisites/universal/crm-requisite-add.md and
// api-reference/crm/requisites/bank-detail/crm-requisite-bank-detail-add.md.
type rowCall struct {
	step   *plan.Step
	family kind.Part
	id     int // 0 makes a new row
	owner  stepOwner
	of     map[string]any // the columns that name what the row belongs to
	fields []plan.Field
}

// Alone is false: the rows of many records share a request.
func (c *rowCall) Alone() bool { return false }

// Request is the call that saves the row.
func (c *rowCall) Request() bitrix.Command {
	fields := make(map[string]any)
	for _, d := range c.fields {
		if c.id != 0 || !d.Want.IsEmpty() {
			fields[d.Wire] = wireText(&d)
		}
	}
	if c.id == 0 || c.step.Adopts {
		for _, m := range c.step.Mark {
			fields[m.Wire] = m.Value
		}
	}
	if c.id != 0 {
		return bitrix.Command{Method: c.family.Rows.Method + ".update", Params: bitrix.Params{"id": c.id, "fields": fields}}
	}
	for name, v := range c.of {
		fields[name] = v
	}
	return bitrix.Command{Method: c.family.Rows.Method + ".add", Params: bitrix.Params{"fields": fields}}
}

// wireText is a value for the older methods, where "" empties a field.
func wireText(d *plan.Field) any {
	if d.Want.IsEmpty() {
		return ""
	}
	return d.Codec().Wire(d.Want, d.Live)
}

// Once tells that a new row must not be sent again before its mark was looked for.
func (c *rowCall) Once() bool { return c.id == 0 }

// Find looks for the row by its mark among those of its parent.
func (c *rowCall) Find() bitrix.List {
	filter := map[string]any{"=XML_ID": c.step.Mark[len(c.step.Mark)-1].Value}
	columns := []any{"ID"}
	for name, v := range c.of {
		filter[name] = v
	}
	for _, m := range c.step.Mark {
		columns = append(columns, m.Wire)
	}
	return bitrix.List{Method: c.family.Rows.Method + ".list", ID: "ID", Params: bitrix.Params{"filter": filter, "select": columns}}
}

// Found picks the rows that carry the mark byte for byte.
func (c *rowCall) Found(rows []json.RawMessage) ([]int, error) {
	var ids []int
	for _, raw := range rows {
		row, err := kind.DecodeRow(raw)
		if err != nil {
			return nil, err
		}
		if plan.Carries(row, c.step.Mark) {
			ids = append(ids, row.Int("ID"))
		}
	}
	return ids, nil
}

// Object takes the row out of the answer to Get; other answers show no more than an id.
func (c *rowCall) Object(result json.RawMessage) (kind.Row, int, int, error) {
	answer := kind.Text(result)
	if n, err := strconv.Atoi(answer); err == nil && n > 0 && c.id == 0 {
		return kind.Row{}, n, c.owner.entityTypeID, nil
	}
	if answer == "true" && c.id != 0 {
		return kind.Row{}, c.id, c.owner.entityTypeID, nil
	}
	rows, err := kind.DecodeRows(result)
	switch {
	case err == nil && len(rows) == 0:
		err = ErrNoRow
	case err == nil && len(rows) != 1:
		err = value.Err("answer-shows-several-rows", value.N("n", len(rows)))
	}
	if err != nil {
		return nil, 0, 0, err
	}
	return rows[0], rows[0].Int("ID"), c.owner.entityTypeID, nil
}

// ErrNoRow is why a row is not shown that was asked for by its id: it is not there.
var ErrNoRow = value.Err("answer-shows-no-row")

// Get reads the row by a list: what reads one row leaves out the user fields.
func (c *rowCall) Get(id int) bitrix.Command {
	columns := []any{"*"}
	for _, d := range c.fields {
		if kind.IsUserField(d.Wire) {
			columns = append(columns, d.Wire)
		}
	}
	return bitrix.Command{Method: c.family.Rows.Method + ".list", Params: bitrix.Params{"filter": map[string]any{"ID": id}, "select": columns}}
}

// Verify compares the row with what was declared. Its mark is part of that: without it
// the next run would make another one.
func (c *rowCall) Verify(row kind.Row) []Mismatch {
	out := mismatches(c.fields, row)
	for _, m := range c.step.Mark {
		if row.Text(m.Wire) != m.Value {
			out = append(out, Mismatch{Field: c.step.Name + "." + m.Wire, Want: m.Value, Got: row.Text(m.Wire), Mark: true})
		}
	}
	return out
}

// mismatches compares a row with the fields that were sent.
func mismatches(fields []plan.Field, row kind.Row) []Mismatch {
	var out []Mismatch
	for _, d := range fields {
		c := d.Codec()
		live, err := c.Read(row[d.Wire])
		if err != nil || !c.Same(d.Want, live) {
			out = append(out, Mismatch{Field: d.Name, Want: d.Shown(kind.BuiltIn().PlainNames(), d.Want), Got: d.Shown(kind.BuiltIn().PlainNames(), live), live: live, text: c.Traits().Text})
		}
	}
	return out
}

// Repairable tells whether a text is not as it was sent, which a batch may have altered,
// or a new row lacks its mark.
func (c *rowCall) Repairable(mismatches []Mismatch) bool {
	return HasText(mismatches) || slices.ContainsFunc(mismatches, c.lacksMark)
}

func (c *rowCall) lacksMark(m Mismatch) bool { return m.Mark && c.id == 0 }

// Repair updates just the mismatched columns.
func (c *rowCall) Repair(id int, mismatches []Mismatch) bitrix.Command {
	fields := make(map[string]any)
	for _, d := range c.fields {
		for _, m := range mismatches {
			if m.Field == d.Name {
				fields[d.Wire] = wireText(&d)
			}
		}
	}
	if slices.ContainsFunc(mismatches, c.lacksMark) {
		for _, m := range c.step.Mark {
			fields[m.Wire] = m.Value
		}
	}
	return bitrix.Command{Method: c.family.Rows.Method + ".update", Params: bitrix.Params{"id": id, "fields": fields}}
}

// A removeCall deletes what belongs to a record. It has succeeded if the thing is gone,
// whoever deleted it and whatever the portal answered.
type removeCall struct {
	repeatable
	step           *plan.Step
	owner          stepOwner
	request, check bitrix.Command
}

// IsGone tells whether the answer to Get shows that what a call deletes is not there;
// it is false for calls that delete nothing.
func IsGone(c Call, result json.RawMessage) bool {
	r, ok := c.(remover)
	return ok && r.removes() && r.gone(result)
}

// Removes tells whether a call deletes something.
func Removes(c Call) bool {
	r, ok := c.(remover)
	return ok && r.removes()
}

// A remover is a call that may delete something, and knows from the answer to Get
// whether that is gone.
type remover interface {
	removes() bool
	gone(result json.RawMessage) bool
}

func (c *removeCall) removes() bool { return true }

func (c *removeCall) gone(result json.RawMessage) bool { return emptyList(result) }

// emptyList tells whether an answer is a list of nothing.
func emptyList(result json.RawMessage) bool {
	var rows []kind.Row
	return json.Unmarshal(result, &rows) == nil && rows != nil && len(rows) == 0
}

// goneColumn marks the row that stands for nothing.
const goneColumn = "gone"

// Alone is false: deletions share a request.
func (c *removeCall) Alone() bool { return false }

// Request is the call that deletes it.
func (c *removeCall) Request() bitrix.Command { return c.request }

// Object tells from the answer to Get whether it is gone.
func (c *removeCall) Object(result json.RawMessage) (kind.Row, int, int, error) {
	row := kind.Row{}
	if IsGone(c, result) {
		row[goneColumn] = json.RawMessage("true")
	}
	return row, c.owner.id, c.owner.entityTypeID, nil
}

// Get looks whether it is still there.
func (c *removeCall) Get(int) bitrix.Command { return c.check }

// Verify finds wanting what is not known to be gone.
func (c *removeCall) Verify(row kind.Row) []Mismatch {
	if row[goneColumn] != nil {
		return nil
	}
	return []Mismatch{{Field: c.step.Name, Got: value.Say("it-still")}}
}

// Repairable is false.
func (c *removeCall) Repairable([]Mismatch) bool { return false }

// Repair is never asked.
func (c *removeCall) Repair(int, []Mismatch) bitrix.Command { return c.request }
