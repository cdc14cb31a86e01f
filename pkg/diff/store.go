package diff

import (
	"cmp"
	"maps"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
)

// A store is where records of one kind are kept and listed: an entity type, or one of
// the portal's catalogues.
type store struct {
	kind         *kind.Kind
	entityTypeID int // 0 for what the catalogue holds
	iblock       int // the catalogue; 0 for other records, and while all of them are meant
}

// storeNumber tells apart where records of different kinds are kept, whose ids may be
// the same: the entityTypeId, and less than 0 for what has none. It is 0 for the items
// of a type that does not exist yet.
func storeNumber(k *kind.Kind, entityTypeID int) int {
	if entityTypeID == 0 && k.Methods.Placed {
		return -k.Rank
	}
	return entityTypeID
}

func (s store) number() int { return storeNumber(s.kind, s.entityTypeID) }

// stores lists where the records of a kind may be: what the catalogue holds is looked
// for in every one of them, so that what was moved there is not created again.
func (v *view) stores(k *kind.Kind, entityTypeID int) []store {
	if !k.Methods.Placed {
		return []store{{kind: k, entityTypeID: entityTypeID}}
	}
	var out []store
	for _, c := range v.meta.Catalog.Iblocks {
		out = append(out, store{kind: k, iblock: c.ID})
	}
	return out
}

// asked is the store as a question names it.
func (s store) asked() kind.Store {
	return kind.Store{Kind: s.kind, EntityTypeID: s.entityTypeID, Iblock: s.iblock}
}

// record names one record of the store.
func (s store) record(id int) RecordID { return RecordID{EntityTypeID: s.number(), ID: id} }

// list reads rows of the store. What is not given in select is not shown.
func (s store) list(filter map[string]any, columns []any) bitrix.List {
	f := s.kind.Methods
	l := bitrix.List{Method: f.List, Items: f.Items, Params: bitrix.Params{"filter": filter, "select": columns}}
	if f.Typed {
		l.Params["entityTypeId"] = s.entityTypeID
	}
	if f.Placed {
		filter = maps.Clone(filter)
		filter[iblockID] = s.iblock
		l.Params["filter"], l.Params["select"] = filter, append(columns[:len(columns):len(columns)], iblockID)
	}
	return l
}

// among is the key of a filter that takes several values of a field.
func (s store) among(field string) string { return s.kind.Methods.Among(field) }

// Store tells apart where records are kept: the entityTypeId, below 0 for what has none.
func (r *Ready) Store() int { return cmp.Or(r.EntityTypeID, StoreOf(r.Change)) }

// Store is that of Ready; it is 0 for items of a type that does not exist yet.
func StoreOf(c *Change) int { return storeNumber(c.Facts, c.EntityTypeID) }

// at is the store that the live record of a change lies in.
func storeOf(c *Change) store {
	iblock := 0
	if c.Place != nil {
		iblock = number(c.Place.Catalogue)
	}
	return store{kind: c.Facts, entityTypeID: c.EntityTypeID, iblock: iblock}
}

// placeOf gives what calls about a live row name beside its fields; nil for records
// that lie in no catalogue.
func placeOf(k *kind.Kind, row Row) *plan.Place {
	if !k.Methods.Placed {
		return nil
	}
	return &plan.Place{Catalogue: idText(row.Int(iblockID)), Name: row.Text("name")}
}
