package diff

import (
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// fmField is the field in which the portal keeps phones, e-mails, websites and messengers
// together.
const fmField = "fm"

// multifield gives the codec of one typeId with the project's region.
func (v *view) multifield(typeID string) typed {
	t := value.Type{Name: string(spec.TypeMultifield), Multi: typeID, Region: v.set.Project.PhoneRegion}
	return typed{value.MustCodecOf(t), t, v}
}

// entriesOf gives the live entries of a record.
func (c typed) entriesOf(row Row) []value.Value {
	live, err := c.Read(row[fmField])
	if err != nil {
		return nil
	}
	return live.Entries()
}
