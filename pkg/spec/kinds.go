package spec

import (
	"slices"
	"strconv"
	"strings"
)

// APIVersion is the apiVersion of every manifest.
const APIVersion = "b24apply/v1"

// kindTable is never changed after it is built.
var kindTable = slices.Insert([]*Kind{
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

// Kinds lists every kind by rank, the project file first.
func Kinds() []*Kind { return slices.Clone(kindTable) }

// RecordKinds lists the kinds whose resources are records of crm.item.*, by rank.
func RecordKinds() []*Kind {
	return slices.DeleteFunc(Kinds(), func(k *Kind) bool { return k.Class != ClassRecord })
}

// KindByName finds a kind by its exact name in manifests, or nil.
func KindByName(name string) *Kind {
	return findKind(func(k *Kind) bool { return k.Name == name })
}

// kindBySpace finds the kind whose addresses start with space, or nil.
func kindBySpace(space string) *Kind {
	return findKind(func(k *Kind) bool { return k.Space != "" && strings.EqualFold(k.Space, space) })
}

// recordSpace gives the space of records that text names: a kind's space in lower
// case, also for its entityTypeId in digits; "" for anything else.
func recordSpace(text string) string {
	k := findKind(func(k *Kind) bool {
		return k.EntityTypeID != 0 && (strings.EqualFold(k.Space, text) || strconv.Itoa(k.EntityTypeID) == text)
	})
	if k == nil {
		return ""
	}
	return k.Space
}

func findKind(ok func(*Kind) bool) *Kind {
	if i := slices.IndexFunc(kindTable, ok); i >= 0 {
		return kindTable[i]
	}
	return nil
}

func kindNames() []string {
	names := make([]string, len(kindTable))
	for i, k := range kindTable {
		names[i] = k.Name
	}
	return names
}

// ValueTypes lists the value types that a multi-field typeId takes: PHONE,
// EMAIL, WEB or IM. It is empty for any other.
// Source: api-reference/crm/data-types.md#crm_multifield.
func ValueTypes(typeID string) []string {
	switch typeID {
	case "PHONE":
		return []string{"WORK", "MOBILE", "FAX", "HOME", "PAGER", "MAILING", "OTHER"}
	case "EMAIL":
		return []string{"WORK", "HOME", "MAILING", "OTHER"}
	case "WEB":
		return []string{"WORK", "HOME", "FACEBOOK", "VK", "LIVEJOURNAL", "TWITTER", "OTHER"}
	case "IM":
		return []string{"FACEBOOK", "TELEGRAM", "VK", "SKYPE", "VIBER", "INSTAGRAM", "BITRIX24", "OPENLINE", "IMOL", "ICQ", "MSN", "JABBER", "OTHER"}
	}
	return nil
}
