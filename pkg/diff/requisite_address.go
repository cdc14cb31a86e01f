package diff

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/spec"
)

// An addressEntry is one declared address of a requisite or a lead.
type addressEntry struct {
	typ   int
	path  string
	lines []target
}

// An addressOwner is what an address belongs to.
type addressOwner struct {
	entity int // the record's, or requisiteOwner
	id     int // 0: the record itself, or what step makes
	step   int // onRecord, or the index of the step that makes it
}

// addressEntries reads a declared map of addresses, sorted by type.
func (c *computer) addressEntries(v spec.Value, path string) []addressEntry {
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
			e.lines = append(e.lines, target{name: e.path + "." + line.Key, value: line.Value, pos: line.Pos, typ: spec.TypeString, codec: plainText, wire: addressWire(line.Key)})
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b addressEntry) int { return a.typ - b.typ })
	return out
}

func addressWire(name string) string {
	for _, c := range spec.AddressColumns() {
		if c.Name == name {
			return c.Wire
		}
	}
	return ""
}

// addresses compares the declared addresses of an owner with the live ones, which are
// the whole set: there is one of each type.
func (d *partDiff) addresses(owner addressOwner, entries []addressEntry, path string, live []Row) {
	for _, row := range live {
		typ := row.Int("TYPE_ID")
		name := path + "." + addressName(&d.meta.Requisites, typ)
		if !slices.ContainsFunc(entries, func(e addressEntry) bool { return e.typ == typ }) && !d.keepsAddress(name, row) {
			d.add(name, owner.step, []FieldDiff{{Name: name, Type: spec.TypeString, Before: addressLine(row)}}, func(int) stepWork {
				return removeAddress{owner: owner, name: name, typ: typ, trace: d.presence(name)}
			})
		}
	}
	for _, e := range entries {
		i := slices.IndexFunc(live, func(row Row) bool { return row.Int("TYPE_ID") == e.typ })
		var row Row
		if i >= 0 {
			row = live[i]
		}
		d.address(owner, e, row)
	}
}

// address adds the step that saves an address, if it differs.
func (d *partDiff) address(owner addressOwner, e addressEntry, row Row) {
	if d.leaves(e.path, row) {
		return
	}
	var fields []FieldDiff
	k := d.keeperOf(row)
	for _, tg := range e.lines {
		field, differs, err := diffField(d.scope, tg, row)
		if err != nil {
			d.objectTo(tg, err)
		} else if d.changes(k, &field, differs) {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return
	}
	d.add(e.path, owner.step, fields, func(number int) stepWork {
		return addressWork{owner: owner, name: e.path, typ: e.typ, number: number, live: row, trace: d.presence(e.path)}
	})
}

// addressLine is an address for people.
func addressLine(row Row) string {
	var parts []string
	for _, c := range spec.AddressColumns() {
		if t := row.Text(c.Wire); t != "" {
			parts = append(parts, t)
		}
	}
	return strings.Join(parts, ", ")
}

// key names an address on the wire: it has no id.
func (o addressOwner) key(on stepOwner, typ int) (map[string]any, error) {
	id := on.id
	if o.entity == requisiteOwner {
		var err error
		if id, err = (rowParent{id: o.id, step: o.step}).of(on); err != nil {
			return nil, err
		}
	}
	return map[string]any{"TYPE_ID": typ, "ENTITY_TYPE_ID": o.entity, "ENTITY_ID": id}, nil
}

// addressList reads one address.
func addressList(key map[string]any) bitrix.Command {
	return bitrix.Command{Method: "crm.address.list", Params: bitrix.Params{"filter": key}}
}

// addressWork saves one address.
type addressWork struct {
	owner  addressOwner
	name   string
	typ    int
	number int // of its step
	live   Row // nil: there is none of its type
	trace  *Trace
}

// call makes the request once the address's owner is there.
func (w addressWork) call(_ *Known, on stepOwner) (Call, error) {
	key, err := w.owner.key(on, w.typ)
	return &addressCall{addressWork: w, of: on, key: key, fields: on.change.FieldsOf(on.change.Fields, w.number)}, err
}

// addressCall adds or updates one address. It may be repeated: there can be only one
// of each type.
// Source: api-reference/crm/requisites/addresses/crm-address-add.md.
type addressCall struct {
	repeatable
	addressWork
	of     stepOwner
	key    map[string]any
	fields []FieldDiff
}

// Alone is false: the addresses of many records share a request.
func (c *addressCall) Alone() bool { return false }

// Request sends all lines: saving some of them may empty the others.
func (c *addressCall) Request() bitrix.Command {
	fields := make(map[string]any)
	for _, col := range spec.AddressColumns() {
		if t := c.live.Text(col.Wire); t != "" {
			fields[col.Wire] = t
		}
	}
	for _, d := range c.fields {
		if c.live != nil || d.Want != nil {
			fields[d.Wire] = wireText(d)
		}
	}
	for name, v := range c.key {
		fields[name] = v
	}
	method := "crm.address.add"
	if c.live != nil {
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
		if row.Int("TYPE_ID") == c.typ {
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
	if len(out) == 0 && row.Int("TYPE_ID") != c.typ {
		out = append(out, Mismatch{Field: c.name, Want: "an address"})
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

// removeAddress deletes an address that is declared no more.
type removeAddress struct {
	owner addressOwner
	name  string
	typ   int
	trace *Trace
}

// call makes the request.
func (w removeAddress) call(_ *Known, on stepOwner) (Call, error) {
	key, err := w.owner.key(on, w.typ)
	return &removeCall{name: w.name, owner: on, trace: w.trace, request: bitrix.Command{Method: "crm.address.delete", Params: bitrix.Params{"fields": key}}, check: addressList(key)}, err
}
