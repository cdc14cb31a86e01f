package compare

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/value"
)

// An addressEntry is one declared address of a requisite or a lead.
type addressEntry struct {
	typ   int
	path  string
	lines []declared.Target
}

// addressEntries reads a declared map of addresses, sorted by type.
func (c *Comparer) addressEntries(v value.Node, path string) []addressEntry {
	var out []addressEntry
	for _, p := range v.Pairs {
		typ, err := addressTypeOf(&c.Meta.Requisites, p.Key)
		if err == nil && slices.ContainsFunc(out, func(e addressEntry) bool { return e.typ == typ }) {
			err = value.Bad("duplicate", "address-type-twice", "keep-one-of-two", value.T("field", path), value.Q("type", p.Key))
		}
		if err != nil {
			c.Object(p.Pos, err)
			continue
		}
		e := addressEntry{typ: typ, path: path + "." + addressName(&c.Meta.Requisites, typ)}
		for _, line := range p.Value.Pairs {
			e.lines = append(e.lines, declared.Target{Name: e.path + "." + line.Key, Value: line.Value, Pos: line.Pos, Type: kind.Texts, Codec: plainText, Wire: addressWire(line.Key)})
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
func (d *partDiff) addresses(of plan.Parent, entries []addressEntry, path string, live []kind.Row) {
	for _, row := range live {
		typ := row.Int("TYPE_ID")
		name := path + "." + addressName(&d.Meta.Requisites, typ)
		if !slices.ContainsFunc(entries, func(e addressEntry) bool { return e.typ == typ }) && !d.keepsAddress(name, row) {
			d.add(of, []plan.Field{{Name: name, Type: kind.Texts, Before: value.ShownText(kind.AddressLine(row))}}, plan.Step{Name: name, Part: plan.Address, Remove: true, Of: of, Type: value.ID(typ), Trace: d.presence(name), Live: addressOf(row)})
		}
	}
	for _, e := range entries {
		i := slices.IndexFunc(live, func(row kind.Row) bool { return row.Int("TYPE_ID") == e.typ })
		var row kind.Row
		if i >= 0 {
			row = live[i]
		}
		d.address(of, e, row)
	}
}

// address adds the step that saves an address, if it differs.
func (d *partDiff) address(of plan.Parent, e addressEntry, row kind.Row) {
	if d.leaves(e.path, row) {
		return
	}
	var fields []plan.Field
	k := d.keeperOf(row)
	for _, tg := range e.lines {
		field, differs, err := declared.Compare(d.scope, &tg, row)
		if err != nil {
			d.ObjectTo(tg.Name, tg.Value, true, err)
		} else if d.changes(k, &field, differs) {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return
	}
	d.add(of, fields, plan.Step{Name: e.path, Part: plan.Address, Of: of, Type: value.ID(e.typ), Live: addressOf(row), Trace: d.presence(e.path)})
}

// addressOf gives the lines of a live address; empty if there is none.
func addressOf(row kind.Row) value.Value {
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
