package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// A Lookup is a link to the one live record whose fields have these values.
type Lookup = value.Lookup

// LookupResource gives a record that declares just what is looked for; it has no name.
func LookupResource(l Lookup) *Resource {
	r := &Resource{Kind: kindOfSpace(l.Space), Pos: l.Pos}
	if r.Kind.Space == "" {
		r.Type, r.TypePos = l.Space, l.Pos
	}
	var fields []Field
	for _, f := range l.Fields {
		if name := DeclaredAs(f.Name); name == "emails" || name == "phones" {
			f.Name, f.Value = name, Value{Kind: List, Items: []Value{f.Value}, Pos: f.Value.Pos}
		}
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	r.Declare(fields, nil)
	return r
}

// Lookups lists the lookups in a resource's fields, wherever a link can stand.
func (r *Resource) Lookups() []Lookup {
	var out []Lookup
	fields, parts := r.declared.unpack()
	for _, f := range fields {
		out = appendLookups(out, f.Value)
	}
	for _, part := range parts {
		out = appendLookups(out, part.Value)
	}
	return out
}

func appendLookups(out []Lookup, v Value) []Lookup {
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

const catalogLookupHint = "write {ref: …} to what is declared, or its id on the portal: only records of the CRM can be looked up"

const lookupHint = "a lookup is written {lookup: {contact: {email: jane@acme.example}}}"

// checkUserLookups checks the lookups in user fields, whose types only the portal
// knows.
func (d *document) checkUserLookups(fields []Field) {
	var check func(name string, v Value)
	check = func(name string, v Value) {
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
func (d *document) checkLookup(name string, v Value) string {
	l, ok := v.Lookup()
	if !ok {
		d.add(v.Pos, "", "lookup", lookupHint, "%s: this lookup does not name one kind and its fields", name)
		return ""
	}
	kind := kindOfSpace(l.Space)
	if !kind.HasFields() {
		d.add(l.Pos, "", "lookup", "write a kind of record such as contact, or the name of an SPA", "%s: %s has no records", name, quote(l.Space))
		return ""
	}
	for _, f := range l.Fields {
		if !d.checkLookupField(name, kind, f) {
			return ""
		}
	}
	return l.String()
}

// lookedUpBy is FieldHint for a lookup, which names one e-mail or phone.
func lookedUpBy(kind *Kind, field string) string {
	return strings.NewReplacer(`"emails"?`, `"email"?`, `"phones"?`, `"phone"?`).Replace(FieldHint(kind, field))
}

func (d *document) checkLookupField(name string, kind *Kind, f Field) bool {
	field := DeclaredAs(f.Name)
	rule, known := kind.Field(field)
	switch {
	case !known && olderName(kind, field) != "":
		d.add(f.Pos, f.Name, "lookup", lookedUpBy(kind, field), "%s: %s have no field %s", name, kind.Plural, quote(f.Name))
	case !known && !userField.MatchString(field) && !parentField.MatchString(field):
		hint := "fields are named as under fields:, user fields by their UPPER_CASE code; e-mails and phones are email and phone"
		var names []string
		for _, r := range kind.Fields {
			names = append(names, r.Name)
		}
		if near, ok := Suggest(f.Name, names); ok {
			hint = fmt.Sprintf("did you mean %s?", quote(near))
		}
		hint = cmp.Or(lookedUpBy(kind, field), hint)
		d.add(f.Pos, f.Name, "lookup", hint, "%s: %s have no field %s", name, kind.Plural, quote(f.Name))
	case field == "stageId" || rule.Multiple || rule.Multi != "" && field == f.Name || rule.Multi == "WEB" || rule.Multi == "IM" ||
		slices.Contains([]FieldType{TypeMarkup, TypeFile, TypeParents, TypeMultifield, TypePrice}, rule.Type) && rule.Multi == "":
		hint := "look it up by a text, a link, an email or a phone"
		d.add(f.Pos, f.Name, "lookup", hint, "%s: records cannot be looked up by %s", name, f.Name)
	case f.Value.Kind != Scalar || strings.TrimSpace(f.Value.Text) == "":
		d.add(f.Pos, f.Name, "lookup", "write one text, number or id", "%s: %s of the lookup is not one value", name, f.Name)
	default:
		return true
	}
	return false
}

// checkLookups checks the lookups of a resource against the declared smart
// processes, and that they find what their field takes.
func (l *linker) checkLookups(r *Resource, fields, parts []Field) {
	for _, f := range fields {
		rule, known := r.Kind.Field(f.Name)
		switch {
		case rule.Type == TypeParents:
			for _, p := range f.Value.Pairs {
				space, _ := l.space(p.Key)
				l.checkLookupsIn("parents."+p.Key, space, p.Value)
			}
		case known && linkSpaces(rule) != nil:
			l.checkLookupsIn(f.Name, linkSpaces(rule)[0], f.Value)
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
func (l *linker) checkPartLookups(part Part, f Field) {
	for _, entry := range f.Value.Items {
		for _, p := range entry.Pairs {
			if rule, ok := part.Column(p.Key); ok && linkSpaces(rule) != nil {
				l.checkLookupsIn(f.Name+"."+p.Key, linkSpaces(rule)[0], p.Value)
			}
		}
	}
}

// checkLookupsIn checks the lookups in a value; takes is the space that the field
// links to, "" for any.
func (l *linker) checkLookupsIn(field, takes string, v Value) {
	for _, k := range appendLookups(nil, v) {
		space, known := l.space(k.Space)
		if kind := kindBySpace(k.Space); kind != nil && kind.Class == ClassCatalog {
			space, known = kind.Space, true
		}
		switch {
		case !known && l.complete:
			l.add(k.Pos, "lookup", "lookup", l.entityHint(k.Space), "%s: %s is no kind and no declared SPA", field, quote(k.Space))
		case known && takes != "" && space != takes:
			hint := "look a " + takes + " up"
			if kindOfSpace(takes).Class == ClassCatalog {
				hint = catalogLookupHint
			}
			l.add(k.Pos, "lookup", "lookup", hint, "%s takes %s/…, not a %s", field, takes, k.Space)
		}
	}
}
