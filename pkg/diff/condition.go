package diff

import (
	"slices"

	"github.com/b24apply/b24apply/pkg/diff/denial"
	"github.com/b24apply/b24apply/pkg/diff/meta"
	"github.com/b24apply/b24apply/pkg/kind"
	"github.com/b24apply/b24apply/pkg/plan"
	"github.com/b24apply/b24apply/pkg/spec"
	"github.com/b24apply/b24apply/pkg/value"
)

// newCondition gives the condition that a declared value makes, or false if no
// record can meet it yet: the value is empty, or a reference that is still open.
func (v *view) newCondition(s *meta.Scope, tg target) (plan.Condition, bool, error) {
	c := plan.Condition{Wire: tg.wire, Type: tg.typ, Codec: tg.codec, Multi: tg.rule.Multi}
	if tg.wire == "" || tg.value.Kind == value.Null {
		return c, false, nil
	}
	if err := searchable(tg); err != nil {
		return c, false, err
	}
	if _, exists := v.meta.Fields[s.EntityTypeID].ByName[tg.wire]; !exists && tg.rule.Multi == "" && !tg.rule.Unlisted {
		return c, false, nil
	}
	var err error
	c.Want, err = tg.codec.Parse(s.Names(), tg.value)
	ok := c.Close()
	return c, ok && err == nil, err
}

// searchable refuses fields whose values a filter cannot tell apart: what the portal
// rewrites, or holds in more than one spelling.
func searchable(tg target) error {
	if !tg.codec.Traits().Findable {
		return denial.Unmet("NOT_SEARCHABLE", "match", "not-searchable", "searchable-fields", value.T("field", tg.name), value.T("type", kind.FieldType(tg.typ.Public())))
	}
	return nil
}

// unsearchable lists what is wrong with the fields of a record's match keys.
func unsearchable(r *spec.Resource, targets []target) (out []misplaced) {
	for _, key := range r.Identity.Match {
		for _, tg := range targets {
			named := slices.ContainsFunc(key.Fields, func(name string) bool { return spec.DeclaredAs(name) == tg.name })
			if err := searchable(tg); named && err != nil {
				out = append(out, misplaced{key.Pos, err})
			}
		}
	}
	return out
}

// A misplaced is an error with its place.
type misplaced struct {
	pos value.Pos
	error
}

// contactsIn gives the live entries of a record.
func contactsIn(t value.Type, row kind.Row) []value.Value {
	live, err := value.MustCodecOf(t).Read(row[kind.ContactsField])
	if err != nil {
		return nil
	}
	return live.Entries()
}
