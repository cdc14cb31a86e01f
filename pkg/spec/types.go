package spec

import (
	"slices"
	"strconv"
	"strings"
)

// checkType checks a smart process against the others and against what the
// portal allows.
func (l *linker) checkType(r *Resource) {
	switch {
	case digits.MatchString(r.Name):
		l.add(r.Pos, r.Name, "address", "give it a name with a letter", "SPA %s: a name of digits alone would be read as an entityTypeId", quote(r.Name))
	case kindBySpace(r.Name) != nil:
		l.add(r.Pos, r.Name, "address", "give it another name", "SPA %s: the name is taken by a kind, whose addresses start with %s/", quote(r.Name), strings.ToLower(r.Name))
	}
	if f, ok := r.Field("entityTypeId"); ok && f.Value.Kind == Scalar && wholeNumber.MatchString(f.Value.Text) {
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
func (l *linker) checkEntityTypeID(f Field) {
	n, _ := strconv.Atoi(f.Value.Text)
	if n < 128 || n > 192 && n < 1030 || n > 192 && n%2 != 0 {
		l.add(f.Value.Pos, f.Value.Text, "schema", "it goes from 128 to 192, or is an even number from 1030; without it the portal picks one", "entityTypeId: %d cannot be given to a smart process", n)
	}
}

// checkRelations checks that the entries name entity types.
func (l *linker) checkRelations(f Field) {
	for _, entity := range relationEntities(f) {
		if _, ok := l.space(entity.Text); !ok && l.complete {
			l.add(entity.Pos, entity.Text, "reference", l.entityHint(entity.Text), "relations: %s is no kind and no declared SPA", quote(entity.Text))
		}
	}
}

// checkRelationSides refuses a relation that one SPA declares and the other leaves
// out of its own whole set: each apply would undo what the one before did.
func (l *linker) checkRelationSides(r *Resource, f Field) {
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
			if !whole || slices.ContainsFunc(sideEntities(set), func(v Value) bool { return l.spa(v.Text) == r }) {
				continue
			}
			l.add(entity.Pos, entity.Text, "reference", "declare a relation on one side only: remove relations."+opposite+" from "+string(other.Address),
				"relations: %s declares all of its relations.%s, and %s is not among them", other.Address, opposite, r.Address)
		}
	}
}

// checkItemType checks an SPA item against the type that it belongs to.
func (l *linker) checkItemType(r *Resource, fields, parts []Field) {
	t := l.spa(r.Type)
	switch {
	case t == nil:
		if !digits.MatchString(r.Type) && l.complete {
			l.add(r.TypePos, r.Type, "reference", l.entityHint(r.Type), "type: %s is no declared SPA", quote(r.Type))
		}
		return
	case digits.MatchString(r.Type):
		l.add(r.TypePos, r.Type, "reference", "write type: "+t.Name, "type: %s is declared as %s, and its items are addressed by that name", r.Type, t.Address)
		return
	}
	l.checkPartFlags(r, t, parts)
	for _, f := range fields {
		rule, _ := r.Kind.Field(f.Name)
		flag, ok := t.Field(rule.Flag)
		if rule.Flag != "" && ok && isFalse(flag.Value.Text) {
			l.add(f.Pos, f.Name, "reference", "turn it on, or remove this line", "%s does not exist: %s turns %s off", f.Name, t.Address, rule.Flag)
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
