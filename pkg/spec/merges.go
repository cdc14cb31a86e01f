package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/value"
)

// followMerges makes what refers to a record that is gone mean the one that it has
// become, and drops the manifest of the first one, if it is still there: its values
// would fight with those of the second. What is wrong with a Merged is checkHistory's
// to say.
func (l *loader) followMerges() {
	into := make(map[value.Address]value.Address)
	for _, f := range l.formers {
		if f.Merged {
			into[f.Address] = f.To
		}
	}
	if len(into) == 0 {
		return
	}
	ends := newChains(into)
	end := func(a value.Address) value.Address {
		if end, circle := ends.end(a); !circle {
			return end
		}
		return a
	}
	l.resources = slices.DeleteFunc(l.resources, func(r *Resource) bool {
		to, merged := into[r.Address]
		if merged {
			k := &linker{sources: l.sources}
			k.problem(r.Pos, r.Name, "merge", value.Say("remove-merged", value.T("to", to)), value.Say("merged-and-declared", value.T("from", r.Address), value.T("to", to)))
			k.problems[0].Severity = SeverityWarning
			l.refuse(k.problems...)
		}
		return merged
	})
	for _, r := range l.resources {
		fields, parts := r.declared.unpack()
		changed := false
		for _, f := range slices.Concat(fields, parts) {
			changed = redirect(f.Value, end) || changed
		}
		if changed {
			r.Declare(fields, parts)
		}
	}
}

// redirect makes the refs in a value lead on, and tells whether one does.
func redirect(v value.Node, end func(value.Address) value.Address) (changed bool) {
	if ref, ok := v.Ref(); ok {
		to := end(ref)
		if changed = to != ref; changed {
			v.Pairs[0].Value.Text = string(to)
		}
		return changed
	}
	for _, item := range v.Items {
		changed = redirect(item, end) || changed
	}
	for _, p := range v.Pairs {
		changed = redirect(p.Value, end) || changed
	}
	return changed
}
