package diff

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// An addressEntry is one declared address of a requisite or a lead.
type addressEntry struct {
	typ   int
	path  string
	lines []target
}

// addressEntries reads a declared map of addresses, sorted by type.
func (c *computer) addressEntries(v value.Node, path string) []addressEntry {
	var out []addressEntry
	for _, p := range v.Pairs {
		typ, err := addressTypeOf(&c.meta.Requisites, p.Key)
		if err == nil && slices.ContainsFunc(out, func(e addressEntry) bool { return e.typ == typ }) {
			err = complain("duplicate", "keep one of the two", "%s: the type %q is declared twice", path, p.Key)
		}
		if err != nil {
			c.object(p.Pos, err)
			continue
		}
		e := addressEntry{typ: typ, path: path + "." + addressName(&c.meta.Requisites, typ)}
		for _, line := range p.Value.Pairs {
			e.lines = append(e.lines, target{name: e.path + "." + line.Key, value: line.Value, pos: line.Pos, typ: textType, codec: plainText, wire: addressWire(line.Key)})
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b addressEntry) int { return a.typ - b.typ })
	return out
}

func addressWire(name string) string {
	for _, c := range kind.AddressColumns() {
		if c.Name == name {
			return c.Wire
		}
	}
	return ""
}

// addresses compares the declared addresses of an owner with the live ones, which are
// the whole set: there is one of each type.
func (d *partDiff) addresses(of plan.Parent, entries []addressEntry, path string, live []Row) {
	for _, row := range live {
		typ := row.Int("TYPE_ID")
		name := path + "." + addressName(&d.meta.Requisites, typ)
		if !slices.ContainsFunc(entries, func(e addressEntry) bool { return e.typ == typ }) && !d.keepsAddress(name, row) {
			d.add(of, []FieldDiff{{Name: name, Type: textType, Before: shownText(addressLine(row))}}, Step{Name: name, Part: plan.Address, Remove: true, Of: of, Type: idText(typ), Trace: d.presence(name)})
		}
	}
	for _, e := range entries {
		i := slices.IndexFunc(live, func(row Row) bool { return row.Int("TYPE_ID") == e.typ })
		var row Row
		if i >= 0 {
			row = live[i]
		}
		d.address(of, e, row)
	}
}

// address adds the step that saves an address, if it differs.
func (d *partDiff) address(of plan.Parent, e addressEntry, row Row) {
	if d.leaves(e.path, row) {
		return
	}
	var fields []FieldDiff
	k := d.keeperOf(row)
	for _, tg := range e.lines {
		field, differs, err := diffField(d.scope, &tg, row)
		if err != nil {
			d.objectTo(tg, err)
		} else if d.changes(k, &field, differs) {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return
	}
	d.add(of, fields, Step{Name: e.path, Part: plan.Address, Of: of, Type: idText(e.typ), Live: addressOf(row), Trace: d.presence(e.path)})
}

// addressLine is an address for people.
func addressLine(row Row) string {
	var parts []string
	for _, c := range kind.AddressColumns() {
		if t := row.Text(c.Wire); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, ", ")
}

// addressOf gives the lines of a live address; empty if there is none.
func addressOf(row Row) value.Value {
	if row == nil {
		return value.Value{}
	}
	lines := []value.Part{}
	for _, c := range kind.AddressColumns() {
		if t := row.Text(c.Wire); t != "" {
			lines = append(lines, value.Part{Name: c.Wire, Value: value.Text(t)})
		}
	}
	return value.Mapped(lines...)
}

// addressKey names an address on the wire: it has no id.
func addressKey(on stepOwner, s *Step) (map[string]any, error) {
	owner, id := on.entityTypeID, on.id
	if s.Of != (plan.Parent{}) {
		var err error
		if id, err = parentOf(s, on); err != nil {
			return nil, err
		}
		owner = requisiteOwner
	}
	return map[string]any{"TYPE_ID": number(s.Type), "ENTITY_TYPE_ID": owner, "ENTITY_ID": id}, nil
}

// addressList reads one address.
func addressList(key map[string]any) bitrix.Command {
	return bitrix.Command{Method: "crm.address.list", Params: bitrix.Params{"filter": key}}
}

// addressPart saves or deletes one address once its owner is there.
func addressPart(_ *Known, on stepOwner, s *Step, n int) (Call, error) {
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
	step   *Step
	of     stepOwner
	key    map[string]any
	fields []FieldDiff
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
func (c *addressCall) Object(result json.RawMessage) (Row, int, int, error) {
	if text(result) == "true" {
		return Row{}, c.of.id, c.of.entityTypeID, nil
	}
	rows, err := decodeRows(result)
	for _, row := range rows {
		if row.Int("TYPE_ID") == number(c.step.Type) {
			return row, c.of.id, c.of.entityTypeID, nil
		}
	}
	return Row{}, c.of.id, c.of.entityTypeID, err
}

// Get reads it again.
func (c *addressCall) Get(int) bitrix.Command { return addressList(c.key) }

// Verify compares the address with what was declared.
func (c *addressCall) Verify(row Row) []Mismatch {
	out := mismatches(c.fields, row)
	if len(out) == 0 && row.Int("TYPE_ID") != number(c.step.Type) {
		out = append(out, Mismatch{Field: c.step.Name, Want: "an address"})
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
