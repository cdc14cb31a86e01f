package wire

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// complete adds to the fields of a call what the method requires beside them: as it is
// declared, else as it is on the portal.
func (r *Ready) complete(fields map[string]any, create bool) {
	if !create && !r.family.Whole {
		return
	}
	place := r.Change.Place
	if place == nil {
		return
	}
	for name, v := range map[string]any{kind.CatalogueField: value.IDNumber(place.Catalogue), "name": place.Name} {
		if _, set := fields[name]; set {
			continue
		}
		fields[name] = v
		for _, d := range r.fields {
			if d.Wire == name {
				fields[name] = d.Codec().Wire(d.Want, value.Value{})
			}
		}
	}
}

// narrow narrows a list to the catalogue.
func (r *Ready) narrow(filter map[string]any, columns []any) []any {
	if place := r.Change.Place; place != nil {
		filter[kind.CatalogueField] = value.IDNumber(place.Catalogue)
		columns = append(columns, kind.CatalogueField)
	}
	return columns
}
