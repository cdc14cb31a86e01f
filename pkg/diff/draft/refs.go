package draft

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// Without leaves out of some dependencies those that only a step has.
func Without(deps, step, other []value.Address) []value.Address {
	late, kept := asSet(step), asSet(other)
	return slices.DeleteFunc(slices.Clone(deps), func(a value.Address) bool { return late[a] && !kept[a] })
}

// SentRefs lists what a change refers to by the fields that it sends and by its type,
// those aside that are put off.
func SentRefs(ch *plan.Change, r *spec.Resource, deferred map[string]bool) []value.Address {
	out := []value.Address{value.NewAddress("spa", r.Type)}
	for _, d := range ch.Fields {
		if !deferred[d.Name] {
			out = append(out, d.Parent)
			out = append(out, fieldRefs(r, d.Name)...)
		}
	}
	return out
}

// fieldRefs lists what a declared field refers to, an entry of parents by its own name.
func fieldRefs(r *spec.Resource, name string) []value.Address {
	field, key, _ := strings.Cut(name, ".")
	f, _ := r.Field(field)
	value := f.Value
	if key != "" {
		value, _ = value.Get(key)
	}
	return RefsIn(nil, value)
}

// RefsIn adds every reference inside a value.
func RefsIn(out []value.Address, v value.Node) []value.Address {
	if ref, ok := v.Ref(); ok {
		return append(out, ref)
	}
	for _, item := range v.Items {
		out = RefsIn(out, item)
	}
	for _, p := range v.Pairs {
		out = RefsIn(out, p.Value)
	}
	return out
}
