package spec

import (
	"slices"
	"strings"

	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/value"
)

// maxSearches bounds how often the nearest addresses are looked for: a wrong
// folder makes every reference wrong, and each search reads all addresses.
const maxSearches = 20

// A linker checks what only all documents together show: that addresses are
// unique, references declared and fitting, and dependencies without a cycle.
type linker struct {
	kinds     *kind.Table
	resources []*Resource
	sources   map[string]*source
	complete  bool // every document was read, so what is not here is not declared
	byAddress map[value.Address]*Resource
	types     []*Resource                   // the declared smart processes
	byEntity  map[string]*Resource          // and by their entityTypeId
	firm      map[*Resource][]value.Address // dependencies that cannot be filled in later
	searches  int
	rejected  map[*Resource]Problems // rows that are not declared, and why
	deps      []value.Address        // of the resource that is looked at; see follow
	linked    []link                 // the same, as they are written
	problems  Problems
}

// A link is one dependency that a resource declares.
type link struct {
	field  string // as messages name it
	target value.Address
	space  string // the space that the field takes; "" for records of any kind
	at     value.Pos
	firm   bool // it must be there when the resource is created
}

func (l *linker) problem(p value.Pos, text, rule string, hint, message value.Message) {
	r := report{src: l.sources[p.File]}
	r.problem(p, text, rule, hint, message)
	l.problems = append(l.problems, r.problems...)
}

// link fills in the resources' Deps and reports what is wrong.
func (l *linker) link() Problems {
	l.index()
	for _, r := range l.types {
		l.checkType(r)
	}
	var room Room
	for _, r := range l.resources {
		fields, parts := room.unpack(r.declared)
		before := len(l.problems)
		if r.Type != "" {
			l.checkItemType(r, fields, parts)
		}
		l.checkParentsOnce(r, fields)
		l.checkLookups(r, fields, parts)
		l.follow(r, fields, parts)
		l.passes(r, before)
	}
	l.dropRows()
	l.findCycles()
	return l.problems
}

// follow fills in what a resource depends on.
func (l *linker) follow(r *Resource, fields, parts []value.Field) {
	l.deps = l.deps[:0]
	l.linked = l.links(r, fields, parts)
	for _, k := range l.linked {
		if l.checkTarget(k) {
			l.deps = append(l.deps, l.byAddress[k.target].Address) // one copy of the text
			l.noteFirm(r, k)
		}
	}
	if len(l.deps) > 0 {
		slices.Sort(l.deps)
		r.Deps = slices.Clone(slices.Compact(l.deps))
	}
}

// index makes the maps, in source order so that the first declaration counts.
func (l *linker) index() {
	slices.SortFunc(l.resources, func(a, b *Resource) int { return a.Pos.Compare(b.Pos) })
	l.byAddress = make(map[value.Address]*Resource, len(l.resources))
	for _, r := range l.resources {
		if first, ok := l.byAddress[r.Address]; ok {
			before := len(l.problems)
			l.problem(r.Pos, r.Name, "address", value.Say("rename-one-of-them"), value.Say("declared-twice", value.T("resource", r.Address), value.T("at", first.Pos.String())))
			l.passes(r, before)
			continue
		}
		l.byAddress[r.Address] = r
		if r.Kind.Class == kind.ClassType {
			l.types = append(l.types, r)
		}
	}
	l.byEntity = l.indexTypes("entityTypeId")
	l.indexTypes("code")
}

// indexTypes maps the smart processes by a field that identifies them, and
// reports two with the same.
func (l *linker) indexTypes(field string) map[string]*Resource {
	index := map[string]*Resource{}
	for _, r := range l.types {
		f, ok := r.Field(field)
		if !ok || f.Value.Kind != value.Scalar || f.Value.Text == "" {
			continue
		}
		if first := index[f.Value.Text]; first != nil {
			l.problem(f.Value.Pos, f.Value.Text, "duplicate",
				value.Say("give-one-another", value.T("field", field)),
				value.Say("same-field-twice", value.T("first", first.Address), value.T("second", r.Address), value.T("field", field)))
			continue
		}
		index[f.Value.Text] = r
	}
	return index
}

// spa finds the declared smart process that a text names, by its name or by its
// entityTypeId, or nil.
func (l *linker) spa(text string) *Resource {
	if r := l.byAddress[value.NewAddress("spa", text)]; r != nil {
		return r
	}
	return l.byEntity[text]
}

// space gives the space of the records that a text names: a kind, a declared
// smart process or an entityTypeId; false for anything else.
func (l *linker) space(text string) (string, bool) {
	if s := l.kinds.RecordSpace(text); s != "" {
		return s, true
	}
	if r := l.spa(text); r != nil {
		return r.Address.Name(), true
	}
	return text, digits.MatchString(text)
}

// linkSpace gives the space that a link field takes, "" for other types.
func linkSpace(kinds *kind.Table, rule kind.Rule) string { return kinds.LinkSpace(rule) }

// links lists what a resource's fields and type depend on.
func (l *linker) links(r *Resource, fields, parts []value.Field) []link {
	out := l.linked[:0]
	if r.Type != "" {
		if t := l.spa(r.Type); t != nil {
			out = append(out, link{"type", t.Address, "spa", r.TypePos, true})
		}
	}
	for _, f := range fields {
		rule, known := r.Kind.Field(f.Name)
		switch {
		case rule.Type == kind.TypeParents:
			out = append(out, l.parentLinks(f)...)
		case rule.Type == kind.TypeRelations:
			out = append(out, l.relationLinks(f)...)
		case !known && parentField.MatchString(f.Name):
			space, _ := l.space(strings.TrimPrefix(f.Name, "parentId"))
			out = appendRefs(out, f.Name, space, f.Value)
		case !known:
			out = appendRefs(out, f.Name, "", f.Value)
		case linkSpace(l.kinds, rule) != "":
			out = appendRefs(out, f.Name, linkSpace(l.kinds, rule), f.Value)
		}
		if rule.Immutable || rule.Firm {
			for i := range out {
				out[i].firm = out[i].firm || out[i].field == f.Name
			}
		}
	}
	return append(out, l.partLinks(r, parts)...)
}

// appendRefs adds the refs in a value or in the entries of a list.
func appendRefs(out []link, field, space string, v value.Node) []link {
	if target, ok := v.Ref(); ok {
		if ref := v.Pairs[0].Value; isAddress(ref.Text) {
			out = append(out, link{field, target, space, ref.Pos, false})
		}
	}
	for _, item := range v.Members() {
		out = appendRefs(out, field, space, item)
	}
	return out
}

func isAddress(text string) bool {
	space, name, ok := strings.Cut(text, "/")
	return ok && isName(space) && value.IsName(name)
}

func (l *linker) parentLinks(f value.Field) []link {
	var out []link
	for _, p := range f.Value.Pairs {
		space, ok := l.space(p.Key)
		if !ok {
			continue // checkParentsOnce says so
		}
		if t := l.spa(p.Key); t != nil {
			out = append(out, link{"parents", t.Address, "spa", p.Pos, true})
		}
		out = appendRefs(out, "parents."+p.Key, space, p.Value)
	}
	return out
}

func (l *linker) relationLinks(f value.Field) []link {
	var out []link
	for _, entity := range relationEntities(f) {
		if t := l.spa(entity.Text); t != nil {
			out = append(out, link{"relations", t.Address, "spa", entity.Pos, true})
		}
	}
	return out
}

// relationEntities lists the values that name an entity type in relations.
func relationEntities(f value.Field) []value.Node {
	var out []value.Node
	for _, side := range f.Value.Pairs {
		out = append(out, sideEntities(side.Value)...)
	}
	return out
}

// sideEntities gives the entity types that one side of relations names.
func sideEntities(side value.Node) []value.Node {
	var out []value.Node
	for _, entry := range side.Items {
		if named, ok := entry.Get("entity"); ok {
			entry = named
		}
		if entry.Kind == value.Scalar {
			out = append(out, entry)
		}
	}
	return out
}

// checkTarget tells whether a link's target is declared and fits the field.
func (l *linker) checkTarget(k link) bool {
	space, _ := k.target.Split()
	switch {
	case k.space == "" && space == "spa":
		l.problem(k.at, string(k.target), "reference", value.Say("refer-to-item"), value.Say("ref-is-type", value.T("field", k.field), value.T("resource", k.target)))
		return false
	case k.space != "" && space != k.space:
		var hint value.Message
		if fitting := value.NewAddress(k.space, k.target.Name()); l.byAddress[fitting] != nil {
			hint = didYouMean(string(fitting))
		}
		l.problem(k.at, string(k.target), "reference", hint, value.Say("ref-of-other-kind", value.T("field", k.field), value.T("takes", k.space), value.T("resource", k.target)))
		return false
	case l.byAddress[k.target] != nil:
		return true
	case l.complete:
		l.problem(k.at, string(k.target), "reference", l.nearHint(k), value.Say("ref-not-declared", value.T("field", k.field), value.T("resource", k.target)))
	}
	return false
}

func (l *linker) nearHint(k link) value.Message {
	otherwise := value.Say("declare-or-write-id")
	if l.searches++; l.searches > maxSearches {
		return otherwise
	}
	var declared []string
	for a := range l.byAddress {
		if space, _ := a.Split(); k.space == "" || space == k.space {
			declared = append(declared, string(a))
		}
	}
	switch near := value.Nearest(string(k.target), declared, 3); len(near) {
	case 0:
		return otherwise
	case 1:
		return didYouMean(near[0])
	default:
		return value.Say("did-you-mean-one-of", value.L("names", near))
	}
}

// checkParentsOnce checks that the keys of parents name entity types and that no
// parent is declared twice, be it as parentId2.
func (l *linker) checkParentsOnce(r *Resource, fields []value.Field) {
	seen := map[string]string{}
	once := func(text, shown string, p value.Pos) {
		space, ok := l.space(text)
		if !ok {
			if l.complete {
				l.problem(p, text, "reference", l.entityHint(text), value.Say("parents-no-such-kind", value.T("kind", quote(text))))
			}
			return
		}
		if first, ok := seen[space]; ok {
			l.problem(p, shown, "duplicate", value.Say("keep-one-of-two"), value.Say("same-parent", value.T("first", first), value.T("second", shown)))
		}
		seen[space] = shown
	}
	for _, f := range fields {
		if n, ok := strings.CutPrefix(f.Name, "parentId"); ok && parentField.MatchString(f.Name) {
			once(n, f.Name, f.Pos)
		}
		if rule, ok := r.Kind.Field(f.Name); ok && rule.Type == kind.TypeParents {
			for _, p := range f.Value.Pairs {
				once(p.Key, "parents."+p.Key, p.Pos)
			}
		}
	}
}

// entityHint says what could have been meant by the name of an entity type.
func (l *linker) entityHint(text string) value.Message {
	var names []string
	for _, k := range l.kinds.All() {
		if k.EntityTypeID != 0 {
			names = append(names, k.Space)
		}
	}
	for _, r := range l.types {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if near, ok := Suggest(text, names); ok {
		return didYouMean(quote(near))
	}
	return value.Say("spa-by-entity-type-id", value.L("names", listed(names)))
}
