package compare

import (
	"cmp"
	"maps"
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/declared"
	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// mandatory lists the user fields that the portal marks as mandatory, by name. Which
// fields a stage requires beside them no REST method tells.
// Source: api-reference/crm/universal/crm-item-fields.md, isRequired.
func MandatoryFields(f kind.LiveFields) []kind.LiveField {
	var out []kind.LiveField
	for _, name := range slices.Sorted(maps.Keys(f.ByName)) {
		if field := f.ByName[name]; field.Dynamic && field.Required && !field.Defaulted && field.Type != kind.TypeBoolean {
			out = append(out, field)
		}
	}
	return out
}

// A lack is a mandatory field that records would be left without, at a stage.
type lack struct {
	kind, field, at string
}

// lacking is where a lack was found first, and how often.
type lacking struct {
	resource *spec.Resource
	count    int
}

// checkMandatory notes the mandatory fields that a record would lack. The portal looks
// when a record is created and when it moves to another stage of its pipeline, unless
// an administrator has turned that off for REST: it can't be known beforehand whether
// it refuses, so this is a warning.
// Source: api-reference/crm/universal/crm-item-add.md, crm-item-update.md.
func (c *Comparer) checkMandatory(ch *plan.Change, r *spec.Resource, t declared.Type, row kind.Row) {
	at, checked := c.checkedAt(ch, row)
	if !checked {
		return
	}
	if c.mandatory == nil {
		c.mandatory = make(map[int][]kind.LiveField)
	}
	fields, known := c.mandatory[t.EntityTypeID]
	if !known {
		fields = MandatoryFields(c.Meta.Fields[t.EntityTypeID])
		c.mandatory[t.EntityTypeID] = fields
	}
	for _, field := range fields {
		if !lacks(ch, field, row) {
			continue
		}
		space, _ := r.Address.Split()
		key := lack{space, kind.UserFieldCode(field.UpperName), at}
		if c.lacks == nil {
			c.lacks = make(map[lack]*lacking)
		}
		if c.lacks[key] == nil {
			c.lacks[key] = &lacking{resource: r}
		}
		c.lacks[key].count++
	}
}

// checkedAt tells whether the portal looks at the mandatory fields when a change is
// made, and at which stage.
func (c *Comparer) checkedAt(ch *plan.Change, row kind.Row) (at string, checked bool) {
	var moved bool
	for _, d := range ch.Fields {
		switch d.Name {
		case kind.PipelineField:
			moved = true
		case kind.StageField:
			at = d.After.String()
		}
	}
	return at, ch.Action == plan.Create || row != nil && at != "" && !moved
}

// lacks tells whether a record would have no value in a field after a change.
func lacks(ch *plan.Change, field kind.LiveField, row kind.Row) bool {
	for _, d := range ch.Fields {
		if d.Wire == field.Name {
			return d.Want.IsEmpty()
		}
	}
	switch kind.Text(row[field.Name]) {
	case "", "[]", "false":
		return true
	}
	return false
}

// says warns of a lack.
func (key lack) says(found *lacking) error {
	who := value.M("who", value.Say("named", value.T("name", found.resource.Address)))
	if found.count > 1 {
		who = value.M("who", value.Say("named-and-more", value.T("name", found.resource.Address), value.N("n", found.count-1)))
	}
	if key.at != "" {
		return value.Bad("mandatory", "lacks-mandatory-at-stage", "declare-mandatory", who, value.T("field", key.field), value.Q("stage", key.at))
	}
	return value.Bad("mandatory", "lacks-mandatory", "declare-mandatory", who, value.T("field", key.field))
}

// ReportLacks makes one warning of each lack.
func (c *Comparer) ReportLacks() {
	for _, key := range slices.SortedFunc(maps.Keys(c.lacks), func(a, b lack) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.field, b.field), cmp.Compare(a.at, b.at))
	}) {
		found := c.lacks[key]
		pos := found.resource.Pos
		if f, ok := found.resource.Field(kind.StageField); ok && key.at != "" {
			pos = f.Value.Pos
		}
		p := denial.Problem(pos, key.says(found))
		c.Warn(p)
	}
}
