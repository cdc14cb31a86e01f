package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/b24apply/b24apply/pkg/value"
)

// checkType checks a smart process against the others and against what the
// portal allows.
func (l *linker) checkType(r *Resource) {
	switch {
	case digits.MatchString(r.Name):
		l.problem(r.Pos, r.Name, "address", value.Say("give-name-with-letter"), value.Say("spa-name-of-digits", value.T("name", quote(r.Name))))
	case l.kinds.BySpace(r.Name) != nil:
		l.problem(r.Pos, r.Name, "address", value.Say("give-another-name"), value.Say("spa-name-of-kind", value.T("name", quote(r.Name)), value.T("space", strings.ToLower(r.Name))))
	}
	if f, ok := r.Field("entityTypeId"); ok && f.Value.Kind == value.Scalar && digits.MatchString(f.Value.Text) {
		l.checkEntityTypeID(f)
	}
	if f, ok := r.Field("relations"); ok {
		l.checkRelations(f)
		l.checkRelationSides(r, f)
	}
}

// checkEntityTypeID checks the range in which types are made: 128…192, or even
// numbers from 1030, since each odd one belongs to the recycle bin of a type.
// Source: api-reference/crm/universal/user-defined-object-types/crm-type-add.md.
func (l *linker) checkEntityTypeID(f value.Field) {
	n, _ := strconv.Atoi(f.Value.Text)
	if n < 128 || n > 192 && n < 1030 || n > 192 && n%2 != 0 {
		l.problem(f.Value.Pos, f.Value.Text, "schema", value.Say("range-of-entity-type-ids"), value.Say("entity-type-id-out-of-range", value.N("id", n)))
	}
}

// checkRelations checks that the entries name entity types.
func (l *linker) checkRelations(f value.Field) {
	for _, entity := range relationEntities(f) {
		if _, ok := l.space(entity.Text); !ok && l.complete {
			l.problem(entity.Pos, entity.Text, "reference", l.entityHint(entity.Text), value.Say("relations-no-such-kind", value.T("kind", quote(entity.Text))))
		}
	}
}

// checkRelationSides refuses a relation that one SPA declares and the other leaves
// out of its own whole set: each apply would undo what the one before did.
func (l *linker) checkRelationSides(r *Resource, f value.Field) {
	for _, pair := range [][2]string{{"parent", "child"}, {"child", "parent"}} {
		side, opposite := pair[0], pair[1]
		declared, _ := f.Value.Get(side)
		for _, entity := range sideEntities(declared) {
			other := l.spa(entity.Text)
			if other == nil || other == r {
				continue
			}
			relations, _ := other.Field("relations")
			set, whole := relations.Value.Get(opposite)
			if !whole || slices.ContainsFunc(sideEntities(set), func(v value.Node) bool { return l.spa(v.Text) == r }) {
				continue
			}
			l.problem(entity.Pos, entity.Text, "reference",
				value.Say("relation-on-one-side", value.T("side", opposite), value.T("other", other.Address)),
				value.Say("relation-left-out", value.T("other", other.Address), value.T("side", opposite), value.T("resource", r.Address)))
		}
	}
}

// checkItemType checks an SPA item against the type that it belongs to.
func (l *linker) checkItemType(r *Resource, fields, parts []value.Field) {
	t := l.spa(r.Type)
	switch {
	case t == nil:
		if !digits.MatchString(r.Type) && l.complete {
			l.problem(r.TypePos, r.Type, "reference", l.entityHint(r.Type), value.Say("type-not-declared", value.T("type", quote(r.Type))))
		}
		return
	case digits.MatchString(r.Type):
		l.problem(r.TypePos, r.Type, "reference", value.Say("write-type", value.T("name", t.Name)), value.Say("type-by-its-id", value.T("type", r.Type), value.T("resource", t.Address)))
		return
	}
	l.checkPartFlags(r, t, parts)
	for _, f := range fields {
		rule, _ := r.Kind.Field(f.Name)
		flag, ok := t.Field(rule.Flag)
		if rule.Flag != "" && ok && isFalse(flag.Value.Text) {
			l.problem(f.Pos, f.Name, "reference", value.Say("turn-on-or-remove"), value.Say("turned-off-by-type", value.T("field", f.Name), value.T("type", t.Address), value.T("flag", rule.Flag)))
		}
	}
}

func isFalse(text string) bool {
	switch strings.ToLower(text) {
	case "false", "no", "n":
		return true
	}
	return false
}
