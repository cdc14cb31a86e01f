package spec

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// readParts takes the parts out of the spec and checks their entries, as far as the
// schema does not.
func (d *document) readParts() (parts []value.Field) {
	body, _ := d.root.Get("spec")
	for _, part := range d.kind.Parts {
		i := slices.IndexFunc(body.Pairs, func(p value.Pair) bool { return p.Key == part.Name })
		if i < 0 {
			continue
		}
		p := body.Pairs[i]
		parts = append(parts, value.Field{Name: p.Key, Value: p.Value, Pos: p.Pos})
		d.checkPart(part, p.Value, []string{"spec", part.Name})
	}
	return parts
}

// checkEntry checks one entry of a part; path leads to it.
func (d *document) checkEntry(part kind.Part, entry value.Node, path []string) {
	for _, p := range entry.Pairs {
		here := append(slices.Clone(path), p.Key)
		if rule, ok := part.Column(p.Key); ok && p.Value.Kind != value.Null && !d.isReported(here) {
			d.checkField(rule, value.Field{Name: p.Key, Value: p.Value, Pos: p.Pos}, here)
		}
		if i := slices.IndexFunc(part.Parts, func(inner kind.Part) bool { return inner.Name == p.Key }); i >= 0 {
			d.checkPart(part.Parts[i], p.Value, here)
		}
	}
	label := d.label(path)
	for _, group := range part.OneOf {
		if len(written(entry, group)) == 0 {
			d.problem(entry.Pos, "", "required", value.Say(part.OneOfHint), value.Say("one-is-missing", value.T("field", label), value.L("names", group)))
		}
	}
	for _, group := range part.NotBoth {
		if both := written(entry, group); len(both) > 1 {
			d.problem(both[1].Pos, both[1].Key, "duplicate",
				value.Say("keep-one-of-two"), value.Say("cannot-stand-beside", value.T("field", label), value.T("name", both[1].Key), value.T("other", both[0].Key)))
		}
	}
}

// written gives the pairs of a map whose keys are in a group.
func written(v value.Node, group []string) []value.Pair {
	var out []value.Pair
	for _, p := range v.Pairs {
		if slices.Contains(group, p.Key) {
			out = append(out, p)
		}
	}
	return out
}

// partLinks lists what the parts of a resource refer to.
func (l *linker) partLinks(r *Resource, parts []value.Field) []link {
	var out []link
	for _, f := range parts {
		part, _ := r.Kind.Part(f.Name)
		for _, entry := range f.Value.Items {
			for _, p := range entry.Pairs {
				if rule, ok := part.Column(p.Key); ok && linkSpace(l.kinds, rule) != "" {
					out = appendRefs(out, f.Name+"."+p.Key, linkSpace(l.kinds, rule), p.Value)
				}
			}
		}
	}
	return out
}

// checkPartFlags checks the parts of an SPA item against its declared type.
func (l *linker) checkPartFlags(r, t *Resource, parts []value.Field) {
	for _, f := range parts {
		part, _ := r.Kind.Part(f.Name)
		if flag, ok := t.Field(part.Flag); part.Flag != "" && ok && isFalse(flag.Value.Text) {
			l.problem(f.Pos, f.Name, "reference", value.Say("turn-on-or-remove"), value.Say("turned-off-by-type", value.T("field", f.Name), value.T("type", t.Address), value.T("flag", part.Flag)))
		}
	}
}
