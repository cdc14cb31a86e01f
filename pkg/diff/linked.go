package diff

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// canLink tells whether values of a field can link to records.
func (v *view) canLink(tg *target) bool {
	_, isLink := v.meta.LinkTarget(kind.FieldType(tg.typ.Public()), tg.wire)
	return isLink || tg.typ.Name == string(kind.TypeCRM)
}

// plainLinks gives the records that a declared value names by their ids. What is wrong
// with the value is Compute's to say.
func (v *view) plainLinks(r *spec.Resource, tg target) []kind.RecordID {
	if !v.canLink(&tg) || !namesID(tg.value) {
		return nil
	}
	want, err := tg.codec.Parse(v.scope(v.recordType(r)).Names(), tg.value)
	if err != nil {
		return nil
	}
	return v.meta.LinksOf(tg.typ, tg.wire, want)
}

// namesID tells whether a value holds digits in the place of a link.
func namesID(v value.Node) bool {
	if v.Kind == value.Scalar {
		return strings.ContainsAny(v.Text, "0123456789")
	}
	return slices.ContainsFunc(v.Members(), namesID) || slices.ContainsFunc(v.Pairs, func(p value.Pair) bool { return p.Key != "ref" && p.Key != "lookup" && namesID(p.Value) })
}
