package wire

import (
	"cmp"
	"maps"

	"github.com/b24apply/b24apply/pkg/bitrix"
	"github.com/b24apply/b24apply/pkg/kind"
)

// listOf lists rows of a store. What is not given in columns is not shown.
func listOf(s kind.Store, filter map[string]any, columns []any) bitrix.List {
	f := s.Kind.Methods
	l := bitrix.List{Method: f.List, Items: f.Items, Params: bitrix.Params{"filter": filter, "select": columns}}
	if f.Typed {
		l.Params["entityTypeId"] = s.EntityTypeID
	}
	if f.Placed {
		filter = maps.Clone(filter)
		filter[kind.CatalogueField] = s.Iblock
		l.Params["filter"], l.Params["select"] = filter, append(columns[:len(columns):len(columns)], kind.CatalogueField)
	}
	return l
}

// Store tells apart where records are kept: the entityTypeId, below 0 for what has none.
func (r *Ready) Store() int { return cmp.Or(r.EntityTypeID, r.Change.Store().Number()) }
