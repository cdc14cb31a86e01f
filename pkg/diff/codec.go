package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// scope is what names in values are looked for in.
type scope struct {
	view         *view
	meta         *Meta
	ids          func(value.Address) (int, bool) // ids of declared resources that are live
	entityTypeID int
	stages       stageScope
	held         []string // ids that the field of the record has, which may be named although the portal has them no more
}

// Types that every plan has.
var (
	textType    = typeNamed(kind.TypeString)
	integerType = typeNamed(kind.TypeInteger)
	booleanType = typeNamed(kind.TypeBoolean)
)

func typeNamed(t kind.FieldType) value.Type { return value.Type{Name: string(t)} }

// read reads a field's live value for a plan, with what was read of its files.
func (s *scope) read(tg *target, row kind.Row) (value.Value, error) {
	live, err := row.Read(tg.codec, tg.typ, tg.wire)
	if err == nil && tg.codec.Traits().File && s.view != nil {
		live, err = s.view.recall(live)
	}
	return live, err
}

// remedied gives a fault another remedy, unless that is zero.
func remedied(err error, remedy value.Message) error {
	if f, ok := err.(*value.Fault); ok {
		f.Hint = remedy.Or(f.Hint)
	}
	return err
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
