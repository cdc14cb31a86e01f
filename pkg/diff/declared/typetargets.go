package declared

import (
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// TypeTargets gives the declared properties of an SPA with their codecs.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
func TypeTargets(r *spec.Resource) []Target {
	var out []Target
	for _, f := range r.Fields() {
		tg := Target{Name: f.Name, Wire: f.Name, Value: f.Value, Pos: f.Pos}
		tg.Rule, _ = r.Kind.Field(f.Name)
		switch {
		case tg.Rule.Type == kind.TypeRelations:
			for _, side := range f.Value.Pairs {
				sub := tg
				sub.Rule, sub.Type = kind.Rule{Name: f.Name}, relationsType
				sub.Name, sub.Wire = f.Name+"."+side.Key, side.Key
				sub.Value, sub.Pos = side.Value, side.Pos
				out = append(out, sub)
			}
			continue
		case f.Name == "entityTypeId":
			tg.Type = kind.Integers
		case strings.HasPrefix(f.Name, "is"):
			tg.Type = kind.Booleans
		default:
			tg.Type = kind.Texts
		}
		out = append(out, tg)
	}
	for i := range out {
		out[i].Codec = value.MustCodecOf(out[i].Type)
	}
	return out
}

// relationsType is that of one side of the relations of a type.
var relationsType = kind.TypeRelations.ValueType()
