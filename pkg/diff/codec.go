package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// resources are the declared ones, as far as values lead to them.
type resources interface {
	// TypeNamed gives the entity type of a declared smart process: its number, 0 as long as it
	// has none, and its address, "" if none is declared by the name.
	TypeNamed(name string) (entityTypeID int, declared value.Address)
	// LookedUp gives the link to the one live record that a look-up finds.
	LookedUp(value.Lookup) (value.Value, error)
	// FileOf describes the attachment that a {file: …} names; it is empty if there is none.
	FileOf(value.Node) value.Value
	// TimeZone is the name of the project's zone.
	TimeZone() string
}

// A scope is what names in values are looked for in: what the portal calls things, as records
// of one entity type may name them.
type scope struct {
	meta         *Meta
	resources    resources                       // nil where values lead to none
	lists        lists        // the lists of names that were made; nil where each is made anew
	ids          func(value.Address) (int, bool) // the id of a declared resource that is live
	entityTypeID int
	stages       stageScope
	held         []string // ids that the field of the record has, which may be named although the portal has them no more
}

// Types that every plan has.
var (
	textType    = kind.TypeString.ValueType()
	integerType = kind.TypeInteger.ValueType()
	booleanType = kind.TypeBoolean.ValueType()
)

// read reads the field's live value for a plan, with what was read of its files.
func (tg *target) read(s *scope, row kind.Row) (value.Value, error) {
	live, err := row.Read(tg.codec, tg.typ, tg.wire)
	if err == nil && tg.codec.Traits().File && s.meta != nil {
		live, err = s.meta.recall(live)
	}
	return live, err
}

func yn(raw json.RawMessage) string {
	if value.IsYes(raw) {
		return "Y"
	}
	return "N"
}

// isDeclaredYes tells whether a declared value says yes; ok is false if it is no flag.
func isDeclaredYes(v value.Node) (yes, ok bool) {
	flag, err := value.MustCodecOf(booleanType).Parse(nil, v)
	return flag.Text == "Y", err == nil
}

// isProducts tells whether a type is that of product rows.
func isProducts(t value.Type) bool { return t.Name == string(kind.TypeProducts) }
