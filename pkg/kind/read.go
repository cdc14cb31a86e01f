package kind

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

const (
	// ContactsField is the field in which the portal keeps phones, e-mails, websites and
	// messengers together.
	ContactsField = "fm"
	// RelationsField is the field of a smart process type that holds both sides of its
	// relations.
	RelationsField = "relations"
)

// ColumnsOf gives the columns that Read looks at.
func ColumnsOf(t value.Type, wire string) []string {
	switch {
	case t.Name == string(TypeRelations):
		return []string{RelationsField}
	case t.Primary:
		return []string{wire, strings.TrimSuffix(wire, "s")}
	}
	return []string{wire}
}

// Read reads the value of a field by its codec, its type and its name on the wire. A side
// of a type's relations stands one level deeper; of a list of links the primary one, which
// the portal names in the single field beside it, comes first.
func (r Row) Read(c value.Codec, t value.Type, wire string) (value.Value, error) {
	if t.Name == string(TypeRelations) {
		relations, err := DecodeRow(r[RelationsField])
		if err != nil {
			return value.Value{}, err
		}
		return c.Read(relations[wire])
	}
	live, err := c.Read(r[wire])
	if err != nil || !t.Primary {
		return live, err
	}
	links, primary := live.Entries(), r.Text(strings.TrimSuffix(wire, "s"))
	if i := slices.IndexFunc(links, func(v value.Value) bool { return v.Text == primary }); i > 0 {
		first := links[i]
		links = slices.Insert(slices.Delete(links, i, i+1), 0, first)
	}
	return value.Listed(links...), nil
}
