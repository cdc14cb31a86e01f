package wire

import (
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
