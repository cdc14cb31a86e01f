package diff

import (
	"fmt"
	"slices"

	"github.com/b24apply/b24apply/pkg/spec"
)

// A contest is a resource that is refused because match finds the record of another
// one. The fields by which it found it, and those of the other one's own match, stay as
// they are until people have decided: were a number taken from the record, the next run
// would find nothing and create the refused resource.
type contest struct {
	by     spec.Address
	fields []string
}

// findContested finds the declared records because of which others are refused.
func (c *computer) findContested() {
	for _, r := range c.set.Resources {
		m := c.state.Matches[r.Address]
		rows := slices.Concat(m.Rows, m.Near)
		if len(rows) == 0 || c.identity(r).code == "" {
			continue
		}
		s := c.slot(r, c.recordType(r))
		space, _ := r.Address.Split()
		for _, row := range rows {
			h := s.holder(row)
			if !c.isOther(r, h) {
				continue
			}
			other := c.set.Lookup(spec.NewAddress(space, h.name))
			held := contest{by: r.Address}
			for _, key := range append(slices.Clone(other.Identity.Match), r.Identity.Match[m.Key]) {
				for _, name := range key.Fields {
					held.fields = append(held.fields, spec.DeclaredAs(name))
				}
			}
			c.contested[other.Address] = append(c.contested[other.Address], held)
		}
	}
}

// contests keeps a field as it is because of which another resource is refused.
func (k *keeper) contests(d *FieldDiff) bool {
	all := k.contested[k.r.Address]
	i := slices.IndexFunc(all, func(x contest) bool { return slices.Contains(x.fields, d.Name) })
	if i < 0 || k.row == nil {
		return false
	}
	k.note(FieldDiff{Name: d.Name, Type: d.Type, Before: d.Before, After: d.After, Note: fmt.Sprintf("%s is refused because of it: merged?", all[i].by)})
	return true
}

// mergedHint is what to do about a record that two resources find.
func mergedHint(gone, left spec.Address) string {
	return fmt.Sprintf("if people merged the two on the portal, write kind: Merged with spec: {from: %s, into: %s}; else remove one of the two resources, or match by fields that tell them apart", gone, left)
}

// isOther tells whether a record is that of another declared resource.
func (v *view) isOther(r *spec.Resource, h holder) bool {
	space, _ := r.Address.Split()
	other := v.set.Lookup(spec.NewAddress(space, h.name))
	return h.owner == v.set.Project.Name && other != nil && other != r
}
