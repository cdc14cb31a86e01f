package diff

import "github.com/b24apply/b24apply/pkg/kind"

// stores lists where the records of a kind may be: what the catalogue holds is looked
// for in every one of them, so that what was moved there is not created again.
func (v *view) stores(k *kind.Kind, entityTypeID int) []kind.Store {
	if !k.Methods.Placed {
		return []kind.Store{{Kind: k, EntityTypeID: entityTypeID}}
	}
	var out []kind.Store
	for _, c := range v.meta.Catalog.Iblocks {
		out = append(out, kind.Store{Kind: k, Iblock: c.ID})
	}
	return out
}
