package diff

import (
	"encoding/json"

	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// Types that every plan has.
var (
	textType    = kind.TypeString.ValueType()
	integerType = kind.TypeInteger.ValueType()
	booleanType = kind.TypeBoolean.ValueType()
)

// read reads the field's live value for a plan, with what was read of its files.
func (tg *target) read(s *meta.Scope, row kind.Row) (value.Value, error) {
	live, err := row.Read(tg.codec, tg.typ, tg.wire)
	if err == nil && tg.codec.Traits().File && s.Meta != nil {
		live, err = s.Meta.Recall(live)
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
