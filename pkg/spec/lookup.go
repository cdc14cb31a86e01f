package spec

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// LookupResource gives a record that declares just what is looked for; it has no name.
func (s *Set) LookupResource(l value.Lookup) *Resource {
	r := &Resource{Kind: s.Kinds.OfSpace(l.Space), Pos: l.Pos}
	if r.Kind.Space == "" {
		r.Type, r.TypePos = l.Space, l.Pos
	}
	var fields []value.Field
	for _, f := range l.Fields {
		if name := DeclaredAs(f.Name); name == "emails" || name == "phones" {
			f.Name, f.Value = name, value.Node{Kind: value.List, Items: []value.Node{f.Value}, Pos: f.Value.Pos}
		}
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b value.Field) int { return strings.Compare(a.Name, b.Name) })
	r.Declare(fields, nil)
	return r
}

// Lookups lists the lookups in a resource's fields, wherever a link can stand.
func (r *Resource) Lookups() []value.Lookup {
	if !r.Outline().Has("lookup") {
		return nil
	}
	var out []value.Lookup
	fields, parts := r.declared.unpack()
	for _, f := range fields {
		out = appendLookups(out, f.Value)
	}
	for _, part := range parts {
		out = appendLookups(out, part.Value)
	}
	return out
}

func appendLookups(out []value.Lookup, v value.Node) []value.Lookup {
	if l, ok := v.Lookup(); ok {
		return append(out, l)
	}
	for _, item := range v.Items {
		out = appendLookups(out, item)
	}
	for _, p := range v.Pairs {
		out = appendLookups(out, p.Value)
	}
	return out
}

// checkUserLookups checks the lookups in user fields, whose types only the portal
// knows.
func (d *document) checkUserLookups(fields []value.Field) {
	var check func(name string, v value.Node)
	check = func(name string, v value.Node) {
		if _, ok := v.Lookup(); ok {
			d.checkLookup(name, v)
		}
		for _, item := range v.Items {
			check(name, item)
		}
	}
	for _, f := range fields {
		if _, known := d.rule(f.Name); !known {
			check(f.Name, f.Value)
		}
	}
}

// checkLookup checks the form of a {lookup: …} as far as one document shows it. It
// gives what makes it the same as another, "" if it was refused.
func (d *document) checkLookup(name string, v value.Node) string {
	l, ok := v.Lookup()
	if !ok {
		d.problem(v.Pos, "", "lookup", value.Say("write-lookup"), value.Say("is-no-lookup", value.T("field", name)))
		return ""
	}
	kind := d.kinds.OfSpace(l.Space)
	if !kind.HasFields() {
		d.problem(l.Pos, "", "lookup", value.Say("write-kind-such-as-contact"), value.Say("lookup-has-no-records", value.T("field", name), value.T("kind", quote(l.Space))))
		return ""
	}
	for _, f := range l.Fields {
		if !d.checkLookupField(name, kind, f) {
			return ""
		}
	}
	return l.Key()
}

// lookedUpBy is FieldHint for a lookup, which names one e-mail or phone.
func lookedUpBy(kind *kind.Kind, field string) value.Message {
	hint := FieldHint(kind, field)
	for _, one := range []string{"email", "phone"} {
		if hint.Equal(didYouMean(quote(one + "s"))) {
			return didYouMean(quote(one))
		}
	}
	return hint
}

func (d *document) checkLookupField(name string, of *kind.Kind, f value.Field) bool {
	field := DeclaredAs(f.Name)
	rule, known := of.Field(field)
	switch {
	case !known && of.OlderName(field) != "":
		d.problem(f.Pos, f.Name, "lookup", lookedUpBy(of, field),
			value.Say("lookup-no-such-field", value.T("field", name), value.K("kinds", of.Name, of.Plural), value.T("name", quote(f.Name))))
	case !known && !userField.MatchString(field) && !parentField.MatchString(field):
		hint := value.Say("lookup-names-fields")
		var names []string
		for _, r := range of.Fields {
			names = append(names, r.Name)
		}
		if near, ok := Suggest(f.Name, names); ok {
			hint = didYouMean(quote(near))
		}
		hint = lookedUpBy(of, field).Or(hint)
		d.problem(f.Pos, f.Name, "lookup", hint, value.Say("lookup-no-such-field", value.T("field", name), value.K("kinds", of.Name, of.Plural), value.T("name", quote(f.Name))))
	case field == "stageId" || rule.Multiple || rule.Multi != "" && field == f.Name || rule.Multi == "WEB" || rule.Multi == "IM" ||
		slices.Contains([]kind.FieldType{kind.TypeMarkup, kind.TypeFile, kind.TypeParents, kind.TypeMultifield, kind.TypePrice}, rule.Type) && rule.Multi == "":
		hint := value.Say("look-up-by-searchable")
		d.problem(f.Pos, f.Name, "lookup", hint, value.Say("lookup-not-searchable", value.T("field", name), value.T("name", f.Name)))
	case f.Value.Kind != value.Scalar || strings.TrimSpace(f.Value.Text) == "":
		d.problem(f.Pos, f.Name, "lookup", value.Say("write-one-text-number-id"), value.Say("lookup-is-not-one-value", value.T("field", name), value.T("name", f.Name)))
	default:
		return true
	}
	return false
}

// checkLookups checks the lookups of a resource against the declared smart
// processes, and that they find what their field takes.
func (l *linker) checkLookups(r *Resource, fields, parts []value.Field) {
	for _, f := range fields {
		rule, known := r.Kind.Field(f.Name)
		switch {
		case rule.Type == kind.TypeParents:
			for _, p := range f.Value.Pairs {
				space, _ := l.space(p.Key)
				l.checkLookupsIn("parents."+p.Key, space, p.Value)
			}
		case known && linkSpace(l.kinds, rule) != "":
			l.checkLookupsIn(f.Name, linkSpace(l.kinds, rule), f.Value)
		case !known && parentField.MatchString(f.Name):
			space, _ := l.space(strings.TrimPrefix(f.Name, "parentId"))
			l.checkLookupsIn(f.Name, space, f.Value)
		default:
			l.checkLookupsIn(f.Name, "", f.Value)
		}
	}
	for _, f := range parts {
		part, _ := r.Kind.Part(f.Name)
		l.checkPartLookups(part, f)
	}
}

// checkPartLookups checks the lookups in the entries of a part.
func (l *linker) checkPartLookups(part kind.Part, f value.Field) {
	for _, entry := range f.Value.Items {
		for _, p := range entry.Pairs {
			if rule, ok := part.Column(p.Key); ok && linkSpace(l.kinds, rule) != "" {
				l.checkLookupsIn(f.Name+"."+p.Key, linkSpace(l.kinds, rule), p.Value)
			}
		}
	}
}

// checkLookupsIn checks the lookups in a value; takes is the space that the field
// links to, "" for any.
func (l *linker) checkLookupsIn(field, takes string, v value.Node) {
	for _, k := range appendLookups(nil, v) {
		space, known := l.space(k.Space)
		if of := l.kinds.BySpace(k.Space); of != nil && of.Class == kind.ClassCatalog {
			space, known = of.Space, true
		}
		switch {
		case !known && l.complete:
			l.problem(k.Pos, "lookup", "lookup", l.entityHint(k.Space), value.Say("lookup-no-such-kind", value.T("field", field), value.T("kind", quote(k.Space))))
		case known && takes != "" && space != takes:
			hint := value.Say("look-up-kind", value.T("kind", takes))
			if l.kinds.OfSpace(takes).Class == kind.ClassCatalog {
				hint = value.Say("write-ref-to-catalogue")
			}
			l.problem(k.Pos, "lookup", "lookup", hint, value.Say("lookup-of-other-kind", value.T("field", field), value.T("takes", takes), value.T("kind", k.Space)))
		}
	}
}
