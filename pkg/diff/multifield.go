package diff

import (
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// multifield gives the type of one typeId with the project's region.
func (v *view) multifield(typeID string) value.Type {
	return value.Type{Name: string(kind.TypeMultifield), Multi: typeID, Region: v.set.Project.PhoneRegion}
}

// contactsIn gives the live entries of a record.
func contactsIn(t value.Type, row kind.Row) []value.Value {
	live, err := value.MustCodecOf(t).Read(row[kind.ContactsField])
	if err != nil {
		return nil
	}
	return live.Entries()
}
