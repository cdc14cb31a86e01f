package diff

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
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

// noNames names nothing but what Bitrix24 itself does, for values that are read while a
// plan is carried out.
var noNames = (&scope{meta: &Meta{}}).names()

// codecOf gives the codec of a field of a plan.
func codecOf(d *FieldDiff) value.Codec { return value.MustCodecOf(d.Type) }

// Types that every plan has.
var (
	textType    = typeNamed(kind.TypeString)
	integerType = typeNamed(kind.TypeInteger)
	booleanType = typeNamed(kind.TypeBoolean)
)

func typeNamed(t kind.FieldType) value.Type { return value.Type{Name: string(t)} }

// reported is the type of a field as reports name it.
func reported(t value.Type) kind.FieldType { return kind.FieldType(t.Public()) }

// wireOf is what a request carries to give a field its declared value.
func wireOf(d *FieldDiff) any { return withContents(codecOf(d).Wire(d.Want, d.Live)) }

// withContents puts attachments in place of what names them.
func withContents(wire any) any {
	switch w := wire.(type) {
	case value.Upload:
		return upload{spec.AttachmentOf(w.File)}
	case []any:
		for i := range w {
			w[i] = withContents(w[i])
		}
	}
	return wire
}

// readField reads a field's live value while a plan is carried out. What is known of its
// files is what the plan saw.
func readField(d *FieldDiff, row Row) (value.Value, error) {
	c := codecOf(d)
	live, err := readWith(c, d.Type, d.Name, d.Wire, row)
	if err == nil && c.Traits().File {
		live = value.Recall(live, d.Live.Recalled)
	}
	return live, err
}

// read reads a field's live value for a plan, with what was read of its files.
func (s *scope) read(tg *target, row Row) (value.Value, error) {
	live, err := readWith(tg.codec, tg.typ, tg.name, tg.wire, row)
	if err == nil && tg.codec.Traits().File && s.view != nil {
		live, err = s.view.recall(live)
	}
	return live, err
}

// readWith reads the value of a field. A side of a type's relations stands one level
// deeper; of a list of links the primary one, which the portal names in the single field
// beside it, comes first.
func readWith(c value.Codec, t value.Type, name, wire string, row Row) (value.Value, error) {
	if t.Name == string(kind.TypeRelations) {
		relations, err := decodeRow(row[relationsField])
		if err != nil {
			return value.Value{}, err
		}
		return c.Read(relations[wire])
	}
	live, err := c.Read(row[wire])
	if err != nil || !t.Primary {
		return live, err
	}
	links, primary := live.Entries(), row.Text(strings.TrimSuffix(wire, "s"))
	if i := slices.IndexFunc(links, func(v value.Value) bool { return v.Text == primary }); i > 0 {
		first := links[i]
		links = slices.Insert(slices.Delete(links, i, i+1), 0, first)
	}
	return value.Listed(links...), nil
}

// relationsField is the field of a type that holds both sides of its relations.
const relationsField = "relations"

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
