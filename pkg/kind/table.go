package kind

import (
	"slices"
	"strconv"
	"strings"
)

// table is never changed after it is built.
var table = slices.Insert([]*Kind{
	{Name: "Project", Plural: "projects", Schema: "project.json", Class: ClassProject, Space: "project"},
	{Name: "SPA", Plural: "smart processes", Schema: "spa.json", Class: ClassType, Rank: 10, Space: "spa", Fields: spaRules()},
	{Name: "Company", Plural: "companies", Schema: "company.json", Class: ClassRecord, Rank: 20, Space: "company", EntityTypeID: 4, Key: KeyOrigin, Fields: recordRules("Company"), Parts: requisiteParts()},
	{Name: "Contact", Plural: "contacts", Schema: "contact.json", Class: ClassRecord, Rank: 30, Space: "contact", EntityTypeID: 3, Key: KeyOrigin, Fields: recordRules("Contact"), Parts: requisiteParts()},
	{Name: "Lead", Plural: "leads", Schema: "lead.json", Class: ClassRecord, Rank: 40, Space: "lead", EntityTypeID: 1, Key: KeyOrigin, Fields: recordRules("Lead"), Parts: append(productParts(""), addressPart())},
	{Name: "Deal", Plural: "deals", Schema: "deal.json", Class: ClassRecord, Rank: 50, Space: "deal", EntityTypeID: 2, Key: KeyOrigin, Fields: recordRules("Deal"), Parts: productParts("")},
	{Name: "Quote", Plural: "quotes", Schema: "quote.json", Class: ClassRecord, Rank: 60, Space: "quote", EntityTypeID: 7, Key: KeyField, Fields: recordRules("Quote"), Parts: productParts("")},
	{Name: "Invoice", Plural: "invoices", Schema: "invoice.json", Class: ClassRecord, Rank: 70, Space: "invoice", EntityTypeID: 31, Key: KeyXMLID, Fields: recordRules("Invoice"), Parts: productParts("")},
	{Name: "SPAItem", Plural: "smart process items", Schema: "spaitem.json", Class: ClassRecord, Rank: 80, Key: KeyXMLID, Fields: recordRules("SPAItem"), Parts: productParts("isLinkWithProductsEnabled")},
	{Name: "Moved", Plural: "moves", Schema: "moved.json", Class: ClassHistory, Rank: 90},
	{Name: "Merged", Plural: "merges", Schema: "merged.json", Class: ClassHistory, Rank: 90},
	{Name: "Absent", Plural: "absences", Schema: "absent.json", Class: ClassHistory, Rank: 90},
}, 2, catalogKinds()...)

// All lists every kind by rank, the project file first.
func All() []*Kind { return slices.Clone(table) }

// Records lists the kinds whose resources are records of crm.item.*, by rank.
func Records() []*Kind {
	return slices.DeleteFunc(All(), func(k *Kind) bool { return k.Class != ClassRecord })
}

// Catalogs lists the kinds of the product catalogue, by rank.
func Catalogs() []*Kind {
	return slices.DeleteFunc(All(), func(k *Kind) bool { return k.Class != ClassCatalog })
}

// ByName finds a kind by its exact name in manifests, or nil.
func ByName(name string) *Kind {
	return find(func(k *Kind) bool { return k.Name == name })
}

// BySpace finds the kind whose addresses start with space, or nil.
func BySpace(space string) *Kind {
	return find(func(k *Kind) bool { return k.Space != "" && strings.EqualFold(k.Space, space) })
}

// RecordSpace gives the space of records that text names: a kind's space in lower
// case, also for its entityTypeId in digits; "" for anything else.
func RecordSpace(text string) string {
	k := find(func(k *Kind) bool {
		return k.EntityTypeID != 0 && (strings.EqualFold(k.Space, text) || strconv.Itoa(k.EntityTypeID) == text)
	})
	if k == nil {
		return ""
	}
	return k.Space
}

func find(ok func(*Kind) bool) *Kind {
	if i := slices.IndexFunc(table, ok); i >= 0 {
		return table[i]
	}
	return nil
}
