package live

import (
	"cmp"

	"github.com/b24apply/b24apply/pkg/kind"
)

// The methods that read the records of a kind.
type methods struct {
	get, list   string
	item, items string   // the keys of the object, and of the list, in results
	in          string   // the prefix of a filter that takes several values; "" is "@"
	names       []string // the columns that name a record
	typed       bool     // calls name the entityTypeId
	placed      bool     // a list names the catalogue
}

func (m methods) among(field string) string { return cmp.Or(m.in, "@") + field }

var recordMethods = methods{get: "crm.item.get", list: "crm.item.list", item: "item", items: "items", typed: true,
	names: []string{"title", "name", "lastName", "categoryId", "contactId", "companyId", "updatedTime"}}

var catalogMethods = map[string]methods{
	"Product":        {get: "catalog.product.get", list: "catalog.product.list", item: "product", items: "products", in: "=", placed: true, names: []string{"name", iblockID}},
	"ProductSection": {get: "catalog.section.get", list: "catalog.section.list", item: "section", items: "sections", in: "@", placed: true, names: []string{"name", iblockID}},
}

func methodsOf(k *kind.Kind) methods {
	if m, ok := catalogMethods[k.Name]; ok {
		return m
	}
	return recordMethods
}
