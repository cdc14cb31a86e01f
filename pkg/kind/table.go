package kind

import (
	"slices"
	"strconv"
	"strings"
)

// A Table is a set of kinds. The nil table holds those of Bitrix24, and is never changed.
type Table struct{ kinds []*Kind }

var builtIn = &Table{[]*Kind{
	project, spa, productSection, product, company, contact, lead, deal, quote, invoice, spaItem, recordSet, moved, merged, absent,
}}

// BuiltIn is the table of Bitrix24's own kinds.
func BuiltIn() *Table { return nil }

// With gives a table with further kinds. One with the entityTypeId of another takes its place.
func (t *Table) With(kinds ...*Kind) *Table {
	all := slices.DeleteFunc(t.All(), func(old *Kind) bool {
		return old.EntityTypeID != 0 && slices.ContainsFunc(kinds, func(k *Kind) bool { return k.EntityTypeID == old.EntityTypeID })
	})
	for _, k := range kinds {
		own := *k
		own.Fields = fields(k.Fields)
		all = append(all, &own)
	}
	slices.SortStableFunc(all, func(a, b *Kind) int { return a.Rank - b.Rank })
	return &Table{all}
}

func (t *Table) list() []*Kind {
	if t == nil {
		return builtIn.kinds
	}
	return t.kinds
}

// All lists every kind by rank, the project file first.
func (t *Table) All() []*Kind { return slices.Clone(t.list()) }

// Names lists the names of all kinds.
func (t *Table) Names() []string {
	var names []string
	for _, k := range t.list() {
		names = append(names, k.Name)
	}
	return names
}

// Records lists the kinds whose resources are CRM records, by rank.
func (t *Table) Records() []*Kind { return t.ofClass(ClassRecord) }

// Catalogs lists the kinds of the product catalogue, by rank.
func (t *Table) Catalogs() []*Kind { return t.ofClass(ClassCatalog) }

func (t *Table) ofClass(class Class) []*Kind {
	return slices.DeleteFunc(t.All(), func(k *Kind) bool { return k.Class != class })
}

// ByName finds a kind by its exact name in manifests, or nil.
func (t *Table) ByName(name string) *Kind {
	return t.find(func(k *Kind) bool { return k.Name == name })
}

// BySpace finds the kind whose addresses start with space, or nil.
func (t *Table) BySpace(space string) *Kind {
	return t.find(func(k *Kind) bool { return k.Space != "" && strings.EqualFold(k.Space, space) })
}

// ByLink finds the kind whose records fields of a type link to, or nil.
func (t *Table) ByLink(typ FieldType) *Kind {
	return t.find(func(k *Kind) bool { return k.Link != "" && k.Link == typ })
}

// LinkSpace gives the space that fields of a rule link to, "" for other fields.
func (t *Table) LinkSpace(r Rule) string {
	if k := t.ByLink(r.Type); k != nil {
		return k.Space
	}
	return ""
}

// ByEntity finds the kind with an entityTypeId of its own, or nil.
func (t *Table) ByEntity(entityTypeID int) *Kind {
	return t.find(func(k *Kind) bool { return k.EntityTypeID != 0 && k.EntityTypeID == entityTypeID })
}

// Items is the kind of the records of smart processes.
func (t *Table) Items() *Kind {
	return t.find(func(k *Kind) bool { return k.Class == ClassRecord && k.Space == "" })
}

// OfEntity gives the kind of the records of an entity type: one that has it for its own, else
// that of smart processes.
func (t *Table) OfEntity(entityTypeID int) *Kind {
	if k := t.ByEntity(entityTypeID); k != nil {
		return k
	}
	return t.Items()
}

// OfSpace gives the kind of the records whose addresses start with a space: for anything that
// is no kind, that of smart processes.
func (t *Table) OfSpace(space string) *Kind {
	if k := t.BySpace(space); k != nil {
		return k
	}
	return t.Items()
}

// RecordSpace gives the space of records that text names: a kind's space in lower
// case, also for its entityTypeId in digits; "" for anything else.
func (t *Table) RecordSpace(text string) string {
	k := t.find(func(k *Kind) bool {
		return k.EntityTypeID != 0 && (strings.EqualFold(k.Space, text) || strconv.Itoa(k.EntityTypeID) == text)
	})
	if k == nil {
		return ""
	}
	return k.Space
}

// ByShort gives the entityTypeId that a short code stands for, such as D or T40e; 0 for none.
func (t *Table) ByShort(code string) int {
	return t.byCode(code, func(c Codes) string { return c.Short })
}

// ByBinding gives the entityTypeId that settings of bindings call so, such as DEAL; 0 for none.
func (t *Table) ByBinding(code string) int {
	return t.byCode(code, func(c Codes) string { return c.Binding })
}

func (t *Table) byCode(text string, code func(Codes) string) int {
	for _, k := range append(t.All(), order) {
		if n := k.entityOf(code(k.Codes), text); n != 0 {
			return n
		}
	}
	return 0
}

// ShortCode is what product rows and bindings call an entity type.
func (t *Table) ShortCode(entityTypeID int) string {
	if entityTypeID == order.EntityTypeID {
		return order.Codes.Short
	}
	return t.OfEntity(entityTypeID).ShortCode(entityTypeID)
}

func (t *Table) find(ok func(*Kind) bool) *Kind {
	if i := slices.IndexFunc(t.list(), ok); i >= 0 {
		return t.list()[i]
	}
	return nil
}

// All lists the kinds of Bitrix24 by rank, the project file first.
func All() []*Kind { return BuiltIn().All() }
