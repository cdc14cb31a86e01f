package kind

import (
	"github.com/b24apply/b24apply/pkg/value"
)

// PlainNames names nothing but what the kinds of a table are called, for values that are
// shown without the names of a portal.
func (t *Table) PlainNames() value.Names { return plainNames{t} }

type plainNames struct{ table *Table }

// Known names types that a relation can be to, and nothing else.
func (n plainNames) Known(t value.Type) *value.Known {
	if t.Name != string(TypeRelations) {
		return &value.Known{}
	}
	return &value.Known{Label: func(id string) value.Name { return value.Name{ID: id, Name: n.space(value.IDNumber(id))} }}
}

func (n plainNames) space(entityTypeID int) string {
	if k := n.table.ByEntity(entityTypeID); k != nil {
		return k.Space
	}
	return ""
}

// Link knows no record.
func (plainNames) Link(value.Address) string { return "" }

// Lookup finds no record.
func (plainNames) Lookup(value.Lookup) (value.Value, error) {
	return value.Value{}, value.Err("nothing-is-looked-up")
}

func (n plainNames) entity(space string) int {
	if k := n.table.BySpace(space); k != nil && k.EntityTypeID != 0 {
		return k.EntityTypeID
	}
	return value.IDNumber(space)
}

// Entity gives the code of a record type of the table.
func (n plainNames) Entity(space string) (code string, declared value.Address) {
	if entity := n.entity(space); entity != 0 {
		return n.table.ShortCode(entity), ""
	}
	return "", ""
}

// EntityType gives the entityTypeId of a record type of the table.
func (n plainNames) EntityType(space string) (id string, declared value.Address) {
	return value.ID(n.entity(space)), ""
}

// EntityName gives the space of a record type of the table.
func (n plainNames) EntityName(code string) (name string, known bool) {
	entity := n.table.ByShort(code)
	return n.space(entity), entity != 0
}

// File knows no file.
func (plainNames) File(value.Node) value.Value { return value.Value{} }
