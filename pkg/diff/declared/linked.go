package declared

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// CanLink tells whether values of a field can link to records.
func (v *View) CanLink(tg *Target) bool {
	_, isLink := v.Meta.LinkTarget(kind.FieldType(tg.Type.Public()), tg.Wire)
	return isLink || tg.Type.Name == string(kind.TypeCRM)
}

// PlainLinks gives the records that a declared value names by their ids. What is wrong
// with the value is Compute's to say.
func (v *View) PlainLinks(r *spec.Resource, tg Target) []kind.RecordID {
	if !v.CanLink(&tg) || !namesID(tg.Value) {
		return nil
	}
	want, err := tg.Codec.Parse(v.Scope(v.TypeOf(r)).Names(), tg.Value)
	if err != nil {
		return nil
	}
	return v.Meta.LinksOf(tg.Type, tg.Wire, want)
}

// namesID tells whether a value holds digits in the place of a link.
func namesID(v value.Node) bool {
	if v.Kind == value.Scalar {
		return strings.ContainsAny(v.Text, "0123456789")
	}
	return slices.ContainsFunc(v.Members(), namesID) || slices.ContainsFunc(v.Pairs, func(p value.Pair) bool { return p.Key != "ref" && p.Key != "lookup" && namesID(p.Value) })
}
