package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// An AdoptPolicy says what may become of a live record that match or metadata.ids
// finds and that does not carry the mark of its resource. The zero value leaves
// the choice to the project, whose default is AdoptUnowned.
type AdoptPolicy string

// The policies.
const (
	AdoptNever   AdoptPolicy = "never"     // a record that is found refuses the resource: it would be a duplicate
	AdoptUnowned AdoptPolicy = "ifUnowned" // it is taken over unless somebody owns it
	AdoptForce   AdoptPolicy = "force"     // it is taken over whoever owns it
)

// A MatchKey is one entry of spec.match: fields that, all together, tell a record
// from every other one. Names are as written; see DeclaredAs.
type MatchKey struct {
	Fields []string
	Pos    value.Pos
}

// An Identity is what a record declares beside its mark about how it is found.
type Identity struct {
	Match []MatchKey // spec.match, tried in order
	Adopt AdoptPolicy
	IDs   []value.Field // metadata.ids: the record's id by environment
}

// DefaultEnvironment is the key of metadata.ids where no environment is chosen.
const DefaultEnvironment = "default"

// ID gives the id that metadata.ids declares for an environment; nil stands for a
// run without one. It is 0 if none is declared.
func (i *Identity) ID(env *Environment) (id int, at value.Pos) {
	name := DefaultEnvironment
	if env != nil {
		name = env.Name
	}
	for _, f := range i.IDs {
		if f.Name == name {
			id, _ = strconv.Atoi(f.Value.Text)
			return id, f.Value.Pos
		}
	}
	return 0, value.Pos{}
}

// Pin declares the id of the record in an environment, over what the manifest says.
func (i *Identity) Pin(env *Environment, id int) {
	name := DefaultEnvironment
	if env != nil {
		name = env.Name
	}
	i.IDs = []value.Field{{Name: name, Value: value.Node{Kind: value.Scalar, Text: strconv.Itoa(id), Plain: true}}}
}

// DeclaredAs gives the field under which a name of match or lookup is declared:
// one e-mail of a record's emails is its email.
func DeclaredAs(name string) string {
	switch name {
	case "email":
		return "emails"
	case "phone":
		return "phones"
	}
	return name
}

// readIdentity fills in what a record says about how it is found, and checks what
// one document shows of it.
func (d *document) readIdentity(r *Resource, fields []value.Field) {
	metadata, _ := d.root.Get("metadata")
	body, _ := d.root.Get("spec")
	ids, _ := metadata.Get("ids")
	for _, p := range ids.Pairs {
		p.Value.Text = kept(p.Value.Text)
		r.Identity.IDs = append(r.Identity.IDs, value.Field{Name: p.Key, Value: p.Value, Pos: p.Pos})
	}
	adopt, _ := body.Get("adopt")
	r.Identity.Adopt = AdoptPolicy(kept(adopt.Text))
	match, _ := body.Get("match")
	for i, item := range match.Items {
		key := MatchKey{Pos: item.Pos}
		for j, name := range item.Items {
			path := []string{"spec", "match", strconv.Itoa(i), strconv.Itoa(j)}
			if name.Kind == value.Scalar && name.Text != "" && !d.isReported(path) {
				d.checked(path, func() { d.checkMatch(fields, name) })
				key.Fields = append(key.Fields, kept(name.Text))
			}
		}
		if len(key.Fields) > 0 {
			r.Identity.Match = append(r.Identity.Match, key)
		}
	}
}

// checkMatch checks one field of a match key: its declared value is what is looked
// for, so there must be one, and it must be one that a portal can be searched by.
func (d *document) checkMatch(fields []value.Field, name value.Node) {
	field := DeclaredAs(name.Text)
	declared, ok := declaredValue(fields, field)
	if side, _, is := declared.Membership(); is {
		declared = side // what the list is to hold is looked for
	}
	rule, _ := d.kind.Field(field)
	refuse := func(hint, message value.Message) { d.problem(name.Pos, name.Text, "match", hint, message) }
	switch {
	case !ok:
		refuse(value.Say("declare-or-match-otherwise"), value.Say("match-not-declared", d.shown("field", name)))
	case declared.Kind == value.Null || declared.Kind == value.List && len(declared.Items) == 0:
		refuse(value.Say("match-by-filled"), value.Say("match-declared-empty", value.T("field", name.Text)))
	case rule.Multi == "PHONE" || rule.Multi == "EMAIL":
	case field == "stageId" || rule.Type == kind.TypeMarkup || rule.Type == kind.TypeFile || rule.Type == kind.TypeParents || rule.Type == kind.TypePrice:
		refuse(value.Say("match-by-searchable"), value.Say("match-not-searchable", value.T("field", name.Text)))
	case declared.Kind == value.List || rule.Multiple || rule.Multi != "":
		refuse(value.Say("match-by-one-value"), value.Say("match-holds-several", value.T("field", name.Text)))
	}
}

// declaredValue finds the value that match means by a name: a field, or an entry of
// parents such as parents.deal.
func declaredValue(fields []value.Field, name string) (value.Node, bool) {
	parent, isParent := strings.CutPrefix(name, "parents.")
	for _, f := range fields {
		if f.Name == name {
			return f.Value, true
		}
		if isParent && f.Name == "parents" {
			return f.Value.Get(parent)
		}
	}
	return value.Node{}, false
}

// checkIDs checks that metadata.ids names environments of the project, and that one
// is chosen where it does: without it nobody knows which id is meant.
func (l *loader) checkIDs() {
	var names []string
	if l.project != nil {
		names = l.project.environmentNames()
	}
	for _, res := range l.resources {
		named := slices.ContainsFunc(res.Identity.IDs, func(f value.Field) bool { return f.Name == DefaultEnvironment })
		for _, f := range res.Identity.IDs {
			switch {
			case f.Name == DefaultEnvironment:
			case l.project != nil && !slices.Contains(names, f.Name):
				hint := value.Say("environments-and-default", value.L("names", names))
				if near, ok := Suggest(f.Name, names); ok {
					hint = didYouMean(quote(near))
				}
				l.refuseID(f, "identity", hint, value.Say("ids-no-such-environment", value.T("environment", quote(f.Name))))
			case l.env != nil || l.o.Env != "" || named:
			case l.project == nil:
				l.refuseID(f, "identity", value.Say("write-default-id", value.T("id", f.Value.Text)), value.Say("ids-without-project", value.T("environment", quote(f.Name))))
			default:
				l.refuseID(f, "environment", value.Say("choose-environment", value.L("names", names)), value.Say("ids-need-environment"))
			}
		}
	}
}

func (l *loader) refuseID(f value.Field, rule string, hint, message value.Message) {
	r := &report{src: l.sources[f.Pos.File]}
	r.problem(f.Pos, f.Name, rule, hint, message)
	l.refuse(r.problems...)
}
