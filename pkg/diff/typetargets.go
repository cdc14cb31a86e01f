package diff

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// typeTargets gives the declared properties of an SPA with their codecs.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
func typeTargets(r *spec.Resource) []target {
	var out []target
	for _, f := range r.Fields() {
		tg := target{name: f.Name, wire: f.Name, value: f.Value, pos: f.Pos}
		tg.rule, _ = r.Kind.Field(f.Name)
		switch {
		case tg.rule.Type == kind.TypeRelations:
			for _, side := range f.Value.Pairs {
				sub := tg
				sub.rule, sub.typ = kind.Rule{Name: f.Name}, relationsType
				sub.name, sub.wire = f.Name+"."+side.Key, side.Key
				sub.value, sub.pos = side.Value, side.Pos
				out = append(out, sub)
			}
			continue
		case f.Name == "entityTypeId":
			tg.typ = kind.Integers
		case strings.HasPrefix(f.Name, "is"):
			tg.typ = kind.Booleans
		default:
			tg.typ = kind.Texts
		}
		out = append(out, tg)
	}
	for i := range out {
		out[i].codec = value.MustCodecOf(out[i].typ)
	}
	return out
}

// relationsType is that of one side of the relations of a type.
var relationsType = kind.TypeRelations.ValueType()
